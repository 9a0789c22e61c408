package plan

import (
	"net/netip"
	"slices"
	"testing"
)

func TestMerge(t *testing.T) {
	for _, tc := range []struct {
		rule     string
		in, want []string
	}{
		{"IPv4 first, by number", []string{"2001:db8::/32", "203.0.113.0/24", "192.0.2.0/24"}, []string{"192.0.2.0/24", "203.0.113.0/24", "2001:db8::/32"}},
		{"twice the same", []string{"192.0.2.1/32", "192.0.2.1/32"}, []string{"192.0.2.1/32"}},
		{"inside", []string{"192.0.2.7/32", "192.0.2.0/24", "192.0.2.128/25"}, []string{"192.0.2.0/24"}},
		{"two halves", []string{"192.0.2.0/25", "192.0.2.128/25"}, []string{"192.0.2.0/24"}},
		{"four quarters", []string{"192.0.2.192/26", "192.0.2.0/26", "192.0.2.64/26", "192.0.2.128/26"}, []string{"192.0.2.0/24"}},
		{"neighbours that are no halves", []string{"192.0.2.64/26", "192.0.2.128/26"}, []string{"192.0.2.64/26", "192.0.2.128/26"}},
		{"halves of different size", []string{"192.0.2.0/25", "192.0.2.128/26"}, []string{"192.0.2.0/25", "192.0.2.128/26"}},
		{"the same bits in both families", []string{"0.0.0.0/1", "::/1", "128.0.0.0/1", "8000::/1"}, []string{"0.0.0.0/0", "::/0"}},
		{"IPv6 halves", []string{"2001:db8::/33", "2001:db8:8000::/33"}, []string{"2001:db8::/32"}},
		{"nothing", nil, nil},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got := merge(prefixes(tc.in...)); !slices.Equal(got, prefixes(tc.want...)) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

// FuzzMerge: the merged networks hold the same addresses.
func FuzzMerge(f *testing.F) {
	f.Add([]byte{192, 0, 2, 0, 25, 192, 0, 2, 128, 25, 192, 0, 2, 1, 32})
	f.Add([]byte{0, 0, 0, 0, 1, 128, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		var in []netip.Prefix
		for ; len(data) >= 5 && len(in) < 50; data = data[5:] {
			in = append(in, netip.PrefixFrom(netip.AddrFrom4([4]byte(data[:4])), int(data[4])%33).Masked())
		}
		out := merge(in)
		holds := func(list []netip.Prefix, a netip.Addr) bool {
			return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
		}
		for _, list := range [][]netip.Prefix{in, out} {
			for _, p := range list {
				last := p.Addr().As4()
				for i := range last {
					for bit := range 8 {
						if i*8+bit >= p.Bits() {
							last[i] |= 0x80 >> bit
						}
					}
				}
				end := netip.AddrFrom4(last)
				for _, a := range []netip.Addr{p.Addr(), end, end.Next(), p.Addr().Prev()} {
					if a.IsValid() && holds(in, a) != holds(out, a) {
						t.Errorf("%v became %v, which differs at %s", in, out, a)
					}
				}
			}
		}
		for i := 1; i < len(out); i++ {
			if out[i-1].Overlaps(out[i]) || halves(out[i-1], out[i]) {
				t.Errorf("%v could be shorter", out)
			}
		}
	})
}

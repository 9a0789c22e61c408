package plan

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/inventory"
	"unspoof/spf"
)

// TestRecordMeansWhatWasAsked: any request gives a clear error, or a record that
// parses, keeps to its limits, and lets in exactly the addresses asked for, as the
// exact set of the record says.
func TestRecordMeansWhatWasAsked(t *testing.T) {
	made, refused := 0, 0
	for seed := range uint64(1500) {
		w := newRandomWorld(seed)
		p, err := BuildSPF(t.Context(), w.req, w.resolver(t))
		if err != nil && !errors.Is(err, ErrTooManyLookups) {
			if errors.Is(err, ErrLockOut) {
				refused++
				if len(p.ShutOut) == 0 {
					t.Fatalf("seed %d: refused for nobody: %v", seed, err)
				}
			} else {
				t.Fatalf("seed %d: %+v: %v", seed, w.req, err)
			}
		}
		made++
		if _, err := spf.Parse(p.Record.Value); err != nil {
			t.Fatalf("seed %d: %q: %v", seed, p.Record.Value, err)
		}
		if err == nil && (p.Lookups > maxLookups) {
			t.Fatalf("seed %d: %d look-ups and no error", seed, p.Lookups)
		}
		set, err := spf.Sets(t.Context(), spf.SetArgs{Domain: "example.com", Record: p.Record.Value, Resolver: w.resolver(t)})
		if err != nil {
			t.Fatal(err)
		}
		got, want := networksOf(set.Of(spf.Pass, spf.AsWritten)), merge(w.asked)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %s\nlets in %v\nasked  %v", seed, p.Record.Value, got, want)
		}
		w.nobodyLost(t, seed, p)
	}
	if made < 1000 || refused < 100 {
		t.Errorf("%d made, %d refused: the generator is lame", made, refused)
	}
}

// randomWorld is a request, what DNS holds, and who was asked to be let in.
type randomWorld struct {
	zone  string
	req   SPFRequest
	asked []netip.Prefix
	today []netip.Prefix // that today's record lets in
	view  *dnsfile.View
}

func newRandomWorld(seed uint64) *randomWorld {
	r := rand.New(rand.NewPCG(seed, 7))
	w := &randomWorld{zone: "example.com. A 192.0.2.200\nexample.com. AAAA 2001:db8::200\n", req: SPFRequest{Domain: "example.com"}}
	network := func() netip.Prefix {
		if r.IntN(3) == 0 {
			return netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 0, byte(r.IntN(4)), 15: byte(r.IntN(16))}), 124+r.IntN(5)).Masked()
		}
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(r.IntN(32))}), 28+r.IntN(5)).Masked()
	}
	for range r.IntN(4) {
		n := network()
		w.req.Addresses, w.asked = append(w.req.Addresses, n.String()), append(w.asked, n)
	}
	for i := range r.IntN(3) {
		name := fmt.Sprintf("h%d.example.com", i)
		w.req.Hosts = append(w.req.Hosts, name)
		w.host(r, name)
	}
	if r.IntN(2) == 0 {
		w.req.A = true
		w.asked = append(w.asked, netip.MustParsePrefix("192.0.2.200/32"), netip.MustParsePrefix("2001:db8::200/128"))
	}
	if r.IntN(2) == 0 {
		w.req.MX = true
		w.zone += "example.com. MX 10 mx.example.com.\n"
		w.host(r, "mx.example.com")
	}
	for i := range r.IntN(3) {
		name, n := fmt.Sprintf("spf%d.service.example", i), network()
		w.zone += fmt.Sprintf("%s. TXT \"v=spf1 %s -all\"\n", name, spf.NetworkTerm(n))
		w.req.Services = append(w.req.Services, name)
		w.asked = append(w.asked, n)
	}
	if len(w.asked) == 0 {
		w.req.Addresses, w.asked = []string{"198.51.100.1"}, prefixes("198.51.100.1/32")
	}
	if r.IntN(2) == 0 {
		w.record(r, network)
	}
	if r.IntN(3) == 0 {
		w.list(r, network())
	}
	return w
}

func (w *randomWorld) host(r *rand.Rand, name string) {
	a := netip.AddrFrom4([4]byte{192, 0, 2, byte(r.IntN(64))})
	w.zone += fmt.Sprintf("%s. A %s\n", name, a)
	w.asked = append(w.asked, netip.PrefixFrom(a, 32))
	if r.IntN(2) == 0 {
		b := netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: byte(r.IntN(64))})
		w.zone += fmt.Sprintf("%s. AAAA %s\n", name, b)
		w.asked = append(w.asked, netip.PrefixFrom(b, 128))
	}
}

// record publishes a record of today, in part of networks that were asked for.
func (w *randomWorld) record(r *rand.Rand, network func() netip.Prefix) {
	text := "v=spf1"
	for range 1 + r.IntN(3) {
		n := network()
		if r.IntN(2) == 0 {
			n = w.asked[r.IntN(len(w.asked))]
		}
		text += " " + spf.NetworkTerm(n)
		w.today = append(w.today, n)
	}
	w.zone += fmt.Sprintf("example.com. TXT \"%s -all\"\n", text)
}

// list is an inventory with a network that the owner gave.
func (w *randomWorld) list(r *rand.Rand, n netip.Prefix) {
	s := inventory.Sender{Key: "net:" + n.String(), Name: n.String(), Kind: inventory.KindNetwork, Status: inventory.ByHand, Networks: []netip.Prefix{n}}
	w.req.Inventory = &inventory.Inventory{Domain: "example.com", Senders: []inventory.Sender{s}}
	if r.IntN(2) == 0 {
		w.req.Drop = []string{s.Key}
		return
	}
	w.asked = append(w.asked, n)
}

func (w *randomWorld) resolver(t *testing.T) dns.Resolver {
	if w.view == nil {
		w.view = resolver(t, w.zone).(*dnsfile.View)
	}
	return w.view
}

// nobodyLost: whoever today's record lets in is let in, or named as shut out.
func (w *randomWorld) nobodyLost(t *testing.T, seed uint64, p SPFPlan) {
	for _, n := range w.today {
		for _, a := range []netip.Addr{n.Addr(), spf.RangeOf(n).To} {
			kept := slices.ContainsFunc(w.asked, func(q netip.Prefix) bool { return q.Contains(a) })
			named := slices.ContainsFunc(p.ShutOut, func(s ShutOut) bool {
				return slices.ContainsFunc(s.Ranges, func(text string) bool {
					var r spf.Range
					return r.UnmarshalText([]byte(text)) == nil && r.From.BitLen() == a.BitLen() && r.From.Compare(a) <= 0 && a.Compare(r.To) <= 0
				})
			})
			if kept == named {
				t.Fatalf("seed %d: %s of today's record: let in %v, named as shut out %v: %+v", seed, a, kept, named, p.ShutOut)
			}
		}
	}
}

// networksOf gives ranges as merged networks.
func networksOf(ranges []spf.Range) []netip.Prefix {
	var out []netip.Prefix
	for _, r := range ranges {
		out = append(out, r.Prefixes()...)
	}
	return merge(out)
}

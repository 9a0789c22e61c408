package spf_test

import (
	"net/netip"
	"testing"

	"unspoof/dns"
	"unspoof/spf"
)

// FuzzSets reads records of the fuzzer's making over a small zone, and compares
// the set with the evaluator for a few addresses.
func FuzzSets(f *testing.F) {
	f.Add("include:b.test -all", "a mx redirect=c.test", "ptr exists:%{p}.test ~all", uint32(0x0a000001), uint64(0))
	f.Add("redirect=b.test", "include:c.test exp=e.test -ip4:10.0.0.0/30 ?ip6:::/0", "include:example.test", uint32(1), uint64(7))
	f.Add("a:h.test//0 mx:none.test exists:x.%{d} -exists:%{i}.sym.test all", "", "+all", uint32(0xffffffff), uint64(1))
	f.Add("ip4:10.0.0.1/31 ip4:10.0.0.0 ~ip4:10.0.0.0/29 a:h.test/30", "include:%{v}.test", "?a:%{l}.sym.test/0 -all", uint32(0x0a000004), uint64(3))
	f.Add("redirect=inc.%{s}.sym.test include:c.test", "include:inc.%{p}.sym.test", "~include:b.test mx:mx.%{h}.sym.test", uint32(0), uint64(11))
	f.Add("a:nx.test a:nx.test mx:none.test include:b.test", "a:none.test ip4:10.0.0.3", "include:c.test", uint32(0x0a000003), uint64(0))
	f.Fuzz(func(t *testing.T, a, b, c string, ip uint32, seed uint64) {
		if len(a)+len(b)+len(c) > 3000 {
			return
		}
		z := zone{}
		for name, text := range map[string]string{home: a, "b.test": b, "c.test": c} {
			n := z.at(name)
			n.add(name, dns.Record{Type: dns.TypeTXT, Text: []string{"v=spf1 " + text}})
			n.add(name, dns.Record{Type: dns.TypeA, Addr: netip.MustParseAddr("10.0.0.1")})
			n.add(name, dns.Record{Type: dns.TypeMX, Host: "h.test"})
			n.add(name, dns.Record{Type: dns.TypeMX, Host: "none.test"})
		}
		z.at("h.test").add("h.test", dns.Record{Type: dns.TypeAAAA, Addr: netip.MustParseAddr("2001:db8::1")})
		z.at("h.test").add("h.test", dns.Record{Type: dns.TypeA, Addr: netip.MustParseAddr("10.0.0.6")})
		z.at("none.test")
		z.at("fault.test").rest = dns.FaultTimeout

		s := sets(t, z)
		if err := covers(s); err != nil {
			t.Fatal(err)
		}
		if d := spf.Diff(s, s); !d.None() || !d.Written.None() || d.Equal == spf.Different {
			t.Fatalf("%+v", d)
		}
		s.Shadows()
		s.Owners(spf.AsWritten)
		r := referee{set: s, resolver: z, seed: seed}
		for _, addr := range []netip.Addr{
			netip.AddrFrom4([4]byte{byte(ip >> 24), byte(ip >> 16), byte(ip >> 8), byte(ip)}),
			netip.AddrFrom16([16]byte{0: 0x20, 1: 1, 2: 0xd, 3: 0xb8, 14: byte(ip >> 8), 15: byte(ip)}),
		} {
			at := rangeOf(s, addr)
			for _, m := range []uint64{0, seed | 1} {
				for _, reading := range []spf.Reading{spf.WithLimits, spf.AsWritten} {
					got := r.check(addr, m, reading, false)
					may := at.May(spf.WithLimits)
					if reading == spf.AsWritten {
						if may = at.May(spf.AsWritten); barred(got) {
							continue
						}
					}
					// Names that hang on the message may be any here, so that DNS may
					// fail, too, or never be asked.
					if len(at.Unless()) > 0 && (got.Result == spf.TempError || got.Result == spf.PermError) {
						continue
					}
					if err := fits(at, at.Word(reading), may, got, 1); err != nil {
						t.Fatalf("%s, message %d, reading %d: %v", addr, m, reading, err)
					}
				}
			}
		}
	})
}

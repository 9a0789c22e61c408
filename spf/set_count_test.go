package spf_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"

	"unspoof/spf"
)

func setOf(t *testing.T, record string) *spf.Set {
	t.Helper()
	s, err := spf.Sets(context.Background(), spf.SetArgs{Domain: home, Record: record, Resolver: parseZone(t, setZone)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOwners(t *testing.T) {
	s := setOf(t, "v=spf1 ip4:192.0.2.0/26 include:pass.test include:listed.test a:h.test -ip4:10.0.0.0/8 redirect=soft.test")
	got, err := json.Marshal(s.Owners(spf.AsWritten))
	const want = `[{"term":"ip4:192.0.2.0/26","source":0,"ipv4":64,"ipv6":0,"records":[{"domain":"example.test","ipv4":64,"ipv6":0}],"symbolic":[]},` +
		`{"term":"include:pass.test","source":1,"domain":"pass.test","ipv4":192,"ipv6":0,"records":[{"domain":"pass.test","ipv4":192,"ipv6":0}],"symbolic":[]},` +
		`{"term":"include:listed.test","source":3,"domain":"listed.test","ipv4":0,"ipv6":0,"records":[],"symbolic":[0]},` +
		`{"term":"a:h.test","source":5,"ipv4":0,"ipv6":1,"records":[{"domain":"example.test","ipv4":0,"ipv6":1}],"symbolic":[]}]`
	if err != nil || string(got) != want {
		t.Errorf("got  %s\nwant %s (%v)", got, want, err)
	}
	sum := spf.Tally{}
	for _, o := range s.Owners(spf.AsWritten) {
		sum = sum.Plus(o.Tally)
	}
	if sum != s.Count(spf.Pass, spf.AsWritten) || sum.IPv4.String() != "256" {
		t.Errorf("%v may send, and %v in all", sum, s.Count(spf.Pass, spf.AsWritten))
	}
}

func TestOwnersUnderTheLimits(t *testing.T) {
	s := setOf(t, "v=spf1 ip4:192.0.2.9 a:none.test a:none.test a:none.test include:pass.test -all")
	if n := len(s.Owners(spf.AsWritten)); n != 2 {
		t.Errorf("%d owners as written", n)
	}
	if o := s.Owners(spf.WithLimits); len(o) != 1 || o[0].Term != "ip4:192.0.2.9" {
		t.Errorf("with limits %+v", o)
	}
	if got := fmt.Sprint(s.Of(spf.Pass, spf.WithLimits), s.Of(spf.Pass, spf.AsWritten)); got != "[192.0.2.9] [192.0.2.0/24]" {
		t.Error(got)
	}
}

func TestSetsUnderRaisedLimits(t *testing.T) {
	for _, c := range []struct {
		lookups, voids int
		want           spf.Word
	}{{0, 0, spf.PermError}, {10, 3, spf.Fail}, {2, 3, spf.PermError}, {0, -1, spf.PermError}} {
		s, err := spf.Sets(context.Background(), spf.SetArgs{Domain: home, Resolver: parseZone(t, setZone), MaxLookups: c.lookups, MaxVoids: c.voids,
			Record: "v=spf1 a:none.test a:none.test a:none.test -all"})
		if err != nil || s.Ranges[0].Limited != c.want || s.Ranges[0].Result != spf.Fail {
			t.Errorf("%+v: %+v, %v", c, s.Ranges[0], err)
		}
	}
}

func TestOverlap(t *testing.T) {
	s := setOf(t, "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 ip6:2001:db8::/64 ip4:10.0.0.0/8 -all")
	pool := func(name string, networks ...string) spf.Pool {
		p := spf.Pool{Name: name}
		for _, n := range networks {
			p.Ranges = append(p.Ranges, spf.RangeOf(netip.MustParsePrefix(n)))
		}
		return p
	}
	got, err := json.Marshal(s.Overlap([]spf.Pool{
		pool("cloud", "192.0.2.64/26", "2001:db8::/48", "192.0.2.128/26"), pool("none", "198.51.100.0/24"), pool("all", "0.0.0.0/0"), {Name: "empty"},
	}))
	const want = `[{"name":"cloud","ranges":["192.0.2.64-192.0.2.191","2001:db8::/64"],"ipv4":128,"ipv6":18446744073709551616,"via":["ip4:192.0.2.0/25","ip4:192.0.2.128/25","ip6:2001:db8::/64"]},` +
		`{"name":"all","ranges":["10.0.0.0/8","192.0.2.0/24"],"ipv4":16777472,"ipv6":0,"via":["ip4:10.0.0.0/8","ip4:192.0.2.0/25","ip4:192.0.2.128/25"]}]`
	if err != nil || string(got) != want {
		t.Errorf("got  %s\nwant %s (%v)", got, want, err)
	}
}

package spf_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/spf"
)

func TestMeasure(t *testing.T) {
	hosts := "a.example.com A 192.0.2.1\nboth.example.com A 192.0.2.1\nboth.example.com AAAA 2001:db8::1\nm.example.com MX 1 both.example.com\n"
	for _, c := range []struct {
		name, record, zone     string
		lookups, void4, void6  int
		sum                    int // of the tree, where it is more
		loop, incomplete, fail bool
	}{
		{name: "no look-ups", record: "ip4:192.0.2.1 ip6:2001:db8::/32 -all x=%{p}"},
		{name: "terms", record: "a:both.example.com mx:m.example.com ptr exists:a.example.com -all", zone: hosts, lookups: 4},
		{name: "hosts by family", record: "a:a.example.com a:none.example.com mx:a.example.com exists:none.example.com exists:%{i}.none.example.com", zone: hosts, lookups: 5, void4: 3, void6: 4},
		{name: "what comes after all is not reached", record: "-all a:none.example.com redirect=b.example.com"},
		{name: "redirect", record: "redirect=b.example.com", zone: "b.example.com TXT v=spf1 a:both.example.com mx:m.example.com\n" + hosts, lookups: 3},
		{name: "includes twice count twice", record: "include:b.example.com include:b.example.com", zone: "b.example.com TXT v=spf1 a:both.example.com\n" + hosts, lookups: 4},
		{name: "more than the limit", record: "include:b.example.com include:c.example.com", zone: "b.example.com TXT v=spf1" + strings.Repeat(" a:both.example.com", 8) + "\nc.example.com TXT v=spf1" + strings.Repeat(" a:both.example.com", 8) + "\n" + hosts, lookups: 18},
		{name: "the current domain is that of the record", record: "include:b.example.com a", zone: "b.example.com TXT v=spf1 a\nb.example.com A 192.0.2.1\nb.example.com AAAA 2001:db8::1", lookups: 3, void4: 1, void6: 1},
		{name: "%{p} once", record: "exists:%{p}.example.com exists:%{P2}.example.com", lookups: 3},
		{name: "a match that hangs on the message can open the way", record: "include:b.example.com -all", zone: "b.example.com TXT v=spf1 -include:c.example.com a:both.example.com\nc.example.com TXT v=spf1 -exists:%{i}.x.example.com +all\n" + hosts, lookups: 4},
		{name: "what matches everybody ends the way", record: "exists:a.example.com include:b.example.com -all", zone: hosts, lookups: 1, sum: 2},
		{name: "and so do halves", record: "ip4:0.0.0.0/1 a:both.example.com ip4:128.0.0.0/1 ip6:::/0 a:none.example.com -all", zone: hosts, lookups: 1, sum: 2},
		{name: "hosts of mx are asked", record: "mx:n.example.com -all", zone: "n.example.com MX 1 both.example.com\nn.example.com MX 2 a.example.com\n" + hosts, lookups: 1, void6: 1},
		{name: "%{d} and %{o} are known", record: "exists:%{d2}.both.%{o} a:both.%{d}", zone: hosts, lookups: 2, void4: 1, void6: 1},
		{name: "loops", record: "include:b.example.com a:both.example.com", zone: "b.example.com TXT v=spf1 include:EXAMPLE.com redirect=b.example.com\n" + hosts, lookups: 4, loop: true},
		{name: "an include that is not there", record: "include:b.example.com -all", lookups: 1, void4: 1, void6: 1},
		{name: "an include without a record", record: "include:a.example.com -all", zone: hosts, lookups: 1, void4: 1, void6: 1},
		{name: "an include that is broken", record: "include:b.example.com -all", zone: "b.example.com TXT v=spf1 broken", lookups: 1},
		{name: "an include of two records", record: "include:b.example.com -all", zone: "b.example.com TXT v=spf1 a\nb.example.com TXT v=spf1 mx", lookups: 1},
		{name: "DNS does not answer", record: "include:b.example.com a:b.example.com -all", zone: "b.example.com FAULT timeout", lookups: 2, incomplete: true},
		{name: "a name that can't be asked", record: "a:b..example.com -all", lookups: 1},
		{name: "a record that is broken", record: "a:192.0.2.1", fail: true},
		{name: "a forest", record: strings.Repeat("include:a1.example.com ", 10), zone: "a1.example.com TXT v=spf1" + strings.Repeat(" include:a2.example.com", 10) + "\na2.example.com TXT v=spf1" + strings.Repeat(" include:a3.example.com", 10) + "\na3.example.com TXT v=spf1" + strings.Repeat(" exists:x.%{i}.example.com", 10), lookups: 1000, incomplete: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := spf.Measure(context.Background(), parseZone(t, c.zone), "Example.com.", "v=spf1 "+c.record)
			var syntax *spf.SyntaxError
			if c.fail != (err != nil) || err != nil && !errors.As(err, &syntax) {
				t.Fatal(err)
			}
			if got.Lookups != c.lookups || got.VoidsIPv4 != c.void4 || got.VoidsIPv6 != c.void6 || got.Voids != max(c.void4, c.void6) {
				t.Errorf("%d look-ups, %d/%d voids, want %d, %d/%d: %.2000s", got.Lookups, got.VoidsIPv4, got.VoidsIPv6, c.lookups, c.void4, c.void6, fmt.Sprintf("%+v", got.Tree))
			}
			if got.Loop != c.loop || got.Incomplete != c.incomplete {
				t.Errorf("loop %t, incomplete %t", got.Loop, got.Incomplete)
			}
			sum := 0
			for _, n := range got.Tree {
				sum += n.Lookups
			}
			if sum != max(got.Lookups, c.sum) {
				t.Errorf("the tree sums up to %d of %d", sum, got.Lookups)
			}
		})
	}
}

// TestMeasureAgreesWithCheck: a client that matches nothing takes all the look-ups.
func TestMeasureAgreesWithCheck(t *testing.T) {
	record := "v=spf1 a mx include:b.example.com exists:%{p}.example.com redirect=c.example.com"
	z := parseZone(t, "example.com TXT "+record+"\nexample.com A 198.51.100.1\nexample.com MX 1 example.com\n"+
		"b.example.com TXT v=spf1 ptr -all\nc.example.com TXT v=spf1 a:example.com -all\nunknown.example.com AAAA 2001:db8::1\n1.2.0.192.in-addr.arpa PTR example.com")
	cost, err := spf.Measure(context.Background(), z, "example.com", record)
	if err != nil {
		t.Fatal(err)
	}
	r := (&spf.Checker{Resolver: z}).Check(context.Background(), checkCase{}.args())
	if r.Lookups != cost.Lookups || r.Result != spf.Fail {
		t.Errorf("check took %d look-ups, measured %d (%s)", r.Lookups, cost.Lookups, r.Cause)
	}
}

func TestDiscover(t *testing.T) {
	z := parseZone(t, "one.example TXT other\none.example TXT v=spf1 |-all\ntwo.example TXT v=spf1\ntwo.example TXT V=SPF1 +all\nnone.example TXT v=spf10\n"+
		"fault.example FAULT servfail\nxn--bcher-kva.example TXT v=spf1 a")
	var fault *dns.Error
	for domain, want := range map[string]struct {
		record string
		err    error
	}{
		"one.example": {"v=spf1 -all", nil}, "ONE.example.": {"v=spf1 -all", nil}, "bücher.example": {"v=spf1 a", nil},
		"two.example": {"", spf.ErrSeveralRecords}, "none.example": {"", spf.ErrNoRecord}, "gone.example": {"", spf.ErrNoRecord},
		"": {"", spf.ErrDomain}, "example": {"", spf.ErrDomain}, "a..example": {"", spf.ErrDomain}, "[192.0.2.1]": {"", spf.ErrDomain},
	} {
		record, answer, err := spf.Discover(context.Background(), z, domain)
		if record != want.record || !errors.Is(err, want.err) || errors.As(err, &fault) {
			t.Errorf("%q: %q, %v", domain, record, err)
		}
		if domain == "gone.example" && answer.RCode != dns.NXDomain || domain == "two.example" && len(answer.Records) != 2 {
			t.Errorf("%q: answer %+v", domain, answer)
		}
	}
	if _, _, err := spf.Discover(context.Background(), z, "fault.example"); !errors.As(err, &fault) || fault.Kind != dns.FaultServFail {
		t.Error(err)
	}
}

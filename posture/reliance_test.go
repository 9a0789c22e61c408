package posture

import (
	"fmt"
	"strings"
	"testing"
)

func TestRelianceListsTheDomainsOfOthers(t *testing.T) {
	r := check(t, `
a.example. 60 IN SOA ns. root. 1 60 60 60 60
a.example. 60 IN TXT "v=spf1 include:_spf.mailer.test include:own.a.example a:host.rented.test redirect=x.%{d}.test -all"
_spf.mailer.test. 60 IN TXT "v=spf1 include:spf.nested.test ip4:192.0.2.1 -all"
spf.nested.test. 60 IN TXT "v=spf1 ip4:192.0.2.2 -all"
own.a.example. 60 IN TXT "v=spf1 ip4:192.0.2.3 -all"
host.rented.test. 60 IN A 192.0.2.4
a.example. 60 IN NS ns1.zones.test.
a.example. 60 IN NS ns2.zones.test.
a.example. 60 IN MX 10 mx.a.example.
a.example. 60 IN MX 20 mx.exchange.test.
mx.a.example. 60 IN A 192.0.2.5
mx.exchange.test. 60 IN A 192.0.2.6
_dmarc.a.example. 60 IN CNAME a.dmarc.service.test.
a.dmarc.service.test. 60 IN TXT "v=DMARC1; p=reject; rua=mailto:x@reports.test,mailto:y@a.example"
`, "a.example")
	var got []string
	for _, x := range r.Relies {
		got = append(got, x.Name+" by "+x.Via)
	}
	want := "mailer.test by SPF include:_spf.mailer.test, nested.test by SPF include:spf.nested.test, zones.test by NS, exchange.test by MX, service.test by CNAME at _dmarc.a.example, rented.test by SPF a:host.rented.test, reports.test by DMARC rua"
	if s := strings.Join(got, ", "); s != want || r.ReliesMore != 0 {
		t.Errorf("got  %s\nwant %s (%d more)", s, want, r.ReliesMore)
	}
}

func TestRelianceIsBounded(t *testing.T) {
	var zone strings.Builder
	zone.WriteString("a.example. 60 IN SOA ns. root. 1 60 60 60 60\n")
	for i := range 130 {
		fmt.Fprintf(&zone, "a.example. 60 IN MX 10 mx.e%03d.test.\n", i)
	}
	r := check(t, zone.String(), "a.example")
	if len(r.Relies) != 100 || r.ReliesMore != 30 {
		t.Errorf("%d and %d more", len(r.Relies), r.ReliesMore)
	}
}

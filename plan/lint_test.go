package plan_test

import (
	"context"
	"slices"
	"testing"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/lint"
	"unspoof/plan"
)

// TestLintFindsNothing: lint has nothing to say of what is made here.
func TestLintFindsNothing(t *testing.T) {
	view, err := dnsfile.Parse("test", []byte(`
example.com.         MX 10 mail.example.com.
example.com.         A 192.0.2.80
example.com.         AAAA 2001:db8::80
mail.example.com.    A 192.0.2.25
mail.example.com.    AAAA 2001:db8::25
_spf.google.com.     TXT "v=spf1 ip4:198.51.100.0/24 ~all"
example.com._report._dmarc.far.example. TXT "v=DMARC1"
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, req := range []plan.SPFRequest{
		{MX: true}, {A: true, Hosts: []string{"mail.example.com"}}, {Parked: true, Confirmed: true}, {Addresses: []string{"192.0.2.0/25", "2001:db8::/48"}},
		{MX: true, Services: []string{"google", "mailchimp"}}, {MX: true, Policy: "fail"}, {Parked: true, Confirmed: true, Policy: "fail"},
	} {
		req.Domain = "example.com"
		p, err := plan.BuildSPF(t.Context(), req, view)
		if err != nil {
			t.Fatal(err)
		}
		clean(t, lint.SPF, view, p.Record)
	}
	for _, req := range []plan.DMARCRequest{
		{}, {Policy: "reject"}, {Policy: "quarantine", Subdomain: "reject"}, {Policy: "none", NonExistent: "reject"}, {Policy: "reject", Reports: []string{"a!b@example.com", "r@far.example"}},
	} {
		req.Domain = "example.com"
		p, err := plan.BuildDMARC(t.Context(), req, view)
		if err != nil {
			t.Fatal(err)
		}
		clean(t, lint.DMARC, view, p.Record)
		for _, r := range p.Ladder {
			if r.State != plan.RungDone {
				clean(t, lint.DMARC, view, r.Record)
			}
		}
	}
	p, err := plan.BuildParked(t.Context(), plan.ParkedRequest{Domain: "parked.example"}, view)
	if err != nil {
		t.Fatal(err)
	}
	clean(t, lint.DMARC, view, p.Steps[0].Record)
	clean(t, lint.SPF, view, p.Steps[1].Record)
}

// onTheWay are findings about how far a policy goes, which is what the ladder is
// for; the last is of a parked domain, whose reports nobody would read.
var onTheWay = []string{"DMARC-003", "DMARC-011", "DMARC-012", "DMARC-014", "DMARC-006"}

// clean holds that lint has nothing to say of a record but that.
func clean(t *testing.T, check func(context.Context, lint.Args) lint.Report, r dns.Resolver, record plan.Record) {
	t.Helper()
	report := check(t.Context(), lint.Args{Domain: "example.com", Strings: lint.Text(record.Value), Resolver: r})
	for _, f := range report.Findings {
		if !slices.Contains(onTheWay, f.ID) {
			t.Errorf("%s: %s %s: %s", record.Value, f.ID, f.Severity, f.What)
		}
	}
}

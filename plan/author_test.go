package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"unspoof/inventory"
)

// TestAuthor states the order of the steps, and which one is next.
func TestAuthor(t *testing.T) {
	zone := resolver(t, world+`
new.example.          MX 10 mail.example.com.
spf.example.          MX 10 mail.example.com.
spf.example.          TXT "v=spf1 mx ~all"
_dmarc.spf.example.   TXT "v=DMARC1; p=none; rua=mailto:r@spf.example"
locks.example.        TXT "v=spf1 ip4:192.0.2.7 ~all"
_dmarc.locks.example. TXT "v=DMARC1; p=none; rua=mailto:r@locks.example"
full.example.         MX 10 mail.example.com.
full.example.         TXT "v=spf1 include:_spf.google.com -all"
google._domainkey.full.example. TXT "`+workingKey+`"
_dmarc.full.example.  TXT "v=DMARC1; p=reject; rua=mailto:r@full.example"
_smtp._tls.full.example. TXT "v=TLSRPTv1; rua=mailto:r@full.example"
_mta-sts.full.example. TXT "v=STSv1; id=1"
mine.example.         MX 10 mail.example.com.
mine.example.         TXT "v=spf1 mx ~all"
_dmarc.mine.example.  TXT "v=DMARC1; p=reject; rua=mailto:r@mine.example"
_smtp._tls.mine.example. TXT "v=TLSRPTv1; rua=mailto:r@mine.example"
_mta-sts.mine.example. TXT "v=STSv1; id=1"
broken.example.       MX 10 mail.example.com.
broken.example.       TXT "v=spf1 ip4:192.0.2.999 -all"
_dmarc.broken.example. TXT "v=DMARC1; p=none; rua=mailto:r@broken.example"
spfless.example.      MX 10 mail.example.com.
_dmarc.spfless.example. TXT "v=DMARC1; p=none; rua=mailto:r@spfless.example"
_dmarc.far.example.   TXT "v=DMARC1; p=quarantine; np=reject; rua=mailto:r@other.example"
_dmarc.held.example.  TXT "v=DMARC1; p=none; sp=quarantine; np=reject; rua=mailto:r@held.example"
held.example.         TXT "v=spf1 mx ~all"
held.example.         MX 10 mail.example.com.
far.example.          MX 10 mail.example.com.
far.example.          TXT "v=spf1 mx ~all"
`)
	no := inventory.Alignment{Aligned: inventory.No}
	failing := &inventory.Inventory{Domain: "held.example", Senders: []inventory.Sender{{Key: "key:bad", Name: "Bad", Kind: inventory.KindKey, Status: inventory.InUse, SPF: no, DKIM: no}}}
	for _, tc := range []struct {
		rule  string
		req   Request
		steps []string
		next  string
		why   string
	}{
		{"nothing published: watch first", Request{SPF: SPFRequest{Domain: "new.example", MX: true, Services: []string{"mailchimp"}}}, []string{"dmarc", "spf", "dkim:mailchimp", "dkim", "tls-rpt"}, "dmarc", "Watch first"},
		{"watching: signing before the ladder", Request{SPF: SPFRequest{Domain: "spf.example", MX: true, Services: []string{"mailchimp"}}}, []string{"spf", "dkim:mailchimp", "dkim", "dmarc", "tls-rpt"}, "dkim:mailchimp", "publish the records of this step"},
		{"SPF and no more to sign: up the ladder", Request{SPF: SPFRequest{Domain: "spf.example", MX: true}, STSID: "1"}, []string{"spf", "dkim", "dmarc", "tls-rpt", "mta-sts"}, "dmarc", "names that don't exist"},
		{"who is shut out comes first", Request{SPF: SPFRequest{Domain: "locks.example", MX: true}}, []string{"spf", "dmarc"}, "spf", "First settle"},
		{"a broken record is replaced", Request{SPF: SPFRequest{Domain: "broken.example", MX: true}}, []string{"spf", "dkim", "dmarc", "tls-rpt"}, "spf", "in the place of today's, which receivers can't use"},
		{"no record yet", Request{SPF: SPFRequest{Domain: "spfless.example", MX: true}}, []string{"spf", "dkim", "dmarc", "tls-rpt"}, "spf", "Publish the record of this step: today none says"},
		{"what is not known is found out first", Request{SPF: SPFRequest{Domain: "spf.example", MX: true}}, []string{"spf", "dkim", "dmarc", "tls-rpt"}, "dmarc", "First find out"},
		{"reports that nobody takes: watch first", Request{SPF: SPFRequest{Domain: "far.example", MX: true}}, []string{"dmarc", "spf", "dkim", "tls-rpt"}, "dmarc", "where nobody takes them"},
		{"what is held up waits", Request{SPF: SPFRequest{Domain: "held.example", MX: true, Inventory: failing}}, []string{"spf", "dkim", "dmarc", "tls-rpt"}, "tls-rpt", "Senders report"},
		{"nothing to publish: advice to see whether the servers sign", Request{SPF: SPFRequest{Domain: "mine.example", MX: true}, STSID: "2"}, []string{"spf", "dkim", "dmarc", "tls-rpt", "mta-sts"}, "", "See with unspoof inspect"},
		{"nothing left", Request{SPF: SPFRequest{Domain: "full.example", Services: []string{"google"}}, STSID: "2"}, []string{"spf", "dkim:google-workspace", "dmarc", "tls-rpt", "mta-sts"}, "", "Nothing is left"},
		{"parked", Request{SPF: SPFRequest{Domain: "empty.example"}}, []string{"dmarc", "spf", "dkim-wildcard", "null-mx"}, "dmarc", "sends nothing"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			a, err := Author(t.Context(), tc.req, zone)
			if err != nil && !errors.Is(err, ErrLockOut) {
				t.Fatal(err)
			}
			var steps []string
			for _, s := range a.Steps {
				steps = append(steps, s.ID)
				if s.Record.Value != "" && s.Record.Forms.Label == "" {
					t.Errorf("step %s has no label: %+v", s.ID, s.Record)
				}
			}
			if !slices.Equal(steps, tc.steps) || a.Next != tc.next || !strings.Contains(a.NextWhy, tc.why) {
				t.Errorf("steps %q, next %q: %s", steps, a.Next, a.NextWhy)
			}
		})
	}
}

// TestAuthorFromInventory: the inventory alone makes the plan.
func TestAuthorFromInventory(t *testing.T) {
	list := listed(inventory.Sender{Key: "host:mail.example.com", Name: "mail.example.com", Kind: inventory.KindHost, Status: inventory.InUse, Terms: []string{"mx"}})
	a, err := Author(t.Context(), Request{SPF: SPFRequest{Domain: "example.com", Inventory: list}}, resolver(t, world))
	if err != nil || a.SPF.Record.Value != "v=spf1 mx ~all" {
		t.Fatalf("%q, %v", a.SPF.Record.Value, err)
	}
	if _, ok := a.Step("dkim"); !ok {
		t.Errorf("own servers are not told to sign: %+v", a.Steps)
	}
	if s, ok := a.Step("nothing"); ok || s.ID != "" {
		t.Error("a step that is not there")
	}
}

// TestAuthorUnsure: what DNS does not answer is told, and nothing is made of it.
func TestAuthorUnsure(t *testing.T) {
	a, err := Author(t.Context(), Request{SPF: SPFRequest{Domain: "example.com", MX: true}}, nil)
	if err != nil || !a.Unsure {
		t.Errorf("%v, unsure %v", err, a.Unsure)
	}
	if _, err := Author(t.Context(), Request{SPF: SPFRequest{Domain: "broken.example"}}, resolver(t, world)); !errors.Is(err, ErrNoSender) {
		t.Errorf("nobody named: %v", err)
	}
	if a, err := Author(t.Context(), Request{SPF: SPFRequest{Domain: "example.com"}}, resolver(t, world)); err != nil || a.Next != "spf" || !strings.Contains(a.NextWhy, "unspoof plan example.com --mx says that you send") || a.SPF.Record.Value != "" || a.DMARC.Record.Value == "" {
		t.Errorf("nobody named, no record, and somebody receives: %v, %s: %s", err, a.Next, a.NextWhy)
	}
	if a, err := Author(t.Context(), Request{SPF: SPFRequest{Domain: "example.com", Parked: true, Confirmed: true}}, resolver(t, world)); err != nil || !a.Parked || a.Pack == nil {
		t.Errorf("parked as confirmed: %v", err)
	}
	if a, err := Author(t.Context(), Request{SPF: SPFRequest{Domain: "example.com", Parked: true}}, resolver(t, world)); !errors.Is(err, ErrInUse) || a.Pack == nil || !strings.Contains(a.NextWhy, "First confirm") {
		t.Errorf("parked as wished: %v, %s", err, a.NextWhy)
	}
}

// TestAuthorManyExchangers: what cannot be made is left out with a word, not the plan.
func TestAuthorManyExchangers(t *testing.T) {
	var zone strings.Builder
	for i := range maxPatterns + 1 {
		fmt.Fprintf(&zone, "many.example. MX 10 mx%d.many.example.\n", i)
	}
	a, err := Author(t.Context(), Request{SPF: SPFRequest{Domain: "many.example", Addresses: []string{"192.0.2.1"}}, STSID: "1"}, resolver(t, zone.String()))
	if err != nil {
		t.Fatal(err)
	}
	step, ok := a.Step("mta-sts")
	if !ok || step.Change != Ask || step.Record.Value != "" || len(step.Do) != 1 || !strings.Contains(step.Do[0], "by patterns") || a.STS != nil {
		t.Errorf("%+v", step)
	}
}

package plan

import (
	"slices"
	"strings"
	"testing"

	"unspoof/inventory"
	"unspoof/sender"
)

// TestSetUpDKIM states which records are given whole, and which are asked for.
func TestSetUpDKIM(t *testing.T) {
	zone := resolver(t, `
100._domainkey.dkim1.ccsend.com.     TXT "`+workingKey+`"
dkim.mcsv.net.                       TXT "`+workingKey+`"
k1._domainkey.old.example.           CNAME dkim.mcsv.net.
google._domainkey.weak.example.      TXT "v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALRiMLAh0ydPnpR9oQVVmnvCfDDtVgTwt2rGRTL0ZV9J4YlFnq5WH1dFWA0DUU8yAWnU6mQnJWy7cUXA9jmsgqkCAwEAAQ=="
google._domainkey.double.example.    TXT "`+workingKey+`"
google._domainkey.double.example.    TXT "`+workingKey+`; n=x"
google._domainkey.example.org.       TXT "`+workingKey+`"
s1._domainkey.example.org.           TXT "`+workingKey+`"
fm1._domainkey.example.org.          CNAME fm1.example.org.dkim.fmhosted.com.
fm1.example.org.dkim.fmhosted.com.   TXT "`+workingKey+`"
fm2._domainkey.example.org.          TXT "v=DKIM1; p="
`)
	for _, tc := range []struct {
		rule, domain, service, selector string
		record, like                    string
		published                       State
	}{
		{"the domain fills the pattern", "example.com", "fastmail", "fm1", "fm1.example.com.dkim.fmhosted.com", "", NotMet},
		{"with dashes and a number", "mail.example.com", "brevo", "brevo2", "b2.mail-example-com.dkim.brevo.com", "", NotMet},
		{"a tenant only the service knows", "example.com", "microsoft-365", "selector1", "", "selector1-example-com._domainkey.{tenant}.onmicrosoft.com", NotMet},
		{"the number of the selector", "example.com", "mailchimp", "k3", "dkim3.mcsv.net", "", NotMet},
		{"of several, the one that DNS has a key at", "example.com", "constant-contact", "ctct1", "100._domainkey.dkim1.ccsend.com", "", NotMet},
		{"none that DNS shows for this selector", "example.com", "constant-contact", "ctct2", "", "100._domainkey.dkim1.ccsend.com or 200._domainkey.dkim2.ccsend.com", NotMet},
		{"a selector of older guides that signs still", "old.example", "mailchimp", "k1", "", "", Met},
		{"a key too short for receivers is none", "weak.example", "google-workspace", "google", "", "", NotMet},
		{"two keys at one name are none", "double.example", "google-workspace", "google", "", "", NotMet},
		{"a key is never made up", "example.com", "google-workspace", "google", "", "", NotMet},
		{"a key of its own selector is its own", "example.org", "google-workspace", "google", "", "", Met},
		{"a key of a shared selector may be anybody's", "example.org", "tuta", "s1", "s1.domainkey.tutanota.de", "", NotKnown},
		{"a CNAME to the service", "example.org", "fastmail", "fm1", "fm1.example.org.dkim.fmhosted.com", "", Met},
		{"a revoked key is none", "example.org", "fastmail", "fm2", "fm2.example.org.dkim.fmhosted.com", "", NotMet},
		{"a selector that only the service knows", "example.com", "amazon-ses", "{token1}", "", "{token1}._domainkey.example.com", NotKnown},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			p, err := SetUpDKIM(t.Context(), DKIMRequest{Domain: tc.domain, Services: []string{tc.service}}, zone)
			if err != nil {
				t.Fatal(err)
			}
			s := p.Setups[0]
			i := slices.IndexFunc(s.Keys, func(k DKIMKey) bool { return k.Selector == tc.selector })
			if i < 0 {
				t.Fatalf("no selector %s in %+v", tc.selector, s.Keys)
			}
			k := s.Keys[i]
			if k.Record.Value != tc.record || !strings.HasPrefix(k.Like, tc.like) || (tc.like == "") != (k.Like == "") || k.Published != tc.published {
				t.Errorf("%+v", k)
			}
			if k.Record.Value != "" && (k.Record.Name != tc.selector+"._domainkey."+tc.domain || k.Record.Type != "CNAME") {
				t.Errorf("%+v", k.Record)
			}
			if s.Signs() != Met && k.Record.Value == "" && len(s.Ask) == 0 {
				t.Error("nothing is asked for")
			}
		})
	}
}

// TestEveryService: nothing of the catalogue is invented, and everything that is
// not whole is asked for in words.
func TestEveryService(t *testing.T) {
	for _, s := range sender.All() {
		p, err := SetUpDKIM(t.Context(), DKIMRequest{Domain: "example.com", Services: []string{s.ID}}, nil)
		if err != nil || len(p.Setups) != 1 {
			t.Errorf("%s: %v", s.ID, err)
			continue
		}
		setup := p.Setups[0]
		whole := len(setup.Keys) > 0
		for _, k := range setup.Keys {
			whole = whole && k.Record.Value != ""
			if strings.ContainsAny(k.Record.Value, "{}*") {
				t.Errorf("%s: %q is published with a hole in it", s.ID, k.Record.Value)
			}
		}
		if whole == (len(setup.Ask) > 0) || len(setup.Steps) == 0 {
			t.Errorf("%s: whole %v, asks for %q, steps %q", s.ID, whole, setup.Ask, setup.Steps)
		}
	}
}

// TestDKIMStep states what of a set-up is to be published, and in which order to go
// about it.
func TestDKIMStep(t *testing.T) {
	zone := resolver(t, `
k2._domainkey.example.com.       CNAME dkim2.mcsv.net.
zendesk1._domainkey.example.com. CNAME keys.former.example.
`)
	p, err := SetUpDKIM(t.Context(), DKIMRequest{Domain: "example.com", Services: []string{"mailchimp", "zendesk", "google-workspace"}, OwnServers: []string{"mx1.example.com", "mx2.example.com"}}, zone)
	if err != nil {
		t.Fatal(err)
	}
	chimp, desk, google, own := dkimStep(p.Setups[0]), dkimStep(p.Setups[1]), dkimStep(p.Setups[2]), dkimStep(p.Setups[3])
	if chimp.Record.Name != "k3._domainkey.example.com" || len(chimp.Also) > 0 || chimp.Change != Add {
		t.Errorf("what is there already is not published again: %+v", chimp)
	}
	if desk.Record.Name != "zendesk1._domainkey.example.com" || len(desk.Also) != 1 || desk.Change != Replace || !slices.Equal(desk.Today, []string{"keys.former.example"}) {
		t.Errorf("nothing stands beside a CNAME: %+v", desk)
	}
	ask := slices.IndexFunc(google.Do, func(s string) bool { return strings.HasPrefix(s, "Ask for the public key") })
	publish := slices.IndexFunc(google.Do, func(s string) bool { return strings.HasPrefix(s, "Publish") })
	if ask < 0 || ask > publish {
		t.Errorf("what is published is asked for first: %q", google.Do)
	}
	if own.Title != "DKIM: your own servers sign" {
		t.Error(own.Title)
	}
}

func TestDKIMRequests(t *testing.T) {
	list := &inventory.Inventory{Domain: "example.com", Senders: []inventory.Sender{
		cataloguedSender(t, "fastmail", inventory.Sender{Status: inventory.InUse}),
		cataloguedSender(t, "brevo", inventory.Sender{Status: inventory.InUse, DKIM: inventory.Alignment{Aligned: inventory.Yes}}),
		{Kind: inventory.KindHost, Name: "mail.example.com", Status: inventory.InUse},
		{Kind: inventory.KindHost, Name: "in.example.com", Status: inventory.Hinted},
	}}
	req := DKIMRequest{Domain: "example.com"}.With(list)
	if !slices.Equal(req.Services, []string{"fastmail"}) || !slices.Equal(req.OwnServers, []string{"mail.example.com"}) {
		t.Errorf("%+v", req)
	}
	p, err := SetUpDKIM(t.Context(), req, nil)
	if err != nil || len(p.Setups) != 2 || !p.Unsure || !strings.Contains(strings.Join(p.Setups[1].Steps, " "), "dkim keygen --domain example.com") {
		t.Errorf("%+v, %v", p, err)
	}
	for _, req := range []DKIMRequest{
		{Domain: "a b"}, {Domain: "example.com", Services: []string{"mailchmp"}}, {Domain: "example.com", Services: []string{strings.Repeat("x", 1<<16)}},
		{Domain: "example.com", OwnServers: []string{"my server"}}, {Domain: "example.com", Services: make([]string, maxServices+1)}, {Domain: "example.com", OwnServers: make([]string, maxHosts+1)},
	} {
		if _, err := SetUpDKIM(t.Context(), req, nil); err == nil || !strings.HasPrefix(err.Error(), "plan: ") {
			t.Errorf("%.80v: %v", req, err)
		}
	}
}

package inventory

import (
	"slices"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/sender"
)

const shortKey = "v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALRiMLAh0ydPnpR9oQVVmnvCfDDtVgTwt2rGRTL0ZV9J4YlFnq5WH1dFWA0DUU8yAWnU6mQnJWy7cUXA9jmsgqkCAwEAAQ=="

// TestSigningOf states which target a selector's CNAME has, and what is left open.
func TestSigningOf(t *testing.T) {
	zone := view(t, `
100._domainkey.dkim1.ccsend.com.   TXT "`+goodKey+`"
200._domainkey.dkim2.ccsend.com.   TXT "`+shortKey+`"
`)
	for _, c := range []struct {
		rule, domain, service, selector string
		target, like, missing           string
	}{
		{"the domain fills the pattern", "example.com", "fastmail", "fm1", "fm1.example.com.dkim.fmhosted.com", "", ""},
		{"the same for every customer", "example.com", "squarespace", "squarespace", "squarespace-domainkey.squarespace-mail.com", "", ""},
		{"with dashes and a number", "mail.example.com", "brevo", "brevo1", "b1.mail-example-com.dkim.brevo.com", "", ""},
		{"with dashes and the other number", "mail.example.com", "brevo", "brevo2", "b2.mail-example-com.dkim.brevo.com", "", ""},
		{"no number in the selector", "example.com", "brevo", "mail", "", "b{n}.example-com.dkim.brevo.com", "number of the key"},
		{"two numbers in the pattern", "example.com", "kit", "cka2", "", "dkim{n}.dm-{hash}.sg{n}.convertkit.com", "number of the key,account code"},
		{"Mailchimp signs with k2", "example.com", "mailchimp", "k2", "dkim2.mcsv.net", "", ""},
		{"and k3", "example.com", "mailchimp", "k3", "dkim3.mcsv.net", "", ""},
		{"each selector gets the forms of every tenant", "shop.example", "microsoft-365", "selector1", "",
			"selector1-shop-example._domainkey.{tenant}.onmicrosoft.com|selector1-shop-example._domainkey.{tenant}.{partition}-v1.dkim.mail.microsoft", "tenant,partition"},
		{"the second too", "shop.example", "microsoft-365", "selector2", "",
			"selector2-shop-example._domainkey.{tenant}.onmicrosoft.com|selector2-shop-example._domainkey.{tenant}.{partition}-v1.dkim.mail.microsoft", "tenant,partition"},
		{"of several, the one that DNS has a key at", "example.com", "constant-contact", "ctct1", "100._domainkey.dkim1.ccsend.com", "", ""},
		{"a weak key confirms nothing", "example.com", "constant-contact", "ctct2", "", "100._domainkey.dkim1.ccsend.com|200._domainkey.dkim2.ccsend.com", ""},
		{"a pattern that names the selector", "example.com", "mailersend", "mlsend2", "mlsend2._domainkey.mailersend.net", "", ""},
		{"is not that of another", "example.com", "mailersend", "mlsend", "", "", ""},
		{"nor one of its forms", "example.com", "atlassian", "s2", "s2._domainkey.atlassian.net", "", ""},
		{"a token stands in its own target", "example.com", "amazon-ses", "{token2}", "", "{token2}.dkim.amazonses.com", "token2"},
		{"a selector with an account in it", "example.com", "smtp2go", "s{account-id}", "dkim.smtp2go.net", "", "account id"},
		{"a key that the service makes", "example.com", "zoho-mail", "zmail", "", "", ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			key := signingKey(t, zone, c.domain, c.service, c.selector)
			if key.Name != c.selector+"._domainkey."+c.domain || key.Target != c.target || strings.Join(key.Like, "|") != c.like || strings.Join(key.Missing, ",") != c.missing {
				t.Errorf("%+v", key)
			}
		})
	}
}

// TestSigningToday states what counts as a key of the service's.
func TestSigningToday(t *testing.T) {
	zone := view(t, `
fm1._domainkey.example.org.          CNAME fm1.example.org.dkim.fmhosted.com.
fm1.example.org.dkim.fmhosted.com.   TXT "`+goodKey+`"
fm2._domainkey.example.org.          TXT "v=DKIM1; p="
fm3._domainkey.example.org.          CNAME fm3.example.org.dkim.fmhosted.com.
google._domainkey.example.org.       TXT "`+goodKey+`"
s1._domainkey.example.org.           TXT "`+goodKey+`"
s2._domainkey.example.org.           CNAME s2.domainkey.u1.wl1.sendgrid.net.
s2.domainkey.u1.wl1.sendgrid.net.    TXT "`+goodKey+`"
k1._domainkey.example.org.           CNAME dkim.mcsv.net.
dkim.mcsv.net.                       TXT "`+goodKey+`"
google._domainkey.weak.example.      TXT "`+shortKey+`"
google._domainkey.two.example.       TXT "`+goodKey+`"
google._domainkey.two.example.       TXT "`+goodKey+`; n=x"
*._domainkey.wild.example.           TXT "`+goodKey+`"
`)
	for _, c := range []struct {
		rule, domain, service, selector string
		theirs                          Answer
		state                           KeyState // "" for none
		today                           string
	}{
		{"a CNAME to the service", "example.org", "fastmail", "fm1", Yes, KeyWorks, "fm1.example.org.dkim.fmhosted.com"},
		{"a revoked key", "example.org", "fastmail", "fm2", No, KeyRevoked, "v=DKIM1; p="},
		{"a CNAME to nothing", "example.org", "fastmail", "fm3", No, KeyDangling, "fm3.example.org.dkim.fmhosted.com"},
		{"nothing", "example.org", "fastmail", "mesmtp", No, "", ""},
		{"a selector of one service only", "example.org", "google-workspace", "google", Yes, KeyWorks, goodKey},
		{"a shared selector may be anybody's", "example.org", "tuta", "s1", Unknown, KeyWorks, goodKey},
		{"a CNAME to another service", "example.org", "tuta", "s2", No, KeyWorks, "s2.domainkey.u1.wl1.sendgrid.net"},
		{"a selector of older guides that signs still", "example.org", "mailchimp", "k1", Yes, KeyWorks, "dkim.mcsv.net"},
		{"a key too short for receivers", "weak.example", "google-workspace", "google", No, KeyBroken, shortKey},
		{"two keys at one name", "two.example", "google-workspace", "google", No, KeyBroken, goodKey},
		{"what a wildcard says is no key", "wild.example", "google-workspace", "google", No, "", ""},
		{"a selector that only the service knows", "example.org", "amazon-ses", "{token1}", Unknown, "", ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			key := signingKey(t, zone, c.domain, c.service, c.selector)
			var state KeyState
			if key.Key != nil {
				state = key.Key.State
			}
			if key.Theirs != c.theirs || state != c.state || key.Today != c.today {
				t.Errorf("%+v, %s; want %s, %q, %q", key, state, c.theirs, c.state, c.today)
			}
		})
	}
	old, _ := sender.Find("mailchimp")
	for _, key := range SigningOf(t.Context(), zone, "example.com", old).Keys {
		if key.Selector == "k1" {
			t.Error("a selector of older guides is proposed")
		}
	}
	mute := SigningOf(t.Context(), silent{zone, []string{"example.org"}}, "example.org", old)
	if !mute.Fault || slices.ContainsFunc(mute.Keys, func(k SigningKey) bool { return k.Theirs != Unknown || k.Key != nil }) {
		t.Errorf("silence: %+v", mute)
	}
}

func signingKey(t *testing.T, zone dns.Resolver, domain, service, selector string) SigningKey {
	t.Helper()
	s, ok := sender.Find(service)
	if !ok {
		t.Fatalf("no service %s", service)
	}
	signing := SigningOf(t.Context(), zone, domain, s)
	if i := slices.IndexFunc(signing.Keys, func(k SigningKey) bool { return k.Selector == selector }); i >= 0 && !signing.Fault {
		return signing.Keys[i]
	}
	t.Fatalf("no selector %s: %+v", selector, signing)
	return SigningKey{}
}

func TestMissing(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a.example": "", "{tenant}.x.{tenant}": "tenant", "{account-id}.{hash}": "account id,account code", "{}": "", "{a": "",
		"%{i}._spf.example": "", "%{i}._ip.{pod}.example": "pod",
	} {
		if got := Missing(text); got == nil || strings.Join(got, ",") != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}

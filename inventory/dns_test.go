package inventory

import (
	"context"
	"strings"
	"testing"

	"unspoof/dns"
)

// silent answers no question whose name holds one of the words.
type silent struct {
	dns.Resolver
	words []string
}

func (s silent) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	for _, w := range s.words {
		if strings.Contains(q.Name, w) {
			return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultTimeout}
		}
	}
	return s.Resolver.Lookup(ctx, q)
}

// TestSilenceIsNoAnswer: what DNS does not say is not known, and never a no.
func TestSilenceIsNoAnswer(t *testing.T) {
	for _, c := range []struct {
		name   string
		silent string
		key    string
		status Status
		spf    Answer
		dkim   Answer
		said   string
	}{
		{"nothing answers", "", "service:mailchimp", Undecided, Unknown, Unknown, "TXT records of example.com"},
		{"one include", "spf.mailjet.com", "host:erp.example.com", Undecided, Unknown, Unknown, "SPF record"},
		{"the keys", "_domainkey", "service:google-workspace", Unseen, Yes, Unknown, "DKIM selectors of example.com"},
		{"the exchangers, SPF and all of the domain itself", "example.com", "service:mailchimp", Undecided, Unknown, Unknown, "MX records of example.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv, err := Build(t.Context(), Args{Domain: "example.com", Resolver: silent{view(t, world), []string{c.silent}}, Given: Given{Services: []string{"mailchimp"}, Hosts: []string{"erp.example.com"}}})
			if err != nil {
				t.Fatal(err)
			}
			s := find(t, inv.Senders, c.key)
			if s.Status != c.status || s.SPF.Aligned != c.spf || s.DKIM.Aligned != c.dkim {
				t.Errorf("status %s, SPF %+v, DKIM %+v; want %s, %s, %s", s.Status, s.SPF, s.DKIM, c.status, c.spf, c.dkim)
			}
			if !strings.Contains(strings.Join(inv.Unknown, "\n"), c.said) {
				t.Errorf("unknown %q; want %q told", inv.Unknown, c.said)
			}
		})
	}
}

func TestRecords(t *testing.T) {
	const mail = "@ MX 10 mail\nmail A 192.0.2.25\n"
	erp := "erp A 192.0.2.99\n"
	for _, c := range []struct {
		name, zone string
		key        string
		authorised Answer
		status     Status
		note       string // part of SPF.Problem, a warning or a step
	}{
		{"no record lets nobody in", mail, "host:mail.example.com", No, Hinted, "no SPF record"},
		{"mx lets the exchangers in", mail + `@ TXT "v=spf1 mx -all"`, "host:mail.example.com", Yes, Unseen, ""},
		{"two records are none", mail + "@ TXT \"v=spf1 mx -all\"\n@ TXT \"v=spf1 -all\"", "host:mail.example.com", No, Hinted, "several SPF records"},
		{"a broken record lets nobody in", mail + `@ TXT "v=spf1 mx ip4: -all"`, "host:mail.example.com", No, Hinted, "not valid"},
		{"a record of the domain's own is read on", mail + "@ TXT \"v=spf1 include:_spf.example.com -all\"\n_spf TXT \"v=spf1 ip4:192.0.2.25 -all\"", "host:mail.example.com", Yes, Unseen, ""},
		{"redirect is read on", mail + "@ TXT \"v=spf1 redirect=_spf.example.com\"\n_spf TXT \"v=spf1 a:mail.example.com -all\"", "host:mail.example.com", Yes, Unseen, ""},
		{"a loop ends", mail + `@ TXT "v=spf1 mx include:example.com -all"`, "host:mail.example.com", Yes, Unseen, "breaks before its end"},
		{"a term that is no pass lets nobody in", mail + erp + `@ TXT "v=spf1 mx ?a:erp.example.com -all"`, "host:erp.example.com", No, Hinted, ""},
		{"what stands behind the third empty look-up is not let in", mail + `@ TXT "v=spf1 mx a:h1.example.com a:h2.example.com a:h3.example.com include:late.example -all"` + "\n$ORIGIN .\nlate.example. TXT \"v=spf1 ip4:198.51.100.1 -all\"\n", "include:late.example", No, Hinted, "breaks before its end"},
		{"everybody is no proof", mail + `@ TXT "v=spf1 mx +all"`, "host:mail.example.com", Yes, Unseen, "lets everybody in"},
		{"ptr names no sender", mail + `@ TXT "v=spf1 mx ptr -all"`, "host:mail.example.com", Yes, Unseen, "reverse name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv := build(t, "$ORIGIN example.com.\n"+c.zone, Given{})
			s := find(t, inv.Senders, c.key)
			if s.Authorised != c.authorised || s.Status != c.status {
				t.Errorf("authorised %s, status %s; want %s, %s (%+v)", s.Authorised, s.Status, c.authorised, c.status, inv.SPF)
			}
			if all := inv.SPF.Problem + strings.Join(inv.Warnings, " "); !strings.Contains(all, c.note) {
				t.Errorf("said %q; want %q", all, c.note)
			}
		})
	}
}

func TestSelectors(t *testing.T) {
	const base = "$ORIGIN example.com.\n"
	for _, c := range []struct {
		name, zone string
		mail       []Sighting
		selectors  string // those found, joined
		wildcard   bool
	}{
		{"none", "@ A 192.0.2.1", nil, "", false},
		{"a usual one", `default._domainkey TXT "` + goodKey + `"`, nil, "default works", false},
		{"revoked", `default._domainkey TXT "v=DKIM1; p="`, nil, "default revoked", false},
		{"no key", `default._domainkey TXT "hello"`, nil, "default broken", false},
		{"a selector that only claimed mail names is asked for", `xyz7._domainkey TXT "` + goodKey + `"`,
			[]Sighting{{Source: FromMailbox, From: "example.com", DKIM: []Signature{{"example.com", "xyz7", ""}}}}, "xyz7 works", false},
		{"a wildcard is no key", `*._domainkey TXT "` + goodKey + `"`, nil, "", true},
		{"a revoked wildcard, and a real key beside it", "*._domainkey TXT \"v=DKIM1; p=\"\ndefault._domainkey TXT \"" + goodKey + `"`, nil, "default works", true},
		{"a wildcard key that mail was signed with", `*._domainkey TXT "` + goodKey + `"`,
			[]Sighting{ours(func(s *Sighting) { s.DKIM[0].Selector = "abc" })}, "abc works", true},
		{"a key that signed and is gone", "@ A 192.0.2.1", []Sighting{ours(func(s *Sighting) { s.DKIM[0].Selector = "abc" })}, "abc dangling", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv := build(t, base+c.zone+"\n", Given{}, c.mail...)
			got := []string{}
			for _, k := range inv.DKIM.Keys {
				got = append(got, k.Selector+" "+string(k.State))
			}
			if s := strings.Join(got, ","); s != c.selectors || inv.DKIM.Wildcard != c.wildcard {
				t.Errorf("keys %q, wildcard %v; want %q, %v", s, inv.DKIM.Wildcard, c.selectors, c.wildcard)
			}
		})
	}
}

// TestStrictAlignment: a DMARC record can ask for the very same name.
func TestStrictAlignment(t *testing.T) {
	sub := ours(func(s *Sighting) {
		s.MailFrom, s.DKIM = "mail.example.com", []Signature{{"mail.example.com", "own", "pass"}}
	})
	zone := world + "own._domainkey.mail.example.com. TXT \"" + goodKey + "\"\n"
	for _, c := range []struct {
		name, zone string
		spf, dkim  Answer
	}{
		{"relaxed", zone, Yes, Yes},
		{"strict", strings.Replace(zone, "p=none", "p=none; aspf=s; adkim=s", 1), No, No},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv := build(t, c.zone, Given{}, sub)
			google := find(t, inv.Senders, "service:google-workspace")
			if google.SPF.Aligned != c.spf {
				t.Errorf("SPF %+v; want %s", google.SPF, c.spf)
			}
			key := google.DKIM
			for _, s := range inv.Senders {
				if strings.Contains(strings.Join(s.Selectors, " "), "own._domainkey.mail.example.com") {
					key = s.DKIM
				}
			}
			if key.Aligned != c.dkim {
				t.Errorf("DKIM %+v; want %s", key, c.dkim)
			}
		})
	}
}

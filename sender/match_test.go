package sender

import (
	"slices"
	"strings"
	"testing"
)

func ids(hits []Match) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Service.ID)
	}
	return strings.Join(out, " ")
}

func TestByInclude(t *testing.T) {
	for _, tc := range []struct{ rule, host, want string }{
		{"exact name", "_spf.google.com", "google-workspace"},
		{"case and final dot do not matter", "_SPF.Google.COM.", "google-workspace"},
		{"a name below belongs to it too", "x.spf.messagingengine.com", "fastmail"},
		{"no hit inside a label", "my_spf.google.com", ""},
		{"no hit on a string ending", "evilsecureserver.net", ""},
		{"the catalogue's name as a beginning is no hit", "secureserver.net.example.com", ""},
		{"longest ending wins", "spf.em.secureserver.net", "godaddy-websites-marketing"},
		{"the shorter ending for everything else", "other.secureserver.net", "godaddy-professional"},
		{"shared names give every candidate, the owner first", "amazonses.com", "amazon-ses amazon-workmail resend autosend"},
		{"placeholder inside a label", "spf-0095a102.pphosted.com", "proofpoint"},
		{"an empty placeholder is no hit", "spf-.pphosted.com", ""},
		{"placeholder as a label", "us._netblocks.mimecast.com", "mimecast"},
		{"two placeholders", "1962994.spf05.hubspotemail.net", "hubspot"},
		{"macros stand for any labels", "%{i}._ip.%{h}._ehlo.%{d}._spf.vali.email", "valimail"},
		{"macros and placeholders", "%{i}.spf.hc1234-56.iphmx.com", "cisco-ces"},
		{"legacy hosts are known", "_spf.perfora.net", "ionos"},
		{"empty name", "", ""},
		{"root", ".", ""},
		{"top-level domain", "net", ""},
		{"only dots", "...", ""},
		{"too long a name", strings.Repeat("a.", 200) + "secureserver.net", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got := ids(ByInclude(tc.host)); got != tc.want {
				t.Errorf("ByInclude(%q) = %q, want %q", tc.host, got, tc.want)
			}
		})
	}
}

func TestByMX(t *testing.T) {
	for _, tc := range []struct{ rule, host, want string }{
		{"exact", "smtp.google.com", "google-workspace"},
		{"star label", "alt1.aspmx.l.google.com", "google-workspace"},
		{"star inside a label", "aspmx2.googlemail.com", "google-workspace"},
		{"star may stand for nothing", "aspmx.googlemail.com", "google-workspace"},
		{"star does not cross a dot", "a.b.eforward.registrar-servers.com", "namecheap-forwarding"},
		{"star label needs a label", "mail.protection.outlook.com", ""},
		{"tenant", "example-com.mail.protection.outlook.com", "microsoft-365"},
		{"two stars", "mx1.pub.mailpod12-cph3.one.com", "one-com"},
		{"region", "feedback-smtp.eu-west-1.amazonses.com", "amazon-ses resend autosend"},
		{"a customer's own name recognises nobody", "mail.example.com", ""},
		{"includes are no MX", "_spf.google.com", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got := ids(ByMX(tc.host)); got != tc.want {
				t.Errorf("ByMX(%q) = %q, want %q", tc.host, got, tc.want)
			}
		})
	}
}

func TestByHost(t *testing.T) {
	for _, tc := range []struct{ rule, host, want string }{
		{"reverse name of a sender", "mail-wr1-f41.google.com", "google-workspace"},
		{"longest ending", "a1.smtp-out.amazonses.com", "amazon-ses"},
		{"shared", "sender1.transmail.net", "zoho-mail zeptomail"},
		{"not a label boundary", "mail.notgoogle.com", ""},
		{"a rented server of a host is not its mail service", "vps-1.vps.ovh.net", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got := ids(ByHost(tc.host)); got != tc.want {
				t.Errorf("ByHost(%q) = %q, want %q", tc.host, got, tc.want)
			}
		})
	}
}

func TestByDKIM(t *testing.T) {
	for _, tc := range []struct{ rule, target, want string }{
		{"fixed target", "dkim2.mcsv.net", "mailchimp"},
		{"token", "abc123.dkim.amazonses.com", "amazon-ses amazon-workmail govuk-notify"},
		{"the customer's domain in the middle", "fm1.mail.example.com.dkim.fmhosted.com", "fastmail"},
		{"tenant", "selector1-example-com._domainkey.tenant1.onmicrosoft.com", "microsoft-365"},
		{"unknown", "s1._domainkey.example.net", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got := ids(ByDKIM(tc.target)); got != tc.want {
				t.Errorf("ByDKIM(%q) = %q, want %q", tc.target, got, tc.want)
			}
		})
	}
}

func TestBySelector(t *testing.T) {
	for _, tc := range []struct{ rule, selector, want string }{
		{"a selector of one service", "protonmail2", "proton-mail"},
		{"any case", "mbo0001", "mailbox-org"},
		{"listed as shared", "k1", ""},
		{"shared though listed for one", "selector1", ""},
		{"placeholders are no names", "{token}", ""},
		{"unknown", "2026a", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			m, ok := BySelector(tc.selector)
			if ok != (tc.want != "") || m.Service.ID != tc.want {
				t.Errorf("BySelector(%q) = %q, %v, want %q", tc.selector, m.Service.ID, ok, tc.want)
			}
		})
	}
}

func TestConfidenceOfAHit(t *testing.T) {
	for _, tc := range []struct {
		rule string
		hits []Match
		want Confidence
	}{
		{"a sound entry", ByInclude("_spf.google.com"), High},
		{"a low entry is low", ByInclude("_spf.aruba.it"), Low},
		{"another sound entry", ByMX("mx1.emailsrvr.com"), High},
		{"an unverified value of a sound entry is low", ByMX("mx00.perfora.net"), Low},
		{"another value of that field is not", ByMX("mx00.ionos.com"), High},
		{"an unverified field of a sound entry is low", ByInclude("e2ma.net"), Low},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if len(tc.hits) == 0 || tc.hits[0].Confidence != tc.want {
				t.Errorf("got %+v, want confidence %s", tc.hits, tc.want)
			}
		})
	}
}

func TestEveryPatternFindsItsOwn(t *testing.T) {
	fill := strings.NewReplacer("{domain}", "shop.example.com", "*", "x1")
	for _, s := range All() {
		for kind, list := range map[string][]string{"include": s.Includes, "mx": s.MXPatterns, "rdns": s.ReverseSuffixes, "submission": s.Submission} {
			for _, text := range list {
				if strings.HasSuffix(text, "{domain}") {
					continue
				}
				host := wildcard(fill.Replace(text))
				host = strings.ReplaceAll(strings.ReplaceAll(host, "%?*", "x"), "?*", "x7")
				var hits []Match
				switch kind {
				case "include":
					hits = ByInclude(host)
				case "mx":
					hits = ByMX(host)
				case "rdns", "submission":
					hits = ByHost(host)
				}
				if !slices.ContainsFunc(hits, func(m Match) bool { return m.Service.ID == s.ID }) {
					t.Errorf("%s: %s %q, asked as %q, gives %q", s.ID, kind, text, host, ids(hits))
				}
			}
		}
	}
}

func FuzzLookups(f *testing.F) {
	for _, s := range []string{"_spf.google.com", "a..b", ".", "*.mx.microsoft", "[192.0.2.1]", "\x00.google.com", "%{i}._spf.vali.email", "GoDaddy", "_secureserver.net", "xn--bcher-kva.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, hits := range [][]Match{ByInclude(s), ByMX(s), ByHost(s), ByDKIM(s)} {
			for _, h := range hits {
				ending := h.Pattern[strings.LastIndexAny(h.Pattern, "*}")+1:]
				if !strings.HasSuffix(canonical(s), ending) {
					t.Errorf("%q hit %q", s, h.Pattern)
				}
			}
		}
		BySelector(s)
		FindBogus(s)
		if got, ok := Find(s); ok && got.ID == "" {
			t.Errorf("Find(%q) found nothing", s)
		}
		if n := len(Suggest(s)); n > maxSuggestions {
			t.Errorf("Suggest(%q) gave %d", s, n)
		}
		SuggestHosts(s)
	})
}

func BenchmarkByInclude(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ByInclude("spf-0095a102.pphosted.com")
	}
}

func BenchmarkByHostMiss(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ByHost("host-192-0-2-1.dynamic.isp.example")
	}
}

// Exchange Online gives hosts of exchangelabs.com as Reporting-MTA.
func TestByHostKnowsExchangeOnline(t *testing.T) {
	for _, host := range []string{"AM0PR01MB1234.eurprd01.prod.exchangelabs.com", "x.eurprd01.prod.outlook.com"} {
		if got := ids(ByHost(host)); got != "microsoft-365" {
			t.Errorf("%s: %q", host, got)
		}
	}
}

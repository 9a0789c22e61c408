package inventory

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// What nobody outside can have is not to be let in.
func TestPrivateNetworksGetNoTerm(t *testing.T) {
	for text, want := range map[string]string{"10.0.0.0/24": "", "192.168.1.7/32": "", "fd00::/64": "", "233.252.0.0/24": "ip4:233.252.0.0/24"} {
		s := find(t, build(t, world, Given{Networks: []netip.Prefix{netip.MustParsePrefix(text)}}).Senders, "net:"+strings.TrimSuffix(text, "/32"))
		i := slices.IndexFunc(s.Setup, func(st Step) bool { return st.Kind == StepSPF })
		if got := i >= 0; got != (want != "") || got && s.Setup[i].Value != want {
			t.Errorf("%s: %+v; want %q", text, s.Setup, want)
		}
	}
}

func TestSteps(t *testing.T) {
	for _, c := range []struct {
		name    string
		zone    string
		given   Given
		mail    []Sighting
		key     string
		kind    StepKind
		record  string // name, type and value
		missing string
		text    string
	}{
		{"a CNAME that is the same for everybody", "", Given{Services: []string{"squarespace"}}, nil,
			"service:squarespace", StepDKIM, "squarespace._domainkey.example.com CNAME squarespace-domainkey.squarespace-mail.com", "", "switch DKIM on"},
		{"a CNAME with the domain in it", "", Given{Services: []string{"brevo"}}, nil,
			"service:brevo", StepDKIM, "brevo1._domainkey.example.com CNAME b1.example-com.dkim.brevo.com", "", "switch DKIM on"},
		{"a form for each kind of tenant", "", Given{Services: []string{"microsoft-365"}}, nil,
			"service:microsoft-365", StepDKIM, "selector1._domainkey.example.com CNAME ", "tenant,partition", "selector1-example-com._domainkey.{tenant}.onmicrosoft.com or selector1-example-com._domainkey.{tenant}.{partition}-v1.dkim.mail.microsoft"},
		{"a CNAME with an account in it", "", Given{Services: []string{"proton-mail"}}, nil,
			"service:proton-mail", StepDKIM, "protonmail._domainkey.example.com CNAME protonmail.domainkey.{hash}.domains.proton.ch", "account code", "braces: account code"},
		{"a key that the service makes", "", Given{Services: []string{"zoho"}}, nil,
			"service:zoho-mail", StepDKIM, "zmail._domainkey.example.com TXT ", "", "Make a key"},
		{"an include that a mailbox service needs", "", Given{Services: []string{"fastmail"}}, nil,
			"service:fastmail", StepSPF, "example.com TXT include:spf.messagingengine.com", "", "return path"},
		{"one of several regions", "", Given{Services: []string{"zoho"}}, nil,
			"service:zoho-mail", StepSPF, "example.com TXT include:zohomail.com include:zoho.com include:zohomail.eu include:zoho.eu include:zohomail.in include:zoho.in include:zohomail.com.au include:one.zoho.com", "", "region or product"},
		{"a host of one's own", "", Given{Hosts: []string{"erp.example.com"}}, nil,
			"host:erp.example.com", StepSPF, "example.com TXT a:erp.example.com", "", "Let erp.example.com in"},
		{"and its DKIM", "", Given{Hosts: []string{"erp.example.com"}}, nil,
			"host:erp.example.com", StepDKIM, "{selector}._domainkey.example.com TXT ", "selector,key", "sign with DKIM"},
		{"a server whose log does not name it", "", Given{}, []Sighting{{Source: FromLog, Genuine: true, MailFrom: "example.com"}},
			"host:unnamed", StepConfirm, "", "full name of the server", "Name this server"},
		{"what looks right is to be tried", "", Given{}, nil,
			"service:google-workspace", StepTest, "", "", "no mail has shown it"},
		{"a right that nobody uses", "", Given{}, []Sighting{ours(nil)},
			"service:mailjet", StepRemove, "", "", "include:spf.mailjet.com"},
		{"a published key that is not used", "", Given{}, []Sighting{ours(func(s *Sighting) { s.DKIM = nil })},
			"service:google-workspace", StepSwitchOn, "", "", "sign with it"},
		{"a broken key", "", Given{}, nil,
			"service:klaviyo", StepMend, "kl._domainkey.example.com  ", "", "no key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := find(t, build(t, world+c.zone, c.given, c.mail...).Senders, c.key)
			for _, st := range s.Setup {
				if st.Kind != c.kind {
					continue
				}
				record := ""
				if st.Name != "" {
					record = st.Name + " " + st.Type + " " + st.Value
				}
				if record != c.record || strings.Join(st.Missing, ",") != c.missing || !strings.Contains(st.Text, c.text) {
					t.Errorf("step %+v; want %q, missing %q, text with %q", st, c.record, c.missing, c.text)
				}
				return
			}
			t.Errorf("steps %+v; want one of kind %s", s.Setup, c.kind)
		})
	}
}

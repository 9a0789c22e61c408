package dmarc

import (
	"context"
	"errors"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/orgdomain"
)

// counting counts the questions that reach the view.
type counting struct {
	*dnsfile.View
	asked []string
}

func (c *counting) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	c.asked = append(c.asked, q.Type.String()+" "+q.Name)
	return c.View.Lookup(ctx, q)
}

func view(t testing.TB, yaml string) *counting {
	t.Helper()
	v, err := dnsfile.Parse("test", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return &counting{View: v}
}

func TestDiscover(t *testing.T) {
	for _, tc := range []struct {
		rule, zone, domain string
		at, org            string
		policy             Policy
		tag                string
		relation           Relation
		asked              int
	}{
		{"own record", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject"]}`, "example.com", "example.com", "example.com", Reject, "p", Itself, 2},
		{"no record", `txt: {}`, "mail.example.com", "", "mail.example.com", "", "", "", 3},
		{"the organisation's record", `{txt: {_dmarc.example.com: ["v=DMARC1; p=reject; sp=none"]}, exists: [mail.example.com]}`, "mail.example.com", "example.com", "example.com", None, "sp", Below, 3},
		{"existence is asked only where np says otherwise", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; np=none"]}`, "ghost.example.com", "example.com", "example.com", None, "np", NonExistent, 4},
		{"np for a name that exists", `{txt: {_dmarc.example.com: ["v=DMARC1; p=reject; np=none"]}, exists: [mail.example.com]}`, "mail.example.com", "example.com", "example.com", Reject, "p", Below, 4},
		{"a record between is passed over", `{txt: {_dmarc.example.com: ["v=DMARC1; p=reject"], _dmarc.mail.example.com: ["v=DMARC1; p=none"]}}`, "a.mail.example.com", "example.com", "example.com", Reject, "p", Below, 4},
		{"a record that nobody applies", `txt: {_dmarc.example.com: ["v=DMARC1; p=rejct"]}`, "example.com", "example.com", "example.com", "", "", Itself, 2},
		{"psd=y leaves the record of a name between aside", `txt: {_dmarc.bank.example: ["v=DMARC1; p=reject; psd=y"], _dmarc.b.giant.bank.example: ["v=DMARC1; p=none"]}`, "a.b.giant.bank.example", "bank.example", "giant.bank.example", Reject, "p", Below, 4},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			v := view(t, tc.zone)
			d, err := Discover(t.Context(), v, tc.domain)
			if err != nil {
				t.Fatal(err)
			}
			if d.At != tc.at || d.OrgDomain != tc.org || d.Policy != tc.policy || d.Tag != tc.tag || d.Relation != tc.relation {
				t.Errorf("got at %q, org %q, %q from %q as %q", d.At, d.OrgDomain, d.Policy, d.Tag, d.Relation)
			}
			if len(v.asked) != tc.asked {
				t.Errorf("asked %q, want %d questions", v.asked, tc.asked)
			}
		})
	}
}

func TestDiscoverTellsTheListsView(t *testing.T) {
	for _, tc := range []struct {
		domain, listed string
		suffix         bool
	}{
		{"a.example.co.uk", "example.co.uk", false},
		{"example.co.uk", "example.co.uk", false},
		{"co.uk", "co.uk", true},
		{"example.com", "example.com", false},
	} {
		d, err := Discover(t.Context(), view(t, `txt: {}`), tc.domain)
		if err != nil || d.Listed != tc.listed || d.IsSuffix != tc.suffix {
			t.Errorf("%s: %q, %v, %v", tc.domain, d.Listed, d.IsSuffix, err)
		}
	}
}

func TestDiscoverFaults(t *testing.T) {
	var fault *dns.Error
	d, err := Discover(t.Context(), view(t, `servfail: [_dmarc.example.com]`), "mail.example.com")
	if !errors.As(err, &fault) || len(d.Steps) != 1 {
		t.Errorf("parent does not answer: %v, %+v", err, d)
	}
	d, err = Discover(t.Context(), view(t, `{txt: {_dmarc.mail.example.com: ["v=DMARC1; p=reject"]}, servfail: [_dmarc.example.com]}`), "mail.example.com")
	if err != nil || d.Policy != Reject || d.OrgDomain != "" || !errors.As(d.Fault, &fault) {
		t.Errorf("own record, parent does not answer: %v, %+v", err, d)
	}
	_, err = Discover(t.Context(), view(t, `{txt: {_dmarc.example.com: ["v=DMARC1; p=reject; np=none"]}, servfail: [ghost.example.com]}`), "ghost.example.com")
	if !errors.As(err, &fault) {
		t.Errorf("existence unknown where it matters: %v", err)
	}
	if _, err = Discover(t.Context(), view(t, `txt: {}`), "exa mple.com"); !errors.Is(err, orgdomain.ErrName) {
		t.Errorf("no name: %v", err)
	}
}

func TestCheckDestination(t *testing.T) {
	for _, tc := range []struct {
		rule, zone, domain, uri string
		external, agreed        bool
		asked                   string
	}{
		{"own domain", `txt: {}`, "example.com", "mailto:d@example.com", false, true, ""},
		{"same organisation", `txt: {}`, "mail.example.com", "mailto:d@reports.example.com", false, true, ""},
		{"another without consent", `txt: {}`, "example.com", "mailto:d@example.net", true, false, "TXT example.com._report._dmarc.example.net"},
		{"another with consent", `txt: {example.com._report._dmarc.example.net: ["v=DMARC1"]}`, "example.com", "mailto:d@example.net", true, true, "TXT example.com._report._dmarc.example.net"},
		{"consent for all by wildcard", `txt: {"*._report._dmarc.example.net": ["v=DMARC1;"]}`, "example.com", "mailto:d@example.net", true, true, "TXT example.com._report._dmarc.example.net"},
		{"another record is no consent", `txt: {example.com._report._dmarc.example.net: ["v=spf1 -all"]}`, "example.com", "mailto:d@example.net", true, false, "TXT example.com._report._dmarc.example.net"},
		{"a name that does not fit", `txt: {}`, strings.Repeat("a.", 118) + "example.com", "mailto:d@example.net", true, false, ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			u, why := parseURI(tc.uri)
			if why != "" {
				t.Fatal(why)
			}
			v := view(t, tc.zone)
			d, err := CheckDestination(t.Context(), v, tc.domain, u)
			if err != nil || d.External != tc.external || d.Agreed != tc.agreed || strings.Join(v.asked, " ") != tc.asked {
				t.Errorf("got %+v, %v, asked %q", d, err, v.asked)
			}
		})
	}
	u, _ := parseURI("mailto:d@example.net")
	_, err := CheckDestination(t.Context(), view(t, `servfail: [example.com._report._dmarc.example.net]`), "example.com", u)
	var fault *dns.Error
	if !errors.As(err, &fault) {
		t.Errorf("a fault is no refusal: %v", err)
	}
}

package dmarc

import (
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	for _, tc := range []struct {
		rule, zone, domain string
		dkim               []DKIM
		want               string
	}{
		{"nothing differs", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject"]}`, "example.com", sigs("a.example.com"), ""},
		{"no record at all", `txt: {}`, "example.com", nil, ""},
		{"pct", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; pct=10"]}`, "example.com", nil, "pct"},
		{"pct=0 changes what is done", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; pct=0"]}`, "example.com", nil, "applied pct"},
		{"pct with nothing to soften", `txt: {_dmarc.example.com: ["v=DMARC1; p=none; pct=0"]}`, "example.com", nil, ""},
		{"t=y", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; t=y"]}`, "example.com", nil, "applied test-mode"},
		{"np", `txt: {_dmarc.example.com: ["v=DMARC1; p=none; np=reject"]}`, "ghost.example.com", nil, "applied policy"},
		{"a record between", `txt: {_dmarc.b.example.com: ["v=DMARC1; p=reject"]}`, "a.b.example.com", nil, "verdict record org-domain"},
		{"no record at the organisation by the list", `txt: {_dmarc.a.example.com: ["v=DMARC1; p=reject"]}`, "a.example.com", sigs("example.com"), "verdict org-domain alignment"},
		{"psd=n", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject"], _dmarc.a.example.com: ["v=DMARC1; p=reject; psd=n"]}`, "a.example.com", sigs("example.com"), "verdict org-domain alignment"},
		{"psd=y on no listed suffix", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; psd=y"]}`, "a.example.com", nil, "org-domain"},
		{"a list's suffix without a record", `txt: {_dmarc.uk: ["v=DMARC1; p=reject; psd=n"]}`, "example.co.uk", nil, "verdict record org-domain"},
		{"two records at a subdomain", `txt: {_dmarc.a.example.com: [["v=DMARC1; p=none"], ["v=DMARC1; p=none"]], _dmarc.example.com: ["v=DMARC1; p=reject"]}`, "a.example.com", nil, "verdict record"},
		{"an invalid np", `txt: {_dmarc.example.com: ["v=DMARC1; p=reject; np=x; rua=mailto:d@example.com"]}`, "example.com", nil, "applied policy"},
		{"a fault of one", `{txt: {_dmarc.example.com: ["v=DMARC1; p=reject"]}, servfail: [_dmarc.b.example.com]}`, "a.b.example.com", nil, "verdict dns-fault"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			c := Compare(t.Context(), Args{Domain: tc.domain, DKIM: tc.dkim, Resolver: view(t, tc.zone)})
			var got []string
			for _, d := range c.Differences {
				got = append(got, string(d.Code))
				if d.Text == "" || strings.Contains(d.Text, "%!") {
					t.Errorf("text %q", d.Text)
				}
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("got %v, want %q", c.Differences, tc.want)
			}
		})
	}
}

func TestCompareOfAnotherAuthor(t *testing.T) {
	v := view(t, `txt: {_dmarc.example.com: ["v=DMARC1; p=quarantine; pct=0"], _dmarc.example.net: ["v=DMARC1; p=quarantine; t=y"]}`)
	c := Compare(t.Context(), Args{From: []string{"a@example.com, b@example.net"}, Resolver: v})
	if c.Current.Domain != "example.com" || c.Former.Domain != "example.net" || len(c.Differences) != 0 {
		t.Errorf("%s, %s, %v", c.Current.Domain, c.Former.Domain, c.Differences)
	}
}

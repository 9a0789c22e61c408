package orgdomain

import (
	"context"
	"errors"
	"strings"
	"testing"

	"unspoof/dns"
)

// zone answers TXT questions: a name maps to its records, several joined by
// "|", the strings of one by "+". "SERVFAIL" is a fault; other names don't
// exist.
type zone map[string]string

func (z zone) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	a := dns.Answer{Server: "test"}
	data, ok := z[q.Name]
	if data == "SERVFAIL" {
		return a, &dns.Error{Question: q, Kind: dns.FaultServFail}
	}
	if !ok {
		a.RCode = dns.NXDomain
		return a, nil
	}
	for r := range strings.SplitSeq(data, "|") {
		a.Records = append(a.Records, dns.Record{Name: q.Name, Type: q.Type, Text: strings.Split(r, "+")})
	}
	return a, nil
}

func TestWalk(t *testing.T) {
	for _, tc := range []struct {
		rule, name string
		zone       zone
		org        string
		suffix     string
		asked      string
	}{
		{
			"no records: the start is its own", "a.example.com", zone{},
			"a.example.com", "", "a.example.com example.com com",
		},
		{
			"fewest labels win", "a.mail.example.com",
			zone{"_dmarc.mail.example.com": "v=DMARC1; p=none", "_dmarc.example.com": "v=DMARC1; p=none"},
			"example.com", "", "a.mail.example.com mail.example.com example.com com",
		},
		{
			"psd=n stops and is chosen", "a.mail.example.com",
			zone{"_dmarc.mail.example.com": "v=DMARC1;psd=n", "_dmarc.example.com": "v=DMARC1;p=none"},
			"mail.example.com", "", "a.mail.example.com mail.example.com",
		},
		{
			"psd=y: one label below", "a.mail.example.com",
			zone{"_dmarc.com": "v=DMARC1; psd=y"},
			"example.com", "com", "a.mail.example.com mail.example.com example.com com",
		},
		{
			"psd=y wins over a record met before", "a.b.giant.bank.example",
			zone{"_dmarc.b.giant.bank.example": "v=DMARC1;p=none", "_dmarc.bank.example": "v=DMARC1;psd=y"},
			"giant.bank.example", "bank.example",
			"a.b.giant.bank.example b.giant.bank.example giant.bank.example bank.example",
		},
		{
			"psd=y at the start is no suffix", "bank.example",
			zone{"_dmarc.bank.example": "v=DMARC1;psd=y"},
			"bank.example", "", "bank.example",
		},
		{
			"a top-level domain's record without psd wins", "shop.example",
			zone{"_dmarc.example": "v=DMARC1;p=reject"},
			"example", "", "shop.example example",
		},
		{
			"several records count as none", "mail.example.com",
			zone{"_dmarc.example.com": "v=DMARC1;p=none|v=DMARC1;psd=n"},
			"mail.example.com", "", "mail.example.com example.com com",
		},
		{
			"other TXT beside the record does not matter", "mail.example.com",
			zone{"_dmarc.example.com": "v=spf1 -all|v=DMARC1;p=none"},
			"example.com", "", "mail.example.com example.com com",
		},
		{
			"strings are joined", "mail.example.com",
			zone{"_dmarc.example.com": "v=DMA+RC1; psd+=n"},
			"example.com", "", "mail.example.com example.com",
		},
		{
			"invalid psd is the default", "mail.example.com",
			zone{"_dmarc.mail.example.com": "v=DMARC1;psd=x", "_dmarc.example.com": "v=DMARC1"},
			"example.com", "", "mail.example.com example.com com",
		},
		{
			"thirteen labels make eight queries (section 4.10's example)", "a.b.c.d.e.f.g.h.i.j.mail.example.com", zone{},
			"a.b.c.d.e.f.g.h.i.j.mail.example.com", "",
			"a.b.c.d.e.f.g.h.i.j.mail.example.com g.h.i.j.mail.example.com h.i.j.mail.example.com i.j.mail.example.com j.mail.example.com mail.example.com example.com com",
		},
		{
			"eight labels: the parent is next", "a.b.c.d.e.f.example.com", zone{},
			"a.b.c.d.e.f.example.com", "",
			"a.b.c.d.e.f.example.com b.c.d.e.f.example.com c.d.e.f.example.com d.e.f.example.com e.f.example.com f.example.com example.com com",
		},
		{
			"nine labels: the parent is passed over", "a.b.c.d.e.f.g.example.com",
			zone{"_dmarc.b.c.d.e.f.g.example.com": "v=DMARC1;psd=n", "_dmarc.example.com": "v=DMARC1"},
			"example.com", "",
			"a.b.c.d.e.f.g.example.com c.d.e.f.g.example.com d.e.f.g.example.com e.f.g.example.com f.g.example.com g.example.com example.com com",
		},
		{"one label", "com", zone{}, "com", "", "com"},
		{
			"U-labels and final dot", "Bücher.example.",
			zone{"_dmarc.xn--bcher-kva.example": "v=DMARC1"},
			"xn--bcher-kva.example", "", "xn--bcher-kva.example example",
		},
		{
			"_dmarc does not fit before the longest name", strings.Repeat("a.", 123) + "example", zone{"_dmarc.example": "v=DMARC1"},
			"example", "", strings.Repeat("a.", 123) + "example a.a.a.a.a.a.example a.a.a.a.a.example a.a.a.a.example a.a.a.example a.a.example a.example example",
		},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			res, err := Walk(t.Context(), tc.zone, tc.name)
			if err != nil {
				t.Fatal(err)
			}
			var asked []string
			for _, s := range res.Steps {
				asked = append(asked, s.Domain)
			}
			if res.OrgDomain != tc.org || res.Suffix != tc.suffix {
				t.Errorf("org %q, suffix %q, want %q, %q", res.OrgDomain, res.Suffix, tc.org, tc.suffix)
			}
			if got := strings.Join(asked, " "); got != tc.asked || len(asked) > MaxQueries {
				t.Errorf("asked %d: %s\nwant: %s", len(asked), got, tc.asked)
			}
		})
	}
}

func TestWalkFaultIsNoAnswer(t *testing.T) {
	res, err := Walk(t.Context(), zone{"_dmarc.example.com": "SERVFAIL"}, "mail.example.com")
	var fault *dns.Error
	if !errors.As(err, &fault) || fault.Kind != dns.FaultServFail {
		t.Fatalf("got %v, want the resolver's fault", err)
	}
	if res.OrgDomain != "" || len(res.Steps) != 1 {
		t.Errorf("got %+v, want the one step made and no organisational domain", res)
	}
}

func TestWalkOfNoName(t *testing.T) {
	if _, err := Walk(t.Context(), zone{}, "a..b"); !errors.Is(err, ErrName) {
		t.Errorf("got %v", err)
	}
}

func TestIsPolicyRecord(t *testing.T) {
	for _, tc := range []struct {
		text string
		want bool
	}{
		{"v=DMARC1", true},
		{"v=DMARC1;", true},
		{"v = DMARC1 ; p=none", true},
		{"V=DMARC1; p=none", true},
		{" v=DMARC1; p=none", false},
		{"v=dmarc1; p=none", false},
		{"v=DMARC10; p=none", false},
		{"v=DMARC1 p=none", false},
		{"p=none; v=DMARC1", false},
		{"v=spf1 -all", false},
		{"", false},
		{";v=DMARC1", false},
		{"=DMARC1", false},
	} {
		if got := IsPolicyRecord(tc.text); got != tc.want {
			t.Errorf("IsPolicyRecord(%q) = %v", tc.text, got)
		}
	}
}

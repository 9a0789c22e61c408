package spf

import (
	"context"
	"errors"
	"strings"
	"testing"

	"unspoof/dns"
)

// onlyTXT is DNS that has records and nothing else.
type onlyTXT map[string]string

func (z onlyTXT) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	text, ok := z[q.Name]
	if !ok || q.Type != dns.TypeTXT {
		return dns.Answer{RCode: dns.NXDomain}, nil
	}
	return dns.Answer{Records: []dns.Record{{Type: q.Type, Text: []string{text}}}}, nil
}

// TestProofRefusesFaults: whatever goes wrong while a record is written, prove
// sees that it means something else.
func TestProofRefusesFaults(t *testing.T) {
	z := onlyTXT{
		"example.com":  "v=spf1 include:esp.example ?exists:%{i}.x.example include:m.example ~all",
		"esp.example":  "v=spf1 ip4:192.0.2.0/24 -ip4:198.51.100.7 ip4:198.51.100.0/24 ip6:2001:db8::/32 -all",
		"m.example":    "v=spf1 exists:%{l}.y.example ip4:203.0.113.0/28 -all",
		"none.example": "v=spf1 -all",
	}
	for _, c := range []struct{ was, now string }{
		{"192.0.2.0/24", "192.0.2.0/23"},
		{"192.0.2.0/24", "192.0.2.0/25"},
		{"ip6:2001:db8::/32", "ip6:2001:db8::/33"},
		{"ip4:192.0.2.0/24 ", ""},
		{"ip4:203.0.113.0/28", "?ip4:203.0.113.0/28"},
		{" ?exists", " ~exists"},
		{" ?exists:%{i}.x.example", ""},
		{"?exists:%{i}.x.example exists:%{l}.y.example", "exists:%{l}.y.example ?exists:%{i}.x.example"},
		{"exists:%{l}.y.example ip4:203.0.113.0/28", "ip4:203.0.113.0/28 exists:%{l}.y.example"},
		{"exists:%{l}.y", "exists:%{s}.y"},
		{"~all", "-all"},
		{" ~all", ""},
		{"~all", "redirect=none.example"},
	} {
		f, err := begin(t.Context(), FlattenArgs{Domain: "example.com", Resolver: z, All: true})
		if err == nil {
			err = f.choose(FlattenArgs{All: true})
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := f.prove(t.Context()); err != nil {
			t.Fatal("without a fault: ", err)
		}
		text := f.out.Publish[0].Text
		wrong := strings.Replace(text, c.was, c.now, 1)
		if wrong == text {
			t.Fatalf("%q is not in %s", c.was, text)
		}
		f.out.Publish[0] = publish("example.com", wrong)
		if err := f.prove(t.Context()); !errors.Is(err, ErrNotEqual) {
			t.Errorf("%v: %s", err, wrong)
		}
	}
}

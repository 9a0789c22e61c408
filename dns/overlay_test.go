package dns

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// published answers from the zone text, as a server would, without wildcards.
func published(t testing.TB, zone string) Resolver {
	records, err := ParseZone("published", []byte(zone))
	if err != nil {
		t.Fatal(err)
	}
	return resolver(func(_ context.Context, q Question) (Answer, error) {
		if strings.HasPrefix(q.Name, "silent.") {
			return Answer{}, &Error{Question: q, Kind: FaultTimeout}
		}
		a := Answer{RCode: NXDomain, Server: "published"}
		for _, r := range records {
			switch {
			case r.Name == q.Name && r.Type == TypeCNAME && q.Type != TypeCNAME:
				a.RCode, a.Chain = NXDomain, append(a.Chain, r.Host)
				q.Name = r.Host
			case r.Name == q.Name && r.Type == q.Type:
				a.RCode, a.Records, a.TTL = NoError, append(a.Records, r), r.TTL
			case r.Name == q.Name || strings.HasSuffix(r.Name, "."+q.Name):
				a.RCode = NoError
			}
		}
		return a, nil
	})
}

// shown writes an answer in a line.
func shown(a Answer, err error) string {
	if err != nil {
		return "fault"
	}
	var list []string
	for _, c := range a.Chain {
		list = append(list, "-> "+c)
	}
	for _, r := range a.Records {
		switch r.Type {
		case TypeTXT:
			list = append(list, strings.Join(r.Text, ""))
		case TypeMX, TypeCNAME:
			list = append(list, r.Host)
		default:
			list = append(list, r.Addr.String())
		}
	}
	switch {
	case len(a.Records) > 0:
	case a.RCode == NXDomain:
		list = append(list, "NXDOMAIN")
	default:
		list = append(list, "NODATA")
	}
	return strings.Join(list, " | ")
}

func TestOverlay(t *testing.T) {
	const zone = `$ORIGIN example.com.
@ TXT "v=spf1 -all"
@ TXT "site-verification=1"
@ MX 10 mx
mx A 192.0.2.1
_dmarc CNAME policy.host.example.
k1._domainkey TXT "p=AAAA"
alias CNAME www
www A 192.0.2.9
lost CNAME nowhere.example.
gone CNAME a.nowhere.example.
blank TXT "v = DMARC1 ; p=none"
policy.host.example. TXT "v=DMARC1; p=none"
`
	tests := []struct {
		name, given, question string
		typ                   Type
		want                  string
	}{
		{"what is not given stands", "", "example.com", TypeMX, "mx.example.com"},
		{"a new SPF record replaces the old and leaves others", `example.com. TXT "v=spf1 mx -all"`, "example.com", TypeTXT, "site-verification=1 | v=spf1 mx -all"},
		{"the version is told in any case and through quotes", `example.com. TXT "\"V=SPF1 mx\""`, "example.com", TypeTXT, `site-verification=1 | "V=SPF1 mx"`},
		{"other text stands beside", `example.com. TXT "hello"`, "example.com", TypeTXT, "v=spf1 -all | site-verification=1 | hello"},
		{"two records given are two", "example.com. TXT \"v=spf1 a\"\nexample.com. TXT \"v=spf1 mx\"", "example.com", TypeTXT, "site-verification=1 | v=spf1 a | v=spf1 mx"},
		{"an empty text takes all away", `example.com. TXT ""`, "example.com", TypeTXT, "NODATA"},
		{"a type given leaves others of its name", `example.com. TXT "v=spf1 a"`, "example.com", TypeMX, "mx.example.com"},
		{"an MX given replaces all", "example.com. MX 5 in.example.net.", "example.com", TypeMX, "in.example.net"},
		{"a record takes the place of an alias", `_dmarc.example.com. TXT "v=DMARC1; p=reject"`, "_dmarc.example.com", TypeTXT, "v=DMARC1; p=reject"},
		{"and nothing else is left of the alias", `_dmarc.example.com. TXT "v=DMARC1; p=reject"`, "_dmarc.example.com", TypeMX, "NODATA"},
		{"an alias takes the place of everything", "example.com. CNAME www.example.com.", "example.com", TypeMX, "-> www.example.com | NODATA"},
		{"an alias given is followed", "new.example.com. CNAME alias.example.com.", "new.example.com", TypeA, "-> alias.example.com | -> www.example.com | 192.0.2.9"},
		{"a published alias leads to what is given", `policy.host.example. TXT "v=DMARC1; p=reject"`, "_dmarc.example.com", TypeTXT, "-> policy.host.example | v=DMARC1; p=reject"},
		{"a loop of aliases is a fault", "a.example. CNAME b.example.\nb.example. CNAME a.example.", "a.example", TypeA, "fault"},
		{"an alias itself can be asked for", "a.example. CNAME b.example.", "a.example", TypeCNAME, "b.example"},
		{"a name given exists", `new.example.com. TXT "x"`, "new.example.com", TypeA, "NODATA"},
		{"so do those above it", `a.b.new.example. TXT "x"`, "b.new.example", TypeA, "NODATA"},
		{"a name beside it does not", `new.example.com. TXT "x"`, "old.example.com", TypeA, "NXDOMAIN"},
		{"a wildcard stands for names that are not there", `*._domainkey.example.com. TXT "v=DKIM1; p="`, "x._domainkey.example.com", TypeTXT, "v=DKIM1; p="},
		{"also far below", `*.example.com. TXT "x"`, "a.b.example.com", TypeTXT, "x"},
		{"it has only its own types", `*.example.com. TXT "x"`, "a.example.com", TypeA, "NODATA"},
		{"it does not stand for a name that is there", `*._domainkey.example.com. TXT "v=DKIM1; p="`, "k1._domainkey.example.com", TypeTXT, "p=AAAA"},
		{"nor below a name given", "*.example.com. TXT \"x\"\nsub.example.com. TXT \"y\"", "a.sub.example.com", TypeTXT, "NXDOMAIN"},
		{"a wildcard alias is followed", "*.example.com. CNAME www.example.com.", "a.example.com", TypeA, "-> www.example.com | 192.0.2.9"},
		{"nor below a name that is published", `*.example.com. TXT "v=spf1 -all"`, "foo.www.example.com", TypeTXT, "NXDOMAIN"},
		{"nor for an alias that leads nowhere", `*.example.com. TXT "v=spf1 -all"`, "lost.example.com", TypeTXT, "-> nowhere.example | NXDOMAIN"},
		{"a published alias may lead below a wildcard given", `*.nowhere.example. TXT "x"`, "gone.example.com", TypeTXT, "-> a.nowhere.example | x"},
		{"blanks around the version's sign don't matter", `blank.example.com. TXT "v=DMARC1; p=reject"`, "blank.example.com", TypeTXT, "v=DMARC1; p=reject"},
		{"a key is replaced without asking", `k.silent.example. A 192.0.2.1` + "\n" + `silent._domainkey.example. TXT "p=x"`, "silent._domainkey.example", TypeTXT, "p=x"},
		{"a key without version is replaced", `k1._domainkey.example.com. TXT "v=DKIM1; p=BBBB"`, "k1._domainkey.example.com", TypeTXT, "v=DKIM1; p=BBBB"},
		{"a fault below stays a fault", `silent.example. TXT "v=spf1 a"`, "silent.example", TypeTXT, "fault"},
		{"but not where everything is given", "silent.example. A 192.0.2.3", "silent.example", TypeA, "192.0.2.3"},
		{"names are told in any case", `WWW.Example.com. A 192.0.2.77`, "www.EXAMPLE.com.", TypeA, "192.0.2.77"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			given, err := ParseZone("given", []byte(tc.given+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			o := NewOverlay(published(t, zone), given)
			if got := shown(o.Lookup(t.Context(), Question{Name: tc.question, Type: tc.typ})); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestOverlayTouches(t *testing.T) {
	given, err := ParseZone("given", []byte("a.example. TXT \"x\"\n*.w.example. TXT \"x\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	o := NewOverlay(published(t, ""), given)
	for name, want := range map[string]bool{"a.example": true, "A.example.": true, "example": false, "x.w.example": true, "w.example": false, "b.example": false} {
		if got := o.Touches(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func ExampleNewOverlay() {
	records, err := ParseZone("planned", []byte(`example.com. TXT "v=spf1 mx -all"`+"\n"))
	if err != nil {
		panic(err)
	}
	today := resolver(func(context.Context, Question) (Answer, error) { return Answer{RCode: NXDomain}, nil })
	answer, err := NewOverlay(today, records).Lookup(context.Background(), Question{Name: "example.com", Type: TypeTXT})
	fmt.Println(answer.Records[0].Text, err)
	// Output: [v=spf1 mx -all] <nil>
}

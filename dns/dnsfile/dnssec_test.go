package dnsfile

import (
	"errors"
	"testing"

	"unspoof/dns"
)

func TestAuthenticatedNames(t *testing.T) {
	v, err := Parse("f", []byte(`
dns:
  A: {mail.example.com: 192.0.2.1, mail.example.net: 192.0.2.2}
  CNAME: {in.example.com: mail.example.com, out.example.com: mail.example.net}
  TLSA:
    _25._tcp.mail.example.com: ["3 1 1 00ff", "2 0 1 ab cd"]
  CAA: {example.com: '0 issue "ca.example"'}
  DS: {example.com: 1 13 2 abcd}
  DNSKEY: {example.com: 257 3 13 AAAA}
  authenticated: [example.com]
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		typ  dns.Type
		n    int
		ad   bool
	}{
		{"mail.example.com", dns.TypeA, 1, true}, {"mail.example.net", dns.TypeA, 1, false},
		{"in.example.com", dns.TypeA, 1, true}, {"out.example.com", dns.TypeA, 1, false},
		{"gone.example.com", dns.TypeA, 0, true}, {"gone.example", dns.TypeA, 0, false}, {"notexample.com", dns.TypeA, 0, false},
		{"_25._tcp.mail.example.com", dns.TypeTLSA, 2, true}, {"example.com", dns.TypeCAA, 1, true},
		{"EXAMPLE.com.", dns.TypeDS, 1, true}, {"example.com", dns.TypeDNSKEY, 1, true},
	} {
		a, err := v.Lookup(t.Context(), dns.Question{Name: tc.name, Type: tc.typ})
		if err != nil || len(a.Records) != tc.n || a.Authenticated != tc.ad {
			t.Errorf("%s %s: %+v, %v", tc.typ, tc.name, a, err)
		}
		for _, r := range a.Records {
			if r.Data() == "" || r.Name == "" {
				t.Errorf("%s: no data: %+v", tc.typ, r)
			}
		}
	}
}

func TestAuthenticatedAlone(t *testing.T) {
	if _, err := Parse("f", []byte("authenticated: [example.com]\n")); err == nil {
		t.Error("a file without any answer was taken")
	}
	v, err := Parse("f", []byte("txt: {example.com: x}\nauthenticated: .\n"))
	if err != nil {
		t.Fatal(err)
	}
	if a, err := v.Lookup(t.Context(), dns.Question{Name: "example.net", Type: dns.TypeTXT}); err != nil || !a.Authenticated {
		t.Errorf("%+v, %v", a, err)
	}
	for _, bad := range []string{"txt: {a.example: x}\nauthenticated: {a: b}\n", "dns: {TLSA: {a.example: [[3, 1, 1]]}}\n", "dns: {TLSA: {a.example: 3 1}}\n"} {
		if _, err := Parse("f", []byte(bad)); err == nil {
			t.Errorf("took %q", bad)
		}
	}
}

func TestDSStandsAtTheParent(t *testing.T) {
	v, err := Parse("f", []byte("$ORIGIN example.\n@ SOA a b 1 2 3 4 5\nsigned NS ns.example.net.\nsigned DS 1 13 2 abcd\nplain NS ns.example.net.\n"))
	if err != nil {
		t.Fatal(err)
	}
	if a, err := v.Lookup(t.Context(), dns.Question{Name: "signed.example", Type: dns.TypeDS}); err != nil || len(a.Records) != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err := v.Lookup(t.Context(), dns.Question{Name: "plain.example", Type: dns.TypeDS}); err != nil || !a.NoData() {
		t.Errorf("%+v, %v", a, err)
	}
	var fault *dns.Error
	if _, err := v.Lookup(t.Context(), dns.Question{Name: "signed.example", Type: dns.TypeDNSKEY}); !errors.As(err, &fault) || fault.Kind != dns.FaultOffline {
		t.Errorf("%v", err)
	}
}

// A recording of before these types had fields, and one with data that is none.
func TestRecordingsOfOtherVersions(t *testing.T) {
	old := `{"format":"unspoof-dns","schema":1,"answers":[{"name":"a.example","type":"TYPE52","rcode":"NOERROR","records":[{"name":"a.example","type":"TYPE52"}]}]}`
	v, err := Parse("f", []byte(old))
	if err != nil {
		t.Fatal(err)
	}
	a, err := v.Lookup(t.Context(), dns.Question{Name: "a.example", Type: dns.TypeTLSA})
	if err != nil || len(a.Records) != 1 || a.Records[0].TLSA != nil || a.Authenticated {
		t.Errorf("%+v, %v", a, err)
	}
	bad := `{"format":"unspoof-dns","schema":1,"answers":[{"name":"a.example","type":"TLSA","rcode":"NOERROR","records":[{"name":"a.example","type":"TLSA","data":"3 1"}]}]}`
	if _, err := Parse("f", []byte(bad)); err == nil {
		t.Error("took data that is none")
	}
}

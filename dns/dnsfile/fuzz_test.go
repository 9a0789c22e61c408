package dnsfile

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"unspoof/dns"
)

func FuzzParse(f *testing.F) {
	f.Add([]byte(zone))
	f.Add([]byte(openspf))
	f.Add([]byte("txt: {a.example: [[a, b], [c]]}\nservfail: [b.example]\nexists: c.example\n---\ndns: {PTR: {192.0.2.1: x}}\n"))
	f.Add([]byte("cases:\n- txt: &a {x: y}\n- txt: *a\n"))
	f.Add([]byte(`{"scenarios":[{"zone":{"a":{"rrs":[{"t":"TXT","s":["x"]}],"timeouts":["A"]}}}]}`))
	f.Add([]byte(`{"format":"unspoof-dns","schema":1,"answers":[{"name":"a\\255","type":"TYPE9","rcode":"NOERROR","records":[{"name":"a","type":"MX","host":""}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.Contains(data, []byte("$GENERATE")) {
			t.Skip("slow, and tested in package dns")
		}
		docs, err := Documents("f", data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "dnsfile: ") {
				t.Errorf("error without prefix: %v", err)
			}
			return
		}
		for _, d := range docs {
			for name := range d.View.nodes {
				for _, typ := range []dns.Type{dns.TypeTXT, dns.TypeA, dns.TypeCNAME} {
					for _, q := range []string{name, "x." + name} {
						a, err := d.View.Lookup(context.Background(), dns.Question{Name: q, Type: typ})
						if err == nil && len(a.Chain) > maxChain && !d.View.literal {
							t.Errorf("%q: %d aliases", q, len(a.Chain))
						}
					}
				}
			}
		}
		Parse("f", data)
	})
}

// FuzzEscape holds that a recording keeps every octet.
func FuzzEscape(f *testing.F) {
	f.Add("a\\065\xff\x00")
	f.Fuzz(func(t *testing.T, s string) {
		if back := dns.Unescape(dns.Escape(s)); back != s {
			t.Errorf("%q came back as %q", s, back)
		}
	})
}

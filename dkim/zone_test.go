package dkim_test

import (
	"context"
	"slices"

	"unspoof/dns"
)

// zone answers TXT questions: owner names in lower case, each with its records
// as character-strings.
type zone struct {
	txt      map[string][][]string
	servfail []string
}

func (z zone) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	name := dns.Canonical(q.Name)
	if err := ctx.Err(); err != nil {
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultCanceled, Err: err}
	}
	if slices.Contains(z.servfail, name) {
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultServFail}
	}
	a := dns.Answer{RCode: dns.NXDomain}
	for _, text := range z.txt[name] {
		a.RCode = dns.NoError
		a.Records = append(a.Records, dns.Record{Name: name, Type: dns.TypeTXT, Text: text})
	}
	return a, nil
}

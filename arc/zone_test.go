package arc_test

import (
	"context"
	"sync/atomic"

	"unspoof/dns"
)

// zone answers TXT questions, one record a name; "servfail" is no answer.
type zone map[string]string

func (z zone) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	name := dns.Canonical(q.Name)
	a := dns.Answer{RCode: dns.NXDomain}
	switch text, ok := z[name]; {
	case text == "servfail":
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultServFail}
	case ok:
		a.RCode = dns.NoError
		a.Records = []dns.Record{{Name: name, Type: dns.TypeTXT, Text: []string{text}}}
	}
	return a, nil
}

// counter counts the questions.
type counter struct {
	dns.Resolver
	asked atomic.Int64
}

func (c *counter) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	c.asked.Add(1)
	return c.Resolver.Lookup(ctx, q)
}

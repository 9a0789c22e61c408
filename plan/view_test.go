package plan

import (
	"context"
	"errors"
	"strings"

	"unspoof/dns"
)

// txtView answers with one TXT record at a name and nothing anywhere else: for
// texts that no zone file could hold.
func txtView(name, text string) (dns.Resolver, error) {
	if len(text) > 1<<12 {
		return nil, errors.New("longer than a record is")
	}
	return view{name, text}, nil
}

type view struct{ name, text string }

func (v view) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	if q.Type != dns.TypeTXT || !strings.EqualFold(strings.TrimSuffix(q.Name, "."), v.name) {
		return dns.Answer{RCode: dns.NXDomain}, nil
	}
	return dns.Answer{Records: []dns.Record{{Name: v.name, Type: dns.TypeTXT, Text: []string{v.text}}}}, nil
}

package spf

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"unspoof/dns"
)

// maxNames is how many names for parts are tried.
const maxNames = 99

// names finds n names below the domain that have no record, and that nothing read
// so far leads to. A name that only has what every name below the domain has is
// free: its own record takes the place of the wildcard's (RFC 4592 section 2.2.1).
func (r *reader) names(domain string, n int) (names []string, unsure bool, err error) {
	if n == 0 {
		return nil, false, r.ctx.Err()
	}
	wildcard, wildcardErr := r.Lookup(r.ctx, dns.Question{Name: nobody(domain), Type: dns.TypeTXT})
	everywhere := wildcardErr == nil && taken(wildcard)
	for i := 1; i <= maxNames && len(names) < n; i++ {
		q := dns.Question{Name: dns.Canonical("_spf" + strconv.Itoa(i) + "." + domain), Type: dns.TypeTXT}
		if r.leads[q.Name] {
			continue
		}
		answer, err := r.Lookup(r.ctx, q)
		if err != nil || !taken(answer) || everywhere && sameTexts(answer, wildcard) {
			names, unsure = append(names, q.Name), unsure || err != nil
		}
	}
	if len(names) < n {
		return nil, false, fmt.Errorf("spf: of _spf1.%s to _spf%d.%s, %d are free; %d are needed: %w", domain, maxNames, domain, len(names), n, ErrNames)
	}
	return names, unsure, r.ctx.Err()
}

// taken reports whether a name has TXT records, or is an alias, beside which
// nothing else may stand (RFC 1034 section 3.6.2).
func taken(a dns.Answer) bool { return !a.Void() || len(a.Chain) > 0 }

// nobody is a name that nobody has, and always the same for a domain, so that a
// recording of the answers holds it.
func nobody(domain string) string {
	h := fnv.New64a()
	h.Write([]byte(domain))
	return "_spf-" + strconv.FormatUint(h.Sum64(), 36) + "." + domain
}

func sameTexts(a, b dns.Answer) bool {
	return slices.Equal(a.Chain, b.Chain) && slices.Equal(textsOf(a), textsOf(b))
}

func textsOf(a dns.Answer) (out []string) {
	for i := range a.Records {
		out = append(out, strings.Join(a.Records[i].Text, ""))
	}
	slices.Sort(out)
	return out
}

// preview answers as DNS would once the records are published.
type preview struct {
	dns.Resolver
	records []Published
}

// Lookup implements dns.Resolver.
func (p preview) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	name := dns.Canonical(q.Name)
	i := slices.IndexFunc(p.records, func(r Published) bool { return r.Name == name })
	if q.Type != dns.TypeTXT || i < 0 {
		return p.Resolver.Lookup(ctx, q)
	}
	return dns.Answer{Records: []dns.Record{{Name: name, Type: dns.TypeTXT, Text: p.records[i].Strings}}}, nil
}

package forensics

import (
	"context"
	"errors"
	"strings"
	"sync"

	"unspoof/dns"
)

// errWithheld says that a question was not put, because its name came out of the
// mail and asking would tell the sender that somebody looks.
var errWithheld = errors.New("not asked: the name comes from the mail")

// maxGranted bounds what one notice can have asked, through long answers.
const maxGranted = 200

// guard is a resolver that lets a question through only if its name is the
// profile's own, was granted (the reporting host's organisation, the reverse
// name of an address that handed mail over, a name of the catalogue), or was
// found in the answer to such a question. It lives for one notice.
type guard struct {
	next dns.Resolver // nil: nothing is asked
	own  []string     // own domains

	mu    sync.Mutex
	names map[string]bool
	trees []string // names with all that is below
}

func newGuard(next dns.Resolver, own []string) *guard {
	return &guard{next: next, own: own}
}

// name grants one name.
func (g *guard) name(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.names == nil {
		g.names = make(map[string]bool)
	}
	if name = canonical(name); name != "" && len(g.names) < maxGranted {
		g.names[name] = true
	}
}

// tree grants a name and all names below it.
func (g *guard) tree(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if name = canonical(name); isHostName(name) && len(g.trees) < maxGranted {
		g.trees = append(g.trees, name)
	}
}

// Lookup asks what was granted; all else is a fault that says so.
func (g *guard) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if g.next == nil {
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultOffline}
	}
	if !g.granted(canonical(q.Name)) {
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultRefused, Err: errWithheld}
	}
	a, err := g.next.Lookup(ctx, q)
	if err == nil {
		g.learn(a)
	}
	return a, err
}

func (g *guard) granted(name string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.names[name] || belowAny(g.own, name) || belowAny(g.trees, name)
}

// learn grants the names that an answer leads to: they come from DNS, not from
// the mail.
func (g *guard) learn(a dns.Answer) {
	for _, r := range a.Records {
		switch r.Type {
		case dns.TypePTR, dns.TypeMX:
			g.name(r.Host)
		case dns.TypeTXT:
			g.learnSPF(strings.Join(r.Text, ""))
		}
	}
}

// learnSPF grants the names in the terms of an SPF record (RFC 7208 section
// 4.6.1). Of a name with macros the part behind the last one is granted with
// all below it.
func (g *guard) learnSPF(record string) {
	terms := strings.Fields(record)
	if len(terms) == 0 || !strings.EqualFold(terms[0], "v=spf1") {
		return
	}
	for _, term := range terms[1:] {
		i := strings.IndexAny(term, ":=")
		if i < 0 {
			continue
		}
		name, _, _ := strings.Cut(term[i+1:], "/")
		if m := strings.LastIndexByte(name, '}'); m >= 0 {
			g.tree(strings.TrimPrefix(name[m+1:], "."))
		} else {
			g.name(name)
		}
	}
}

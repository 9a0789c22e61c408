package spf

import (
	"context"
	"slices"
	"strings"

	"unspoof/dns"
)

// Cost is what a record costs a receiver at worst: when no term matches, so that
// all of them, and all records included, are gone through (RFC 7208 section
// 4.6.4). It is not cut off at the limits.
type Cost struct {
	Lookups int `json:"lookups"` // terms that need DNS; more than 10 are a permerror
	// Voids counts terms that find nothing, for the worse of the two address
	// families; more than 2 are a permerror. A host without IPv6 is void to
	// clients that have it. Names that hang on the message, and the hosts of an
	// mx, aren't asked.
	Voids     int `json:"voids"`
	VoidsIPv4 int `json:"voids_ipv4"`
	VoidsIPv6 int `json:"voids_ipv6"`
	// Loop is true when a record leads back to itself, a permerror for whomever no
	// term before that matches; the way round is counted once.
	Loop bool `json:"loop"`
	// Incomplete is true when DNS did not answer, or the walk was cut off at 100
	// terms; the true numbers may then be higher.
	Incomplete bool   `json:"incomplete"`
	Tree       []Node `json:"tree"`
}

// Node is a term that needs DNS, and those of the record that it leads to.
type Node struct {
	Term    string `json:"term"`
	Target  string `json:"target"`  // the name asked; the domain-spec where that hangs on the message
	Lookups int    `json:"lookups"` // its own and those below
	Note    string `json:"note,omitempty"`
	Nodes   []Node `json:"nodes,omitempty"`
}

// maxMeasured bounds the terms that Measure counts: a forest of includes could
// grow without end.
const maxMeasured = 100

// Measure counts the cost of a record that domain has published or is to publish.
// Included records come from r. An error is a *SyntaxError in record; faults
// further on are notes in the tree.
func Measure(ctx context.Context, r dns.Resolver, domain, record string) (Cost, error) {
	rec, err := Parse(record)
	if err != nil {
		return Cost{}, err
	}
	m := measure{ctx: ctx, resolver: r}
	m.Tree = m.walk(rec, []string{toASCII(strings.TrimSuffix(domain, "."))})
	m.Voids = max(m.VoidsIPv4, m.VoidsIPv6)
	return m.Cost, nil
}

type measure struct {
	Cost
	ctx      context.Context
	resolver dns.Resolver
	named    bool // a %{p} was counted
}

// walk counts the terms of the record of the last domain in path.
func (m *measure) walk(rec *Record, path []string) (nodes []Node) {
	for i := range rec.Terms {
		t := &rec.Terms[i]
		if t.Kind == KindAll {
			return nodes // what follows is never reached, nor is a redirect
		}
		if t.Kind.Counts() && t.Kind != KindRedirect {
			nodes = append(nodes, m.term(t, path))
		}
	}
	if t := rec.Find(KindRedirect); t != nil {
		nodes = append(nodes, m.term(t, path))
	}
	return nodes
}

func (m *measure) term(t *Term, path []string) (n Node) {
	n = Node{Term: t.Text, Target: t.Domain.Text}
	if m.Lookups >= maxMeasured {
		m.Incomplete = true
		n.Note = "not counted: there are too many terms"
		return n
	}
	before := m.Lookups
	defer func() { n.Lookups = m.Lookups - before }()
	m.Lookups++

	domain := path[len(path)-1]
	name, fixed := t.Domain.Name()
	switch {
	case t.Domain.Text == "":
		name = domain
	case !fixed:
		m.countNames(t)
		n.Note = "the name depends on the message"
		return n
	case !askable(name):
		n.Note = "not a name that DNS can hold"
		return n
	}
	n.Target = name
	switch t.Kind {
	case KindInclude, KindRedirect:
		n.Nodes, n.Note = m.follow(name, path)
	case KindA:
		n.Note = m.void(name, dns.TypeA, dns.TypeAAAA)
	case KindMX:
		n.Note = m.void(name, dns.TypeMX, dns.TypeMX)
	case KindExists:
		n.Note = m.void(name, dns.TypeA, dns.TypeA)
	}
	return n
}

// countNames counts the PTR look-up of %{p}, once in all.
func (m *measure) countNames(t *Term) {
	for _, p := range t.Domain.Parts {
		if p.Macro != nil && p.Macro.Letter == "p" && !m.named {
			m.named = true
			m.Lookups++
		}
	}
}

// follow counts the record of an include or redirect.
func (m *measure) follow(name string, path []string) ([]Node, string) {
	if slices.ContainsFunc(path, func(d string) bool { return strings.EqualFold(d, name) }) {
		m.Loop = true
		return nil, "a loop: this record is being read already"
	}
	text, answer, err := Discover(m.ctx, m.resolver, name)
	if err != nil {
		if isFault(err) {
			m.Incomplete = true
		} else if answer.Void() {
			m.VoidsIPv4++
			m.VoidsIPv6++
		}
		return nil, strings.TrimPrefix(err.Error(), "spf: ")
	}
	rec, err := Parse(text)
	if err != nil {
		return nil, strings.TrimPrefix(err.Error(), "spf: ")
	}
	return m.walk(rec, append(path[:len(path):len(path)], name)), ""
}

// void asks what an IPv4 and an IPv6 client would have asked of a term's name.
func (m *measure) void(name string, v4, v6 dns.Type) string {
	empty4, fault := m.empty(name, v4)
	empty6 := empty4
	if v6 != v4 && fault == "" {
		empty6, fault = m.empty(name, v6)
	}
	if empty4 {
		m.VoidsIPv4++
	}
	if empty6 {
		m.VoidsIPv6++
	}
	switch {
	case fault != "":
		m.Incomplete = true
		return "DNS did not answer: " + fault
	case empty4 && empty6:
		return "nothing is there"
	case empty4:
		return "nothing is there for IPv4"
	case empty6:
		return "nothing is there for IPv6"
	}
	return ""
}

func (m *measure) empty(name string, typ dns.Type) (bool, string) {
	answer, err := m.resolver.Lookup(m.ctx, dns.Question{Name: name, Type: typ})
	if err != nil {
		return false, faultWord(err)
	}
	return answer.Void(), ""
}

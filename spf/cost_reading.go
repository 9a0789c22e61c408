package spf

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"unspoof/dns"
)

// Bounds on what reading a record with all that it leads to may take: a forest of
// includes could grow without end. They leave room for a record of 10,000 ranges
// in 400 includes.
const (
	maxReadTerms     = 1000    // terms that count
	maxReadQuestions = 1500    // asked of the resolver, each once
	maxReadOctets    = 1 << 20 // of the text of records, each counted once
)

// reading is a record with all that it leads to, as DNS has it now: the tree that
// costs, cuts and flattened records are made from.
type reading struct {
	domain string // whose record it is
	record
	subs []sub // of the terms that count, in the order of evaluation
}

// sub is a term that needs DNS, with what was found.
type sub struct {
	index int    // of the term in the record
	name  string // asked; the domain-spec where that hangs on the message
	// hangs is true when name or answer hang on the message: a macro, or ptr.
	hangs bool
	// senders is true when the name holds %{o}, and is that for mail of the domain
	// whose own record is read: others may include that, or redirect to it.
	senders bool
	asksPTR bool     // it makes the PTR question, if no term before it has
	inner   *reading // of include and redirect; nil where broken or not known
	hosts   []host   // of a and mx, in the order asked
	hosted  int      // exchangers of an mx, counted beyond the limit too
	void    [2]bool  // by family: its questions find nothing
	err     error    // why it can't be read: a fact, such as ErrNoRecord, or errLoop
	fault   error    // DNS did not answer
	note    string   // for people
}

// host is what the address questions for one host gave.
type host struct {
	name   string
	addrs  [2][]netip.Addr // by family
	asked  [2]bool
	exists bool // it was asked for by exists, for no matter which address
}

var (
	errLoop  = errors.New("a loop: this record is being read already")
	errHosts = errors.New("more mail exchangers than the ten that an mx term may ask for")
	errBound = errors.New("not read: there is too much to read")
)

// reader reads records. It is a dns.Resolver that asks each question once, so that
// all that is worked out from one reading rests on the same answers.
type reader struct {
	ctx      context.Context
	resolver dns.Resolver
	answers  map[dns.Question]reply
	records  map[string]record // scanned, by text
	leads    map[string]bool   // names that an include or redirect leads to
	terms    int
	octets   int
	// cut is true when a bound was met, loop when a record leads back to itself,
	// faulty when DNS did not answer.
	cut, loop, faulty bool
}

type reply struct {
	dns.Answer
	err error
}

func newReader(ctx context.Context, r dns.Resolver) *reader {
	return &reader{ctx: ctx, resolver: r, answers: map[dns.Question]reply{}, records: map[string]record{}, leads: map[string]bool{}}
}

// Lookup implements dns.Resolver.
func (r *reader) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	q.Name = dns.Canonical(q.Name)
	if a, ok := r.answers[q]; ok {
		return a.Answer, a.err
	}
	if len(r.answers) >= maxReadQuestions {
		r.cut = true
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultRefused, Err: errBound}
	}
	var a reply
	if a.Answer, a.err = r.resolver.Lookup(ctx, q); a.err != nil {
		if e := (*dns.Error)(nil); errors.As(a.err, &e) && e.Kind == dns.FaultName {
			a = reply{Answer: dns.Answer{RCode: dns.NXDomain}} // as a check takes it
		}
	}
	r.answers[q] = a
	return a.Answer, a.err
}

func (r *reader) ask(name string, typ dns.Type) (dns.Answer, error) {
	a, err := r.Lookup(r.ctx, dns.Question{Name: name, Type: typ})
	if err != nil {
		r.faulty = true
	}
	return a, err
}

// read reads the record of a domain from its text.
func (r *reader) read(domain, text string) (*reading, error) {
	rec, err := r.scan(text)
	if err != nil {
		return nil, err
	}
	domain = toASCII(strings.TrimSuffix(domain, "."))
	return r.walk(rec, []string{domain}), nil
}

func (r *reader) scan(text string) (record, error) {
	if rec, ok := r.records[text]; ok {
		return rec, nil
	}
	if r.octets += len(text); r.octets > maxReadOctets {
		r.cut = true
		return record{}, errBound
	}
	var rec record
	if _, err := scan(text, nil, &rec); err != nil {
		return record{}, err
	}
	r.records[text] = rec
	return rec, nil
}

// walk reads what the terms of the record of the last domain in path lead to.
func (r *reader) walk(rec record, path []string) *reading {
	out := &reading{domain: path[len(path)-1], record: rec}
	for i := range rec.terms {
		switch t := &rec.terms[i]; {
		case t.kind == KindAll:
			return out // what follows is never reached, nor is a redirect
		case t.kind.Counts() && t.kind != KindRedirect:
			if !r.take() {
				return out
			}
			out.subs = append(out.subs, r.sub(rec.text, t, i, path))
		}
	}
	if i := rec.redirect; i >= 0 && r.take() {
		out.subs = append(out.subs, r.sub(rec.text, &rec.terms[i], i, path))
	}
	return out
}

// take counts a term, if there is room for it.
func (r *reader) take() bool {
	if r.terms >= maxReadTerms {
		r.cut = true
		return false
	}
	r.terms++
	return true
}

func (r *reader) sub(text string, t *term, index int, path []string) (s sub) {
	domain := path[len(path)-1]
	s = sub{index: index, name: domain}
	if t.from < t.to {
		s.name = strings.TrimSuffix(text[t.from:t.to], ".")
	}
	if t.flags&flagMacro != 0 && !s.expand(text[t.from:t.to], path) {
		s.hangs = true
		s.note = "the name depends on the message"
		return s
	}
	if !askable(s.name) {
		if s.note = "not a name that DNS can hold"; s.name == "" {
			s.note = "the domain that is meant is not given"
		}
		if t.kind == KindInclude || t.kind == KindRedirect {
			s.err = ErrDomain
		}
		return s
	}
	switch t.kind {
	case KindInclude, KindRedirect:
		r.follow(&s, path)
	case KindA:
		s.hosts = []host{r.host(&s, s.name)}
	case KindMX:
		r.exchangers(&s)
	case KindExists:
		r.exists(&s)
	case KindPTR:
		s.hangs, s.asksPTR = true, true
		return s
	}
	s.describe()
	return s
}

// follow reads the record of an include or redirect.
func (r *reader) follow(s *sub, path []string) {
	if slices.ContainsFunc(path, func(d string) bool { return strings.EqualFold(d, s.name) }) {
		r.loop, s.err = true, errLoop
		return
	}
	r.leads[dns.Canonical(s.name)] = true
	answer, err := r.ask(s.name, dns.TypeTXT)
	if err != nil {
		s.fault = err
		return
	}
	strs, n := selectRecord(answer.Records)
	switch {
	case n == 0:
		s.void = [2]bool{answer.Void(), answer.Void()}
		s.err = fmt.Errorf("%s: %w", s.name, ErrNoRecord)
	case n > 1:
		s.err = fmt.Errorf("%s: %d: %w", s.name, n, ErrSeveralRecords)
	default:
		rec, err := r.scan(strings.Join(strs, ""))
		switch {
		case errors.Is(err, errBound):
			s.fault = err
		case err != nil:
			s.err = err
		default:
			s.inner = r.walk(rec, append(path[:len(path):len(path)], s.name))
		}
	}
}

// host asks for the addresses of both families.
func (r *reader) host(s *sub, name string) host {
	h := host{name: name}
	for f := range h.addrs {
		answer, err := r.ask(name, family(f).query())
		if err != nil {
			s.fault = err
			continue
		}
		h.asked[f] = true
		if answer.Void() {
			s.void[f] = true
		}
		for i := range answer.Records {
			if a := answer.Records[i].Addr; a.BitLen() == 32<<(2*f) {
				h.addrs[f] = append(h.addrs[f], a)
			}
		}
	}
	return h
}

// exchangers asks for the addresses of each mail exchanger (RFC 7208 section
// 5.4).
func (r *reader) exchangers(s *sub) {
	answer, err := r.ask(s.name, dns.TypeMX)
	if err != nil {
		s.fault = err
		return
	}
	if answer.Void() {
		s.void = [2]bool{true, true}
	}
	if s.hosted = len(answer.Records); s.hosted > maxHosts { // section 4.6.4
		s.err = errHosts
		s.note = s.name + " has " + strconv.Itoa(s.hosted) + " mail exchangers, more than the ten that an mx term may ask for"
		return
	}
	for i := range answer.Records {
		if name := answer.Records[i].Host; askable(name) { // else a null MX (RFC 7505)
			s.hosts = append(s.hosts, r.host(s, name))
		}
	}
}

func (r *reader) exists(s *sub) {
	answer, err := r.ask(s.name, dns.TypeA)
	switch {
	case err != nil:
		s.fault = err
	case answer.Void():
		s.void = [2]bool{true, true}
	default:
		s.hosts = []host{{name: s.name, exists: true}} // it matches every client: section 5.7
	}
}

// describe says in words what went wrong, if anything.
func (s *sub) describe() {
	switch {
	case s.note != "":
	case s.fault != nil && !errors.Is(s.fault, errBound):
		s.note = "DNS did not answer: " + faultWord(s.fault)
	case s.fault != nil:
		s.note = errBound.Error()
	case s.err != nil:
		s.note = strings.TrimPrefix(s.err.Error(), "spf: ")
	case s.void[ipv4] && s.void[ipv6]:
		s.note = "nothing is there"
	case s.void[ipv4]:
		s.note = "nothing is there for IPv4"
	case s.void[ipv6]:
		s.note = "nothing is there for IPv6"
	}
}

package posture

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"unspoof/dns"
	"unspoof/spf"
)

// Limits of Shared. A scanned record takes up to sixteen times its text.
const (
	sharedRecords = 1 << 14
	sharedOctets  = 2 << 20
)

// Shared keeps the SPF records of the names that domains include, scanned, so
// that a name which thousands of domains include is asked and read once. It has
// no clock: what it holds stands as long as it lives, so make one for each run
// over a list of domains. A record from it counts against the limit of questions
// as if it had been asked, so that no report hangs on which domains came before. It holds at most 16384 records and 2 MiB of their
// text, and drops any of them for a new one. Faults of DNS are not kept. Safe
// for concurrent use; the zero value is ready.
type Shared struct {
	mu     sync.RWMutex
	held   map[string]*sharedRecord
	octets int
}

// sharedRecord is what a name said: a record, or why there is none.
type sharedRecord struct {
	record *spf.Record
	answer dns.Answer
	err    error
	size   int
}

func (s *Shared) get(name string) *sharedRecord {
	if s == nil {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.held[name]
}

func (s *Shared) put(name string, r *sharedRecord) {
	if s == nil {
		return
	}
	r.size = len(name)
	for _, rec := range r.answer.Records {
		for _, text := range rec.Text {
			r.size += len(text)
		}
	}
	if r.size > sharedOctets/64 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == nil {
		s.held = map[string]*sharedRecord{}
	}
	if s.held[name] != nil {
		return
	}
	s.held[name] = r
	s.octets += r.size
	for old, o := range s.held { // in no order: any may go
		if len(s.held) <= sharedRecords && s.octets <= sharedOctets {
			return
		}
		delete(s.held, old)
		s.octets -= o.size
	}
}

// reader reads the SPF records of other names.
type reader struct {
	ask    *asker
	via    dns.Resolver // with the limit on questions
	shared *Shared
}

// record gives the record of a name in lower case; its error is that of
// spf.Discover or spf.Parse.
func (r reader) record(ctx context.Context, name string) (*spf.Record, dns.Answer, error) {
	if held := r.shared.get(name); held != nil {
		if err := r.ask.adopt(dns.Question{Name: name, Type: dns.TypeTXT}, held.answer); err != nil {
			return nil, dns.Answer{}, err
		}
		return held.record, held.answer, held.err
	}
	text, answer, err := spf.Discover(ctx, r.via, name)
	if isFault(err) {
		return nil, answer, err
	}
	var rec *spf.Record
	if err == nil {
		rec, err = spf.Parse(text)
	}
	r.shared.put(name, &sharedRecord{record: rec, answer: answer, err: err})
	return rec, answer, err
}

// maxCounted bounds the terms that count goes through: a forest of includes
// could grow without end.
const maxCounted = 100

// count counts the look-ups of a record as spf.Measure does, by the terms alone:
// no address is asked, so it tells nothing of voids.
func (r reader) count(ctx context.Context, rec *spf.Record, domain string) (cost spf.Cost) {
	cost.Tree = r.countTerms(ctx, &cost, rec, []string{domain})
	return cost
}

func (r reader) countTerms(ctx context.Context, cost *spf.Cost, rec *spf.Record, path []string) (nodes []spf.Node) {
	redirects := true
	for i := range rec.Terms {
		t := &rec.Terms[i]
		if t.Kind == spf.KindAll {
			redirects = false // nor is what follows ever reached
			break
		}
		if t.Kind.Counts() && t.Kind != spf.KindRedirect {
			nodes = append(nodes, r.countTerm(ctx, cost, t, path))
		}
	}
	if t := rec.Find(spf.KindRedirect); t != nil && redirects {
		nodes = append(nodes, r.countTerm(ctx, cost, t, path))
	}
	return nodes
}

func (r reader) countTerm(ctx context.Context, cost *spf.Cost, t *spf.Term, path []string) (n spf.Node) {
	n = spf.Node{Term: t.Text, Target: t.Domain.Text}
	if cost.Lookups >= maxCounted {
		cost.Incomplete = true
		return n
	}
	before := cost.Lookups
	defer func() { n.Lookups = cost.Lookups - before }()
	cost.Lookups++
	name, fixed := t.Domain.Name()
	if !fixed || t.Kind != spf.KindInclude && t.Kind != spf.KindRedirect {
		return n
	}
	name = strings.ToLower(name)
	if slices.Contains(path, name) {
		cost.Loop = true
		n.Note = "a loop: this record is being read already"
		return n
	}
	next, _, err := r.record(ctx, name)
	switch {
	case isFault(err):
		cost.Incomplete = true
	case errors.Is(err, spf.ErrNoRecord):
		n.Note = "no SPF record"
	case err == nil:
		n.Nodes = r.countTerms(ctx, cost, next, append(path[:len(path):len(path)], name))
	}
	return n
}

package auth

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"unspoof/dkim"
	"unspoof/dns"
)

// What one message may ask. A share is for one part alone; the rest, for HELO, for
// ARC and for DMARC's identifiers, is taken by whoever comes first. Ordinary mail
// asks about ten questions.
const (
	// maxQuestions is the sum of all.
	maxQuestions = 300
	// spfQuestions is the most that RFC 7208 section 4.6.4 allows: the record,
	// ten terms with ten hosts each, %{p} and an explanation.
	spfQuestions = 124
	// discoverQuestions is the most that one author's policy takes: the walk of
	// RFC 9989 section 4.10, and whether the domain exists.
	discoverQuestions = 9
	// commonQuestions is what the shares leave.
	commonQuestions = maxQuestions - spfQuestions - dkim.DefaultSignatures - maxAuthors*discoverQuestions
)

// errBudget is why a question was not asked.
var errBudget = errors.New("the message wants more DNS questions than are asked for one")

// budget is what all questions of one message are drawn from. It remembers the
// answers, faults too, so that none is asked twice.
type budget struct {
	resolver dns.Resolver
	common   atomic.Int64 // questions left for everybody
	asked    atomic.Int64
	refused  atomic.Int64

	mu    sync.Mutex
	known map[dns.Question]*reply
}

// reply is an answer, or will be one once done is closed.
type reply struct {
	done   chan struct{}
	answer dns.Answer
	err    error
}

func newBudget(r dns.Resolver) *budget {
	b := &budget{resolver: r, known: make(map[dns.Question]*reply)}
	b.common.Store(commonQuestions)
	return b
}

// share is a resolver with questions of its own, before those for everybody.
type share struct {
	*budget
	own atomic.Int64
}

func (b *budget) share(own int64) *share {
	s := &share{budget: b}
	s.own.Store(own)
	return s
}

// Lookup implements dns.Resolver.
func (s *share) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	key := dns.Question{Name: dns.Canonical(q.Name), Type: q.Type}
	s.mu.Lock()
	r, ok := s.known[key]
	if !ok {
		if s.own.Add(-1) < 0 && s.common.Add(-1) < 0 {
			s.mu.Unlock()
			s.refused.Add(1)
			return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultCanceled, Err: errBudget}
		}
		r = &reply{done: make(chan struct{})}
		s.known[key] = r
	}
	s.mu.Unlock()
	if !ok {
		s.asked.Add(1)
		r.answer, r.err = s.resolver.Lookup(ctx, q)
		close(r.done)
	}
	// The one who asks has the same context, and so the same end.
	<-r.done
	return r.answer, r.err
}

package spf

import (
	"context"
	"strings"
	"sync"

	"unspoof/dns"
)

// Checker evaluates SPF. It is safe for concurrent use as long as its fields
// aren't changed.
type Checker struct {
	Resolver dns.Resolver // required
	Cache    *Cache       // of scanned records; nil: each is scanned anew
	Trace    bool         // fill Result.Trace

	MaxLookups int // terms that need DNS; 0: 10, as RFC 7208 section 4.6.4 demands
	MaxVoids   int // terms that find nothing; 0: 2, as it recommends; below 0: none
}

// Check evaluates check_host() (RFC 7208 section 4) for one client. Its deadline
// is that of ctx, for which section 4.6.4 asks at least 20 seconds; a check that
// ctx ends gives temperror.
func (c *Checker) Check(ctx context.Context, a Args) (r Result) {
	e := evaluation{cache: c.Cache, tracing: c.Trace}
	e.ctx, e.done, e.resolver = ctx, ctx.Done(), c.Resolver
	e.maxLookups, e.maxVoids = defaultLookups, defaultVoids
	if c.MaxLookups > 0 {
		e.maxLookups = c.MaxLookups
	}
	if c.MaxVoids != 0 {
		e.maxVoids = max(c.MaxVoids, 0)
	}

	if e.tracing {
		e.scratch()
	}
	r.Result = None
	if e.cause = e.identify(a); e.cause == "" {
		r.Result = e.checkHost(e.origin)
	}
	switch r.Result {
	case None, TempError, PermError:
		r.Cause = e.cause
	}
	r.Explanation = e.explanation
	r.Lookups, r.Voids = e.lookups, e.voids
	r.Domain, r.Record, r.Mechanism = strings.ToLower(e.origin), e.record, e.mechanism
	if c.Trace {
		r.Trace = e.trace()
	}
	if e.space != nil {
		e.space.release()
	}
	return r
}

// evaluation is the state of one check.
type evaluation struct {
	budget
	identity
	cache *Cache

	// The call of check_host at hand.
	domain     string // %{d}
	depth      int    // of includes
	used       int    // terms in scratch that belong to it and those around it
	explaining bool   // it is over; look-ups don't count any more

	ptr   clientNames
	space *scratch // nil until needed

	tracing bool
	current int // index of the step of the term at hand
	leftOut int // steps

	explanation, record, mechanism string
}

// scratch is space that a check needs and the next one can use again.
type scratch struct {
	terms []term // of the records scanned, one after the other
	buf   []byte // of a name
	steps []Step
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func (e *evaluation) scratch() *scratch {
	if e.space == nil {
		e.space = scratches.Get().(*scratch)
	}
	return e.space
}

// What may be kept for the next check; more comes from hostile records.
const (
	keptTerms = 1 << 10
	keptBytes = 1 << 14
	keptSteps = 1 << 8
)

func (s *scratch) release() {
	if cap(s.terms) > keptTerms {
		s.terms = nil
	}
	if cap(s.buf) > keptBytes {
		s.buf = nil
	}
	if clear(s.steps); cap(s.steps) > keptSteps {
		s.steps = nil
	}
	s.steps = s.steps[:0]
	scratches.Put(s)
}

package spf

import (
	"context"
	"strconv"
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
func (c *Checker) Check(ctx context.Context, a Args) Result {
	e := evaluations.Get().(*evaluation)
	defer e.release()
	e.budget = budget{ctx: ctx, resolver: c.Resolver, maxLookups: defaultLookups, maxVoids: defaultVoids}
	if c.MaxLookups > 0 {
		e.maxLookups = c.MaxLookups
	}
	if c.MaxVoids != 0 {
		e.maxVoids = max(c.MaxVoids, 0)
	}
	e.cache, e.tracing = c.Cache, c.Trace

	word := None
	if e.cause = e.identify(a); e.cause == "" {
		if c.Resolver == nil {
			word, e.cause = TempError, "no resolver was given to ask DNS"
		} else {
			e.unix = "0"
			if !a.Time.IsZero() {
				e.unix = strconv.FormatInt(a.Time.Unix(), 10)
			}
			word = e.checkHost(e.origin)
		}
	}
	r := Result{
		Result:      word,
		Explanation: e.explanation,
		Lookups:     e.lookups,
		Voids:       e.voids,
		Domain:      strings.ToLower(e.origin),
		Record:      e.record,
		Mechanism:   e.mechanism,
	}
	switch word {
	case None, TempError, PermError:
		r.Cause = e.cause
	}
	if c.Trace {
		r.Trace = append(make([]Step, 0, len(e.steps)), e.steps...)
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
	explaining bool   // it is over; look-ups don't count any more

	terms []term // of records scanned for this check, one after the other
	buf   []byte // scratch for names
	ptr   clientNames

	tracing bool
	steps   []Step
	current int // index of the step of the term at hand

	explanation, record, mechanism string
}

// evaluations keeps the scratch space of checks that are over, nothing else.
var evaluations = sync.Pool{New: func() any { return new(evaluation) }}

// What a check may leave in the pool; more comes from hostile records.
const (
	keptTerms = 1 << 10
	keptBytes = 1 << 14
	keptSteps = 1 << 8
)

func (e *evaluation) release() {
	terms, buf, steps := e.terms[:0], e.buf[:0], e.steps
	if cap(terms) > keptTerms {
		terms = nil
	}
	if cap(buf) > keptBytes {
		buf = nil
	}
	if clear(steps); cap(steps) > keptSteps {
		steps = nil
	}
	*e = evaluation{terms: terms, buf: buf, steps: steps[:0]}
	evaluations.Put(e)
}

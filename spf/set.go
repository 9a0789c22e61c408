package spf

import (
	"context"
	"fmt"

	"unspoof/dns"
)

// Set says of every IPv4 and every IPv6 address what a record makes of it, as
// ranges: what a Checker would say of each client, without asking it about each.
//
// What a range's result hangs on is resolved as far as it is the same for all
// messages: %{d} and %{o} stand for the domains, %{v} for the family, and an
// exists whose name they make is asked. A term whose name holds %{s}, %{l},
// %{i}, %{h} or %{p}, and every ptr, stays symbolic: it is named, with the
// clients for whom it may be asked, and the ranges behind it say so in Unless.
type Set struct {
	Domain string `json:"domain"` // A-labels
	Record string `json:"record"` // "" where there is none
	// Ranges are disjoint, in ascending order, all of IPv4 first and then all of
	// IPv6. Adjoining ranges differ in some field.
	Ranges   []SetRange `json:"ranges"`
	Sources  []Source   `json:"sources"`
	Symbolic []Symbolic `json:"symbolic"` // in the order in which a receiver comes to them
	// Incomplete says why the walk was cut off, "" where it was not: a bound of
	// terms, records, depth or questions. What hangs on the rest is Unknown.
	Incomplete string `json:"incomplete,omitempty"`

	maxLookups, maxVoids int
	own                  []ownTerm                 // for Shadows
	answers              map[dns.Question]answered // where Equal needs them
}

// SetArgs says whose record is to be read.
type SetArgs struct {
	// Domain has or is to have the record. It may be "" where Record means no
	// domain by its terms (no bare a, mx or ptr, no %{d}, no %{o}).
	Domain   string
	Record   string       // the text, not yet published, say; "": the published one
	Resolver dns.Resolver // required
	// MaxLookups and MaxVoids are those of a Checker: 0 means 10 and 2.
	MaxLookups, MaxVoids int
}

// Unknown is the result in a Set where there can be none: it hangs on the
// message (redirect= with macros), or the walk was cut off. check_host never
// gives it. Where DNS did not answer, the result is TempError.
const Unknown Word = "unknown"

// Reading is one of two ways to read a record.
type Reading uint8

// The readings. Receivers keep to the limits of RFC 7208 section 4.6.4: ten
// look-ups, two of them void, ten hosts of an mx; what goes past them is a
// permerror for the clients that come so far.
const (
	WithLimits Reading = iota // as receivers read it
	AsWritten                 // what the record would authorise without limits
)

// SetRange is a range of clients to which the same happens.
type SetRange struct {
	Range Range `json:"range"`
	// Result is what the record says as written, Limited what the limits make
	// of it.
	Result  Word `json:"result"`
	Limited Word `json:"limited"`
	// Source is the term that decides as written, an index in Set.Sources.
	Source int `json:"source"`
	// Lookups and Voids are what the decision costs; more than the limits make
	// Limited a permerror, as Hosts does: an mx on the way has over ten hosts.
	// Counts end at 65,535, which is that of a loop, too.
	Lookups int  `json:"lookups"`
	Voids   int  `json:"voids"`
	Hosts   bool `json:"hosts,omitempty"`
	// Depends says on what else the results hang; nil where they hold for every
	// message.
	Depends *Dependence `json:"depends,omitempty"`
}

// Dependence is what symbolic terms make of a range. It may be shared by ranges;
// it must not be changed.
type Dependence struct {
	// Unless lists the symbolic terms that may be asked about these clients, as
	// indices in Set.Symbolic. The results of the range hold where none of them
	// matches (an exists then finds nothing and is a void; a, mx, ptr and include
	// are taken to find something that does not match). May and MayLimited are the
	// further results that some message could have, faults of DNS in symbolic terms
	// left aside.
	Unless     []int  `json:"unless"`
	May        []Word `json:"may"`
	MayLimited []Word `json:"may_limited"`
}

// Word is the result under a reading.
func (r *SetRange) Word(reading Reading) Word {
	if reading == AsWritten {
		return r.Result
	}
	return r.Limited
}

// May gives the further results under a reading, nil where there are none.
func (r *SetRange) May(reading Reading) []Word {
	switch {
	case r.Depends == nil:
		return nil
	case reading == AsWritten:
		return r.Depends.May
	}
	return r.Depends.MayLimited
}

// Unless gives the symbolic terms on which the results hang, as indices in
// Set.Symbolic.
func (r *SetRange) Unless() []int {
	if r.Depends == nil {
		return nil
	}
	return r.Depends.Unless
}

// Source is a term that decides, in the record where it stands.
type Source struct {
	Domain string `json:"domain"` // whose record it is
	Term   string `json:"term"`   // as written; "" is the neutral end of a record, or that there is none
	Span   Span   `json:"span"`   // of Term in the record of Domain
	// Parent is the include or redirect that led to the record, an index in
	// Set.Sources, or -1 in the record of Set.Domain.
	Parent int    `json:"parent"`
	Cause  string `json:"cause,omitempty"` // of a none, temperror or permerror, or of an Unknown
}

// Symbolic is a term whose outcome hangs on the message or on the client's
// names.
type Symbolic struct {
	Source int    `json:"source"` // in Set.Sources
	Kind   Kind   `json:"kind"`
	Spec   string `json:"spec"` // its domain-spec, macros that are known filled in
	// Result is what the whole record says where the term matches; "" where
	// that only ends an included record without a match, so that later terms
	// decide, and for a redirect.
	Result Word `json:"result,omitempty"`
	// Ranges are the clients for whom the term may be asked.
	Ranges []Range `json:"ranges"`

	decides bool   // a match settles the result of the whole record
	prefer  string // with %{p}, the domain whose names it prefers (RFC 7208 section 7.3)
}

// Sets reads the record of a domain as ranges of addresses. A record that is
// missing, broken or unanswered gives a set, too: none, permerror or temperror
// for everybody. The order of hosts in an answer counts where a look-up of one
// of them fails, as it does for receivers. Clients in ::ffff:0:0/96 are IPv4
// clients to receivers (RFC 7208 section 5); the ranges there say what the record
// has for the IPv6 addresses.
//
// The error is, or wraps, ErrDomain, or that of ctx.
func Sets(ctx context.Context, a SetArgs) (*Set, error) {
	domain, cause := fullName(a.Domain)
	if cause != "" && (a.Domain != "" || a.Record == "") {
		return nil, fmt.Errorf("spf: %s: %w", cause, ErrDomain)
	}
	s := &Set{Domain: domain, maxLookups: defaultLookups, maxVoids: defaultVoids}
	if a.MaxLookups > 0 {
		s.maxLookups = a.MaxLookups
	}
	if a.MaxVoids != 0 {
		s.maxVoids = max(a.MaxVoids, 0)
	}
	w := &walk{ctx: ctx, resolver: a.Resolver, answers: map[dns.Question]answered{}, causes: []string{""}, conds: newConditions(s.maxLookups, s.maxVoids)}
	w.expander.origin = domain
	w.space = setSpaces.Get().(*setSpace)
	w.sources = w.space.sources
	defer func() {
		w.space.sources = w.sources
		w.space.release()
	}()
	var m familyMaps
	if a.Record != "" {
		w.enter(read{domain: domain, parent: -1})
		m = w.text(a.Record, effect{own: true})
	} else {
		m = w.record(domain, -1, effect{own: true})
	}
	if w.expander.space != nil {
		w.expander.space.release()
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("spf: %w", err)
	}
	s.take(w, m)
	return s, nil
}

// Path gives the sources that lead to source i: the term of the set's own record
// first, i last.
func (s *Set) Path(i int) []Source {
	n := 0
	for j := i; j >= 0; j = s.Sources[j].Parent {
		n++
	}
	path := make([]Source, n)
	for j := i; j >= 0; j = s.Sources[j].Parent {
		n--
		path[n] = s.Sources[j]
	}
	return path
}

// Own gives the index of the term of the set's own record that leads to source i.
func (s *Set) Own(i int) int {
	for s.Sources[i].Parent >= 0 {
		i = s.Sources[i].Parent
	}
	return i
}

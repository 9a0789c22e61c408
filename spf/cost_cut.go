package spf

import (
	"cmp"
	"context"
	"errors"
	"math/bits"
	"slices"

	"unspoof/dns"
)

// Cut is a way to bring a record within the limits: own terms to remove, or to move
// to the record of a subdomain that the mail then is sent from.
type Cut struct {
	Terms []CutTerm `json:"terms"`
	// Lookups and Voids are what the record costs without them.
	Lookups int `json:"lookups"`
	Voids   int `json:"voids"`
	// Lost counts the addresses that may send now (limits aside) and could no
	// longer; Gained those that could then. Unknown is true where a term's senders
	// hang on the message, so that more are lost, or gained.
	Lost    Tally `json:"lost"`
	Gained  Tally `json:"gained"`
	Unknown bool  `json:"unknown"`
}

// CutTerm is a term of a cut.
type CutTerm struct {
	Term    string `json:"term"`
	Span    Span   `json:"span"`
	Lookups int    `json:"lookups"` // that it alone saves
	Voids   int    `json:"voids"`   // of the worse family
	// Lost counts the addresses that nothing else in the record lets in.
	Lost Tally `json:"lost"`

	index int // in reading.subs
}

// Cuts gives the cheapest ways to bring a record within the limits of RFC 7208
// section 4.6.4, none where it is within them (see Cost.WithinUnlisted): first those that lose no address,
// then those with the fewest terms, at most five. Another way with as many terms
// loses as many addresses or more, and no way here has a term that need not go.
// All ways are tried where the record has up to 20 terms that need DNS; beyond
// that one way is given that need not be the best. The error is a *SyntaxError in
// record, or wraps DNS's when it did not answer.
func Cuts(ctx context.Context, r dns.Resolver, domain, record string) ([]Cut, error) {
	reader := newReader(ctx, r)
	read, err := reader.read(domain, record)
	if err == nil {
		err = reader.fault()
	}
	if err != nil {
		return nil, err
	}
	return reader.cuts(read, reader.cost(read)), nil
}

// Bounds on the search.
const (
	maxExact    = 20      // terms up to which all ways are tried: a million at worst
	maxWeighed  = 1 << 16 // of these, ways whose loss is counted
	maxCutsSeen = 5       // that are worth a look
)

// cuts searches for the ways to bring what was read within the limits.
func (r *reader) cuts(read *reading, cost Cost) []Cut {
	if cost.WithinUnlisted() || len(read.subs) == 0 {
		return []Cut{}
	}
	s := &search{read: read, cost: cost, vague: map[int]bool{}, denies: map[int]bool{}, lookups: make([]lookups, len(read.subs))}
	for i := range read.subs {
		s.lookups[i] = lookupsOf(read, &read.subs[i])
		if sub := &read.subs[i]; sub.hosted > maxHosts || sub.faulty() {
			s.must |= 1 << min(i, maxExact)
		}
	}
	s.weigh(read)
	for i := range s.fates {
		for _, v := range s.fates[i].via {
			s.denies[v.sub] = s.denies[v.sub] || v.word != Pass
		}
	}
	if len(read.subs) > maxExact {
		return []Cut{s.greedy()}
	}
	return s.exact()
}

// faulty reports a loop, or too many exchangers, at or below a term.
func (s *sub) faulty() bool {
	return errors.Is(s.err, errLoop) || errors.Is(s.err, errHosts) || s.inner != nil &&
		slices.ContainsFunc(s.inner.subs, func(below sub) bool { return below.faulty() })
}

// search is for sets of own terms, as bits or numbers in read.subs.
type search struct {
	read    *reading
	cost    Cost
	lookups []lookups // of the own terms
	must    uint      // terms that no cut can do without
	fates   []fate
	vague   map[int]bool // terms by which more may pass, depending on the message
	denies  map[int]bool // terms that keep somebody out
	unknown bool         // the fates are not all
}

// over reports whether the record without the terms is over a limit.
func (s *search) over(without func(i int) bool) bool {
	lookups, void4, void6 := s.left(without)
	voids := max(void4, void6)
	for i := range s.lookups {
		if !without(i) {
			voids += s.lookups[i].unlisted
		}
	}
	return lookups > defaultLookups || voids > defaultVoids
}

func (s *search) left(without func(i int) bool) (lookups, void4, void6 int) {
	named := false
	for i := range s.cost.Tree {
		if n := &s.cost.Tree[i]; !without(i) {
			l := &s.lookups[i]
			if lookups += l.first; named {
				lookups += l.later - l.first
			}
			named = named || l.named
			void4 += n.VoidsIPv4
			void6 += n.VoidsIPv6
		}
	}
	return lookups, void4, void6
}

// lookups is what a term costs as the first of those that ask for the client's
// names, and what behind such a one: that question is made once.
type lookups struct {
	first, later int
	named        bool // it asks
	unlisted     int  // see Cost
}

func lookupsOf(read *reading, t *sub) (l lookups) {
	fresh, told := counter{}, counter{named: true}
	l.first, l.later = fresh.node(read, t).Lookups, told.node(read, t).Lookups
	l.named, l.unlisted = fresh.named, fresh.unlisted
	return l
}

func within(mask uint) func(int) bool { return func(i int) bool { return mask>>i&1 != 0 } }

// exact tries all sets, but those with a term too many.
func (s *search) exact() []Cut {
	n := len(s.read.subs)
	var found []uint
	var try func(i int, mask uint)
	try = func(i int, mask uint) {
		switch {
		case !s.over(within(mask)):
			if s.needed(mask) {
				found = append(found, mask)
			}
		case i < n && !s.over(within(mask|(1<<n-1<<i))): // else the rest can't save it
			try(i+1, mask|1<<i)
			if s.must>>i&1 == 0 {
				try(i+1, mask)
			}
		}
	}
	try(0, s.must)
	slices.SortStableFunc(found, func(a, b uint) int { return cmp.Compare(bits.OnesCount(a), bits.OnesCount(b)) })
	best := map[int]Cut{}
	for _, mask := range found[:min(len(found), maxWeighed)] {
		c := s.cut(within(mask))
		if b, ok := best[len(c.Terms)]; !ok || c.harm(&b) < 0 {
			best[len(c.Terms)] = c
		}
	}
	out := []Cut{}
	for size := range n + 1 { // more terms only where they lose less
		c, ok := best[size]
		if ok && (len(out) == 0 || c.harm(&out[len(out)-1]) < 0) {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Cut) int { return cmp.Compare(a.harmful(), b.harmful()) })
	for i := range out[:min(len(out), maxCutsSeen)] {
		s.describe(&out[i])
	}
	return out[:min(len(out), maxCutsSeen)]
}

// needed reports whether each term of a set is.
func (s *search) needed(mask uint) bool {
	for i := range s.read.subs {
		if bit := uint(1) << i; mask&bit != 0 && s.must&bit == 0 && !s.over(within(mask&^bit)) {
			return false
		}
	}
	return true
}

// greedy takes the dearest terms until the rest is within the limits, and gives
// back what was not needed.
func (s *search) greedy() Cut {
	order := make([]int, len(s.read.subs))
	out := map[int]bool{}
	for i := range order {
		order[i] = i
		out[i] = s.read.subs[i].faulty()
	}
	price := func(i int) int {
		n := &s.cost.Tree[i]
		return n.Lookups + 4*(max(n.VoidsIPv4, n.VoidsIPv6)+s.lookups[i].unlisted) // of which a fifth as many are allowed
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(price(b), price(a)) })
	without := func(i int) bool { return out[i] }
	for _, i := range order {
		if !s.over(without) {
			break
		}
		out[i] = true
	}
	for _, i := range slices.Backward(order) {
		if out[i] && !s.read.subs[i].faulty() {
			out[i] = false
			out[i] = s.over(without)
		}
	}
	c := s.cut(without)
	s.describe(&c)
	return c
}

// harm orders cuts with as many terms: what lets others in is worst, then what
// can't be counted, then what loses most.
func (c *Cut) harm(d *Cut) int {
	return cmp.Or(
		cmp.Compare(c.harmful(), d.harmful()),
		compareTally(c.Gained, d.Gained),
		compareTally(c.Lost, d.Lost),
	)
}

func (c *Cut) harmful() int {
	switch {
	case !c.Gained.IsZero():
		return 3
	case c.Unknown:
		return 2
	case !c.Lost.IsZero():
		return 1
	}
	return 0
}

func compareTally(a, b Tally) int { return cmp.Or(a.IPv4.Compare(b.IPv4), a.IPv6.Compare(b.IPv6)) }

// cut counts what becomes of a record without some terms.
func (s *search) cut(without func(int) bool) (c Cut) {
	c.Unknown = s.unknown
	denied := false // whom a term that goes kept out, one that hangs on the message may then let in
	for i := range s.read.subs {
		if without(i) {
			c.Terms = append(c.Terms, CutTerm{index: i})
			c.Unknown = c.Unknown || s.vague[i]
			denied = denied || s.denies[i]
		} else {
			c.Unknown = c.Unknown || denied && s.vague[i]
		}
	}
	c.Lost, c.Gained = s.outcome(without)
	var void4, void6 int
	c.Lookups, void4, void6 = s.left(without)
	c.Voids = max(void4, void6)
	return c
}

// describe fills in the terms of a cut that is shown.
func (s *search) describe(c *Cut) {
	all, _, _ := s.left(func(int) bool { return false })
	for j := range c.Terms {
		i := c.Terms[j].index
		n, t := &s.cost.Tree[i], &s.read.terms[s.read.subs[i].index]
		alone := func(k int) bool { return k == i }
		rest, _, _ := s.left(alone)
		c.Terms[j] = CutTerm{Term: n.Term, Span: Span{int(t.start), int(t.end)}, Lookups: all - rest, Voids: max(n.VoidsIPv4, n.VoidsIPv6), index: i}
		c.Terms[j].Lost, _ = s.outcome(alone)
	}
}

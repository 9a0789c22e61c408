package spf

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// condition is what symbolic terms do to a piece: which of them may be asked, and
// what may happen instead of the piece's own outcome.
type condition struct {
	terms []int32   // in Set.Symbolic, ascending
	other []outcome // ascending, without duplicates
	any   bool      // too much to list: anything may happen
}

// maxOutcomes bounds what is kept apart; there are eight words, and a cost is
// only followed until it is over the limits.
const maxOutcomes = 64

// conditions numbers conditions, so that pieces with the same one are seen to be
// alike. Number 0 is that of no symbolic term.
type conditions struct {
	limits   cost // what is over them need not be counted further
	list     []condition
	numbers  map[string]int32
	joined   map[joinKey]int32
	included map[includeKey]int32
}

type joinKey struct {
	a, b       int32
	outA, outB outcome
}

type includeKey struct {
	inner int32
	match wordCode
}

func newConditions(maxLookups, maxVoids int) *conditions {
	return &conditions{
		limits: cost{lookups: uint16(min(maxLookups+1, endless)), voids: uint16(min(maxVoids+1, endless))},
		list:   make([]condition, 1), numbers: map[string]int32{"": 0},
		joined: map[joinKey]int32{}, included: map[includeKey]int32{},
	}
}

// number gives the number of a condition whose outcomes may be in any order.
func (c *conditions) number(n condition) int32 {
	for i := range n.other {
		o := &n.other[i]
		o.lookups, o.voids = min(o.lookups, c.limits.lookups), min(o.voids, c.limits.voids)
	}
	slices.SortFunc(n.other, func(a, b outcome) int { return cmp.Compare(a.key(), b.key()) })
	n.other = slices.Compact(n.other)
	if len(n.other) > maxOutcomes {
		n.any = true
	}
	if n.any {
		n.other = nil
	}
	var key []byte
	for _, t := range n.terms {
		key = binary.BigEndian.AppendUint32(key, uint32(t))
	}
	if len(n.terms) > 0 {
		key = binary.BigEndian.AppendUint32(key, 1<<31) // no number of a term
	}
	if n.any {
		key = append(key, 1)
	}
	for _, o := range n.other {
		key = binary.BigEndian.AppendUint64(key, o.key())
	}
	if i, ok := c.numbers[string(key)]; ok {
		return i
	}
	i := int32(len(c.list))
	c.list, c.numbers[string(key)] = append(c.list, n), i
	return i
}

func (o outcome) key() uint64 {
	return uint64(o.lookups)<<32 | uint64(o.voids)<<16 | uint64(o.flags)<<8 | uint64(o.word)
}

// then is the condition of a part with condition a and outcome outA, and after it
// one of b and outB.
func (c *conditions) then(a int32, outA outcome, b int32, outB outcome) int32 {
	goes := outA.word == goesOn
	first := &c.list[a]
	further := goes || first.any
	for _, o := range first.other {
		further = further || o.word == goesOn
	}
	if !further {
		return a
	}
	key := joinKey{a, b, outA, outB}
	if n, ok := c.joined[key]; ok {
		return n
	}
	second := &c.list[b]
	n := condition{terms: union(first.terms, second.terms), any: first.any || second.any}
	for _, o := range first.other {
		if n.other = append(n.other, o.then(outB)); o.word == goesOn {
			for _, p := range second.other {
				n.other = append(n.other, o.then(p))
			}
		}
	}
	if goes {
		for _, p := range second.other {
			n.other = append(n.other, outA.then(p))
		}
	}
	i := c.number(n)
	c.joined[key] = i
	return i
}

// within is the condition of an include whose record has condition inner.
func (c *conditions) within(inner int32, match wordCode) int32 {
	if inner == 0 {
		return 0
	}
	key := includeKey{inner, match}
	if n, ok := c.included[key]; ok {
		return n
	}
	in := &c.list[inner]
	n := condition{terms: in.terms, any: in.any}
	for _, o := range in.other {
		n.other = append(n.other, o.within(match))
	}
	i := c.number(n)
	c.included[key] = i
	return i
}

// within is what an include makes of the result of its record (RFC 7208 section
// 5.2).
func (o outcome) within(match wordCode) outcome {
	o.cost = cost{lookups: 1}.then(o.cost)
	switch o.word {
	case codePass:
		o.word = match
	case codeFail, codeSoftFail, codeNeutral:
		o.word = goesOn
	case codeNone:
		o.word = codePermError
	}
	return o
}

func union(a, b []int32) []int32 {
	if len(b) == 0 {
		return a
	}
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

package spf

import (
	"cmp"
	"slices"
)

// Of gives the ranges with a result under a reading, adjoining ones merged.
// Those with symbolic terms before them are among them.
func (s *Set) Of(w Word, reading Reading) []Range {
	var out []Range
	for i := range s.Ranges {
		if r := &s.Ranges[i]; r.Word(reading) == w {
			out = appendRange(out, r.Range)
		}
	}
	return out
}

// appendRange appends r, which comes after all others, and merges it with the
// last where they touch.
func appendRange(list []Range, r Range) []Range {
	if n := len(list); n > 0 && list[n-1].To.Next() == r.From {
		list[n-1].To = r.To
		return list
	}
	return append(list, r)
}

// Count counts the addresses with a result under a reading.
func (s *Set) Count(w Word, reading Reading) (t Tally) {
	for i := range s.Ranges {
		if r := &s.Ranges[i]; r.Word(reading) == w {
			t.add(r.Range)
		}
	}
	return t
}

// Owner is a term of the set's own record and the addresses that pass by it.
type Owner struct {
	Term   string `json:"term"`             // as written
	Source int    `json:"source"`           // in Set.Sources
	Domain string `json:"domain,omitempty"` // of the record that an include or redirect leads to
	Tally
	// Records splits the addresses by the record that holds the deciding term.
	Records []Share `json:"records"`
	// Symbolic lists terms by which more may pass, depending on the message; in
	// Set.Symbolic.
	Symbolic []int `json:"symbolic"`
}

// Share is what one record adds.
type Share struct {
	Domain string `json:"domain"`
	Tally
}

// Owners says through whom addresses may send under a reading: one entry for
// each term of the set's own record that lets any pass, or may do so for some
// message, in the order of the record.
func (s *Set) Owners(reading Reading) []Owner {
	o := owners{set: s, list: []Owner{}, at: make([]int, len(s.Sources)), shares: map[shareKey]int{}}
	for i := range s.Ranges {
		r := &s.Ranges[i]
		if r.Word(reading) != Pass {
			continue
		}
		owner := o.owner(r.Source)
		owner.add(r.Range)
		key := shareKey{owner.Source, s.Sources[r.Source].Domain}
		k, ok := o.shares[key]
		if !ok {
			k = len(owner.Records)
			o.shares[key] = k
			owner.Records = append(owner.Records, Share{Domain: key.domain})
		}
		owner.Records[k].add(r.Range)
	}
	for i := range s.Symbolic {
		if sym := &s.Symbolic[i]; sym.mayPass() && len(sym.Ranges) > 0 {
			owner := o.owner(sym.Source)
			owner.Symbolic = append(owner.Symbolic, i)
		}
	}
	slices.SortFunc(o.list, func(a, b Owner) int { return cmp.Compare(a.Source, b.Source) })
	return o.list
}

// mayPass reports whether the term lets clients pass where it matches.
func (s *Symbolic) mayPass() bool { return s.Result == Pass || s.Kind == KindRedirect }

type owners struct {
	set    *Set
	list   []Owner
	at     []int            // by source: 1 + place in list
	shares map[shareKey]int // place in Owner.Records
}

type shareKey struct {
	owner  int // its source
	domain string
}

// owner gives the entry of the own term that leads to a source.
func (o *owners) owner(source int) *Owner {
	own := o.set.Own(source)
	if o.at[own] == 0 {
		src := &o.set.Sources[own]
		o.list = append(o.list, Owner{Term: src.Term, Source: own, Records: []Share{}, Symbolic: []int{}})
		o.at[own] = len(o.list)
	}
	owner := &o.list[o.at[own]-1]
	if owner.Domain == "" && source != own {
		owner.Domain = o.set.Path(source)[1].Domain
	}
	return owner
}

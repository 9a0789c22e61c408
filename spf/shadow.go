package spf

import "slices"

// Shadow is a term of a record that could go.
type Shadow struct {
	Term string `json:"term"` // as written
	Span Span   `json:"span"`
	// Reached is false where no client at all comes as far as the term.
	Reached bool `json:"reached"`
	// Shadowed is true where the term decides nothing, since terms before it, in
	// By, decide all that it would match. Else it decides, but what comes after
	// it would decide the same: the terms in By, or, with none, the neutral end
	// of every record.
	Shadowed bool `json:"shadowed"`
	// By are terms of the record as written, in its order; at most ten.
	By []string `json:"by"`
}

// maxBy bounds Shadow.By, maxByWork the ranges looked at for all of them.
const (
	maxBy     = 10
	maxByWork = 1 << 20
)

// Shadows gives the terms of the set's own record that could be removed, each
// alone, without a change in what the record says as written (removing two that
// stand in for each other would be one). A term that matches nobody, such as an
// include of a record without a pass, is not among them: nothing shadows it.
// What can't be told is left out: for terms that are or lead to symbolic ones,
// for those behind an included record that a symbolic term may end, and where DNS
// did not answer or an error decides, which somebody will mend.
func (s *Set) Shadows() []Shadow {
	found := shadows{set: s, by: make([][]int, len(s.own)), wins: make([]bool, len(s.own)), varies: make([]bool, len(s.own))}
	out := []Shadow{}
	if len(s.own) == 0 || s.Incomplete != "" {
		return out
	}
	leaves := found.leaves()
	var whole [2][]ruling
	for f := range leaves {
		whole[f] = found.decide(leaves[f])
	}
	for i := range leaves[ipv4] {
		if !found.wins[i] {
			found.cover(i, leaves[ipv4][i], whole[ipv4])
			found.cover(i, leaves[ipv6][i], whole[ipv6])
		}
	}
	for i := range s.own {
		t := &s.own[i]
		sh := Shadow{Term: s.Record[t.start:t.end], Span: Span{int(t.start), int(t.end)}, Reached: true, Shadowed: !found.wins[i]}
		switch {
		case i > found.end:
			sh.Reached, found.by[i] = false, []int{found.end}
		case i > found.sure || found.varies[i]:
			continue
		case sh.Shadowed && len(found.by[i]) == 0: // matches nobody
			continue
		case !sh.Shadowed && i == found.end && i+1 < len(s.own):
			continue // an all with terms behind it that were not looked at
		}
		slices.Sort(found.by[i])
		for _, j := range found.by[i] {
			sh.By = append(sh.By, s.Record[s.own[j].start:s.own[j].end])
		}
		if sh.By == nil {
			sh.By = []string{}
		}
		out = append(out, sh)
	}
	return out
}

// ownTerm is what Shadows keeps of a term of the set's own record.
type ownTerm struct {
	term
	maps familyMaps // none for ip4 and ip6, and for terms that were not walked
}

// shadows is what is known of the own terms, by their number.
type shadows struct {
	set    *Set
	end    int     // the last term that was walked
	sure   int     // the last one that can be judged
	wins   []bool  // decides for some client
	varies []bool  // without it, some result would be another, or may be
	by     [][]int // terms that decide in its place
	work   int
}

// note adds a term to those that decide in the place of i.
func (s *shadows) note(i, by int) {
	if by >= 0 && len(s.by[i]) < maxBy && !slices.Contains(s.by[i], by) {
		s.by[i] = append(s.by[i], by)
	}
}

// leaves gives each walked term as a map, its source being the number of the
// term.
func (s *shadows) leaves() (out [2][][]piece) {
	s.end, s.sure = len(s.set.own)-1, len(s.set.own)-1
	for i := range s.set.own {
		t := &s.set.own[i]
		for f := range out {
			leaf := slices.Clone(t.maps[f])
			if familyIn(&t.term) <= ipv6 {
				leaf = everywhere(nothing)
				if int(familyIn(&t.term)) == f {
					leaf = overlay(family(f), []block{t.addresses()}, nothing, make([]piece, 0, most(1)))
				}
			}
			for k := range leaf {
				p := &leaf[k]
				if p.word != goesOn {
					p.source = int32(i)
				}
				if p.cond != 0 {
					s.varies[i] = true // it is or leads to a symbolic term
					if p.word != goesOn {
						s.sure = min(s.sure, i)
					}
				}
			}
			out[f] = append(out[f], leaf)
		}
		if t.kind == KindAll {
			s.end = i
			break
		}
	}
	return out
}

package spf

import (
	"fmt"
	"slices"
)

// explain names the own terms that don't show in what was written, other than by
// being merged with their neighbours.
func (f *flattener) explain(list []claim, groups []group) {
	var shown [2][]span
	for i := range groups {
		shown = plus(shown, spansOf(groups[i].nets))
	}
	var decided [2][]span
	texts := map[string]bool{}
	for len(list) > 0 {
		if c := &list[0]; c.text != "" {
			switch own := f.chosen(c.own); {
			case own: // it is told of as a whole
			case isEveryone(decided):
				f.drop(f.term(c.own), "nothing comes to it: the terms before decide about every address")
			case texts[c.text]:
				f.drop(f.term(c.own), "the same term stands before it")
			}
			texts[c.text] = true
			list = list[1:]
			continue
		}
		nets, n := together(list)
		f.inside(list[:n], decided, shown)
		decided = plus(decided, nets)
		list = list[n:]
	}
}

// chosen reports whether an own term is flattened.
func (f *flattener) chosen(index int) bool {
	return slices.ContainsFunc(f.own, func(o ownSub) bool { return o.chosen && o.index == index })
}

// term is the text of an own term.
func (f *flattener) term(i int) string {
	t := &f.read.terms[i]
	return f.read.text[t.start:t.end]
}

// held is a network of a claim.
type held struct {
	span
	own int
}

// inside names the ip4 and ip6 terms among decisions with one word that add
// nothing to what is decided before, or to each other.
func (f *flattener) inside(list []claim, decided, shown [2][]span) {
	for fam := range decided {
		var all []held
		for _, d := range list {
			if d.all {
				continue
			}
			for _, s := range d.nets[fam] {
				all = append(all, held{s, d.own})
			}
		}
		// Of those that begin alike, the widest first; of equals the first.
		slices.SortStableFunc(all, func(a, b held) int {
			if c := a.first.compare(b.first); c != 0 {
				return c
			}
			return b.last.compare(a.last)
		})
		var widest held
		for i, h := range all {
			own := f.read.terms[h.own].kind
			listed := own == KindIP4 || own == KindIP6
			switch {
			case listed && holds(decided[fam], h.span):
				f.drop(f.term(h.own), "terms before it decide about all its addresses")
			case listed && i > 0 && !h.last.above(widest.last):
				f.drop(f.term(h.own), fmt.Sprintf("its addresses are in %s", f.term(widest.own)))
			case listed && !overlaps(shown[fam], h.span):
				f.drop(f.term(h.own), "the end of the record says the same")
			}
			if i == 0 || h.last.above(widest.last) {
				widest = h
			}
		}
	}
}

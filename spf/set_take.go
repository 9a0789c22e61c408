package spf

import "slices"

// take turns the maps of the whole record into ranges.
func (s *Set) take(w *walk, m familyMaps) {
	s.Record, s.Incomplete, s.own = w.reads[0].text, w.cut, w.own
	s.Symbolic = append([]Symbolic{}, w.symbolic...)
	source := s.prune(w, m)
	conds := map[conditionKey]*Dependence{}
	s.Ranges = make([]SetRange, len(m[ipv4])+len(m[ipv6]))
	n := 0
	for f, pieces := range m {
		for i := range pieces {
			p, r := &pieces[i], &s.Ranges[n]
			n++
			r.Range.From = family(f).addr(p.from)
			last := address{^uint64(0), ^uint64(0)}
			if i+1 < len(pieces) {
				last = pieces[i+1].from.before(family(f))
			}
			r.Range.To = family(f).addr(last)
			r.Result, r.Limited = p.word.word(), s.limited(p.outcome)
			r.Source = source[p.source]
			r.Lookups, r.Voids, r.Hosts = p.total(), int(p.voids), p.flags&costHosts != 0
			if p.cond != 0 {
				s.condition(w, p.cond, r, conds)
			}
		}
	}
	for i := range s.Symbolic {
		sym := &s.Symbolic[i]
		if sym.Source = source[sym.Source]; sym.Ranges == nil {
			sym.Ranges = []Range{}
		}
		if !sym.decides {
			s.answers = w.answers
		}
	}
}

// limited is what the limits make of an outcome (RFC 7208 section 4.6.4). Look-ups
// are counted before the question and voids with the answer, so that an outcome
// that costs too much was never come to, whatever it is.
func (s *Set) limited(o outcome) Word {
	if o.total() > s.maxLookups || int(o.voids) > s.maxVoids || o.flags&costHosts != 0 {
		return PermError
	}
	return o.word.word()
}

// conditionKey is a condition beside a range's own results.
type conditionKey struct {
	cond            int32
	result, limited Word
}

// anyWord is what a symbolic redirect may give.
var anyWord = []Word{Neutral, Pass, Fail, SoftFail, PermError}

// condition fills in what symbolic terms do to a range.
func (s *Set) condition(w *walk, number int32, r *SetRange, known map[conditionKey]*Dependence) {
	key := conditionKey{number, r.Result, r.Limited}
	c, ok := known[key]
	if !ok {
		c = &Dependence{Unless: []int{}, May: []Word{}, MayLimited: []Word{}}
		cond := &w.conds.list[number]
		for _, t := range cond.terms {
			c.Unless = append(c.Unless, int(t))
		}
		for _, o := range cond.other {
			c.May = append(c.May, o.word.word())
			c.MayLimited = append(c.MayLimited, s.limited(o))
		}
		if cond.any {
			c.May, c.MayLimited = anyWord, anyWord
		}
		c.May, c.MayLimited = besides(r.Result, c.May), besides(r.Limited, c.MayLimited)
		known[key] = c
	}
	r.Depends = c
	for _, t := range c.Unless {
		s.Symbolic[t].Ranges = appendRange(s.Symbolic[t].Ranges, r.Range)
	}
}

// besides gives the words that aren't w, sorted, each once.
func besides(w Word, list []Word) []Word {
	list = slices.DeleteFunc(slices.Clone(list), func(x Word) bool { return x == w })
	slices.Sort(list)
	return slices.Compact(list)
}

// prune keeps the sources that a piece or a symbolic term names, and those that
// lead to them. It gives their places in Sources.
func (s *Set) prune(w *walk, m familyMaps) (place []int) {
	place = make([]int, len(w.sources))
	n := 0
	use := func(i int) {
		for i >= 0 && place[i] == 0 {
			place[i] = 1
			n++
			i = int(w.reads[w.sources[i].read].parent)
		}
	}
	for _, pieces := range m {
		for i := range pieces {
			use(int(pieces[i].source))
		}
	}
	for i := range s.Symbolic {
		use(s.Symbolic[i].Source)
	}
	s.Sources = make([]Source, n)
	n = 0
	for i, used := range place {
		if used == 0 {
			continue
		}
		src := &s.Sources[n]
		w.full(w.sources[i], src)
		if src.Parent >= 0 { // which stands before it
			src.Parent = place[src.Parent]
		}
		place[i] = n
		n++
	}
	return place
}

package spf

import "slices"

// take turns the maps of the whole record into ranges.
func (s *Set) take(w *walk, m familyMaps) {
	s.Record, s.Incomplete, s.own = w.reads[0].text, w.cut, w.own
	s.Symbolic = slices.Concat([]Symbolic{}, w.symbolic)
	conds := map[conditionKey]conditionWords{}
	s.Ranges = make([]SetRange, 0, len(m[ipv4])+len(m[ipv6]))
	for f, pieces := range m {
		for i := range pieces {
			p := &pieces[i]
			last := ^uint64(0)
			r := SetRange{
				Range:   family(f).span(p.from, address{last, last}),
				Result:  p.word.word(),
				Limited: s.limited(p.outcome),
				Source:  int(p.source),
				Lookups: p.total(),
				Voids:   int(p.voids),
				Hosts:   p.flags&costHosts != 0,
			}
			if i+1 < len(pieces) {
				r.Range.To = family(f).addr(pieces[i+1].from.before(family(f)))
			}
			if p.cond != 0 {
				s.condition(w, p.cond, &r, conds)
			}
			s.Ranges = append(s.Ranges, r)
		}
	}
	s.prune(w)
	for i := range s.Symbolic {
		if !s.Symbolic[i].decides {
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

// conditionKey and conditionWords are a condition beside a range's own results.
type conditionKey struct {
	cond            int32
	result, limited Word
}

type conditionWords struct {
	unless          []int
	may, mayLimited []Word
}

// anyWord is what a symbolic redirect may give.
var anyWord = []Word{Neutral, Pass, Fail, SoftFail, PermError}

// condition fills in what symbolic terms do to a range.
func (s *Set) condition(w *walk, number int32, r *SetRange, known map[conditionKey]conditionWords) {
	key := conditionKey{number, r.Result, r.Limited}
	c, ok := known[key]
	if !ok {
		cond := &w.conds.list[number]
		for _, t := range cond.terms {
			c.unless = append(c.unless, int(t))
		}
		for _, o := range cond.other {
			c.may = append(c.may, o.word.word())
			c.mayLimited = append(c.mayLimited, s.limited(o))
		}
		if cond.any {
			c.may, c.mayLimited = anyWord, anyWord
		}
		c.may, c.mayLimited = besides(r.Result, c.may), besides(r.Limited, c.mayLimited)
		known[key] = c
	}
	r.Unless, r.May, r.MayLimited = c.unless, c.may, c.mayLimited
	for _, t := range c.unless {
		s.Symbolic[t].Ranges = appendRange(s.Symbolic[t].Ranges, r.Range)
	}
}

// besides gives the words that aren't w, sorted, each once.
func besides(w Word, list []Word) []Word {
	list = slices.DeleteFunc(slices.Clone(list), func(x Word) bool { return x == w })
	slices.Sort(list)
	return slices.Compact(list)
}

// prune keeps the sources that a range or a symbolic term names, and those that
// lead to them.
func (s *Set) prune(w *walk) {
	number := make([]int, len(w.sources))
	use := func(i int) {
		for i >= 0 && number[i] == 0 {
			number[i] = 1
			i = int(w.reads[w.sources[i].read].parent)
		}
	}
	for i := range s.Ranges {
		use(s.Ranges[i].Source)
	}
	for i := range s.Symbolic {
		use(s.Symbolic[i].Source)
	}
	n := 0
	for _, used := range number {
		n += used
	}
	s.Sources = make([]Source, 0, n)
	for i, used := range number {
		if used == 0 {
			continue
		}
		number[i] = len(s.Sources)
		src := w.full(w.sources[i])
		if src.Parent >= 0 { // which stands before it
			src.Parent = number[src.Parent]
		}
		s.Sources = append(s.Sources, src)
	}
	for i := range s.Ranges {
		s.Ranges[i].Source = number[s.Ranges[i].Source]
	}
	for i := range s.Symbolic {
		sym := &s.Symbolic[i]
		if sym.Source = number[sym.Source]; sym.Ranges == nil {
			sym.Ranges = []Range{}
		}
	}
}

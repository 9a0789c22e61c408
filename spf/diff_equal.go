package spf

import (
	"maps"
	"slices"

	"unspoof/dns"
)

// Equality is whether two sets mean the same.
type Equality string

// The answers. Symbolic terms are taken to be alike when their kind, name and
// effect are; where that doesn't settle it, or something is Unknown or a
// TempError in either set, the answer is that it can't be told. That DNS may not
// answer symbolic terms is left aside.
const (
	Same      Equality = "same"      // for every client and message
	Different Equality = "different" // for some client, whatever the message
	CannotSay Equality = "unknown"
)

// Equal reports whether two sets mean the same under a reading.
func Equal(a, b *Set, reading Reading) Equality {
	e := comparison{a: a, b: b, reading: reading, known: map[[2]*int]bool{}}
	e.identical = a.Domain == b.Domain && a.Record == b.Record && a.answers != nil && sameAnswers(a.answers, b.answers)
	result := Same
	pairs(a, b, func(_ Range, x, y *SetRange) bool {
		switch e.ranges(x, y) {
		case Different:
			result = Different
			return false
		case CannotSay:
			result = CannotSay
		}
		return true
	})
	return result
}

type comparison struct {
	a, b      *Set
	reading   Reading
	identical bool // read from the same records
	known     map[[2]*int]bool
}

// ranges compares two ranges for the addresses that are in both.
func (e *comparison) ranges(x, y *SetRange) Equality {
	p, q := x.Word(e.reading), y.Word(e.reading)
	if p == TempError || q == TempError || p == Unknown && e.a.Incomplete != "" || q == Unknown && e.b.Incomplete != "" {
		return CannotSay
	}
	if x.Depends == nil && y.Depends == nil {
		if p == q {
			return Same
		}
		return Different
	}
	if !mayAgree(x, y, e.reading) {
		return Different
	}
	if p != q {
		return CannotSay
	}
	mayX, mayY := x.May(e.reading), y.May(e.reading)
	if p != Unknown && len(mayX)+len(mayY) == 0 {
		return Same // whatever the symbolic terms say
	}
	if e.reading == WithLimits && !e.identical {
		if p == PermError || slices.Contains(mayX, PermError) || slices.Contains(mayY, PermError) {
			return CannotSay // where the limits strike hangs on what comes before
		}
	}
	if e.identical || e.alike(x.Unless(), y.Unless()) {
		return Same
	}
	return CannotSay
}

// mayAgree reports whether there is a result that both ranges may have.
func mayAgree(x, y *SetRange, reading Reading) bool {
	mayX, mayY := x.May(reading), y.May(reading)
	p, q := x.Word(reading), y.Word(reading)
	return p == q || p == Unknown || q == Unknown || slices.Contains(mayX, q) || slices.Contains(mayY, p) ||
		slices.ContainsFunc(mayX, func(w Word) bool { return slices.Contains(mayY, w) })
}

// alike reports whether symbolic terms, one list in each set, have the same
// effect: where they are the same in the same order, the first that matches
// decides. Those that only end an included record do not decide.
func (e *comparison) alike(x, y []int) bool {
	if len(x) == 0 || len(y) == 0 {
		return len(x) == len(y)
	}
	key := [2]*int{&x[0], &y[0]} // the lists of a set are shared
	same, ok := e.known[key]
	if !ok {
		p, q := e.a.deciding(x), e.b.deciding(y)
		same = p != nil && slices.Equal(p, q)
		e.known[key] = same
	}
	return same
}

// symbolKey is what makes two symbolic terms alike.
type symbolKey struct {
	kind   Kind
	spec   string
	prefer string
	result Word
}

func (s *Symbolic) key() symbolKey { return symbolKey{s.Kind, s.Spec, s.prefer, s.Result} }

// deciding lists symbolic terms without those that ask the same again, nil when
// one of them does not decide.
func (s *Set) deciding(list []int) []symbolKey {
	var out []symbolKey
	asked := map[symbolKey]bool{}
	for _, i := range list {
		if !s.Symbolic[i].decides {
			return nil
		}
		k := s.Symbolic[i].key()
		if question := (symbolKey{kind: k.kind, spec: k.spec, prefer: k.prefer}); !asked[question] {
			asked[question] = true
			out = append(out, k)
		}
	}
	return out
}

// sameAnswers reports whether DNS gave the same.
func sameAnswers(a, b map[dns.Question]answered) bool {
	return maps.EqualFunc(a, b, func(x, y answered) bool {
		return x.fault == y.fault && x.code == y.code && slices.EqualFunc(x.records, y.records, sameData)
	})
}

func sameData(x, y dns.Record) bool {
	return x.Addr == y.Addr && x.Host == y.Host && x.Pref == y.Pref && slices.Equal(x.Text, y.Text)
}

// symbolicBeside lists the symbolic terms that other does not have. One that is
// asked only for clients of whom other can't tell the result may be there, too.
func symbolicBeside(s, other *Set) []SymbolicChange {
	has := map[symbolKey]bool{}
	for i := range other.Symbolic {
		has[other.Symbolic[i].key()] = true
	}
	out := []SymbolicChange{}
	for i := range s.Symbolic {
		sym := &s.Symbolic[i]
		if has[sym.key()] || !other.tells(sym.Ranges) {
			continue
		}
		has[sym.key()] = true
		out = append(out, SymbolicChange{sym.Kind, sym.Spec, sym.Result, s.Sources[s.Own(sym.Source)].Term, sym.Ranges})
	}
	return out
}

// tells reports whether the set says what becomes of some client in ranges, which
// are in order.
func (s *Set) tells(ranges []Range) bool {
	for i, j := 0, 0; i < len(s.Ranges) && j < len(ranges); {
		r := &s.Ranges[i]
		switch {
		case ranges[j].To.Less(r.Range.From):
			j++
		case r.Range.To.Less(ranges[j].From):
			i++
		case r.Result.told():
			return true
		case r.Range.To.Less(ranges[j].To):
			i++
		default:
			j++
		}
	}
	return false
}

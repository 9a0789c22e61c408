package spf

import (
	"fmt"
	"slices"
)

// witness evaluates a reading for all clients at once, as though the terms that
// hang on the message matched all of them or none. It knows nothing of claims, so
// that it can testify against what was written from them.
type witness struct {
	matches func(spec string) bool
	work    int
}

// verdicts are the clients by what they get: the words of partWords, and last a
// permerror.
type verdicts [len(partWords) + 1][2][]span

const broken = len(partWords)

// maxWitnessed bounds the spans gone through: about a second. What is left out
// then are further ways in which the message could come out.
const maxWitnessed = 1 << 24

// maxSubsets is up to how many terms all ways are tried in which they may match.
const maxSubsets = 8

// alike holds two readings against each other: with no hanging term matching, with
// all, each alone, all but each, and if they are few in every other way.
func alike(a, b *reading) error {
	seen := map[string]bool{}
	a.hanging(seen)
	b.hanging(seen)
	specs := make([]string, 0, len(seen))
	for s := range seen {
		specs = append(specs, s)
	}
	slices.Sort(specs)
	w := &witness{}
	same := func(matches func(i int) bool) bool {
		w.matches = func(spec string) bool {
			i, _ := slices.BinarySearch(specs, spec)
			return matches(i)
		}
		x, y := w.check(a, everybody), w.check(b, everybody)
		return w.work > maxWitnessed || x.equal(&y)
	}
	ok := same(func(int) bool { return false })
	if w.work > maxWitnessed {
		return fmt.Errorf("spf: the record: %w", errBound)
	}
	ok = ok && same(func(int) bool { return true })
	for k := 0; ok && k < len(specs) && w.work <= maxWitnessed; k++ {
		ok = same(func(i int) bool { return i == k }) && same(func(i int) bool { return i != k })
	}
	if len(specs) <= maxSubsets {
		for set := 0; ok && set < 1<<len(specs) && w.work <= maxWitnessed; set++ {
			ok = same(func(i int) bool { return set>>i&1 != 0 })
		}
	}
	if !ok {
		return fmt.Errorf("spf: for some message: %w", ErrNotEqual)
	}
	return nil
}

func (v *verdicts) equal(o *verdicts) bool {
	for i := range v {
		if !empty(minus(v[i], o[i])) || !empty(minus(o[i], v[i])) {
			return false
		}
	}
	return true
}

func (v *verdicts) add(o *verdicts) {
	for i := range v {
		v[i] = plus(v[i], o[i])
	}
}

// hanging collects the specs of the terms that hang on the message.
func (read *reading) hanging(seen map[string]bool) {
	for i := range read.subs {
		switch s := &read.subs[i]; {
		case s.hangs || s.senders:
			seen[read.spec(&read.terms[s.index])] = true
		case s.inner != nil:
			s.inner.hanging(seen)
		}
	}
}

// check gives what becomes of open clients.
func (w *witness) check(read *reading, open [2][]span) (out verdicts) {
	give := func(word int, hit [2][]span) {
		out[word] = plus(out[word], hit)
		open = minus(open, hit)
	}
	subs := read.subs
	for i := 0; i < len(read.terms); i++ {
		w.work += 1 + len(open[ipv4]) + len(open[ipv6])
		if w.work > maxWitnessed || empty(open) {
			return out
		}
		t := &read.terms[i]
		word := slices.Index(partWords[:], t.word())
		switch {
		case t.kind == KindAll:
			give(word, open)
			return out
		case t.kind == KindIP4 || t.kind == KindIP6:
			var nets [2][]span
			for ; i < len(read.terms) && (read.terms[i].kind == KindIP4 || read.terms[i].kind == KindIP6) && read.terms[i].qualifier == t.qualifier; i++ {
				f := family(read.terms[i].kind - KindIP4)
				nets[f] = append(nets[f], read.terms[i].span(read.terms[i].network, f))
			}
			i--
			for f := range nets {
				w.work += len(nets[f])
				nets[f] = family(f).merge(nets[f])
			}
			give(word, shared(open, nets))
		case len(subs) > 0 && subs[0].index == i && t.kind != KindRedirect:
			hit, bad := w.term(read, t, &subs[0], open)
			give(word, hit)
			give(broken, bad)
			subs = subs[1:]
		}
	}
	if len(subs) > 0 {
		v := w.redirect(read, &subs[0], open)
		out.add(&v)
	} else {
		give(slices.Index(partWords[:], Neutral), open) // RFC 7208 section 4.7
	}
	return out
}

// term gives the clients that a term matches, and those for whom it is an error.
func (w *witness) term(read *reading, t *term, s *sub, open [2][]span) (hit, bad [2][]span) {
	switch {
	case s.hangs || s.senders:
		if w.matches(read.spec(t)) {
			return open, bad
		}
		return hit, bad
	case s.err != nil || s.fault != nil:
		return hit, open
	case s.inner != nil:
		v := w.check(s.inner, open)
		return v[0], v[broken] // a pass
	case t.kind == KindExists:
		if len(s.hosts) > 0 {
			return open, bad
		}
		return hit, bad
	}
	for f := range hit {
		hit[f] = family(f).merge(s.spans(t, family(f)))
	}
	return shared(open, hit), bad
}

// redirect gives what the record that follows makes of open clients. That of a
// name that hangs on the message stands for two records: one that lets everybody
// in, and one that fails all.
func (w *witness) redirect(read *reading, s *sub, open [2][]span) (out verdicts) {
	switch {
	case s.hangs || s.senders:
		word := Fail
		if w.matches(read.spec(&read.terms[s.index])) {
			word = Pass
		}
		out[slices.Index(partWords[:], word)] = open
	case s.inner == nil:
		out[broken] = open
	default:
		return w.check(s.inner, open)
	}
	return out
}

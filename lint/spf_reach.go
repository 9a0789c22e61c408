package lint

import (
	"errors"
	"slices"
	"strings"

	"unspoof/spf"
)

// lettingIn marks the words by which somebody may send, as far as the text tells:
// a redirect beside all is never looked at (RFC 7208 section 6.1).
func (l *spfLint) lettingIn() {
	all := false
	for i := range l.words {
		w := &l.words[i]
		if w.broken || w.empty {
			continue
		}
		rec, err := spf.Parse(spfVersion + " " + w.text)
		if err != nil || len(rec.Terms) != 1 {
			continue
		}
		t := &rec.Terms[0]
		all = all || t.Kind == spf.KindAll
		w.letsIn = t.Kind != spf.KindAll && t.Result() == spf.Pass || t.Kind == spf.KindRedirect
	}
	for i := range l.words {
		if w := &l.words[i]; all && strings.HasPrefix(strings.ToLower(w.text), "redirect=") {
			w.letsIn = false
		}
	}
}

// expendable reports whether the record still lets somebody in without the word:
// one that lets nobody in is for its owner to write.
func (l *spfLint) expendable(i int) bool {
	for k, w := range l.words {
		if k != i && w.letsIn && !w.gone && !w.broken {
			return true
		}
	}
	return false
}

// reach finds what stands after all, and a redirect beside it: neither is ever
// looked at (RFC 7208 sections 5.1 and 6.1). What lets servers in is moved before all;
// whether the record that a redirect leads to was to count, only the owner knows.
func (l *spfLint) reach(rec *spf.Record, at []int) {
	all := slices.IndexFunc(rec.Terms, func(t spf.Term) bool { return t.Kind == spf.KindAll })
	if all < 0 {
		return
	}
	moved, left := false, maxFollowed
	last := map[int]bool{at[all]: true} // words that go to the end
	for k := range rec.Terms {
		t, w := &rec.Terms[k], &l.words[at[k]]
		last[at[k]] = last[at[k]] || t.Kind.Modifier()
		id := "SPF-019"
		switch {
		case t.Kind == spf.KindRedirect && !l.expendable(at[k]):
			l.wrong("SPF-047", at[k], vars{"hint": l.asInclude(t)})
			continue
		case t.Kind == spf.KindRedirect && rec.Terms[all].Result() != spf.Pass:
			l.wrong("SPF-048", at[k], vars{"hint": l.asInclude(t)})
			continue
		case t.Kind == spf.KindRedirect, t.Kind == spf.KindAll && k > all:
			w.gone = true
		case t.Kind.Modifier() || k <= all:
			continue
		case rec.Terms[all].Result() != spf.Pass && t.Kind == spf.KindInclude && l.breaks(t, &left):
			// Before all, it would be an error of the record.
			last[at[k]], w.idle = true, true
			l.wrong("SPF-048", at[k], vars{"hint": ", and by a name that works, as " + t.Domain.Text + " does not"}, "")
			continue
		case rec.Terms[all].Result() != spf.Pass && t.Result() == spf.Pass:
			id, moved = "SPF-048", true
		default:
			moved = true
		}
		l.find(id, l.text, w.at, true, vars{"term": w.text})
	}
	if !moved {
		return
	}
	var before, after []int
	for i := range l.words {
		if last[i] {
			after = append(after, i)
		} else {
			before = append(before, i)
		}
	}
	l.order = append(before, after...)
}

// asInclude says how the servers of a redirect can be let in beside all; "" where the
// record that it leads to is not there.
func (l *spfLint) asInclude(t *spf.Term) string {
	if l.leadsNowhere(t) {
		return ""
	}
	return ", as include:" + t.Domain.Text
}

// breaks reports whether an include would be an error if receivers came to it, where
// that can be asked.
func (l *spfLint) breaks(t *spf.Term, left *int) bool {
	name, fixed := t.Domain.Name()
	if !fixed {
		return false
	}
	switch {
	case strings.EqualFold(name, l.args.Domain):
		return true
	case l.args.Resolver == nil:
		return false
	}
	f := l.follow(name, []string{l.domain()}, left)
	return f.loop || f.text != ""
}

// leadsNowhere reports whether the name of a redirect has no SPF record,
// where that can be asked.
func (l *spfLint) leadsNowhere(t *spf.Term) bool {
	name, fixed := t.Domain.Name()
	if !fixed || l.args.Resolver == nil {
		return false
	}
	_, _, err := spf.Discover(l.ctx, l.args.Resolver, name)
	return errors.Is(err, spf.ErrNoRecord) || errors.Is(err, spf.ErrDomain)
}

// ignored reports whether a term is a redirect beside all, of which receivers take no
// notice, whatever it leads to (RFC 7208 section 6.1).
func ignored(rec *spf.Record, t *spf.Term) bool {
	return t.Kind == spf.KindRedirect && rec.Find(spf.KindAll) != nil
}

// nobody finds records that name servers and let none of them send, which a sign
// does that was taken for a bullet, say.
func (l *spfLint) nobody(rec *spf.Record, at []int) {
	if l.expendable(-1) || l.found("SPF-047") || l.found("SPF-004") {
		return
	}
	for k := range rec.Terms {
		t := &rec.Terms[k]
		if t.Kind == spf.KindAll || t.Kind.Modifier() || t.Result() == spf.Pass || l.words[at[k]].gone {
			continue
		}
		l.wrong("SPF-047", at[k], nil)
		return
	}
}

// duplicates finds terms that say what an earlier one says. Of two that differ in
// their sign alone the first decides.
func (l *spfLint) duplicates(rec *spf.Record, at []int) {
	seen := map[string]bool{}
	for k := range rec.Terms {
		t := &rec.Terms[k]
		if t.Kind == spf.KindAll || t.Kind.Modifier() || l.words[at[k]].gone {
			continue
		}
		key := sameAs(t)
		if seen[key] {
			w := &l.words[at[k]]
			w.gone, w.covered = true, true
			l.find("SPF-037", l.text, w.at, true, vars{"term": w.text})
		}
		seen[key] = true
	}
}

// sameAs gives a text that is the same for terms that match the same clients. Case
// means nothing in names, but the capital of a macro's letter does (RFC 7208
// section 7.3).
func sameAs(t *spf.Term) string {
	u := *t
	u.Qualifier = "+"
	text := u.String()
	if t.Network.IsValid() || t.Domain.Text == "" {
		return strings.ToLower(text)
	}
	var name strings.Builder
	for _, p := range t.Domain.Parts {
		if p.Macro == nil {
			name.WriteString(strings.ToLower(p.Text))
		} else {
			name.WriteString(p.Text)
		}
	}
	return strings.Replace(text, t.Domain.Text, name.String(), 1)
}

// covers finds networks that lie in another one of the record.
func (l *spfLint) covers(rec *spf.Record, at []int) {
	var seen []int // terms, networks
	for k := range rec.Terms {
		t := &rec.Terms[k]
		if !t.Network.IsValid() || l.words[at[k]].gone || len(seen) > maxServices {
			continue
		}
		if id, _ := Breadth(t); id != "" {
			continue // it is hardly meant: what it covers has to stay when it goes
		}
		for _, b := range seen {
			o := &rec.Terms[b]
			switch {
			case l.words[at[b]].gone || l.words[at[b]].covered:
			case o.Network.Bits() <= t.Network.Bits() && o.Network.Contains(t.Network.Addr()):
				// With another sign it was meant to say something.
				l.covered(at[k], at[b], o.Qualifier == t.Qualifier)
			case o.Qualifier != t.Qualifier:
			case t.Network.Bits() <= o.Network.Bits() && t.Network.Contains(o.Network.Addr()):
				// What stands between may decide for the smaller one.
				l.covered(at[b], at[k], onlyNetworks(rec.Terms[b:k], t.Qualifier))
			}
			if l.words[at[k]].covered {
				break
			}
		}
		seen = append(seen, k)
	}
}

func (l *spfLint) covered(i, by int, mend bool) {
	v := vars{"by": l.words[by].text}
	l.words[i].covered = true
	if mend {
		l.wrong("SPF-051", i, v, "")
	} else {
		l.wrong("SPF-051", i, v)
	}
}

// onlyNetworks reports whether terms are networks of one sign; all does not count, it
// goes to the end.
func onlyNetworks(terms []spf.Term, qualifier string) bool {
	return !slices.ContainsFunc(terms, func(t spf.Term) bool {
		return t.Kind != spf.KindAll && !t.Kind.Modifier() && (!t.Network.IsValid() || t.Qualifier != qualifier)
	})
}

package lint

import (
	"slices"
	"strings"

	"unspoof/finding"
	"unspoof/spf"
)

// terms judges what the terms say, each by itself and all together. sound is false
// where some could not be read: then nothing is said of what is missing.
func (l *spfLint) terms(sound bool) {
	var at []int // of each term, its word
	text := spfVersion
	for i, w := range l.words {
		if !w.broken && !w.gone {
			at = append(at, i)
			text += " " + w.text
		}
	}
	rec, err := spf.Parse(text)
	if err != nil {
		return // words are terms, so that there is no reason left
	}
	l.reach(rec, at)
	l.duplicates(rec, at)
	l.covers(rec, at)
	for k := range rec.Terms {
		t, i := &rec.Terms[k], at[k]
		if l.words[i].gone {
			continue
		}
		l.range4(t, i)
		if k < maxServices && !ignored(rec, t) && !l.words[i].idle {
			l.service(t, i)
		}
		l.discouraged(t, i)
	}
	l.together(rec, at)
	if l.args.Resolver == nil || !sound {
		l.crowdedByText(rec, at)
	}
	if l.args.Resolver != nil {
		l.skip(rec, at)
		l.dns(rec, at)
	}
	l.last(rec, at, sound)
	if sound {
		l.nobody(rec, at)
		l.cost()
	}
	l.sameForAll(rec, at)
}

// maxServices bounds the terms whose names are compared with the catalogue; no
// record that works has so many.
const maxServices = 200

// wrong adds a finding about the word i. Where to is given, the word becomes that;
// "" takes it out.
func (l *spfLint) wrong(id string, i int, v vars, to ...string) { l.shown(id, i, nil, v, to...) }

// shown is wrong, with what DNS said.
func (l *spfLint) shown(id string, i int, proof []finding.Evidence, v vars, to ...string) {
	w := &l.words[i]
	if v == nil {
		v = vars{}
	}
	if v["term"] == "" {
		v["term"] = w.text
	}
	mended := len(to) > 0
	if mended && to[0] == "" {
		if mended = l.expendable(i); mended {
			w.gone = true
		}
	} else if mended {
		w.text = to[0]
	}
	l.find(id, l.text, w.at, mended, v, proof...)
}

// range4 judges how many addresses a term lets in.
func (l *spfLint) range4(t *spf.Term, i int) {
	switch id, size := Breadth(t); id {
	case "SPF-004":
		l.wrong(id, i, nil, withoutLength(l.words[i].text))
	case "SPF-022":
		l.wrong(id, i, nil, "")
	case "SPF-010":
		l.wrong(id, i, vars{"size": size})
		l.wide = true
	}
}

// withoutLength gives a term whose network is the whole Internet without its prefix
// length, since the host that it names is meant; "" where it names none.
func withoutLength(text string) string {
	host := strings.TrimRight(strings.TrimRight(text, "0"), "/")
	if rec, err := spf.Parse(spfVersion + " " + host); err == nil && len(rec.Terms) == 1 {
		if id, _ := Breadth(&rec.Terms[0]); id == "" {
			return host
		}
	}
	return ""
}

// together finds networks that only in sum let in half of the Internet, which is
// everybody.
func (l *spfLint) together(rec *spf.Record, at []int) {
	var ranges []spf.Range
	for k := range rec.Terms {
		if p := rec.Terms[k].Network; p.IsValid() && rec.Terms[k].Result() == spf.Pass && !l.words[at[k]].gone && p.Bits() > 0 {
			ranges = append(ranges, spf.RangeOf(p))
		}
	}
	if openToAll(spf.Merge(ranges)) {
		l.find("SPF-004", l.text, finding.Span{End: len(l.text)}, false, vars{"term": together})
	}
}

// discouraged finds what the standard asks not to use.
func (l *spfLint) discouraged(t *spf.Term, i int) {
	switch {
	case t.Kind == spf.KindPTR:
		l.wrong("SPF-009", i, nil)
		return
	case t.Kind == spf.KindInclude && (t.Qualifier == "?" || t.Qualifier == "~") && l.expendable(-1):
		l.wrong("SPF-049", i, nil)
	}
	for _, p := range t.Domain.Parts {
		if p.Macro != nil && p.Macro.Letter == "p" && t.Kind != spf.KindUnknown {
			l.wrong("SPF-041", i, nil)
			return
		}
	}
}

// sameForAll finds terms that ask for a name which is the same whoever sends: with
// an address there, everybody matches (RFC 7208 section 5.7).
func (l *spfLint) sameForAll(rec *spf.Record, at []int) {
	for k := range rec.Terms {
		t := &rec.Terms[k]
		if t.Kind != spf.KindExists || t.Result() != spf.Pass || l.words[at[k]].gone || l.loose {
			continue
		}
		if !slices.ContainsFunc(t.Domain.Parts, func(p spf.Part) bool { return p.Macro != nil && strings.Contains("slihp", p.Macro.Letter) }) {
			l.wrong("SPF-052", at[k], nil)
		}
	}
}

// last judges the end of the record.
func (l *spfLint) last(rec *spf.Record, at []int, sound bool) {
	all, redirect, refuses, exp := -1, false, false, -1
	for k := range rec.Terms {
		if l.words[at[k]].gone {
			continue
		}
		switch t := &rec.Terms[k]; {
		case t.Kind == spf.KindAll:
			all = k
		case t.Kind == spf.KindRedirect:
			redirect = true
		case t.Kind == spf.KindExp:
			exp = at[k]
		}
		refuses = refuses || rec.Terms[k].Qualifier == "-"
	}
	switch {
	case all >= 0 && rec.Terms[all].Qualifier == "+":
		if l.expendable(at[all]) {
			l.wrong("SPF-004", at[all], nil, "~all")
		} else {
			l.wrong("SPF-004", at[all], nil) // who sends, only the owner knows
		}
	case all >= 0 && rec.Terms[all].Qualifier == "?":
		l.wrong("SPF-005", at[all], nil, "~all")
	case all < 0 && !redirect && rec.Find(spf.KindRedirect) != nil:
		l.end = " ~all" // it went where it was no use
	case all < 0 && !redirect && sound:
		l.end = " ~all"
		l.find("SPF-006", l.text, finding.Span{Start: len(l.text), End: len(l.text)}, true, nil)
	}
	if exp >= 0 && !refuses && !redirect && sound {
		l.words[exp].gone = true
		l.find("SPF-043", l.text, l.words[exp].at, true, vars{"fault": "no term of the record refuses mail (-)", "term": l.words[exp].text})
	}
}

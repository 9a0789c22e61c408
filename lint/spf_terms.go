package lint

import (
	"fmt"
	"math/big"
	"net/netip"
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
	for k := range rec.Terms {
		t := &rec.Terms[k]
		l.words[at[k]].letsIn = t.Kind != spf.KindAll && t.Result() == spf.Pass || t.Kind == spf.KindRedirect
	}
	l.reach(rec, at)
	l.duplicates(rec, at)
	for k := range rec.Terms {
		t, i := &rec.Terms[k], at[k]
		if l.words[i].gone {
			continue
		}
		l.range4(t, i)
		if k < maxServices {
			l.service(t, i)
		}
		l.discouraged(t, i)
	}
	l.together(rec, at)
	if l.args.Resolver != nil {
		l.dns(rec, at)
	}
	l.cost(sound)
	l.last(rec, at, sound)
}

// maxServices bounds the terms whose names are compared with the catalogue; no
// record that works has so many.
const maxServices = 200

// wrong adds a finding about the word i. Where to is given, the word becomes that;
// "" takes it out.
func (l *spfLint) wrong(id string, i int, v vars, to ...string) {
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
	l.find(id, l.text, w.at, mended, v)
}

// expendable reports whether the record still lets somebody in without the word:
// one that lets nobody in is for its owner to write.
func (l *spfLint) expendable(i int) bool {
	for k, w := range l.words {
		if k != i && w.letsIn && !w.gone {
			return true
		}
	}
	return false
}

// reach finds what stands after all, and a redirect beside it: neither is ever
// looked at (RFC 7208 sections 5.1 and 6.1).
func (l *spfLint) reach(rec *spf.Record, at []int) {
	all := slices.IndexFunc(rec.Terms, func(t spf.Term) bool { return t.Kind == spf.KindAll })
	if all < 0 {
		return
	}
	moved := false
	for k := range rec.Terms {
		w := &l.words[at[k]]
		switch t := &rec.Terms[k]; {
		case t.Kind == spf.KindRedirect, t.Kind == spf.KindAll && k > all:
			w.gone = true
		case t.Kind.Modifier() || k <= all:
			continue
		default:
			moved = true
		}
		l.find("SPF-019", l.text, w.at, true, vars{"term": w.text})
	}
	if !moved {
		return
	}
	var before, after []int
	for i, w := range l.words {
		if i == at[all] || strings.Contains(w.text, "=") {
			after = append(after, i)
		} else {
			before = append(before, i)
		}
	}
	l.order = append(before, after...)
}

// duplicates finds terms that say what an earlier one says. Of two that differ in
// their sign alone the first decides.
func (l *spfLint) duplicates(rec *spf.Record, at []int) {
	seen := map[string]bool{}
	for k := range rec.Terms {
		t := rec.Terms[k]
		if t.Kind == spf.KindAll || t.Kind.Modifier() || l.words[at[k]].gone {
			continue
		}
		t.Qualifier = "+"
		key := strings.ToLower(t.String())
		if seen[key] {
			w := &l.words[at[k]]
			w.gone = true
			l.find("SPF-037", l.text, w.at, true, vars{"term": w.text})
		}
		seen[key] = true
	}
}

// Networks wider than this are hardly one's own.
const (
	wide4 = 16
	wide6 = 32
)

// inside are networks that no mail on the Internet comes from (RFC 6890).
var inside = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("224.0.0.0/3"),
	netip.MustParsePrefix("::/127"), netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("ff00::/8"),
}

// range4 judges how many addresses a term lets in.
func (l *spfLint) range4(t *spf.Term, i int) {
	if t.Result() != spf.Pass {
		return
	}
	bits, whole, wide := -1, 0, 0
	switch {
	case t.Network.IsValid():
		p := t.Network.Masked()
		if slices.ContainsFunc(inside, func(q netip.Prefix) bool { return q.Bits() <= p.Bits() && q.Overlaps(p) }) {
			l.wrong("SPF-022", i, nil, "")
			return
		}
		bits, whole, wide = p.Bits(), p.Addr().BitLen(), wide4
		if p.Addr().Is6() {
			wide = wide6
		}
	case t.Kind == spf.KindA || t.Kind == spf.KindMX:
		if bits, whole, wide = t.Bits4, 32, wide4; bits >= wide {
			bits, whole, wide = t.Bits6, 128, wide6
		}
	}
	switch {
	case bits < 0 || bits >= wide:
	case bits == 0:
		l.wrong("SPF-004", i, nil, "")
	default:
		l.wrong("SPF-010", i, vars{"size": size(whole - bits)})
	}
}

func size(bits int) string {
	if bits < 32 {
		return fmt.Sprint(1 << bits)
	}
	return fmt.Sprintf("2^%d", bits)
}

// together finds networks that only in sum let in half of the Internet, which is
// everybody.
func (l *spfLint) together(rec *spf.Record, at []int) {
	sum := new(big.Int)
	for k := range rec.Terms {
		if p := rec.Terms[k].Network; p.IsValid() && p.Addr().Is4() && rec.Terms[k].Result() == spf.Pass && !l.words[at[k]].gone && p.Bits() > 0 {
			sum.Add(sum, new(big.Int).Lsh(big.NewInt(1), uint(32-p.Bits())))
		}
	}
	if sum.BitLen() > 31 {
		l.find("SPF-004", l.text, finding.Span{End: len(l.text)}, false, vars{"term": "its networks together"})
	}
}

// discouraged finds what the standard asks not to use.
func (l *spfLint) discouraged(t *spf.Term, i int) {
	if t.Kind == spf.KindPTR {
		l.wrong("SPF-009", i, nil)
		return
	}
	for _, p := range t.Domain.Parts {
		if p.Macro != nil && p.Macro.Letter == "p" && t.Kind != spf.KindUnknown {
			l.wrong("SPF-041", i, nil)
			return
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

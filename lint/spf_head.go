package lint

import (
	"regexp"
	"strings"

	"unspoof/finding"
	"unspoof/spf"
)

const spfVersion = "v=spf1"

// Openings by which a record is known that is meant as SPF, and may not count as
// such (RFC 7208 section 4.5).
var (
	spfOpening = regexp.MustCompile(`(?i)\bv\s{0,3}[=:]\s{0,3}"?spf[-_ ]?\d*(\.\d+)?`)
	spfGlued   = regexp.MustCompile(`(?i)^[A-Za-z0-9_.-]+v=spf1\b`) // example.comv=spf1
	spfBare    = regexp.MustCompile(`(?i)^[\s"'(]*(v\s?=?\s?)?spf(1|2\.0|=|:|\s)`)
	senderID   = regexp.MustCompile(`(?i)^spf2\.0/(pra|mfrom)`) // RFC 4406: a record of its own
	spfTerm    = regexp.MustCompile(`(?i)(^|[\s,;"])([-~?+]?(include|ip4|ip6):|redirect=|[-~?+]all\b)`)
)

// meantAsSPF reports whether a TXT record was meant as an SPF record, in whatever
// form.
func meantAsSPF(text string) bool {
	if len(text) > maxText {
		return false
	}
	t, _ := trace(text).clean("")
	_, _, ok := openingOf(t.text)
	return ok
}

// openingOf finds the version section of cleaned text, or what was meant as it:
// text[from:to]; both are 0 where there is none and the terms alone tell.
func openingOf(text string) (from, to int, ok bool) {
	if senderID.MatchString(text) {
		return 0, 0, false
	}
	if m := spfOpening.FindStringIndex(text); m != nil {
		return m[0], m[1], true
	}
	if m := spfGlued.FindStringIndex(text); m != nil {
		return m[1] - len(spfVersion), m[1], true
	}
	if m := spfBare.FindStringIndex(text); m != nil && spfTerm.MatchString(text) {
		return m[0], m[1], true
	}
	// Somebody else's text may hold one such word; a record ends in one.
	words := strings.Fields(text)
	if len(words) == 0 || !spfTerm.MatchString(words[0]) && !spfTerm.MatchString(words[len(words)-1]) {
		return 0, 0, false
	}
	known := 0
	for _, w := range words {
		if _, err := spf.Parse(spfVersion + " " + strings.Trim(w, `",;`)); err == nil && !strings.Contains(w, "=") || strings.HasPrefix(w, "redirect=") {
			known++
		}
	}
	return 0, 0, known*2 > len(words)
}

// isSPF reports whether receivers take the text for an SPF record.
func isSPF(text string) bool {
	return len(text) >= len(spfVersion) && strings.EqualFold(text[:len(spfVersion)], spfVersion) &&
		(len(text) == len(spfVersion) || text[len(spfVersion)] == ' ')
}

// head judges the version section and gives the text behind it.
func (l *spfLint) head(t traced) traced {
	if isSPF(t.text) {
		if v := t.text[:len(spfVersion)]; v != spfVersion {
			l.find("SPF-033", l.text, t.span(0, len(v)), true, vars{"text": v})
		}
		return t.cut(len(spfVersion), len(t.text))
	}
	from, to, _ := openingOf(t.text)
	for to < len(t.text) && strings.IndexByte(" \t;,:.=\"'`", t.text[to]) >= 0 {
		to++
	}
	at := t.span(0, to)
	if to == 0 {
		at = finding.Span{}
	}
	if from > 0 && strings.HasPrefix(t.text[from:], spfVersion+" ") {
		at = t.span(0, from)
	}
	// The characters were found already; without them the version is right.
	if !l.cleaned || !isSPF(strings.TrimLeft(t.text, ` "`)) {
		l.find("SPF-014", l.text, at, true, vars{"text": l.text})
	}
	return t.cut(to, len(t.text))
}

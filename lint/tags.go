package lint

import (
	"regexp"
	"strings"

	"unspoof/finding"
)

// tag is one "name=value" of a record, as it is after mending, and where it stood.
type tag struct {
	name, value string
	at          finding.Span
	gone        bool // it is not in the mended record
	stray       bool // it is no tag: value is its text
}

// white is what may stand around tags: WSP of RFC 5234, and the line ends of folding
// white space (RFC 6376 section 2.8).
const white = " \t\r\n"

// trimmed takes white space off both ends.
func (t traced) trimmed() traced {
	from := len(t.text) - len(strings.TrimLeft(t.text, white))
	to := len(strings.TrimRight(t.text, white))
	return t.cut(min(from, to), to)
}

// segments cuts a list of tags at its semicolons; empty ones are kept.
func (t traced) segments() []traced {
	var all []traced
	for from := 0; from <= len(t.text); {
		to := len(t.text)
		if n := strings.IndexByte(t.text[from:], ';'); n >= 0 {
			to = from + n
		}
		all = append(all, t.cut(from, to).trimmed())
		from = to + 1
	}
	return all
}

// cutTag reads a segment as a tag.
func cutTag(s traced) tag {
	at := s.span(0, len(s.text))
	name, value, ok := strings.Cut(s.text, "=")
	name = strings.Trim(name, white)
	if !ok || !tagName.MatchString(name) {
		return tag{value: s.text, at: at, stray: true}
	}
	return tag{name: name, value: strings.Trim(value, white), at: at}
}

var tagName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// find gives the tag of a name that stands in the mended record, nil without one.
func find(tags []tag, name string) *tag {
	for i := range tags {
		if t := &tags[i]; !t.gone && !t.stray && t.name == name {
			return t
		}
	}
	return nil
}

// writeTags gives the mended record.
func writeTags(tags []tag) string {
	var parts []string
	for _, t := range tags {
		if !t.gone && !t.stray {
			parts = append(parts, t.name+"="+t.value)
		}
	}
	return strings.Join(parts, "; ")
}

// without gives text with each octet of cut taken out, and the place of the first.
func (t traced) without(cut string) (traced, finding.Span, bool) {
	i := strings.IndexAny(t.text, cut)
	if i < 0 {
		return t, finding.Span{}, false
	}
	at := t.at[i]
	var w tracer
	for i := range len(t.text) {
		if strings.IndexByte(cut, t.text[i]) < 0 {
			w.add(t.text[i:i+1], t.at[i])
		}
	}
	return w.done(), at, true
}

// cutAll gives text without what an expression matches.
func (t traced) cutAll(of *regexp.Regexp) traced {
	var w tracer
	from := 0
	for _, m := range append(of.FindAllStringIndex(t.text, -1), []int{len(t.text), len(t.text)}) {
		for i := from; i < m[0]; i++ {
			w.add(t.text[i:i+1], t.at[i])
		}
		from = m[1]
	}
	return w.done()
}

// unescape takes the backslashes of zone files before semicolons out, and gives the
// place of the first.
func (t traced) unescape() (traced, finding.Span, bool) {
	i := strings.Index(t.text, `\;`)
	if i < 0 {
		return t, finding.Span{}, false
	}
	at := t.span(i, i+2)
	var w tracer
	for i := range len(t.text) {
		if t.text[i] != '\\' || i+1 == len(t.text) || t.text[i+1] != ';' {
			w.add(t.text[i:i+1], t.at[i])
		}
	}
	return w.done(), at, true
}

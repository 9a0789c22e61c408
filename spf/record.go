package spf

import (
	"net/netip"
	"strconv"
	"strings"
)

// Record is an SPF record as a tree, for people and tools; a [Checker] evaluates
// text. Spans count bytes of Text.
type Record struct {
	Text  string `json:"text"`
	Terms []Term `json:"terms"` // in the order written
}

// Term is a mechanism with its qualifier, or a modifier.
type Term struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name"` // lower case: "ip4", "redirect"; of an unknown modifier as written
	Text string `json:"text"` // the whole term as written
	Span Span   `json:"span"` // of Text
	// Qualifier is "+" (also where none was written), "-", "~" or "?"; "" in a
	// modifier.
	Qualifier string `json:"qualifier,omitempty"`
	// Domain is the domain-spec, or the value of an unknown modifier. Its text is
	// "" where there is none: then a, mx and ptr mean the current domain.
	Domain MacroString `json:"domain,omitzero"`
	// Network is that of ip4 and ip6, as written, so host bits may be set.
	Network netip.Prefix `json:"network,omitzero"`
	// Bits4 and Bits6 are the prefix lengths of a and mx, 32 and 128 where none is
	// written; 0 in other terms.
	Bits4 int `json:"bits4,omitempty"`
	Bits6 int `json:"bits6,omitempty"`
}

// MacroString is text that can hold macros (RFC 7208 section 7.1).
type MacroString struct {
	Text  string `json:"text"` // as written
	Span  Span   `json:"span"`
	Parts []Part `json:"parts"`
}

// Part is a run of literal text, or one macro.
type Part struct {
	Text    string `json:"text"` // as written
	Span    Span   `json:"span"`
	Literal string `json:"literal,omitempty"` // what it stands for, when not a letter: "%%" is "%"
	Macro   *Macro `json:"macro,omitempty"`
}

// Macro is a macro with a letter, such as %{d2r}.
type Macro struct {
	Letter     string `json:"letter"`               // lower case: "s", "l", "o", "d", "i", "p", "h", "c", "r", "t", "v"
	Keep       int    `json:"keep,omitempty"`       // right-hand parts kept, 0: all
	Reverse    bool   `json:"reverse,omitempty"`    // before that
	Delimiters string `json:"delimiters,omitempty"` // "": dots
	URLEscape  bool   `json:"url_escape,omitempty"` // the letter was upper case
}

// Parse reads the text of a record, character-strings joined. The error is a
// *SyntaxError for the first fault.
func Parse(text string) (*Record, error) {
	var rec record
	if _, err := scan(text, nil, &rec); err != nil {
		return nil, err
	}
	r := &Record{Text: text, Terms: make([]Term, len(rec.terms))}
	for i := range rec.terms {
		r.Terms[i] = rec.terms[i].tree(text)
	}
	return r, nil
}

func (t *term) tree(text string) Term {
	out := Term{
		Kind: t.kind,
		Name: t.kind.String(),
		Text: text[t.start:t.end],
		Span: Span{int(t.start), int(t.end)},
	}
	if t.qualifier != 0 {
		out.Qualifier = string(rune(t.qualifier))
	}
	switch t.kind {
	case KindIP4:
		out.Network = prefix(text[t.from:t.to], t.bits[ipv4])
		return out
	case KindIP6:
		out.Network = prefix(text[t.from:t.to], t.bits[ipv6])
		return out
	case KindA, KindMX:
		out.Bits4, out.Bits6 = int(t.bits[ipv4]), int(t.bits[ipv6])
	case KindUnknown:
		out.Name, _, _ = strings.Cut(out.Text, "=")
	}
	if t.from < t.to {
		out.Domain = macroTree(text, int(t.from), int(t.to))
	}
	return out
}

// prefix is the network of a term that the scanner has read.
func prefix(addr string, bits uint8) netip.Prefix {
	a, _ := netip.ParseAddr(addr)
	return netip.PrefixFrom(a, int(bits))
}

func macroTree(text string, from, to int) MacroString {
	s := MacroString{Text: text[from:to], Span: Span{from, to}}
	for i := from; i < to; {
		literal, m, rest := nextMacro(text[i:to])
		if literal != "" {
			s.Parts = append(s.Parts, Part{Text: literal, Span: Span{i, i + len(literal)}, Literal: literal})
		}
		next := to - len(rest)
		if m.letter != 0 {
			i += len(literal)
			s.Parts = append(s.Parts, m.tree(text[i:next], Span{i, next}))
		}
		i = next
	}
	return s
}

func (m macro) tree(text string, span Span) Part {
	p := Part{Text: text, Span: span}
	switch m.letter {
	case '%':
		p.Literal = "%"
	case '_':
		p.Literal = " "
	case '-':
		p.Literal = "%20"
	default:
		p.Macro = &Macro{string(rune(m.letter)), m.keep, m.reverse, m.delims, m.escape}
	}
	return p
}

// Name gives the domain name that the text is, without a final dot. ok is false
// when it is empty or holds a macro, so that the name hangs on the message.
func (s MacroString) Name() (name string, ok bool) {
	for _, p := range s.Parts {
		if p.Macro != nil {
			return "", false
		}
		name += p.Literal
	}
	return strings.TrimSuffix(name, "."), name != ""
}

// Result is what a match of the term gives (section 4.6.2), "" for a modifier.
func (t *Term) Result() Word {
	if t.Qualifier == "" {
		return ""
	}
	c := term{qualifier: t.Qualifier[0]}
	return c.word()
}

// Find gives the first term of a kind, nil when there is none.
func (r *Record) Find(k Kind) *Term {
	for i := range r.Terms {
		if r.Terms[i].Kind == k {
			return &r.Terms[i]
		}
	}
	return nil
}

// String writes the record in its plain form: single spaces, names in lower case,
// no "+", no prefix length that says nothing. It means the same as Text.
func (r *Record) String() string {
	var b strings.Builder
	b.WriteString(version)
	for i := range r.Terms {
		b.WriteByte(' ')
		b.WriteString(r.Terms[i].String())
	}
	return b.String()
}

// String writes the term in its plain form.
func (t *Term) String() string {
	if t.Kind.Modifier() {
		return t.Name + "=" + t.Domain.Text
	}
	s := t.Name
	if t.Qualifier != "+" {
		s = t.Qualifier + s
	}
	switch {
	case t.Network.IsSingleIP():
		s += ":" + t.Network.Addr().String()
	case t.Network.IsValid():
		s += ":" + t.Network.String()
	case t.Domain.Text != "":
		s += ":" + t.Domain.Text
	}
	if t.Kind == KindA || t.Kind == KindMX {
		if t.Bits4 != 32 {
			s += "/" + strconv.Itoa(t.Bits4)
		}
		if t.Bits6 != 128 {
			s += "//" + strconv.Itoa(t.Bits6)
		}
	}
	return s
}

package spf

import "strings"

// version opens every record (RFC 7208 section 4.5).
const version = "v=spf1"

// maxRecord is what one TXT record can hold (RFC 1035 section 3.2.1); only a
// made-up source of DNS answers can exceed it, and offsets of 16 bits rest on it.
const maxRecord = 65535

// isRecord reports whether text begins with the version section: "v=spf1" in any
// case, then a space or the end (RFC 7208 section 4.5).
func isRecord(text string) bool {
	return len(text) >= len(version) &&
		text[0]|0x20 == 'v' && text[1] == '=' && text[2]|0x20 == 's' &&
		text[3]|0x20 == 'p' && text[4]|0x20 == 'f' && text[5] == '1' &&
		(len(text) == len(version) || text[len(version)] == ' ')
}

// scan reads a whole record, so that a syntax error anywhere is found before any
// term is evaluated (section 4.6). It sets rec, whose terms it appends to into and
// so returns.
//
//	record = version terms *SP
//	terms  = *( 1*SP ( directive / modifier ) )
func scan(text string, into []term, rec *record) ([]term, *SyntaxError) {
	base := len(into)
	*rec = record{text: text, redirect: -1, exp: -1}
	if len(text) > maxRecord || !isRecord(text) {
		return into, notARecord(text)
	}
	for i := len(version); i < len(text); {
		if text[i] == ' ' {
			i++
			continue
		}
		end := len(text)
		if n := strings.IndexByte(text[i:], ' '); n >= 0 {
			end = i + n
		}
		into = append(into, term{})
		t := &into[len(into)-1]
		t.start, t.end = uint16(i), uint16(end)
		t.bits = [2]uint8{ipv4: 32, ipv6: 128}
		if err := scanTerm(text, t); err != nil {
			return into, err
		}
		// These two must not appear more than once each (section 6).
		switch at := len(into) - 1 - base; {
		case t.kind == KindRedirect && rec.redirect >= 0, t.kind == KindExp && rec.exp >= 0:
			return into, syntaxError(text, t, i, end, "no second "+t.kind.String()+"=", "6")
		case t.kind == KindRedirect:
			rec.redirect = at
		case t.kind == KindExp:
			rec.exp = at
		}
		i = end
	}
	rec.terms = into[base:]
	return into, nil
}

func notARecord(text string) *SyntaxError {
	if len(text) > maxRecord {
		return &SyntaxError{Term: clip(text), Span: Span{maxRecord, len(text)},
			Expected: "at most 65535 octets, the most that a TXT record holds", Section: "3.4"}
	}
	word, _, _ := strings.Cut(text, " ")
	e := &SyntaxError{Term: clip(word), Span: Span{0, len(word)},
		Expected: `"v=spf1" at the very start, then a space`, Section: "4.5"}
	if i := strings.Index(strings.ToLower(clip(text)), version); i > 0 {
		e.Hint = `remove what stands before "v=spf1"`
	}
	return e
}

// Character classes of the grammar, for names and for macro-literals.
const (
	classAlpha   = 1 << iota // ALPHA
	classDigit               // DIGIT
	className                // ALPHA / DIGIT / "-" / "_" / "."
	classLiteral             // macro-literal = %x21-24 / %x26-7E (section 7.1)
)

var class = func() (t [256]uint8) {
	for c := 0x21; c <= 0x7e; c++ {
		if c != '%' {
			t[c] |= classLiteral
		}
	}
	for c := '0'; c <= '9'; c++ {
		t[c] |= classDigit | className
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c] |= classAlpha | className
		t[c-'a'+'A'] |= classAlpha | className
	}
	for _, c := range "-_." {
		t[c] |= className
	}
	return t
}()

// Names of up to eight octets, packed in lower case so that one switch tells
// them apart.
const (
	nameA        = 'a'
	nameMX       = 'm'<<8 | 'x'
	nameAll      = 'a'<<16 | 'l'<<8 | 'l'
	namePTR      = 'p'<<16 | 't'<<8 | 'r'
	nameIP4      = 'i'<<16 | 'p'<<8 | '4'
	nameIP6      = 'i'<<16 | 'p'<<8 | '6'
	nameExp      = 'e'<<16 | 'x'<<8 | 'p'
	nameExists   = 'e'<<40 | 'x'<<32 | 'i'<<24 | 's'<<16 | 't'<<8 | 's'
	nameInclude  = 'i'<<48 | 'n'<<40 | 'c'<<32 | 'l'<<24 | 'u'<<16 | 'd'<<8 | 'e'
	nameRedirect = 'r'<<56 | 'e'<<48 | 'd'<<40 | 'i'<<32 | 'r'<<24 | 'e'<<16 | 'c'<<8 | 't'
)

// scanTerm reads the term whose bounds t already has.
//
//	directive = [ qualifier ] mechanism
//	modifier  = redirect / explanation / unknown-modifier
func scanTerm(text string, t *term) *SyntaxError {
	i, end := int(t.start), int(t.end)
	switch text[i] {
	case '+', '-', '?', '~':
		t.qualifier = text[i]
		i++
	}
	first := i
	var name uint64
	for ; i < end && class[text[i]]&className != 0; i++ {
		name = name<<8 | uint64(text[i]|0x20)
	}
	if i-first > 8 {
		name = 0
	}
	if i < end && text[i] == '=' {
		return scanModifier(text, t, name, first, i)
	}
	if t.qualifier == 0 {
		t.qualifier = '+' // section 4.6.2
	}
	return scanMechanism(text, t, name, i)
}

// scanModifier reads from the "=" at i on.
//
//	redirect         = "redirect" "=" domain-spec
//	explanation      = "exp" "=" domain-spec
//	unknown-modifier = name "=" macro-string
//	name             = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
//
// redirect and exp with a bad domain-spec are errors, not unknown modifiers.
func scanModifier(text string, t *term, name uint64, first, i int) *SyntaxError {
	if t.qualifier != 0 {
		return syntaxError(text, t, int(t.start), first, "no sign before a modifier", "4.6.1")
	}
	if class[text[first]]&classAlpha == 0 {
		return syntaxError(text, t, first, i, `a name that starts with a letter before "="`, "4.6.1")
	}
	t.from, t.to = uint16(i+1), t.end
	switch name {
	case nameRedirect:
		t.kind = KindRedirect
	case nameExp:
		t.kind = KindExp
	default:
		t.kind = KindUnknown
		return scanMacroString(text, t)
	}
	return scanDomainSpec(text, t)
}

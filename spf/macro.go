package spf

// macro is one scanned macro-expand (RFC 7208 section 7.1).
type macro struct {
	letter  byte   // s l o d i p h c r t v in lower case, or '%', '_', '-'
	escape  bool   // the letter was upper case: URL-escape the value (section 7.3)
	keep    int    // right-hand parts to keep, 0: all
	reverse bool   // order of parts
	delims  string // what parts the value, "": dots
}

// maxKeep is where the number of parts to keep saturates: no value has more.
// The standard asks for 127 at least (section 7.1).
const maxKeep = 1 << 16

// scanMacro reads the macro that the "%" at i opens. It gives where the macro
// ends, and what was expected there when that is no macro.
//
//	macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"
//	transformers = *DIGIT [ "r" ]
//	delimiter    = "." / "-" / "+" / "," / "/" / "_" / "="
func scanMacro(text string, i, end int) (m macro, next int, expected string) {
	i++
	if i == end {
		return m, i, `"%%", "%_", "%-" or "%{" and a letter`
	}
	switch m.letter = text[i]; m.letter {
	case '%', '_', '-':
		return m, i + 1, ""
	case '{':
		i++
	default:
		return m, i, `"%%", "%_", "%-" or "%{" and a letter`
	}

	if i == end {
		return m, i, "a macro letter"
	}
	m.letter = text[i] | 0x20
	m.escape = text[i] < 'a'
	switch m.letter {
	case 's', 'l', 'o', 'd', 'i', 'p', 'h', 'c', 'r', 't', 'v':
	default:
		return m, i, "a macro letter: s, l, o, d, i, p, h, v, or in an explanation also c, r, t"
	}

	digits := i + 1
	for i++; i < end && class[text[i]]&classDigit != 0; i++ {
		m.keep = min(m.keep*10+int(text[i]-'0'), maxKeep)
	}
	if i > digits && m.keep == 0 {
		return m, digits, "a number of parts other than 0" // MUST be nonzero
	}
	if i < end && text[i]|0x20 == 'r' {
		m.reverse = true
		i++
	}
	first := i
	for i < end && isDelimiter(text[i]) {
		i++
	}
	m.delims = text[first:i]
	if i == end || text[i] != '}' {
		return m, i, `digits, "r", delimiters (. - + , / _ =) and "}"`
	}
	return m, i + 1, ""
}

func isDelimiter(c byte) bool {
	switch c {
	case '.', '-', '+', ',', '/', '_', '=':
		return true
	}
	return false
}

// onlyInExplanation reports whether the macro has a meaning in the text of an
// explanation alone (section 7.2).
func (m macro) onlyInExplanation() bool {
	return m.letter == 'c' || m.letter == 'r' || m.letter == 't'
}

// scanMacroString reads the value of an unknown modifier. It must be a
// macro-string, but since such modifiers are ignored (section 6), c, r and t
// are no error in it.
//
//	macro-string = *( macro-expand / macro-literal )
func scanMacroString(text string, t *term) *SyntaxError {
	for i, end := int(t.from), int(t.to); i < end; {
		if text[i] == '%' {
			_, next, expected := scanMacro(text, i, end)
			if expected != "" {
				return syntaxError(text, t, i, min(next+1, end), expected, "7.1")
			}
			i = next
			continue
		}
		if class[text[i]]&classLiteral == 0 {
			return syntaxError(text, t, i, i+1, "visible ASCII characters", "7.1")
		}
		i++
	}
	return nil
}

// maxLabel and maxName are the limits of DNS (RFC 1035 section 2.3.4), the name
// written with dots.
const (
	maxLabel = 63
	maxName  = 253
)

// scanDomainSpec reads t's domain-spec, text[t.from:t.to].
//
//	domain-spec = macro-string domain-end
//	domain-end  = ( "." toplabel [ "." ] ) / macro-expand
//	toplabel    = ( *alphanum ALPHA *alphanum ) /
//	              ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
func scanDomainSpec(text string, t *term) *SyntaxError {
	from, end := int(t.from), int(t.to)
	if from == end {
		return syntaxError(text, t, from, end, "a domain name, not nothing", t.kind.Section())
	}
	macroEnd := from // past the last macro
	label := from    // start of the label at hand
	for i := from; i < end; {
		switch c := text[i]; {
		case class[c]&classLiteral == 0 && c != '%':
			return syntaxError(text, t, i, i+1, "visible ASCII characters", "7.1")
		case c == '%':
			m, next, expected := scanMacro(text, i, end)
			if expected == "" && m.onlyInExplanation() {
				expected = "a macro letter that is not c, r or t: these are for the text of an explanation"
			}
			if expected != "" {
				return syntaxError(text, t, i, min(next+1, end), expected, "7.1")
			}
			t.flags |= flagMacro
			i, macroEnd = next, next
			continue
		case c == '.':
			if i == label || i-label > maxLabel {
				t.flags |= flagUnaskable
			}
			label = i + 1
		}
		i++
	}
	if macroEnd == end {
		return nil
	}
	top, topEnd := topLabel(text, macroEnd, end)
	if !validTopLabel(text[top:topEnd]) || top == macroEnd || text[top-1] != '.' {
		return badDomainEnd(text, t, top, end)
	}
	if topEnd-top > maxLabel || topEnd-from > maxName {
		t.flags |= flagUnaskable
	}
	return nil
}

// topLabel gives the bounds of the last label, without a final dot.
func topLabel(text string, from, end int) (int, int) {
	if end > from && text[end-1] == '.' {
		end--
	}
	i := end
	for i > from && (text[i-1] == '-' || class[text[i-1]]&(classAlpha|classDigit) != 0) {
		i--
	}
	return i, end
}

func validTopLabel(s string) bool {
	if s == "" || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if class[s[i]]&classDigit == 0 {
			return true // a letter or an inner "-"
		}
	}
	return false
}

func badDomainEnd(text string, t *term, from, end int) *SyntaxError {
	if slash := slashBefore(text, int(t.from), end); slash >= 0 {
		return syntaxError(text, t, slash, end, "no prefix length here", t.kind.Section()).hint("only a, mx, ip4 and ip6 take one")
	}
	spec := text[t.from:t.to]
	if _, n, ok := scanQuad(spec, 0, len(spec)); ok && n == len(spec) {
		return syntaxError(text, t, int(t.from), end, "a domain name, not an address", "7.1").hint("write ip4:" + spec)
	}
	return syntaxError(text, t, from, end, `a name of two labels or more, the last with a letter or "-" in it, or a macro, at the end`, "7.1")
}

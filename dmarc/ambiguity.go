package dmarc

import "strings"

// ambiguity says why readers may differ in the addresses of a From value, ""
// where they should not. It looks for what RFC 5322 section 3.4 does not allow:
// two addresses in angle brackets without a comma, text behind an address, two at
// signs or a route in one (section 4.4), quotes or brackets that do not close,
// control characters.
func ambiguity(value string) string {
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return "it holds a control character"
	}
	var m member
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '"' || c == '(' {
			end := closing(value, i)
			if end < 0 {
				return "a quotation mark or parenthesis does not close"
			}
			if i = end; c == '(' {
				continue // a comment may stand anywhere
			}
		}
		if (c == ',' || c == ';') && !m.inAngle {
			if why := m.end(); why != "" {
				return why
			}
			m = member{}
			continue
		}
		if why := m.next(c); why != "" {
			return why
		}
	}
	return m.end()
}

// member is what was seen of one member of an address list.
type member struct {
	inAngle bool
	angles  int  // angle brackets opened
	ats     int  // at signs in the brackets, or in text without
	blank   bool // text had an at sign, a word, and a blank then
	tail    bool // and text again
	last    byte // the last octet that was no blank
}

// next takes one octet; that of a quoted string is its quotation mark.
func (m *member) next(c byte) string {
	if c == ' ' || c == '\t' {
		m.blank = m.blank || m.ats > 0 && m.last != '@'
		return ""
	}
	m.last = c
	switch {
	case c == '<' && m.inAngle, c == '>' && !m.inAngle:
		return "its angle brackets don't match"
	case c == '<':
		if m.angles++; m.angles > 1 {
			return "two addresses in angle brackets have no comma between them"
		}
		m.inAngle, m.ats = true, 0
	case c == '>':
		m.inAngle = false
		return m.twoAts()
	case m.inAngle && (c == ',' || c == ':' || c == ';'):
		return "an address names a route"
	case m.angles > 0 && !m.inAngle:
		return "text follows an address in angle brackets"
	case c == '@':
		m.ats++
	case m.blank && !m.inAngle:
		m.tail = true
	}
	return ""
}

// end judges the member as a whole. A name in front of brackets may hold what it
// likes: everybody reads the brackets.
func (m *member) end() string {
	switch {
	case m.inAngle:
		return "an angle bracket does not close"
	case m.angles == 0 && m.tail:
		return "text follows an address without angle brackets"
	}
	return m.twoAts()
}

func (m *member) twoAts() string {
	if m.ats > 1 {
		return "an address has two at signs"
	}
	return ""
}

// closing gives where the quoted string or the comment that starts at i ends, -1
// where it does not.
func closing(s string, i int) int {
	open, depth := s[i], 0
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case open == '"' && c == '"':
			if depth++; depth == 2 {
				return i
			}
		case open == '(' && c == '(':
			depth++
		case open == '(' && c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

package spf

import "strconv"

// SyntaxError says where a record, or an explanation, breaks the grammar of RFC
// 7208, and what would have been right there. Any such error anywhere makes the
// result a permerror (section 4.6).
type SyntaxError struct {
	Term     string // the term as written, at most 80 octets of it
	Span     Span   // the bytes at fault in the record
	Expected string // "a prefix length from 0 to 32"
	Section  string // of RFC 7208
	Hint     string // the likely fix, may be empty: "write ip4:192.0.2.1"
}

// maxQuoted bounds what a message repeats of a hostile record.
const maxQuoted = 80

func (e *SyntaxError) Error() string {
	s := "spf: " + strconv.QuoteToASCII(e.Term) + " at byte " + strconv.Itoa(e.Span.Start) +
		": expected " + e.Expected + " (RFC 7208 section " + e.Section + ")"
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

func clip(s string) string {
	if len(s) > maxQuoted {
		return s[:maxQuoted-3] + "..."
	}
	return s
}

// syntaxError is off the hot path: the scanner makes one only to return it.
func syntaxError(text string, t *term, from, to int, expected, section string) *SyntaxError {
	return &SyntaxError{
		Term:     clip(text[t.start:t.end]),
		Span:     Span{from, to},
		Expected: expected,
		Section:  section,
	}
}

func (e *SyntaxError) hint(s string) *SyntaxError {
	e.Hint = s
	return e
}

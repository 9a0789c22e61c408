package arc

import "bytes"

// parseInfo reads the start of ARC-Authentication-Results, from behind its name
// (RFC 8617 section 4.1.1: arc-info = instance [CFWS] ";" authres-payload).
func parseInfo(b []byte) (instance int, payload string, ok bool) {
	_, b, _ = bytes.Cut(b, []byte{':'})
	b = skip(b)
	if len(b) == 0 || b[0] != 'i' { // %s"i": its case counts
		return 0, "", false
	}
	b = skip(b[1:])
	if len(b) == 0 || b[0] != '=' {
		return 0, "", false
	}
	b = skip(b[1:])
	digits := 0
	for digits < len(b) && b[digits] >= '0' && b[digits] <= '9' {
		digits++
	}
	n, ok := number(string(b[:min(digits, 3)]))
	b = skip(b[digits:])
	if !ok || len(b) == 0 || b[0] != ';' {
		return 0, "", false
	}
	return n, string(bytes.Trim(b[1:], " \t\r\n")), true
}

// skip passes over white space and comments (RFC 5322 section 3.2.2), nested to
// any depth. A comment that does not close reaches to the end.
func skip(b []byte) []byte {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '(':
			depth++
		case depth > 0 && c == ')':
			depth--
		case depth > 0 && c == '\\':
			i++
		case depth > 0, c == ' ', c == '\t', c == '\r', c == '\n':
		default:
			return b[i:]
		}
	}
	return nil
}

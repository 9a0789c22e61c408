package dns

import "strings"

// The DNS library below us writes names and text as in master files, with
// escapes (RFC 1035 section 5.1). Here both are raw octets; these functions
// stand between.

// escapeName writes a raw name for the library, with the final dot. All that
// is not plain ASCII goes as \DDD: the library takes the end of a name apart by
// characters, not octets.
func escapeName(name string) string {
	name = strings.TrimSuffix(name, ".")
	plain := true
	for i := 0; i < len(name) && plain; i++ {
		plain = isPlain(name[i])
	}
	if plain {
		return name + "."
	}
	b := make([]byte, 0, 4*len(name)+1)
	for i := 0; i < len(name); i++ {
		if c := name[i]; isPlain(c) {
			b = append(b, c)
		} else {
			b = append(b, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
		}
	}
	return string(append(b, '.'))
}

func isPlain(c byte) bool { return ' ' < c && c <= '~' && c != '\\' }

// unescapeName is the way back, to the canonical form. A dot inside a label,
// which a name without escapes cannot hold, stays written out as the four
// characters \046: so "a\.example." never passes for "a.example".
func unescapeName(s string) string {
	return Canonical(unescape(strings.TrimSuffix(s, "."), `\046`))
}

// Escape writes raw octets as text of printable ASCII, the way zone files do: others
// as \DDD, quotes and the backslash behind a backslash (RFC 1035 section 5.1).
// Unescape is the way back.
func Escape(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c > '~':
			b = append(b, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// Unescape gives the raw octets of one character-string as zone files write it,
// quotes aside: \DDD and \X are resolved (RFC 1035 section 5.1).
func Unescape(s string) string { return unescape(s, ".") }

// unescape resolves \DDD and \X; an escaped dot becomes dot.
func unescape(s, dot string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for ; i >= 0; i = strings.IndexByte(s, '\\') {
		b = append(b, s[:i]...)
		c, n := unescapeOctet(s[i+1:])
		if n > 0 && c == '.' {
			b = append(b, dot...)
		} else if n > 0 {
			b = append(b, c)
		}
		s = s[i+1+n:]
	}
	return string(append(b, s...))
}

// unescapeOctet reads what follows a backslash: the octet and how many
// characters it took, none at the end of the text.
func unescapeOctet(s string) (c byte, n int) {
	if len(s) >= 3 && isDigit(s[0]) && isDigit(s[1]) && isDigit(s[2]) {
		return (s[0]-'0')*100 + (s[1]-'0')*10 + s[2] - '0', 3
	}
	if s == "" {
		return 0, 0
	}
	return s[0], 1
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

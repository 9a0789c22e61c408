package spf

import "strings"

// expand gives s its name where the macros of a domain-spec are the same for all
// mail of the domain that the check began with, the first in path: %{o} is that
// domain, %{d} the one whose record it is, the last.
func (s *sub) expand(spec string, path []string) (fixed bool) {
	var name []byte
	fixed = true
	for rest := spec; rest != ""; {
		literal, m, after := nextMacro(rest)
		name, rest = append(name, literal...), after
		switch m.letter {
		case 0:
		case '%':
			name = append(name, '%')
		case '_':
			name = append(name, ' ')
		case '-':
			name = append(name, "%20"...)
		case 'd':
			name = appendKnown(name, path[len(path)-1], m)
		case 'o':
			name, s.senders = appendKnown(name, path[0], m), true
		default:
			fixed = false
			s.asksPTR = s.asksPTR || m.letter == 'p'
		}
		if len(name) > maxExpanded {
			return false
		}
	}
	if fixed {
		s.name = truncate(strings.TrimSuffix(string(name), "."))
	}
	return fixed
}

// appendKnown appends the expansion of a macro (section 7.3).
func appendKnown(b []byte, value string, m macro) []byte {
	first := len(b)
	b = appendParts(b, value, m)
	if m.escape {
		b = appendEscaped(b[:first], string(b[first:]))
	}
	return b
}

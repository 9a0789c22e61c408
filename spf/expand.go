package spf

import (
	"strconv"
	"strings"
)

// target gives the domain name that a term's domain-spec stands for, or the
// current domain where it has none (RFC 7208 section 4.8). ok is false when it is
// no name that DNS can be asked; then nothing exists there.
func (e *evaluation) target(text string, t *term) (name string, ok bool, w Word) {
	switch {
	case t.from == t.to:
		return e.domain, true, ""
	case t.flags&flagMacro != 0:
		return e.expand(text[t.from:t.to], t.kind)
	}
	name = text[t.from:t.to]
	if name[len(name)-1] == '.' {
		name = name[:len(name)-1]
	}
	return name, t.flags&flagUnaskable == 0, ""
}

// expand is target for a domain-spec with macros.
func (e *evaluation) expand(spec string, kind Kind) (name string, ok bool, w Word) {
	b := e.scratch().buf[:0]
	for rest := spec; rest != ""; {
		literal, m, after := nextMacro(rest)
		b = append(b, literal...)
		if m.letter != 0 {
			if (m.letter == 'l' || m.letter == 's') && !isASCII(e.local) {
				return spec, false, "" // RFC 8616 section 4
			}
			if b, w = e.appendMacro(b, m); w != "" {
				return "", false, w
			}
		}
		rest = after
	}
	e.space.buf = b
	name = truncate(strings.TrimSuffix(string(b), "."))
	if e.tracing {
		e.space.steps[e.current].Expansion = clipText(name)
	}
	// The target of include and redirect is a domain to check_host(), so it must
	// have two labels (section 4.3).
	if kind == KindInclude || kind == KindRedirect {
		return name, labels(name) > 1, ""
	}
	return name, askable(name), ""
}

// truncate removes labels from the left until a name fits in 253 octets (section
// 7.3).
func truncate(name string) string {
	for len(name) > maxName {
		i := strings.IndexByte(name, '.')
		if i < 0 {
			return name
		}
		name = name[i+1:]
	}
	return name
}

// nextMacro splits a valid macro-string at its first macro. The letter is 0 when
// there is none.
func nextMacro(s string) (literal string, m macro, rest string) {
	i := strings.IndexByte(s, '%')
	if i < 0 {
		return s, m, ""
	}
	m, next, _ := scanMacro(s, i, len(s))
	return s[:i], m, s[next:]
}

// appendMacro appends the expansion of a macro (section 7.3).
func (e *evaluation) appendMacro(b []byte, m macro) ([]byte, Word) {
	switch m.letter {
	case '%':
		return append(b, '%'), ""
	case '_':
		return append(b, ' '), ""
	case '-':
		return append(b, "%20"...), ""
	}
	value, w := e.value(m.letter)
	if w == "" {
		w = e.countExpanded(value)
	}
	if w != "" {
		return b, w
	}
	first := len(b)
	b = appendParts(b, value, m)
	if m.escape {
		b = appendEscaped(b[:first], string(b[first:]))
	}
	return b, ""
}

// value is what a macro letter stands for (section 7.2).
func (e *evaluation) value(letter byte) (string, Word) {
	switch letter {
	case 's':
		return e.local + "@" + e.origin, ""
	case 'l':
		return e.local, ""
	case 'o':
		return e.origin, ""
	case 'd':
		return e.domain, ""
	case 'i':
		return e.dotted(), ""
	case 'p':
		return e.validatedName()
	case 'v':
		if e.family == ipv4 {
			return "in-addr", ""
		}
		return "ip6", ""
	case 'h':
		if !e.heloRead {
			e.heloRead = true
			e.helo = toASCII(strings.TrimSuffix(e.helo, "."))
		}
		return e.helo, ""
	case 'c':
		return e.addr.String(), ""
	case 'r':
		return e.receiver, ""
	case 't':
		if e.time.IsZero() {
			return "0", ""
		}
		return strconv.FormatInt(e.time.Unix(), 10), ""
	}
	return "", ""
}

// dotted is the client's address for %{i}: dotted quad, or nibbles with dots.
func (e *evaluation) dotted() string {
	if e.family == ipv4 {
		return e.addr.String()
	}
	const hex = "0123456789abcdef"
	b := make([]byte, 0, 63)
	for _, c := range e.addr.As16() {
		b = append(b, hex[c>>4], '.', hex[c&15], '.')
	}
	return string(b[:63])
}

// appendParts appends a value split at its delimiters, its parts reversed and cut
// as the macro says, joined with dots. Without a transformer that is the value
// with dots for delimiters.
func appendParts(dst []byte, value string, m macro) []byte {
	delims := m.delims
	if delims == "" {
		delims = "."
	}
	if !m.reverse {
		return appendDotted(dst, lastParts(value, delims, m.keep), delims)
	}
	// The right-hand parts of the reversed list are the first ones of the value.
	value = firstParts(value, delims, m.keep)
	for {
		i := strings.LastIndexAny(value, delims)
		dst = append(dst, value[i+1:]...)
		if i < 0 {
			return dst
		}
		dst = append(dst, '.')
		value = value[:i]
	}
}

func appendDotted(dst []byte, value, delims string) []byte {
	for i := range len(value) {
		c := value[i]
		if strings.IndexByte(delims, c) >= 0 {
			c = '.'
		}
		dst = append(dst, c)
	}
	return dst
}

func lastParts(value, delims string, keep int) string {
	for i := len(value) - 1; i >= 0 && keep > 0; i-- {
		if strings.IndexByte(delims, value[i]) >= 0 {
			if keep--; keep == 0 {
				return value[i+1:]
			}
		}
	}
	return value
}

func firstParts(value, delims string, keep int) string {
	for i := 0; i < len(value) && keep > 0; i++ {
		if strings.IndexByte(delims, value[i]) >= 0 {
			if keep--; keep == 0 {
				return value[:i]
			}
		}
	}
	return value
}

// appendEscaped escapes what is not unreserved in a URL (section 7.3, RFC 3986
// section 2.3).
func appendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if class[c]&className != 0 || c == '~' {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

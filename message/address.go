package message

import "strings"

// maxAddresses bounds one address list; the value is bounded too.
const maxAddresses = 1000

// Address is one mailbox of an address list.
type Address struct {
	// Name is the display name, decoded, quotes removed; the comment behind the
	// address where there is no name (RFC 5322 section 3.4, obsolete form).
	Name string
	// Local and Domain are the parts of the address as written, the quotes of a
	// quoted local part and the route removed; Domain is "" for a bare name.
	Local, Domain string
}

// String gives the address without the name: "local@domain", or the local part
// alone.
func (a Address) String() string {
	if a.Domain == "" {
		return a.Local
	}
	return a.Local + "@" + a.Domain
}

// ParseAddresses reads an address list (RFC 5322 section 3.4, RFC 6532), the
// unfolded value of From, To and the like. It tolerates what is no address: empty
// members and text without an at sign between angle brackets are kept as a bare
// name, brackets and quotes that never close end with the list. Groups are
// replaced by their members. At most 1000 addresses are given, in linear time.
func ParseAddresses(value string) []Address {
	if len(value) > maxValue {
		value = value[:maxValue]
	}
	var out []Address
	p := addressParser{s: value}
	for len(out) < maxAddresses {
		a, more := p.next()
		if a.Local != "" || a.Domain != "" {
			out = append(out, a)
		}
		if !more {
			break
		}
	}
	return out
}

// addressParser reads one list from left to right.
type addressParser struct {
	s   string
	pos int
}

// next reads up to the next separator; more is false at the end of the list.
func (p *addressParser) next() (a Address, more bool) {
	var words strings.Builder // display name, or the address itself
	var comment, angle string
	hasAngle, quoted := false, false
	quotedLocal := ""
	for p.pos < len(p.s) {
		switch c := p.s[p.pos]; c {
		case ',', ';':
			p.pos++
			return finishAddress(words.String(), comment, angle, quotedLocal, hasAngle), true
		case ':': // a group's name ends, or a route inside no brackets
			p.pos++
			if !hasAngle && !strings.Contains(words.String(), "@") {
				words.Reset()
				quotedLocal = ""
			}
		case '(':
			comment = p.comment()
		case '<':
			angle = p.angle()
			hasAngle = true
		case '"':
			q := p.quoted()
			if !quoted && words.Len() == 0 {
				quotedLocal = q
			}
			quoted = true
			words.WriteString(q)
		default:
			words.WriteByte(c)
			p.pos++
		}
	}
	return finishAddress(words.String(), comment, angle, quotedLocal, hasAngle), false
}

// finishAddress makes an address of the parts of one list member.
func finishAddress(words, comment, angle, quotedLocal string, hasAngle bool) Address {
	words = strings.TrimSpace(words)
	if hasAngle {
		a := splitAddress(angle)
		a.Name = DecodeWords(words)
		if a.Name == "" {
			a.Name = DecodeWords(comment)
		}
		return a
	}
	// "a b@example.com": the address is the word with the at sign.
	if quotedLocal != "" && strings.HasPrefix(words, quotedLocal+"@") {
		return Address{Local: quotedLocal, Domain: words[len(quotedLocal)+1:], Name: DecodeWords(comment)}
	}
	if i := strings.IndexByte(words, '@'); i >= 0 && strings.ContainsAny(words, " \t") {
		start := strings.LastIndexAny(words[:i], " \t") + 1
		end := len(words)
		if n := strings.IndexAny(words[i:], " \t"); n >= 0 {
			end = i + n
		}
		a := splitAddress(strings.Trim(words[start:end], "<>"))
		a.Name = DecodeWords(strings.TrimSpace(words[:start]))
		return a
	}
	a := splitAddress(words)
	a.Name = DecodeWords(comment)
	return a
}

// splitAddress splits an address at its last at sign, without a route (RFC 5322
// section 4.4: "@a,@b:user@host") and without quotes around the local part.
func splitAddress(s string) Address {
	s = strings.Trim(s, " \t")
	if strings.HasPrefix(s, "@") {
		if i := strings.IndexByte(s, ':'); i >= 0 {
			s = s[i+1:]
		}
	}
	i := strings.LastIndexByte(s, '@')
	if i < 0 {
		return Address{Local: unquote(s)}
	}
	return Address{Local: unquote(strings.Trim(s[:i], " \t")), Domain: strings.Trim(s[i+1:], " \t.")}
}

// unquote removes the quotes of a quoted string and the backslashes in it.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out = append(out, s[i])
	}
	return string(out)
}

// quoted reads the quoted string at pos and gives its content.
func (p *addressParser) quoted() string {
	start := p.pos
	for i := start + 1; i < len(p.s); i++ {
		switch p.s[i] {
		case '\\':
			i++
		case '"':
			p.pos = i + 1
			return unquote(p.s[start:p.pos])
		}
	}
	p.pos = len(p.s)
	return p.s[start+1:]
}

// comment reads the comment at pos, which may nest, and gives its content.
func (p *addressParser) comment() string {
	end, _ := skipComment(p.s, p.pos)
	text := strings.TrimSuffix(p.s[p.pos+1:end], ")")
	p.pos = end
	return strings.TrimSpace(text)
}

// angle reads the angle brackets at pos and gives what is between them.
func (p *addressParser) angle() string {
	start := p.pos + 1
	for i := start; i < len(p.s); i++ {
		switch p.s[i] {
		case '"':
			p.pos = i
			p.quoted()
			i = p.pos - 1
		case '>':
			p.pos = i + 1
			return p.s[start:i]
		}
	}
	p.pos = len(p.s)
	return p.s[start:]
}

// skipComment gives the offset after the comment that starts at s[pos] (RFC 5322
// section 3.2.2), len(s) and false for one that never closes.
func skipComment(s string, pos int) (end int, closed bool) {
	depth := 0
	for i := pos; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1, true
			}
		}
	}
	return len(s), false
}

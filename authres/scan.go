package authres

import (
	"strconv"
	"strings"
)

// scanner reads the value of a field from left to right. The first error stays.
type scanner struct {
	s   string
	pos int
	err *SyntaxError
}

func (s *scanner) fail(at int, text string) {
	if s.err == nil {
		s.err = &SyntaxError{at, text}
	}
	s.pos = len(s.s)
}

// cfws passes over white space and comments (RFC 5322 section 3.2.2) and gives
// the text of the first comment; any says that there was one or the other.
func (s *scanner) cfws() (comment string, any bool) {
	start, first := s.pos, true
	for s.pos < len(s.s) {
		switch s.s[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		case '(':
			text := s.comment()
			if first {
				comment, first = text, false
			}
		default:
			return comment, s.pos > start
		}
	}
	return comment, s.pos > start
}

// comment reads the comment at pos, which may nest. Parentheses within stay,
// folds and the backslashes of quoted pairs go.
func (s *scanner) comment() string {
	var out strings.Builder
	start, depth := s.pos, 0
	for ; s.pos < len(s.s); s.pos++ {
		c := s.s[s.pos]
		switch {
		case c == '\\' && s.pos+1 < len(s.s):
			s.pos++
			c = s.s[s.pos]
		case c == '(':
			if depth++; depth == 1 {
				continue
			}
		case c == ')':
			if depth--; depth == 0 {
				s.pos++
				return out.String()
			}
		}
		s.text(&out, c)
	}
	s.fail(start, "the comment does not close")
	return ""
}

// quoted reads the quoted string at pos (RFC 5322 section 3.2.4) into out.
func (s *scanner) quoted(out *strings.Builder) {
	start := s.pos
	for s.pos++; s.pos < len(s.s); s.pos++ {
		c := s.s[s.pos]
		switch {
		case c == '"':
			s.pos++
			return
		case c == '\\' && s.pos+1 < len(s.s):
			s.pos++
			c = s.s[s.pos]
		}
		s.text(out, c)
	}
	s.fail(start, "the quoted string does not close")
}

// text takes an octet of a comment or quoted string, folds left out.
func (s *scanner) text(out *strings.Builder, c byte) {
	switch {
	case c == '\r' || c == '\n':
	case c < ' ' && c != '\t' || c == 0x7f:
		s.fail(s.pos, "a control character")
	default:
		out.WriteByte(c)
	}
}

// keyword reads a word of letters, digits, hyphens and underscores (RFC 8601
// section 2.2, Keyword), "" where there is none, in lower case.
func (s *scanner) keyword() string {
	start := s.pos
	for s.pos < len(s.s) && isKeyword(s.s[s.pos]) {
		s.pos++
	}
	return strings.ToLower(s.s[start:s.pos])
}

// value reads a token, a quoted string, or an address made of those. Like all
// readers it takes any octets of a token that end nothing: large services leave
// out quotes ("header.b=aB/c=").
func (s *scanner) value() string {
	var out strings.Builder
	for s.pos < len(s.s) {
		c := s.s[s.pos]
		switch {
		case c == '"':
			s.quoted(&out)
			continue
		case strings.IndexByte(" \t\r\n;(", c) >= 0:
			return out.String()
		case c < ' ' || c == 0x7f || c == ')':
			s.fail(s.pos, "an octet that no value may hold without quotes")
			return ""
		}
		out.WriteByte(c)
		s.pos++
	}
	return out.String()
}

// take passes over c where it stands.
func (s *scanner) take(c byte) bool {
	if s.pos < len(s.s) && s.s[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// number reads a version, 0 where there is none that fits.
func (s *scanner) number() int {
	start := s.pos
	for s.pos < len(s.s) && s.s[s.pos] >= '0' && s.s[s.pos] <= '9' {
		s.pos++
	}
	n, err := strconv.ParseUint(s.s[start:s.pos], 10, 16)
	if err != nil {
		return 0
	}
	return int(n)
}

func isKeyword(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// isToken tells the octets of a token (RFC 2045 section 5.1); those of UTF-8
// count too (RFC 6532 section 3.2).
func isToken(c byte) bool {
	return c > ' ' && c != 0x7f && strings.IndexByte(`()<>@,;:\"/[]?=`, c) < 0
}

package message

import "strings"

// maxParams bounds the parameters of one field.
const maxParams = 100

// Param gives the value of a parameter in params, the part of a field value
// behind its first semicolon (RFC 2045 section 5.1). The name is in lower case.
// Continuations and charsets (RFC 2231) are put together and decoded; quotes are
// removed and may be missing. The first of several equal names counts.
func Param(params, name string) string {
	var pieces []string // RFC 2231 continuations
	var encoded bool
	for range maxParams {
		var key, value string
		key, value, params = nextParam(params)
		if key == "" && params == "" {
			break
		}
		if len(key) < len(name) || !strings.EqualFold(key[:len(name)], name) {
			continue
		}
		switch rest := key[len(name):]; {
		case rest == "":
			return value
		case rest == "*":
			return decodeExtended(value)
		case rest[0] == '*' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
			encoded = encoded || strings.HasSuffix(rest, "*")
			pieces = append(pieces, value)
		}
	}
	joined := strings.Join(pieces, "")
	if encoded {
		return decodeExtended(joined)
	}
	return joined
}

// nextParam takes the first parameter off s.
func nextParam(s string) (key, value, rest string) {
	s = strings.TrimLeft(s, " \t\r\n;")
	for strings.HasPrefix(s, "(") {
		n, _ := skipComment(s, 0)
		s = strings.TrimLeft(s[n:], " \t\r\n;")
	}
	i := strings.IndexAny(s, "=;")
	if i < 0 {
		return "", "", ""
	}
	if s[i] == ';' {
		return "", "", s[i:]
	}
	key = strings.TrimSpace(s[:i])
	s = strings.TrimLeft(s[i+1:], " \t")
	if strings.HasPrefix(s, `"`) {
		for k := 1; k < len(s); k++ {
			switch s[k] {
			case '\\':
				k++
			case '"':
				return key, unquote(s[:k+1]), s[k+1:]
			}
		}
		return key, s[1:], "" // the quote never closes
	}
	end := strings.IndexByte(s, ';')
	if end < 0 {
		end = len(s)
	}
	value, rest = s[:end], s[end:]
	// What stands behind white space belongs to no parameter: a comment, or a
	// parameter whose semicolon is missing.
	if k := strings.IndexAny(value, " \t"); k >= 0 {
		if strings.IndexByte(value[k:], '=') > 0 {
			rest = value[k:] + rest
		}
		value = value[:k]
	}
	return key, value, rest
}

// decodeExtended reads charset'language'text with octets as %XX (RFC 2231
// section 4).
func decodeExtended(s string) string {
	charset, text, ok := strings.Cut(s, "'")
	if ok {
		if _, t, ok := strings.Cut(text, "'"); ok {
			text = t
		}
	} else {
		charset, text = "", s
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) {
			out = append(out, unhex(text[i+1])<<4|unhex(text[i+2]))
			i += 2
			continue
		}
		out = append(out, text[i])
	}
	return DecodeCharset(charset, out)
}

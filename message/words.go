package message

import (
	"bytes"
	"strings"
)

// maxWordQuestions is how many question marks the text of an encoded word may
// have against the rule: some programs forget to encode them.
const maxWordQuestions = 8

// DecodeWords decodes the encoded words (RFC 2047) of an unfolded value, drops
// the white space between neighbours, joins neighbours of one charset before
// decoding (a character may be cut in two), and reads raw 8-bit octets (RFC 6532
// or against every rule) as [DecodeCharset] does. What is no encoded word stays
// as it is. Line ends that were encoded become spaces. At most 64 KiB of s are
// read, in linear time; the result is valid UTF-8 on one line.
func DecodeWords(s string) string {
	if len(s) > maxValue {
		s = s[:maxValue]
	}
	if !strings.Contains(s, "=?") {
		return oneLine(decodeRaw(s))
	}
	var out strings.Builder
	var run []byte // octets of neighbouring words in one charset
	var charset string
	flush := func() {
		if len(run) > 0 {
			out.WriteString(DecodeCharset(charset, run))
			run = run[:0]
		}
	}
	lit := 0    // start of text not yet written
	after := -1 // end of the last word
	for pos := 0; ; {
		i := strings.Index(s[pos:], "=?")
		if i < 0 {
			break
		}
		start := pos + i
		w, ok := scanWord(s[start:])
		if !ok {
			pos = start + 2
			continue
		}
		if gap := s[lit:start]; after < 0 || lit != after || strings.Trim(gap, " \t\r\n") != "" {
			flush()
			out.WriteString(decodeRaw(gap))
		}
		if !strings.EqualFold(w.charset, charset) {
			flush()
			charset = w.charset
		}
		run = w.appendTo(run)
		pos = start + w.len
		lit, after = pos, pos
	}
	flush()
	out.WriteString(decodeRaw(s[lit:]))
	return oneLine(out.String())
}

// word is an encoded word taken apart.
type word struct {
	charset, text string
	encoding      byte // 'b' or 'q'
	len           int  // octets that it takes
}

// scanWord reads the encoded word at the start of s (RFC 2047 section 2).
func scanWord(s string) (word, bool) {
	rest := s[2:]
	i := strings.IndexByte(rest[:min(len(rest), 64)], '?')
	if i < 1 || i+3 > len(rest) || rest[i+2] != '?' {
		return word{}, false
	}
	w := word{charset: rest[:i], encoding: rest[i+1] | 0x20}
	if w.encoding != 'b' && w.encoding != 'q' {
		return word{}, false
	}
	text := rest[i+3:]
	end := 0
	for range maxWordQuestions {
		n := strings.IndexByte(text[end:], '?')
		if n < 0 {
			return word{}, false
		}
		end += n
		if end+1 < len(text) && text[end+1] == '=' {
			w.text = text[:end]
			w.len = len(s) - len(text) + end + 2
			return w, true
		}
		if w.encoding == 'b' {
			return word{}, false
		}
		end++
	}
	return word{}, false
}

// appendTo appends the octets that the word stands for.
func (w word) appendTo(dst []byte) []byte {
	if w.encoding == 'b' {
		return appendBase64(dst, []byte(w.text))
	}
	for i := 0; i < len(w.text); i++ {
		switch c := w.text[i]; {
		case c == '_': // RFC 2047 section 4.2
			dst = append(dst, ' ')
		case c == '=' && i+2 < len(w.text) && isHex(w.text[i+1]) && isHex(w.text[i+2]):
			dst = append(dst, unhex(w.text[i+1])<<4|unhex(w.text[i+2]))
			i += 2
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// decodeRaw reads text that is no encoded word.
func decodeRaw(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 || s[i] == 0x1b {
			return DecodeCharset("", []byte(s))
		}
	}
	return s
}

// oneLine replaces line ends, which only a forger encodes.
func oneLine(s string) string {
	if strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return string(bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, []byte(s)))
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}

package web

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible makes the characters visible that hide, reorder or break text:
// controls, directions, joiners and whatever else has no shape. A finished page
// goes through it as a whole, so that no value can be forgotten.
func visible(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if c := text[i]; c >= ' ' && c < 0x7f || c == '\n' || c == '\t' {
			out = append(out, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r == '\r':
			// A line end of mail; the line feed after it is kept.
		case hides(r):
			out = fmt.Appendf(out, "[U+%04X]", r)
		default:
			out = utf8.AppendRune(out, r) // U+FFFD for what is no UTF-8
		}
		i += n
	}
	return out
}

func hides(r rune) bool {
	// Cf has the directions, joiners and tags; the fillers and most variation
	// selectors are letters and marks by their class, without a shape. (Those of
	// emoji, U+FE0E and U+FE0F, do what they are for.)
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) ||
		r == 0x034f || r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 ||
		r >= 0x180b && r <= 0x180f || r >= 0xfe00 && r <= 0xfe0d || r >= 0xe0100 && r <= 0xe01ef
}

// defang makes links in text unfit for use; those that package forensics lists
// ("hxxp://host[.]example") are so already.
func defang(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, "://")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		if scheme := strings.ToLower(s[:i]); strings.HasSuffix(scheme, "hxxp") || strings.HasSuffix(scheme, "hxxps") {
			b.WriteString("://")
		} else {
			b.WriteString("[://]")
		}
		s = s[i+3:]
	}
}

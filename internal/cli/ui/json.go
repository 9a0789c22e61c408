package ui

import (
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON gives a writer for JSON text, which it passes on with every rune escaped
// (\u001b) that [Clean] would take away. The text means the same; a terminal
// that it lands on stays unharmed.
func JSON(w io.Writer) io.Writer { return &jsonWriter{w: w} }

type jsonWriter struct {
	w    io.Writer
	part []byte // the beginning of a rune whose end is not written yet
	buf  []byte
}

func (j *jsonWriter) Write(p []byte) (int, error) {
	text := p
	if len(j.part) > 0 {
		text = append(j.part, p...)
	}
	out := j.buf[:0]
	for len(text) > 0 {
		if c := text[0]; c < utf8.RuneSelf {
			text = text[1:]
			if c == 0x7f {
				out = append(out, `\u007f`...)
			} else {
				out = append(out, c) // below 0x20 only line ends stand outside of escapes
			}
			continue
		}
		if !utf8.FullRune(text) {
			break
		}
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		switch {
		case printable(r) || r == utf8.RuneError:
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	j.part = append([]byte(nil), text...)
	j.buf = out
	if _, err := j.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

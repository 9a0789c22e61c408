package dkim

import (
	"bytes"
	"fmt"
)

// foldAt is where the lines of a signature field are folded (RFC 5322 section
// 2.1.1 advises 78).
const foldAt = 76

// fieldWriter writes a folded header field.
type fieldWriter struct {
	buf  []byte
	line int // octets in the current line
}

func (w *fieldWriter) raw(s string) {
	w.buf = append(w.buf, s...)
	w.line += len(s)
}

// tag writes a tag behind a space, or at the start of the next line.
func (w *fieldWriter) tag(s string) {
	if w.line+1+len(s) > foldAt {
		w.newLine()
	} else {
		w.raw(" ")
	}
	w.raw(s)
}

func (w *fieldWriter) newLine() {
	w.buf = append(w.buf, "\r\n\t"...)
	w.line = 8
}

// list writes names with colons between and a semicolon behind.
func (w *fieldWriter) list(tag string, names []string) {
	for i, name := range names {
		sep := ":"
		if i == len(names)-1 {
			sep = ";"
		}
		if i == 0 {
			w.tag(tag + name + sep)
			continue
		}
		if w.line+len(name)+1 > foldAt {
			w.newLine()
		}
		w.raw(name + sep)
	}
}

// fold writes base64 in lines.
func (w *fieldWriter) fold(s string) {
	for s != "" {
		if w.line >= foldAt {
			w.newLine()
		}
		n := min(len(s), foldAt-w.line)
		w.raw(s[:n])
		s = s[n:]
	}
}

// encodeQuoted writes dkim-quoted-printable (RFC 6376 section 2.11; octets over
// 0x7f stay, RFC 8616 section 5).
func encodeQuoted(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c <= ' ' || c == '=' || c == ';' || c == 0x7f {
			out = fmt.Appendf(out, "=%02X", c)
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

// maxLine is how long a line may be without its CRLF (RFC 5322 section 2.1.1).
const maxLine = 998

// lineCheck finds what mail servers change on the way.
type lineCheck struct {
	line, length int // the current line, counted from 0, and its octets
	cr           bool
	long, longest,
	bareCR, bareLF, nul int // number of the first line of each fault, from 1
}

// Write takes the next octets.
func (l *lineCheck) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := bytes.IndexByte(rest, '\n')
		text := rest
		if n >= 0 {
			text = rest[:n]
		}
		if l.cr && len(text) > 0 {
			first(&l.bareCR, l.line)
		}
		if len(text) > 0 {
			l.cr = text[len(text)-1] == '\r'
			l.length += len(text)
			if i := bytes.IndexByte(text, '\r'); i >= 0 && i < len(text)-1 {
				first(&l.bareCR, l.line)
			}
			if l.nul == 0 && bytes.IndexByte(text, 0) >= 0 {
				first(&l.nul, l.line)
			}
		}
		if n < 0 {
			break
		}
		l.end()
		rest = rest[n+1:]
	}
	return len(p), nil
}

// end ends a line at its LF.
func (l *lineCheck) end() {
	if l.cr {
		l.length--
	} else {
		first(&l.bareLF, l.line)
	}
	l.measure()
	l.line++
	l.length, l.cr = 0, false
}

func (l *lineCheck) measure() {
	if l.length > maxLine {
		first(&l.long, l.line)
		l.longest = max(l.longest, l.length)
	}
}

// blank counts the line between header and body.
func (l *lineCheck) blank() { l.line++ }

func first(at *int, line int) {
	if *at == 0 {
		*at = line + 1
	}
}

func (l *lineCheck) notes() (out []string) {
	l.measure() // the last line may have no end
	if l.cr {
		first(&l.bareCR, l.line)
	}
	if l.long > 0 {
		out = append(out, fmt.Sprintf("Line %d is over %d octets long (the longest has %d): a mail server may break it, and the signature with it. Encode the body as quoted-printable or base64.", l.long, maxLine, l.longest))
	}
	if l.bareCR > 0 {
		out = append(out, fmt.Sprintf("Line %d holds a CR without LF: a mail server may change it, and break the signature. Encode the body, or end lines with CRLF.", l.bareCR))
	}
	if l.nul > 0 {
		out = append(out, fmt.Sprintf("Line %d holds a NUL octet: a mail server may drop it, and break the signature. Encode the body as base64.", l.nul))
	}
	if l.bareLF > 0 {
		out = append(out, fmt.Sprintf("Lines end with LF alone, the first is line %d: they were signed as CRLF, and have to be sent so.", l.bareLF))
	}
	return out
}

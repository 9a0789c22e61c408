package message

import (
	"bytes"
	"strings"
)

// Part is one entity of the MIME tree (RFC 2045 section 2.4): the message itself,
// or a body part. Its slices alias the bytes given to [ParsePart].
type Part struct {
	Header Header
	// Type is the media type in lower case ("text/plain", "message/rfc822"). It
	// is "text/plain" where there is no readable Content-Type (RFC 2045 section
	// 5.2), and HasType tells.
	Type    string
	HasType bool
	// Encoding is the transfer encoding in lower case, "" where none is given.
	Encoding string
	// Body is the part's body, still encoded.
	Body []byte
	// Offset and BodyOffset are where the part and its body start, counted from
	// the start of the whole message; Line and BodyLine are the numbers of
	// these lines, from 1.
	Offset, BodyOffset int
	Line, BodyLine     int
	// Depth is 0 for the message itself.
	Depth int
	// Cut says that the message ended before this part's closing delimiter.
	Cut bool

	params string // of Content-Type, as written
}

// ParsePart reads data as one entity: its header, type and body. It does not look
// into the body; [Walk] does. A byte order mark and blank lines before the header
// are passed over.
func ParsePart(data []byte) (*Part, []Warning) {
	p := new(Part)
	start, line := leadIn(data)
	warns := p.read(data, start, len(data), line)
	return p, warns
}

// leadIn gives the offset of the first field and its line: exports put a byte
// order mark or blank lines before it.
func leadIn(data []byte) (start, line int) {
	line = 1
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		start = len("\ufeff")
	}
	for n := start; n < len(data) && n-start < maxLeadIn; n++ {
		switch data[n] {
		case '\n':
			line++
			start = n + 1
		case '\r':
		default:
			return start, line
		}
	}
	return start, line
}

// maxLeadIn is how many octets of line ends may stand before a message.
const maxLeadIn = 1 << 10

// read fills p from data[start:end], whose first line has the number line.
func (p *Part) read(data []byte, start, end, line int) []Warning {
	h, body, warns := readHeader(data[:end], start, line)
	p.Header = h
	p.Offset, p.BodyOffset = start, body
	p.Line, p.BodyLine = line, line+bytes.Count(data[start:body], newline)
	p.Body = data[body:end]
	p.Type = "text/plain"
	if f, ok := h.First("Content-Type"); ok {
		p.setType(f.Value())
	}
	if f, ok := h.First("Content-Transfer-Encoding"); ok {
		v := f.Value()
		if i := strings.IndexAny(v, " \t;("); i > 0 {
			v = v[:i]
		}
		p.Encoding = strings.ToLower(v)
	}
	return warns
}

var newline = []byte{'\n'}

// setType reads a Content-Type value (RFC 2045 section 5.1).
func (p *Part) setType(v string) {
	typ, params, _ := strings.Cut(v, ";")
	p.params = params
	typ = strings.ToLower(strings.TrimSpace(typ))
	if i := strings.IndexAny(typ, " \t("); i > 0 {
		typ = typ[:i]
	}
	switch {
	case typ == "text": // RFC 1049, old programs
		typ = "text/plain"
	case strings.IndexByte(typ, '/') <= 0 || strings.IndexByte(typ, '=') >= 0:
		return // not a type: stays text/plain
	}
	p.Type, p.HasType = typ, true
}

// Param gives a parameter of the Content-Type, its name in lower case; RFC 2231
// forms are understood. It is "" where it is missing.
func (p *Part) Param(name string) string {
	return Param(p.params, name)
}

// Filename gives the name that the part has as a file, decoded, "" without one.
func (p *Part) Filename() string {
	if f, ok := p.Header.First("Content-Disposition"); ok { // RFC 2183
		_, params, _ := strings.Cut(f.Value(), ";")
		if name := Param(params, "filename"); name != "" {
			return DecodeWords(name)
		}
	}
	return DecodeWords(p.Param("name"))
}

// Multipart says whether the part has parts of its own.
func (p *Part) Multipart() bool { return strings.HasPrefix(p.Type, "multipart/") }

// Decode undoes the transfer encoding (RFC 2045 section 6) of the body and gives
// at most limit octets of it; cut says that there was more. Without an encoding,
// or with an unknown one, the result aliases the message and identical is true:
// its lines and offsets are those of the message.
func (p *Part) Decode(limit int) (body []byte, identical, cut bool) {
	src := p.Body
	switch p.Encoding {
	case "base64":
		if most := limit/3*4 + limit/16 + 80; len(src) > most {
			src, cut = src[:most], true
		}
		body = appendBase64(make([]byte, 0, len(src)/4*3+3), src)
	case "quoted-printable":
		if most := 3*limit + 80; len(src) > most { // a soft break costs no output
			src, cut = src[:most], true
		}
		body = appendQuotedPrintable(make([]byte, 0, len(src)), src)
	default:
		body, identical = src, true
	}
	if len(body) > limit {
		body, cut = body[:limit], true
	}
	return body, identical, cut
}

// Text gives the decoded body as UTF-8, at most limit octets of it before the
// charset is undone. HTML stays HTML; see [HTMLText].
func (p *Part) Text(limit int) string {
	b, _, _ := p.Decode(limit)
	return DecodeCharset(p.Param("charset"), b)
}

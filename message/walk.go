package message

import (
	"bytes"
	"strings"
)

// Bounds on the MIME tree.
const (
	// maxDepth is how deep parts may nest; real mail stays below 8. A level
	// costs one look over its bytes, so that this bounds the work too.
	maxDepth = 20
	// maxParts is how many parts one message may have.
	maxParts = 2000
	// maxBoundary is the longest boundary; RFC 2046 section 5.1.1 allows 70.
	maxBoundary = 512
	// maxGuess is how far into a body a lost boundary is searched.
	maxGuess = 8 << 10
)

// Walk calls visit for root and then for each part below it, in the order in
// which they stand. A part whose visit returns false is not looked into. Messages
// inside (message/rfc822) are leaves: read their body with [ParsePart].
//
// It is tolerant: a part that never closes ends with its parent, a boundary that
// is missing or damaged in the header is taken from the body, and a message that
// has lost its Content-Type is read as the multipart that its body shows.
// Nesting and the number of parts are bounded; warnings tell what was not read.
func Walk(root *Part, visit func(*Part) bool) []Warning {
	w := walker{visit: visit}
	w.walk(root)
	return w.warns
}

type walker struct {
	visit func(*Part) bool
	warns []Warning
	parts int
}

func (w *walker) warn(offset int, text string) {
	if len(w.warns) < maxWarnings {
		w.warns = append(w.warns, Warning{offset, text})
	}
}

func (w *walker) walk(p *Part) {
	boundary := ""
	switch {
	case p.Multipart():
		boundary = p.Param("boundary")
		if len(boundary) > maxBoundary {
			boundary = ""
		}
	case p.Depth == 0 && !p.HasType:
		// The Content-Type may have been lost while the body is whole.
		if b := guessBoundary(p.Body, true); b != "" {
			w.warn(p.BodyOffset, "no Content-Type, but the body is made of parts; read as multipart/mixed")
			p.Type, boundary = "multipart/mixed", b
		}
	}
	if !w.visit(p) || !p.Multipart() {
		return
	}
	if p.Depth == maxDepth {
		w.warn(p.BodyOffset, "parts nest deeper than 20; not read further")
		return
	}
	if w.split(p, boundary) {
		return
	}
	if b := guessBoundary(p.Body, false); b != "" && b != boundary {
		w.warn(p.BodyOffset, "the boundary of the parts is not the one that the header names; taken from the body")
		w.preamble(p, b)
		w.split(p, b)
		return
	}
	w.warn(p.BodyOffset, "no part begins: the boundary is missing")
}

// split walks over the parts between the delimiter lines (RFC 2046 section
// 5.1.1) of p; false when there is none.
func (w *walker) split(p *Part, boundary string) bool {
	if boundary == "" {
		return false
	}
	delim := []byte("--" + boundary)
	body := p.Body
	at, next, closing := findDelimiter(body, delim, 0)
	if at < 0 {
		return false
	}
	line := p.BodyLine
	counted := 0 // octets of body whose lines are in line
	if lead := bytes.TrimLeft(body[:at], " \t\r\n"); startsPart(lead) {
		// The first delimiter is lost, its part stands in the preamble.
		start := at - len(lead)
		w.warn(p.BodyOffset+start, "a part has no delimiter before it")
		w.child(p, start, trimLineEnd(body, start, at), line+bytes.Count(body[:start], newline), false)
	}
	for at >= 0 && !closing {
		if w.parts++; w.parts > maxParts {
			w.warn(p.BodyOffset+at, "more than 2000 parts; the rest is not read")
			return true
		}
		start := next
		at, next, closing = findDelimiter(body, delim, start)
		end := at
		cut := at < 0
		if cut {
			end = len(body)
			if p.Depth == 0 || !p.Cut {
				w.warn(p.BodyOffset+end, "the message ends before the closing delimiter of its parts")
			}
		} else {
			end = trimLineEnd(body, start, end)
		}
		line += bytes.Count(body[counted:start], newline)
		counted = start
		w.child(p, start, end, line, cut)
	}
	if closing {
		if tail := bytes.TrimLeft(body[next:], " \t\r\n"); startsPart(tail) {
			// The delimiter of the level above is lost.
			start := len(body) - len(tail)
			w.warn(p.BodyOffset+start, "a part has no delimiter before it")
			w.child(p, start, len(body), line+bytes.Count(body[counted:start], newline), p.Cut)
		}
	}
	return true
}

// child walks over the part in p.Body[start:end], whose first line has the number
// line.
func (w *walker) child(p *Part, start, end, line int, cut bool) {
	child := &Part{Depth: p.Depth + 1, Cut: cut}
	w.addWarnings(child.read(p.Body, start, end, line), p.BodyOffset)
	child.shift(p.BodyOffset)
	if p.Type == "multipart/digest" && !child.HasType { // RFC 2046 section 5.1.5
		child.Type = "message/rfc822"
	}
	w.walk(child)
}

// preamble shows what stands before the first delimiter as a part without a
// header: where a boundary is damaged, it may be the first part.
func (w *walker) preamble(p *Part, boundary string) {
	at, _, _ := findDelimiter(p.Body, []byte("--"+boundary), 0)
	if at <= 0 || len(bytes.TrimSpace(p.Body[:at])) == 0 {
		return
	}
	w.visit(&Part{Type: "text/plain", Body: p.Body[:at], Offset: p.BodyOffset, BodyOffset: p.BodyOffset, Line: p.BodyLine, BodyLine: p.BodyLine, Depth: p.Depth + 1})
}

// shift counts the offsets of a part from the start of the message.
func (p *Part) shift(base int) {
	p.Offset += base
	p.BodyOffset += base
	for i := range p.Header.Fields {
		p.Header.Fields[i].Offset += base
	}
}

func (w *walker) addWarnings(list []Warning, base int) {
	for _, x := range list {
		w.warn(x.Offset+base, x.Text)
	}
}

// findDelimiter gives the next delimiter line in body from pos: its offset, the
// offset after it, and whether it closes. The offset is -1 when there is none.
func findDelimiter(body, delim []byte, pos int) (at, next int, closing bool) {
	for pos < len(body) {
		i := bytes.Index(body[pos:], delim)
		if i < 0 {
			return -1, len(body), false
		}
		at = pos + i
		pos = at + len(delim)
		if at > 0 && body[at-1] != '\n' {
			continue
		}
		end := lineEnd(body, pos)
		rest := bytes.TrimRight(body[pos:end], " \t\r\n")
		switch {
		case len(rest) == 0:
			return at, end, false
		case bytes.Equal(rest, []byte("--")):
			return at, end, true
		}
	}
	return -1, len(body), false
}

// trimLineEnd gives end without the line end before it, which belongs to the
// delimiter.
func trimLineEnd(body []byte, start, end int) int {
	if end > start && body[end-1] == '\n' {
		end--
		if end > start && body[end-1] == '\r' {
			end--
		}
	}
	return end
}

// guessBoundary searches the first lines of a body for a delimiter line with the
// header of a part behind it. Strict is for a body that nothing says has parts:
// only the usual one-line preamble may stand before.
func guessBoundary(body []byte, strict bool) string {
	if len(body) > maxGuess {
		body = body[:maxGuess]
	}
	text := 0  // lines that are not blank
	again := 0 // lines looked for a second time
	for pos := 0; pos < len(body); {
		end := lineEnd(body, pos)
		line := bytes.TrimRight(body[pos:end], " \t\r\n")
		if len(line) > 2 && bytes.HasPrefix(line, []byte("--")) && !bytes.HasSuffix(line, []byte("--")) {
			if startsPart(body[end:]) {
				return string(line[2:])
			}
			// The first part may have no header. Two tries: each looks through
			// the body.
			if again++; again <= 2 && isDelimiter(body[end:], line) {
				return string(line[2:])
			}
		}
		if len(line) > 0 {
			if text++; strict && text > 2 {
				return ""
			}
		}
		pos = end
	}
	return ""
}

// startsPart tells whether the header of a part stands at the start of b.
func startsPart(b []byte) bool {
	line := b[:lineEnd(b, 0)]
	return len(line) > 8 && strings.EqualFold(string(line[:8]), "content-") || len(line) > 13 && strings.EqualFold(string(line[:13]), "mime-version:")
}

// isDelimiter tells whether line comes again in b with the header of a part
// behind it.
func isDelimiter(b, line []byte) bool {
	at, next, _ := findDelimiter(b, line, 0)
	return at >= 0 && startsPart(b[next:])
}

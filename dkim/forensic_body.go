package dkim

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"

	"unspoof/message"
)

// Bounds on the trials of one body.
const (
	maxBodies     = 4        // of different signatures, to be repaired
	maxRepairBody = 4 << 20  // larger ones are judged, and not repaired
	maxFooters    = 4000     // lines, from the end, under which a footer may start
	maxBanner     = 64       // lines, from the start, that a banner may have
	maxHashed     = 16 << 20 // octets hashed for banners
)

// body judges the body, and finds what was done to it.
func (f *forensic) body(r *ForensicSignature, body []byte, repair bool) {
	s := &r.Signature
	if f.args.Returned == NoBody {
		return
	}
	sum, size := BodyDigest(body, s.BodyCanon, s.Length)
	switch {
	case s.Length >= 0 && s.Length <= size && s.matches(sum):
		r.Body = Partial
		if s.Length == size && f.args.Returned == WholeBody {
			r.Body = Intact
		}
	case s.Length < 0 && s.matches(sum): // even if it was said to be cut
		r.Body = Intact
	case f.args.Returned == CutBody:
		return
	default:
		r.Body = Broken
		if repair && f.bodies < maxBodies {
			f.bodies++
			if b, ok := (&bodyTrials{sig: s, body: body}).find(); ok {
				r.Body = Intact
				r.Breaks = append(r.Breaks, b)
				return
			}
		}
		r.Breaks = append(r.Breaks, Break{End: len(body), Change: Changed, Cause: bodyCause(s, body)})
	}
}

// bodyTrials looks for a body that has the signed hash.
type bodyTrials struct {
	sig       *Signature
	body      []byte
	canonical []byte
}

func (t *bodyTrials) find() (Break, bool) {
	if len(t.body) > maxRepairBody {
		return Break{}, false
	}
	t.canonical = canonicalBody(t.body, t.sig.BodyCanon)
	if b, ok := t.footer(); ok {
		return b, true
	}
	if b, ok := t.banner(); ok {
		return b, true
	}
	for _, undo := range [...]struct {
		cause string
		make  func([]byte) []byte
	}{
		{"the body was quoted with > in front of each line", unquote},
		{"> was put before lines that start with From, as mailboxes do", func(b []byte) []byte {
			return bytes.ReplaceAll(append([]byte{'\n'}, b...), []byte("\n>From "), []byte("\nFrom "))[1:]
		}},
		{"dots at the start of lines were doubled", func(b []byte) []byte {
			return bytes.ReplaceAll(append([]byte{'\n'}, b...), []byte("\n.."), []byte("\n."))[1:]
		}},
		{"the body was encoded anew, as quoted-printable", decodeAs("quoted-printable")},
		{"the body was encoded anew, as base64", decodeAs("base64")},
	} {
		if b := undo.make(t.body); b != nil && !bytes.Equal(b, t.body) && t.fits(b) {
			return Break{Change: Changed, End: len(t.body), Cause: undo.cause, Proven: true}, true
		}
	}
	return t.wrapped()
}

func (t *bodyTrials) fits(body []byte) bool {
	sum, size := BodyDigest(body, t.sig.BodyCanon, t.sig.Length)
	return t.sig.Length <= size && t.sig.matches(sum)
}

func decodeAs(encoding string) func([]byte) []byte {
	return func(b []byte) []byte {
		p := message.Part{Encoding: encoding, Body: b}
		out, _, _ := p.Decode(len(b))
		return out
	}
}

// footer finds the line behind which something was added: the hash of the lines
// before is bh=.
func (t *bodyTrials) footer() (Break, bool) {
	skip := bytes.Count(t.canonical, []byte("\r\n")) - maxFooters
	h := sha256.New()
	var sum [32]byte
	line := 0
	for rest := t.canonical; len(rest) > 0; {
		end := lineEnd(rest, 0)
		h.Write(rest[:end])
		line++
		if line >= skip && end > 2 { // a body does not end with an empty line
			if t.sig.matches([32]byte(h.Sum(sum[:0]))) {
				start := lineStart(t.body, line)
				return Break{Start: start, End: len(t.body), Change: Added, Proven: true,
					Cause: fmt.Sprintf("text was added under line %d of the body, as mailing lists and filters do: %s", line, sample(t.body[start:]))}, true
			}
		}
		rest = rest[end:]
	}
	return Break{}, false
}

// banner finds the line at which the signed body starts.
func (t *bodyTrials) banner() (Break, bool) {
	hashed := 0
	rest := t.canonical
	for line := 1; line <= maxBanner && len(rest) > 0; line++ {
		rest = rest[lineEnd(rest, 0):]
		if hashed += len(rest); hashed > maxHashed {
			break
		}
		if t.sig.matches(sha256.Sum256(rest)) {
			end := lineStart(t.body, line)
			return Break{End: end, Change: Added, Proven: true,
				Cause: fmt.Sprintf("%d lines were added above the body, as filters do: %s", line, sample(t.body))}, true
		}
	}
	return Break{}, false
}

// wrapped looks for the body in a MIME part: lists put a message with a footer
// into a multipart.
func (t *bodyTrials) wrapped() (found Break, ok bool) {
	first := bytes.TrimLeft(t.body, "\r\n")
	if !bytes.HasPrefix(first, []byte("--")) {
		return Break{}, false
	}
	boundary := strings.TrimRight(string(first[2:min(lineEnd(first, 0), 80)]), "\r\n ")
	head := []byte("Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n")
	root, _ := message.ParsePart(append(head, t.body...))
	parts := 0
	message.Walk(root, func(p *message.Part) bool {
		if parts++; p.Depth > 0 && !ok && t.fits(p.Body) {
			ok = true
			start := p.BodyOffset - len(head)
			found = Break{Start: max(start, 0), End: min(max(start, 0)+len(p.Body), len(t.body)), Change: Changed, Proven: true,
				Cause: "the body was put into a part of another MIME structure, as lists and filters do"}
		}
		return !ok && parts < 8
	})
	return found, ok
}

// bodyCause guesses at what no trial proved.
func bodyCause(s *Signature, body []byte) string {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return "the body is empty: it did not come back, or was removed"
	case s.BodyCanon == Simple:
		return "the body was changed; it is signed in simple form, which no change of spaces survives"
	case bytes.IndexByte(body, 0xef) >= 0 && bytes.Contains(body, []byte("\ufffd")):
		return "the body was changed: its characters were converted to another set"
	}
	return "the body was changed or cut; where can't be told"
}

// canonicalBody gives a body in canonical form.
func canonicalBody(body []byte, c Canonicalization) []byte {
	var out bytes.Buffer
	out.Grow(len(body) + 2)
	b := bodyCanon{out: &out, relaxed: c == Relaxed}
	b.Write(body)
	b.finish()
	return out.Bytes()
}

// lineStart gives the offset behind that many lines.
func lineStart(b []byte, lines int) int {
	pos := 0
	for ; lines > 0 && pos < len(b); lines-- {
		pos = lineEnd(b, pos)
	}
	return pos
}

// sample shows the first line of what was added.
func sample(b []byte) string {
	for len(b) > 0 {
		end := lineEnd(b, 0)
		if line := bytes.TrimSpace(b[:end]); len(line) > 0 {
			return fmt.Sprintf("%q", clip(string(line)))
		}
		b = b[end:]
	}
	return "empty lines"
}

package bounce

import (
	"bytes"

	"unspoof/message"
)

// mend finds machine-readable parts that lost their type or the delimiter before
// them: what they hold tells what they are.
func (ps *parts) mend() []message.Warning {
	if ps.delivery != nil || ps.feedback != nil || ps.disposition != nil {
		return nil
	}
	for i, p := range ps.texts {
		if p.Depth > 0 { // in a text alone it belongs to an original inside
			if text, part := splitReport(p); part != nil {
				ps.texts[i] = text
				ps.add(part)
				return []message.Warning{{Offset: part.Offset, Text: "a part of the report has no delimiter before it"}}
			}
		}
	}
	for i, p := range ps.texts {
		if i > 0 && ps.takeReport(p) {
			ps.texts = append(ps.texts[:i:i], ps.texts[i+1:]...)
			return []message.Warning{{Offset: p.Offset, Text: "a part of a report has not the type that it should; read as what it holds"}}
		}
	}
	for i, p := range ps.files {
		if ps.takeReport(p) {
			ps.files = append(ps.files[:i:i], ps.files[i+1:]...)
			return []message.Warning{{Offset: p.Offset, Text: "a part of a report has not the type that it should; read as what it holds"}}
		}
	}
	return nil
}

// takeReport takes a part for the machine-readable one when it starts with its
// fields.
func (ps *parts) takeReport(p *message.Part) bool {
	b, _, _ := p.Decode(maxReport)
	b = bytes.TrimLeft(b, "\r\n")
	if len(nameOf(b[:lineEnd(b, 0)])) == 0 {
		return false
	}
	h, _, _ := message.ReadHeader(b)
	has := func(name string) bool { _, ok := h.First(name); return ok }
	switch {
	case has("Feedback-Type"):
		ps.feedback = p
	case has("Disposition") && (has("Final-Recipient") || has("Original-Message-ID")):
		ps.disposition = p
	case kindOf(nameOf(b[:lineEnd(b, 0)])) == notMail:
		ps.delivery = p
	default:
		return false
	}
	return true
}

// splitReport cuts a text at the header of a machine-readable part inside it: the
// delimiter between them is lost. Part is nil when there is none.
func splitReport(p *message.Part) (text, part *message.Part) {
	at := reportHeader(p.Body)
	if at < 0 {
		return nil, nil
	}
	for at > 0 { // other fields of that header may stand before
		start := bytes.LastIndexByte(p.Body[:at-1], '\n') + 1
		if !hasFold(p.Body[start:at], "content-") {
			break
		}
		at = start
	}
	part, _ = message.ParsePart(p.Body[at:])
	lines := bytes.Count(p.Body[:at], []byte{'\n'})
	part.Depth = p.Depth
	part.Offset += p.BodyOffset + at
	part.BodyOffset += p.BodyOffset + at
	part.Line += p.BodyLine - 1 + lines
	part.BodyLine += p.BodyLine - 1 + lines
	cut := *p
	cut.Body = p.Body[:at]
	return &cut, part
}

// reportHeader gives the offset of a line that declares a machine-readable part,
// -1 when there is none.
func reportHeader(b []byte) int {
	const field = "content-type: message/"
	for pos := 0; ; {
		i := bytes.Index(b[pos:], []byte(": message/"))
		if i < 0 {
			return -1
		}
		// Only this near a line start can be: a long line is not searched again
		// and again.
		near := max(0, pos+i-len(field))
		start := near + bytes.LastIndexByte(b[near:pos+i], '\n') + 1
		pos += i + 1
		if line := b[start:min(len(b), start+100)]; hasFold(line, field) {
			switch kind := line[len(field):]; {
			case hasFold(kind, "delivery-status"), hasFold(kind, "global-delivery-status"), hasFold(kind, "feedback-report"), hasFold(kind, "disposition-notification"):
				return start
			}
		}
	}
}

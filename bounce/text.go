package bounce

import (
	"bytes"
	"strings"
	"time"

	"unspoof/message"
)

// maxNotice is how much of the text of a notice is decoded for reading.
const maxNotice = 64 << 10

// dateReached gives the time of the topmost hop, else the Date field.
func dateReached(n *Notice) time.Time {
	if len(n.Hops) > 0 && !n.Hops[0].Time.IsZero() {
		return n.Hops[0].Time
	}
	return dateOf(n.Header.Value("Date"))
}

func (r *reading) subjectHas(word string) bool {
	return strings.Contains(strings.ToLower(r.n.Subject), word)
}

// openText reads the text of the notice once: where an original begins in it, and
// what it says before.
func (r *reading) openText() {
	if r.blocks != nil {
		return
	}
	r.blocks = r.parts.notice()
	if r.blocks == nil {
		r.blocks = []block{}
	}
	for _, b := range r.blocks {
		if b.cut {
			r.lost(b.part.BodyOffset, "a text is longer than 4 MiB when decoded; the rest is not read")
		}
	}
	if r.original == nil {
		r.findInside()
	}
	if len(r.blocks) > 0 {
		b := r.blocks[0]
		if r.inside != nil && r.inside.block == 0 && r.inside.trace {
			b.raw = b.raw[:r.inside.start]
		}
		r.notice = b.text(maxNotice)
	}
	r.said = read(r.notice)
	r.subject = topics(r.n.Subject)
	r.body, r.lures = countTopics(r.notice)
}

// inside is an original in one of the blocks.
type inside struct {
	embedded
	block int
	raw   []byte // its octets, quotes removed
}

// findInside looks for an original in the texts: as it stands, quoted, indented.
func (r *reading) findInside() {
	for i, b := range r.blocks {
		if e, ok := findEmbedded(b.raw); ok {
			r.inside = &inside{e, i, b.raw[e.start:]}
			return
		}
		for _, strip := range [...]func([]byte) ([]byte, bool){unquote, outdent} {
			text, ok := strip(b.raw)
			if !ok {
				continue
			}
			if e, ok := findEmbedded(text); ok {
				raw := text[e.start:]
				// Lines stay in their place: the start in the block is that of
				// the same line.
				e.start = lineOffset(b.raw, bytes.Count(text[:e.start], []byte{'\n'}))
				r.inside = &inside{e, i, raw}
				return
			}
		}
	}
}

// htmlText gives the HTML part as a reader sees it.
func (r *reading) htmlText() string {
	text, _ := message.HTMLText(r.parts.html.Text(maxText), maxFolded)
	return text
}

// lineOffset gives the offset of the line with that index, from 0.
func lineOffset(b []byte, line int) int {
	pos := 0
	for range line {
		pos = lineEnd(b, pos)
	}
	return pos
}

// attachedOriginal takes the original from a part of its own.
func (r *reading) attachedOriginal() bool {
	p := r.original
	if p == nil {
		return false
	}
	if r.bare {
		raw, line := r.whole(p)
		r.n.setOriginal(raw, ReturnedFull, line)
		return true
	}
	raw, identical, cut := p.Decode(maxOriginal)
	if cut && !identical {
		r.lost(p.BodyOffset, "the returned message is longer than 32 MiB; the rest is not read")
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		r.lost(p.BodyOffset, "the part for the returned message is empty")
		return false
	}
	if identical {
		raw = p.Body
	}
	line := 0
	if identical {
		line = p.BodyLine
	}
	// An empty line before the header is against the rules and common.
	for len(raw) > 0 && (raw[0] == '\r' || raw[0] == '\n') {
		if raw[0] == '\n' && line > 0 {
			line++
		}
		raw = raw[1:]
	}
	returned := ReturnedFull
	if isHeadersType(p.Type) {
		returned = ReturnedHeaders
	}
	r.n.setOriginal(raw, returned, line)
	if len(r.n.Original.Header.Fields) == 0 {
		r.lost(p.BodyOffset, "the returned message has no header that can be read")
	} else if p.Cut && returned == ReturnedFull {
		r.lost(p.BodyOffset+len(p.Body), "the notice ends inside the returned message; its rest is lost")
	}
	return true
}

// whole gives the octets of a part with its header, and the line of their start.
func (r *reading) whole(p *message.Part) ([]byte, int) {
	return r.data[p.Offset : p.BodyOffset+len(p.Body)], p.Line
}

// embeddedOriginal takes the original from a text.
func (r *reading) embeddedOriginal() bool {
	in := r.inside
	if in == nil {
		return false
	}
	b := r.blocks[in.block]
	line := 0
	if b.line > 0 {
		line = b.line + bytes.Count(b.raw[:in.start], []byte{'\n'})
	}
	returned := ReturnedEmbedded
	if !in.trace {
		returned = ReturnedPartial
	}
	r.n.setOriginal(in.raw, returned, line)
	return true
}

// recipients gives whom the text and the header say that mail did not reach.
func (r *reading) recipients() []string {
	if len(r.sender.failed) > 0 {
		// qmail's kin name one recipient in the header and all in the text.
		out := r.sender.failed
		if len(out) == 1 && len(r.said.listed) > 1 && member(r.said.listed, out[0]) {
			return r.said.listed
		}
		return out
	}
	return r.said.failedOf(r.sender.self)
}

// speaksOfDelay tells whether the words are about mail that is late.
func (r *reading) speaksOfDelay() bool {
	switch {
	case r.subject&(delayed|delayWord) != 0 && r.subject&final == 0:
		return true
	case r.body&delayed == 0:
		return false
	}
	return r.body&final == 0 && r.subject&failed == 0
}

// readText reads a message without a structure of its own: by what it says and
// by who says it.
func (r *reading) readText() {
	n := r.n
	r.openText()
	n.Kind = r.textKind()
	switch n.Kind {
	case NonstandardFailed, NonstandardDelayed:
		r.takeText()
	case ForwardedBounce, ForwardedMessage: // filled where it was found
	case Ordinary, FakeBounce:
	default:
		if !r.attachedOriginal() && r.inside != nil && r.inside.trace {
			r.embeddedOriginal()
		}
	}
}

// takeText fills the notice from its text.
func (r *reading) takeText() {
	n := r.n
	if !r.attachedOriginal() {
		r.embeddedOriginal()
	}
	if b := r.inlineFields(); b != nil {
		if d := parseDelivery(b, ""); d != nil {
			r.takeDelivery(d)
		}
	}
	if len(n.Recipients) == 0 {
		n.Recipients = r.recipients()
	}
	if len(n.Status) == 0 {
		n.Status = r.said.status
	}
	if n.ReportingMTA == "" {
		n.ReportingMTA = r.said.host
	}
	text := r.said.reason
	if n.Delivery != nil && len(n.Delivery.Recipients) > 0 && n.Delivery.Recipients[0].Diagnostic != "" {
		text = n.Delivery.Recipients[0].Diagnostic
	}
	n.Refusal = refusalOf(text, first(n.Status), n.Kind == NonstandardDelayed)
}

// inlineFields gives delivery-status fields that stand in a text, up to the
// original.
func (r *reading) inlineFields() []byte {
	for i, b := range r.blocks {
		raw := b.raw
		if r.inside != nil && r.inside.block == i {
			raw = raw[:r.inside.start]
		}
		if f := inlineDelivery(raw); f != nil {
			return f
		}
	}
	return nil
}

// forwarded looks for a notice, or any message, that a person passes on: attached,
// or quoted in the text. It fills the notice and gives the kind, "" when there is
// none.
func (r *reading) forwarded() Kind {
	if r.forwards >= maxForwards {
		return ""
	}
	var raw []byte
	line := 0
	returned := ReturnedFull
	switch {
	case r.original != nil && r.bare:
		raw, line = r.whole(r.original)
	case r.original != nil:
		b, identical, _ := r.original.Decode(maxOriginal)
		raw = b
		if identical {
			line = r.original.BodyLine
		}
	case r.inside != nil:
		raw = r.inside.raw
		returned = ReturnedEmbedded
		if b := r.blocks[r.inside.block]; b.line > 0 {
			line = b.line + bytes.Count(b.raw[:r.inside.start], []byte{'\n'})
		}
	default:
		return ""
	}
	inner := parse(raw, r.forwards+1)
	n := r.n
	if !inner.notice() {
		if r.original == nil && !r.inside.trace && r.body&forward == 0 && r.subject&forward == 0 && !forwardSubject(n.Subject) {
			return ""
		}
		n.setOriginal(raw, returned, line)
		return ForwardedMessage
	}
	n.Recipients, n.Status, n.Action, n.ReportingMTA = inner.Recipients, inner.Status, inner.Action, inner.ReportingMTA
	n.Delivery, n.Refusal = inner.Delivery, inner.Refusal
	n.Original = inner.Original
	switch o := &n.Original; {
	case o.Returned == ReturnedNone:
	case returned == ReturnedEmbedded:
		o.Returned = ReturnedEmbedded
	}
	if line == 0 || n.Original.HeaderLine == 0 {
		n.Original.HeaderLine = 0
	} else {
		n.Original.HeaderLine += line - 1
	}
	r.warn(inner.Warnings)
	return ForwardedBounce
}

// notice tells whether a message is a notice about delivery.
func (n *Notice) notice() bool {
	switch n.Kind {
	case DSNFailed, DSNDelayed, DSNOther, NonstandardFailed, NonstandardDelayed, ProviderJSON, ForwardedBounce:
		return true
	}
	return false
}

// forwardSubject tells the prefixes of a forwarded message's subject in the
// languages of mail programs.
func forwardSubject(s string) bool {
	prefix, _, ok := strings.Cut(strings.TrimSpace(s), ":")
	if !ok {
		return false
	}
	switch strings.ToLower(prefix) {
	case "fwd", "fw", "wg", "tr", "rv", "i", "enc", "doorst", "vb", "vs", "vl", "pd", "转发", "轉寄", "転送", "fs", "iv", "прсл", "пересл":
		return true
	}
	return strings.HasPrefix(message.DecodeWords(s), "[Fwd:")
}

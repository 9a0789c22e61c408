package bounce

import (
	"bytes"
	"strings"

	"unspoof/message"
)

// Bounds on what is decoded of one notice.
const (
	// maxText is how much of a text part is decoded: an original inside it is
	// kept whole up to here.
	maxText = 4 << 20
	// maxReport is how much of a machine-readable part is read.
	maxReport = 1 << 20
	// maxOriginal is how much of a returned message is kept when it had to be
	// decoded; one that was not is never copied.
	maxOriginal = 32 << 20
	// maxHops is how many Received fields are read of one header; mail with 100
	// loops and is refused by every server.
	maxHops = 200
)

// parts are the places of a message that matter, by their role.
type parts struct {
	root        *message.Part
	reportType  string // of multipart/report, lower case
	delivery    *message.Part
	feedback    *message.Part
	disposition *message.Part
	original    *message.Part
	bare        bool            // the original is the part itself, not its body
	texts       []*message.Part // text/plain, then unknown text types, in order
	html        *message.Part
	files       []*message.Part // attachments of other types
}

// maxTexts is how many text parts are looked at.
const maxTexts = 8

// collect finds the parts of a message by their role.
func collect(root *message.Part) (parts, []message.Warning) {
	ps := parts{root: root}
	leaves := 0
	warns := message.Walk(root, func(p *message.Part) bool {
		if !p.Multipart() {
			leaves++
		}
		ps.add(p)
		return true
	})
	warns = append(warns, ps.mend()...)
	if leaves == 0 { // a multipart that lost its delimiters
		flat := *root
		flat.Type, flat.Encoding = "text/plain", ""
		ps.texts = append(ps.texts, &flat)
	}
	return ps, warns
}

func (ps *parts) add(p *message.Part) {
	switch t := p.Type; {
	case p.Depth > 0 && !p.Multipart() && isMessageHeader(p.Header):
		// A part whose header is that of the returned message itself.
		if ps.original == nil {
			ps.original, ps.bare = p, true
		}
	case p.Multipart():
		if t == "multipart/report" && ps.reportType == "" { // RFC 6522
			ps.reportType = strings.ToLower(p.Param("report-type"))
		}
	case strings.HasPrefix(t, "message/") && strings.HasSuffix(t, "delivery-status"): // RFC 3464, 6533
		if ps.delivery == nil {
			ps.delivery = p
		}
	case t == "message/feedback-report": // RFC 5965
		ps.feedback = p
	case strings.HasPrefix(t, "message/") && strings.HasSuffix(t, "disposition-notification"): // RFC 8098, 6533
		ps.disposition = p
	case isOriginalType(t) || t == "application/octet-stream" && strings.HasSuffix(strings.ToLower(p.Filename()), ".eml"):
		// A whole message is better than its header alone.
		if ps.original == nil || ps.bare || isHeadersType(ps.original.Type) && !isHeadersType(t) {
			ps.original, ps.bare = p, false
		}
	case t == "text/html":
		if p.Depth > 0 && p.Filename() != "" {
			ps.files = append(ps.files, p)
		} else if ps.html == nil {
			ps.html = p
		}
	case strings.HasPrefix(t, "text/"):
		if len(ps.texts) < maxTexts && len(p.Body) > 0 {
			ps.texts = append(ps.texts, p)
		}
		if p.Depth > 0 && p.Filename() != "" {
			ps.files = append(ps.files, p)
		}
	default:
		ps.files = append(ps.files, p)
	}
}

// isOriginalType tells the types that a returned message has (RFC 6522 section
// 3, RFC 6533 section 4).
func isOriginalType(t string) bool {
	switch t {
	case "message/rfc822", "message/global", "message/partial", "message/news", "text/rfc822", "message/x-rfc822", "application/x-rfc822":
		return true
	}
	return isHeadersType(t)
}

// isMessageHeader tells a header that has what only whole messages have.
func isMessageHeader(h message.Header) bool {
	n := 0
	for _, name := range [...]string{"From", "Received", "Message-ID", "Subject", "Date", "Return-Path"} {
		if _, ok := h.First(name); ok {
			n++
		}
	}
	return n >= 3
}

// isHeadersType tells the types of a returned header.
func isHeadersType(t string) bool {
	switch t {
	case "text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers", "message/global-headers", "text/x-rfc822-headers":
		return true
	}
	return false
}

// block is text to be read: octets with the transfer encoding undone, so that a
// header in them keeps the octets that were signed.
type block struct {
	raw     []byte
	charset string
	// line is the number of the first line of raw in the notice, 0 when lines
	// don't correspond.
	line int
	cut  bool // there was more
	part *message.Part
}

// blockOf decodes a text part.
func blockOf(p *message.Part) block {
	raw, identical, cut := p.Decode(maxText)
	b := block{raw: raw, charset: p.Param("charset"), cut: cut, part: p}
	if identical { // nothing is copied: no bound is needed
		b.raw, b.line, b.cut = p.Body, p.BodyLine, false
	}
	if bytes.IndexByte(raw[:min(len(raw), 256)], 0) >= 0 { // UTF-16 and the like
		b.raw, b.charset, b.line, b.cut = []byte(message.DecodeCharset(b.charset, raw)), "utf-8", 0, cut
	}
	return b
}

// text gives the first limit octets as UTF-8.
func (b block) text(limit int) string {
	return message.DecodeCharset(b.charset, b.raw[:min(len(b.raw), limit)])
}

// notice gives the texts that a person is meant to read, best first: plain ones,
// else the HTML reduced to text.
func (ps *parts) notice() []block {
	var out []block
	for _, p := range ps.texts {
		b := blockOf(p)
		if len(bytes.TrimSpace(b.raw)) > 0 {
			out = append(out, b)
		}
	}
	if len(out) == 0 && ps.html != nil {
		text, _ := message.HTMLText(ps.html.Text(maxText), maxFolded*4)
		out = append(out, block{raw: []byte(text), charset: "utf-8", part: ps.html})
	}
	return out
}

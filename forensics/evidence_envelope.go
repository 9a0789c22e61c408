package forensics

import (
	"context"
	"slices"
	"strings"

	"unspoof/message"
)

// addressee is the recipient of the notice as my own mail exchanger wrote it down:
// the envelope sender of the original. Nobody outside can write above my lines.
type addressee struct {
	address, local, domain string // local as it is, tags and all; domain lower case
	field                  message.Field
}

// recipientFields, the most faithful first: Delivered-To may name the mailbox
// after aliases and a catch-all.
var recipientFields = [...]string{"X-Original-To", "Envelope-To", "X-Envelope-To"}

func (q *inquiry) envelopeRecipient() addressee {
	for _, name := range recipientFields {
		if e := q.recipientIn(name); e.address != "" {
			return e
		}
	}
	hops := q.n.Hops[:min(len(q.n.Hops), maxHops)]
	for _, h := range slices.Backward(hops) {
		if h.Field.Line <= q.auth.ownLines && h.For != "" {
			if e := splitEnvelope(h.For, h.Field); e.domain != "" {
				return e
			}
		}
	}
	return q.recipientIn("Delivered-To")
}

// recipientIn gives the lowest field of that name within my own lines.
func (q *inquiry) recipientIn(name string) addressee {
	var e addressee
	for _, f := range q.n.Header.Fields {
		if f.Line > q.auth.ownLines {
			break
		}
		if strings.EqualFold(f.Name, name) {
			if x := splitEnvelope(f.Value(), f); x.domain != "" {
				e = x
			}
		}
	}
	return e
}

func splitEnvelope(address string, f message.Field) addressee {
	address = strings.Trim(strings.TrimSpace(address), "<>")
	i := strings.LastIndexByte(address, '@')
	if i <= 0 {
		return addressee{}
	}
	return addressee{address: address, local: address[:i], domain: canonical(address[i+1:]), field: f}
}

// mailbox gives the local part without a bounce tag (draft-levine-smtp-batv-01:
// "prvs=" tag "=" local) and without a subaddress (RFC 5233). It is "" for other
// composed forms, of which nothing can be said.
func (e addressee) mailbox() string {
	local := strings.ToLower(e.local)
	if rest, ok := strings.CutPrefix(local, "prvs="); ok {
		_, local, _ = strings.Cut(rest, "=")
	}
	local, _, _ = strings.Cut(local, "+")
	if strings.ContainsAny(local, "=/!%") {
		return ""
	}
	return local
}

// envelopeEvidence is E12: the message was sent in the name of an address that
// never existed.
func envelopeEvidence(q *inquiry, _ context.Context) {
	box := q.rcpt.mailbox()
	if q.own.boxes == nil || box == "" || q.own.boxes[box] || !slices.Contains(q.own.domains, q.rcpt.domain) {
		return
	}
	q.add(finding{outside: true, Reason: Reason{
		Code: "E12", Strength: Proof, For: Spoofed, Forgeable: byNobody,
		Text: "The notice was sent to " + box + "@" + q.rcpt.domain + ", which does not exist, so nobody could log in and send with it." +
			" That it arrived shows that your domain accepts mail for any name.",
	}.onNotice(q.rcpt.field)})
}

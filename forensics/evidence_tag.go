package forensics

import (
	"context"
	"slices"
	"strings"
	"time"

	"unspoof/bounce"
	"unspoof/envelope"
)

const (
	// tagQueue is how long after tagging began untagged mail from before can
	// still be handed over: it lay in a queue of mine.
	tagQueue = 7 * 24 * time.Hour
	// noticeDelay is how long before its notice a message can have been sent
	// (RFC 5321 section 4.5.4.1).
	noticeDelay = 5 * 24 * time.Hour
)

// tagEvidence is E10 and E10x: whether the address that the notice came to, as my
// own server wrote it down, carries the tag that my mail has.
func tagEvidence(q *inquiry, _ context.Context) {
	b := q.profile.BATV
	if b == nil || b.ActiveSince.IsZero() || q.n.Date.IsZero() || !slices.Contains(q.own.domains, q.rcpt.domain) {
		return
	}
	tagger := envelope.BATV{Keys: []envelope.Key{{ID: b.KeyID, Secret: envelope.Secret(b.Secret)}}, Days: b.ValidityDays}
	tag := tagger.Check(q.rcpt.address, q.n.Date)
	switch tag.State {
	case envelope.TagValid:
		q.add(finding{mine: true, outside: true, Reason: Reason{
			Code: "E10", Strength: Strong, Forgeable: "whoever has seen one of your messages of the last days",
			Text: "The notice came to an address with your valid bounce tag, so the message was sent through you, or by somebody who copied the tag within its few days.",
		}.onNotice(q.rcpt.field)})
	case envelope.TagExpired:
		q.add(finding{outside: true, Reason: Reason{
			Code: "E10-expired", Strength: Weak, Forgeable: "whoever has seen one of your older messages",
			Text: "The notice came to an address with a bounce tag of yours that expired on " + day(tag.Expires) + ": it may be about old mail, or the tag was copied.",
		}.onNotice(q.rcpt.field)})
	case envelope.Untagged, envelope.TagWrong:
		q.untagged(b, tag.State)
	}
}

// untagged is E10x. It speaks only of notices that go to the envelope sender, and
// of mail that was sent when tagging had surely begun.
func (q *inquiry) untagged(b *BATV, state envelope.TagState) {
	switch q.n.Kind {
	case bounce.DSNFailed, bounce.DSNDelayed, bounce.DSNOther, bounce.NonstandardFailed, bounce.NonstandardDelayed:
	default:
		return // replies and reports may be sent to the From field instead
	}
	if q.rcpt.mailbox() == "" {
		return // an address of a forwarder or a list of mine (SRS, VERP), which has its own marks
	}
	sent := q.n.Date.Add(-noticeDelay)
	if !q.path.t0.IsZero() {
		sent = q.path.t0.Add(-tagQueue)
	}
	if !sent.After(b.ActiveSince) || q.exempt(b) {
		return
	}
	f := finding{outside: true, Reason: Reason{
		Code: "E10x", Strength: Proof, For: Spoofed, Forgeable: byNobody,
		Text: "The notice came to " + oneLine(q.rcpt.address) + " without a bounce tag, which all your mail has had since " + day(b.ActiveSince) + ".",
	}.onNotice(q.rcpt.field)}
	if state == envelope.TagWrong {
		f.Text = "The notice came to an address with a bounce tag that your key did not make, though all your mail has had its tag since " + day(b.ActiveSince) + "."
	}
	switch {
	case !q.profile.Complete:
		f.Strength = Weak
		f.Text += " Something that is not listed may send for you without it, so this is only a hint."
	case !q.nullSender():
		f.Strength = Strong // a server that knows no null sender may not know where bounces go either
	}
	q.add(f)
}

// exempt tells senders whose mail is not tagged.
func (q *inquiry) exempt(b *BATV) bool {
	box := q.rcpt.mailbox()
	return slices.ContainsFunc(b.Exempt, func(e string) bool {
		local, domain, whole := strings.Cut(strings.ToLower(e), "@")
		return local == box && (!whole || canonical(domain) == q.rcpt.domain)
	})
}

// nullSender tells that my own server wrote down a null return path, as notices
// have (RFC 5321 section 4.5.5), or none at all.
func (q *inquiry) nullSender() bool {
	f, ok := q.n.Header.First("Return-Path")
	return !ok || f.Line > q.auth.ownLines || strings.Trim(f.Value(), "<> \t") == ""
}

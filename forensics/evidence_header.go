package forensics

import (
	"context"
	"slices"
	"strings"

	"unspoof/bounce"
	"unspoof/message"
)

// signature is what a DKIM-Signature field claims (RFC 6376 section 3.5).
type signature struct {
	field            message.Field
	domain, selector string
}

// ownSignatures are the fields that claim to be signed by an own domain.
func (q *inquiry) ownSignatures() []signature {
	var out []signature
	for _, f := range q.n.Original.Header.All("DKIM-Signature") {
		s := signature{field: f, domain: canonical(tag(f.Value(), "d")), selector: canonical(tag(f.Value(), "s"))}
		if q.own.domain(s.domain) {
			out = append(out, s)
		}
	}
	return out
}

// tag gives the value of a tag in a tag list (RFC 6376 section 3.2), without
// white space.
func tag(list, name string) string {
	for item := range strings.SplitSeq(list, ";") {
		k, v, ok := strings.Cut(item, "=")
		if ok && strings.TrimSpace(k) == name {
			return strings.Join(strings.Fields(v), "")
		}
	}
	return ""
}

// unsignedEvidence is E3: no own signature at all, from a time when everything of
// mine was signed. A header that lost fields on the way back says nothing.
func unsignedEvidence(q *inquiry, _ context.Context) {
	since := q.profile.SignsEverythingSince
	if q.leftMyHost() {
		return // that is settled; a signature can get lost
	}
	if since.IsZero() || !q.path.found || !q.path.t0.After(since) || !q.wholeHeader() || len(q.claims) > 0 {
		return
	}
	f := finding{Reason: q.onOriginal(Reason{
		Code: "E3", Strength: Strong, For: Spoofed, Forgeable: byReporter,
		Text: "The message is not signed, though all your mail has been since " + day(since) + " and its header came back whole.",
	}, q.path.hop.Field)}
	unsigned := slices.ContainsFunc(q.profile.Services, func(s Service) bool { return s.Selector == "" })
	if unsigned || !q.profile.Complete {
		f.Strength = Weak
		f.Text += " A service of yours may send unsigned, so this is only a hint."
	}
	q.add(f)
}

// wholeHeader tells whether the original's header came back as it was: returned as
// a message or a header, with the fields that every message has, and nothing lost
// on the way.
func (q *inquiry) wholeHeader() bool {
	o := &q.n.Original
	if o.Returned != bounce.ReturnedFull && o.Returned != bounce.ReturnedHeaders {
		return false
	}
	_, dated := o.Header.First("Date")
	return dated && o.HasFrom && o.HasMessageID && len(o.Hops) > 0
}

// messageIDEvidence is E14: the Message-ID is not of a form that I make.
func messageIDEvidence(q *inquiry, _ context.Context) {
	o := &q.n.Original
	if len(q.profile.MessageIDDomains) == 0 || !o.HasMessageID {
		return
	}
	_, right, ok := strings.Cut(messageID(o.MessageID), "@")
	right = canonical(right)
	if ok && slices.ContainsFunc(q.profile.MessageIDDomains, func(d string) bool { return canonical(d) == right }) {
		return
	}
	f, _ := o.Header.First("Message-ID")
	q.add(finding{Reason: q.onOriginal(Reason{
		Code: "E14", Strength: Weak, For: Spoofed, Forgeable: bySender,
		Text: "Its Message-ID does not end like those of your own mail.",
	}, f)})
}

// fromDomain gives the domain of the original's From field.
func fromDomain(q *inquiry) string {
	for _, a := range message.ParseAddresses(q.n.Original.From) {
		if a.Domain != "" {
			return canonical(a.Domain)
		}
	}
	return ""
}

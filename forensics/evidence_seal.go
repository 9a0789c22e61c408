package forensics

import (
	"context"
	"errors"
	"slices"

	"unspoof/envelope"
	"unspoof/message"
)

// sealed is an origin seal of mine that fits the original.
type sealed struct {
	envelope.Opened
	field message.Field
	whole bool // it covers To, Subject and the body's hash, too
}

// sealEvidence is E11: a seal that my own server put on what a logged-in user
// submitted.
func sealEvidence(q *inquiry, _ context.Context) {
	f, there := q.n.Original.Header.First(envelope.SealName)
	if !there || len(q.profile.SealKeys) == 0 || q.auth.standing == contradicted {
		return
	}
	keys := make([]envelope.Key, len(q.profile.SealKeys))
	for i, k := range q.profile.SealKeys {
		keys[i] = envelope.Key{ID: k.ID, Secret: envelope.Secret(k.Secret)}
	}
	o, err := envelope.Open(envelope.OpenArgs{Keys: keys, Header: q.n.Original.Header})
	if err != nil {
		if errors.Is(err, envelope.ErrForged) || errors.Is(err, envelope.ErrSeveral) {
			q.add(finding{Reason: q.onOriginal(Reason{
				Code: "E11x", Strength: Weak, Forgeable: bySender,
				Text: "The message carries an origin seal that does not fit it: it was copied or made up, or a sealed field was changed on the way.",
			}, f)})
		}
		return
	}
	o.Client = o.Client.Unmap()
	o.Account = q.own.account(o.Account)
	s := &sealed{Opened: o, field: f, whole: true}
	for _, name := range []string{"to", "subject", "bh"} {
		s.whole = s.whole && slices.Contains(o.Covered, name)
	}
	q.sealed = s
	r := Reason{
		Code: "E11", Strength: Proof, Forgeable: byNobody,
		Text: "Your server sealed this message on " + moment(o.Time) + " for " + oneLine(o.Account) + ", logged in from " + addrText(o.Client) + ".",
	}
	if !s.whole {
		r.Strength = Strong
		r.Text += " The seal does not bind the recipient, the subject and the body as well, so that somebody may have put it on another text."
	}
	q.add(finding{mine: true, outside: true, Reason: q.onOriginal(r, f)})
}

package forensics

import (
	"context"
	"fmt"
	"time"
)

// logEvidence is E8: the log has the message, with its recipient.
func logEvidence(q *inquiry, _ context.Context) {
	e := q.entry
	if !e.found {
		return
	}
	f := finding{mine: true, Reason: Reason{
		Where: "log", Forgeable: byBoth,
		Line: oneLine(fmt.Sprintf("%s %s user=%s client=%s", e.Time.UTC().Format("2006-01-02T15:04:05Z"), e.MessageID, e.User, addrText(e.ClientIP))),
	}}
	if e.recipient {
		f.Code, f.Strength = "E8", Proof
		f.Text = "Your outbound log has this message, to this recipient"
		if e.User != "" {
			f.Text += ", sent by " + e.User
		}
		f.Text += ". Only who has seen one of your messages to this recipient could make that up."
	} else {
		f.Code, f.Strength = "E8-id", Weak
		f.Text = "Your outbound log has a message with this Message-ID, but to other recipients. Whoever has seen the message can reuse its Message-ID."
	}
	q.add(f)
}

// missingLogEvidence is E8x: it left my host, or my key signed it, and the complete
// log does not have it.
func missingLogEvidence(q *inquiry, _ context.Context) {
	o := &q.n.Original
	if q.entry.found || !o.HasMessageID || messageID(o.MessageID) == "" {
		return
	}
	if !q.leftMyHost() {
		q.missingElsewhere()
		return
	}
	if !q.profile.Log.covers("own", q.path.t0) || q.signed != nil && !q.signed.at.IsZero() && !q.profile.Log.covers("own", q.signed.at) {
		return
	}
	if q.path.entry != nil && !q.path.entry.Local && !q.path.entry.Authenticated && q.forOwnAddress(q.path.entry.For) {
		return // it only passed through, which the outbound log need not show
	}
	q.add(finding{mine: true, Reason: Reason{
		Code: "E8x", Strength: Proof, For: Compromised, Forgeable: forgersOf(q),
		Text: fmt.Sprintf("Your log is complete from %s to %s and does not have this message, though it left your own server: something beside your users sent it.",
			day(q.profile.Log.From), day(q.profile.Log.To)),
		Where: "log", Line: oneLine("no entry for " + o.MessageID),
	}})
}

// sessionEvidence is E9: the session is not one of the owner's. It looks at the
// log's entry and, where the chain leads to it, at my own server's line.
func sessionEvidence(q *inquiry, _ context.Context) {
	if q.auth.standing == contradicted {
		return
	}
	if q.entry.recipient || q.entry.found && (q.leftMyHost() || q.proven()) {
		e := q.entry
		if f, ok := q.foreignSession(q.session(e.User, e.ClientIP.Unmap(), e.Time), e.User, addrText(e.ClientIP)); ok {
			f.outside = true
			f.Forgeable = byNobody
			f.Where = "log"
			f.Line = oneLine(fmt.Sprintf("%s %s user=%s client=%s", e.Time.UTC().Format("2006-01-02T15:04:05Z"), e.MessageID, e.User, addrText(e.ClientIP)))
			q.add(f)
			return
		}
	}
	if q.path.login == nil {
		q.sealedSession()
		return
	}
	user := q.loginName()
	if f, ok := q.foreignSession(q.session(user, q.path.client, q.path.t0), user, addrText(q.path.client)); ok {
		f.Forgeable = forgersOf(q)
		f.Reason = q.onOriginal(f.Reason, q.path.login.Field)
		q.add(f)
	}
}

// missingElsewhere is E8x for what left by a service or by a stranger: signed or
// sealed by me at a time for which the log has all that I send that way. The
// Message-ID must be the one signed; who sends my message again can put in any.
func (q *inquiry) missingElsewhere() {
	var at time.Time
	what, through := "signature", "through you or a service of yours"
	switch {
	case q.signed != nil && q.signed.id:
		at = q.signed.at
	case q.sealed != nil && q.sealed.whole:
		at, what = q.sealed.Time, "seal"
	}
	service, byService := q.signingService()
	switch {
	case byService && inAny(service.Ranges, q.path.ip):
		through = "through " + service.Name
		if !q.profile.Log.covers(service.Name, at) {
			return
		}
	case !q.foreignHandoff() || !q.profile.Complete || !q.profile.Log.covers("own", at):
		return
	default:
		for _, s := range q.profile.Services {
			if !q.profile.Log.covers(s.Name, at) {
				return
			}
		}
	}
	q.add(finding{mine: true, outside: true, Reason: Reason{
		Code: "E8x", Strength: Proof, For: Compromised, Forgeable: byNobody,
		Text: fmt.Sprintf("The message carries your %s of %s, for which your log is complete, and the log does not have it: it was not sent %s as you know of.",
			what, moment(at), through),
		Where: "log", Line: oneLine("no entry for " + q.n.Original.MessageID),
	}})
}

// sealedSession is E9 by the word of the seal.
func (q *inquiry) sealedSession() {
	s := q.sealed
	if s == nil {
		return
	}
	if f, ok := q.foreignSession(q.session(s.Account, s.Client, s.Time), s.Account, addrText(s.Client)); ok {
		f.outside = true
		f.Forgeable = byNobody
		f.Reason = q.onOriginal(f.Reason, s.field)
		q.add(f)
	}
}

// foreignSession words what a session that is not the owner's shows.
func (q *inquiry) foreignSession(s session, user, client string) (finding, bool) {
	if user == "" {
		user = "this account"
	}
	f := finding{Reason: Reason{Code: "E9", Strength: Strong, For: Compromised}}
	switch s {
	case sessionForeign:
		f.Text = user + " was logged in from " + client + ", which is in none of the networks that your people log in from."
	case sessionNew:
		f.Text = "The log has never seen " + user + " at " + client + " before, though it knows this user well from elsewhere."
	default:
		return finding{}, false
	}
	return f, true
}

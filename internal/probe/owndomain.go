package probe

import (
	"context"
)

// ownDomain offers mail in the domain's own name from outside, without a login:
// by the envelope, and, where the user agreed to messages, as messages.
func (p *server) ownDomain(ctx context.Context, port uint16) {
	p.ownEnvelope(ctx, port)
	p.ownFrom(ctx, port)
}

// ownEnvelope names the domain as envelope sender. That RCPT is taken is no fault
// yet: many right servers judge by SPF and DMARC when they have the message. So
// what becomes of a message decides.
func (p *server) ownEnvelope(ctx context.Context, port uint16) {
	t := Test{ID: OwnEnvelope, Port: port}
	from := "<postmaster@" + p.domain + ">"
	s, err := p.secure(ctx, port)
	var r reply
	if err == nil {
		r, err = s.envelope(from, "<"+p.inside()+">")
	}
	s.quit()
	switch {
	case err != nil:
		t.State, t.Why = Unknown, "it did not answer: "+netWords(err)
	case r.ok() && p.trustsUs():
		t.State, t.Why = Unknown, p.trustedWhy()
	case r.ok():
		// A bounce would come to the user himself.
		p.forgery(ctx, &t, "<"+p.Recipient+">", "postmaster@"+p.domain, "with your own address as sender and From: postmaster@"+p.domain+", as a forger would send it")
		if t.State == NotTested {
			// The envelope was tried, and stays open.
			t.State, t.Why = Unknown, "it takes MAIL FROM:"+from+" from "+p.from.String()+" so far; whether it would take the message, only a message shows: "+t.Why
		}
		t.Dialogue = append(append([]string{}, s.lines...), t.Dialogue...)
	case p.sender == "":
		t.State, t.Why = Unknown, p.refusesAll()
	case r.refused():
		t.State, t.Why = Fine, "it refuses the domain's own name from outside: "+r.String()
	default:
		t.State, t.Why = Unknown, "it refuses for now only: "+r.String()
	}
	p.note(t, s)
}

// ownFrom sends the user a message whose From line is in the domain.
func (p *server) ownFrom(ctx context.Context, port uint16) {
	t := Test{ID: OwnFrom, Port: port}
	p.forgery(ctx, &t, "<>", "postmaster@"+p.domain, "with From: postmaster@"+p.domain+", as a forger would send it")
	p.note(t, nil)
}

// forgery sends the user a message of a forger's kind. A refusal is right where it
// speaks of SPF, DKIM or DMARC, or where the same message with a stranger's From line
// is taken; else the server may refuse for any other reason.
func (p *server) forgery(ctx context.Context, t *Test, sender, from, what string) {
	t.Dialogue = []string{}
	why, ok := p.mayWrite("a message " + what)
	if !ok {
		t.State, t.Why = NotTested, why
		return
	}
	send := func(sender, from, subject string) (reply, error) {
		s, err := p.secure(ctx, t.Port)
		var r reply
		if err == nil {
			r, err = s.deliver(sender, p.Recipient, p.message(from, subject))
		}
		s.quit()
		if s != nil {
			t.Dialogue = append(t.Dialogue, s.lines...)
		}
		return r, err
	}
	r, err := send(sender, from, "own domain from outside")
	switch {
	case err != nil:
		t.State, t.Why = Unknown, "the message got lost on the way: "+netWords(err)
	case r.ok() && p.trustsUs():
		t.State, t.Why = Unknown, p.trustedWhy()
	case r.ok():
		t.State, t.Why = Found, "it took a message with From: "+from+" from "+p.from.String()+" without a login"
	case r.later():
		t.State, t.Why = Unknown, "it refused the message for now only: "+r.String()
	case r.aboutForgery():
		t.State, t.Why = Fine, "it refused the message: "+r.String()
	default:
		p.compare(t, r, send)
	}
}

// compare tells whether a message was refused for its From line. The empty envelope
// sender, which no bounce can go to, is what some servers refuse by itself.
func (p *server) compare(t *Test, refused reply, send func(sender, from, subject string) (reply, error)) {
	const elsewhere = "unspoof-probe@example.net"
	open := "it refused the message (" + refused.String() + "), "
	t.State = Unknown
	if _, ok := p.mayWrite("a message with From: " + elsewhere + ", to compare, as the one before was refused"); !ok {
		t.Why = open + "and whether for its From line, only a second message would show, which was not agreed to"
		return
	}
	r, err := send("<>", elsewhere, "a stranger's From line, to compare")
	switch {
	case err != nil:
		t.Why = open + "and the one to compare it with got lost: " + netWords(err)
	case r.ok():
		t.State, t.Why = Fine, "it refused the message ("+refused.String()+"), and took one with a stranger's From line"
	default:
		t.Why = open + "but one with a stranger's From line, too (" + r.String() + "), so perhaps not for its From line"
	}
}

// mayWrite tells whether a message may be sent to the user's own recipient at
// this server, and asks the user; else why not.
func (p *server) mayWrite(what string) (string, bool) {
	switch {
	case p.Recipient == "":
		return "it needs a message, and no recipient for one was named", false
	case !p.recipientInside():
		return "it needs a message to a mailbox of " + p.domain + ", and " + p.Recipient + " is elsewhere", false
	case p.sender == "":
		return p.refusesAll(), false
	case p.Confirm == nil || !p.Confirm("send to "+p.Recipient+" through "+p.host+": "+what):
		return "it needs a message, and sending one was not agreed to", false
	}
	return "", true
}

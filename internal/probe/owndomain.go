package probe

import (
	"context"
)

// ownDomain offers mail in the domain's own name from outside, without a login:
// by the envelope, and, where the user agreed to a message, by the From line.
func (p *server) ownDomain(ctx context.Context, port uint16) {
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
		t.State, t.Why = Found, "it takes MAIL FROM:"+from+" from "+p.from.String()+" without a login; what it would say to the message itself is not known"
	case p.sender == "":
		t.State, t.Why = Unknown, p.refusesAll()
	case r.refused():
		t.State, t.Why = Fine, "it refuses the domain's own name from outside: "+r.String()
	default:
		t.State, t.Why = Unknown, "it refuses for now only: "+r.String()
	}
	p.note(t, s)
	p.ownFrom(ctx, port)
}

// ownFrom sends the user a message whose From line is in the domain.
func (p *server) ownFrom(ctx context.Context, port uint16) {
	t := Test{ID: OwnFrom, Port: port}
	why, ok := p.mayWrite("a message with From: postmaster@" + p.domain + ", as a forger would send it")
	if !ok {
		t.State, t.Why = NotTested, why
		p.note(t, nil)
		return
	}
	s, err := p.secure(ctx, port)
	var r reply
	if err == nil {
		r, err = s.deliver("<>", p.Recipient, p.message("postmaster@"+p.domain, "own domain in the From line"))
	}
	s.quit()
	switch {
	case err != nil:
		t.State, t.Why = Unknown, "the message got lost on the way: "+netWords(err)
	case r.ok() && p.trustsUs():
		t.State, t.Why = Unknown, p.trustedWhy()
	case r.ok():
		t.State, t.Why = Found, "it took a message with From: postmaster@"+p.domain+" from "+p.from.String()+" without a login"
	case r.refused():
		t.State, t.Why = Fine, "it refused the message: "+r.String()
	default:
		t.State, t.Why = Unknown, "it refused the message for now only: "+r.String()
	}
	p.note(t, s)
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

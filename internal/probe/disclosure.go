package probe

import (
	"context"
)

// disclosure asks VRFY and EXPN (RFC 5321 section 3.5) about a mailbox that
// exists and one that does not: an answer that differs tells a stranger who
// exists. 252 for both tells nothing.
func (p *server) disclosure(ctx context.Context, port uint16) {
	s, err := p.secure(ctx, port)
	if err != nil {
		for _, id := range []TestID{VRFY, EXPN} {
			p.note(Test{ID: id, Port: port, State: Unknown, Why: "it did not answer: " + netWords(err)}, s)
		}
		return
	}
	defer s.quit()
	known, made := p.inside(), random()+"@"+p.domain
	for _, c := range []struct {
		id   TestID
		verb string
	}{{VRFY, "VRFY"}, {EXPN, "EXPN"}} {
		start := len(s.lines)
		t := Test{ID: c.id, Port: port, State: Fine, Why: "it does not answer " + c.verb}
		yes, err := s.command(c.verb + " " + known)
		var no reply
		if err == nil {
			no, err = s.command(c.verb + " " + made)
		}
		switch {
		case err != nil:
			t.State, t.Why = Unknown, "it broke off at "+c.verb
		case yes.later() || no.later():
			t.State, t.Why = Unknown, "it refuses "+c.verb+" for now only: "+yes.String()+"; "+no.String()
		case yes.ok() && !no.ok():
			t.State, t.Why = Found, c.verb+" tells that "+known+" exists and "+made+" does not"
		case yes.ok() && c.id == EXPN && yes.code != 252:
			t.State, t.Why = Found, "EXPN is answered"
		case yes.ok():
			t.Why = "it answers " + c.verb + " for a made-up mailbox as for a real one"
		case no.ok(), yes.switchedOff() && no.switchedOff():
		case yes.code == 550 && no.code == 550:
			t.State, t.Why = Unknown, "it says of both that there is no such mailbox, so perhaps "+known+" is none, and it would tell of others; name a mailbox that exists as the recipient"
		default:
			t.State, t.Why = Unknown, "its answers to "+c.verb+" differ, and tell nothing clear: "+yes.String()+"; "+no.String()
		}
		t.Dialogue = append([]string{}, s.lines[start:]...)
		p.note(t, nil)
	}
}

// switchedOff tells a refusal to answer at all from the answer that there is no
// such mailbox, which has code 550, too (RFC 5321 section 3.5.3).
func (r reply) switchedOff() bool {
	return r.refused() && (r.code != 550 && r.code != 551 && r.code != 553 ||
		r.hasAny("prohibit", "disabled", "disallow", "not allowed", "not permitted", "denied", "not supported", "not implemented", "administrative"))
}

// catchAllTest offers mail to two mailboxes that nobody has, and sends none.
func (p *server) catchAllTest(ctx context.Context, port uint16) {
	t := Test{ID: CatchAll, Port: port}
	if p.sender == "" {
		t.State, t.Why = Unknown, p.refusesAll()
		p.catchAll = t.State
		p.note(t, nil)
		return
	}
	s, err := p.secure(ctx, port)
	var answers []reply
	for range 2 {
		var r reply
		if err == nil {
			r, err = s.envelope(p.sender, "<"+random()+"@"+p.domain+">")
		}
		answers = append(answers, r)
	}
	s.quit()
	switch a, b := answers[0], answers[1]; {
	case err != nil:
		t.State, t.Why = Unknown, "it did not answer: "+netWords(err)
	case a.ok() && b.ok():
		t.State, t.Why = Found, "it takes mail for mailboxes that nobody has"
	case a.refused() && b.refused():
		t.State, t.Why = Fine, "it refuses a mailbox that nobody has: "+a.String()
	default:
		t.State, t.Why = Unknown, "its answers are not clear: "+a.String()+"; "+b.String()
	}
	p.catchAll = t.State
	p.note(t, s)
}

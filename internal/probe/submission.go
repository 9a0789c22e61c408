package probe

import (
	"context"
	"fmt"
)

// withoutLogin asks a port where a login is due (RFC 6409 section 4.3) to take
// mail without one: to the outside, and to the domain's own people. That the
// second is taken is what happens where such a port is set up like port 25.
//
// A refusal counts as right only where it is for want of a login: one for a block
// list, say, or for the example's domain, would not meet the next stranger.
func (p *server) withoutLogin(ctx context.Context, port uint16) {
	t := Test{ID: WithoutLogin, Port: port}
	const stranger = "<unspoof-probe@example.net>"
	own, o, in := "<postmaster@"+p.domain+">", "<"+p.outside()+">", "<"+p.inside()+">"
	forms := []form{
		{"plain", stranger, o, false, false},
		{"null sender", "<>", o, false, false},
		{"own domain as sender", own, o, false, true},
		{"a stranger as sender", stranger, in, true, false},
		{"null sender", "<>", in, true, false},
		{"own domain as sender", own, in, true, true},
	}
	answers, err := p.tryForms(ctx, &t, forms)
	var taken, inside []string
	var later, odd reply
	asksOut, asksIn := false, false // for a login, of a stranger
	for _, r := range answers {
		switch {
		case r.ok() && r.ours:
			if inside = append(inside, r.name); t.proof == nil {
				t.proof = r.lines
			}
		case r.ok():
			if len(taken) == 0 {
				t.proof = r.lines
			}
			taken = append(taken, r.name)
		case r.aboutLogin() || r.refused() && p.control.ok() && r.from == p.sender && r.ours:
			// The second: mail of that very envelope is taken at port 25.
			asksIn = asksIn || r.ours && !r.own
			asksOut = asksOut || !r.own
		case r.later():
			later = r.reply
		case odd.code == 0:
			odd = r.reply
		}
	}
	switch {
	case len(taken)+len(inside) > 0 && p.trustsUs():
		t.State, t.Why = Unknown, p.trustedWhy()
	case len(taken) > 0:
		t.State, t.Why = Found, fmt.Sprintf("it takes mail to %s (form: %s)", p.outside(), formNames(taken))
		t.values = map[string]string{"form": formNames(taken)}
	case len(inside) > 0:
		t.State, t.Why = Found, fmt.Sprintf("it takes mail to %s (form: %s), though not to the outside", p.inside(), formNames(inside))
		t.values = map[string]string{"form": formNames(inside)}
		t.rule = "SMTP-013"
	case err != nil:
		t.State, t.Why = Unknown, "not all forms could be tried: "+netWords(err)
	case asksOut && asksIn:
		t.State, t.Why = Fine, fmt.Sprintf("refused in all %d forms, for want of a login", len(forms))
	case later.code != 0:
		t.State, t.Why = Unknown, "it refuses for now only: "+later.String()
	default:
		t.State, t.Why = Unknown, "it refuses, but does not say that a login is missing, so others may be taken ("+odd.String()+")"
	}
	p.note(t, nil)
}

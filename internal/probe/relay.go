package probe

import (
	"context"
	"fmt"
	"strings"
)

// findSender looks for a stranger's address from which the server takes mail to
// inside. Without one, that it refuses mail to outside would prove nothing: it
// may refuse us altogether.
func (p *server) findSender(ctx context.Context, port uint16) {
	s, err := p.secure(ctx, port)
	if err != nil {
		return
	}
	defer s.quit()
	p.sender, p.control = "", reply{}
	for _, from := range []string{"<unspoof-probe@example.net>", "<>"} {
		r, err := s.envelope(from, "<"+p.inside()+">")
		if err != nil {
			return
		}
		if p.control = r; r.ok() {
			p.sender = from
			return
		}
	}
}

// refusesAll says why a refusal proves nothing, where findSender found nobody.
func (p *server) refusesAll() string {
	if p.control.code == 0 {
		return "it did not answer when mail to " + p.inside() + " was tried"
	}
	return "it refuses mail to " + p.inside() + ", too (" + p.control.String() + "), so that it refuses others proves nothing"
}

// envelope tries one sender and one recipient after a reset, and gives the answer
// that decides: that of MAIL where it refuses, else that of RCPT.
func (s *session) envelope(from, to string) (reply, error) {
	if r, err := s.command("RSET"); err != nil || !r.ok() {
		return r, err
	}
	if r, err := s.command("MAIL FROM:" + from); err != nil || !r.ok() {
		return r, err
	}
	return s.command("RCPT TO:" + to)
}

// form is one way to ask for mail to be passed on.
type form struct {
	name     string
	from, to string
	// ours says that the recipient can be read as one of the domain's own, so
	// that a server that takes any local part may take it without passing it on.
	ours bool
	own  bool // the sender is in the domain, which may be refused for that
}

// forms are the ways that have made servers relay: RFC 5321 section 3.6.1 source
// routes, the percent hack and bang paths of old, and senders that are trusted by
// name.
func (p *server) forms() []form {
	o, d, lit := p.outside(), p.domain, p.literal()
	local, at, _ := cutAddress(o)
	stranger := p.sender
	if stranger == "" {
		stranger = "<>"
	}
	return []form{
		{"plain", stranger, "<" + o + ">", false, false},
		{"percent hack", stranger, "<" + local + "%" + at + "@" + d + ">", true, false},
		{"percent hack, address literal", stranger, "<" + local + "%" + at + "@" + lit + ">", true, false},
		{"percent hack, no domain", stranger, "<" + local + "%" + at + ">", true, false},
		{"quoted", stranger, `<"` + o + `">`, true, false},
		{"quoted, own domain", stranger, `<"` + o + `"@` + d + ">", true, false},
		{"two at signs", stranger, "<" + o + "@" + d + ">", true, false},
		{"bang path", stranger, "<" + at + "!" + local + ">", true, false},
		{"bang path, own domain", stranger, "<" + at + "!" + local + "@" + d + ">", true, false},
		{"source route", stranger, "<@" + d + ":" + o + ">", false, false},
		{"source route, address literal", stranger, "<@" + lit + ":" + o + ">", false, false},
		{"null sender", "<>", "<" + o + ">", false, false},
		{"own domain as sender", "<postmaster@" + d + ">", "<" + o + ">", false, true},
		{"sender at the address literal", "<unspoof-probe@" + lit + ">", "<" + o + ">", false, false},
		{"sender at localhost", "<unspoof-probe@localhost>", "<" + o + ">", false, false},
		{"sender at the server's name", "<unspoof-probe@" + p.senderHost() + ">", "<" + o + ">", false, false},
		{"sender without domain", "<unspoof-probe>", "<" + o + ">", false, false},
	}
}

func (p *server) senderHost() string {
	if p.host == p.addr.String() {
		return "mail." + p.domain
	}
	return p.host
}

// answer is what a form got.
type answer struct {
	form
	reply
	lines []string
}

// tryForms asks for mail in each form, and never sends any. Its error says that
// not all could be tried; the dialogue goes into t.
func (p *server) tryForms(ctx context.Context, t *Test, forms []form) (out []answer, err error) {
	t.Dialogue = []string{}
	s, err := p.secure(ctx, t.Port)
	for _, f := range forms {
		if err == nil && (s.dead || s.refusals > maxRefused) {
			s.quit()
			t.Dialogue = append(t.Dialogue, s.lines...)
			s, err = p.secure(ctx, t.Port)
		}
		if err != nil {
			break
		}
		begin := len(s.lines)
		var r reply
		if r, err = s.envelope(f.from, f.to); err != nil {
			break
		}
		out = append(out, answer{f, r, s.lines[begin:]})
	}
	if s != nil {
		s.quit()
		t.Dialogue = append(t.Dialogue, s.lines...)
	}
	if len(t.Dialogue) > maxDialogue {
		t.Dialogue = t.Dialogue[:maxDialogue]
	}
	return out, err
}

// openRelay asks for mail to be passed on to outside; the port's state follows
// from all answers together.
func (p *server) openRelay(ctx context.Context, port uint16) {
	t := Test{ID: OpenRelay, Port: port}
	forms := p.forms()
	answers, err := p.tryForms(ctx, &t, forms)
	var taken, doubtful, open, refused []string
	var later reply // a refusal that may not last
	var odd reply   // one of the example's domain, not of passing on
	clear := false  // one refused a stranger to pass mail on
	for _, r := range answers {
		switch {
		case r.ok() && r.ours && p.catchAll == Found:
			doubtful = append(doubtful, r.name)
		case r.ok() && r.ours && (p.catchAll != Fine || strings.HasSuffix(r.to, "@"+p.literal()+">") && !p.refusesAtLiteral(ctx, &t)):
			open = append(open, r.name)
		case r.ok():
			taken = append(taken, r.name)
			if t.proof == nil {
				t.proof = r.lines
			}
		case r.refused(), r.aboutRelay():
			refused = append(refused, r.name)
			switch {
			case r.aboutDomain():
				odd = r.reply
			case !r.ours && !r.own:
				clear = true
			}
		default:
			later = r.reply
		}
	}
	switch {
	case len(taken) > 0 && p.trustsUs():
		t.State, t.Why = Unknown, p.trustedWhy()
	case len(taken) > 0:
		t.State, t.Why = Found, fmt.Sprintf("it takes mail to %s (form: %s)", p.outside(), formNames(taken))
		t.values = map[string]string{"form": formNames(taken)}
	case err != nil:
		t.State, t.Why = Unknown, "not all forms could be tried: "+netWords(err)
	case later.code != 0:
		t.State, t.Why = Unknown, "it refuses for now only: "+later.String()
	case !clear && odd.code != 0:
		t.State, t.Why = Unknown, "it refuses the addresses that were tried for their domain ("+odd.String()+"); name a mailbox of your own at another domain as the recipient"
	case p.sender == "" && !saysRelay(t.Dialogue):
		t.State, t.Why = Unknown, p.refusesAll()
	case len(open) > 0:
		t.State, t.Why = Unknown, fmt.Sprintf("it takes %s; whether it would pass that on, or takes any address there, could not be told", formNames(open))
	case len(doubtful) > 0:
		t.State, t.Why = Fine, fmt.Sprintf("refused in %d forms; %s it takes for an address of %s, like any other", len(refused), formNames(doubtful), p.domain)
	default:
		t.State, t.Why = Fine, fmt.Sprintf("refused in all %d forms", len(forms))
	}
	p.note(t, nil)
}

// refusesAtLiteral reports that the server clearly refuses a made-up mailbox at its
// own address literal. One that takes any there proves nothing by taking a form.
func (p *server) refusesAtLiteral(ctx context.Context, t *Test) bool {
	control := Test{Port: t.Port}
	answers, err := p.tryForms(ctx, &control, []form{{"made-up mailbox, address literal", p.forms()[0].from, "<" + random() + "@" + p.literal() + ">", true, false}})
	t.Dialogue = append(t.Dialogue, control.Dialogue...)
	if err != nil || len(answers) != 1 {
		return false
	}
	// Of the recipient, not of the sender.
	asked := strings.Contains(strings.Join(answers[0].lines, "\n"), "C: RCPT")
	return asked && (answers[0].refused() || answers[0].aboutRelay())
}

// formNames quotes the names of forms, which hold commas, for a sentence.
func formNames(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }

// saysRelay reports that a refusal in the dialogue speaks of relaying, and so is
// no refusal of us altogether.
func saysRelay(lines []string) bool {
	for _, l := range lines {
		if len(l) > 3 && l[:3] == "S: " && (reply{code: 550, lines: []string{l}}).aboutRelay() {
			return true
		}
	}
	return false
}

package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// ending is a line with a dot that is no end of a message: only CR LF . CR LF is
// (RFC 5321 section 4.1.1.4, and section 2.3.8 forbids bare CR and LF). A server
// that takes one for the end can be made to see a second message where the
// sender's own server saw one (CVE-2023-51764, CVE-2023-51765, CVE-2023-51766).
type ending struct{ name, octets string }

var endings = []ending{
	{"LF . LF", "\n.\n"},
	{"LF . CR LF", "\n.\r\n"},
	{"CR LF . LF", "\r\n.\n"},
	{"CR LF . CR", "\r\n.\r"},
	{"CR . CR", "\r.\r"},
	{"CR . CR LF", "\r.\r\n"},
	{"CR LF NUL . CR LF", "\r\n\x00.\r\n"},
}

// maxSmuggling is the most messages that the test can lead to: the first, one to
// compare with, and one for each ending alone.
var maxSmuggling = len(endings) + 2

// smuggling sends the user's own recipient one message that holds all endings,
// and waits after each whether the server answers, which it must not before the
// true end. A right server delivers that one message, or refuses it; a wrong one
// delivers the part before the ending. No second message is ever in it.
//
// An answer there only raises a suspicion: it may be late, and belong to an
// ending before. So then each ending goes into a message of its own, with more
// patience.
func (p *server) smuggling(ctx context.Context, port uint16) {
	t := Test{ID: Smuggling, Port: port}
	why, ok := p.mayWrite(fmt.Sprintf("a message with %d wrong ends in it (and, if the server answers one of them, more of the kind, %d in all at most)", len(endings), maxSmuggling))
	if !ok {
		t.State, t.Why = NotTested, why
		p.note(t, nil)
		return
	}
	var taken, open []string
	t.Dialogue = []string{}
	try := func(todo []ending, patience time.Duration) attempt {
		got := p.tryEndings(ctx, port, todo, patience)
		t.Dialogue = append(t.Dialogue, got.lines...)
		if got.err != nil && !slices.Contains(open, netWords(got.err)) {
			open = append(open, netWords(got.err))
		}
		return got
	}
	first := try(endings, p.pace.silence)
	if first.err == nil && (first.at >= 0 || first.late) {
		base := try([]ending{{"none, to compare", "\r\n"}}, p.pace.patience)
		switch {
		case base.at >= 0:
			// So it would within the others, whatever their ends.
			open = append(open, "it answers within a message that has no wrong end, too")
		case base.late:
			open = append(open, "it answers more than once at the true end")
		}
		for _, e := range endings {
			if ctx.Err() != nil || base.err != nil || base.at >= 0 {
				break
			}
			got := try([]ending{e}, p.pace.patience)
			// Who refuses such mail and hangs up is right.
			if got.at == 0 && !got.closed || got.late && !base.late {
				taken = append(taken, e.name)
				if t.proof == nil {
					t.proof = got.lines
				}
			}
		}
	}
	if len(t.Dialogue) > maxDialogue {
		t.Dialogue = t.Dialogue[:maxDialogue]
	}
	switch {
	case len(taken) > 0 && p.trustsUs():
		// Postfix, for one, is strict with strangers only.
		t.State, t.Why = Unknown, "it takes for the end of a message: "+strings.Join(taken, "; ")+"; but it was asked from this machine, with which servers are less strict: ask from another machine"
	case len(taken) > 0:
		t.State, t.Why = Found, "it takes for the end of a message: "+strings.Join(taken, "; ")
		t.values = map[string]string{"endings": strings.Join(taken, "; ")}
	case len(open) > 0 || ctx.Err() != nil:
		t.State, t.Why = Unknown, "not all endings could be tried: "+list(open)
	case first.late || first.at >= 0 && !first.closed:
		t.State, t.Why = Unknown, "it answered within a message that had several wrong ends, but not when each was tried alone"
	default:
		t.State, t.Why = Fine, "only the true end ends a message"
	}
	p.note(t, nil)
}

// attempt is what became of one message.
type attempt struct {
	at     int  // the ending after which the server answered; -1: none
	closed bool // it answered with a refusal and hung up
	late   bool // there were more answers at the end than there are ends
	lines  []string
	err    error
}

func (p *server) tryEndings(ctx context.Context, port uint16, todo []ending, patience time.Duration) (out attempt) {
	out.at = -1
	s, err := p.secure(ctx, port)
	defer func() {
		if s != nil {
			s.quit()
			out.lines = s.lines
		}
	}()
	if err != nil {
		out.err = err
		return out
	}
	err = s.begin("<>", p.Recipient)
	if err == nil {
		err = s.send([]byte(p.message(p.Recipient, "ends of messages", fmt.Sprintf("Up to %d messages like this one belong to the test.", maxSmuggling))), "(the message begins)")
	}
	if err != nil {
		out.err = err
		return out
	}
	for i, e := range todo {
		line := fmt.Sprintf("wrong end %d of %d: %s", i+1, len(todo), e.name)
		// The text around keeps each ending apart from the next.
		if out.err = s.send([]byte(line+e.octets+"and on\r\n"), line+" and on"); out.err != nil {
			return out
		}
		r, err := s.answered(patience)
		switch {
		case errors.Is(err, errQuiet):
			s.say("-", "no answer, as it should be")
			continue
		case err != nil:
			out.err = err
			return out
		}
		out.at = i
		if r.ok() {
			p.messages++
			return out
		}
		// A refusal: does it still wait for commands? Then the message has ended
		// for it, and a smuggled one would follow. It answers the line of nonsense
		// after the ending first.
		out.closed = !s.listens(patience)
		return out
	}
	return p.trueEnd(s, out, patience)
}

// trueEnd ends the message as it should be, which a right server answers once.
func (p *server) trueEnd(s *session, out attempt, patience time.Duration) attempt {
	if out.err = s.send([]byte("\r\n.\r\n"), "(the true end) ."); out.err != nil {
		return out
	}
	if _, out.err = s.handedOver(); out.err != nil {
		return out
	}
	// Whoever ended the message before takes these for lines of nonsense.
	if r, err := s.answered(patience); err == nil && r.code != 421 {
		out.late = true
	}
	return out
}

// listens reports that the server takes commands: it answers what was sent
// last, and then NOOP.
func (s *session) listens(patience time.Duration) bool {
	if s.dead {
		return false
	}
	if _, err := s.answered(patience); err != nil {
		return false
	}
	r, err := s.command("NOOP")
	return err == nil && r.ok()
}

func isTimeout(err error) bool {
	var late net.Error
	return errors.As(err, &late) && late.Timeout()
}

package forensics

import (
	"context"
	"strings"

	"unspoof/message"
)

// accountTraces are fields by which hosts and services say which script, user or
// customer sent a message (E17).
var accountTraces = [...]string{
	"X-PHP-Originating-Script", "X-PHP-Script", "X-Get-Message-Sender-Via", "X-Authenticated-Sender",
	"X-AuthUser", "X-Provags-ID", "Feedback-ID", "X-SES-Outgoing", "X-SG-EID",
}

// scriptTrace is what a script's trace says.
type scriptTrace struct {
	uid, script, host string
}

// traceEvidence is E17: account traces. On a message from my own host they count;
// on one from a shared service they name the customer to ask about; elsewhere the
// sender may have written them.
func traceEvidence(q *inquiry, _ context.Context) {
	_, service := q.own.service(q.path.ip)
	own := q.leftMyHost()
	if !own && !service {
		return
	}
	strength, forgers := Weak, bySender
	if own {
		strength = Strong
	}
	if h := q.path.entry; own && h != nil && h.Local {
		q.add(finding{mine: true, Reason: q.onOriginal(Reason{
			Code: "E17", Strength: Strong, For: Compromised, Forgeable: forgersOf(q),
			Text: "A program on " + h.By + " itself made this message" + asUser(h.LocalUser) + "; nobody logged in by mail.",
		}, h.Field)})
	}
	for _, name := range accountTraces {
		f, ok := q.n.Original.Header.First(name)
		if !ok || f.Value() == "" {
			continue
		}
		text := "A trace field names who sent it: " + oneLine(f.Value()) + "."
		if q.path.login != nil {
			// Who is logged in can write any field of his message.
			strength = Weak
			text += " Whoever was logged in could have written it."
		}
		q.add(finding{mine: own, Reason: q.onOriginal(Reason{
			Code: "E17", Strength: strength, Forgeable: forgers, Text: text,
		}, f)})
	}
}

func asUser(user string) string {
	if user == "" {
		return ""
	}
	return " as user " + user
}

// script gives what names a program on my own host as the sender: a local
// submission, or PHP's trace field where nobody had logged in.
func (q *inquiry) script() (scriptTrace, bool) {
	if q.path.login != nil || !q.has("E4", "E4n") {
		return scriptTrace{}, false
	}
	var s scriptTrace
	for _, h := range q.path.own {
		s.host = h.By // the lowest own host is where the program ran
	}
	if h := q.path.entry; h != nil && h.Local {
		s.uid, s.host = h.LocalUser, h.By
	}
	if f, ok := q.n.Original.Header.First("X-PHP-Originating-Script"); ok {
		uid, script, both := strings.Cut(f.Value(), ":")
		if !both {
			uid, script = "", uid
		}
		s.script = oneLine(script)
		if s.uid == "" {
			s.uid = oneLine(uid)
		}
	}
	local := q.path.entry != nil && q.path.entry.Local
	if s.host == "" && q.own.ip(q.path.ip) {
		s.host = q.own.hosts[q.path.ip].Name
	}
	return s, local || s.script != ""
}

// account names a script for whoever has to clean up: "uid 1004, wp-mailer.php on
// web.brand.example".
func (s scriptTrace) account() string {
	var parts []string
	if s.uid != "" {
		if isNumber(s.uid) {
			parts = append(parts, "uid "+s.uid)
		} else {
			parts = append(parts, "user "+s.uid)
		}
	}
	if s.script != "" {
		parts = append(parts, s.script)
	}
	if len(parts) == 0 {
		parts = append(parts, "a local program")
	}
	out := strings.Join(parts, ", ")
	if s.host != "" {
		out += " on " + s.host
	}
	return out
}

func isNumber(s string) bool {
	return strings.Trim(s, "0123456789") == "" && s != ""
}

// serviceIDs lists the trace fields by which a service finds its customer.
func (q *inquiry) serviceIDs() []message.Field {
	var out []message.Field
	for _, name := range accountTraces {
		if f, ok := q.n.Original.Header.First(name); ok {
			out = append(out, f)
		}
	}
	return out
}

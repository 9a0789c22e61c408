package forensics

import (
	"fmt"
	"slices"
	"strings"

	"unspoof/bounce"
)

// leftUnexplained tells that a message left through what is the owner's and
// nothing says why, on more than hints.
func leftUnexplained(j *Judgement) bool {
	if j.Verdict != Unknown || j.Subtype != OursUnexplained {
		return false
	}
	return j.Confidence == High || j.Confidence == Medium || slices.ContainsFunc(j.Reasons, func(r Reason) bool {
		return (r.Code == "E4" || r.Code == "E4n" || r.Code == "E7") && (r.Strength == Proof || r.Strength == Strong)
	})
}

// loginOf gives the account that E7 rests on, "" when none is named.
func loginOf(n *bounce.Notice, j *Judgement) string {
	for _, r := range j.Reasons {
		if r.Code != "E7" {
			continue
		}
		for i := range n.Original.Hops {
			h := &n.Original.Hops[i]
			if h.Authenticated && h.AuthUser != "" && strings.Contains(r.Text, h.By) && strings.Contains(r.Line, h.AuthUser) {
				return h.AuthUser
			}
		}
	}
	return ""
}

// unexplained tells an original that left through what is the owner's and that
// nobody has explained. That another notice calls it forged does not explain it:
// who is inside can have that notice made.
func (r *mailRow) unexplained() bool {
	return r.has(bitOurs) && (r.verdict() == unknownVerdict || r.verdict() == spoofedVerdict && r.subtype() == Direct)
}

// through says whose door the unexplained messages left by.
func through(r *MailboxReport) string {
	switch len(r.UnexplainedAccounts) {
	case 0:
		return "your own server, account or key"
	case 1:
		return "your account " + r.UnexplainedAccounts[0].Value
	}
	return "your accounts " + examples(r.UnexplainedAccounts, ", ")
}

func unexplainedWords(r *MailboxReport, forged int) string {
	s := fmt.Sprintf("%s left through %s and nobody has explained %s. Treat it as a break-in until you recognise %s.",
		plural(r.Unexplained, "message"), through(r), themWords(r.Unexplained), themWords(r.Unexplained))
	if forged > 0 {
		s += fmt.Sprintf(" Besides, %s only carried your name.", plural(forged, "forged message"))
	}
	return s
}

func themWords(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// unexplainedSubjects names the first few, so that the owner can recognise them.
func (m *Mailbox) unexplainedSubjects() string {
	var out []string
	for i := range m.rows.len() {
		r := m.rows.at(uint32(i))
		if r.shape == 0 || !r.unexplained() {
			continue
		}
		subject := m.shapes.shape(r.shape).subject
		if subject == "" || slices.ContainsFunc(out, func(s string) bool { return strings.HasPrefix(s, "“"+subject+"”") }) {
			continue
		}
		if len(out) == 3 {
			out = append(out, "…")
			break
		}
		one := "“" + subject + "”"
		if r.t0 != 0 {
			one += " of " + day(fromStamp(r.t0))
		}
		out = append(out, one)
	}
	if len(out) == 0 {
		return ""
	}
	return " (" + strings.Join(out, ", ") + ")"
}

// untilExplained is what to do about them: secure first, ask afterwards.
func (m *Mailbox) untilExplained(r *MailboxReport, t *tally) []string {
	account := m.profile.Address
	if len(r.UnexplainedAccounts) > 0 && account == "" {
		account = r.UnexplainedAccounts[0].Value
	}
	first := "Secure what they left through now: change the passwords of the accounts that may send there, on a computer or phone that you trust, and look at web forms and scripts that send mail."
	switch {
	case len(r.Alarms) > 0 && account != "":
		first = "The change may not have been enough: sign out every session of " + account + " and delete its app passwords, connected apps and forwarding rules now."
	case account != "":
		first = "Secure " + account + " now, as if somebody were in: change its password, on a computer or phone that you trust, and sign out every session."
	}
	steps := []string{first,
		"Look at " + plural(r.Unexplained, "message") + " that went out this way" + m.unexplainedSubjects() + ". If you, or somebody with you, sent " + themWords(r.Unexplained) + ", nothing was broken into.",
		everyDoor,
	}
	if t.messages[spoofedVerdict] > 0 && m.profile.Address == "" {
		steps = append(steps, "The forged messages need a remedy of their own afterwards: SPF, DKIM and DMARC records for the domain.")
	}
	return append(steps, "Keep the bounces as they came; don't forward them, that loses the lines that tell.", doNotAnswer)
}

// perhapsInside is the alarm of stillInside in softer words: what left through an
// account after the life of its old sessions, and is not explained.
func (m *Mailbox) perhapsInside(e Event, limit int64) string {
	if e.Type != PasswordChanged {
		return ""
	}
	of := m.ofAccount(e.Account)
	n, latest := m.after(limit, func(r *mailRow) bool { return r.unexplained() && r.account != 0 && of(r) })
	if n == 0 {
		return ""
	}
	whose := "that account"
	if e.Account == "" {
		whose = "an account of yours"
	}
	return fmt.Sprintf("Perhaps still inside: %s left through %s more than 24 hours after %s, the last on %s, and nobody has explained %s. "+
		"Unless you or somebody with you sent %s, somebody is still in: look for an app password, a forwarding rule, an allowed app (OAuth), a second account, an API key or a web form.",
		plural(n, "message"), whose, eventWords(e), fromStamp(latest).Format("2 January 2006, 15:04 UTC"), themWords(n), themWords(n))
}

package forensics

import (
	"fmt"
	"net/netip"
	"strings"
)

// explain fills in the sentence, what it rests on, what it does not show, and
// the one input that would decide.
func (m *Mailbox) explain(r *MailboxReport, t *tally) {
	r.Sentence = m.sentence(r, t)
	r.Reasons = append(m.reasons(r, t), r.Reasons...)
	r.NotProven = append(r.NotProven, notProven(r, t)...)
	r.Damage = damage(r, t, m.complaints)
	if r.Verdict == Unknown {
		r.Missing = m.wanted(r, t)
	}
}

func (m *Mailbox) sentence(r *MailboxReport, t *tally) string {
	forged, inside, decided := t.messages[spoofedVerdict], t.messages[compromisedVerdict], t.decided()
	switch r.Verdict {
	case Compromised:
		s := fmt.Sprintf("Broken into: %s went out through what is yours", plural(inside, "message"))
		if names := examples(r.Accounts, "; "); names != "" {
			s += " (" + names + ")"
		}
		if forged > 0 {
			s += fmt.Sprintf(". Besides, %s only carried your name", plural(forged, "forged message"))
		}
		if r.Unexplained > 0 {
			s += fmt.Sprintf(". And %s left through %s, unexplained", plural(r.Unexplained, "more message"), through(r))
		}
		return s + "."
	case Spoofed:
		if r.Unexplained > 0 {
			return fmt.Sprintf("Forged: %s that could be decided only carried your name. But %s left through %s: see whether you sent %s. If nobody with you did, treat it as a break-in.",
				share(forged, decided, "message"), plural(r.Unexplained, "message"), through(r), themWords(r.Unexplained))
		}
		s := fmt.Sprintf("Forged, not broken into: %s that could be decided only carried your name and never left through you.", share(forged, decided, "message"))
		if inside > 0 {
			s += fmt.Sprintf(" Look at the other %d all the same.", inside)
		}
		return s
	case Genuine:
		return fmt.Sprintf("Nothing was forged: %s that could be decided came back from mail that you really sent.", share(t.messages[genuineVerdict], decided, "message"))
	}
	switch {
	case m.read == 0:
		return "There is nothing to judge: no message was read."
	case m.rows.len() == 0:
		return "There is nothing to judge: none of the messages is a notice about mail in your name."
	case r.Unexplained > 0:
		return unexplainedWords(r, forged)
	case decided == 0:
		these := "this one message"
		if n := m.rows.len(); n > 1 {
			these = fmt.Sprintf("these %d messages", n)
		}
		return "It can't be told from " + these + " alone. That is no sign of a break-in, and no sign against one."
	case t.mostlyForged():
		return m.looksForged(t)
	}
	var kinds []string
	for _, k := range []struct {
		n    int
		what string
	}{
		{inside, "seem to have gone out through what is yours, without proof"}, {forged, "forged"},
		{t.messages[genuineVerdict], "your own"}, {t.messages[unknownVerdict], "undecided"},
	} {
		if k.n > 0 {
			kinds = append(kinds, fmt.Sprintf("%d %s", k.n, k.what))
		}
	}
	return fmt.Sprintf("It can't be told for the mailbox as a whole: of %s, %s.", plural(m.rows.len(), "message"), strings.Join(kinds, ", "))
}

// looksForged is for what all points one way and is too little to decide.
func (m *Mailbox) looksForged(t *tally) string {
	forged := t.messages[spoofedVerdict]
	s := fmt.Sprintf("It looks forged: %s that could be decided only carried your name", share(forged, t.decided(), "message"))
	if forged >= enoughSpoofed { // and still open: they have one reporter
		who := "one server"
		if name := m.reporters.only(&t.forgers); name != "" {
			who = "servers of " + name
		}
		return s + ". But all these notices come from " + who + " alone, and whoever runs such a server can invent them. " + upperFirst(m.more(t)) + " would make it sure."
	}
	return s + fmt.Sprintf(". %s too few to be sure: it takes %s.", upperFirst(isAre(forged)), m.more(t))
}

func isAre(n int) string {
	if n == 1 {
		return "one is"
	}
	return fmt.Sprintf("%d are", n)
}

// more says which notices would make sure what looks forged.
func (m *Mailbox) more(t *tally) string {
	n := enoughSpoofed - t.messages[spoofedVerdict]
	switch {
	case n <= 0:
		return "a bounce of another organisation's server"
	case t.forgers.enough():
		return plural(n, "more bounce") + " like " + themWords(t.messages[spoofedVerdict])
	case n == 1:
		return "1 more bounce like them, from another organisation's server"
	}
	return plural(n, "more bounce") + ", not all from the same server"
}

// reasons sums up over all messages what the verdict rests on.
func (m *Mailbox) reasons(r *MailboxReport, t *tally) []Reason {
	out := []Reason{}
	add := func(code string, s Strength, v Verdict, where, forgeable, format string, a ...any) {
		out = append(out, Reason{Code: code, Strength: s, For: v, Text: fmt.Sprintf(format, a...), Where: where, Forgeable: forgeable})
	}
	forged, inside := t.messages[spoofedVerdict], t.messages[compromisedVerdict]
	if inside > 0 {
		s := Strong
		if t.sure[compromisedVerdict] > 0 {
			s = Proof
		}
		add("E4", s, Compromised, "originals", "the reporting server", "%s left through your own hosts, service or key%s.",
			plural(inside, "message"), accountsWords(r.Accounts))
	}
	if t.unexplained > 0 {
		add("E4", Strong, "", "originals", "the reporting server", "%s left through %s; nothing says whether you sent %s.",
			plural(t.unexplained, "message"), through(r), themWords(t.unexplained))
	}
	if foreign, countries := m.foreign(r.Handoffs); foreign > 0 && forged > 0 {
		add("hand-off", Strong, Spoofed, "originals", "the reporting server", "The forged ones were handed over by %s foreign to you%s.", plural(foreign, "address"), countries)
	}
	if t.named > 0 {
		add("E15", Strong, Spoofed, "notices", "the reporting server", "%s of forged messages named SPF, DKIM or DMARC: the receivers saw the forgery.", upperFirst(share(t.named, t.refused, "refusal")))
	}
	if unfamiliar := t.strangers; unfamiliar > 0 {
		add("E16", Weak, "", "log", "the sender", "%s went to people to whom your outbound log has no other mail.", plural(unfamiliar, "message"))
	}
	if c := largest(r.Campaigns); c != nil {
		text := fmt.Sprintf("The largest campaign: “%s”, %s", c.Subject, plural(c.Messages, "message"))
		if len(c.Brands) > 0 {
			text += ", imitates " + strings.Join(c.Brands, ", ")
		}
		add("theme", Weak, "", "originals", "the sender", "%s.", text)
	}
	return out
}

// largest gives the campaign with the most messages, nil without one.
func largest(list []Campaign) *Campaign {
	var best *Campaign
	for i := range list {
		if c := &list[i]; c.Subject != "" && (best == nil || c.Messages > best.Messages) {
			best = c
		}
	}
	return best
}

func accountsWords(list []Count) string {
	if len(list) == 0 {
		return ""
	}
	return ": " + examples(list, "; ")
}

// foreign counts the hand-off addresses of forged mail and names their
// countries.
func (m *Mailbox) foreign(list []Handoff) (n int, countries string) {
	var seen []string
	for _, h := range list {
		if h.Verdict != Spoofed || m.ownsHost(h.IP) {
			continue
		}
		n++
		if h.Country != "" && !strings.Contains(" "+strings.Join(seen, " ")+" ", " "+h.Country+" ") && len(seen) < 5 {
			seen = append(seen, h.Country)
		}
	}
	if len(seen) > 0 {
		countries = " (" + strings.Join(seen, ", ") + ")"
	}
	return n, countries
}

func (m *Mailbox) ownsHost(ip netip.Addr) bool {
	for _, h := range m.profile.OwnHosts {
		if h.IP.Unmap() == ip {
			return true
		}
	}
	return false
}

func notProven(r *MailboxReport, t *tally) []string {
	var out []string
	switch r.Verdict {
	case Spoofed:
		out = append(out,
			"That nobody also knows your password: forged mail and a break-in can happen at the same time.",
			"Who the forger is: the addresses that handed the mail over mostly belong to other victims.")
	case Compromised:
		out = append(out,
			"How somebody got in, and since when: only what bounced is seen here.",
			"That nothing else was broken into: one way in is often used to make others.")
	case Genuine:
		out = append(out, "That nobody else sends in your name: mail that was accepted leaves no trace here.")
	}
	if n := t.messages[unknownVerdict]; n > 0 && r.Verdict != Unknown {
		out = append(out, fmt.Sprintf("Anything about %s that could not be decided.", plural(n, "message")))
	}
	return out
}

// damage sums up how much came, for how long, and who complained.
func damage(r *MailboxReport, t *tally, complaints int) string {
	if r.Notices == 0 {
		return ""
	}
	s := plural(r.Notices, "notice")
	if !r.From.IsZero() {
		if h := r.To.Sub(r.From).Hours(); h >= 1 {
			s += " about mail of " + spanWords(h)
		}
	}
	if t.recipients > 0 {
		s += fmt.Sprintf(", %s refused it", plural(int(t.recipients), "recipient"))
	}
	if complaints > 0 {
		s += ", " + plural(complaints, "complaint")
	}
	var peak Bucket
	most := 0
	for _, b := range r.Timeline {
		if n := b.Counts[Spoofed] + b.Counts[Compromised]; n > most {
			peak, most = b, n
		}
	}
	if most > 1 {
		s += fmt.Sprintf("; most in the %s from %s: %d", spanWords(float64(peak.Hours)), peak.Start.UTC().Format("2 January 2006, 15:04 UTC"), most)
	}
	return s + "."
}

// spanWords gives whole hours, from three days on whole days.
func spanWords(h float64) string {
	if h < 72 {
		return plural(int(h+0.5), "hour")
	}
	return plural(int(h/24+0.5), "day")
}

// wanted names the one input that would decide: what most undecided messages
// lack, else the first gap of the profile.
func (m *Mailbox) wanted(r *MailboxReport, t *tally) string {
	best := uint32(0)
	for i, n := range m.lacking {
		if best == 0 || n > m.lacking[best] || n == m.lacking[best] && i < best {
			best = i
		}
	}
	switch {
	case m.read == 0 || m.rows.len() == 0:
		return "the bounces themselves, as they came, with all their header lines (a forward from a mail program loses them)"
	case r.Unexplained > 0:
		return "your own look at what went out: do you, or somebody with you, know " + themWords(r.Unexplained) + "?"
	case t.messages[compromisedVerdict] > 0 && m.profile.Log == nil && len(m.profile.OwnHosts) == 0:
		return "the list of log-ins that your mail provider keeps for those days"
	case t.messages[compromisedVerdict] > 0 && m.profile.Log == nil:
		return "the outbound log of your mail server for those days: it shows who logged in"
	case t.mostlyForged():
		return m.more(t)
	case best != 0 && t.messages[unknownVerdict] >= t.decided():
		return m.missing.word(best)
	case len(m.profile.Domains) == 0 && m.profile.Address == "":
		return "your domain or address"
	case !m.profile.Complete && m.profile.Address == "":
		return "your word on whether the list of what sends for " + strings.Join(m.own, ", ") + " is complete"
	case m.profile.Log == nil && len(m.profile.OwnHosts) > 0:
		return "the outbound log of your mail server for those days"
	case best != 0:
		return m.missing.word(best)
	}
	return "more notices, with the returned message in them"
}

package forensics

import (
	"slices"
	"strings"
)

// advise fills in what to do, the single next step first. It fits the verdict
// and who the owner is: of a domain, or of an address at a big provider.
func (m *Mailbox) advise(r *MailboxReport, t *tally) {
	var steps []string
	switch r.Verdict {
	case Compromised:
		steps = m.afterBreakIn(r, t)
	case Spoofed:
		steps = m.afterForgery(r)
	case Genuine:
		steps = []string{
			"Check the recipients' addresses in the notices; the reason for each refusal stands beside it.",
			"If refusals name SPF, DKIM or DMARC, your own set-up is at fault: check the records of the domain.",
		}
	default:
		steps = m.undecided(r, t)
	}
	r.Advice = append(r.Advice, steps...)
}

// everyDoor lists the ways in that a new password leaves open (requirement
// K-13).
const everyDoor = "Then close what a new password leaves open: sign out every session, delete app passwords, withdraw the access of connected apps (OAuth), " +
	"remove forwarding and filter rules that aren't yours, replace API keys and SMTP passwords of services, check the recovery address and number, switch on a second factor."

func (m *Mailbox) afterBreakIn(r *MailboxReport, t *tally) []string {
	var steps []string
	switch {
	case m.profile.Address != "":
		steps = append(steps, "Change the password of "+m.profile.Address+" now, on a computer or phone that you trust, at the provider's own site.")
	case t.stayed[PasswordChanged]:
		steps = append(steps, "The change was not enough: sign out every session of "+m.victim(t, Account, "the account")+" and delete its app passwords, connected apps and forwarding rules now.")
	}
	if m.profile.Address == "" {
		if t.stayed[ScriptRemoved] {
			steps = append(steps, "The removal was not enough: take every copy of the script off the web now, and close the way that it came: "+m.victim(t, Script, "its name stands in the messages' reasons")+".")
		}
		steps = append(steps, m.closeDoors(t)...)
	}
	steps = append(steps, everyDoor)
	if m.profile.Address == "" {
		steps = append(steps, "Look at web forms and scripts that send mail: update or remove them, and limit how much they may send.")
	}
	steps = append(steps,
		"Check the computers that use the account for malware before you type the new password on them.",
		"Tell your mail provider or host before he blocks you, and tell him what you have done.",
		"Enter the time of the change as an event and look again after 48 hours: one more message from inside a day later means that somebody is still in.")
	if t.messages[spoofedVerdict] > 0 && m.profile.Address == "" {
		steps = append(steps, "The forged messages need a remedy of their own afterwards: SPF, DKIM and DMARC records for the domain.")
	}
	return append(steps, doNotAnswer)
}

// closeDoors gives a step for each way that was used, the most used first.
func (m *Mailbox) closeDoors(t *tally) []string {
	type way struct {
		subtype Subtype
		step    string
	}
	ways := []way{
		{Account, "Lock " + m.victim(t, Account, "the account") + " or change its password now, from a machine that you trust."},
		{Script, "Take the script off the web now: " + m.victim(t, Script, "its name stands in the messages' reasons") + "."},
		{ESPAccount, "Change the password and the API keys of your account at the sending service now: " + m.victim(t, ESPAccount, "its number stands in the messages' reasons") + "."},
		{Key, "Replace your DKIM key now: publish a new selector, sign with it, and empty the p= of the old one; somebody else has the old key."},
	}
	slices.SortStableFunc(ways, func(a, b way) int { return t.subtypes[b.subtype] - t.subtypes[a.subtype] })
	steps := []string{ways[0].step}
	for _, w := range ways[1:] {
		if t.subtypes[w.subtype] > 0 {
			steps = append(steps, w.step)
		}
	}
	return steps
}

// victim names the account that most messages of a subtype came from.
func (m *Mailbox) victim(t *tally, s Subtype, otherwise string) string {
	best := subtypeAccount{}
	for k, n := range t.accounts {
		if k.subtype == s && (best.account == 0 || n > t.accounts[best] || n == t.accounts[best] && k.account < best.account) {
			best = k
		}
	}
	if best.account == 0 {
		return otherwise
	}
	return m.accounts.word(best.account)
}

const doNotAnswer = "Don't answer bounces or complaints, don't open their links, don't confirm receipt: it tells senders that the address is read."

func (m *Mailbox) afterForgery(r *MailboxReport) []string {
	if m.profile.Address != "" {
		return []string{
			"Wait and see: there is nothing to repair. Such waves mostly end within days; move the bounces to a folder or the bin.",
			"Spend five minutes to be sure that nobody else is in " + m.profile.Address + ": look at its recent log-ins, connected apps, app passwords and forwarding rules. Where anything is strange, change the password.",
			"Use your provider's form for reporting forged mail; the domain is his, so only he can publish rules for it.",
			"If people you know got such mail, tell them by another way that it is not from you.",
			doNotAnswer,
		}
	}
	name := "your domain"
	if len(m.own) > 0 {
		name = m.own[0]
	}
	steps := []string{}
	if published(r.Events) {
		steps = append(steps, "Check that the records of "+name+" say what you meant, and wait: servers repeat old mail for up to five days, so bounces thin out rather than stop at once.")
	} else {
		steps = append(steps, "See who can send as "+name+" today, and publish what is missing: an SPF record, DKIM signing, and above all a DMARC record.")
	}
	if len(r.UnknownSenders) > 0 || strings.Contains(r.CatchAll, "catch-all") {
		steps = append(steps, "Turn off the catch-all, so that bounces for invented names are refused; first list the names that somebody really writes to.")
	}
	return append(steps,
		"Spend five minutes to be sure that nobody is in besides: recent log-ins, app passwords, connected apps, forwarding rules, API keys, web forms.",
		"Sort the bounces into a folder meanwhile; don't delete them, they are the evidence. Waves of forged mail mostly end by themselves within days.",
		doNotAnswer,
		"Know the limit: with the records published, receivers can refuse forged mail, but nobody can stop it from being sent; look-alike domains and borrowed display names remain.")
}

func published(events []Event) bool {
	for _, e := range events {
		if e.Type == DMARCPublished || e.Type == SPFPublished {
			return true
		}
	}
	return false
}

func (m *Mailbox) undecided(r *MailboxReport, t *tally) []string {
	if r.Unexplained > 0 {
		return m.untilExplained(r, t)
	}
	var steps []string
	switch {
	case r.Missing == "":
	case t.mostlyForged():
		steps = append(steps, "Wait for "+r.Missing+", and look again with all of them: they would make it sure.")
	default:
		steps = append(steps, fullStop("Give the one thing that would decide: "+r.Missing))
	}
	if t.messages[compromisedVerdict] > 0 || t.subtypes[OursUnexplained] > 0 {
		steps = append(steps, "Until it is clear, act as if somebody were in: change the password and sign out every session. "+everyDoor)
	}
	if m.rows.len() > 0 {
		steps = append(steps, "Keep the bounces as they came; don't forward them, that loses the lines that tell.", doNotAnswer)
	}
	return steps
}

// fullStop puts the full stop that a sentence lacks.
func fullStop(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") {
		return s
	}
	return s + "."
}

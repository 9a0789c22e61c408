package forensics

import (
	"fmt"
	"strings"
)

// manyNames is how many different own names in forged mail look like a
// catch-all where the profile does not say which names exist.
const manyNames = 5

// reportSenders fills in whose names were used, which of them do not exist, and
// what that says about a catch-all and about where the address came from.
func (m *Mailbox) reportSenders(r *MailboxReport, t *tally) {
	abused, unknown, accounts, unexplained := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	existing := localParts(&m.profile)
	nonexistent, forged := 0, 0 // originals
	names := map[string]bool{}
	for i := range m.rows.len() {
		row := m.rows.at(uint32(i))
		switch {
		case row.account == 0:
		case row.verdict() == compromisedVerdict:
			accounts[m.accounts.word(row.account)]++
		case row.unexplained():
			unexplained[m.accounts.word(row.account)]++
		}
		if row.sender == 0 || row.verdict() == genuineVerdict {
			continue
		}
		address := m.senders.word(row.sender)
		abused[address]++
		local := localPart(address)
		names[local] = true
		absent := existing != nil && !existing[local] && !strings.EqualFold(address, m.profile.Address)
		if absent {
			unknown[local]++
		}
		if row.verdict() != compromisedVerdict { // somebody inside invents names, too
			forged++
			nonexistent += btoi(absent)
		}
	}
	r.AbusedSenders, r.UnknownSenders, r.Accounts = top(abused, maxSenderList), top(unknown, maxSenderList), top(accounts, maxSenderList)
	r.Unexplained, r.UnexplainedAccounts = t.unexplained, top(unexplained, maxSenderList)
	r.CatchAll = m.catchAll(unknown, len(names))
	r.Origin = m.origin(t, nonexistent, forged, len(names))
	if nonexistent > 0 {
		r.Reasons = append(r.Reasons, Reason{Code: "E12", Strength: Strong, For: Spoofed, Where: "profile",
			Text:      fmt.Sprintf("%s carried a sender that doesn't exist in your domain: %s.", upperFirst(share(nonexistent, forged, "message")), examples(r.UnknownSenders, ", ")),
			Forgeable: "the sender"})
	}
}

// examples names the first few values.
func examples(list []Count, between string) string {
	var out []string
	for _, c := range list[:min(len(list), 3)] {
		out = append(out, c.Value)
	}
	if len(list) > 3 {
		out = append(out, "…")
	}
	return strings.Join(out, between)
}

// catchAll concludes that notices for any name are taken in: the notices are
// here, so something accepted them.
func (m *Mailbox) catchAll(unknown map[string]int, names int) string {
	goes := ""
	if m.profile.CatchAll != "" {
		goes = " It goes to " + plainText(m.profile.CatchAll, maxNameText) + "."
	}
	switch {
	case len(unknown) > 0 || m.noSuchRecipient > 0:
		n := max(len(unknown), 1)
		return fmt.Sprintf("Notices came back for %s that you don't have, so the domain takes mail for any name (a catch-all).%s "+
			"Before you turn it off, list the names that somebody really writes to.", plural(n, "name"), goes)
	case m.profile.CatchAll != "":
		return "The domain takes mail for any name (a catch-all)." + goes + " Nothing here came through it."
	case len(m.profile.Mailboxes) == 0 && m.profile.Address == "" && names >= manyNames:
		return fmt.Sprintf("Notices came back for %d different names. If you don't have them all, the domain takes mail for any name (a catch-all); list your mailboxes to be sure.", names)
	}
	return ""
}

// origin says where a forger probably had the address from (requirement R-033):
// a guess, worded as one.
func (m *Mailbox) origin(t *tally, nonexistent, forged, names int) string {
	switch {
	case t.messages[spoofedVerdict] == 0:
		return ""
	case nonexistent*2 > forged && nonexistent > 0:
		return "The sender invents names before the @: he needed nothing of yours but the name of the domain, which anybody can look up."
	case t.toYou*2 > t.messages[spoofedVerdict]:
		return "Most of it is written to you in your own name: the sender has your address from a list and puts it on both sides, because many filters trust mail from oneself."
	case t.familiar > 0 && t.familiar >= t.strangers:
		return "Most of it goes to people whom you write to: probably somebody read an address book that holds both of you, on the infected computer of a contact or from a mailbox that was broken into (perhaps yours: check it)."
	case t.messages[compromisedVerdict] > 0 || t.unexplained > 0:
		return "The address may come from an account of yours, if one was broken into, or from a web page, a breach or a traded list."
	case t.strangers > 0 || names == 1:
		return "The address was probably gathered from a web page, a breach or a traded list; nothing here shows that it came from you."
	}
	return ""
}

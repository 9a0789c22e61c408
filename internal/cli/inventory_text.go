package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"unspoof/internal/cli/ui"
	"unspoof/inventory"
)

var (
	answerStyles = map[inventory.Answer]ui.Style{inventory.Yes: ui.Green, inventory.No: ui.Red, inventory.Unknown: ui.Yellow}
	answerWords  = map[inventory.Answer]string{inventory.Yes: "yes", inventory.No: "no", inventory.Unknown: "not known"}
	statusWords  = map[inventory.Status]string{
		inventory.InUse: "in use", inventory.Unseen: "not seen", inventory.Unauthorised: "NOT ALLOWED", inventory.ByHand: "named, not allowed",
		inventory.Hinted: "receives", inventory.Undecided: "not known",
	}
	signalWords = map[inventory.SignalKind]string{
		inventory.SignalOwner: "named by you", inventory.SignalDKIM: "DKIM", inventory.SignalReturnPath: "return path", inventory.SignalSPF: "SPF",
		inventory.SignalLog: "log", inventory.SignalReceived: "its own lines", inventory.SignalReverse: "reverse name", inventory.SignalMX: "MX", inventory.SignalAddress: "address",
	}
)

func (p *program) showInventory(inv inventory.Inventory) {
	o := p.out
	o.Line("%s", o.As(ui.Bold, "Who sends for "+inv.Domain))
	o.Line("")
	switch {
	case inv.Absent:
		o.Text("  ", "%s", o.As(ui.Red, "DNS has no domain "+inv.Domain+". Is it spelt right?"))
		o.Line("")
	case inv.SPF.Broken, inv.SPF.Everybody:
		o.Text("  ", "%s", o.As(ui.Red, inv.SPF.Problem))
		o.Line("")
	case inv.SPF.Problem != "":
		o.Text("  ", "%s", o.As(ui.Yellow, inv.SPF.Problem))
		o.Line("")
	}
	if len(inv.Senders) == 0 {
		o.Text("  ", "Nothing is known to send for it. Name what does with --service, --host and --ip, or give mail of yours with --mail.")
	} else {
		rows := [][]any{{"", "status", "mail", "SPF", "DKIM", "known by"}}
		for _, s := range inv.Senders {
			rows = append(rows, []any{s.Name, statusWord(s), volume(s.Seen.Count), p.aligned(s.SPF), p.aligned(s.DKIM), knownBy(s)})
		}
		o.Table(2, rows)
		o.Line("")
		o.Text("  ", "SPF and DKIM: whether mail of it passes as %s. * follows from the records; no mail has shown it.", inv.Domain)
	}
	p.showBelieved(inv.Sources)
	p.showSetup(inv)
	p.showClaims(inv)
	p.showSentences("Not known", inv.Unknown)
	p.showSentences("Note", inv.Warnings)
}

// showBelieved says what an answer rests on that came from mailboxes: only their
// owner knows whether they are his.
func (p *program) showBelieved(sources []inventory.SourceCount) {
	for _, c := range sources {
		if c.Source == inventory.FromMailbox && c.Own > 0 {
			p.out.Text("  ", "Of the mail given, what the mailbox's own server wrote on top is believed: who handed it over, and whether it passed. That is right for mailboxes of yours only. Whoever gives you other mail can have written it himself, and so make a sender up.")
		}
	}
}

// statusWord says the status of a sender in a few words.
func statusWord(s inventory.Sender) string {
	if s.Status == inventory.Hinted && s.Listed() {
		return "in the record, not let in"
	}
	return statusWords[s.Status]
}

// volume is a number of messages, "" for none.
func volume(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func (p *program) aligned(a inventory.Alignment) ui.Styled {
	word := answerWords[a.Aligned]
	if a.Aligned == inventory.Yes && a.Basis != inventory.Observed {
		word += "*"
	}
	return p.out.As(answerStyles[a.Aligned], word)
}

// knownBy names the kinds of signs, strongest first.
func knownBy(s inventory.Sender) string {
	var kinds []string
	for _, sig := range s.Signals {
		if w := signalWords[sig.Kind]; !slices.Contains(kinds, w) {
			kinds = append(kinds, w)
		}
	}
	return strings.Join(kinds, ", ")
}

// shownSteps is how many steps of one sender are printed; JSON has them all.
const shownSteps = 6

func (p *program) showSetup(inv inventory.Inventory) {
	o := p.out
	title := true
	for _, s := range inv.Senders {
		if len(s.Setup) == 0 {
			continue
		}
		if title {
			o.Heading("What is left to do")
			title = false
		}
		o.Text("  ", "%s: %s", o.As(ui.Bold, s.Name), s.Sentence)
		for _, a := range []struct {
			what string
			inventory.Alignment
		}{{"SPF", s.SPF}, {"DKIM", s.DKIM}} {
			if a.Aligned != inventory.Yes {
				o.Text("    ", "%s: %s", a.what, a.Why)
			}
		}
		before := ""
		for _, st := range s.Setup[:min(len(s.Setup), shownSteps)] {
			if st.Text != before { // of several records, the words stand once
				o.Text("    - ", "%s", st.Text)
			}
			if st.Text != before && st.Confidence == "low" && s.Catalogue != nil {
				o.Text("      ", "%s", o.As(ui.Yellow, "No published source confirms this: compare it with the service's own guide."))
			}
			if st.Name != "" && st.Kind != inventory.StepSPF {
				o.Raw(6, st.Name+" "+st.Type+" "+cmp.Or(st.Value, "…")) // … where only the service can tell it
			} else if st.Value != "" {
				o.Raw(6, st.Value)
			}
			before = st.Text
		}
	}
}

// shownClaims is how many origins of unproven mail are printed.
const shownClaims = 10

func (p *program) showClaims(inv inventory.Inventory) {
	if len(inv.Claims) == 0 {
		return
	}
	o := p.out
	o.Heading("In your name, and not shown to be yours")
	o.Text("  ", "Forged mail looks like this, and so does a sender that was forgotten. None of these is put into any record. If one is yours, name it with --service, --host or --ip.")
	rows := [][]any{}
	for _, c := range inv.Claims[:min(len(inv.Claims), shownClaims)] {
		rows = append(rows, []any{c.Name, c.Claimed.Count, knownBy(c)})
	}
	o.Table(2, rows)
	if n := len(inv.Claims) - shownClaims; n > 0 {
		o.Line("  and %d more", n)
	}
}

func (p *program) showSentences(title string, list []string) {
	if len(list) == 0 {
		return
	}
	p.out.Heading("%s", title)
	for _, s := range list {
		p.out.Text("  - ", "%s", s)
	}
}

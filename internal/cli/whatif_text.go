package cli

import (
	"fmt"
	"strings"

	"unspoof/internal/cli/ui"
	"unspoof/internal/spftext"
	"unspoof/spf"
	"unspoof/whatif"
)

var fateWords = map[whatif.Fate]string{
	whatif.Accepted: "taken", whatif.Marked: "taken, suspicious", whatif.Spam: "spam folder", whatif.Refused: "refused", whatif.Unknown: "unknown",
}

var fateStyles = map[whatif.Fate]ui.Style{
	whatif.Accepted: ui.Green, whatif.Marked: ui.Yellow, whatif.Spam: ui.Yellow, whatif.Refused: ui.Red, whatif.Unknown: ui.Dim,
}

var receiverWords = map[whatif.Receiver]string{
	whatif.SPFOnly: "checks SPF only", whatif.RFC7489: "DMARC, RFC 7489", whatif.RFC9989: "DMARC, RFC 9989",
}

func (p *program) showWhatif(out whatifJSON, strange []string, planned bool) {
	o := p.out
	if planned {
		if out.Sum.Own+out.Sum.Unproven == 0 && out.Table == nil {
			o.Text("", "No mail was given, so only the records are compared: that nothing of yours would be lost is not shown. Give mail with --mail, --log and --bounces, or describe a message with --from.")
		}
		p.showReplay(out)
		p.showPolicyChange(out)
		p.showWhatifSPF(out)
	}
	if out.Table != nil {
		p.showFates(*out.Table, planned)
	}
	for _, s := range strange {
		o.Text("Note: ", "%s", o.As(ui.Yellow, s))
	}
	p.showSentences("What may be lost besides", out.Risks)
	p.showSentences("Not known", out.Notes)
}

func (p *program) showReplay(out whatifJSON) {
	o, s := p.out, out.Sum
	line := func(n int, style ui.Style, format string) {
		if n > 0 {
			o.Text("", "%s", o.As(style, fmt.Sprintf(format, count(n, "message"))))
		}
	}
	line(s.Lost, ui.Red, "LOST: %s of yours would newly be refused or go to the spam folder.")
	line(s.AtRisk, ui.Yellow, "At risk: %s of yours might be; what is known of them does not tell.")
	line(s.LetIn, ui.Red, "Let in: %s that nothing proves to be yours would not be stopped any more.")
	line(s.Saved, ui.Green, "Saved: %s of yours would not be refused or put into the spam folder any more.")
	line(s.Stopped, ui.Green, "Stopped: %s that nothing proves to be yours would newly be refused or go to the spam folder. Look through the list below: what is yours there has to be named first.")
	line(s.Through, ui.Yellow, "Still through: %s that nothing proves to be yours would be taken as before.")
	if s.Own > 0 && s.Lost+s.AtRisk == 0 {
		o.Text("", "%s", o.As(ui.Green, fmt.Sprintf("Nothing of the %s of yours would be lost.", count(s.Own, "message"))))
	}
	p.showGroup("Your mail", out.Own)
	p.showBelieved(out.Sources)
	p.showGroup("Mail that nothing proves to be yours", out.Unproven)
}

// shownGroups is how many senders are printed; JSON has them all.
const shownGroups = 20

func (p *program) showGroup(title string, list []whatif.Sender) {
	if len(list) == 0 {
		return
	}
	o := p.out
	o.Heading("%s, at a receiver that follows RFC 9989", title)
	rows := [][]any{{"sender", "messages", "today", "then"}}
	for _, s := range list[:min(len(list), shownGroups)] {
		c := s.Receivers[len(s.Receivers)-1]
		rows = append(rows, []any{s.Name, s.Count, p.fates(c.Before), p.fates(c.After)})
	}
	o.Table(2, rows)
	if n := len(list) - shownGroups; n > 0 {
		o.Line("  and %s", count(n, "more sender"))
	}
	for _, s := range list[:min(len(list), shownGroups)] {
		if c := s.Receivers[len(s.Receivers)-1]; c.Worse+c.Better+c.Open > 0 && s.Why != "" {
			o.Text("  - ", "%s: %s", s.Name, s.Why)
		}
	}
}

// fates writes counts, the harshest first.
func (p *program) fates(m map[whatif.Fate]int) ui.Styled {
	var words []string
	style := ui.Green
	for _, f := range []whatif.Fate{whatif.Refused, whatif.Spam, whatif.Unknown, whatif.Marked, whatif.Accepted} {
		n := m[f]
		if n == 0 {
			continue
		}
		if len(words) == 0 {
			style = fateStyles[f]
		}
		if len(m) > 1 {
			words = append(words, fmt.Sprintf("%d %s", n, fateWords[f]))
		} else {
			words = append(words, fateWords[f])
		}
	}
	return p.out.As(style, strings.Join(words, ", "))
}

// showPolicyChange says what changes by DMARC, and for whoever forges the domain.
func (p *program) showPolicyChange(out whatifJSON) {
	o := p.out
	if d := out.DMARC; d != nil {
		o.Heading("DMARC")
		o.Text("  ", "From %s to %s.", policyState(d.Before), policyState(d.After))
		if d.Weaker {
			o.Text("  ", "%s", o.As(ui.Red, "That is weaker than today."))
		}
		if d.Before.Reports && !d.After.Reports {
			o.Text("  ", "%s", o.As(ui.Yellow, "No reports would come any more: nobody is named for them (rua)."))
		}
		if d.Stricter && out.Sum.Own == 0 {
			o.Text("  ", "%s", o.As(ui.Yellow, "That is stricter than today, and no mail of yours was given to see whether it would pass."))
		}
	}
	changed := false
	for _, row := range out.Stranger {
		changed = changed || row.Before.Fate != row.After.Fate
	}
	if !changed {
		return
	}
	o.Heading("Mail of a stranger who forges %s in envelope and From line", out.Domain)
	rows := [][]any{{"receiver", "today", "then"}}
	for _, r := range out.Stranger {
		rows = append(rows, []any{receiverWords[r.Receiver], o.As(fateStyles[r.Before.Fate], fateWords[r.Before.Fate]), o.As(fateStyles[r.After.Fate], fateWords[r.After.Fate])})
	}
	o.Table(2, rows)
}

func policyState(s whatif.PolicyState) string {
	switch {
	case s.Record == "":
		return "no policy"
	case s.Policy == "":
		return "a record that asks for nothing"
	}
	words := "p=" + string(s.Policy)
	if s.Subdomains != "" && s.Subdomains != s.Policy {
		words += ", " + string(s.Subdomains) + " for subdomains"
	}
	if s.NonExistent != "" && s.NonExistent != s.Subdomains {
		words += ", " + string(s.NonExistent) + " for names that don't exist"
	}
	if s.StrictSPF {
		words += ", strict for SPF"
	}
	if s.StrictDKIM {
		words += ", strict for DKIM"
	}
	if s.Percent < 100 {
		words += fmt.Sprintf(" for %d in 100 messages (at receivers by RFC 7489)", s.Percent)
	}
	return words
}

func (p *program) showWhatifSPF(out whatifJSON) {
	o := p.out
	if out.SPF == nil {
		return
	}
	o.Heading("Who may send, by SPF")
	for _, t := range spftext.Sums(out.SPF) {
		if !t.Gained.IsZero() {
			o.Text("  ", "%s", o.As(ui.Green, "Adds "+spftext.Addresses(t.Gained)+" through "+t.Through()+"."))
		}
		if !t.Lost.IsZero() {
			o.Text("  ", "%s", o.As(ui.Red, "Loses "+spftext.Addresses(t.Lost)+" through "+t.Through()+"."))
		}
	}
	for _, row := range out.Stranger {
		if row.Receiver == whatif.SPFOnly && row.After.Result == string(spf.PermError) && row.Before.Result != row.After.Result {
			o.Text("  ", "%s", o.As(ui.Red, "The record would be broken: "+row.After.Cause+"."))
		}
	}
	if len(out.SPF.Gained)+len(out.SPF.Lost) == 0 {
		o.Line("  Nobody gains or loses the right to send.")
	}
	p.showChanges("Lost", out.SPF.Lost)
	p.showChanges("Gained", out.SPF.Gained)
	p.showChanges("Other results", out.SPF.Changed)
}

func (p *program) showFates(t whatif.Table, planned bool) {
	o := p.out
	o.Heading("A message of %s", t.From)
	head := []any{"receiver", "today"}
	if planned {
		head = append(head, "then")
	}
	rows := [][]any{head}
	cell := func(c whatif.Cell) ui.Styled { return o.As(fateStyles[c.Fate], fateWords[c.Fate]) }
	for _, r := range t.Rows {
		row := []any{receiverWords[r.Receiver], cell(r.Before)}
		if planned {
			row = append(row, cell(r.After))
		}
		rows = append(rows, row)
	}
	o.Table(2, rows)
	o.Line("")
	for _, r := range t.Rows {
		o.Text("  - ", "%s: %s", receiverWords[r.Receiver], r.After.Why)
	}
}

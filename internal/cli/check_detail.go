package cli

import (
	"fmt"
	"strings"

	"unspoof/internal/cli/ui"
	"unspoof/posture"
)

var gradeStyles = map[string]ui.Style{"A": ui.Green, "B": ui.Green, "C": ui.Yellow, "D": ui.Yellow, "E": ui.Red, "F": ui.Red}

var treatmentStyles = map[posture.Treatment]ui.Style{
	posture.Refused: ui.Green, posture.SpamFolder: ui.Yellow, posture.Marked: ui.Yellow, posture.Accepted: ui.Red, posture.Undecidable: ui.Yellow,
}

var treatmentWords = map[posture.Treatment]string{
	posture.Refused: "refused", posture.SpamFolder: "spam folder", posture.Marked: "marked", posture.Accepted: "accepted", posture.Undecidable: "not known",
}

// showGrade prints the letter and what it was lowered for.
func (p *program) showGrade(g posture.Grade) {
	o := p.out
	if g.Letter == "" {
		if g.Reason != "" {
			o.Text("", "No grade: %s", g.Reason)
		}
		return
	}
	text := fmt.Sprintf("%d of 100", g.Points)
	if g.AtBest {
		text += ", at best: not everything was asked or answered"
	}
	o.Line("")
	o.Text("", "Grade %s (%s)", o.As(gradeStyles[g.Letter], g.Letter), text)
	for _, d := range g.Deductions {
		o.Text("  - ", "%d for %s: %s", d.Points, d.ID, d.What)
	}
}

// showForgeries prints the truth table.
func (p *program) showForgeries(table []posture.Forgery) {
	if len(table) == 0 {
		return
	}
	o := p.out
	o.Heading("What receivers do with forged mail")
	rows := [][]any{{o.As(ui.Dim, "DMARC"), o.As(ui.Dim, "DMARC of 2015"), o.As(ui.Dim, "SPF only"), o.As(ui.Dim, "what is forged")}}
	cell := func(out posture.Outcome) any { return o.As(treatmentStyles[out.Does], treatmentWords[out.Does]) }
	for _, f := range table {
		rows = append(rows, []any{cell(f.DMARC), cell(f.Former), cell(f.SPFOnly), f.What})
	}
	o.Table(2, rows)
	// The same reason often holds for several rows.
	told := map[string]bool{}
	for _, f := range table {
		if why := f.DMARC.Why; why != "" && !told[why] {
			told[why] = true
			o.Text("    ", "%s", o.As(ui.Dim, f.What+": "+why))
		}
	}
}

// showScore prints how many may send by SPF.
func (p *program) showScore(s *posture.ExposureScore) {
	if s == nil {
		return
	}
	o := p.out
	least := ""
	if s.AtLeast {
		least = "at least "
	}
	o.Heading("Exposure by SPF: %s%d of 100", least, s.Points)
	o.Text("  ", "%s%s IPv4 and %s IPv6 addresses may send.", least, thousands(s.IPv4), thousands(s.IPv6))
	for _, part := range s.Parts {
		o.Text("  - ", "%d: %s", part.Points, part.Why)
	}
}

// thousands sets digits in groups of three, or a power of two in place of a
// number that nobody can read.
func thousands(digits string) string {
	if len(digits) > 15 {
		return fmt.Sprintf("some 10^%d", len(digits)-1)
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// showClaimable prints the names that anybody could register.
func (p *program) showClaimable(claims []posture.Claim) {
	if len(claims) == 0 {
		return
	}
	p.out.Heading("Names that the domain rests on and that seem to belong to nobody")
	for _, c := range claims {
		p.out.Text("  - ", "%s, by %s", c.Name, c.Via)
		p.out.Text("    ", "%s", p.out.As(ui.Dim, c.Evidence.Query+": "+ui.Cut(ui.Clean(c.Evidence.Answer), 200)+by(c.Evidence.Server)))
	}
}

var stateWords = map[posture.State]string{posture.Yes: "yes", posture.No: "no", posture.NotKnown: "not known"}

// detailRows are the lines below MX, SPF and DMARC of a full report.
func detailRows(rep posture.Report) (rows [][2]string) {
	add := func(label, value string) {
		if value != "" {
			rows = append(rows, [2]string{label, value})
		}
	}
	add("DKIM", dkimWords(rep.DKIM))
	t := rep.Transport
	add("DNSSEC", stateWords[t.DNSSEC])
	add("MTA-STS", stateWords[t.MTASTS])
	rua := stateWords[t.TLSRPT]
	if len(t.RUA) > 0 {
		rua = strings.Join(t.RUA, ", ")
	}
	add("TLS-RPT", rua)
	for _, h := range t.Hosts {
		add("DANE", daneWords(h))
	}
	add("CAA", strings.Join(t.CAA, "; "))
	if len(rep.TruthTable) > 0 { // a full report
		bimi := rep.BIMI
		if bimi == "" {
			bimi = "none"
		}
		add("BIMI", bimi)
	}
	return rows
}

func dkimWords(d posture.DKIM) string {
	switch {
	case d.Wildcard == posture.Yes:
		return "every name below _domainkey answers, so that no selectors were tried"
	case len(d.Selectors) == 0 && d.Tried == 0:
		return ""
	case len(d.Selectors) == 0:
		return fmt.Sprintf("none of the %d selectors tried, which tells little", d.Tried)
	}
	var words []string
	for _, s := range d.Selectors {
		w := s.Selector
		if s.Service != "" {
			w += " (" + s.Service + ")"
		}
		if s.Revoked {
			w += " (revoked)"
		}
		words = append(words, w)
	}
	return strings.Join(words, ", ")
}

func daneWords(h posture.HostDANE) string {
	switch {
	case len(h.TLSA) == 0:
		return h.Host + ": none"
	case h.Usable == 0:
		return h.Host + ": none that mail servers can use"
	case h.Signed == posture.No:
		return h.Host + ": without effect, as it is not signed"
	}
	return fmt.Sprintf("%s: %s, signed: %s", h.Host, count(h.Usable, "record"), stateWords[h.Signed])
}

// showDemands prints the lists of a full report that say yes or no.
func (p *program) showDemands(rep posture.Report) {
	for i, l := range rep.Lockdown {
		p.titled(i, "Locked, as a domain without mail should be")
		want := ""
		if l.State != posture.Yes {
			want = ": publish " + l.Want
		}
		p.stated(l.State, l.What+want)
	}
	for i, d := range rep.Bulk {
		p.titled(i, "What large providers ask of those who send much")
		p.stated(d.State, d.What+": "+d.Why)
	}
	p.showBlocklists(rep.Blocklists)
}

// titled prints the title before the first of several.
func (p *program) titled(i int, title string) {
	if i == 0 {
		p.out.Heading("%s", title)
	}
}

var stateStyles = map[posture.State]ui.Style{posture.Yes: ui.Green, posture.No: ui.Red, posture.NotKnown: ui.Yellow}

// stated prints whether something is so, all in one column.
func (p *program) stated(s posture.State, text string) {
	p.out.Text("  "+string(p.out.As(stateStyles[s], fmt.Sprintf("%-9s", stateWords[s])))+"  ", "%s", text)
}

// showBlocklists prints what lists say. Lists that do not answer often have one
// reason, which is told once.
func (p *program) showBlocklists(lists []posture.Blocklist) {
	var silent []string // reasons
	at := map[string][]string{}
	told := 0
	for _, b := range lists {
		if b.Listed == posture.NotKnown {
			if at[b.Why] == nil {
				silent = append(silent, b.Why)
			}
			at[b.Why] = append(at[b.Why], b.Address+" at "+b.List)
			continue
		}
		p.titled(told, "Block lists")
		told++
		style, word := ui.Green, "not there"
		if b.Listed == posture.Yes {
			style, word = ui.Red, "listed"
		}
		p.out.Text("  "+string(p.out.As(style, fmt.Sprintf("%-9s", word)))+"  ", "%s at %s: %s %s", b.Address, b.List, b.Why, b.Link)
	}
	for _, why := range silent {
		p.titled(told, "Block lists")
		told++
		p.stated(posture.NotKnown, strings.Join(at[why], ", ")+": "+why)
	}
}

func (p *program) section(title string, rows [][]any) {
	if len(rows) > 0 {
		p.out.Heading("%s", title)
		p.out.Table(2, rows)
	}
}

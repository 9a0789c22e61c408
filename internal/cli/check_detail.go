package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"unspoof/finding"
	"unspoof/internal/cli/ui"
	"unspoof/internal/spftext"
	"unspoof/posture"
)

var gradeStyles = map[string]ui.Style{"A": ui.Green, "B": ui.Green, "C": ui.Yellow, "D": ui.Yellow, "E": ui.Red, "F": ui.Red}

var treatmentStyles = map[posture.Treatment]ui.Style{
	posture.Refused: ui.Green, posture.Mostly: ui.Yellow, posture.SpamFolder: ui.Yellow, posture.Marked: ui.Yellow, posture.Accepted: ui.Red, posture.Undecidable: ui.Yellow,
}

var treatmentWords = map[posture.Treatment]string{
	posture.Refused: "refused", posture.Mostly: "mostly refused", posture.SpamFolder: "spam folder", posture.Marked: "marked", posture.Accepted: "accepted", posture.Undecidable: "not known",
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

// plainRows stand for the rows of the truth table that differ only in the envelope,
// which nobody sees: the worst of them counts.
var plainRows = []struct {
	words string
	ids   []string
}{
	{"mail that claims to come from %s", []string{"exact", "from-exact", "from-exact-mail-from-subdomain", "from-exact-mail-from-missing"}},
	{"… from the subdomain www.%s; others were not looked at", []string{"subdomain", "from-subdomain", "from-subdomain-mail-from-exact"}},
	{"… from a subdomain that somebody made up", []string{"missing", "from-missing", "from-missing-mail-from-exact"}},
}

// worstFirst orders what receivers do by how much gets through.
var worstFirst = []posture.Treatment{posture.Accepted, posture.Marked, posture.SpamFolder, posture.Undecidable, posture.Mostly, posture.Refused}

// showPlain prints what becomes of forged mail, in three rows.
func (p *program) showPlain(rep posture.Report) {
	o := p.out
	var rows [][]any
	var notes []string
	for _, plain := range plainRows {
		var worst *posture.Forgery
		for i := range rep.TruthTable {
			f := &rep.TruthTable[i]
			if slices.Contains(plain.ids, f.ID) && (worst == nil || slices.Index(worstFirst, f.DMARC.Does) < slices.Index(worstFirst, worst.DMARC.Does)) {
				worst = f
			}
		}
		if worst == nil {
			continue
		}
		what := plain.words
		if worst.Assumed && worst.From != rep.Domain {
			what = "… from a subdomain that exists, if it has no records of its own"
		}
		if strings.Contains(what, "%s") {
			what = fmt.Sprintf(what, rep.Domain)
		}
		rows = append(rows, []any{o.As(treatmentStyles[worst.DMARC.Does], treatmentWords[worst.DMARC.Does]), what})
		note := worst.DMARC.Why
		if worst.Former.Does != worst.DMARC.Does {
			note += "; older receivers: " + treatmentWords[worst.Former.Does] + " (" + worst.Former.Why + ")"
		}
		if !slices.Contains(notes, note) && note != "" {
			notes = append(notes, note)
		}
	}
	p.section("What receivers do with forged mail", rows)
	for _, note := range notes {
		o.Text("    ", "%s", o.As(ui.Dim, note))
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
	// What no record of the domain's can change stays in the background.
	cell := func(out posture.Outcome, own string) any {
		style := treatmentStyles[out.Does]
		if own == "" {
			style = ui.Dim
		}
		return o.As(style, treatmentWords[out.Does])
	}
	for _, f := range table {
		rows = append(rows, []any{cell(f.DMARC, f.From), cell(f.Former, f.From), cell(f.SPFOnly, f.MailFrom), f.What})
	}
	o.Table(2, rows)
	// The same reason often holds for several rows.
	told := map[string]bool{"": true}
	tell := func(what, why string) {
		if !told[why] {
			told[why] = true
			o.Text("    ", "%s", o.As(ui.Dim, what+": "+why))
		}
	}
	for _, f := range table {
		tell(f.What, f.DMARC.Why)
		if f.Former.Does != f.DMARC.Does {
			tell(f.What+", DMARC of 2015", f.Former.Why)
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
	o.Text("  ", "%s%s IPv4 and %s IPv6 addresses may send.", least, spftext.Thousands(s.IPv4), spftext.Thousands(s.IPv6))
	for _, part := range s.Parts {
		o.Text("  - ", "%d: %s", part.Points, part.Why)
	}
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

// detailRows are the lines below MX, SPF and DMARC of a full report. What was not
// asked, for there is no need, has none.
func detailRows(rep posture.Report) (rows [][2]string) {
	if len(rep.TruthTable) == 0 { // not a full report
		return nil
	}
	add := func(label, value string) {
		if value != "" {
			rows = append(rows, [2]string{label, value})
		}
	}
	add("DKIM", dkimWords(rep.DKIM))
	t := rep.Transport
	add("DNSSEC", stateWords[t.DNSSEC])
	if t.MTASTS != posture.NotKnown || isOpen(rep, "TXT _mta-sts.") {
		add("MTA-STS", stateWords[t.MTASTS])
	}
	if len(t.RUA) > 0 {
		add("TLS-RPT", strings.Join(t.RUA, ", "))
	} else if t.TLSRPT != posture.NotKnown || isOpen(rep, "TXT _smtp._tls.") {
		add("TLS-RPT", stateWords[t.TLSRPT])
	}
	for _, h := range t.Hosts {
		add("DANE", daneWords(h))
	}
	add("CAA", strings.Join(t.CAA, "; "))
	add("BIMI", cmp.Or(rep.BIMI, "none"))
	return rows
}

// isOpen reports that DNS did not answer a question that begins so.
func isOpen(rep posture.Report, query string) bool {
	return slices.ContainsFunc(rep.Unanswered, func(e finding.Evidence) bool { return strings.HasPrefix(e.Query, query) })
}

func dkimWords(d posture.DKIM) string {
	switch {
	case d.WildcardRevoked:
		return "revoked for every selector"
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
		switch {
		case s.Revoked:
			w += " (revoked)"
		case !s.Usable:
			w += " (cannot be used)"
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
	words := fmt.Sprintf("%s: %s, signed: %s", h.Host, count(h.Usable, "record"), stateWords[h.Signed])
	if h.Signed == posture.Yes && h.MXSigned == posture.No {
		words += "; works with many senders, though the MX records of the domain are not signed"
	}
	return words
}

// showLocks prints what a domain without mail publishes of what it should.
func (p *program) showLocks(locks []posture.Lock) {
	for i, l := range locks {
		p.titled(i, "Locked, as a domain without mail should be")
		want := ""
		if l.State != posture.Yes {
			want = ": publish " + l.Want
		}
		p.stated(l.State, l.What+want)
	}
}

// showDemands prints what large providers ask.
func (p *program) showDemands(bulk []posture.Demand) {
	for i, d := range bulk {
		p.titled(i, "What large providers ask of those who send much")
		p.stated(d.State, d.What+": "+d.Why)
	}
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

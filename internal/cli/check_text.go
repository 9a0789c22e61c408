package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"unspoof/finding"
	"unspoof/internal/cli/ui"
	"unspoof/internal/fleet"
	"unspoof/posture"
)

var exposureStyles = map[posture.Exposure]ui.Style{
	posture.Anyone: ui.Red, posture.Partly: ui.Yellow, posture.Protected: ui.Green, posture.Undecided: ui.Yellow,
}

var severityStyles = map[finding.Severity]ui.Style{
	finding.Critical: ui.Red, finding.Serious: ui.Red, finding.Moderate: ui.Yellow, finding.Minor: ui.Blue, finding.Info: ui.Dim,
}

// show prints a result: on one line where it is one of a list, else whole.
func (c *checking) show(r fleet.Result) {
	if c.input.list {
		c.showLine(r)
		return
	}
	if c.tally.domains > 1 {
		c.out.Line("")
	}
	c.showPosture(r.Report, c.opts.all)
	if r.Change != nil {
		c.out.Heading("Since the baseline")
		c.out.Text("  ", "%s", changeWords(r.Change))
	}
}

// showPosture prints a report; all of it, or what people need first.
func (p *program) showPosture(rep posture.Report, all bool) {
	o := p.out
	o.Text("", "%s", o.As(exposureStyles[rep.Verdict.Exposure], rep.Verdict.Sentence))
	for _, b := range rep.Verdict.Because {
		if !strings.Contains(rep.Verdict.Sentence, b) {
			o.Text("  - ", "%s", b)
		}
	}
	if rep.Next.Text != "" {
		o.Line("")
		o.Text("Now: ", "%s", rep.Next.Text)
		p.showNextRecord(rep.Next)
	}
	p.showGrade(rep.Grade)
	p.showPublished(rep, all)
	if all {
		p.showForgeries(rep.TruthTable)
	} else {
		p.showPlain(rep)
	}
	if e := rep.Exposure; all || e != nil && e.Points > 0 { // who lets nobody in need not read it
		p.showScore(e)
	}
	p.showClaimable(rep.Claimable)
	p.showLocks(rep.Lockdown)
	if all {
		p.showDemands(rep.Bulk)
		p.showBlocklists(rep.Blocklists)
	}
	p.showFindings(rep.Findings)
	if len(rep.Findings) > 0 && rep.Next.Text != "" { // the beginning may have scrolled away
		o.Heading("Next step")
		o.Text("  ", "%s", rep.Next.Text)
		p.showNextRecord(rep.Next)
	}
	if !all && len(rep.TruthTable) > 0 {
		o.Line("")
		o.Text("", "%s", o.As(ui.Dim, "--all shows every kind of forgery, block lists and what large providers ask."))
	}
}

func (p *program) showNextRecord(n posture.NextStep) {
	if n.Record != "" {
		p.out.Line("  TXT record, name: %s", n.Name)
		p.out.Raw(4, n.Record)
	}
}

func (p *program) showFindings(list []finding.Finding) {
	o := p.out
	if len(list) > 0 {
		o.Heading("Findings")
	}
	for _, f := range list {
		o.Text("  ", "%s %s: %s", o.As(severityStyles[f.Severity], string(f.Severity)), f.ID, f.What)
		o.Text("      ", "%s", f.Why)
		if f.Fix != "" {
			o.Text("      fix: ", "%s", f.Fix)
		}
		for _, e := range f.Evidence {
			o.Text("      ", "%s", o.As(ui.Dim, e.Query+": "+ui.Cut(ui.Clean(e.Answer), 200)+by(e.Server)))
		}
		if f.RFC != "" {
			o.Text("      ", "%s", o.As(ui.Dim, f.RFC))
		}
	}
}

func by(server string) string {
	if server == "" {
		return ""
	}
	return " (" + server + ")"
}

// shownRecord bounds what is printed of a record, in columns; --json has more.
const shownRecord = 600

func (p *program) showPublished(rep posture.Report, all bool) {
	mx := strings.Join(rep.MX, ", ")
	if rep.NullMX {
		mx = "receives no mail (null MX)"
	}
	// Each is known to be missing only where its own question was answered.
	nothing := func(label string) string {
		if isOpen(rep, label) {
			return "not known"
		}
		return "none"
	}
	dmarc := nothing("TXT _dmarc.")
	if slices.ContainsFunc(rep.Findings, func(f finding.Finding) bool { return f.ID == "DMARC-001" }) {
		dmarc = "none" // a silent name further up changes nothing
	}
	published := [][2]string{
		{"MX", cmp.Or(mx, nothing("MX "+rep.Domain))},
		{"SPF", cmp.Or(rep.SPF, nothing("TXT "+rep.Domain))},
		{"DMARC", cmp.Or(rep.DMARC, dmarc)},
		{"sent through", strings.Join(rep.Services, ", ")}, {"catch-all", rep.CatchAll},
	}
	var rows [][]any
	for _, r := range slices.Concat(published, detailRows(rep), openRows(rep, all)) {
		if r[1] != "" {
			rows = append(rows, []any{r[0], ui.Cut(ui.Clean(r[1]), shownRecord)})
		}
	}
	p.out.Line("")
	p.out.Table(2, rows)
}

// shownOpen is how many questions without an answer are named.
const shownOpen = 5

// openRows name the questions that DNS left open, and those that a limit kept
// from being asked: nothing is concluded from either. The latter are for those who
// want to know all.
func openRows(rep posture.Report, all bool) (rows [][2]string) {
	var silent []string
	for _, e := range rep.Unanswered {
		silent = append(silent, e.Query+" ("+e.Answer+")")
	}
	for _, r := range []struct {
		label string
		list  []string
	}{{"not answered", silent}, {"not asked", rep.NotAsked}} {
		if len(r.list) == 0 || r.label == "not asked" && !all {
			continue
		}
		text := strings.Join(r.list[:min(len(r.list), shownOpen)], ", ")
		if more := len(r.list) - shownOpen; more > 0 {
			text += fmt.Sprintf(", and %d more", more)
		}
		rows = append(rows, [2]string{r.label, text})
	}
	return rows
}

package cli

import (
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
	c.showPosture(r.Report)
	if r.Change != nil {
		c.out.Heading("Since the baseline")
		c.out.Text("  ", "%s", changeWords(r.Change))
	}
}

func (p *program) showPosture(rep posture.Report) {
	o := p.out
	o.Text("", "%s", o.As(exposureStyles[rep.Verdict.Exposure], rep.Verdict.Sentence))
	for _, b := range rep.Verdict.Because {
		if !strings.Contains(rep.Verdict.Sentence, b) {
			o.Text("  - ", "%s", b)
		}
	}
	p.showGrade(rep.Grade)
	p.showPublished(rep)
	p.showForgeries(rep.TruthTable)
	p.showScore(rep.Exposure)
	p.showClaimable(rep.Claimable)
	p.showDemands(rep)
	p.showFindings(rep.Findings)
	if rep.Next.Text == "" {
		return
	}
	o.Heading("Next step")
	o.Text("  ", "%s", rep.Next.Text)
	if rep.Next.Record != "" {
		o.Line("  TXT record, name: %s", rep.Next.Name)
		o.Raw(4, rep.Next.Record)
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

func (p *program) showPublished(rep posture.Report) {
	mx := strings.Join(rep.MX, ", ")
	if rep.NullMX {
		mx = "receives no mail (null MX)"
	}
	nothing := "none"
	if rep.Verdict.Exposure == posture.Undecided {
		nothing = "not known"
	}
	var rows [][]any
	published := [][2]string{
		{"MX", mx}, {"SPF", rep.SPF}, {"DMARC", rep.DMARC}, {"sent through", strings.Join(rep.Services, ", ")}, {"catch-all", rep.CatchAll},
	}
	for _, r := range slices.Concat(published, detailRows(rep), openRows(rep)) {
		if r[1] == "" && (r[0] == "MX" || r[0] == "SPF" || r[0] == "DMARC") {
			r[1] = nothing
		}
		if r[1] != "" {
			rows = append(rows, []any{r[0], r[1]})
		}
	}
	p.out.Line("")
	p.out.Table(2, rows)
}

// shownOpen is how many questions without an answer are named.
const shownOpen = 5

// openRows name the questions that DNS left open, and those that a limit kept
// from being asked: nothing is concluded from either.
func openRows(rep posture.Report) (rows [][2]string) {
	var silent []string
	for _, e := range rep.Unanswered {
		silent = append(silent, e.Query+" ("+e.Answer+")")
	}
	for _, r := range []struct {
		label string
		list  []string
	}{{"not answered", silent}, {"not asked", rep.NotAsked}} {
		if len(r.list) == 0 {
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

package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/finding"
	"unspoof/internal/cli/ui"
	"unspoof/posture"
)

func newCheck(p *program) *cobra.Command {
	var domains []string
	cmd := &cobra.Command{
		Use:   "check DOMAIN…",
		Short: "Who can send as this domain today, and what to publish first",
		Long: `Asks DNS what a domain tells receivers about mail in its name: who can send as it
today, what is wrong with its records, and the single next step. Only DNS is
asked; no mail is sent and no server is tried.`,
		Example: `  unspoof check example.com
  unspoof check example.com example.net --json`,
		ValidArgsFunction: cobra.NoFileCompletions,
		Annotations: exits(`  0  receivers are told to refuse forged mail, and nothing needs action
  1  a finding of medium severity or worse
  2  wrong usage
  3  it could not be determined: DNS did not answer`),
		RunE: func(cmd *cobra.Command, args []string) error { return p.check(cmd, append(args, domains...)) },
	}
	cmd.Flags().StringArrayVar(&domains, "domain", nil, "another `DOMAIN`; may be repeated")
	return cmd
}

type checkJSON struct {
	Schema  int              `json:"schema"`
	Domains []posture.Report `json:"domains"`
}

func (p *program) check(cmd *cobra.Command, typed []string) error {
	if len(typed) == 0 {
		return usage("which domain? None was given", "name one: unspoof check example.com")
	}
	for _, d := range typed {
		if i := strings.LastIndexByte(d, '@'); i >= 0 {
			return usage(fmt.Sprintf("%q is an address, not a domain", d), "give the part after the @: unspoof check "+d[i+1:])
		}
	}
	names, err := domainNames(typed)
	if err != nil {
		return err
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	out := checkJSON{Schema: schema}
	code := exitFine
	for i, name := range names {
		rep, err := posture.Check(cmd.Context(), posture.Args{Domain: name, Resolver: resolver})
		if err != nil {
			return err
		}
		if c := postureStatus(rep); code != exitFinding && c != exitFine {
			code = c // a finding is certain, whatever else is not
		}
		if p.json {
			out.Domains = append(out.Domains, rep)
			continue
		}
		if i > 0 {
			p.out.Line("")
		}
		p.showPosture(rep)
	}
	if p.json {
		err = p.printJSON(out)
	}
	return p.answered(err, code)
}

// answered gives the exit status of an answer that was printed. One that could
// not be written whole has none: err is why, or what the output met.
func (p *program) answered(err error, code int) error {
	if err == nil {
		err = p.out.Err()
	}
	switch {
	case err != nil:
		return fmt.Errorf("the answer could not be written: %w", err)
	case code != exitFine:
		return status(code)
	}
	return nil
}

// postureStatus is the exit status of a report on one domain.
func postureStatus(rep posture.Report) int {
	bad := slices.ContainsFunc(rep.Findings, func(f finding.Finding) bool {
		return f.Severity == finding.Critical || f.Severity == finding.Serious || f.Severity == finding.Moderate
	})
	switch {
	case bad:
		return exitFinding
	case rep.Verdict.Exposure == posture.Undecided:
		return exitUnknown
	}
	return exitFine
}

var exposureStyles = map[posture.Exposure]ui.Style{
	posture.Anyone: ui.Red, posture.Partly: ui.Yellow, posture.Protected: ui.Green, posture.Undecided: ui.Yellow,
}

var severityStyles = map[finding.Severity]ui.Style{
	finding.Critical: ui.Red, finding.Serious: ui.Red, finding.Moderate: ui.Yellow, finding.Minor: ui.Blue, finding.Info: ui.Dim,
}

func (p *program) showPosture(rep posture.Report) {
	o := p.out
	o.Text("", "%s", o.As(exposureStyles[rep.Verdict.Exposure], rep.Verdict.Sentence))
	for _, b := range rep.Verdict.Because {
		if !strings.Contains(rep.Verdict.Sentence, b) {
			o.Text("  - ", "%s", b)
		}
	}
	p.showPublished(rep)
	if len(rep.Findings) > 0 {
		o.Heading("Findings")
	}
	for _, f := range rep.Findings {
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
	for _, r := range [][2]string{
		{"MX", mx}, {"SPF", rep.SPF}, {"DMARC", rep.DMARC}, {"sent through", strings.Join(rep.Services, ", ")}, {"catch-all", rep.CatchAll},
	} {
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

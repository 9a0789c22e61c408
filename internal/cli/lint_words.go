package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/dkim"
	"unspoof/finding"
	"unspoof/internal/cli/ui"
	"unspoof/lint"
)

// lintExits are the exit statuses of all linters.
const lintExits = `  0  nothing is wrong, or only trifles are
  1  a finding of medium severity or worse
  2  wrong usage
  3  DNS did not answer what had to be asked`

// lintArgs asks for something to lint.
func lintArgs(cmd *cobra.Command, args []string) error {
	if strings.TrimSpace(strings.Join(args, "")) == "" {
		return usage("there is nothing to lint", "give a domain, a record in quotes, or - for standard input")
	}
	return nil
}

// recordFlagHint says what is wrong when a record was taken for flags.
func recordFlagHint(example string) func(*cobra.Command, error) error {
	return func(_ *cobra.Command, err error) error {
		return usage(err.Error(), "put a record in quotes: "+example)
	}
}

// lintInput makes the arguments of a linter from what was typed: a domain, whose
// records are then looked up, or records, whose names are only looked up where a
// domain or an answer file is given.
func (p *program) lintInput(args []string, domain string, isDomain bool) (lint.Args, error) {
	a := lint.Args{}
	if isDomain {
		domain = args[0]
	} else {
		var err error
		if a.Strings, err = p.typedRecords(args); err != nil {
			return a, err
		}
	}
	if domain != "" {
		names, err := domainNames([]string{domain})
		if err != nil {
			return a, err
		}
		a.Domain = names[0]
	}
	if a.Domain != "" || p.dns != "" || len(p.resolvers) > 0 {
		var err error
		if a.Resolver, err = p.resolver(""); err != nil {
			return a, err
		}
	}
	return a, nil
}

// isDomainArg tells a domain from a record, right or not.
func isDomainArg(args []string) bool {
	return len(args) == 1 && args[0] != "-" && !looksLikeRecord(args[0])
}

type lintJSON struct {
	Schema int `json:"schema"`
	lint.Report
}

// showLint prints a report and gives the exit status.
func (p *program) showLint(ctx context.Context, rep lint.Report) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var err error
	if p.json {
		err = p.printJSON(lintJSON{schema, rep})
	} else {
		p.showLintReport(rep)
	}
	code := exitFine
	switch {
	case rep.Worst() != "" && rep.Worst().AtLeast(finding.Moderate):
		code = exitFinding
	case len(rep.Unanswered) > 0:
		code = exitUnknown
	}
	return p.answered(err, code)
}

func (p *program) showLintReport(rep lint.Report) {
	o := p.out
	switch {
	case len(rep.Findings) > 0:
		o.Line("%s", o.As(ui.Bold, count(len(rep.Findings), "finding")))
	case len(rep.Records) > 0:
		said := o.As(ui.Green, "Nothing is wrong with the record.")
		if len(rep.Unanswered) > 0 {
			said = o.As(ui.Yellow, "Nothing was found wrong with the record, but not all of it was judged.")
		}
		o.Line("%s", said)
		for _, r := range rep.Records {
			o.Raw(2, r)
		}
	}
	for _, f := range rep.Findings {
		p.showFinding(f)
	}
	if rep.LeftOut > 0 {
		o.Line("")
		o.Line("and %s, no worse than these of their kind or of the list", count(rep.LeftOut, "more finding"))
	}
	if len(rep.Skipped) > 0 {
		o.Line("")
		o.Text("", "%s", o.As(ui.Dim, "Judged by the text alone, since --domain is not given: "+strings.Join(rep.Skipped, ", ")+"."))
	}
	for _, e := range rep.Unanswered {
		o.Line("")
		o.Text("", "%s", o.As(ui.Yellow, "DNS did not answer: "+e.Query+" ("+e.Answer+by(e.Server)+"). What hangs on it was not judged."))
	}
	if rep.Mended == "" {
		return
	}
	o.Heading("The record put right")
	if rep.Name != "" {
		o.Line("  TXT record, name: %s", rep.Name)
	}
	o.Raw(4, rep.Mended)
	if len(rep.Mended) > 255 {
		o.Line("  where a DNS host wants it in strings:")
		o.Raw(4, dkim.Quoted(rep.Mended))
	}
	if left := leftOver(rep.Findings); len(left) > 0 {
		o.Text("  ", "What only you can mend is left in it: %s.", strings.Join(left, ", "))
	}
}

// leftOver gives the ids of the findings, notes aside, that the mended record has, too.
func leftOver(findings []finding.Finding) (ids []string) {
	for _, f := range findings {
		if f.Mended == "" && f.Severity != finding.Info && !slices.Contains(ids, f.ID) {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

// showFinding prints a finding with its place in the record.
func (p *program) showFinding(f finding.Finding) {
	o := p.out
	style := severityStyles[f.Severity]
	o.Line("")
	o.Text("", "%s %s: %s", o.As(style, string(f.Severity)), f.ID, f.What)
	if f.Place != nil {
		o.Mark(4, style, f.Place.Text, f.Place.Span.Start, f.Place.Span.End)
	}
	o.Text("    ", "%s", f.Why)
	o.Text("    fix: ", "%s", f.Fix)
	for _, e := range f.Evidence {
		o.Text("    ", "%s", o.As(ui.Dim, e.Query+": "+ui.Cut(ui.Clean(e.Answer), 200)+by(e.Server)))
	}
	if f.RFC != "" {
		o.Text("    ", "%s", o.As(ui.Dim, f.RFC))
	}
}

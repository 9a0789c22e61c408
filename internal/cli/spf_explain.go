package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/dns"
	"unspoof/internal/cli/ui"
	"unspoof/internal/spftext"
	"unspoof/spf"
)

func newSPFExplain(p *program) *cobra.Command {
	domain := ""
	cmd := &cobra.Command{
		Use:   "explain RECORD-or-DOMAIN",
		Short: "Say in words what each term of an SPF record means, and what it costs",
		Long: `Takes an SPF record apart: what each term allows, and how many of the ten DNS
look-ups that the standard grants it uses, included records counted. Give a
domain to explain what it publishes, or a record to see what it would do: in
quotes, as @FILE, or - for standard input.`,
		Example: `  unspoof spf explain example.com
  unspoof spf explain "v=spf1 mx include:_spf.mailer.example ~all"`,
		Annotations: exits(`  0  the record is valid
  1  it is broken, over a limit of the standard, or leads to a record that is broken
     or not there; or there is none
  2  wrong usage
  3  DNS did not answer, so that part of it is not known`),
		Args: wantsRecord(`unspoof spf explain example.com`),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.spfExplain(cmd.Context(), strings.Join(args, " "), domain)
		},
	}
	cmd.SetFlagErrorFunc(recordFlagHint(`unspoof spf explain "v=spf1 mx -all"`))
	cmd.Flags().StringVar(&domain, "domain", "", "the `DOMAIN` that is to publish the record, for terms that mean it")
	return cmd
}

type explainJSON struct {
	Schema int        `json:"schema"`
	Domain string     `json:"domain"`
	Record string     `json:"record"`
	Valid  bool       `json:"valid"`
	Fault  *faultJSON `json:"fault"`
	Terms  []termJSON `json:"terms"`
	Cost   *spf.Cost  `json:"cost"`
	// Problems are sentences; with any, receivers ignore the record.
	Problems []string `json:"problems"`
}

type faultJSON struct {
	Term     string   `json:"term"`
	Span     spf.Span `json:"span"`
	Expected string   `json:"expected"`
	Section  string   `json:"section"`
	Hint     string   `json:"hint,omitempty"`
}

type termJSON struct {
	spf.Term
	Words   string `json:"words"`
	Lookups int    `json:"lookups"` // of ten, those of included records too
	Note    string `json:"note,omitempty"`
}

func (p *program) spfExplain(ctx context.Context, text, domain string) error {
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	if text, err = p.recordArg(text); err != nil {
		return err
	}
	subject, err := p.spfSubject(ctx, resolver, text, domain)
	if err != nil {
		return err
	}
	ex := explainJSON{Schema: schema, Domain: subject.Domain, Record: subject.Record, Terms: []termJSON{}, Problems: subject.Problems}
	if ex.Record != "" {
		if err := ex.explain(ctx, resolver); err != nil {
			return err
		}
	}
	if p.json {
		err = p.printJSON(ex)
	} else {
		p.showExplained(ex)
	}
	switch {
	case !ex.Valid:
		return errors.Join(err, status(exitFinding))
	case ex.Cost.Incomplete:
		return errors.Join(err, status(exitUnknown))
	}
	return err
}

func (ex *explainJSON) explain(ctx context.Context, resolver dns.Resolver) error {
	rec, err := spf.Parse(ex.Record)
	var syntax *spf.SyntaxError
	if errors.As(err, &syntax) {
		ex.Fault = &faultJSON{Term: syntax.Term, Span: syntax.Span, Expected: syntax.Expected, Section: syntax.Section, Hint: syntax.Hint}
		return nil
	}
	if err != nil {
		return err
	}
	cost, err := spf.Measure(ctx, resolver, ex.Domain, ex.Record)
	if err != nil {
		return err
	}
	ex.Cost = &cost
	nodes := make(map[string]spf.Node, len(cost.Tree))
	for _, n := range cost.Tree {
		nodes[n.Term] = n
	}
	words := spftext.Terms(rec)
	for i, t := range rec.Terms {
		n := nodes[t.Text]
		ex.Terms = append(ex.Terms, termJSON{Term: t, Words: words[i], Lookups: n.Lookups, Note: n.Note})
	}
	if cost.Lookups > 10 {
		ex.Problems = append(ex.Problems, fmt.Sprintf("It takes %d DNS look-ups where 10 are allowed; receivers then ignore it (RFC 7208 section 4.6.4).", cost.Lookups))
	}
	if cost.Voids > 2 {
		ex.Problems = append(ex.Problems, fmt.Sprintf("%d of its look-ups find nothing where 2 are allowed (RFC 7208 section 4.6.4).", cost.Voids))
	}
	if cost.Within() && !cost.WithinUnlisted() {
		ex.Problems = append(ex.Problems, unlistedWords(&cost))
	}
	if cost.Hosts > 10 {
		ex.Problems = append(ex.Problems, fmt.Sprintf("It asks for %d mail exchangers of one mx term where 10 are allowed (RFC 7208 section 4.6.4).", cost.Hosts))
	}
	if cost.Loop {
		ex.Problems = append(ex.Problems, "It leads back to itself; receivers then ignore it.")
	}
	if cost.Broken > 0 && len(ex.Problems) == 0 {
		ex.Problems = append(ex.Problems, "Receivers take it as broken when they come to "+count(cost.Broken, "term")+" of it: "+brokenTerm(cost.Tree)+".")
	}
	ex.Valid = len(ex.Problems) == 0
	return nil
}

// brokenTerm names the first term at which a check ends with an error.
func brokenTerm(tree []spf.Node) string {
	for _, n := range tree {
		if n.Broken {
			return n.Term + " (" + n.Note + ")"
		}
		if below := brokenTerm(n.Nodes); below != "" {
			return n.Term + " > " + below
		}
	}
	return ""
}

func (p *program) showExplained(ex explainJSON) {
	o := p.out
	p.showProblems("", ex.Problems)
	if ex.Record == "" {
		return
	}
	o.Raw(0, ex.Record)
	if f := ex.Fault; f != nil {
		if f.Span.End <= len(ex.Record) && isASCII(ex.Record) {
			o.Line("%s%s", strings.Repeat(" ", f.Span.Start), o.As(ui.Red, strings.Repeat("^", max(1, f.Span.End-f.Span.Start))))
		}
		return
	}
	o.Line("")
	for _, t := range ex.Terms {
		costs := ""
		if t.Lookups > 0 {
			costs = "  (" + count(t.Lookups, "look-up") + ")"
		}
		o.Line("%s%s", o.As(ui.Bold, t.Text), costs)
		o.Text("    ", "%s", t.Words)
		if t.Note != "" {
			o.Text("    ", "%s", o.As(ui.Yellow, t.Note))
		}
	}
	o.Line("")
	least := ""
	if ex.Cost.Incomplete {
		least = " at least; DNS did not answer everything"
	}
	o.Line("%d of 10 look-ups, %d of 2 empty ones%s", ex.Cost.Lookups, ex.Cost.Voids, least)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

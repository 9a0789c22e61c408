package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/internal/cli/ui"
)

func newDMARCExplain(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain RECORD-or-DOMAIN",
		Short: "Say in words what each tag of a DMARC record means",
		Long: `Takes a DMARC record apart: what each tag asks of receivers, and what they will
not understand. Give a domain to explain the record that applies to it, or a
record to see what it would do.`,
		Example: `  unspoof dmarc explain example.com
  unspoof dmarc explain "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"`,
		Annotations: exits(`  0  the record is valid
  1  it is not, or not in all parts, or there is none
  2  wrong usage
  3  DNS did not answer`),
		Args: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(strings.Join(args, "")) == "" {
				return usage("there is nothing to explain", "give a domain or a record: unspoof dmarc explain example.com")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.dmarcExplain(cmd.Context(), strings.Join(args, " "))
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return usage(err.Error(), `put a record in quotes: unspoof dmarc explain "v=DMARC1; p=reject"`)
	})
	return cmd
}

type dmarcExplainJSON struct {
	Schema int    `json:"schema"`
	Domain string `json:"domain"`
	At     string `json:"at"` // the domain that published the record
	Record string `json:"record"`
	Valid  bool   `json:"valid"` // read by receivers as it is written
	// Fault is set where it is no DMARC record at all.
	Fault *dmarcFaultJSON `json:"fault"`
	Tags  []dmarcTagJSON  `json:"tags"`
	Notes []dmarc.Note    `json:"notes"`
	// Problems are sentences.
	Problems []string `json:"problems"`
}

type dmarcFaultJSON struct {
	Code dmarc.Code `json:"code"`
	Span dmarc.Span `json:"span"`
	Text string     `json:"text"`
}

type dmarcTagJSON struct {
	dmarc.Tag
	Words string `json:"words"`
}

func (p *program) dmarcExplain(ctx context.Context, text string) error {
	ex := dmarcExplainJSON{Schema: schema, Record: text, Tags: []dmarcTagJSON{}, Notes: []dmarc.Note{}, Problems: []string{}}
	if !looksLikeRecord(text) {
		names, err := domainNames([]string{text})
		if err != nil {
			return err
		}
		resolver, err := p.resolver("")
		if err != nil {
			return err
		}
		ex.Domain, ex.Record = names[0], ""
		if err := ex.discover(ctx, resolver); err != nil {
			return err
		}
	}
	if ex.Record != "" {
		ex.explain()
	}
	ex.Valid = len(ex.Problems) == 0
	var err error
	if p.json {
		err = p.printJSON(ex)
	} else {
		p.showDMARCExplained(ex)
	}
	if !ex.Valid {
		return errors.Join(err, status(exitFinding))
	}
	return err
}

// discover finds the record that applies to the domain. That there is none is a
// finding; that DNS does not answer is an error.
func (ex *dmarcExplainJSON) discover(ctx context.Context, resolver dns.Resolver) error {
	found, err := dmarc.Discover(ctx, resolver, ex.Domain)
	if err != nil {
		return &helpful{err: err, code: exitUnknown, hint: "DNS did not answer; try again later"}
	}
	for _, s := range found.Steps {
		if len(s.Records) > 1 {
			ex.Problems = append(ex.Problems, fmt.Sprintf("_dmarc.%s has %d DMARC records, which count as none. Keep one (RFC 9989 section 4.10).", s.Domain, len(s.Records)))
		}
		for _, other := range s.Others {
			ex.Problems = append(ex.Problems, fmt.Sprintf("_dmarc.%s has a TXT record that is no DMARC record: %s", s.Domain, notRecord(other)))
		}
	}
	if found.Record == nil {
		ex.Problems = append(ex.Problems, "No DMARC record applies to "+ex.Domain+": receivers do nothing about mail that forges it. Make one with unspoof dmarc build.")
		return nil
	}
	ex.At, ex.Record = found.At, found.Record.Text
	return nil
}

// mistakes are the notes by which a record is read otherwise than it was written.
var mistakes = map[dmarc.Code]bool{
	dmarc.PolicyMissing: true, dmarc.PolicyInvalid: true, dmarc.TagTwice: true, dmarc.TagUnknown: true, dmarc.ValueInvalid: true,
	dmarc.StrayText: true, dmarc.BadOctet: true, dmarc.URIInvalid: true,
}

func (ex *dmarcExplainJSON) explain() {
	rec, err := dmarc.Parse(ex.Record)
	var syntax *dmarc.SyntaxError
	if errors.As(err, &syntax) {
		ex.Fault = &dmarcFaultJSON{syntax.Code, syntax.Span, syntax.Text}
		ex.Problems = append(ex.Problems, "Receivers do not take this for a DMARC record: "+syntax.Text+".")
		return
	}
	if err != nil {
		ex.Problems = append(ex.Problems, err.Error())
		return
	}
	ex.Notes = append(ex.Notes, rec.Notes...)
	for _, t := range rec.Tags {
		ex.Tags = append(ex.Tags, dmarcTagJSON{t, dmarcTagWords(t, rec)})
	}
	for _, n := range rec.Notes {
		if mistakes[n.Code] {
			ex.Problems = append(ex.Problems, n.Text+".")
		}
	}
}

func (p *program) showDMARCExplained(ex dmarcExplainJSON) {
	o := p.out
	for _, problem := range ex.Problems {
		o.Text("", "%s", o.As(ui.Red, problem))
	}
	if ex.Record == "" {
		return
	}
	if ex.Domain != "" && ex.At != ex.Domain {
		o.Text("", "%s has no record of its own; that of %s applies.", ex.Domain, ex.At)
	}
	o.Raw(0, ex.Record)
	if f := ex.Fault; f != nil && f.Span.End <= len(ex.Record) && isASCII(ex.Record) {
		o.Line("%s%s", strings.Repeat(" ", f.Span.Start), o.As(ui.Red, strings.Repeat("^", max(1, f.Span.End-f.Span.Start))))
	}
	if len(ex.Tags) > 0 {
		o.Line("")
	}
	for _, t := range ex.Tags {
		o.Line("%s", o.As(ui.Bold, t.Name+"="+t.Value))
		o.Text("    ", "%s", t.Words)
	}
	for _, n := range ex.Notes {
		if !mistakes[n.Code] {
			p.notes("", []string{n.Text + "."})
		}
	}
}

package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"unspoof/internal/cli/ui"
	"unspoof/plan"
)

func newParked(p *program) *cobra.Command {
	return group("parked", "Lock a domain that sends and receives no mail", newParkedBuild(p))
}

func newParkedBuild(p *program) *cobra.Command {
	req := plan.ParkedRequest{}
	cmd := &cobra.Command{
		Use:   "build --domain DOMAIN",
		Short: "Make all records that lock a domain without mail",
		Long: `Makes the records for a domain that sends and receives no mail: DMARC that has
forged mail refused, SPF that lets nobody in, a revoked key for every DKIM
selector, and a null MX. Nothing is published.

If DNS shows that the domain is in use, it is refused with what shows it; say
--confirm if the domain is unused all the same.`,
		Example: `  unspoof parked build --domain unused.example
  unspoof parked build --domain old.example --confirm --rua reports@example.com`,
		Args: noArgs,
		Annotations: exits(`  0  made
  1  DNS shows the domain in use: what would stop is printed, and the records;
     or DNS has no such domain
  2  wrong usage
  3  DNS did not answer whether the domain is in use, or what is there today`),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.parkedBuild(cmd, req) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&req.Domain, "domain", "", "the `DOMAIN` without mail")
	f.BoolVar(&req.Confirmed, "confirm", false, confirmFlag)
	f.StringArrayVar(&req.Reports, "rua", nil, "mail `ADDRESS` of another domain for DMARC reports; may be repeated")
	p.formsFlag(cmd)
	return cmd
}

type parkedJSON struct {
	Schema int `json:"schema"`
	plan.ParkedPlan
	Error string `json:"error,omitempty"`
}

func (p *program) parkedBuild(cmd *cobra.Command, req plan.ParkedRequest) error {
	if req.Domain == "" {
		return usage("--domain is missing", "name the domain without mail: --domain unused.example")
	}
	if _, err := domainNames([]string{req.Domain}); err != nil {
		return err
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	made, err := plan.BuildParked(cmd.Context(), req, resolver)
	if err != nil && !errors.Is(err, plan.ErrInUse) {
		return usage(origin.ReplaceAllString(err.Error(), ""), "")
	}
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	out := parkedJSON{Schema: schema, ParkedPlan: made}
	if err != nil {
		out.Error = origin.ReplaceAllString(err.Error(), "")
	}
	var perr error
	if p.json {
		perr = p.printJSON(out)
	} else {
		p.showParked(out)
	}
	switch {
	case p.unknownName(made.Missing, made.Domain):
		return p.answered(perr, exitFinding)
	case err != nil && len(made.Use) > 0:
		return p.answered(perr, exitFinding)
	case err != nil, made.Unsure:
		return p.answered(perr, exitUnknown)
	}
	return p.answered(perr, exitFine)
}

func (p *program) showParked(made parkedJSON) {
	o := p.out
	if made.Error != "" {
		p.showInUse(made.Domain, made.Use)
	}
	o.Line("%s", o.As(ui.Bold, "The records that lock "+made.Domain))
	for _, s := range made.Steps {
		p.showPlanStep(s)
	}
	p.showList("Before you publish them", made.Warnings, ui.Yellow)
	if made.Error != "" {
		return // what to do is said at the top
	}
	o.Heading("Next step")
	o.Text("  ", "Publish them, then see with unspoof check %s that they are there.", made.Domain)
}

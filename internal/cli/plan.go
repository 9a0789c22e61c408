package cli

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"unspoof/internal/cli/ui"
	"unspoof/plan"
)

func newPlan(p *program) *cobra.Command {
	req, list := plan.Request{}, ""
	cmd := &cobra.Command{
		Use:   "plan DOMAIN",
		Short: "Make every record that your domain needs, in order, beside what is published",
		Long: `Joins everything for one domain: SPF, DKIM, DMARC and the records about
encryption, in the order in which to publish them, each beside what is there
today, with its reasons, what must be true before, and the single next step.
Nothing is published.

Who sends comes from an inventory, from the flags, or from both; where there is
neither them nor an SPF record, whoever receives the mail is asked about. A domain that
sends nothing, as --parked says or as DNS shows, gets the records that lock it.`,
		Example: `  unspoof inventory example.com --json | unspoof plan example.com --inventory -
  unspoof plan example.com --service google-workspace --ip 192.0.2.10
  unspoof plan unused.example --parked`,
		ValidArgsFunction: cobra.NoFileCompletions,
		Args:              oneDomain,
		Annotations: exits(`  0  nothing is left to do
  1  there is a next step, or DNS has no such name
  2  wrong usage
  3  DNS did not answer everything, so that the plan is not sure`),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.SPF.Domain = args[0]
			return p.plan(cmd, req, list)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&list, "inventory", "", inventoryFlag)
	senderFlags(cmd, &req.SPF)
	f.StringArrayVar(&req.Reports, "rua", nil, "mail `ADDRESS` for DMARC reports; may be repeated")
	p.formsFlag(cmd)
	return cmd
}

type planJSON struct {
	Schema int `json:"schema"`
	plan.Authoring
	Error string `json:"error,omitempty"`
}

func (p *program) plan(cmd *cobra.Command, req plan.Request, file string) error {
	names, err := domainNames([]string{req.SPF.Domain})
	if err != nil {
		return err
	}
	if req.SPF.Inventory, err = p.ownInventory(file); err != nil {
		return err
	}
	if err := sameDomain(req.SPF.Inventory, names[0]); err != nil {
		return err
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	req.STSID = stsID(time.Now())
	made, err := plan.Author(cmd.Context(), req, resolver)
	if err != nil && !unsettled(err) {
		return buildFailed(err)
	}
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	out := planJSON{Schema: schema, Authoring: made}
	if err != nil {
		out.Error = origin.ReplaceAllString(err.Error(), "")
	}
	var perr error
	if p.json {
		perr = p.printJSON(out)
	} else {
		p.showPlan(out)
	}
	switch {
	case p.unknownName(made.Missing, made.Domain):
		return p.answered(perr, exitFinding)
	case made.Unsure && !errors.Is(err, plan.ErrLockOut):
		return p.answered(perr, exitUnknown)
	case made.Next != "" || err != nil:
		return p.answered(perr, exitFinding)
	}
	return p.answered(perr, exitFine)
}

func (p *program) showPlan(made planJSON) {
	o := p.out
	o.Line("%s", o.As(ui.Bold, "The records of "+made.Domain))
	if made.Unsure {
		o.Text("", "%s", o.As(ui.Yellow, "DNS did not answer everything: what is there today is not sure."))
	}
	if pack := made.Pack; pack != nil && made.Error != "" {
		p.showInUse(made.Domain, pack.Use)
	}
	p.showShutOut(made.SPF.ShutOut)
	for _, s := range made.Steps {
		p.showPlanStep(s)
		if sts := made.STS; sts != nil && s.ID == sts.Step.ID && sts.Policy != "" {
			p.showPolicy(*sts)
		}
	}
	if pack := made.Pack; pack != nil {
		p.showList("Before you publish them", pack.Warnings, ui.Yellow)
	}
	p.showList("Left out", made.DKIM.Warnings, ui.Yellow)
	p.showLadder(made.DMARC.Ladder)
	o.Heading("Next step")
	if s, ok := made.Step(made.Next); ok {
		o.Line("  %s", o.As(ui.Bold, s.Title))
	}
	o.Text("  ", "%s", made.NextWhy)
}

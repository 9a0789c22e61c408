package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/dmarc"
	"unspoof/internal/cli/ui"
	"unspoof/plan"
)

type dmarcBuildOptions struct {
	domain, policy, subdomains, missing, inventory string
	reports                                        []string
	test, parked, confirmed                        bool
}

func newDMARCBuild(p *program) *cobra.Command {
	opts := dmarcBuildOptions{}
	cmd := &cobra.Command{
		Use:   "build --domain DOMAIN",
		Short: "Make the DMARC record for your domain, ready to publish",
		Long: `Makes the DMARC record that tells receivers what to do with mail that forges your
From line, in each form in which a DNS host wants it typed. Nothing is
published.

Without --policy it is the next step of the way to reject: watch (none), then
names that don't exist, then subdomains, then the domain, each time with what
must be true before. No step asks for less than today's record, but that a test
(t=y) takes every policy down by one level while it lasts, which is said. With
--policy it is what you ask for, with what must be true before that; a domain that
sends no mail goes to reject at once with --parked, if DNS does not show it in use.`,
		Example: `  unspoof dmarc build --domain example.com
  unspoof dmarc build --domain example.com --inventory senders.json
  unspoof dmarc build --domain example.com --policy reject --rua reports@example.com
  unspoof dmarc build --domain example.com --policy quarantine --subdomains reject --test`,
		Args: noArgs,
		Annotations: exits(`  0  made, or nothing is left to do
  1  the record is printed, but something that must be true before is not,
     or DNS has no such domain
  2  wrong usage
  3  the record is printed, but DNS did not answer which one is there today, or
     whether reports are accepted where they are to go`),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.dmarcBuild(cmd, opts)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&opts.domain, "domain", "", "your `DOMAIN`")
	f.StringVar(&opts.policy, "policy", "", "what receivers are to do with forged mail: `POLICY` none, quarantine or reject\n(default: the next step)")
	f.StringVar(&opts.subdomains, "subdomains", "", "another `POLICY` for subdomains (default: the same)")
	f.StringVar(&opts.missing, "missing", "", "another `POLICY` for subdomains that don't exist (default: as for subdomains)")
	f.StringArrayVar(&opts.reports, "rua", nil, "mail `ADDRESS` for the daily reports; may be repeated\n(default: that of today's record, else dmarc@ your domain)")
	f.BoolVar(&opts.test, "test", false, "mark it as a test (t=y): receivers apply one level less")
	f.BoolVar(&opts.parked, "parked", false, "the domain sends no mail at all")
	f.BoolVar(&opts.confirmed, "confirm", false, "with --parked: "+confirmFlag)
	f.StringVar(&opts.inventory, "inventory", "", inventoryFlag)
	p.formsFlag(cmd)
	for _, name := range []string{"policy", "subdomains", "missing"} {
		cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions([]string{"none", "quarantine", "reject"}, cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

type dmarcBuildJSON struct {
	Schema int `json:"schema"`
	plan.DMARCPlan
	Error string `json:"error,omitempty"`
}

func (p *program) dmarcBuild(cmd *cobra.Command, opts dmarcBuildOptions) error {
	req, err := p.dmarcRequest(opts)
	if err != nil {
		return err
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	made, err := plan.BuildDMARC(cmd.Context(), req, resolver)
	if err != nil && !unsettled(err) {
		return usage(origin.ReplaceAllString(err.Error(), ""), "")
	}
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	out := dmarcBuildJSON{Schema: schema, DMARCPlan: made}
	if err != nil {
		out.Error = origin.ReplaceAllString(err.Error(), "")
	}
	var perr error
	if p.json {
		perr = p.printJSON(out)
	} else {
		if err != nil {
			p.showInUse(made.Domain, made.Use)
		}
		p.showDMARCPlan(made, opts.policy == "", err != nil)
	}
	switch {
	case p.unknownName(made.Missing, made.Domain):
		return p.answered(perr, exitFinding)
	case len(made.Use) > 0 && err != nil, slices.ContainsFunc(made.Before, notMet):
		return p.answered(perr, exitFinding)
	case made.Unsure, err != nil:
		return p.answered(perr, exitUnknown)
	}
	return p.answered(perr, exitFine)
}

func (p *program) dmarcRequest(opts dmarcBuildOptions) (plan.DMARCRequest, error) {
	var req plan.DMARCRequest
	switch {
	case opts.domain == "":
		return req, usage("--domain is missing", "name the domain that is to get the record: --domain example.com")
	case opts.policy == "" && (opts.subdomains != "" || opts.missing != "" || opts.test):
		return req, usage("--policy is missing", "--subdomains, --missing and --test go with the --policy of the domain itself")
	}
	names, err := domainNames([]string{opts.domain})
	if err != nil {
		return req, err
	}
	for _, f := range []struct{ flag, value string }{{"--policy", opts.policy}, {"--subdomains", opts.subdomains}, {"--missing", opts.missing}} {
		if _, known := policyWords[dmarc.Policy(f.value)]; !known && f.value != "" {
			return req, usage(fmt.Sprintf("%s %q is no policy", f.flag, f.value), "write none, quarantine or reject")
		}
	}
	list, err := p.ownInventory(opts.inventory)
	if err != nil {
		return req, err
	}
	if err := sameDomain(list, names[0]); err != nil {
		return req, err
	}
	return plan.DMARCRequest{
		Domain: names[0], Policy: dmarc.Policy(opts.policy), Subdomain: dmarc.Policy(opts.subdomains), NonExistent: dmarc.Policy(opts.missing),
		Test: opts.test, Reports: opts.reports, Parked: opts.parked, Confirmed: opts.confirmed, Inventory: list,
	}, nil
}

func (p *program) showDMARCPlan(made plan.DMARCPlan, ladder, refused bool) {
	o := p.out
	if made.Record.Value == "" {
		o.Line("%s", o.As(ui.Bold, "No new DMARC record for "+made.Domain))
		for _, w := range made.Why {
			o.Text("  ", "%s", w)
		}
		if made.Today != "" {
			o.Line("  Today's record:")
			o.Raw(4, made.Today)
		}
		p.showList("Mind", made.Warnings, ui.Yellow)
		p.showConsent(made)
		return
	}
	o.Line("%s", o.As(ui.Bold, "The DMARC record for "+made.Domain))
	p.showRecord(made.Record)
	if made.Today != "" && made.Today != made.Record.Value {
		o.Line("")
		o.Line("  It replaces the one of today:")
		o.Raw(4, made.Today)
	}
	p.showConditions(made.Before)
	p.showList("Before you publish it", made.Warnings, ui.Yellow)
	p.showList("Why so", made.Why, "")
	p.showConsent(made)
	if ladder {
		p.showLadder(made.Ladder)
	}
	switch {
	case refused || made.Record.Value == made.Today:
	case slices.ContainsFunc(made.Before, notMet):
		o.Heading("Next step")
		o.Text("  ", "Settle what is marked \"no\" above; only then publish it.")
	case slices.ContainsFunc(made.Before, func(c plan.Condition) bool { return c.State == plan.NotKnown && c.ID != plan.ReportsWanted }):
		o.Heading("Next step")
		o.Text("  ", "Find out what is marked \"not known\" above; publish it only when all of it is so. Then see with unspoof dmarc check %s that it is there.", made.Domain)
	default:
		o.Heading("Next step")
		o.Text("  ", "Publish it, then see with unspoof dmarc check %s that it is there.", made.Domain)
	}
}

// showConsent prints what others have to publish before they get reports.
func (p *program) showConsent(made plan.DMARCPlan) {
	for _, r := range made.Consent {
		p.out.Heading("For the owner of %s", strings.TrimPrefix(r.Name, made.Domain+"._report._dmarc."))
		p.showRecord(r)
	}
}

// notMet reports a condition that holds a record up.
func notMet(c plan.Condition) bool { return c.State == plan.NotMet }

// showLadder prints the way to reject, and where the domain stands on it.
func (p *program) showLadder(rungs []plan.Rung) {
	if len(rungs) == 0 {
		return
	}
	p.out.Heading("The way to reject")
	var rows [][]any
	for _, r := range rungs {
		mark := map[plan.RungState]any{plan.RungDone: p.out.As(ui.Green, "done"), plan.RungNext: p.out.As(ui.Bold, "next"), plan.RungLater: "later"}[r.State]
		rows = append(rows, []any{mark, r.ID, policyOf(r)})
	}
	p.out.Table(2, rows)
}

// policyOf writes what a rung asks for as its record does.
func policyOf(r plan.Rung) string {
	s := "p=" + string(r.Policy)
	if r.Subdomain != r.Policy {
		s += "; sp=" + string(r.Subdomain)
	}
	if r.NonExistent != r.Subdomain {
		s += "; np=" + string(r.NonExistent)
	}
	if r.Test {
		s += "; t=y"
	}
	return s
}

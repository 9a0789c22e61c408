package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"unspoof/internal/cli/ui"
	"unspoof/plan"
)

func newDKIMSetup(p *program) *cobra.Command {
	req, list := plan.DKIMRequest{}, ""
	cmd := &cobra.Command{
		Use:   "setup --domain DOMAIN",
		Short: "Say how each service and server comes to sign as your domain",
		Long: `Says for each service that sends for you, and for your own servers, which DKIM
records they need, what to do in which order, and which values only the service
can give you. What is the same for every customer is printed ready to publish.
Nothing is published, and no value is made up.`,
		Example: `  unspoof dkim setup --domain example.com --service mailchimp --service microsoft-365
  unspoof dkim setup --domain example.com --host mail.example.com
  unspoof dkim setup --domain example.com --inventory senders.json`,
		Args: noArgs,
		Annotations: exits(`  0  each of them has a working key already
  1  something is left to set up, or DNS has no such domain
  2  wrong usage
  3  DNS did not answer what is published today`),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.dkimSetup(cmd, req, list) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&req.Domain, "domain", "", "your `DOMAIN`: that of your From lines")
	f.StringArrayVar(&req.Services, "service", nil, "a service that sends for you, by the `NAME` in unspoof senders; may be repeated")
	f.StringArrayVar(&req.OwnServers, "host", nil, "a mail server of yours by its `NAME`; may be repeated")
	f.StringVar(&list, "inventory", "", inventoryFlag)
	cmd.RegisterFlagCompletionFunc("service", completeService)
	p.formsFlag(cmd)
	return cmd
}

type dkimSetupJSON struct {
	Schema int `json:"schema"`
	plan.DKIMPlan
}

func (p *program) dkimSetup(cmd *cobra.Command, req plan.DKIMRequest, file string) error {
	if req.Domain == "" {
		return usage("--domain is missing", "name the domain of your From lines: --domain example.com")
	}
	names, err := domainNames([]string{req.Domain})
	if err != nil {
		return err
	}
	list, err := p.ownInventory(file)
	if err != nil {
		return err
	}
	if err := sameDomain(list, names[0]); err != nil {
		return err
	}
	req = req.With(list)
	if len(req.Services)+len(req.OwnServers)+len(req.Others) == 0 {
		if list != nil && len(list.Senders) > 0 {
			p.complain("the inventory has everybody in it sign already, or names nobody who sends")
			return p.answered(nil, exitFine)
		}
		return usage("nobody is named who is to sign", "name services with --service, your own servers with --host, or give --inventory")
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	made, err := plan.SetUpDKIM(cmd.Context(), req, resolver)
	if err != nil {
		hint := ""
		if len(req.Services) > 0 {
			hint = "unspoof senders lists the services that are known"
		}
		return usage(origin.ReplaceAllString(err.Error(), ""), hint)
	}
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	if p.json {
		err = p.printJSON(dkimSetupJSON{schema, made})
	} else {
		for _, s := range made.Setups {
			p.showDKIMSetup(s)
		}
		p.showList("Left out", made.Warnings, ui.Yellow)
	}
	code := exitFine
	if p.unknownName(made.Missing, made.Domain) {
		code = exitFinding
	}
	for _, s := range made.Setups {
		if s.Signs() == plan.NotMet || s.Signs() == plan.NotKnown && !made.Unsure {
			code = exitFinding
		}
	}
	if code == exitFine && made.Unsure {
		code = exitUnknown
	}
	return p.answered(err, code)
}

// showDKIMSetup prints how one sender comes to sign.
func (p *program) showDKIMSetup(s plan.DKIMSetup) {
	o := p.out
	o.Heading("DKIM of %s", s.Name)
	if s.Unsure {
		o.Text("  ", "%s", o.As(ui.Yellow, "No published source confirms what is known of it: compare it with the service's own guide."))
	}
	for i, step := range s.Steps {
		o.Text(fmt.Sprintf("  %d. ", i+1), "%s", step)
	}
	for _, k := range s.Keys {
		p.showKey(k)
	}
	for _, a := range s.Ask {
		o.Text("  ask for ", "%s", a)
	}
	if s.Note != "" {
		o.Text("  note: ", "%s", s.Note)
	}
	for _, d := range s.Docs {
		o.Line("  guide: %s", d)
	}
}

func (p *program) showKey(k plan.DKIMKey) {
	o := p.out
	switch {
	case k.Published == plan.Met:
		o.Line("  %s is published already.", k.Name)
	case k.Record.Value != "":
		p.showRecord(k.Record)
	case k.Like != "":
		o.Line("  %s looks like: %s", nameOr(k.Name, "its record"), k.Like)
	}
	if k.Published != plan.Met && k.Today != "" {
		o.Line("  DNS has there today: %s", k.Today)
	}
	if k.Fault != "" {
		o.Text("  ", "%s", o.As(ui.Yellow, k.Name+" is of no use. "+k.Fault))
	}
}

func nameOr(name, other string) string {
	if name == "" {
		return other
	}
	return name
}

package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"unspoof/internal/cli/ui"
	"unspoof/sender"
)

func newSenders(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "senders [NAME]",
		Short: "Look up a service that sends mail for others",
		Long: `Shows what the built-in catalogue knows of a service: what it needs in an SPF
record, how its DKIM keys are found, and whether its mail can pass DMARC as
yours. NAME is a name as people say it, or a host of an SPF record or MX.
Without NAME, all services are listed. Nothing is asked of the network.`,
		Example: `  unspoof senders
  unspoof senders mailchimp
  unspoof senders spf.protection.outlook.com`,
		ValidArgsFunction: completeService,
		Annotations:       exits("  0  found\n  2  wrong usage\n  3  not in the catalogue; the nearest names are given"),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.listSenders()
			}
			return p.findSender(strings.Join(args, " "))
		},
	}
}

// completeService offers the catalogue's names to the shell.
func completeService(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, s := range sender.All() {
		if strings.HasPrefix(s.ID, typed) {
			names = append(names, s.ID+"\t"+s.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

type sendersJSON struct {
	Schema   int              `json:"schema"`
	Query    string           `json:"query,omitempty"`
	Services []sender.Service `json:"services"`
	// Nonexistent says that Query is an include host that is known not to exist.
	Nonexistent bool     `json:"nonexistent,omitempty"`
	DidYouMean  []string `json:"did_you_mean,omitempty"`
}

func (p *program) listSenders() error {
	all := sender.All()
	if p.json {
		return p.printJSON(sendersJSON{Schema: schema, Services: all})
	}
	rows := make([][]any, 0, len(all))
	for _, s := range all {
		rows = append(rows, []any{s.ID, s.Category, s.Name})
	}
	p.out.Table(0, rows)
	return nil
}

func (p *program) findSender(name string) error {
	found := sendersJSON{Schema: schema, Query: name, Services: lookUpSender(name)}
	if bogus, ok := sender.FindBogus(name); ok {
		found.Nonexistent = true
		if s, ok := sender.Find(bogus.Service); ok && len(found.Services) == 0 {
			found.DidYouMean = append(found.DidYouMean, s.ID)
		}
	}
	if len(found.Services) == 0 {
		found.DidYouMean = append(found.DidYouMean, sender.SuggestHosts(name)...)
		for _, s := range sender.Suggest(name) {
			found.DidYouMean = append(found.DidYouMean, s.ID)
		}
	}
	if p.json {
		if err := p.printJSON(found); err != nil {
			return err
		}
	} else {
		p.showServices(found)
	}
	if len(found.Services) == 0 {
		return status(exitUnknown)
	}
	return nil
}

// lookUpSender takes a name of the service, or of one of its hosts.
func lookUpSender(name string) []sender.Service {
	if s, ok := sender.Find(name); ok {
		return []sender.Service{s}
	}
	services := []sender.Service{}
	for _, look := range []func(string) []sender.Match{sender.ByInclude, sender.ByMX, sender.ByHost} {
		for _, m := range look(name) {
			services = append(services, m.Service)
		}
		if len(services) > 0 {
			break
		}
	}
	return services
}

func (p *program) showServices(found sendersJSON) {
	o := p.out
	if found.Nonexistent {
		o.Text("", "%s does not exist, though guides name it: a record that includes it fails for every mail.", o.As(ui.Yellow, found.Query))
	}
	for i, s := range found.Services {
		if i > 0 {
			o.Line("")
		}
		p.showSender(s)
	}
	if len(found.Services) > 0 {
		return
	}
	o.Text("", "The catalogue has no service %q.", found.Query)
	if len(found.DidYouMean) > 0 {
		o.Text("", "Did you mean: %s?", strings.Join(found.DidYouMean, ", "))
		return
	}
	o.Text("", "Ask the service what it wants in your SPF record; unspoof spf build takes the host with --service.")
}

// returnPath says in words what Service.ReturnPath means for DMARC.
var returnPath = map[string]string{
	"native":  "yes: it uses your domain as the return address by itself",
	"yes":     "yes, once a return address below your domain is set up there",
	"partial": "only in some plans or set-ups",
	"no":      "no: the return address is its own, only DKIM makes its mail count as yours",
}

func (p *program) showSender(s sender.Service) {
	o := p.out
	o.Line("%s (%s, %s)", o.As(ui.Bold, s.Name), s.ID, s.Category)
	if s.Confidence == sender.Low {
		o.Text("  ", "%s", o.As(ui.Yellow, "Unconfirmed: take this as a hint, and ask the service."))
	}
	var rows [][]any
	add := func(label, value string) {
		if value != "" {
			rows = append(rows, []any{label, value})
		}
	}
	add("in SPF", strings.Join(s.Includes, " "))
	add("", inRecord[s.SPFStatus])
	add("no longer", strings.Join(s.Legacy, " "))
	add("SPF passes as yours", returnPath[s.ReturnPath])
	add("DKIM selectors", strings.Join(s.Selectors, " "))
	add("DKIM points to", s.DKIMPattern)
	add("MX", strings.Join(s.MXPatterns, " "))
	add("documents", strings.Join(s.Docs, " "))
	o.Table(2, rows)
	if s.Notes != "" {
		o.Text("  ", "%s", s.Notes)
	}
}

// inRecord says in words what Service.SPFStatus asks of a customer.
var inRecord = map[string]string{
	"recommended":                 "the service asks for this in your record",
	"optional":                    "needed only in some set-ups",
	"legacy":                      "of older set-ups only",
	"not_needed":                  "not needed in your record",
	"not_needed_with_domain_auth": "not needed once your domain is authenticated there",
	"not_needed_with_return_path": "not needed once a return address below your domain is set up",
	"on_subdomain":                "belongs on the sub-domain that the service gives you, not on the domain itself",
	"per_customer":                "the service gives each customer a host of his own",
	"vendor":                      "for the service's own mail",
}

package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/internal/cli/ui"
	"unspoof/plan"
)

func newSPFBuild(p *program) *cobra.Command {
	req := plan.SPFRequest{}
	cmd := &cobra.Command{
		Use:   "build --domain DOMAIN",
		Short: "Make the SPF record for your domain, ready to publish",
		Long: `Makes the SPF record from what sends mail for you, in each form in which a DNS
host wants it typed, with what it costs of the ten look-ups allowed, why it ends
as it does, and the DMARC record that comes next. Nothing is published.

List everything that sends: what is not named will be refused or marked. A
domain that sends no mail at all is named with --parked; without it, a request
that names no sender is refused, unless DNS shows that the domain has no mail
exchanger and that its SPF record lets nobody in.`,
		Example: `  unspoof spf build --domain example.com --mx --service mailchimp
  unspoof spf build --domain example.com --ip 192.0.2.10 --ip 2001:db8::/64 --host web.example.com
  unspoof spf build --domain parked.example.com --parked`,
		Args: noArgs,
		Annotations: exits(`  0  the record is valid
  1  it must not be published as it is: too many look-ups, a service's include
     that DNS does not have, or it shuts out senders that today's record lets in
  2  wrong usage
  3  the record is printed, but DNS did not answer, so its cost is not sure, or
     which senders of today it shuts out`),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.spfBuild(cmd, req) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&req.Domain, "domain", "", "your `DOMAIN`")
	f.BoolVar(&req.MX, "mx", false, "the servers that receive your mail send it, too")
	f.BoolVar(&req.A, "a", false, "the server at the domain's own address (the web site, often) sends mail")
	f.StringArrayVar(&req.Hosts, "host", nil, "a server of yours by its `NAME`; may be repeated")
	f.StringArrayVar(&req.Addresses, "ip", nil, "an IPv4 or IPv6 `ADDRESS` or network that sends; may be repeated")
	f.StringArrayVar(&req.Services, "service", nil, "a service that sends for you, by the `NAME` in unspoof senders,\nor the include host that it gave you; may be repeated")
	f.BoolVar(&req.Parked, "parked", false, "the domain sends no mail at all")
	f.StringVar(&req.Policy, "policy", "", "what happens to others: `POLICY` softfail (~all), fail (-all) or neutral (?all)\n(default: what fits; the answer says why)")
	cmd.RegisterFlagCompletionFunc("service", completeService)
	cmd.RegisterFlagCompletionFunc("policy", cobra.FixedCompletions([]string{"softfail", "fail", "neutral"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// shownLost is how many terms the warning above the record names.
const shownLost = 10

type buildJSON struct {
	Schema int `json:"schema"`
	plan.SPFPlan
	Error string `json:"error,omitempty"`
}

func (p *program) spfBuild(cmd *cobra.Command, req plan.SPFRequest) error {
	if req.Domain == "" {
		return usage("--domain is missing", "name the domain that is to get the record: --domain example.com")
	}
	if _, err := domainNames([]string{req.Domain}); err != nil {
		return err
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	made, err := plan.BuildSPF(cmd.Context(), req, resolver)
	if err != nil && !errors.Is(err, plan.ErrTooManyLookups) {
		hint := ""
		if errors.Is(err, plan.ErrNoSender) {
			hint = "name what sends with --mx, --ip, --host and --service; for a domain that sends no mail at all, add --parked"
		}
		return &helpful{err: err, code: exitUsage, hint: hint}
	}
	out := buildJSON{Schema: schema, SPFPlan: made}
	if err != nil {
		out.Error = err.Error()
	}
	var perr error
	if p.json {
		perr = p.printJSON(out)
	} else {
		p.showSPFPlan(out)
	}
	switch {
	case err != nil, len(made.Broken) > 0, len(made.Lost) > 0:
		return p.answered(perr, exitFinding)
	case made.Cost.Incomplete, made.Unknown:
		return p.answered(perr, exitUnknown)
	}
	return p.answered(perr, exitFine)
}

func (p *program) showSPFPlan(made buildJSON) {
	o := p.out
	if made.Error != "" {
		o.Text("", "%s", o.As(ui.Red, made.Error))
	}
	if n := len(made.Lost); n > 0 {
		lost := strings.Join(made.Lost[:min(n, shownLost)], ", ")
		if n > shownLost {
			lost += fmt.Sprintf(" and %d more", n-shownLost)
		}
		o.Text("", "%s", o.As(ui.Red, "Warning: this record shuts out who may send today: "+lost+". If any of it still sends for "+made.Domain+", name it too, before you publish."))
		o.Line("")
	}
	o.Line("%s", o.As(ui.Bold, "The SPF record for "+made.Domain))
	p.showRecord(made.Record)
	o.Line("")
	o.Line("  It takes %d of 10 look-ups, %d of 2 empty ones.", made.Lookups, made.Voids)
	if made.Today != "" && made.Today != made.Record.Value {
		o.Line("  It replaces the one of today:")
		o.Raw(4, made.Today)
	}
	if len(made.Warnings) > 0 {
		o.Heading("Before you publish it")
		for _, w := range made.Warnings {
			o.Text("  - ", "%s", o.As(ui.Yellow, w))
		}
	}
	if len(made.Why) > 0 {
		o.Heading("Why so")
		for _, w := range made.Why {
			o.Text("  - ", "%s", w)
		}
	}
	if made.DMARC.Value == "" && made.DMARCWhy == "" {
		return
	}
	o.Heading("Next step")
	o.Text("  ", "%s", made.DMARCWhy)
	if made.DMARC.Value != "" {
		p.showRecord(made.DMARC)
	}
}

// showRecord prints a record in the forms that DNS hosts ask for.
func (p *program) showRecord(r plan.Record) {
	o := p.out
	o.Line("  %s record, name: %s", r.Type, r.Name)
	for _, f := range []struct{ label, text string }{
		{"in a host's web form", r.Forms.Panel}, {"where quotes are wanted", r.Forms.Quoted}, {"in a zone file", r.Forms.Zone},
	} {
		o.Line("  %s:", f.label)
		o.Raw(4, f.text)
	}
}

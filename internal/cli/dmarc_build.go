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
	"unspoof/plan"
)

type dmarcBuildOptions struct {
	domain, policy, subdomains string
	reports                    []string
	test                       bool
}

func newDMARCBuild(p *program) *cobra.Command {
	opts := dmarcBuildOptions{}
	cmd := &cobra.Command{
		Use:   "build --domain DOMAIN --policy POLICY",
		Short: "Make the DMARC record for your domain, ready to publish",
		Long: `Makes the DMARC record that tells receivers what to do with mail that forges your
From line, in each form in which a DNS host wants it typed. Nothing is
published.

Begin with none: it refuses nothing and asks for reports, which show everybody
who sends as you. When they show only what is yours, go on to quarantine, then
reject. A domain that sends no mail can begin with reject.`,
		Example: `  unspoof dmarc build --domain example.com --policy none
  unspoof dmarc build --domain example.com --policy reject --rua reports@example.com
  unspoof dmarc build --domain example.com --policy quarantine --subdomains reject --test`,
		Args: noArgs,
		Annotations: exits(`  0  made
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
	f.StringVar(&opts.policy, "policy", "", "what receivers are to do with forged mail: `POLICY` none, quarantine or reject")
	f.StringVar(&opts.subdomains, "subdomains", "", "another `POLICY` for subdomains (default: the same)")
	f.StringArrayVar(&opts.reports, "rua", nil, "mail `ADDRESS` for the daily reports; may be repeated\n(default: that of today's record, else dmarc@ your domain)")
	f.BoolVar(&opts.test, "test", false, "mark it as a test (t=y): receivers apply one level less")
	for _, name := range []string{"policy", "subdomains"} {
		cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions([]string{"none", "quarantine", "reject"}, cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

type dmarcBuildJSON struct {
	Schema       int           `json:"schema"`
	Domain       string        `json:"domain"`
	Record       plan.Record   `json:"record"`
	Today        string        `json:"today"` // the record published now, ""
	Destinations []destination `json:"destinations"`
	// Consent is what the domains of other organisations have to publish before
	// they get reports.
	Consent  []plan.Record `json:"consent"`
	Warnings []string      `json:"warnings"`
	Unsure   bool          `json:"unsure"` // DNS did not answer everything
}

func (p *program) dmarcBuild(cmd *cobra.Command, opts dmarcBuildOptions) error {
	if err := opts.check(); err != nil {
		return err
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	made := dmarcBuildJSON{Schema: schema, Consent: []plan.Record{}, Warnings: []string{}}
	if made.Domain, err = dmarc.Domain(opts.domain); err != nil {
		return usage(err.Error(), "write it as example.com")
	}
	if err := made.build(cmd.Context(), opts, resolver); err != nil {
		return err
	}
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	if p.json {
		err = p.printJSON(made)
	} else {
		p.showDMARCPlan(made)
	}
	if made.Unsure {
		return errors.Join(err, status(exitUnknown))
	}
	return err
}

func (opts dmarcBuildOptions) check() error {
	switch {
	case opts.domain == "":
		return usage("--domain is missing", "name the domain that is to get the record: --domain example.com")
	case opts.policy == "":
		return usage("--policy is missing", "begin with --policy none, which refuses nothing and asks for reports")
	}
	if _, err := domainNames([]string{opts.domain}); err != nil {
		return err
	}
	for flag, value := range map[string]string{"--policy": opts.policy, "--subdomains": opts.subdomains} {
		if _, known := policyWords[dmarc.Policy(value)]; !known && value != "" {
			return usage(fmt.Sprintf("%s %q is no policy", flag, value), "write none, quarantine or reject")
		}
	}
	for _, a := range opts.reports {
		address := strings.TrimPrefix(a, "mailto:")
		local, host, _ := strings.Cut(address, "@")
		if _, err := dmarc.Domain(host); err != nil || local == "" || !isASCII(local) || strings.ContainsAny(local, notInURI) {
			return usage(fmt.Sprintf("--rua %q is no mail address", a), "write it as dmarc@example.com; repeat --rua for another")
		}
	}
	return nil
}

// notInURI are characters that no URI holds as they are (RFC 3986 section 2).
const notInURI = " \"<>\\^`{|}"

// build makes the record, and compares it with that of today.
func (made *dmarcBuildJSON) build(ctx context.Context, opts dmarcBuildOptions, resolver dns.Resolver) error {
	today, err := dmarc.Discover(ctx, resolver, made.Domain)
	if err != nil {
		made.Unsure = true
		made.warn("DNS did not answer which DMARC record %s has today. If there is one, put this in its place, not beside it.", made.Domain)
	}
	var present *dmarc.Record
	if today.At == made.Domain {
		present = today.Record
		made.Today = present.Text
	}
	value := "v=DMARC1; p=" + opts.policy
	if opts.subdomains != "" && opts.subdomains != opts.policy {
		value += "; sp=" + opts.subdomains
	}
	if opts.test {
		value += "; t=y"
	}
	value += "; rua=" + made.reports(opts, present)
	if made.Record, err = plan.TXT("_dmarc."+made.Domain, value); err != nil {
		return usage(err.Error(), "")
	}
	rec, err := dmarc.Parse(value)
	if err != nil {
		return usage(err.Error(), "")
	}
	for _, n := range rec.Notes {
		made.warn("%s.", n.Text)
	}
	if present != nil {
		made.compare(rec, present, dmarc.Policy(opts.policy))
	}
	made.askDestinations(ctx, resolver, rec)
	return nil
}

// reports gives the value of rua.
func (made *dmarcBuildJSON) reports(opts dmarcBuildOptions, today *dmarc.Record) string {
	if len(opts.reports) > 0 {
		var uris []string
		for _, a := range opts.reports {
			uris = append(uris, "mailto:"+reserved.Replace(strings.TrimPrefix(a, "mailto:")))
		}
		return strings.Join(uris, ",")
	}
	if today != nil && len(today.RUA) > 0 {
		var uris []string
		for _, u := range today.RUA {
			uris = append(uris, u.URI)
		}
		return strings.Join(uris, ",") // whoever reads the reports goes on doing so
	}
	made.warn("Make sure that the address dmarc@%s exists, or name another with --rua: reports come there daily.", made.Domain)
	return "mailto:dmarc@" + made.Domain
}

// reserved is written otherwise in a list of addresses (RFC 9989 section 4.6,
// RFC 6068 section 2).
var reserved = strings.NewReplacer(",", "%2C", "!", "%21", ";", "%3B", "%", "%25", "?", "%3F", "&", "%26")

// compare says what the new record changes.
func (made *dmarcBuildJSON) compare(rec, today *dmarc.Record, policy dmarc.Policy) {
	switch {
	case strings.EqualFold(made.Today, made.Record.Value):
		made.warn("The record published today is the same: nothing needs to change.")
		return
	case policy.Weaker(today.Policy):
		made.warn("Today's record asks for more (p=%s): this one would take protection away.", today.Policy)
	case today.Policy.Weaker(policy):
		made.warn("Today's record asks for less (p=%s). Go on only when the reports of the last weeks show nobody of yours that fails.", today.Policy)
	}
	made.warn("Put it in the place of today's record, not beside it: a domain with two DMARC records has none (RFC 9989 section 4.10).")
	for _, t := range today.Tags {
		if _, kept := rec.Tag(t.Name); !kept && t.Name != "pct" && t.Name != "rf" && t.Name != "ri" {
			made.warn("Today's record also has %s=%s, which this one has not. Add it if it is meant.", t.Name, t.Value)
		}
	}
}

func (made *dmarcBuildJSON) askDestinations(ctx context.Context, resolver dns.Resolver, rec *dmarc.Record) {
	made.Destinations = destinations(ctx, resolver, made.Domain, rec)
	for _, d := range made.Destinations {
		switch {
		case d.Fault != "":
			made.Unsure = true
			made.warn("DNS did not answer whether %s accepts reports on %s.", d.URI.Host, made.Domain)
		case !d.Agreed:
			consent, err := plan.TXT(d.Query, "v=DMARC1")
			if err != nil {
				continue
			}
			made.Consent = append(made.Consent, consent)
			made.warn("%s belongs to others and does not say that it wants your reports, so none would come: it has to publish the record below (RFC 9990 section 4).", d.URI.Host)
		}
	}
}

func (made *dmarcBuildJSON) warn(format string, args ...any) {
	made.Warnings = append(made.Warnings, fmt.Sprintf(format, args...))
}

func (p *program) showDMARCPlan(made dmarcBuildJSON) {
	o := p.out
	o.Line("%s", o.As(ui.Bold, "The DMARC record for "+made.Domain))
	p.showRecord(made.Record)
	if made.Today != "" && made.Today != made.Record.Value {
		o.Line("")
		o.Line("  It replaces the one of today:")
		o.Raw(4, made.Today)
	}
	if len(made.Warnings) > 0 {
		o.Heading("Before you publish it")
		for _, w := range made.Warnings {
			o.Text("  - ", "%s", o.As(ui.Yellow, w))
		}
	}
	for _, r := range made.Consent {
		o.Heading("For the owner of %s", strings.TrimPrefix(r.Name, made.Domain+"._report._dmarc."))
		p.showRecord(r)
	}
	if made.Record.Value != made.Today {
		o.Heading("Next step")
		o.Text("  ", "Publish it, then see with unspoof dmarc check %s that it is there.", made.Domain)
	}
}

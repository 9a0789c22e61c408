package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/internal/cli/ui"
	"unspoof/internal/spftext"
	"unspoof/plan"
	"unspoof/spf"
)

func newSPFBuild(p *program) *cobra.Command {
	req, list := plan.SPFRequest{}, ""
	cmd := &cobra.Command{
		Use:   "build --domain DOMAIN",
		Short: "Make the SPF record for your domain, ready to publish",
		Long: `Makes the SPF record from what sends mail for you, in each form in which a DNS
host wants it typed, with what it costs of the ten look-ups allowed, why it ends
as it does, and the DMARC record that comes next. Nothing is published.

List everything that sends, or take it from an inventory: what is not named will
be refused or marked. Who may send today, or was seen to send, is never shut out
without a word: name each with --drop that is to go. Services whose mail SPF
cannot help are left out, with how to set up their DKIM instead.

A domain that sends no mail at all is named with --parked; without it, a request
that names no sender is refused, unless nothing in DNS speaks for use. Where DNS
shows the domain in use, --parked is refused, too, until --confirm says otherwise.`,
		Example: `  unspoof spf build --domain example.com --mx --service mailchimp
  unspoof spf build --domain example.com --ip 192.0.2.10 --ip 2001:db8::/64 --host web.example.com
  unspoof inventory example.com --json | unspoof spf build --domain example.com --inventory -
  unspoof spf build --domain example.com --mx --drop include:old.example
  unspoof spf build --domain parked.example.com --parked`,
		Args: noArgs,
		Annotations: exits(`  0  the record is valid
  1  it must not be published as it is: it shuts out senders that --drop does not
     name, is beyond its limits (look-ups, empty ones, hosts of an mx), or leads
     to an include without a record that can be read; or --parked, and DNS shows
     use; or DNS has no such domain
  2  wrong usage
  3  DNS did not answer: what the record costs is not sure, which senders of
     today it shuts out, or whether the domain is in use`),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.spfBuild(cmd, req, list) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&req.Domain, "domain", "", "your `DOMAIN`")
	f.StringVar(&list, "inventory", "", inventoryFlag)
	senderFlags(cmd, &req)
	p.formsFlag(cmd)
	return cmd
}

// formsFlag is on every command that makes records.
func (p *program) formsFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&p.forms, "forms", false, "show each record quoted, and as a line of a zone file, too")
}

// confirmFlag describes --confirm, wherever it stands.
const confirmFlag = "it sends and receives no mail, whatever DNS shows"

// senderFlags are those that say who sends.
func senderFlags(cmd *cobra.Command, req *plan.SPFRequest) {
	f := cmd.Flags()
	f.BoolVar(&req.MX, "mx", false, "the servers that receive your mail send it, too")
	f.BoolVar(&req.A, "a", false, "the server at the domain's own address (the web site, often) sends mail")
	f.StringArrayVar(&req.Hosts, "host", nil, "a server of yours by its `NAME`; may be repeated")
	f.StringArrayVar(&req.Addresses, "ip", nil, "an IPv4 or IPv6 `ADDRESS` or network that sends; may be repeated")
	f.StringArrayVar(&req.Services, "service", nil, "a service that sends for you, by the `NAME` in unspoof senders,\nor the include host that it gave you; may be repeated")
	f.StringArrayVar(&req.Drop, "drop", nil, "this sender may be shut out: its `NAME`, address, include host, or term in\ntoday's record; may be repeated")
	f.BoolVar(&req.Parked, "parked", false, "the domain sends no mail at all")
	f.BoolVar(&req.Confirmed, "confirm", false, "with --parked: "+confirmFlag)
	f.StringVar(&req.Policy, "policy", "", "what happens to others: `POLICY` softfail (~all), fail (-all) or neutral (?all)\n(default: softfail, but that the -all of today's record stays)")
	cmd.RegisterFlagCompletionFunc("service", completeService)
	cmd.RegisterFlagCompletionFunc("policy", cobra.FixedCompletions([]string{"softfail", "fail", "neutral"}, cobra.ShellCompDirectiveNoFileComp))
}

// maxLookups is what a record may cost (RFC 7208 section 4.6.4).
const maxLookups = 10

type buildJSON struct {
	Schema int `json:"schema"`
	plan.SPFPlan
	Error string `json:"error,omitempty"`
}

func (p *program) spfBuild(cmd *cobra.Command, req plan.SPFRequest, list string) error {
	if req.Domain == "" {
		return usage("--domain is missing", "name the domain that is to get the record: --domain example.com")
	}
	names, err := domainNames([]string{req.Domain})
	if err != nil {
		return err
	}
	if req.Inventory, err = p.ownInventory(list); err != nil {
		return err
	}
	if err := sameDomain(req.Inventory, names[0]); err != nil {
		return err
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	made, err := plan.BuildSPF(cmd.Context(), req, resolver)
	if err != nil && !unsettled(err) {
		return buildFailed(err)
	}
	out := buildJSON{Schema: schema, SPFPlan: made}
	if err != nil {
		out.Error = origin.ReplaceAllString(err.Error(), "")
	}
	var perr error
	if p.json {
		perr = p.printJSON(out)
	} else {
		p.showSPFPlan(out)
	}
	switch {
	case p.unknownName(made.Missing, made.Domain):
		return p.answered(perr, exitFinding)
	case errors.Is(err, plan.ErrInUse) && len(made.Use) == 0:
		return p.answered(perr, exitUnknown)
	case err != nil, len(made.Broken) > 0, !made.Cost.Within():
		return p.answered(perr, exitFinding)
	case made.Unsure:
		return p.answered(perr, exitUnknown)
	}
	return p.answered(perr, exitFine)
}

// unknownName says that DNS has no such domain, whose records are made all the same.
func (p *program) unknownName(missing bool, domain string) bool {
	if missing {
		p.complain("%s does not exist in DNS: check the spelling before you publish anything", domain)
	}
	return missing
}

// unsettled reports an error with which the plan is given all the same.
func unsettled(err error) bool {
	return errors.Is(err, plan.ErrLockOut) || errors.Is(err, plan.ErrTooManyLookups) || errors.Is(err, plan.ErrInUse)
}

// showInUse says why a domain is not to be locked yet.
func (p *program) showInUse(domain string, use []string) {
	o := p.out
	o.Text("", "%s", o.As(ui.Red, "Do not publish this yet: DNS shows the domain in use, or does not tell."))
	for _, u := range use {
		o.Text("  - ", "%s", o.As(ui.Red, u))
	}
	o.Text("", "If %s sends and receives no mail all the same, say --confirm.", domain)
	o.Line("")
}

// buildFailed says how a request that cannot be answered is put right.
func buildFailed(err error) error {
	hint := ""
	if errors.Is(err, plan.ErrNoSender) {
		hint = "name what sends with --mx, --ip, --host and --service, or with --inventory FILE, a list that unspoof inventory --json made of what is published; for a domain that sends no mail at all, add --parked"
	}
	code := exitUsage
	if isFault(err) {
		code = exitUnknown // an answer that DNS owes is no wrong usage
	}
	return &helpful{err: err, code: code, hint: hint}
}

func (p *program) showSPFPlan(made buildJSON) {
	o := p.out
	if made.Parked && made.Error != "" {
		p.showInUse(made.Domain, made.Use)
	}
	p.showShutOut(made.ShutOut)
	if made.Lookups > maxLookups {
		o.Text("", "%s", o.As(ui.Red, fmt.Sprintf("This record needs %d look-ups where 10 are allowed: receivers will treat it as broken.", made.Lookups)))
		for _, w := range made.Ways {
			o.Text("  - ", "%s", w.Text)
		}
		o.Line("")
	} else if len(made.Broken) > 0 || !made.Cost.Within() {
		o.Text("", "%s", o.As(ui.Red, "Do not publish this yet: receivers would take it for broken. Why is said below."))
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
	p.showMeaning(made.Diff)
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
	for _, l := range made.LeftOut {
		p.showDKIMSetup(l.DKIM)
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

// showShutOut names who could no longer send, before anything else.
func (p *program) showShutOut(list []plan.ShutOut) {
	o := p.out
	first := true
	for _, s := range list {
		if s.Dropped {
			continue
		}
		if first {
			o.Text("", "%s", o.As(ui.Red, "Do not publish this yet: it shuts out who may send today, was seen to send, or very likely sends."))
			first = false
		}
		o.Text("  - ", "%s", o.As(ui.Red, whoIs(s)))
		o.Text("    ", "%s Name it among the senders, or let it go with --drop %s", s.Why, shellWord(s.Name))
		if len(s.Ranges) > 0 {
			o.Text("    ", "%s", strings.Join(s.Ranges, ", "))
		}
	}
	if !first {
		o.Line("")
	}
}

// whoIs names a sender with what is known of it.
func whoIs(s plan.ShutOut) string {
	text := s.Name
	if s.Owner != "" {
		text += ": " + s.Owner
	}
	if !s.Addresses.IsZero() {
		text += ", " + spftext.Addresses(s.Addresses)
	} else if s.Open {
		text += ", how many addresses is not known"
	}
	if s.Messages > 0 {
		seen := "messages"
		if s.Messages == 1 {
			seen = "message"
		}
		text += fmt.Sprintf(", %d %s seen", s.Messages, seen)
	}
	return text
}

// shellWord quotes what a shell would take apart.
func shellWord(s string) string {
	if strings.ContainsAny(s, " \t*?$'\"\\;&|<>()[]{}!`~#%") {
		return "'" + strings.ReplaceAll(s, "'", "'\\''") + "'"
	}
	return s
}

// showMeaning says how many addresses the new record gains and loses.
func (p *program) showMeaning(d *spf.Difference) {
	if d == nil {
		return
	}
	sum := func(list []spf.Change) (t spf.Tally) {
		for _, c := range list {
			if c.Range.From.Is4() {
				t.IPv4 = t.IPv4.Plus(c.Count)
			} else {
				t.IPv6 = t.IPv6.Plus(c.Count)
			}
		}
		return t
	}
	if d.Equal == spf.Same {
		p.out.Line("  Both let in the same addresses.")
		return
	}
	for _, row := range []struct {
		what  string
		count spf.Tally
	}{{"may send then that may not today", sum(d.Gained)}, {"may send today that may not then", sum(d.Lost)}} {
		if !row.count.IsZero() {
			p.out.Line("  %s: %s", row.what, spftext.Addresses(row.count))
		}
	}
}

// showRecord prints a record as a panel wants it, and with --forms in the other
// forms that DNS hosts ask for.
func (p *program) showRecord(r plan.Record) {
	o := p.out
	o.Line("  %s record, name: %s", r.Type, r.Name)
	if r.Forms.Label != "" {
		o.Line("  the name in panels that add %s themselves: %s", strings.TrimPrefix(strings.TrimPrefix(r.Name, r.Forms.Label), "."), r.Forms.Label)
	}
	if r.Forms.Priority != "" {
		o.Line("  priority: %s", r.Forms.Priority)
	}
	quoted := r.Forms.Quoted
	if r.Type != "TXT" || !p.forms {
		quoted = "" // only text is ever quoted
	}
	for _, f := range []struct{ label, text string }{
		{"in a host's web form", r.Forms.Panel}, {"where quotes are wanted", quoted}, {"in a zone file", r.Forms.Zone},
	} {
		if f.text == "" || !p.forms && f.text != r.Forms.Panel {
			continue
		}
		o.Line("  %s:", f.label)
		o.Raw(4, f.text)
	}
}

package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/internal/census"
	"unspoof/internal/cli/ui"
	"unspoof/internal/intake"
	"unspoof/internal/profile"
	"unspoof/inventory"
	"unspoof/plan"
)

type inventoryOptions struct {
	mail, bounces, logs   []string
	services, hosts, nets []string
	profile               string
}

func newInventory(p *program) *cobra.Command {
	opts := inventoryOptions{}
	cmd := &cobra.Command{
		Use:   "inventory DOMAIN",
		Short: "Who sends mail for your domain, how each is known, and what is left to set up",
		Long: `Makes one list of everything that sends for a domain: from its SPF record, its
mail exchangers, the DKIM keys in DNS, what you name, and, where you give them,
your own mail, the logs of your servers, and messages that came back. Of each it
says how it was recognised, whether its mail passes as yours by SPF and by DKIM,
and what is to be set up next. Nothing is published.

The mail of --mail is taken to be from mailboxes of yours, as your server stored
it: send yourself a copy of a message from each program and service, and give
that. Mail in your name that nothing proves is listed apart: forged mail looks
like that, and so does a forgotten web shop. Name what is yours, and it counts.

Of your mail and logs, DNS is asked about names of your own domain, of the
servers that took the mail in, and of services known, about addresses, and for the
exchangers of up to five domains where a log shows that one host took all mail.
Only --bounces asks more: to tell genuine notices from forged ones, the servers,
return paths and signing domains that they name are looked up too. The answer with
--json is what other commands take as --inventory FILE.`,
		Example: `  unspoof inventory example.com
  unspoof inventory example.com --mail ~/Maildir --service mailchimp --host shop.example.com
  unspoof inventory example.com --log /var/log/mail.log.1 --log /var/log/mail.log --bounces bounces.zip
  unspoof inventory example.com --mail copies.mbox --json > senders.json`,
		Args:              oneDomain,
		ValidArgsFunction: cobra.NoFileCompletions,
		Annotations: exits(`  0  every sender may send, and its mail passes as the domain's own
  1  a sender is not allowed to send, or its mail passes neither by SPF nor by DKIM;
     or the SPF record is broken, doubled, or lets everybody in
  2  wrong usage, or there was no message to read
  3  it could not be determined: DNS did not answer or has no such domain, no mail
     has shown whether a sender's passes, or some of the files could not be read`),
		RunE: func(cmd *cobra.Command, args []string) error { return p.inventory(cmd, opts, args[0]) },
	}
	cmd.Flags().SortFlags = false
	opts.flags(cmd)
	return cmd
}

// flags are the sources of an inventory, on whatever command takes them.
func (o *inventoryOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&o.mail, "mail", nil, "mail of your own as it arrived: a message, mbox, Maildir, folder or zip at `PATH`; may be repeated")
	f.StringArrayVar(&o.logs, "log", nil, "log of your mail server (Postfix or Exim), a `FILE`; repeated for older ones, oldest first")
	f.StringArrayVar(&o.bounces, "bounces", nil, "messages that came back, at `PATH`; only the genuine ones count; may be repeated")
	f.StringVar(&o.profile, "profile", "", "what you know of your own mail, a YAML `FILE`; it helps to judge --bounces")
	f.StringArrayVar(&o.services, "service", nil, "a service that sends for you, by the `NAME` in unspoof senders,\nor the include host that it gave you; may be repeated")
	f.StringArrayVar(&o.hosts, "host", nil, "a server of yours by its `NAME`; may be repeated")
	f.StringArrayVar(&o.nets, "ip", nil, "an IPv4 or IPv6 `ADDRESS` or network of yours that sends; may be repeated")
	f.String("now", "", "judge signatures as of this `TIME` instead of now (RFC 3339 or Unix seconds)")
	cmd.RegisterFlagCompletionFunc("service", completeService)
}

type inventoryJSON struct {
	inventory.Inventory
	Read census.Read `json:"read"` // of files
}

func (p *program) inventory(cmd *cobra.Command, opts inventoryOptions, domain string) error {
	res, err := p.census(cmd, opts, domain, nil)
	if err != nil {
		return err
	}
	if p.json {
		err = p.printJSON(inventoryJSON{Inventory: res.Inventory, Read: res.Read})
	} else {
		p.showInventory(res.Inventory)
	}
	code := inventoryStatus(res.Inventory)
	if code == exitFine && leftUnread(res) {
		code = exitUnknown
	}
	return p.answered(err, code)
}

// census reads every source that the options name, and says what could not be read.
// each, unless nil, gets every sighting.
func (p *program) census(cmd *cobra.Command, opts inventoryOptions, domain string, each func(inventory.Sighting)) (census.Result, error) {
	none := census.Result{}
	if _, err := domainNames([]string{domain}); err != nil {
		return none, err
	}
	if slices.Contains(opts.mail, "-") && slices.Contains(opts.bounces, "-") {
		return none, usage("standard input (-) can be given once", "")
	}
	args := census.Args{Domain: domain, Given: inventory.Given{Services: opts.services, Hosts: opts.hosts}, Each: each}
	for _, text := range opts.nets {
		prefix, note, err := plan.ParsePrefix(text)
		if err != nil {
			return none, &helpful{err: fmt.Errorf("--ip: %w", err), code: exitUsage}
		}
		if note != "" {
			p.complain("%s", note)
		}
		args.Given.Networks = append(args.Given.Networks, prefix)
	}
	now, err := clock(cmd)
	if err != nil {
		return none, err
	}
	args.Now = now
	if args.Resolver, err = p.resolver(opts.profile); err != nil {
		return none, err
	}
	if opts.profile != "" {
		prof, warnings, err := profile.Load(opts.profile)
		if errors.As(err, new(*fs.PathError)) {
			return none, usage("--profile: "+unread(opts.profile, err), "")
		}
		if err != nil {
			return none, err
		}
		p.warn(warnings)
		args.Profile = prof
	}
	if len(opts.logs) > 0 {
		log, err := p.readLogs("--log", opts.logs, now, len(opts.bounces) == 0)
		if err != nil {
			return none, err
		}
		args.Logs = []census.Log{{Name: opts.logs[len(opts.logs)-1], Log: log}}
	}
	mail, mailDone := p.intakeArgs(opts.mail, !p.json)
	defer mailDone()
	bounces, bouncesDone := p.intakeArgs(opts.bounces, !p.json)
	defer bouncesDone()
	args.Mail = intake.Messages(cmd.Context(), mail)
	if len(opts.bounces) > 0 {
		args.Bounces = intake.Messages(cmd.Context(), bounces)
	}
	res, err := census.Run(cmd.Context(), args)
	mailDone()
	bouncesDone()
	if err != nil {
		return none, &helpful{err: err, code: exitUsage}
	}
	for _, e := range res.Unread {
		p.complain("%s", e.Sentence())
	}
	if res.More > 0 {
		p.complain("and %d more that could not be read", res.More)
	}
	p.warn(res.Warnings)
	if len(opts.mail)+len(opts.bounces) > 0 && res.Read.Messages+res.Read.Notices == 0 {
		return none, usage("there was no message to read", "")
	}
	return res, nil
}

// leftUnread reports that not all could be read: what was not may show another
// sender.
func leftUnread(res census.Result) bool {
	return slices.ContainsFunc(res.Unread, func(e *intake.Error) bool { return !e.Minor })
}

// inventoryStatus is the exit status of an inventory. Claims have no say: anybody
// can make one.
func inventoryStatus(inv inventory.Inventory) int {
	code := exitFine
	switch {
	case inv.Absent:
		return exitUnknown // a misspelt name, as a rule: nothing of it was judged
	case inv.SPF.Broken, inv.SPF.Everybody:
		return exitFinding
	case len(inv.Unknown) > 0:
		code = exitUnknown
	}
	for _, s := range inv.Senders {
		switch {
		case s.Status == inventory.Hinted && !s.Given:
		case s.Status == inventory.Unauthorised, s.Status == inventory.ByHand, s.Passes() == inventory.No:
			return exitFinding
		case s.Passes() == inventory.Unknown:
			code = exitUnknown
		}
	}
	return code
}

var (
	answerStyles = map[inventory.Answer]ui.Style{inventory.Yes: ui.Green, inventory.No: ui.Red, inventory.Unknown: ui.Yellow}
	answerWords  = map[inventory.Answer]string{inventory.Yes: "yes", inventory.No: "no", inventory.Unknown: "not known"}
	statusWords  = map[inventory.Status]string{
		inventory.InUse: "in use", inventory.Unseen: "not seen", inventory.Unauthorised: "NOT ALLOWED", inventory.ByHand: "named, not allowed",
		inventory.Hinted: "receives", inventory.Undecided: "not known",
	}
	signalWords = map[inventory.SignalKind]string{
		inventory.SignalOwner: "named by you", inventory.SignalDKIM: "DKIM", inventory.SignalReturnPath: "return path", inventory.SignalSPF: "SPF",
		inventory.SignalLog: "log", inventory.SignalReceived: "its own lines", inventory.SignalReverse: "reverse name", inventory.SignalMX: "MX", inventory.SignalAddress: "address",
	}
)

func (p *program) showInventory(inv inventory.Inventory) {
	o := p.out
	o.Line("%s", o.As(ui.Bold, "Who sends for "+inv.Domain))
	o.Line("")
	switch {
	case inv.Absent:
		o.Text("  ", "%s", o.As(ui.Red, "DNS has no domain "+inv.Domain+". Is it spelt right?"))
		o.Line("")
	case inv.SPF.Broken, inv.SPF.Everybody:
		o.Text("  ", "%s", o.As(ui.Red, inv.SPF.Problem))
		o.Line("")
	case inv.SPF.Problem != "":
		o.Text("  ", "%s", o.As(ui.Yellow, inv.SPF.Problem))
		o.Line("")
	}
	if len(inv.Senders) == 0 {
		o.Text("  ", "Nothing is known to send for it. Name what does with --service, --host and --ip, or give mail of yours with --mail.")
	} else {
		rows := [][]any{{"", "status", "mail", "SPF", "DKIM", "known by"}}
		for _, s := range inv.Senders {
			rows = append(rows, []any{s.Name, statusWord(s), volume(s.Seen.Count), p.aligned(s.SPF), p.aligned(s.DKIM), knownBy(s)})
		}
		o.Table(2, rows)
		o.Line("")
		o.Text("  ", "SPF and DKIM: whether mail of it passes as %s. * follows from the records; no mail has shown it.", inv.Domain)
	}
	p.showBelieved(inv.Sources)
	p.showSetup(inv)
	p.showClaims(inv)
	p.showSentences("Not known", inv.Unknown)
	p.showSentences("Note", inv.Warnings)
}

// showBelieved says what an answer rests on that came from mailboxes: only their
// owner knows whether they are his.
func (p *program) showBelieved(sources []inventory.SourceCount) {
	for _, c := range sources {
		if c.Source == inventory.FromMailbox && c.Own > 0 {
			p.out.Text("  ", "Of the mail given, what the mailbox's own server wrote on top is believed: who handed it over, and whether it passed. That is right for mailboxes of yours only. Whoever gives you other mail can have written it himself, and so make a sender up.")
		}
	}
}

// statusWord says the status of a sender in a few words.
func statusWord(s inventory.Sender) string {
	if s.Status == inventory.Hinted && s.Listed() {
		return "in the record, not let in"
	}
	return statusWords[s.Status]
}

// volume is a number of messages, "" for none.
func volume(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func (p *program) aligned(a inventory.Alignment) ui.Styled {
	word := answerWords[a.Aligned]
	if a.Aligned == inventory.Yes && a.Basis != inventory.Observed {
		word += "*"
	}
	return p.out.As(answerStyles[a.Aligned], word)
}

// knownBy names the kinds of signs, strongest first.
func knownBy(s inventory.Sender) string {
	var kinds []string
	for _, sig := range s.Signals {
		if w := signalWords[sig.Kind]; !slices.Contains(kinds, w) {
			kinds = append(kinds, w)
		}
	}
	return strings.Join(kinds, ", ")
}

// shownSteps is how many steps of one sender are printed; JSON has them all.
const shownSteps = 6

func (p *program) showSetup(inv inventory.Inventory) {
	o := p.out
	title := true
	for _, s := range inv.Senders {
		if len(s.Setup) == 0 {
			continue
		}
		if title {
			o.Heading("What is left to do")
			title = false
		}
		o.Text("  ", "%s: %s", o.As(ui.Bold, s.Name), s.Sentence)
		for _, a := range []struct {
			what string
			inventory.Alignment
		}{{"SPF", s.SPF}, {"DKIM", s.DKIM}} {
			if a.Aligned != inventory.Yes {
				o.Text("    ", "%s: %s", a.what, a.Why)
			}
		}
		before := ""
		for _, st := range s.Setup[:min(len(s.Setup), shownSteps)] {
			if st.Text != before { // of several records, the words stand once
				o.Text("    - ", "%s", st.Text)
			}
			if st.Text != before && st.Confidence == "low" && s.Catalogue != nil {
				o.Text("      ", "%s", o.As(ui.Yellow, "No published source confirms this: compare it with the service's own guide."))
			}
			if st.Name != "" && st.Kind != inventory.StepSPF {
				o.Raw(6, st.Name+" "+st.Type+" "+cmp.Or(st.Value, "…")) // … where only the service can tell it
			} else if st.Value != "" {
				o.Raw(6, st.Value)
			}
			before = st.Text
		}
	}
}

// shownClaims is how many origins of unproven mail are printed.
const shownClaims = 10

func (p *program) showClaims(inv inventory.Inventory) {
	if len(inv.Claims) == 0 {
		return
	}
	o := p.out
	o.Heading("In your name, and not shown to be yours")
	o.Text("  ", "Forged mail looks like this, and so does a sender that was forgotten. None of these is put into any record. If one is yours, name it with --service, --host or --ip.")
	rows := [][]any{}
	for _, c := range inv.Claims[:min(len(inv.Claims), shownClaims)] {
		rows = append(rows, []any{c.Name, c.Claimed.Count, knownBy(c)})
	}
	o.Table(2, rows)
	if n := len(inv.Claims) - shownClaims; n > 0 {
		o.Line("  and %d more", n)
	}
}

func (p *program) showSentences(title string, list []string) {
	if len(list) == 0 {
		return
	}
	p.out.Heading("%s", title)
	for _, s := range list {
		p.out.Text("  - ", "%s", s)
	}
}

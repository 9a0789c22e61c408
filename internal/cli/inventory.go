package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/spf13/cobra"

	"unspoof/internal/census"
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

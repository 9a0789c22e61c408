package cli

import (
	"bufio"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"unspoof/forensics"
	"unspoof/internal/cli/ui"
	"unspoof/internal/intake"
	"unspoof/internal/investigation"
)

type investigateOptions struct {
	domains  []string
	address  string
	profile  string
	maillogs []string
	complete bool
	events   []string
	now      string
}

func newInvestigate(p *program) *cobra.Command {
	opts := investigateOptions{}
	cmd := &cobra.Command{
		Use:   "investigate PATH… --domain DOMAIN",
		Short: "Was I hacked, or is my name only forged? Reads the messages that came back",
		Long: `Reads the messages that came back for mail you never sent and tells whether
somebody is inside your account, or only writes your address on mail of his own,
with the header lines that this rests on and who could have forged each.

PATH is a message (.eml), a mailbox (mbox), a Maildir, a folder, a zip or gzip
archive of these, or - for standard input. Give the messages as they came
("save as", "download original"); text copied from a window has lost the lines
that matter.

Name your domain; the rest is taken from DNS. One thing DNS cannot know: is what
it names all that sends for you? You are asked; --complete answers yes. Whoever
knows more writes it into a profile (--profile). With a profile that has a dns
map, or with --dns, nothing is asked of the network. Without them, DNS is asked
about your own domain, and about the servers that reported and handed over the
mail; nothing else of a message ever leaves this computer.`,
		Example: `  unspoof investigate bounces.mbox --domain example.com
  unspoof investigate ~/Maildir --domain example.com --complete --maillog /var/log/mail.log
  unspoof investigate bounces.zip --address anna@mailbox.example
  unspoof investigate bounces/ --domain example.com --event password-changed@2024-06-03T12:00:00Z:anna
  unspoof investigate eml/ --profile profile.yaml --json`,
		Args: needPaths,
		Annotations: exits(`  0  the mail was yours: nothing points to an intruder or a forger
  1  forged (spoofed) or hacked (compromised)
  2  wrong usage, or there was no message to read
  3  it could not be decided; the answer names the one thing that would
  130  interrupted`),
		RunE: func(cmd *cobra.Command, args []string) error { return p.investigate(cmd, opts, args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVar(&opts.domains, "domain", nil, "your own `DOMAIN`; may be repeated")
	f.StringVar(&opts.address, "address", "", "your `ADDRESS` at a mail provider, when you have no domain of your own")
	f.StringVar(&opts.profile, "profile", "", "what you know of your own mail, a YAML `FILE`")
	f.StringArrayVar(&opts.maillogs, "maillog", nil, "log of your mail server (Postfix or Exim), a `FILE`; repeated for older ones, oldest first")
	f.BoolVar(&opts.complete, "complete", false, "what DNS and the profile name is all that sends for you")
	f.StringArrayVar(&opts.events, "event", nil, "what you did about it and when, as `TYPE@TIME[:ACCOUNT]`; may be repeated. TYPE is one of\n"+joinTypes())
	f.StringVar(&opts.now, "now", "", "count rates up to this `TIME` instead of now (RFC 3339 or Unix seconds)")
	return cmd
}

func (p *program) investigate(cmd *cobra.Command, opts investigateOptions, paths []string) error {
	now, err := clock(cmd)
	if err != nil {
		return err
	}
	resolver, err := p.resolver(opts.profile)
	if err != nil {
		return err
	}
	own, err := p.ownMail(cmd.Context(), opts, resolver, now, slices.Contains(paths, "-"))
	if err != nil {
		return err
	}
	source, done := p.intakeArgs(paths, !p.json)
	defer done()
	args := investigation.Args{Source: intake.Messages(cmd.Context(), source), Profile: own.profile, Resolver: resolver, Now: now}

	var seen evidence
	stream := bufio.NewWriter(ui.JSON(p.Stdout))
	writer := investigation.NewWriter(stream)
	args.Each = seen.add
	if p.json {
		args.Each = writer.Message
	}
	res, err := investigation.Run(cmd.Context(), args)
	done()
	if err != nil {
		return err
	}
	p.tellUnread(res)
	if res.Mailbox.Read == 0 {
		return usage("there was no message to judge", "")
	}
	if p.json {
		if own.open() {
			p.complain("%s Is this all that sends mail for you? If so, add --complete", own.question)
		}
		err = errors.Join(writer.Finish(res), stream.Flush())
	} else {
		p.showReport(res.Mailbox, seen, own)
	}
	return errors.Join(err, verdictStatus(res.Mailbox.Verdict))
}

func (p *program) tellUnread(res investigation.Result) {
	for _, e := range res.Unread {
		p.complain("%s", e.Sentence())
	}
	if res.More > 0 {
		p.complain("and %d more that could not be read", res.More)
	}
}

// verdictStatus is the exit status of a verdict.
func verdictStatus(v forensics.Verdict) error {
	switch v {
	case forensics.Spoofed, forensics.Compromised:
		return status(exitFinding)
	case forensics.Unknown:
		return status(exitUnknown)
	}
	return nil
}

// evidence keeps the messages that the report shows as examples: the clearest
// of each verdict and subtype.
type evidence struct {
	all      int
	examples []example
}

type example struct {
	file      string
	judgement forensics.Judgement
}

var byConfidence = []forensics.Confidence{forensics.Low, forensics.Medium, forensics.High}

func (e *evidence) add(m investigation.Message) error {
	e.all++
	j := m.Judgement
	for i, x := range e.examples {
		if x.judgement.Verdict != j.Verdict || x.judgement.Subtype != j.Subtype {
			continue
		}
		if slices.Index(byConfidence, j.Confidence) > slices.Index(byConfidence, x.judgement.Confidence) {
			e.examples[i] = example{m.File, j}
		}
		return nil
	}
	e.examples = append(e.examples, example{m.File, j})
	return nil
}

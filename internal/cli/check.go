package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/finding"
	"unspoof/internal/fleet"
	"unspoof/posture"
)

// checkOptions are those of check.
type checkOptions struct {
	domains     []string
	full        bool
	concurrency int
	format      string
	baseline    string
	failOn      string
	resume      string
	all         bool
	noLists     bool
}

func newCheck(p *program) *cobra.Command {
	var opts checkOptions
	var probes probeOptions
	cmd := &cobra.Command{
		Use:   "check DOMAIN…|@FILE|-",
		Short: "Who can send as this domain today, and what to publish first",
		Long: `Asks DNS what a domain tells receivers about mail in its name: who can send as it
today, what is wrong with its records, and the single next step. Only DNS is
asked; no mail is sent and no server is tried. --all shows more than most need.

Up to four addresses of the domain's servers are asked for in block lists, whose
operators so learn of them: zen.spamhaus.org (free for few questions that are not
for trade, and not through public resolvers), b.barracudacentral.org (answers
resolvers registered with it), bl.spamcop.net and psbl.surriel.com (for anybody, in
moderation). --no-blocklists leaves that out, as it is of lists of domains.

With --probe the domain's own mail servers are asked, too, for open relay, logins,
TLS and the like, slowly, and only where their owner agreed to it in DNS; what to
publish for that is shown. Servers on this machine need no such word, but have to
be named with --probe-host. Nothing is sent but to your own --probe-recipient.
With --registration the registry is asked, too.

With @FILE the domains are read from a list, one a line, and with - from standard
input; empty lines and what follows a # are passed over, and lines that hold no
domain are named and left out. Of a list each domain is checked quickly, with at
most twelve questions, unless --full is given, and shown on one line.

--resume FILE keeps a journal of what is done: the same command, given again after
it was stopped, goes on from there, and what is done already is shown, not asked
again. Domains for which DNS left a question open are asked again.

--baseline FILE shows only what changed since an earlier run, of which FILE is the
journal, or the JSON if that run had no baseline itself. The journal is the better:
it remembers what was last known of domains for which DNS did not answer. What
cannot be compared for want of an answer is told apart, and is not new.

CSV has a row a domain; cells that a spreadsheet would run as a formula begin with
an apostrophe. Its columns: ` + columns() + `.
SARIF (2.1.0) has a result for each finding of low severity or worse, and of the
others with --fail-on info. With a baseline it has all of them, each marked new,
updated, unchanged or absent: upload the file of every run whole, since what is
missing from one counts as mended.`,
		Example: `  unspoof check example.com
  unspoof check example.com example.net --json
  unspoof check @domains.txt --format csv > domains.csv
  unspoof check example.com --probe --registration
  unspoof check @domains.txt --resume today.journal --baseline yesterday.journal --fail-on high`,
		ValidArgsFunction: cobra.NoFileCompletions,
		Annotations: exits(`  0  receivers are told to refuse forged mail, and nothing needs action
  1  a finding of medium severity or worse, or of the one given by --fail-on;
     with --baseline, one that is new or worse
  2  wrong usage
  3  it could not be determined: DNS did not answer, or a server that was to be
     probed did not, or may not be`),
		RunE: func(cmd *cobra.Command, args []string) error {
			args = append(args, opts.domains...)
			if probes.given() {
				return p.checkProbed(cmd, opts, probes, args)
			}
			return p.check(cmd, opts, args)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVar(&opts.domains, "domain", nil, "another `DOMAIN`; may be repeated")
	f.BoolVar(&opts.full, "full", false, "ask everything of each domain of a list, not only what its grade needs most")
	f.IntVar(&opts.concurrency, "concurrency", fleet.DefaultConcurrency, fmt.Sprintf("check `N` domains at a time, at most %d", fleet.MaxConcurrency))
	f.StringVar(&opts.format, "format", "text", "print `FORMAT`: text, json, csv or sarif")
	f.StringVar(&opts.resume, "resume", "", "keep what is done in the journal `FILE`, and go on from there")
	f.StringVar(&opts.baseline, "baseline", "", "show only what changed since the run that wrote `FILE`")
	f.BoolVar(&opts.all, "all", false, "print every kind of forgery, block lists, what large providers ask, and what was\nnot asked; --json has it anyway")
	f.BoolVar(&opts.noLists, "no-blocklists", false, "don't ask block lists about the domain's addresses")
	f.StringVar(&opts.failOn, "fail-on", "", "end with status 1 from this `SEVERITY` on: critical, high, medium, low or info")
	probes.flags(cmd)
	return cmd
}

// columns names those of the CSV, folded as the text around them.
func columns() string {
	const width = 82
	var b strings.Builder
	room := width - len("an apostrophe. Its columns: ")
	for i, name := range fleet.Columns {
		if i > 0 {
			b.WriteByte(',')
			room--
			if room < len(name)+2 {
				b.WriteByte('\n')
				room = width
			} else {
				b.WriteByte(' ')
				room--
			}
		}
		b.WriteString(name)
		room -= len(name)
	}
	return b.String()
}

// checking is one run of check.
type checking struct {
	*program
	opts   checkOptions
	format string
	failOn finding.Severity
	input  *checkInput
	args   fleet.Args
	writer fleet.Writer // nil for text
	sarif  *fleet.SARIF // the writer, where it is that

	bad, open bool // a finding that counts; something that could not be determined
	skipped   int
	tally     tally
}

func (p *program) check(cmd *cobra.Command, opts checkOptions, typed []string) error {
	c := &checking{program: p, opts: opts}
	if err := c.options(); err != nil {
		return err
	}
	var err error
	if c.input, err = p.checkInput(typed); err != nil {
		return err
	}
	defer c.input.Close()
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	if err := c.files(); err != nil {
		return err
	}
	defer c.close()
	c.prepare(resolver)
	return c.run(cmd.Context())
}

// options reads what the flags say.
func (c *checking) options() error {
	c.format = c.opts.format
	switch {
	case c.format != "text" && c.format != "json" && c.format != "csv" && c.format != "sarif":
		return usage(fmt.Sprintf("--format: there is no format %q", c.format), "it is text, json, csv or sarif")
	case c.json && c.format != "text" && c.format != "json":
		return usage("--json and --format "+c.format+" were both given", "leave one out")
	case c.json:
		c.format = "json"
	}
	if n := c.opts.concurrency; n < 1 || n > fleet.MaxConcurrency {
		return usage(fmt.Sprintf("--concurrency %d is out of range", n), fmt.Sprintf("it is 1 to %d", fleet.MaxConcurrency))
	}
	c.failOn = finding.Moderate
	if c.opts.failOn != "" {
		s, ok := finding.ParseSeverity(c.opts.failOn)
		if !ok {
			return usage(fmt.Sprintf("--fail-on: %q is no severity", c.opts.failOn), "it is critical, high, medium, low or info")
		}
		c.failOn = s
	}
	if sameFile(c.opts.resume, c.opts.baseline) {
		return usage("--resume and --baseline name the same file", "compare with the journal of an earlier run, and keep this one in another")
	}
	return nil
}

// sameFile tells two names of one file, however they are spelled.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return a == b || errX == nil && errY == nil && os.SameFile(x, y)
}

// count takes a result into the exit status.
func (c *checking) count(r fleet.Result) {
	for _, f := range r.Counted() {
		c.bad = c.bad || f.Severity.AtLeast(c.failOn)
	}
	c.open = c.open || r.Report.Verdict.Exposure == posture.Undecided
}

// exit is the status of all results: a finding is certain, whatever else is not.
func (c *checking) exit() int {
	switch {
	case c.bad:
		return exitFinding
	case c.open:
		return exitUnknown
	}
	return exitFine
}

// answered gives the exit status of an answer that was printed. One that could
// not be written whole has none: err is why, or what the output met.
func (p *program) answered(err error, code int) error {
	if err == nil {
		err = p.out.Err()
	}
	switch {
	case err != nil:
		return fmt.Errorf("the answer could not be written: %w", err)
	case code != exitFine:
		return status(code)
	}
	return nil
}

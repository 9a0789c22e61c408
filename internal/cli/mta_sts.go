package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"unspoof/dns"
	"unspoof/internal/cli/ui"
	"unspoof/plan"
	"unspoof/tlspolicy"
)

func newMTASTS(p *program) *cobra.Command {
	return group("mta-sts", "Build the MTA-STS policy of your domain", newMTASTSBuild(p))
}

type stsOptions struct {
	req  plan.STSRequest
	mode string
	out  string
}

func newMTASTSBuild(p *program) *cobra.Command {
	opts := stsOptions{}
	cmd := &cobra.Command{
		Use:   "build --domain DOMAIN",
		Short: "Make the policy file and the record so that mail to you is always encrypted",
		Long: `Makes the MTA-STS policy file, which has to be served over HTTPS, and the DNS
record that announces it (RFC 8461), with what must be true before. Begin with
testing, which only reports; when the TLS reports show no failures, go on to
enforce. Nothing is published.`,
		Example: `  unspoof mta-sts build --domain example.com
  unspoof mta-sts build --domain example.com --mode enforce --policy-file mta-sts.txt`,
		Args: noArgs,
		Annotations: exits(`  0  made, or nothing is left to do
  1  made, but something that must be true before is not,
     or DNS has no such domain
  2  wrong usage, or the domain takes no mail
  3  DNS did not answer everything`),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.mtaSTSBuild(cmd, opts) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&opts.req.Domain, "domain", "", "your `DOMAIN`")
	f.StringVar(&opts.mode, "mode", "", "`MODE` testing, enforce or none (default: testing, if there is no policy yet)")
	f.StringArrayVar(&opts.req.MX, "mx", nil, "a mail exchanger by its `NAME`, or *.NAME; may be repeated\n(default: those of the MX records)")
	f.StringVar(&opts.req.ID, "id", "", "`ID` of the policy: letters and digits, another for each change\n(default: the time)")
	f.DurationVar(&opts.req.MaxAge, "max-age", 0, "how long senders keep it, a `SPAN` such as 168h\n(default: a day while testing, else 30 days)")
	f.StringVar(&opts.out, "policy-file", "", "write the policy to `FILE`, which must not be there")
	cmd.RegisterFlagCompletionFunc("mode", cobra.FixedCompletions([]string{"testing", "enforce", "none"}, cobra.ShellCompDirectiveNoFileComp))
	p.formsFlag(cmd)
	return cmd
}

type stsJSON struct {
	Schema int `json:"schema"`
	plan.STSPlan
}

// stsID is the id of a policy made now, as most make it.
func stsID(now time.Time) string { return now.UTC().Format("20060102150405") }

func (p *program) mtaSTSBuild(cmd *cobra.Command, opts stsOptions) error {
	if opts.req.Domain == "" {
		return usage("--domain is missing", "name the domain that is to get the policy: --domain example.com")
	}
	if _, err := domainNames([]string{opts.req.Domain}); err != nil {
		return err
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	opts.req.Mode = tlspolicy.Mode(opts.mode)
	if opts.req.ID == "" {
		opts.req.ID = stsID(time.Now())
	}
	made, err := plan.BuildSTS(cmd.Context(), opts.req, resolver)
	if err != nil {
		if cmd.Context().Err() != nil {
			return cmd.Context().Err()
		}
		return stsFailed(err)
	}
	if opts.out != "" {
		if err := savePolicy(opts.out, made.Policy); err != nil {
			return err
		}
	}
	if p.json {
		err = p.printJSON(stsJSON{schema, made})
	} else {
		p.showSTS(made)
	}
	if p.unknownName(made.Missing, made.Domain) {
		return p.answered(err, exitFinding)
	}
	return p.answered(err, stepStatus(made.Step, made.Unsure))
}

// stsFailed gives the right status: an answer that DNS owes is no wrong usage.
func stsFailed(err error) error {
	text := errors.New(origin.ReplaceAllString(err.Error(), ""))
	if isFault(err) {
		return &helpful{err: text, code: exitUnknown, hint: "name the exchangers with --mx, or ask again"}
	}
	hint := ""
	if errors.Is(err, plan.ErrNoExchanger) {
		hint = "for a domain without mail there is: unspoof parked build"
	}
	return &helpful{err: text, code: exitUsage, hint: hint}
}

// savePolicy writes the file that is to be served, never over another.
func savePolicy(name, text string) error {
	if text == "" {
		return usage("--policy-file: today's policy is to stay, so there is none to write", "ask for one with --mode")
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return usage("--policy-file: "+err.Error(), "name a file that is not there yet")
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("the policy was not saved: %w", err)
	}
	return nil
}

// stepStatus is the exit status of a plan of one step.
func stepStatus(s plan.Step, unsure bool) int {
	if s.Open() {
		for _, c := range s.Before {
			if c.State == plan.NotMet {
				return exitFinding
			}
		}
	}
	if unsure {
		return exitUnknown
	}
	return exitFine
}

func (p *program) showSTS(made plan.STSPlan) {
	if made.Policy != "" {
		p.out.Line("%s", p.out.As(ui.Bold, "The MTA-STS policy of "+made.Domain))
		p.showPolicy(made)
	}
	p.showPlanStep(made.Step)
}

// showPolicy prints the file that the record announces.
func (p *program) showPolicy(made plan.STSPlan) {
	p.out.Line("  to be served at %s:", made.URL)
	for line := range strings.Lines(made.Policy) {
		p.out.Raw(4, strings.TrimRight(line, "\r\n"))
	}
}

// isFault reports that DNS did not answer.
func isFault(err error) bool {
	var fault *dns.Error
	return errors.As(err, &fault)
}

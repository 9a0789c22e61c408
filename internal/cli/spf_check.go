package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"unspoof/internal/cli/ui"
	"unspoof/spf"
)

func newSPF(p *program) *cobra.Command {
	return group("spf", "Check, explain and build SPF records", newSPFCheck(p), newSPFExplain(p), newSPFLint(p), newSPFBuild(p), newSPFCost(p), newSPFFlatten(p), newSPFDrift(p), newSPFSets(p), newSPFDiff(p))
}

type spfCheckOptions struct {
	ip, from, helo string
}

func newSPFCheck(p *program) *cobra.Command {
	opts := spfCheckOptions{}
	cmd := &cobra.Command{
		Use:   "check --ip IP --from ADDRESS [--helo NAME]",
		Short: "May this address send for that domain?",
		Long: `Evaluates SPF (RFC 7208) as a receiving server does: may the client at IP send
mail with the envelope sender ADDRESS, and which term of which record says so.
ADDRESS may be empty, as in a bounce; then NAME, by which the client greets, is
checked.`,
		Example: `  unspoof spf check --ip 192.0.2.1 --from anna@example.com
  unspoof spf check --ip 2001:db8::1 --from "" --helo mail.example.com --json`,
		Args: noArgs,
		Annotations: exits(`  0  pass; or none or neutral, where the domain says nothing about this client
  1  fail or softfail: the client may not send for the domain; or permerror:
     the record is broken, so that it protects nobody
  2  wrong usage
  3  temperror: DNS did not answer`),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.spfCheck(cmd, opts) },
	}
	cmd.Flags().StringVar(&opts.ip, "ip", "", "`IP` address of the client that sends")
	cmd.Flags().StringVar(&opts.from, "from", "", "envelope sender, an `ADDRESS` or a domain; may be empty")
	cmd.Flags().StringVar(&opts.helo, "helo", "", "`NAME` by which the client greets (EHLO)")
	return cmd
}

type spfCheckJSON struct {
	Schema int `json:"schema"`
	spf.Result
}

func (p *program) spfCheck(cmd *cobra.Command, opts spfCheckOptions) error {
	if opts.ip == "" {
		return usage("--ip is missing", "give the address of the client: --ip 192.0.2.1")
	}
	ip, err := netip.ParseAddr(strings.Trim(opts.ip, "[]"))
	if err != nil {
		return usage(fmt.Sprintf("--ip %q is no IP address", opts.ip), "write it as 192.0.2.1 or 2001:db8::1, without a port")
	}
	from := strings.Trim(opts.from, "<>")
	if from == "" && opts.helo == "" {
		return usage("--from is missing", "give the envelope sender (--from anna@example.com), or the greeting name (--helo) of a bounce")
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	checker := spf.Checker{Resolver: resolver, Trace: true}
	args := spf.Args{IP: ip, HELO: opts.helo, MailFrom: from, Time: time.Now()}
	res := checker.Check(cmd.Context(), args)
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	if p.json {
		if res.Trace == nil {
			res.Trace = []spf.Step{}
		}
		err = p.printJSON(spfCheckJSON{schema, res})
	} else {
		p.showSPFResult(args, res)
	}
	return errors.Join(err, spfStatus(res.Result))
}

// spfStatus is the exit status of a result of check_host.
func spfStatus(w spf.Word) error {
	switch w {
	case spf.Fail, spf.SoftFail, spf.PermError:
		return status(exitFinding)
	case spf.TempError:
		return status(exitUnknown)
	}
	return nil
}

var spfStyles = map[spf.Word]ui.Style{
	spf.Pass: ui.Green, spf.Fail: ui.Red, spf.SoftFail: ui.Yellow, spf.Neutral: ui.Yellow,
	spf.None: ui.Yellow, spf.PermError: ui.Red, spf.TempError: ui.Yellow,
}

func (p *program) showSPFResult(args spf.Args, res spf.Result) {
	o := p.out
	o.Text("", "%s. %s", o.As(spfStyles[res.Result], strings.ToUpper(string(res.Result))), res.Sentence(args))
	if res.Explanation != "" {
		o.Text("  ", "The domain explains: %s", res.Explanation)
	}
	if len(res.Trace) > 0 {
		o.Heading("How it came about")
		for _, s := range res.Trace {
			p.showStep(s)
		}
	}
	o.Line("")
	o.Line("%d of 10 look-ups, %d of 2 empty ones", res.Lookups, res.Voids)
}

func (p *program) showStep(s spf.Step) {
	o := p.out
	indent := strings.Repeat("  ", s.Depth+1)
	said := s.Term
	if said == "" && s.Record != "" {
		said = "record of " + s.Domain + ": " + s.Record
	} else if said == "" {
		said = s.Domain
	}
	if s.Expansion != "" && s.Expansion != s.Term {
		said += " → " + s.Expansion
	}
	if s.Query != "" && s.Record == "" {
		said += "  [" + s.Query + ": " + s.Answer + "]"
	}
	switch {
	case s.Match:
		said += "  matches"
	case s.Note != "":
		said += "  (" + s.Note + ")"
	}
	o.Text(indent, "%s", said)
}

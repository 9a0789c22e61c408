package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/arc"
	"unspoof/dmarc"
	"unspoof/internal/cli/ui"
	"unspoof/internal/inspect"
)

type inspectOptions struct {
	ip, helo, from, now string
	fromGiven           bool
}

func newInspect(p *program) *cobra.Command {
	opts := inspectOptions{}
	cmd := &cobra.Command{
		Use:   "inspect MESSAGE",
		Short: "Who really sent this message?",
		Long: `Reads one message and says who sent it, as far as that can be known: which of its
lines can be trusted, which of its names differ, what its signatures and the
policies of its author's domain say, and what it only pretends. MESSAGE is a
file, the message as it came ("save as", "download original"), or - for
standard input.

Who handed it over is taken from the line of the server that took it in, unless
you give it: --ip, --helo and --mail-from are what the sending server gave.

No link in it is followed, nothing is fetched, no receipt is sent. Only DNS is
asked: about the domains that the message names, with --dns nobody.`,
		Example: `  unspoof inspect suspicious.eml
  unspoof inspect suspicious.eml --now 2026-01-31T12:00:00Z --json
  unspoof inspect handed-over.eml --ip 192.0.2.1 --helo mail.example.com --mail-from anna@example.com`,
		Args: oneMessage,
		Annotations: exits(`  0  the author's domain stands by it, and it pretends nothing
  1  nothing shows that it is from where it says, or it pretends to be another's
  2  wrong usage, or the file cannot be read
  3  it cannot be told: DNS did not answer, it is not known how the message came,
     or the author's domain has no policy and nothing else speaks for it`),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.fromGiven = cmd.Flags().Changed("mail-from")
			return p.inspect(cmd, args[0], opts)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&opts.ip, "ip", "", "`IP` address of the server that handed the message over")
	f.StringVar(&opts.helo, "helo", "", "`NAME` by which it greeted (EHLO)")
	f.StringVar(&opts.from, "mail-from", "", "envelope sender, an `ADDRESS`; empty for a bounce")
	f.StringVar(&opts.now, "now", "", "judge as at this `TIME` instead of now (RFC 3339 or Unix seconds)")
	return cmd
}

type inspectJSON struct {
	Schema int `json:"schema"`
	inspect.Result
}

func (p *program) inspect(cmd *cobra.Command, file string, opts inspectOptions) error {
	args := inspect.Args{HELO: opts.helo, HasMailFrom: opts.fromGiven}
	var err error
	if args.MailFrom, err = envelopeSender(opts.from); err != nil {
		return err
	}
	if opts.helo != "" && !isHost(opts.helo) {
		return usage(fmt.Sprintf("--helo %q is neither a name nor an address in brackets", opts.helo), "write it as mail.example.com or [192.0.2.1]")
	}
	if opts.ip != "" {
		if args.IP, err = netip.ParseAddr(strings.Trim(opts.ip, "[]")); err != nil {
			return usage(fmt.Sprintf("--ip %q is no IP address", opts.ip), "write it as 192.0.2.1 or 2001:db8::1, without a port")
		}
	}
	if args.Now, err = clock(cmd); err != nil {
		return err
	}
	if args.Resolver, err = p.resolver(""); err != nil {
		return err
	}
	if args.Message, err = p.readMessage(file); err != nil {
		return err
	}
	res, err := inspect.Inspect(cmd.Context(), args)
	if cerr := cmd.Context().Err(); cerr != nil {
		return cerr
	}
	if err != nil {
		return err
	}
	if p.json {
		err = p.printJSON(inspectJSON{schema, res})
	} else {
		p.showInspected(res)
	}
	return errors.Join(err, inspectStatus(res))
}

func inspectStatus(res inspect.Result) error {
	switch {
	case res.Forged():
		return status(exitFinding)
	case res.Vouched():
		return nil
	}
	return status(exitUnknown)
}

func (p *program) showInspected(res inspect.Result) {
	o := p.out
	style := ui.Yellow
	switch {
	case res.Forged():
		style = ui.Red
	case res.Vouched():
		style = ui.Green
	}
	o.Text("", "%s", o.As(style, res.Sender))
	if len(res.Findings) > 0 {
		o.Heading("What to know")
		for _, f := range res.Findings {
			lead := "  - "
			if f.Alarm {
				lead = "  " + string(o.As(ui.Red, "! "))
			}
			o.Text(lead, "%s", f.Text)
		}
	}
	p.showIdentities(res)
	p.showChecks(res)
	p.showHops(res.Hops)
	if len(res.Reported) > 0 {
		o.Heading("What your servers found when it came")
		for _, r := range res.Reported {
			p.showResults(r.Results)
		}
	}
	if len(res.Notes) > 0 {
		o.Heading("What is not certain")
		for _, n := range res.Notes {
			o.Text("  - ", "%s", n)
		}
	}
}

var relationWords = map[inspect.Relation]string{
	inspect.SameAddress: "the same address", inspect.SameDomain: "the same domain", inspect.SameOrg: "the same organisation",
	inspect.Other: "another organisation", inspect.NoneOfDomain: "",
}

func (p *program) showIdentities(res inspect.Result) {
	p.out.Heading("Who it says it is from")
	rows := [][]any{}
	for _, id := range res.Identities {
		shown := id.Address
		switch {
		case id.Address == "" && id.Field == "MAIL FROM":
			shown = "nobody (a bounce)"
		case id.Address == "":
			shown = "no address"
		}
		if id.Name != "" {
			shown = "“" + ui.Cut(ui.Clean(id.Name), shownTag) + "” " + shown
		}
		if words := relationWords[id.Relation]; words != "" {
			shown += " (" + words + ")"
		}
		rows = append(rows, []any{fieldWords(id.Field), shown})
	}
	if res.Subject != "" {
		rows = append(rows, []any{"Subject", res.Subject})
	}
	p.out.Table(2, rows)
}

// fieldWords explains the fields that people do not see.
func fieldWords(field string) string {
	if field == "MAIL FROM" {
		return "envelope (MAIL FROM)"
	}
	return field
}

func (p *program) showChecks(res inspect.Result) {
	o := p.out
	o.Heading("What vouches for it (%s)", stamp(res.Now))
	add := func(label, word, text string) {
		o.Text("  "+label, "%s%s", o.As(resultStyles[word], word), text)
	}
	word, text := spfLine(res)
	add("SPF    ", word, text)
	switch {
	case len(res.DKIM.Results) > 0:
	case res.DKIM.TooLong:
		add("DKIM   ", "none", ": not checked, as the header is too long")
	default:
		add("DKIM   ", "none", ": no signature")
	}
	for _, s := range res.DKIM.Results {
		add("DKIM   ", string(s.Result), ": "+signer(s)+", "+s.Reason)
		p.notes("         ", s.Notes)
	}
	if res.ARC.Result != arc.None {
		text := ": passed on by " + sealers(res.ARC) + "; a hint, no proof"
		if res.ARC.Reason != "" && res.ARC.Result != arc.Pass {
			text = ": " + res.ARC.Reason
		}
		add("ARC    ", string(res.ARC.Result), text)
	}
	add("DMARC  ", string(res.Verdict), ": "+dmarcLine(res))
	if h := res.HandOver; h != nil {
		o.Text("  ", "When it was handed over (%s), a signature was good that has expired since; then DMARC was %s: %s",
			stamp(h.Time), o.As(resultStyles[string(h.Verdict)], string(h.Verdict)), sentence(h.Reason))
	}
	p.notes("  ", res.DKIM.Notes)
}

// spfLine says what SPF found, and what it was asked with.
func spfLine(res inspect.Result) (word, text string) {
	if res.Known.IP == "" {
		return "none", ": not checked, as it is not known which address handed the message over"
	}
	text = fmt.Sprintf(": %s for %s", res.IP, orUnknown(res.SPF.Domain))
	if res.SPF.Identity == "helo" {
		text += " (its greeting, as the envelope names nobody)"
	}
	if res.SPF.Cause != "" {
		text += ", " + res.SPF.Cause
	}
	if from := res.Known.IP; from != inspect.Given {
		text += "; the address is from " + from
	}
	if res.Known.MailFrom == "" {
		text += "; the envelope sender is not known"
	}
	return string(res.SPF.Result.Result), text
}

func orUnknown(domain string) string {
	if domain == "" {
		return "no domain"
	}
	return domain
}

func sealers(res arc.Result) string {
	var names []string
	for _, s := range res.Sets {
		names = append(names, s.Sealer)
	}
	if len(names) == 0 {
		return "nobody that can be read"
	}
	return strings.Join(names, ", ")
}

func dmarcLine(res inspect.Result) string {
	text := sentence(res.Reason)
	if res.Disposition != "" && res.Verdict == dmarc.VerdictFail {
		text += " For this message: " + string(res.Disposition) + "."
	}
	return text
}

func (p *program) showHops(hops []inspect.Hop) {
	if len(hops) == 0 {
		return
	}
	o := p.out
	o.Heading("The way it took (the last step first)")
	claimed := 0
	for _, h := range hops {
		mark := o.As(ui.Green, "seen")
		switch h.Trust {
		case inspect.Border:
			mark = o.As(ui.Bold, "here")
		case inspect.Claimed:
			mark = o.As(ui.Dim, "says")
			claimed++
		}
		o.Text("  "+string(mark)+"  ", "%s", hopWords(h))
		if h.Trust != inspect.Claimed || claimed == 1 {
			o.Text("        ", "%s", o.As(ui.Dim, h.Why))
		}
	}
}

func hopWords(h inspect.Hop) string {
	from := h.Name
	if from == "" && h.HELO != "" {
		from = "HELO " + h.HELO
	} else if h.HELO != "" && !strings.EqualFold(h.HELO, h.Name) {
		from += " (HELO " + h.HELO + ")"
	}
	if h.IP.IsValid() {
		from = strings.TrimSpace(from + " [" + h.IP.String() + "]")
	}
	if from == "" {
		from = "(not said)"
	}
	by := h.By
	if by == "" {
		by = "(not said)"
	}
	text := from + " → " + by
	if h.LoggedIn {
		text += ", logged in"
		if h.User != "" {
			text += " as " + h.User
		}
	}
	if !h.Time.IsZero() {
		text += ", " + stamp(h.Time)
	}
	return fmt.Sprintf("%s (line %d)", text, h.Line)
}

package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/dkim"
	"unspoof/dns"
	"unspoof/internal/cli/ui"
)

func newDKIM(p *program) *cobra.Command {
	return group("dkim", "Make keys, sign, verify and explain DKIM signatures",
		newDKIMVerify(p), newDKIMExplain(p), newDKIMLint(p), newDKIMKeygen(p), newDKIMSetup(p), newDKIMSign(p))
}

func newDKIMVerify(p *program) *cobra.Command {
	now := ""
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Is the message as its signer sent it?",
		Long: `Checks every DKIM signature (RFC 6376) of a message: who signed it, whether
header and body are still what was signed, and why not. FILE is one message as
it came, or - for standard input; it is read once, whatever its size.

A signature says which domain answers for the message, not that the message is
honest, nor that the domain is that of the From line: see unspoof inspect.`,
		Example: `  unspoof dkim verify message.eml
  unspoof dkim verify message.eml --dns answers.zone --now 2026-01-31T12:00:00Z --json`,
		Args: oneMessage,
		Annotations: exits(`  0  at least one signature passes
  1  none passes, or there is none
  2  wrong usage, or the file cannot be read
  3  none passes, but of one the key could not be had (DNS did not answer),
     or the header is too long to be checked`),
		RunE: func(cmd *cobra.Command, args []string) error { return p.dkimVerify(cmd, args[0]) },
	}
	cmd.Flags().StringVar(&now, "now", "", "check as at this `TIME` instead of now (RFC 3339 or Unix seconds)")
	return cmd
}

type dkimVerifyJSON struct {
	Schema int `json:"schema"`
	dkim.Result
}

func (p *program) dkimVerify(cmd *cobra.Command, file string) error {
	now, err := clock(cmd)
	if err != nil {
		return err
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	f, err := p.openMessage(file)
	if err != nil {
		return err
	}
	defer f.Close()
	res, err := dkim.Verifier{Resolver: resolver}.Verify(cmd.Context(), dkim.Args{Rest: f, Now: now})
	if cerr := cmd.Context().Err(); cerr != nil {
		return cerr
	}
	if err != nil {
		return usage(unread(file, err), "")
	}
	if p.json {
		if res.Results == nil {
			res.Results = []dkim.SignatureResult{}
		}
		err = p.printJSON(dkimVerifyJSON{schema, res})
	} else {
		p.showSignatures(res)
	}
	return errors.Join(err, dkimStatus(res))
}

// dkimStatus is the exit status of what the signatures say together.
func dkimStatus(res dkim.Result) error {
	has := func(w dkim.Word) bool {
		return slices.ContainsFunc(res.Results, func(r dkim.SignatureResult) bool { return r.Result == w })
	}
	switch {
	case has(dkim.Pass):
		return nil
	case has(dkim.TempError), res.TooLong:
		return status(exitUnknown)
	}
	return status(exitFinding)
}

func (p *program) showSignatures(res dkim.Result) {
	switch {
	case len(res.Results) > 0:
	case res.TooLong:
		p.out.Text("", "%s. The header is longer than is read, so it is not known whether the message is signed.", p.out.As(ui.Yellow, "NOT CHECKED"))
	default:
		p.out.Text("", "%s. The message has no DKIM signature: nothing in it shows who sent it, nor that it is unchanged.", p.shout("none"))
	}
	for i, r := range res.Results {
		if i > 0 {
			p.out.Line("")
		}
		p.showSignature(r)
	}
	if res.Skipped > 0 {
		p.out.Text("", "%s more not looked at.", count(res.Skipped, "signature"))
	}
	p.notes("", res.Notes)
}

func (p *program) showSignature(r dkim.SignatureResult) {
	o := p.out
	o.Text("", "%s. %s: %s", p.shout(string(r.Result)), signer(r), r.Reason)
	var rows [][]any
	add := func(label, value string) {
		if value != "" {
			rows = append(rows, []any{label, value})
		}
	}
	add("header", halfWords[r.Header])
	add("body", bodyWords(r))
	if r.Algorithm != "" {
		key := string(r.Algorithm)
		if r.Bits > 0 {
			key += fmt.Sprintf(", key of %d bits", r.Bits)
		}
		add("made with", key+fmt.Sprintf(", %s/%s", r.HeaderCanon, r.BodyCanon))
	}
	if r.Identity != "" && r.Identity != "@"+r.Domain {
		add("on behalf of", r.Identity)
	}
	if !r.Time.IsZero() {
		add("signed", stamp(r.Time))
	}
	if !r.Expires.IsZero() {
		add("holds until", stamp(r.Expires))
	}
	add("covers", strings.Join(once(r.Signed), " "))
	add("there are more of", strings.Join(r.Unsigned, " "))
	if r.TestMode {
		add("testing", "the domain calls this key a test (t=y)")
	}
	o.Table(2, rows)
	p.notes("  ", r.Notes)
}

// once gives each name of a header field once.
func once(names []string) []string {
	var out []string
	for _, n := range names {
		if !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, n) }) {
			out = append(out, n)
		}
	}
	return out
}

// signer names who signed.
func signer(r dkim.SignatureResult) string {
	switch {
	case r.Domain == "":
		return "signature of nobody that can be read"
	case r.Selector == "":
		return dns.Canonical(r.Domain)
	}
	return dns.Canonical(r.Domain) + " (selector " + r.Selector + ")"
}

var halfWords = map[dkim.Verdict]string{
	dkim.Intact: "as it was signed", dkim.Broken: "not as it was signed", dkim.Unchecked: "not checked",
	dkim.Partial: "only its beginning is as it was signed",
}

func bodyWords(r dkim.SignatureResult) string {
	words := halfWords[r.Body]
	if r.Length >= 0 && r.BodySize > 0 {
		words += fmt.Sprintf("; %d of its %d octets are signed (l=)", min(r.Length, r.BodySize), r.BodySize)
	}
	return words
}

package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/internal/cli/ui"
	"unspoof/internal/spftext"
	"unspoof/spf"
)

type spfDiffOptions struct {
	domain, before string
}

func newSPFDiff(p *program) *cobra.Command {
	opts := spfDiffOptions{}
	cmd := &cobra.Command{
		Use:   "diff OLD [NEW]",
		Short: "Say who gains and who loses the right to send between two SPF records",
		Long: `Compares two SPF records by what they mean, not by their text: all that they
include is followed, and the answer is the addresses that gain or lose the right
to send, or get another result, and the term that is responsible.

OLD and NEW are each a record, a domain, @FILE for a file that holds a record, or
- for standard input. A record that is typed is taken for one of the other's
domain, or of --domain. To compare a domain with itself over time, answer for the
past from a recording: unspoof spf diff example.com --dns-before FILE`,
		Example: `  unspoof spf diff example.com "v=spf1 mx include:_spf.mailer.example -all"
  unspoof spf diff "v=spf1 mx ~all" "v=spf1 mx -all" --domain example.com --json
  unspoof spf diff example.com --dns-before january.json`,
		Annotations: exits(`  0  the two mean the same
  1  they don't
  2  wrong usage
  3  that could not be determined: DNS did not answer, or it depends on the message`),
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0 || len(args) == 1 && opts.before == "":
				return usage("spf diff compares two records", `give both, a record in quotes: unspoof spf diff example.com "v=spf1 mx -all"`)
			case len(args) > 2:
				return usage(fmt.Sprintf("spf diff compares two records, but got %d arguments", len(args)), `put a record in quotes: unspoof spf diff example.com "v=spf1 mx -all"`)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return p.spfDiff(cmd.Context(), args, opts) },
	}
	cmd.SetFlagErrorFunc(recordFlagHint(`unspoof spf diff example.com "v=spf1 mx -all"`))
	cmd.Flags().StringVar(&opts.domain, "domain", "", "the `DOMAIN` that publishes a record that is typed")
	cmd.Flags().StringVar(&opts.before, "dns-before", "", "answer DNS questions about OLD from `FILE` (zone file, YAML, recording)")
	return cmd
}

type diffJSON struct {
	Schema int      `json:"schema"`
	Old    diffSide `json:"old"`
	New    diffSide `json:"new"`
	spf.Difference
	Through []spftext.Sum `json:"through"`
}

type diffSide struct {
	Domain   string   `json:"domain"`
	Record   string   `json:"record"`
	Problems []string `json:"problems"`
}

func (p *program) spfDiff(ctx context.Context, args []string, opts spfDiffOptions) error {
	if len(args) == 1 {
		args = append(args, args[0])
	}
	if args[0] == "-" && args[1] == "-" {
		return usage("standard input can't be both records", "give one of them as @FILE or in quotes")
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	before := resolver
	if opts.before != "" {
		if before, err = pastAnswers(opts.before); err != nil {
			return err
		}
	}
	old, oldProblems, err := p.spfSet(ctx, before, args[0], diffDomain(opts.domain, args[1]))
	if err != nil {
		return err
	}
	now, newProblems, err := p.spfSet(ctx, resolver, args[1], diffDomain(opts.domain, args[0]))
	if err != nil {
		return err
	}
	out := diffJSON{Schema: schema, Difference: spf.Diff(old, now),
		Old: diffSide{old.Domain, old.Record, oldProblems}, New: diffSide{now.Domain, now.Record, newProblems}}
	out.Through = spftext.Sums(&out.Difference)
	if p.json {
		err = p.printJSON(out)
	} else {
		p.showDiff(&out)
	}
	switch {
	case out.changed():
		return p.answered(err, exitFinding)
	case !out.same() || !known(old) || !known(now):
		return p.answered(err, exitUnknown)
	}
	return p.answered(err, exitFine)
}

// diffDomain is whose record a text is: that of the option, or the other side
// where that is a domain.
func diffDomain(option, other string) string {
	if option == "" && other != "-" && !strings.HasPrefix(other, "@") && !looksLikeRecord(other) {
		return other
	}
	return option
}

// pastAnswers opens the file of --dns-before.
func pastAnswers(file string) (dns.Resolver, error) {
	view, err := dnsfile.Open(file)
	if err != nil {
		return nil, usage("--dns-before: "+origin.ReplaceAllString(err.Error(), ""), "name a recording of --record-dns, a zone file or YAML")
	}
	return view, nil
}

func (d *diffJSON) changed() bool {
	return !d.None() || !d.Written.None() || len(d.SymbolicGained)+len(d.SymbolicLost) > 0
}

func (d *diffJSON) same() bool { return d.Equal == spf.Same && d.WrittenEqual == spf.Same }

func (p *program) showDiff(out *diffJSON) {
	o := p.out
	for _, side := range []struct {
		name string
		diffSide
	}{{"old", out.Old}, {"new", out.New}} {
		o.Line("%s%s", side.name, of(side.Domain))
		if side.Record != "" {
			o.Raw(2, side.Record)
		}
		p.showProblems("  ", side.Problems)
	}
	o.Line("")
	for _, t := range out.Through {
		if !t.Gained.IsZero() {
			o.Text("", "%s", o.As(ui.Green, "Adds "+spftext.Addresses(t.Gained)+" through "+t.Through()+"."))
		}
		if !t.Lost.IsZero() {
			o.Text("", "%s", o.As(ui.Red, "Loses "+spftext.Addresses(t.Lost)+" through "+t.Through()+"."))
		}
	}
	const untold = "DNS did not answer everything, or it depends on the message"
	switch {
	case len(out.Unknown) > 0 && out.changed():
		o.Text("", "%s", o.As(ui.Yellow, "Of some addresses it can't be told what changes: "+untold+"."))
	case len(out.Gained)+len(out.Lost) > 0:
	case !out.None():
		o.Line("Nobody gains or loses the right to send.")
	case out.Written.None() && out.changed():
		o.Text("", "No range of addresses changes by itself, but what depends on the message does.")
	case out.changed():
		o.Text("", "To receivers that keep to the limits of the standard nothing changes for now.")
	case out.same():
		o.Line("The two mean the same.")
	default:
		o.Text("", "%s", o.As(ui.Yellow, "No difference was found, but that the two mean the same can't be told: "+untold+"."))
	}
	p.showChanges("Gained", out.Gained)
	p.showChanges("Lost", out.Lost)
	p.showChanges("Other results", out.Changed)
	p.showChanges("Not known", out.Unknown)
	p.showSymbolicChanges("New terms that depend on the message", out.SymbolicGained)
	p.showSymbolicChanges("Terms that depended on the message and are gone", out.SymbolicLost)
	if w := &out.Written; !sameChanges(w, &out.Changes) {
		o.Heading("Without the limits of the standard")
		o.Text("  ", "%s", out.writtenWords())
	}
}

// writtenWords says what changes as written, where that is not what receivers see.
func (d *diffJSON) writtenWords() string {
	switch w := &d.Written; {
	case d.WrittenEqual == spf.Same:
		return "As written, the two mean the same: all of that is what the limits make of them."
	case w.None() && len(w.Unknown) > 0:
		return "As written, no result changes, as far as that can be told."
	case w.None():
		return "As written, no range of addresses changes by itself: all of that is what the limits make of the two."
	default:
		return fmt.Sprintf("As written, not all of that is the same: %s gained, %s lost, %s with another result; --json names them.",
			count(len(w.Gained), "range"), count(len(w.Lost), "range"), count(len(w.Changed), "range"))
	}
}

func of(domain string) string {
	if domain == "" {
		return ""
	}
	return ", record of " + domain
}

func (p *program) showChanges(title string, list []spf.Change) {
	if len(list) == 0 {
		return
	}
	p.out.Heading("%s", title)
	var rows [][]any
	for i := range list[:min(len(list), shownSetRanges)] {
		c := &list[i]
		via := strings.Join(append([]string{termOf(c.Via)}, c.Path...), " > ")
		said := string(c.Was) + " to " + string(c.Now)
		if c.Conditional {
			said += ", depends"
		}
		rows = append(rows, []any{c.Range.String(), said, strings.TrimSuffix(via, " > ")})
	}
	p.out.Table(2, rows)
	if left := len(list) - shownSetRanges; left > 0 {
		p.out.Line("  and %s; --json has all", count(left, "more range"))
	}
}

func (p *program) showSymbolicChanges(title string, list []spf.SymbolicChange) {
	if len(list) == 0 {
		return
	}
	p.out.Heading("%s", title)
	for i := range list {
		s := &list[i]
		effect := ""
		if s.Result != "" {
			effect = ", a match gives " + string(s.Result)
		}
		p.out.Line("  %s %s", s.Kind.String(), s.Spec)
		p.out.Text("    ", "through %s%s; asked for %s", termOf(s.Via), effect, fewRanges(s.Ranges))
	}
}

// sameChanges reports whether the limits make no difference to a difference.
func sameChanges(a, b *spf.Changes) bool {
	return sameRanges(a.Gained, b.Gained) && sameRanges(a.Lost, b.Lost) && sameRanges(a.Changed, b.Changed)
}

func sameRanges(a, b []spf.Change) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Range != b[i].Range || a[i].Was != b[i].Was || a[i].Now != b[i].Now {
			return false
		}
	}
	return true
}

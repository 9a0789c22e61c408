package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/dns"
	"unspoof/internal/cli/ui"
	"unspoof/internal/spftext"
	"unspoof/spf"
)

func newSPFSets(p *program) *cobra.Command {
	domain := ""
	cmd := &cobra.Command{
		Use:   "sets RECORD-or-DOMAIN",
		Short: "Say of every address what an SPF record makes of it",
		Long: `Turns an SPF record, with all that it includes, into ranges of addresses: who may
send and who may not, how many addresses that are, and through which term and
which service. Two readings stand side by side: what the record says as written,
and what the limits of the standard (ten look-ups, two of them empty) leave of it.

Terms that depend on the message, such as exists:%{i}.example.com, and ptr, are
named with the clients for whom they are asked; what is said of these clients
holds when no such term matches.

What is shared with the other customers of a service is known of the services in
the catalogue (unspoof senders), and only where the record includes them: the rest
of the record is held against their ranges. Networks of hosters and clouds that
anybody can rent, written as ip4 or ip6, are not recognised as such.

Give a domain, a record, @FILE for a file that holds a record, or - for standard
input. In a file, a record may stand in quotes, as dig and zone files write it.`,
		Example: `  unspoof spf sets example.com
  unspoof spf sets "v=spf1 mx include:_spf.mailer.example ~all" --domain example.com --json`,
		Annotations: exits(`  0  the record is valid
  1  it is broken, over a limit for some clients, or there is none
  2  wrong usage
  3  DNS did not answer, so that part of it is not known`),
		Args: wantsRecord(`unspoof spf sets example.com`),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.spfSets(cmd.Context(), strings.Join(args, " "), domain)
		},
	}
	cmd.SetFlagErrorFunc(recordFlagHint(`unspoof spf sets "v=spf1 mx -all"`))
	cmd.Flags().StringVar(&domain, "domain", "", "the `DOMAIN` that is to publish the record, for terms that mean it")
	return cmd
}

type setsJSON struct {
	Schema int `json:"schema"`
	spftext.Sets
}

func (p *program) spfSets(ctx context.Context, text, domain string) error {
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	set, problems, err := p.spfSet(ctx, resolver, text, domain)
	if err != nil {
		return err
	}
	out := setsJSON{Schema: schema}
	if out.Sets, err = spftext.Describe(ctx, resolver, set, problems); err != nil {
		return err
	}
	if p.json {
		err = p.printJSON(out)
	} else {
		p.showSets(&out)
	}
	switch broken, _ := spftext.Broken(set); {
	case len(out.Problems) > 0 || broken != "" || limitsStrike(set):
		return p.answered(err, exitFinding)
	case !known(set):
		return p.answered(err, exitUnknown)
	}
	return p.answered(err, exitFine)
}

// spfSet reads the set of a record that was typed, or that a domain publishes.
func (p *program) spfSet(ctx context.Context, resolver dns.Resolver, text, domain string) (*spf.Set, []string, error) {
	text, err := p.recordArg(text)
	if err != nil {
		return nil, nil, err
	}
	subject, err := p.spfSubject(ctx, resolver, text, domain)
	if err != nil {
		return nil, nil, err
	}
	set, err := spf.Sets(ctx, spf.SetArgs{Domain: subject.Domain, Record: subject.Record, Resolver: resolver})
	if err != nil {
		return nil, nil, err
	}
	if subject.Domain == "" && set.Incomplete != "" {
		return nil, nil, usage("the record cannot be read without its domain: "+set.Incomplete, "say whose it is: --domain example.com")
	}
	return set, subject.Problems, nil
}

// limitsStrike reports whether the limits make a permerror of another result.
func limitsStrike(s *spf.Set) bool {
	for i := range s.Ranges {
		if r := &s.Ranges[i]; r.Limited == spf.PermError && r.Result != spf.PermError {
			return true
		}
	}
	return false
}

// limitWords says by how much a record is over the limits, for those for whom it
// is most.
func limitWords(s *spf.Set) string {
	lookups, voids, hosts := 0, 0, ""
	who, when := "all", ", where no term matches that depends on the message"
	for i := range s.Ranges {
		r := &s.Ranges[i]
		if r.Limited != spf.PermError || r.Result == spf.PermError {
			who = "some"
			continue
		}
		lookups, voids = max(lookups, r.Lookups), max(voids, r.Voids)
		if r.Hosts {
			hosts = ", and an mx has more than 10 hosts"
		}
		if r.Depends == nil {
			when = ""
		}
	}
	return fmt.Sprintf("For %s clients it takes %d of 10 look-ups and %d of 2 empty ones%s%s; to them it is broken. What to cut: unspoof spf cost", who, lookups, voids, hosts, when)
}

// known reports whether DNS answered all that a set hangs on.
func known(s *spf.Set) bool {
	for i := range s.Ranges {
		if w := s.Ranges[i].Result; w == spf.TempError || w == spf.Unknown && s.Incomplete != "" {
			return false
		}
	}
	return true
}

func (p *program) showSets(out *setsJSON) {
	o := p.out
	p.showProblems("", out.Problems)
	if out.Record == "" {
		return
	}
	o.Raw(0, out.Record)
	if out.Incomplete != "" {
		o.Text("", "%s", o.As(ui.Yellow, "Not all of it could be read: "+out.Incomplete+"."))
	}
	cause, all := spftext.Broken(out.Set)
	if all {
		return // which is said above: a list of who may send would be empty
	}
	o.Heading("Who may send")
	switch {
	case out.MaySend.AsWritten.IsZero() && slices.ContainsFunc(out.Owners, func(w spftext.Owner) bool { return len(w.Symbolic) > 0 }):
		o.Text("  ", "Who may send depends on the message, as written; no address may whatever the message.")
	case out.MaySend.AsWritten.IsZero():
		o.Text("  ", "No address may send, as written.")
	default:
		o.Text("  ", "%s may send, as written.", spftext.Addresses(out.MaySend.AsWritten))
	}
	if cause != "" {
		o.Text("  ", "%s", o.As(ui.Red, "To some the record is an error: "+cause))
	}
	if out.MaySend.WithLimits != out.MaySend.AsWritten {
		o.Text("  ", "%s", o.As(ui.Red, "The limits of the standard leave "+spftext.Addresses(out.MaySend.WithLimits)+"."))
	}
	if limitsStrike(out.Set) {
		o.Text("  ", "%s", limitWords(out.Set))
	}
	if rows := ownerRows(out); len(rows) > 0 {
		o.Line("")
		o.Table(2, rows)
	}
	p.showShared(out)
	p.showShadows(out)
	p.showSetRanges(out.Set)
	p.showSymbolic(out.Set)
}

func ownerRows(out *setsJSON) (rows [][]any) {
	for _, w := range out.Owners {
		many := spftext.Addresses(w.Tally)
		switch {
		case len(w.Symbolic) > 0 && w.IsZero():
			many = "depends on the message"
		case len(w.Symbolic) > 0:
			many += ", more by the message"
		}
		rows = append(rows, []any{termOf(w.Term), many, strings.Join(w.Services, " or ")})
	}
	return rows
}

func termOf(term string) string {
	if term == "" {
		return "(no term)"
	}
	return term
}

// shownSetRanges is how many lines of ranges a person gets; --json has all.
const shownSetRanges = 40

// showSetRanges lists the ranges but those to which the same happens as to most
// addresses.
func (p *program) showSetRanges(s *spf.Set) {
	o := p.out
	o.Heading("Ranges")
	rest := [2]int{mostly(s, true), mostly(s, false)}
	var rows [][]any
	var others [2]bool
	left := 0
	for i := range s.Ranges {
		r, k := &s.Ranges[i], 0
		if r.Range.From.Is6() {
			k = 1
		}
		if most := &s.Ranges[rest[k]]; r.Source == most.Source && r.Result == most.Result && r.Limited == most.Limited {
			continue
		}
		others[k] = true
		if len(rows) == shownSetRanges {
			left++
			continue
		}
		rows = append(rows, []any{r.Range.String(), p.resultWords(r), spftext.Path(s, r.Source)})
	}
	for k, family := range []string{"all IPv4", "all IPv6"} {
		r := &s.Ranges[rest[k]]
		if others[k] {
			family = strings.Replace(family, "all", "all other", 1)
		}
		rows = append(rows, []any{family, p.resultWords(r), spftext.Path(s, r.Source)})
	}
	o.Table(2, rows)
	if left > 0 {
		o.Line("  and %s; --json has all", count(left, "more range"))
	}
}

// mostly gives the range of a family to which the most addresses belong.
func mostly(s *spf.Set, ip4 bool) (most int) {
	best := spf.Count{}
	for i := range s.Ranges {
		if r := s.Ranges[i].Range; r.From.Is4() == ip4 && r.Count().Compare(best) > 0 {
			most, best = i, r.Count()
		}
	}
	return most
}

// resultWords is what happens to a range, the limits beside it.
func (p *program) resultWords(r *spf.SetRange) ui.Styled {
	said := string(r.Result)
	if r.Limited != r.Result {
		said += " (limits: " + string(r.Limited) + ")"
	}
	if r.Depends != nil {
		said += ", depends"
	}
	return p.out.As(spfStyles[r.Limited], said)
}

// showSymbolic lists the terms that depend on the message.
func (p *program) showSymbolic(s *spf.Set) {
	if len(s.Symbolic) == 0 {
		return
	}
	o := p.out
	o.Heading("What depends on the message")
	for i := range s.Symbolic {
		sym := &s.Symbolic[i]
		effect := "a match ends the included record without a match"
		switch {
		case sym.Kind == spf.KindRedirect:
			effect = "the record that it leads to decides"
		case sym.Result != "":
			effect = "a match gives " + string(sym.Result)
		}
		o.Line("  %s", s.Sources[sym.Source].Term+of(s.Sources[sym.Source].Domain))
		o.Text("    ", "%s; asked for %s", effect, fewRanges(sym.Ranges))
	}
}

// fewRanges names a few ranges.
func fewRanges(list []spf.Range) string {
	const shown = 3
	var names []string
	for _, r := range list[:min(len(list), shown)] {
		names = append(names, r.String())
	}
	switch n := len(list) - shown; {
	case len(list) == 0:
		return "nobody"
	case n > 0:
		return fmt.Sprintf("%s and %s", strings.Join(names, ", "), count(n, "more range"))
	}
	return strings.Join(names, ", ")
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/dns"
	"unspoof/internal/cli/ui"
	"unspoof/internal/spftext"
	"unspoof/spf"
)

func newSPFCost(p *program) *cobra.Command {
	domain := ""
	cmd := &cobra.Command{
		Use:   "cost RECORD-or-DOMAIN",
		Short: "Count what an SPF record costs receivers, and find the cheapest cuts",
		Long: `Counts the DNS look-ups of an SPF record as a tree, included records and the hosts
of mx with them: what it costs the dearest of all senders, by IPv4 and by IPv6,
past the limits too. A receiver that needs more than 10 look-ups, or finds nothing
more than twice, takes the record as broken, for mail of yours as of others.

What macros and ptr ask for depends on the message. Such terms are counted, but not
what they find: the numbers are then the least, and the most that the empty answers
can come to is given beside them. Only of an exists it is sure that it finds nothing
for whom it does not list: that is held against the limit. %{o} is taken to be the domain, as in its own mail.

When it is over a limit, the cheapest ways to bring it within are shown: terms to
remove, or to move to a subdomain that sends that mail, each with what it saves
and which addresses could no longer send.

Give a domain, or a record: in quotes, as @FILE, or - for standard input.`,
		Example: `  unspoof spf cost example.com
  unspoof spf cost "v=spf1 mx include:_spf.mailer.example ~all" --domain example.com`,
		Annotations: exits(`  0  the record is within the limits for every sender, as far as that does not
     depend on the message
  1  it is over a limit or broken, or leads to a record that is broken or not there;
     or there is none
  2  wrong usage
  3  DNS did not answer, so that part of it is not known`),
		Args: wantsRecord(`unspoof spf cost example.com`),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.spfCost(cmd.Context(), strings.Join(args, " "), domain)
		},
	}
	cmd.SetFlagErrorFunc(recordFlagHint(`unspoof spf cost "v=spf1 mx -all"`))
	cmd.Flags().StringVar(&domain, "domain", "", "the `DOMAIN` that is to publish the record, for terms that mean it")
	return cmd
}

type costJSON struct {
	Schema int `json:"schema"`
	spfSubject
	Within bool      `json:"within"` // the limits of RFC 7208 section 4.6.4
	Cost   *spf.Cost `json:"cost"`   // null where there is no valid record
	Cuts   []spf.Cut `json:"cuts"`
}

func (p *program) spfCost(ctx context.Context, text, domain string) error {
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	if text, err = p.recordArg(text); err != nil {
		return err
	}
	subject, err := p.spfSubject(ctx, resolver, text, domain)
	if err != nil {
		return err
	}
	out := costJSON{Schema: schema, spfSubject: subject, Cuts: []spf.Cut{}}
	if len(out.Problems) == 0 {
		cost, err := spf.Measure(ctx, resolver, out.Domain, out.Record)
		if err != nil {
			return err
		}
		out.Cost, out.Within = &cost, cost.WithinUnlisted()
		if cuts, err := spf.Cuts(ctx, resolver, out.Domain, out.Record); err == nil { // else Cost.Incomplete
			out.Cuts = cuts
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.json {
		err = p.printJSON(out)
	} else {
		p.showCost(out)
	}
	switch {
	case !out.Within || out.Cost.Broken > 0:
		return p.answered(err, exitFinding)
	case out.Cost.Incomplete:
		return p.answered(err, exitUnknown)
	}
	return p.answered(err, exitFine)
}

func (p *program) showCost(out costJSON) {
	o := p.out
	p.showProblems("", out.Problems)
	if out.Cost == nil {
		return
	}
	o.Raw(0, out.Record)
	o.Line("")
	var rows [][]any
	rows = costRows(rows, out.Cost.Tree, 0)
	if len(rows) > 0 {
		o.Table(2, append([][]any{{"term", "look-ups", "empty", ""}}, rows...))
		o.Line("")
	}
	p.showTotals(out.Cost)
	if out.Within {
		return
	}
	o.Heading("How to come within the limits")
	o.Text("  ", "Best is to take out what no longer sends. A service that signs with DKIM as your domain does not need to be in SPF at all; one that must stay can send from a subdomain, which has limits of its own.")
	p.showCuts(out.Cuts)
}

// shownRows bounds the tree on a terminal.
const shownRows = 200

func costRows(rows [][]any, tree []spf.Node, depth int) [][]any {
	for _, n := range tree {
		if len(rows) == shownRows {
			return append(rows, []any{"…", "", "", "there are more; --json shows all"})
		}
		if len(rows) > shownRows {
			return rows
		}
		note := n.Note
		if n.Broken {
			note = "broken: " + note
		}
		if n.Hanging > 0 && n.Nodes == nil && note == "" {
			note = "what it finds depends on the message"
		}
		rows = append(rows, []any{strings.Repeat("  ", depth) + ui.Cut(n.Term, 60), n.Lookups, max(n.VoidsIPv4, n.VoidsIPv6), note})
		rows = costRows(rows, n.Nodes, depth+1)
	}
	return rows
}

// showTotals says what the dearest sender costs.
func (p *program) showTotals(c *spf.Cost) {
	o := p.out
	least := ""
	switch {
	case c.Incomplete:
		least = " at least; DNS did not answer everything, or there is too much to read"
	case c.Hanging > 0 && !c.AtMost:
		least = " at least"
	case c.AtMost:
		least = " at most"
	}
	style := ui.Green
	if !c.Within() {
		style = ui.Red
	}
	voids := fmt.Sprintf("%d of 2 empty ones", c.Voids)
	if c.VoidsIPv4 != c.VoidsIPv6 {
		voids += fmt.Sprintf(" (%d for senders by IPv4, %d by IPv6)", c.VoidsIPv4, c.VoidsIPv6)
	}
	o.Text("", "%s%s", o.As(style, fmt.Sprintf("%d of 10 look-ups, %s", c.Lookups, voids)), least)
	if c.Hosts > 10 {
		o.Text("", "%s", o.As(ui.Red, fmt.Sprintf("An mx term has %d mail exchangers; 10 are allowed.", c.Hosts)))
	}
	if c.Loop {
		o.Text("", "%s", o.As(ui.Red, "The record leads back to itself."))
	}
	switch {
	case c.Open:
		o.Text("", "An include or redirect by macro leads to a record that depends on the message: what that costs has no bound, and is not counted.")
	case c.Within() && !c.WithinUnlisted():
		o.Text("", "%s", o.As(ui.Red, unlistedWords(c)))
	case c.Hanging > 0:
		style := ui.Green
		if c.VoidsAtMost > 2 {
			style = ui.Yellow
		}
		o.Text("", "%s", o.As(style, "At most "+strconv.Itoa(c.VoidsAtMost)+" empty ones: what "+count(c.Hanging, "term")+" (macros, ptr) can find depends on the message, and it may be nothing."))
	}
	if c.OwnMail {
		o.Text("", "That holds for mail of the domain itself. %s is another domain in the mail of others who include this record or redirect to it.", "%{o}")
	}
	if c.Broken > 0 {
		o.Text("", "%s", o.As(ui.Red, "Receivers take the record as broken when they come to "+count(c.Broken, "term")+" of it, marked above. Take that out, or mend it."))
	}
}

// unlistedWords says what a record costs whom its exists terms don't list.
func unlistedWords(c *spf.Cost) string {
	return fmt.Sprintf("For an address that no exists of it lists, %d of its look-ups are empty where 2 are allowed, since an exists that finds nothing is one (RFC 7208 section 4.6.4). To such senders the record is broken.", c.Voids+c.Unlisted)
}

// showCuts lists the ways to bring a record within the limits.
func (p *program) showCuts(cuts []spf.Cut) {
	o := p.out
	for i, c := range cuts {
		loses := "No address loses the right to send."
		switch lost := spftext.Addresses(c.Lost); {
		case c.Unknown && c.Lost.IsZero():
			loses = "Whom that shuts out, or lets in, depends on the message."
		case c.Unknown:
			loses = "Could no longer send: " + lost + ", and more, depending on the message."
		case !c.Lost.IsZero():
			loses = "Could no longer send: " + lost + "."
		}
		if !c.Gained.IsZero() {
			loses += " Could then: " + spftext.Addresses(c.Gained) + "."
		}
		o.Line("")
		o.Text(fmt.Sprintf("  %d. ", i+1), "Without %s: %d look-ups, %d empty. %s", count(len(c.Terms), "term"), c.Lookups, c.Voids, loses)
		for _, t := range c.Terms {
			only := "nobody"
			if !t.Lost.IsZero() {
				only = spftext.Addresses(t.Lost)
			}
			o.Text("       ", "%s saves %s; it alone lets in %s", o.As(ui.Bold, ui.Cut(t.Term, 200)), count(t.Lookups, "look-up"), only)
		}
	}
}

// spfRefusal is the exit status for a record that can't be worked on, and what to
// do about it.
func spfRefusal(err error) error {
	var syntax *spf.SyntaxError
	var fault *dns.Error
	switch {
	case errors.Is(err, spf.ErrNotFlattened):
		return &helpful{err: err, code: exitUsage, hint: "see what the record holds: unspoof spf cost DOMAIN"}
	case errors.As(err, &syntax), errors.Is(err, spf.ErrTooLarge), errors.Is(err, spf.ErrNames), errors.Is(err, spf.ErrNotEqual):
		return &helpful{err: err, code: exitFinding}
	case errors.As(err, &fault):
		return &helpful{err: err, code: exitUnknown, hint: "DNS did not answer; try again later"}
	}
	return &helpful{err: err, code: exitUnknown}
}

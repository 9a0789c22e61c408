package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"unspoof/dmarc"
	"unspoof/internal/cli/ui"
	"unspoof/plan"
)

func newDMARC(p *program) *cobra.Command {
	return group("dmarc", "Check, explain and build DMARC records", newDMARCCheck(p), newDMARCExplain(p), newDMARCLint(p), newDMARCBuild(p))
}

func newDMARCCheck(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "check DOMAIN",
		Short: "What are receivers told to do with mail that forges this domain?",
		Long: `Finds the DMARC policy that applies to a domain (RFC 9989) and says what it makes
of a message that only claims to be from there; whether receivers that read by
the older standard (RFC 7489) do the same; and whether the addresses that want
reports will get them.`,
		Example: `  unspoof dmarc check example.com
  unspoof dmarc check mail.example.com --json`,
		ValidArgsFunction: cobra.NoFileCompletions,
		Args:              oneDomain,
		Annotations: exits(`  0  forged mail is refused or put aside, by old receivers and new, and reports
     arrive where they are wanted
  1  it is not so, or the record says a thing twice
  2  wrong usage
  3  it could not be determined: DNS did not answer`),
		RunE: func(cmd *cobra.Command, args []string) error { return p.dmarcCheck(cmd, args[0]) },
	}
}

// oneDomain asks for exactly one domain.
func oneDomain(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return usage("which domain? None was given", "name one: "+cmd.CommandPath()+" example.com")
	case len(args) > 1:
		return usage(fmt.Sprintf("%s takes one domain, but got %d", cmd.CommandPath(), len(args)), "call it once for each")
	}
	return nil
}

type dmarcCheckJSON struct {
	Schema int    `json:"schema"`
	Domain string `json:"domain"`
	dmarc.Comparison
	Destinations []plan.Destination `json:"destinations"`
}

func (p *program) dmarcCheck(cmd *cobra.Command, typed string) error {
	names, err := domainNames([]string{typed})
	if err != nil {
		return err
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	out := dmarcCheckJSON{Schema: schema, Domain: names[0], Comparison: dmarc.Compare(ctx, dmarc.Args{Domain: names[0], Resolver: resolver})}
	out.Destinations = plan.Destinations(ctx, resolver, out.Current.RecordDomain, out.Current.Record)
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.json {
		err = p.printJSON(out)
	} else {
		p.showDMARCCheck(out)
	}
	return errors.Join(err, dmarcCheckStatus(out))
}

func dmarcCheckStatus(out dmarcCheckJSON) error {
	acts := func(r dmarc.Result) bool { return r.Applied == dmarc.Quarantine || r.Applied == dmarc.Reject }
	unknown := func(r dmarc.Result) bool { return r.Verdict == dmarc.VerdictTempError }
	deaf := func(d plan.Destination) bool { return d.Fault == "" && !d.Agreed }
	// Of a tag given twice, one receiver takes the first, another the last, and a
	// strict one takes nothing of the record (RFC 6376 section 3.2).
	twice := func(n dmarc.Note) bool { return n.Code == dmarc.TagTwice }
	switch {
	case out.Current.Record != nil && slices.ContainsFunc(out.Current.Record.Notes, twice):
		return status(exitFinding)
	case !unknown(out.Current) && !acts(out.Current), !unknown(out.Former) && !acts(out.Former), slices.ContainsFunc(out.Destinations, deaf):
		return status(exitFinding) // a finding is certain, whatever else is not
	case unknown(out.Current), unknown(out.Former), slices.ContainsFunc(out.Destinations, func(d plan.Destination) bool { return d.Fault != "" }):
		return status(exitUnknown)
	}
	return nil
}

func (p *program) showDMARCCheck(out dmarcCheckJSON) {
	o := p.out
	now := out.Current
	o.Text("", "%s", p.forgedWords(now))
	var rows [][]any
	if now.Record != nil {
		rows = append(rows, []any{"record", now.Record.Text}, []any{"published by", now.RecordDomain})
	}
	if now.OrgDomain != "" && now.OrgDomain != now.Domain {
		rows = append(rows, []any{"organisation", now.OrgDomain})
	}
	if rows != nil {
		o.Line("")
		o.Table(2, rows)
	}
	o.Heading("How it came about")
	for _, r := range now.Reasons {
		if r.Code != dmarc.ReasonNothing { // there is no message here
			o.Text("  - ", "%s", sentence(r.Text))
		}
	}
	for _, s := range now.Steps {
		for _, other := range s.Others {
			o.Text("  - ", "_dmarc.%s also has a TXT record that is no policy record: %s", s.Domain, notRecord(other))
		}
	}
	p.showDMARCNotes(now.Record)
	p.showDestinations(out.Destinations)
	if len(out.Differences) > 0 {
		o.Heading("Receivers of the older standard differ")
		for _, d := range out.Differences {
			o.Text("  - ", "%s", sentence(d.Text))
		}
	}
	if text, command := dmarcNext(out); text != "" {
		o.Heading("Next step")
		o.Text("  ", "%s", text)
		o.Raw(4, command)
	}
}

// forgedWords says what becomes of a message that forges the domain.
func (p *program) forgedWords(r dmarc.Result) ui.Styled {
	switch {
	case r.Verdict == dmarc.VerdictTempError:
		return p.out.As(ui.Yellow, "DNS did not answer: what "+r.Domain+" asks of receivers is not known.")
	case r.Applied == dmarc.Reject:
		return p.out.As(ui.Green, "Receivers are asked to refuse mail that forges "+r.Domain+".")
	case r.Applied == dmarc.Quarantine:
		return p.out.As(ui.Yellow, "Receivers are asked to put mail that forges "+r.Domain+" aside as suspicious.")
	case r.Applied == dmarc.None:
		return p.out.As(ui.Red, "Mail that forges "+r.Domain+" is delivered: receivers are asked to do nothing about it (none).")
	}
	return p.out.As(ui.Red, "Mail that forges "+r.Domain+" is delivered: no DMARC policy applies to it.")
}

// dmarcNext is the single next step, and the command for it.
func dmarcNext(out dmarcCheckJSON) (text, command string) {
	now := out.Current
	build := "unspoof dmarc build --domain "
	switch {
	case now.Verdict == dmarc.VerdictTempError:
		return "", ""
	case now.Record == nil:
		return "Publish a policy, one first that refuses nothing and asks for reports of who sends as you:", build + out.Domain + " --policy none"
	case now.Applied == dmarc.None:
		return "When the reports show only what is yours, ask for more, and later for reject:", build + now.RecordDomain + " --policy quarantine"
	case now.Applied == dmarc.Quarantine:
		return "When nothing of yours is put aside any more, have forged mail refused:", build + now.RecordDomain + " --policy reject"
	}
	return "", ""
}

// showDMARCNotes prints what is odd in a record.
func (p *program) showDMARCNotes(rec *dmarc.Record) {
	if rec == nil || len(rec.Notes) == 0 {
		return
	}
	p.out.Heading("Odd in the record")
	for _, n := range rec.Notes {
		p.out.Text("  - ", "%s.", n.Text)
	}
}

func (p *program) showDestinations(all []plan.Destination) {
	if len(all) == 0 {
		return
	}
	o := p.out
	o.Heading("Reports")
	for _, d := range all {
		kind := map[string]string{"rua": "daily summaries", "ruf": "single failures"}[d.Tag]
		switch {
		case d.Fault != "":
			o.Text("  - ", "%s to %s: whether they are accepted there is not known, DNS did not answer.", kind, d.URI.URI)
		case !d.Agreed:
			o.Text("  - ", "%s to %s: %s", kind, d.URI.URI, o.As(ui.Yellow, "never sent, as "+d.URI.Host+" does not say that it wants them."))
			o.Text("    ", "It has to publish a TXT record with v=DMARC1 at %s (RFC 9990 section 4).", d.Query)
		case d.External:
			o.Text("  - ", "%s to %s; %s agrees to get them.", kind, d.URI.URI, d.URI.Host)
		default:
			o.Text("  - ", "%s to %s.", kind, d.URI.URI)
		}
	}
}

// notRecord says why a TXT record is no policy record.
func notRecord(text string) string {
	_, err := dmarc.Parse(text)
	var syntax *dmarc.SyntaxError
	if errors.As(err, &syntax) {
		return syntax.Text + ": " + text
	}
	return text
}

// sentence gives the engines' reasons as people write sentences.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if s == "" || strings.HasSuffix(s, ".") && unicode.IsUpper(first) {
		return s
	}
	// A tag and a domain keep their case.
	if word, _, _ := strings.Cut(s, " "); !strings.ContainsAny(word, "=._@") {
		s = string(unicode.ToUpper(first)) + s[size:]
	}
	return strings.TrimSuffix(s, ".") + "."
}

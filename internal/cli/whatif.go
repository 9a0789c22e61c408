package cli

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/internal/census"
	"unspoof/inventory"
	"unspoof/orgdomain"
	"unspoof/whatif"
)

type whatifOptions struct {
	inventoryOptions
	records                    string
	clientIP, helo, path, from string
	dkim                       []string
}

func newWhatif(p *program) *cobra.Command {
	opts := whatifOptions{}
	cmd := &cobra.Command{
		Use:   "whatif DOMAIN --records FILE",
		Short: "What would become of your mail, and of forged mail, if these records were published",
		Long: `Takes records that are not published yet and tells who gains and who loses by them:
which addresses, by SPF; and, of the mail that you give, how much would newly be
refused or go to the spam folder, by sender, yours apart from what is forged.
Nothing is published.

--records is a zone file, or what unspoof plan, spf build or dmarc build print
with --json. A record given takes the place of those of its name and kind; an
empty text ("") takes all TXT records of a name away.

The mail comes from the same sources as in unspoof inventory: mailboxes, logs and
messages that came back. What it doesn't show, such as whether a message of which
only the log is left was signed, is taken both ways, and where that matters
the answer is "unknown".

With --from, one message is described instead, by its author and, as far as they
are known, the address that hands it over, its envelope and its signatures.
Receivers of three kinds are told apart: those that check SPF only, and those that
follow DMARC by RFC 7489 or by RFC 9989. What a receiver really does is its own
choice.`,
		Example: `  unspoof plan example.com --service mailchimp --json | unspoof whatif example.com --records -
  unspoof whatif example.com --records new.zone --mail copies.mbox --log /var/log/mail.log --bounces bounces.zip
  unspoof whatif example.com --records new.zone --from boss@example.com --client-ip 203.0.113.9 --mail-from x@example.net
  unspoof whatif example.com --from news@example.com --dkim example.com:k1`,
		Args:              oneDomain,
		ValidArgsFunction: cobra.NoFileCompletions,
		Annotations: exits(`  0  nothing of yours would be lost, and nobody new may send
  1  mail of yours would or might be lost, forged mail would newly get through, an
     address gains or loses the right to send, or the DMARC policy gets weaker
  2  wrong usage
  3  it could not be determined: DNS did not answer, or something gets stricter
     and no mail of yours was given that shows whether it passes`),
		RunE: func(cmd *cobra.Command, args []string) error { return p.whatif(cmd, opts, args[0]) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&opts.records, "records", "", "the records to be published, a zone `FILE` or the JSON of a plan; - for standard input")
	opts.flags(cmd)
	f.StringVar(&opts.from, "from", "", "describe one message: the author's `ADDRESS`")
	f.StringVar(&opts.clientIP, "client-ip", "", "the `ADDRESS` that hands the described message over")
	f.StringVar(&opts.helo, "helo", "", "the `NAME` with which it does so")
	f.StringVar(&opts.path, "mail-from", "", "its envelope sender, an `ADDRESS`")
	f.StringArrayVar(&opts.dkim, "dkim", nil, "a signature of it, `DOMAIN:SELECTOR`; may be repeated")
	cmd.RegisterFlagCompletionFunc("helo", cobra.NoFileCompletions)
	return cmd
}

type whatifJSON struct {
	Schema int `json:"schema"`
	whatif.Report
	// Sources counts what was read of which kind.
	Sources []inventory.SourceCount `json:"sources"`
	Table   *whatif.Table           `json:"table,omitempty"`
}

func (p *program) whatif(cmd *cobra.Command, opts whatifOptions, domain string) error {
	if opts.records == "" && opts.from == "" {
		return usage("--records is missing", "name the file with the records to be published, or describe a message with --from")
	}
	if err := opts.check(); err != nil {
		return err
	}
	var records []dns.Record
	var err error
	if opts.records != "" {
		if records, err = p.plannedRecords(opts.records); err != nil {
			return err
		}
	}
	var mail whatif.Collector
	res, err := p.census(cmd, opts.inventoryOptions, domain, mail.Add)
	if err != nil {
		return err
	}
	resolver, err := p.resolver(opts.profile)
	if err != nil {
		return err
	}
	out := whatifJSON{Schema: schema, Sources: res.Inventory.Sources}
	out.Report, err = whatif.Replay(cmd.Context(), whatif.Args{Domain: domain, Resolver: resolver, Records: records, Inventory: res.Inventory, Sightings: mail.All()})
	if err != nil {
		return err
	}
	strange := misplaced(records, out.Domain)
	if n := len(records); n > 0 && len(strange) == n && out.SPF == nil && out.DMARC == nil {
		return usage("--records: none of its records concerns "+out.Domain, strange[0])
	}
	if proven, rest := mail.Dropped(); proven+rest > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("There were too many different ways of sending: %d messages of yours and %d others were left out.", proven, rest))
	}
	if opts.from != "" {
		message, err := opts.message()
		if err != nil {
			return err
		}
		table, err := whatif.Judge(cmd.Context(), whatif.TableArgs{Message: message, Resolver: resolver, Records: records})
		if err != nil {
			return &helpful{err: err, code: exitUsage}
		}
		out.Table = &table
	}
	if p.json {
		err = p.printJSON(out)
	} else {
		p.showWhatif(out, strange, opts.records != "")
	}
	return p.answered(err, whatifStatus(out, res))
}

// whatifStatus is the exit status: certain before possible, and both before what
// is not known.
func whatifStatus(out whatifJSON, res census.Result) int {
	s := out.Sum
	bad := out.SPF != nil && len(out.SPF.Gained)+len(out.SPF.Lost) > 0 || out.DMARC != nil && out.DMARC.Weaker
	silent := len(out.Notes) > 0 || len(res.Inventory.Unknown) > 0 || leftUnread(res)
	// That nothing of one's own is lost, only mail of one's own can show.
	silent = silent || s.Own == 0 && (len(out.Risks) > 0 || out.DMARC != nil && out.DMARC.Stricter)
	for _, row := range out.Stranger {
		bad = bad || row.Before.Fate.Harsher(row.After.Fate)
	}
	if t := out.Table; t != nil {
		for _, row := range t.Rows {
			silent = silent || row.After.Fate == whatif.Unknown
			bad = bad || row.After.Fate.Harsher(row.Before.Fate) || row.Before.Fate.Harsher(row.After.Fate)
		}
	}
	switch {
	case s.Lost+s.AtRisk+s.LetIn > 0 || bad:
		return exitFinding
	case silent:
		return exitUnknown
	}
	return exitFine
}

// check refuses a description of a message that is none, before any work.
func (o whatifOptions) check() error {
	if o.from == "" {
		for flag, value := range map[string]string{"--client-ip": o.clientIP, "--helo": o.helo, "--mail-from": o.path, "--dkim": strings.Join(o.dkim, " ")} {
			if value != "" {
				return usage(flag+" describes a message whose author is missing", "name the author: --from someone@example.com")
			}
		}
		return nil
	}
	_, err := o.message()
	return err
}

func (o whatifOptions) message() (whatif.Message, error) {
	m := whatif.Message{HELO: o.helo, From: o.from}
	var err error
	if m.MailFrom, err = envelopeSender(o.path); err != nil {
		return m, err
	}
	author := o.from[strings.LastIndexByte(o.from, '@')+1:]
	if _, err := orgdomain.Name(author); err != nil {
		return m, usage(fmt.Sprintf("--from %q is no address", o.from), "write it as someone@example.com")
	}
	if o.clientIP != "" {
		if m.IP, err = netip.ParseAddr(strings.Trim(o.clientIP, "[]")); err != nil {
			return m, usage(fmt.Sprintf("--client-ip %q is no IP address", o.clientIP), "write it as 192.0.2.1 or 2001:db8::1, without a port")
		}
	}
	for _, text := range o.dkim {
		domain, selector, ok := strings.Cut(text, ":")
		if !ok || domain == "" || selector == "" {
			return m, usage(fmt.Sprintf("--dkim %q is no signature", text), "write the domain (d=) and the selector (s=): --dkim example.com:k1")
		}
		m.DKIM = append(m.DKIM, dmarc.DKIM{Domain: domain, Selector: selector, Result: "pass"})
	}
	return m, nil
}

// misplaced says of the names of records that lie outside of the domain, or hold it
// twice: most likely a dot is missing, or $ORIGIN. Of a text that only looks like an
// SPF record, that it is none (RFC 7208 section 4.5): it would take no record's place.
func misplaced(records []dns.Record, domain string) []string {
	var list []string
	for _, r := range records {
		said := ""
		switch {
		case strings.HasSuffix(r.Name, "."+domain+"."+domain) || r.Name == domain+"."+domain:
			said = r.Name + " holds the domain twice: in a zone file, a name in full ends in a dot."
		case r.Name != domain && !strings.HasSuffix(r.Name, "."+domain):
			said = r.Name + " lies outside of " + domain + ": in a zone file, a name in full ends in a dot, others stand below $ORIGIN."
		case r.Type == dns.TypeTXT && nearlySPF(strings.Join(r.Text, "")):
			said = r.Name + " gets a text that begins like an SPF record and is none, since no blank follows v=spf1: in a zone file, a text with blanks stands in quotation marks."
		}
		if said != "" && !slices.Contains(list, said) {
			list = append(list, said)
		}
	}
	return list
}

func nearlySPF(text string) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(text), "v=spf1")
	return ok && rest != "" && rest[0] != ' '
}

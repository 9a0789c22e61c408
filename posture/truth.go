package posture

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/spf"
)

// existing is a subdomain that most domains have. Its records are asked for; where it
// does not exist, it stands for any that does and publishes nothing.
const existing = "www."

// forgeries are the rows of the truth table. In the names, "" is another's domain;
// "@" is the domain.
var forgeries = []struct{ id, from, mailFrom, what string }{
	{"exact", "@", "@", "From line and envelope name the domain itself"},
	{"from-exact", "@", "", "only the From line names the domain itself"},
	{"from-exact-mail-from-missing", "@", probe, "the From line names the domain itself, the envelope a subdomain that does not exist"},
	{"from-exact-mail-from-subdomain", "@", existing, "the From line names the domain itself, the envelope a subdomain that exists"},
	{"mail-from-exact", "", "@", "only the envelope names the domain itself"},
	{"subdomain", existing, existing, "both name a subdomain that exists"},
	{"from-subdomain", existing, "", "only the From line names a subdomain that exists"},
	{"from-subdomain-mail-from-exact", existing, "@", "the From line names a subdomain that exists, the envelope the domain itself"},
	{"mail-from-subdomain", "", existing, "only the envelope names a subdomain that exists"},
	{"missing", probe, probe, "both name a subdomain that does not exist"},
	{"from-missing", probe, "", "only the From line names a subdomain that does not exist"},
	{"from-missing-mail-from-exact", probe, "@", "the From line names a subdomain that does not exist, the envelope the domain itself"},
	{"mail-from-missing", "", probe, "only the envelope names a subdomain that does not exist"},
}

// assumed answers for the subdomain that stands for those that exist: it is there. It
// has what it publishes as SPF and DMARC where it is there indeed, else nothing.
type assumed struct {
	dns.Resolver
	name string
	real bool
}

func (a assumed) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	name := dns.Canonical(q.Name)
	asked := a.real && q.Type == dns.TypeTXT && (name == a.name || name == "_dmarc."+a.name)
	if !asked && (name == a.name || strings.HasSuffix(name, "."+a.name)) {
		return dns.Answer{Server: "assumed"}, nil
	}
	return a.Resolver.Lookup(ctx, q)
}

// checkForgeries fills in the truth table.
func (c *checker) checkForgeries(ctx context.Context) {
	if dns.CheckName("_dmarc."+probe+c.domain) != nil {
		return // no room for subdomains
	}
	ask := &part{asker: c.ask, left: truthQuestions}
	c.below = c.strangerAt(ctx, ask, probe+c.domain, ", by a wildcard")
	view := assumed{Resolver: ask, name: existing + c.domain, real: c.isThere(ctx, ask, existing+c.domain)}
	c.www = c.strangerAt(ctx, view, existing+c.domain, "")
	stranger := map[string]stranger{"@": c.stranger(), existing: c.www, probe: c.below}
	for _, f := range forgeries {
		row := Forgery{ID: f.id, What: f.what, From: c.named(f.from), MailFrom: c.named(f.mailFrom)}
		row.Assumed = !view.real && (f.from == existing || f.mailFrom == existing)
		if view.real {
			row.What = strings.ReplaceAll(row.What, "a subdomain that exists", existing+c.domain)
		}
		envelope := stranger[f.mailFrom]
		row.SPFOnly = envelope.outcome(row.MailFrom)
		row.DMARC = c.dmarcOutcome(ctx, view, dmarc.RFC9989, row, envelope)
		row.Former = c.dmarcOutcome(ctx, view, dmarc.RFC7489, row, envelope)
		c.report.TruthTable = append(c.report.TruthTable, row)
	}
}

// isThere reports that a name is not known to be missing. What stands behind an alias
// may be missing all the same; what a made-up name has too comes from a wildcard.
func (c *checker) isThere(ctx context.Context, r dns.Resolver, name string) bool {
	a, err := r.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeTXT})
	if err != nil {
		return true
	}
	if a.RCode == dns.NXDomain && len(a.Chain) == 0 {
		return false
	}
	b, err := r.Lookup(ctx, dns.Question{Name: probe + c.domain, Type: dns.TypeTXT})
	same := slices.EqualFunc(a.Records, b.Records, func(x, y dns.Record) bool { return recordText(x) == recordText(y) })
	return err != nil || !same || !slices.Equal(a.Chain, b.Chain) || len(a.Records)+len(a.Chain) == 0
}

func (c *checker) named(short string) string {
	switch short {
	case "":
		return ""
	case "@":
		return c.domain
	}
	return short + c.domain
}

// stranger is what SPF says of an address that nobody named.
type stranger struct {
	word   spf.Word // "" where DNS did not answer
	why    string   // follows the domain: "has no SPF record"
	record string
	wide   string // the term that lets in a very wide network all the same, "" none
	open   string // of a record below: the term that lets everybody in, "" none
}

// stranger is what the domain's own record makes of an address that no term names,
// at worst: an error before the term that lets everybody in stops only receivers that
// are strict, and only until it is mended.
func (c *checker) stranger() stranger {
	out := c.strictly()
	if e := c.spf.everyone; e != "" {
		out.word, out.why, out.wide = spf.Pass, "lets every address send ("+clip(e, 100)+")", ""
		if c.spf.hidden {
			out.why += ", but for receivers that stop at an error before that"
		}
	}
	return out
}

// strictly reads the domain's own record as RFC 7208 has it.
func (c *checker) strictly() stranger {
	s := &c.spf
	out := stranger{record: s.text}
	switch {
	case s.state == spfFault:
		out.why = "did not answer for its SPF record"
	case s.state == spfNone:
		out.word, out.why = spf.None, "has no SPF record"
	case s.state == spfSeveral:
		out.word, out.why = spf.PermError, "has several SPF records, which is an error"
	case s.state == spfInvalid:
		out.word, out.why = spf.PermError, "has an SPF record that is not valid"
	case s.hangs:
		out.why = "hands strangers on to a record whose name hangs on the message"
	case s.unread != "":
		out.why = "has an SPF record of which a part is not known (" + clip(s.unread, 100) + ")"
	default:
		out.word, out.why = s.forOthers()
		if out.word == spf.PermError {
			break
		}
		if out.wide = c.wideTerm(); out.wide != "" {
			out.wide = clip(out.wide, 100)
			out.why += ", but lets in whoever has a machine in a very wide network (" + out.wide + ")"
		}
	}
	return out
}

// forOthers says what most addresses get, by the exact look where that was had.
func (s *survey) forOthers() (spf.Word, string) {
	word := spf.Unknown
	if s.set != nil {
		word = most(s.set, spf.WithLimits, spf.Neutral, spf.SoftFail, spf.Fail, spf.Pass, spf.PermError, spf.TempError, spf.Unknown)
	}
	open := word == spf.TempError || word == spf.Unknown
	switch end, why := endOf(s.all); {
	case open && s.oversteps() || word == spf.PermError && s.oversteps():
		return spf.PermError, "has an SPF record that oversteps the limits of look-ups, which is an error"
	case (open || word == spf.PermError) && len(s.broken) > 0:
		return spf.PermError, "has an SPF record that ends in an error at " + clip(s.broken[0].term, 100)
	case word == spf.PermError:
		return word, "has an SPF record that ends in an error"
	case open || word == end:
		return end, why
	case s.all == "+":
		return word, wordsFor[word] + " (before its +all is reached)"
	default:
		return word, wordsFor[word]
	}
}

// endOf says what the all of a record makes of everybody else.
func endOf(all string) (spf.Word, string) {
	switch all {
	case "-":
		return spf.Fail, wordsFor[spf.Fail] + " (-all)"
	case "~":
		return spf.SoftFail, wordsFor[spf.SoftFail] + " (~all)"
	case "+":
		return spf.Pass, "lets every address send (+all)"
	case "?":
		return spf.Neutral, wordsFor[spf.Neutral] + " (?all)"
	}
	return spf.Neutral, wordsFor[spf.Neutral] + " (no all)"
}

// wordsFor says what a record makes of everybody else.
var wordsFor = map[spf.Word]string{
	spf.Fail: "says that nobody else may send", spf.SoftFail: "says that nobody else should send", spf.Neutral: "says nothing about others",
	spf.Pass: "lets others send",
}

// outcome is what a receiver does that looks at SPF alone.
func (s stranger) outcome(domain string) Outcome {
	if domain == "" {
		return Outcome{Does: Accepted, Why: "SPF is asked for the forger's own domain, and passes"}
	}
	out := Outcome{Why: domain + " " + s.why}
	if s.record != "" {
		out.At = domain
	}
	switch s.word {
	case "":
		out.Does = Undecidable
	case spf.Fail:
		out.Does = Refused
		if s.wide != "" {
			out.Does = Mostly
		}
	case spf.SoftFail:
		out.Does = Marked
	default: // an error, too, is no reason to refuse: RFC 7208 section 8.7 leaves it open, most accept
		out.Does = Accepted
	}
	return out
}

// dmarcOutcome is what a receiver does that follows DMARC, and draws the least for
// this message where the record asks for a share only (pct).
func (c *checker) dmarcOutcome(ctx context.Context, r dns.Resolver, by dmarc.Standard, row Forgery, envelope stranger) Outcome {
	if row.From == "" {
		return Outcome{Does: Accepted, Why: "the From line names another domain, so no DMARC policy of " + c.domain + " is asked"}
	}
	args := dmarc.Args{Domain: row.From, Resolver: r, Standard: by, Sample: 99}
	if row.MailFrom != "" {
		word := string(envelope.word)
		if word == "" {
			word = string(spf.TempError)
		}
		args.SPF = dmarc.SPF{Domain: row.MailFrom, Result: word}
	}
	res := dmarc.Evaluate(ctx, args)
	out := Outcome{}
	if res.Record != nil {
		out.At = res.RecordDomain
	}
	switch {
	case res.Verdict == dmarc.VerdictTempError && res.Fault == nil && res.Policy == dmarc.None:
		out.Does, out.Why = Accepted, fmt.Sprintf("its policy refuses nothing (%s)", policyTag(res.Tag, res.Policy))
	case res.Verdict == dmarc.VerdictTempError:
		out.Does, out.Why = Undecidable, "DNS did not answer"
	case res.Verdict == dmarc.VerdictPass:
		out.Does, out.Why = Accepted, row.MailFrom+" "+envelope.why+", and with SPF passes DMARC"
	case res.Verdict == dmarc.VerdictFail && contradiction(res.Record) != "":
		out.Does, out.Why = Accepted, "its policy is not valid ("+contradiction(res.Record)+"), and readers that are strict ignore it"
	case res.Verdict == dmarc.VerdictFail:
		out.Does, out.Why = applied(res)
		if out.Does != Refused || envelope.record == "" || !c.aligned(ctx, args) {
			break
		}
		if envelope.record == c.spf.text {
			c.hangOnSPF = append(c.hangOnSPF, tableCell{row.ID, by})
		}
		if envelope.wide != "" {
			out.Does = Mostly
			out.Why += "; but " + row.MailFrom + " lets in whoever has a machine in a very wide network (" + envelope.wide + "), and that passes DMARC"
		}
	default:
		out.Does, out.Why = Accepted, "no DMARC policy applies"
	}
	return out
}

// tableCell is a row of the truth table as receivers of one standard see it.
type tableCell struct {
	id string
	by dmarc.Standard
}

// doubtForgeries corrects the truth table where a name of the SPF record can be
// registered: whoever does passes.
func (c *checker) doubtForgeries() {
	if c.takenSPF == "" {
		return
	}
	doubt := func(o *Outcome, passes string) {
		if o.Does == Refused {
			o.Does = Mostly
			o.Why += "; but " + c.takenSPF + " does not exist, and whoever registers it passes " + passes
		}
	}
	for i := range c.report.TruthTable {
		row := &c.report.TruthTable[i]
		if row.MailFrom == c.domain {
			doubt(&row.SPFOnly, "SPF")
		}
		if slices.Contains(c.hangOnSPF, tableCell{row.ID, dmarc.RFC9989}) {
			doubt(&row.DMARC, "SPF and DMARC")
		}
		if slices.Contains(c.hangOnSPF, tableCell{row.ID, dmarc.RFC7489}) {
			doubt(&row.Former, "SPF and DMARC")
		}
	}
}

// aligned reports that this message would pass DMARC if SPF passed.
func (c *checker) aligned(ctx context.Context, args dmarc.Args) bool {
	args.SPF.Result = string(spf.Pass)
	return dmarc.Evaluate(ctx, args).Verdict == dmarc.VerdictPass
}

// applied words what a policy in force does.
func applied(res dmarc.Result) (Treatment, string) {
	asks := policyTag(res.Tag, res.Policy) + " at " + res.RecordDomain
	softer := ""
	for _, r := range res.Reasons {
		if r.Code == dmarc.ReasonTest || r.Code == dmarc.ReasonSampled {
			softer = "; " + r.Text
		}
	}
	switch res.Applied {
	case dmarc.Reject:
		return Refused, asks + softer
	case dmarc.Quarantine:
		return SpamFolder, asks + softer
	}
	return Accepted, "its policy refuses nothing (" + asks + softer + ")"
}

func policyTag(tag string, p dmarc.Policy) string {
	if tag == "" {
		tag = "p"
	}
	return tag + "=" + string(p)
}

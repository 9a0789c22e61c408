package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/inventory"
	"unspoof/orgdomain"
)

// DMARCRequest says what a domain's DMARC record is to ask for.
type DMARCRequest struct {
	Domain string
	// Policy is p; "" takes the next rung of the ladder.
	Policy dmarc.Policy
	// Subdomain and NonExistent are sp and np; "" leaves them to follow p (RFC
	// 9989 section 4.7). Only together with Policy.
	Subdomain   dmarc.Policy
	NonExistent dmarc.Policy
	Test        bool // t=y; likewise
	// Reports are mail addresses for the daily reports, with or without
	// "mailto:"; nil keeps those of today's record, or takes dmarc@ the domain.
	Reports []string
	Parked  bool // the domain sends nothing: without a Policy, p=reject at once
	// Confirmed says that a Parked domain is unused, whatever DNS shows.
	Confirmed bool
	// Inventory tells who sends, for the conditions of the ladder; nil: not known.
	Inventory *inventory.Inventory
}

// DMARCPlan is the answer to a DMARCRequest.
type DMARCPlan struct {
	Domain  string `json:"domain"`  // in A-labels
	Missing bool   `json:"missing"` // DNS has no such name: misspelt, very likely
	// Record is what was asked for, or that of the next rung. It is empty where
	// today's is to stay; Why tells.
	Record Record `json:"record"`
	Today  string `json:"today"` // the record published at this very domain now, ""
	// Unsure says that DNS did not answer everything.
	Unsure bool `json:"unsure"`
	// Destinations are the addresses that reports go to, and whether they agree.
	Destinations []Destination `json:"destinations"`
	// Consent is what the domains of other organisations have to publish before
	// they get reports (RFC 9990 section 4).
	Consent []Record `json:"consent"`
	// Ladder is the way to p=reject; empty for a Parked domain, which needs none, and
	// where DNS did not tell where the domain stands on it.
	Ladder []Rung `json:"ladder"`
	// Before is what must be true before Record is published: that of every rung
	// that it reaches and today's record does not.
	Before []Condition `json:"before"`
	// Use is what in DNS shows a domain in use that is to be parked; each a sentence.
	Use      []string `json:"use"`
	Why      []string `json:"why"`
	Warnings []string `json:"warnings"`

	several []string // the records of today where there is more than one
}

// Next gives the next rung of the ladder; not ok at its top, or where it is not
// known.
func (p DMARCPlan) Next() (Rung, bool) {
	i := slices.IndexFunc(p.Ladder, func(r Rung) bool { return r.State == RungNext })
	if i < 0 {
		return Rung{}, false
	}
	return p.Ladder[i], true
}

// BuildDMARC makes the DMARC record for a request, and the ladder to p=reject
// with where the domain stands on it. No policy on the ladder is weaker than
// today's, but that a test (t=y) takes all of them down by one level while it
// lasts; a warning says it wherever less is asked for than today. With ErrInUse,
// for a domain to be parked that is in use, the plan is filled. A nil resolver asks
// nothing of DNS.
func BuildDMARC(ctx context.Context, req DMARCRequest, resolver dns.Resolver) (DMARCPlan, error) {
	if resolver == nil {
		resolver = silent{}
	}
	m := &dmarcMaker{req: req}
	if err := m.read(); err != nil {
		return DMARCPlan{}, err
	}
	m.plan.Missing = missing(ctx, resolver, m.plan.Domain)
	m.discover(ctx, resolver)
	name := "_dmarc." + m.plan.Domain
	m.zone = Zone(ctx, resolver, name)
	if text := aliased(ctx, resolver, name); text != "" {
		m.warn("%s", text)
	}
	if !m.plan.Unsure && !req.Parked {
		if err := m.ladder(ctx, resolver); err != nil {
			return DMARCPlan{}, err
		}
	}
	var refused error
	if req.Parked && !req.Confirmed {
		u := inUse(ctx, resolver, m.plan.Domain)
		m.plan.Use, refused = u.shows, u.refusal(m.plan.Domain, false)
	}
	want, ok := m.wanted()
	if !ok {
		m.plan.Destinations = Destinations(ctx, resolver, m.plan.Domain, m.present)
		m.consents()
		return m.plan, refused
	}
	m.conditions(ctx, resolver, want)
	record, rec, err := m.record(want)
	if err != nil {
		return DMARCPlan{}, err
	}
	m.plan.Record = record
	for _, n := range rec.Notes {
		m.warn("%s.", n.Text)
	}
	m.compare(rec)
	if want.sp.Weaker(want.np) && m.organisational() {
		m.wildcard(ctx, resolver, want)
	}
	m.plan.Destinations = Destinations(ctx, resolver, m.plan.Domain, rec)
	m.consents()
	return m.plan, refused
}

type dmarcMaker struct {
	req     DMARCRequest
	plan    DMARCPlan
	zone    string
	reports []string        // URIs asked for
	today   dmarc.Discovery // the zero value where DNS did not answer
	present *dmarc.Record   // published at the domain itself, nil
	refused bool            // whom today's record asks to take reports, on the way to reject, takes none
	known   *facts          // for the conditions; nil until somebody asks
}

func (m *dmarcMaker) warn(format string, a ...any) {
	m.plan.Warnings = append(m.plan.Warnings, fmt.Sprintf(format, a...))
}

func (m *dmarcMaker) why(format string, a ...any) {
	m.plan.Why = append(m.plan.Why, fmt.Sprintf(format, a...))
}

// read checks the request.
func (m *dmarcMaker) read() error {
	domain, err := domainName("domain", m.req.Domain)
	if err != nil {
		return err
	}
	m.plan = noDMARC(domain)
	for _, p := range []dmarc.Policy{m.req.Policy, m.req.Subdomain, m.req.NonExistent} {
		if p != "" && !slices.Contains([]dmarc.Policy{dmarc.None, dmarc.Quarantine, dmarc.Reject}, p) {
			return fmt.Errorf("plan: policy %q is none of none, quarantine, reject", p)
		}
	}
	if m.req.Policy == "" && (m.req.Subdomain != "" || m.req.NonExistent != "" || m.req.Test) {
		return fmt.Errorf("plan: a policy for subdomains, or a test, needs the policy of the domain itself")
	}
	m.reports, err = mailURIs(m.req.Reports)
	return err
}

func (m *dmarcMaker) discover(ctx context.Context, resolver dns.Resolver) {
	today, err := dmarc.Discover(ctx, resolver, m.plan.Domain)
	if err != nil {
		m.plan.Unsure = true
		m.warn("DNS did not answer which DMARC record %s has today. If there is one, put this in its place, not beside it, and don't replace it by a weaker one.", m.plan.Domain)
		return
	}
	m.today = today
	if today.At == m.plan.Domain {
		m.present = today.Record
		m.plan.Today = today.Record.Text
	}
	for _, s := range today.Steps {
		if s.Domain == m.plan.Domain && len(s.Records) > 1 {
			m.plan.several = s.Records
			m.warn("%s has several DMARC records today, which counts as none (RFC 9989 section 4.10). Put this one in the place of all of them.", m.plan.Domain)
		}
	}
}

// wanted is the policy to make a record of; not ok where today's is to stay.
func (m *dmarcMaker) wanted() (asked, bool) {
	r := m.req
	if r.Policy != "" {
		a := asked{p: r.Policy, sp: r.Subdomain, np: r.NonExistent, test: r.Test}
		return a.filled(), true
	}
	d := m.plan.Domain
	if r.Parked {
		if covered := m.covered(); covered != nil && covered.reaches(asked{p: dmarc.Reject}.filled()) {
			if m.readdressed() || m.whole() {
				return *covered, true
			}
			m.why("%s asks for reject already: nothing needs to change.", d)
			return asked{}, false
		}
		m.why("%s sends nothing, so receivers can be told at once to refuse whatever claims to come from it, subdomains included.", d)
		return asked{p: dmarc.Reject}.filled(), true
	}
	if m.plan.Unsure {
		m.why("p=none refuses nothing yet: it asks for daily reports, which show everybody who sends as %s.", d)
		return asked{p: dmarc.None}.filled(), true
	}
	next, ok := m.plan.Next()
	if !ok && m.present == nil {
		m.why("The policy of %s (%s) covers this name already: publish none here, or it would take its place.", m.today.At, m.today.Policy)
		return asked{}, false
	}
	if !ok && (m.readdressed() || m.whole()) {
		return *m.covered(), true
	}
	if !ok {
		if len(m.present.RUA) > 0 {
			m.why("Today's policy asks for reject for all of %s: nothing needs to change. Keep reading the reports.", d)
		} else {
			m.why("Today's policy asks for reject for all of %s: nothing of it needs to change.", d)
			m.warn("Today's record names no address to which reports could be sent: nobody would tell you when mail of yours fails.")
		}
		return asked{}, false
	}
	if m.present == nil && m.today.Policy != "" {
		m.why("The policy of %s (%s) covers this name already. Publish one here only if this name should have another; it would take its place.", m.today.At, m.today.Policy)
		if next.ID == "watch" {
			m.warn("The record of %s brings no reports: unspoof dmarc build --domain %s makes one that does.", m.today.At, m.today.At)
		}
		return asked{}, false
	}
	if m.present != nil && !m.sound() {
		m.why("Today's record is not valid: receivers take it for p=none at best, whatever it asks for. This one stands on valid ground; go up from there.")
	}
	m.why("%s", next.Text)
	if next.ID == "reject-test" || next.ID == "reject" {
		m.why("To stay at quarantine is a good end for a domain whose people write to mailing lists (RFC 9989 section 7.4).")
	}
	return asked{next.Policy, next.Subdomain, next.NonExistent, next.Test}, true
}

// wildcard says where np does nothing: below a wildcard no name is missing (RFC 9989
// section 3.2.13, RFC 4592 section 2.2.1).
func (m *dmarcMaker) wildcard(ctx context.Context, resolver dns.Resolver, want asked) {
	answer, err := resolver.Lookup(ctx, dns.Question{Name: "*." + m.plan.Domain, Type: dns.TypeA})
	if err == nil && answer.RCode != dns.NXDomain {
		m.warn("*.%s is in DNS, and with it every name below %s exists: np=%s does nothing, and forged names get what is for subdomains (%s).", m.plan.Domain, m.plan.Domain, want.np, want.sp)
	}
}

// readdressed reports, and says, that nothing but the address for reports is to
// change.
func (m *dmarcMaker) readdressed() bool {
	if m.present == nil || len(m.reports) == 0 || strings.Join(m.reports, ",") == joinURIs(m.present.RUA) {
		return false
	}
	m.why("The policy stays as it is; the reports go where you ask.")
	return true
}

// whole reports, and says, that nothing but pct is to go.
func (m *dmarcMaker) whole() bool {
	if m.partial() {
		m.why("The policy stays as it is; pct goes.")
	}
	return m.partial()
}

// record makes the record and reads it back. What today's record says besides
// the policy stays.
func (m *dmarcMaker) record(a asked) (Record, *dmarc.Record, error) {
	words := []string{"v=DMARC1", "p=" + string(a.p)}
	if a.sp != a.p {
		words = append(words, "sp="+string(a.sp))
	}
	if a.np != a.sp {
		words = append(words, "np="+string(a.np))
	}
	old := m.present
	if old != nil {
		if old.ADKIM == dmarc.Strict {
			words = append(words, "adkim=s")
		}
		if old.ASPF == dmarc.Strict {
			words = append(words, "aspf=s")
		}
		if old.PSD == orgdomain.PSDYes || old.PSD == orgdomain.PSDNo {
			words = append(words, "psd="+string(old.PSD))
		}
	}
	if a.test {
		words = append(words, "t=y")
	}
	if rua := m.rua(); rua != "" {
		words = append(words, "rua="+rua)
	}
	if old != nil && len(old.RUF) > 0 {
		words = append(words, "ruf="+joinURIs(old.RUF))
		if fo := strings.Join(old.FO, ":"); fo != "0" && fo != "" {
			words = append(words, "fo="+fo)
		}
	}
	value := strings.Join(words, "; ")
	rec, err := dmarc.Parse(value)
	if err != nil {
		return Record{}, nil, fmt.Errorf("plan: the record made is not valid, %q: %w", value, err)
	}
	record, err := TXT("_dmarc."+m.plan.Domain, value)
	return record.In(m.zone), rec, err
}

// sound reports that receivers take today's record for what it says.
func (m *dmarcMaker) sound() bool {
	p, _, ok := m.present.For(dmarc.Itself)
	return ok && p == m.present.Policy
}

// rua gives the addresses for reports: those asked for, those of today, or a
// usual one for a domain that sends.
func (m *dmarcMaker) rua() string {
	switch {
	case len(m.reports) > 0:
		return strings.Join(m.reports, ",")
	case m.refused:
		return "mailto:" + usualReports + m.plan.Domain + "," + joinURIs(m.present.RUA)
	case m.present != nil && len(m.present.RUA) > 0:
		return joinURIs(m.present.RUA) // whoever reads the reports goes on doing so
	case m.req.Parked:
		return "" // nothing to watch, and no mailbox there to take them
	}
	return "mailto:" + usualReports + m.plan.Domain
}

// usualReports is the mailbox that reports go to where nobody named one.
const usualReports = "dmarc@"

func joinURIs(list []dmarc.URI) string {
	var uris []string
	for _, u := range list {
		uris = append(uris, u.URI)
	}
	return strings.Join(uris, ",")
}

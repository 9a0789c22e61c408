package posture

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/lint"
	"unspoof/sender"

	"unspoof/finding"
)

// Args names the domain to check.
type Args struct {
	Domain   string       // U-labels are taken too
	Resolver dns.Resolver // where to ask
	// Quick asks at most QuickQuestions, one after another, for those who check
	// thousands of domains at once: MX, SPF with its includes, DMARC, and the
	// address where there is no MX. Left out are the addresses of mail exchangers
	// and of SPF's a, mx and exists (so nothing is said of voids), consent to
	// reports, wildcards, and everything that full reports have beside SPF, DMARC
	// and MX.
	//
	// A full check asks at most FullQuestions.
	Quick bool
	// NoBlocklists leaves the block lists out of a full check. Else it asks them
	// about up to four addresses of the domain's servers, which the lists so learn:
	// zen.spamhaus.org (free for few questions, not for trade, and not through public
	// resolvers), b.barracudacentral.org (for resolvers registered with it),
	// bl.spamcop.net and psbl.surriel.com (for anybody, in moderation). Whoever
	// checks many domains should set it.
	NoBlocklists bool
	// Shared keeps the SPF records that several domains include, for quick
	// checks. It may be nil; one serves many checks at once.
	Shared *Shared
}

// QuickQuestions is the most that one quick check asks. An SPF record that
// Args.Shared holds is not asked, and counts as if it were: what a report says
// does not hang on what was checked before. Where a policy is in force and this is
// not enough to read the SPF record to its end, the exposure is Undecided.
const QuickQuestions = 12

// Check asks DNS about a domain and reports who can send as it. Its error says
// that the name is no domain name, or that ctx ended; DNS that does not answer is
// not an error but a report whose exposure may be Undecided.
func Check(ctx context.Context, args Args) (Report, error) {
	domain, err := dmarc.Domain(args.Domain)
	if err != nil {
		return Report{}, fmt.Errorf("posture: %w", err)
	}
	if args.Resolver == nil {
		return Report{}, errors.New("posture: no resolver to ask")
	}
	c := &checker{
		domain: domain,
		ask:    newAsker(args.Resolver),
		report: emptyReport(domain),
	}
	c.registry = &part{asker: c.ask, left: registryQuestions}
	c.noLists = args.NoBlocklists
	if args.Quick {
		c.quick, c.shared = true, args.Shared
		c.ask.limit = QuickQuestions
		c.report.Quick = true
	}
	c.essentials(ctx)
	if err := ctx.Err(); err != nil {
		return Report{}, fmt.Errorf("posture: check of %s: %w", domain, err)
	}
	c.existence()
	if !c.missing {
		c.survey(ctx)
		c.nameServices()
		if !c.quick {
			c.complete(ctx)
		}
		c.lintSPF(ctx)
		c.usage(ctx)
		c.checkSPF(ctx)
		if !c.quick {
			c.conclude(ctx)
		}
	}
	c.checkDMARC(ctx)
	if !c.missing {
		c.lintRecords(ctx)
	}
	if err := ctx.Err(); err != nil {
		return Report{}, fmt.Errorf("posture: check of %s: %w", domain, err)
	}
	finding.Sort(c.report.Findings)
	c.report.NotAsked = c.ask.notAsked()
	c.report.Unanswered = c.ask.unanswered()
	c.report.Questions = len(c.ask.order) + c.ask.adopted
	c.report.Verdict = c.verdict()
	c.report.Grade = c.grade()
	c.report.Next = c.next()
	c.report.Findings = worst(c.report.Findings)
	return c.report, nil
}

// emptyReport has a list, if an empty one, wherever there can be one.
func emptyReport(domain string) Report {
	return Report{
		Domain: domain, Findings: []finding.Finding{}, MX: []string{}, Services: []string{}, TruthTable: []Forgery{},
		Claimable: []Claim{}, Relies: []Reliance{}, Lockdown: []Lock{}, Bulk: []Demand{}, Blocklists: []Blocklist{},
		DKIM:      DKIM{Wildcard: NotKnown, Selectors: []Selector{}},
		Transport: Transport{MTASTS: NotKnown, TLSRPT: NotKnown, DNSSEC: NotKnown, RUA: []string{}, CAA: []string{}, Hosts: []HostDANE{}},
	}
}

// checker gathers what is known of one domain.
type checker struct {
	domain string
	ask    *asker
	extras *part
	// registry asks whether a registry is known.
	registry *part
	quick    bool
	shared   *Shared
	// noLists is Args.NoBlocklists.
	noLists bool
	mu      sync.Mutex // of report, while questions run in parallel
	report  Report

	mx, addr4, addr6, txt outcome
	missing               bool // NXDOMAIN
	receives              bool
	dmarc                 dmarc.Discovery
	dmarcErr              error
	deaf                  bool // reports are asked for, and nobody may take them
	spf                   survey
	linted                *lint.Report     // lint's judgement of the SPF records, nil where it was not asked
	found                 []sender.Service // that MX and SPF point to
	nameServers           []string
	below                 stranger    // to names that don't exist
	www                   stranger    // to the subdomain that is looked at
	former                string      // what is less by DMARC of 2015, "" nothing
	wildKey               Selector    // that every selector answers with
	taken                 string      // a name that anybody may register, and send with it
	takenSPF              string      // … one in the SPF record
	hangOnSPF             []tableCell // that are refused only as long as the domain's SPF record does not pass
	reverse               State       // whether own addresses have reverse names
}

// outcome is an answer or a fault.
type outcome struct {
	dns.Answer
	err   error
	asked bool
}

func (o *outcome) has() bool { return o.asked && o.err == nil && !o.Void() }

// essentials asks what every verdict rests on, all at once.
func (c *checker) essentials(ctx context.Context) {
	if c.quick {
		c.quickEssentials(ctx)
		return
	}
	get := func(o *outcome, t dns.Type) func() {
		return func() { c.get(ctx, o, t) }
	}
	parallel(
		get(&c.mx, dns.TypeMX), get(&c.addr4, dns.TypeA), get(&c.addr6, dns.TypeAAAA), get(&c.txt, dns.TypeTXT),
		func() { c.dmarc, c.dmarcErr = dmarc.Discover(ctx, c.ask, c.domain) },
	)
}

func (c *checker) get(ctx context.Context, o *outcome, t dns.Type) {
	o.asked = true
	o.Answer, o.err = c.ask.Lookup(ctx, dns.Question{Name: c.domain, Type: t})
}

// survey asks what the findings need.
func (c *checker) survey(ctx context.Context) {
	if c.quick {
		c.listMX()
		c.surveySPF(ctx)
		return
	}
	c.extras = &part{asker: c.ask, left: extraQuestions}
	parallel(
		func() { c.surveySPF(ctx) },
		func() { c.checkMX(ctx) },
		func() { c.checkDestinations(ctx) },
		func() { c.checkWildcards(ctx) },
	)
}

// complete asks what rests on the answers so far.
func (c *checker) complete(ctx context.Context) {
	own := c.ownAddresses()
	parallel(
		func() { c.checkForgeries(ctx) },
		func() { c.checkTransport(ctx) },
		func() { c.checkDKIM(ctx) },
		func() { c.checkReverse(ctx, own) },
		func() { c.checkBlocklists(ctx, own) },
	)
}

// conclude draws on all answers.
func (c *checker) conclude(ctx context.Context) {
	c.checkClaims(ctx) // among the aliases met so far, too
	c.doubtForgeries()
	c.findOpenBelow()
	c.report.Relies, c.report.ReliesMore = c.reliances()
	c.checkExposure()
	c.report.Lockdown, c.report.Bulk = c.lockdown(), c.demands()
}

// existence tells a name that is not there from one that has nothing.
func (c *checker) existence() {
	for _, o := range []*outcome{&c.mx, &c.addr4, &c.addr6, &c.txt} {
		if o.asked && o.err == nil && o.RCode == dns.NXDomain {
			c.missing = true // RFC 8020: so for every type
		}
	}
	if c.missing {
		c.find("DNS-001", nil, c.ask.evidence(dns.TypeMX, c.domain, nil))
	}
}

// usage tells whether the domain takes mail, sends any, or is parked.
func (c *checker) usage(ctx context.Context) {
	c.receives = len(c.report.MX) > 0 || !c.report.NullMX && (c.addr4.has() || c.addr6.has())
	quiet := len(c.report.MX) == 0 && c.mx.err == nil
	if c.spf.state == spfNone && !c.quick {
		c.strayedSPF(ctx)
	}
	switch {
	case c.maySend():
	case c.spf.state == spfOK:
		c.report.Parked = quiet && !c.spf.letsIn
	case c.spf.state == spfNone:
		c.report.Parked = quiet && !c.receives && c.addr4.err == nil && c.addr6.err == nil
	}
	ev := c.ask.evidence(dns.TypeMX, c.domain, nil)
	switch {
	case c.report.Parked && !c.report.NullMX:
		c.find("MX-007", nil, ev)
	case quiet && c.receives:
		c.find("MX-003", nil, ev)
	}
	if c.report.NullMX && len(c.report.MX) == 0 && c.spf.state == spfOK && c.spf.letsIn {
		c.find("MX-006", nil, ev, c.spfEvidence())
	}
}

// maySend reports a sign that the domain sends, whatever its SPF record says: a key
// to sign with, a record that was meant as SPF, or somebody who watches the reports
// before refusing. Where keys were looked for and DNS did not answer, nobody knows.
func (c *checker) maySend() bool {
	if r := c.dmarc.Record; r != nil && c.dmarc.Policy == dmarc.None && len(r.RUA) > 0 {
		return true
	}
	if c.spf.state == spfNone {
		if c.has("SPF-013") || c.meantAsSPF() {
			return true
		}
	}
	if c.quick {
		return false // keys are not looked for
	}
	switch d := &c.report.DKIM; d.Wildcard {
	case Yes:
		return !c.wildKey.Revoked
	case No:
		return slices.ContainsFunc(d.Selectors, func(s Selector) bool { return !s.Revoked })
	}
	return dns.CheckName(probe+"_domainkey."+c.domain) == nil
}

// service notes a service that the domain points to; where several share the
// name, all of them.
func (c *checker) service(hits []sender.Match) {
	if len(hits) == 0 {
		return
	}
	var all []string
	for _, h := range hits {
		all = append(all, h.Service.Name)
	}
	name := strings.Join(all, " or ")
	if hits[0].Confidence == sender.Low {
		name += " (perhaps)"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range hits {
		if !slices.ContainsFunc(c.found, func(s sender.Service) bool { return s.ID == h.Service.ID }) {
			c.found = append(c.found, h.Service)
		}
	}
	if !slices.Contains(c.report.Services, name) {
		c.report.Services = append(c.report.Services, name)
	}
}

func (c *checker) spfEvidence() finding.Evidence {
	return c.ask.evidence(dns.TypeTXT, c.domain, looksLikeSPF)
}

func looksLikeSPF(text string) bool { return strings.Contains(strings.ToLower(text), "spf1") }

func parallel(tasks ...func()) {
	var wg sync.WaitGroup
	for _, task := range tasks {
		wg.Go(task)
	}
	wg.Wait()
}

// isFault tells "DNS did not answer" from "there is none".
func isFault(err error) bool {
	var fault *dns.Error
	return errors.As(err, &fault)
}

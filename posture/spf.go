package posture

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/lint"
	"unspoof/sender"
	"unspoof/spf"

	"unspoof/finding"
)

// What is worth a finding.
const (
	maxLookups = 10  // RFC 7208 section 4.6.4
	maxVoids   = 2   // RFC 7208 section 4.6.4
	longRecord = 450 // octets: RFC 7208 section 3.4
	maxHosts   = 10  // of one mx: RFC 7208 section 4.6.4
)

// typeSPF was given up in 2014 (RFC 7208 section 3.1).
const typeSPF dns.Type = 99

// checkSPF makes findings of the survey.
func (c *checker) checkSPF(ctx context.Context) {
	ev := c.spfEvidence()
	switch c.spf.state {
	case spfFault:
	case spfNone:
		c.noSPF(ev)
	case spfSeveral: // lint says so
	case spfInvalid:
		v := vars{"fault": "it cannot be read", "term": c.spf.text, "hint": ""}
		if e := c.spf.syntax; e != nil {
			v = vars{"fault": "expected " + e.Expected, "term": e.Term, "hint": ""}
			if e.Hint != "" {
				v["hint"] = " (" + e.Hint + ")"
			}
		}
		c.report.SPF = c.spf.text
		if c.grammar() == nil {
			c.find("SPF-003", v, ev)
		}
		if c.spf.everyone != "" {
			c.find("SPF-004", vars{"term": c.spf.everyone}, ev)
		}
	case spfOK:
		c.report.SPF = c.spf.text
		c.report.Lookups, c.report.Voids = c.spf.cost.Lookups, c.spf.cost.Voids
		c.checkEnd(ev)
		c.checkTerms(ctx, ev)
		c.checkCost(ev)
	}
}

// noSPF tells of a record that is missing; one that was meant as SPF is for lint to
// tell of.
func (c *checker) noSPF(ev finding.Evidence) {
	switch {
	case c.report.Parked:
		c.find("SPF-016", nil, ev)
	case !c.meantAsSPF():
		c.find("SPF-001", nil, ev)
	}
}

// meantAsSPF reports a record that is none by its form, and was meant as one.
func (c *checker) meantAsSPF() bool {
	return c.spf.state == spfNone && c.linted != nil && len(c.linted.Records) > 0
}

// strayedSPF asks where people put records by mistake.
func (c *checker) strayedSPF(ctx context.Context) {
	for _, host := range []string{"_spf." + c.domain, "spf." + c.domain} {
		if dns.CheckName(host) != nil {
			continue
		}
		if _, _, err := spf.Discover(ctx, c.extras, host); err == nil {
			// Larger domains keep their includes there, but then have a record too.
			c.find("SPF-013", vars{"host": host}, c.ask.evidence(dns.TypeTXT, host, looksLikeSPF))
		}
	}
	if a, err := c.extras.Lookup(ctx, dns.Question{Name: c.domain, Type: typeSPF}); err == nil && !a.Void() {
		c.find("SPF-015", nil, c.ask.evidence(typeSPF, c.domain, nil))
	}
}

// checkEnd judges what the record says of everybody else.
func (c *checker) checkEnd(ev finding.Evidence) {
	s := &c.spf
	switch {
	case s.everyone != "":
		c.find("SPF-004", vars{"term": s.everyone}, ev)
	case c.report.Parked && s.all != "-":
		c.find("SPF-016", nil, ev)
	case s.all == "?":
		c.find("SPF-005", nil, ev)
	case s.all == "" && s.complete && !s.hangs && len(s.broken) == 0:
		c.find("SPF-006", nil, ev)
	case s.all == "-" && s.letsIn:
		c.find("SPF-017", nil, ev)
	}
}

// checkTerms judges the terms of the domain's own record, and what they lead to.
// Where lint looked, it has judged what is theirs alone.
func (c *checker) checkTerms(ctx context.Context, ev finding.Evidence) {
	s := &c.spf
	if c.linted == nil {
		c.checkOwnTerms(ev)
	}
	if s.ptr != "" && !c.lintHas("SPF-009") {
		c.find("SPF-009", vars{"term": s.ptr}, ev)
	}
	for _, b := range s.broken {
		v := vars{"host": b.host, "term": b.term, "fault": b.fault + c.doubt(ctx, dns.TypeTXT, b.host), "hint": ""}
		if near := sender.SuggestHosts(b.host); len(near) > 0 {
			v["hint"] = " (did you mean " + strings.Join(near, " or ") + "?)"
		}
		c.find("SPF-012", v, ev, c.ask.evidence(dns.TypeTXT, b.host, looksLikeSPF))
	}
}

// lintHas reports that lint found it, so that it need not be said twice.
func (c *checker) lintHas(id string) bool { return c.linted != nil && c.linted.Has(id) }

// checkOwnTerms is what a quick check says of terms in place of lint.
func (c *checker) checkOwnTerms(ev finding.Evidence) {
	s := &c.spf
	for i := range s.record.Terms {
		t := &s.record.Terms[i]
		c.checkNetwork(t, ev)
		c.checkService(t, ev)
	}
	if w := s.wide; w != nil && c.decides(w.own) {
		c.find("SPF-010", vars{"term": clip(w.own, 100) + " > " + clip(w.term, 100), "size": w.size}, ev)
	}
	if n := len(s.text); n >= longRecord {
		c.find("SPF-020", vars{"count": fmt.Sprint(n)}, ev)
	}
}

func (c *checker) checkNetwork(t *spf.Term, ev finding.Evidence) {
	if c.spf.everyone == t.Text || slices.Contains(c.spf.open, t.Text) {
		return
	}
	if id, size := lint.Breadth(t); id == "SPF-010" || id == "SPF-022" {
		c.find(id, vars{"term": t.Text, "size": size}, ev)
	}
}

// nameServices notes the services that the domain's own record names.
func (c *checker) nameServices() {
	if c.spf.record == nil {
		return
	}
	for i := range c.spf.record.Terms {
		t := &c.spf.record.Terms[i]
		if t.Kind == spf.KindAll {
			return
		}
		if t.Domain.Text != "" && (!t.Kind.Modifier() || t.Kind == spf.KindRedirect) {
			c.service(sender.ByInclude(t.Domain.Text))
		}
	}
}

// checkService says what is to be known of the service behind a term.
func (c *checker) checkService(t *spf.Term, ev finding.Evidence) {
	if t.Domain.Text == "" || t.Kind.Modifier() && t.Kind != spf.KindRedirect {
		return
	}
	hits := sender.ByInclude(t.Domain.Text)
	if len(hits) == 0 || t.Result() != spf.Pass && t.Kind != spf.KindRedirect {
		return
	}
	s := hits[0].Service
	v := vars{"service": s.Name, "term": t.Text}
	switch {
	case s.ReturnPath == "no" && s.SPFStatus == "legacy" && s.Category == "marketing":
		c.find("SPF-021", v, ev)
	case s.Category == "hosting" || s.Category == "relay":
		c.find("SPF-011", v, ev)
	}
}

// checkCost judges look-ups, voids and loops.
func (c *checker) checkCost(ev finding.Evidence) {
	cost := c.spf.cost
	if cost.Lookups > maxLookups && !c.lintHas("SPF-007") {
		biggest := slices.MaxFunc(cost.Tree, func(a, b spf.Node) int { return cmp.Compare(a.Lookups, b.Lookups) })
		c.find("SPF-007", vars{
			"count":   atLeast(cost.Lookups, cost.Incomplete),
			"biggest": fmt.Sprintf("%s alone costs %d.", clip(biggest.Term, 100), biggest.Lookups),
		}, ev)
	}
	var empty []string
	loop := ""
	for _, n := range cost.Tree {
		switch {
		case n.Note == "nothing is there":
			empty = append(empty, clip(n.Term, 100))
		case cost.Loop && loop == "" && hasLoop(n):
			loop = n.Term
		}
	}
	if loop != "" && !c.lintHas("SPF-023") {
		c.find("SPF-023", vars{"term": loop}, ev)
	}
	if cost.Hosts > maxHosts && !c.lintHas("SPF-050") {
		c.find("SPF-050", vars{"count": fmt.Sprint(cost.Hosts)}, ev)
	}
	// A server without IPv6 is void to senders that have it, but the others of the
	// record decide before; of those whom the record refuses, only what is empty for
	// all is worth a word.
	n := min(cost.VoidsIPv4, cost.VoidsIPv6)
	if c.spf.set != nil {
		n = max(n, lint.SenderVoids(c.spf.set))
	}
	if n > maxVoids {
		c.find("SPF-008", vars{"count": fmt.Sprint(n), "terms": strings.Join(empty, ", ")}, ev)
	}
}

func hasLoop(n spf.Node) bool {
	return strings.HasPrefix(n.Note, "a loop") || slices.ContainsFunc(n.Nodes, hasLoop)
}

func atLeast(n int, more bool) string {
	if more {
		return fmt.Sprintf("at least %d", n)
	}
	return fmt.Sprint(n)
}

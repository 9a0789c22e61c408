package posture

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"unspoof/dmarc"
	"unspoof/dns"

	"unspoof/finding"
)

// maxStray bounds the texts at _dmarc that are looked at closely.
const maxStray = 10

// checkDestinations asks whether strangers agree to get the reports.
func (c *checker) checkDestinations(ctx context.Context) {
	if c.dmarc.Record == nil || c.dmarc.At != c.domain {
		return
	}
	asked, reached := 0, 0
	for _, u := range c.dmarc.Record.RUA {
		if asked >= maxConsents {
			break
		}
		d, err := dmarc.CheckDestination(ctx, c.extras, c.domain, u)
		if d.External {
			asked++
		}
		if err != nil || d.Agreed || c.doubt(ctx, dns.TypeTXT, d.Query) != "" { // not known to refuse
			reached++
		} else {
			ev := []finding.Evidence{c.dmarcEvidence(c.domain)}
			if d.Query != "" {
				ev = append(ev, c.ask.evidence(dns.TypeTXT, d.Query, nil))
			}
			c.find("DMARC-008", vars{"host": u.Host}, ev...)
		}
	}
	c.deaf = asked > 0 && reached == 0 && len(c.dmarc.Record.RUA) <= maxConsents
}

func (c *checker) dmarcEvidence(domain string) finding.Evidence {
	return c.ask.evidence(dns.TypeTXT, "_dmarc."+domain, looksLikeDMARC)
}

func looksLikeDMARC(text string) bool { return strings.Contains(strings.ToLower(text), "dmarc") }

// checkDMARC makes findings of the policy record.
func (c *checker) checkDMARC(ctx context.Context) {
	d := &c.dmarc
	if len(d.Steps) > 0 {
		c.checkOwnName(ctx)
	}
	if c.dmarcErr != nil {
		return
	}
	if d.Record == nil {
		if !c.has("DMARC-002") && !c.has("DMARC-004") {
			c.find("DMARC-001", nil, c.dmarcEvidence(c.domain))
		}
		return
	}
	c.report.DMARC, c.report.DMARCAt, c.report.Policy = d.Record.Text, d.At, string(d.Policy)
	if d.At != c.domain {
		c.find("DMARC-016", vars{"host": d.At}, c.dmarcEvidence(d.At))
	}
	c.readAsBefore(ctx)
	c.checkPolicy()
	c.checkNotes(d.At == c.domain)
	if d.OrgDomain != "" && d.OrgDomain != d.Listed {
		c.find("DMARC-018", vars{"org": d.OrgDomain, "listed": d.Listed}, c.dmarcEvidence(d.At))
	}
	if psd, ok := d.Record.Tag("psd"); ok && strings.EqualFold(psd.Value, "y") && d.At == c.domain && !d.IsSuffix {
		c.find("DMARC-019", nil, c.dmarcEvidence(c.domain))
	}
}

// readAsBefore looks whether receivers that follow RFC 7489 find a weaker policy:
// they ask the domain and its organisational domain by the public suffix list, and
// no other name (section 6.6.3).
func (c *checker) readAsBefore(ctx context.Context) {
	d := &c.dmarc
	several := len(d.Steps[0].Records) > 1
	if d.At == c.domain || d.At == d.Listed && !several {
		return // the same record
	}
	res := dmarc.Evaluate(ctx, dmarc.Args{Domain: c.domain, Resolver: c.ask, Standard: dmarc.RFC7489})
	policy := d.Policy
	if d.Record.Test {
		policy = policy.Softer()
	}
	switch {
	case res.Verdict == dmarc.VerdictTempError || !res.Applied.Weaker(policy):
	case several:
		c.former = "older receivers find no policy, because it has several DMARC records"
	case d.Listed == c.domain:
		c.former = "older receivers find no policy: they do not look at " + d.At
	case res.Record == nil:
		c.former = "older receivers look for a policy at " + d.Listed + " instead, and find none"
	default:
		c.former = "older receivers look for a policy at " + d.Listed + " instead, and find " + policyTag(res.Tag, res.Policy)
	}
}

// checkOwnName looks for records that are no policy records, or too many.
func (c *checker) checkOwnName(ctx context.Context) {
	own := c.dmarc.Steps[0]
	if n := len(own.Records); n > 1 {
		c.find("DMARC-002", vars{"count": fmt.Sprint(n)}, c.dmarcEvidence(c.domain))
	}
	for _, text := range own.Others[:min(len(own.Others), maxStray)] {
		if own.Valid() != "" {
			break
		}
		if f, ok := c.meantAsDMARC(ctx, text); ok {
			f.Evidence = []finding.Evidence{c.ask.evidence(dns.TypeTXT, "_dmarc."+c.domain, nil)}
			c.add(f)
		}
	}
	for _, r := range c.txt.Records {
		if _, err := dmarc.Parse(recordText(r)); err == nil {
			c.find("DMARC-015", nil, c.ask.evidence(dns.TypeTXT, c.domain, looksLikeDMARC))
		}
	}
}

// contradiction says which policy a record gives twice and otherwise, "" where it does
// not. By the rules of such lists it is then invalid as a whole (RFC 6376 section 3.2,
// which RFC 9989 section 4.7 goes by); readers that are lenient take the first or the
// last.
func contradiction(r *dmarc.Record) string {
	if r == nil {
		return ""
	}
	for _, t := range r.Tags {
		if t.Name != "p" && t.Name != "sp" && t.Name != "np" {
			continue
		}
		if first, _ := r.Tag(t.Name); !strings.EqualFold(first.Value, t.Value) {
			return t.Name + " is given twice, as " + clip(first.Value, 50) + " and as " + clip(t.Value, 50)
		}
	}
	return ""
}

// checkPolicy judges what is asked for, here and below.
func (c *checker) checkPolicy() {
	d, ev := &c.dmarc, c.dmarcEvidence(c.dmarc.At)
	if fault := contradiction(d.Record); fault != "" {
		c.find("DMARC-005", vars{"fault": fault}, ev)
	}
	switch d.Policy {
	case dmarc.None:
		if p, ok := d.Record.Tag(d.Tag); ok && strings.EqualFold(p.Value, string(dmarc.None)) {
			c.find("DMARC-003", nil, ev)
		}
	case dmarc.Quarantine:
		c.find("DMARC-014", nil, ev)
	}
	if d.Record.Test && d.Policy != "" && d.Policy != dmarc.None {
		c.find("DMARC-012", vars{"policy": string(d.Policy.Softer())}, ev)
	}
	if !c.ownCovers() {
		return
	}
	below, _, ok := d.Record.For(dmarc.Below)
	_, np := d.Record.Tag("np")
	if ok && !np && below != dmarc.Reject {
		c.find("DMARC-011", nil, ev)
	}
}

// checkNotes makes findings of what the parser noted. Of another domain's record,
// only what takes its force away is this domain's business.
func (c *checker) checkNotes(own bool) {
	ev := c.dmarcEvidence(c.dmarc.At)
	var removed []string
	for _, n := range c.dmarc.Record.Notes {
		at := c.dmarc.Record.Text[n.Span.Start:n.Span.End]
		if n.Code == dmarc.PolicyInvalid || n.Code == dmarc.PolicyMissing {
			c.find("DMARC-005", vars{"fault": n.Text}, ev)
		}
		if !own {
			continue
		}
		if n.Code == dmarc.TagTwice && strings.HasPrefix(contradiction(c.dmarc.Record), strings.ToLower(at[:max(strings.IndexByte(at, '='), 0)])+" ") {
			continue // said already
		}
		switch n.Code {
		case dmarc.NoReports:
			// Of a parked domain, reports are a choice; an address that is not valid is told as
			// that.
			if (!c.report.Parked || c.dmarc.Policy != dmarc.Reject) && !misaddressed(c.dmarc.Record) {
				c.find("DMARC-006", nil, ev)
			}
		case dmarc.URIInvalid, dmarc.URIScheme:
			c.find("DMARC-007", vars{"fault": n.Text}, ev)
		case dmarc.SubWeaker:
			if c.ownCovers() { // else sp and np have no effect
				c.find("DMARC-009", vars{"policy": string(c.dmarc.Record.Subdomain)}, ev)
			}
		case dmarc.MissingWeaker:
			if c.ownCovers() {
				c.find("DMARC-010", vars{"policy": string(c.dmarc.Record.NonExistent)}, ev)
			}
		case dmarc.TagRemoved:
			if !slices.Contains(removed, at) {
				removed = append(removed, at)
			}
		case dmarc.TagTwice, dmarc.TagUnknown, dmarc.TagCase, dmarc.ValueInvalid, dmarc.StrayText,
			dmarc.BadOctet, dmarc.URISize, dmarc.FailureNoURI, dmarc.PolicyNotSecond:
			c.find("DMARC-017", vars{"fault": n.Text}, ev)
		}
	}
	if len(removed) > 0 {
		c.find("DMARC-013", vars{"tags": strings.Join(removed, ", ")}, ev)
	}
}

// misaddressed reports that reports are asked for, at what is no address.
func misaddressed(r *dmarc.Record) bool {
	rua, _ := r.Tag("rua")
	return slices.ContainsFunc(r.Notes, func(n dmarc.Note) bool {
		return (n.Code == dmarc.URIInvalid || n.Code == dmarc.URIScheme) && rua.Span.Start <= n.Span.Start && n.Span.End <= rua.Span.End
	})
}

// percent is the share of mail that older receivers apply the policy to (RFC 7489
// section 6.3); RFC 9989 knows it no more.
func (c *checker) percent() int {
	t, ok := c.dmarc.Record.Tag("pct")
	n, err := strconv.Atoi(t.Value)
	if !ok || err != nil || n < 0 || n > 100 {
		return 100
	}
	return n
}

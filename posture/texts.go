package posture

import (
	"context"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/lint"
	"unspoof/spf"

	"unspoof/finding"
)

// lintSPF has package lint judge the domain's SPF records, with what their names lead
// to. A quick check, which has no questions to spare and thousands of domains to go,
// has it look at those only that are wrong by their text.
func (c *checker) lintSPF(ctx context.Context) {
	if c.txt.err != nil || len(c.txt.Records) == 0 {
		return
	}
	args := lint.Args{Domain: c.domain, Name: c.domain, Strings: stringsOf(c.txt.Records), Resolver: &part{asker: c.ask, left: lintQuestions}}
	if c.quick {
		if c.spf.state == spfOK && !c.hasIdleTerms() {
			return
		}
		args.Resolver = answered{c.ask}
	}
	rep := lint.SPF(ctx, args)
	c.linted = &rep
}

// hasIdleTerms reports terms that are never reached: what stands behind all, and a
// redirect beside it (RFC 7208 sections 5.1 and 6.1).
func (c *checker) hasIdleTerms() bool {
	terms := c.spf.record.Terms
	i := slices.IndexFunc(terms, func(t spf.Term) bool { return t.Kind == spf.KindAll })
	return i >= 0 && (c.spf.record.Find(spf.KindRedirect) != nil ||
		slices.ContainsFunc(terms[i+1:], func(t spf.Term) bool { return t.Kind != spf.KindExp && t.Kind != spf.KindUnknown }))
}

// answered knows what was asked already, and asks nothing.
type answered struct{ *asker }

// Lookup implements dns.Resolver.
func (a answered) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if !a.known(q) {
		return dns.Answer{}, overBudget(q)
	}
	return a.asker.Lookup(ctx, q)
}

// lintRecords takes over what package lint finds in the domain's own SPF and DMARC
// records. What is judged here, because it hangs on more than the record, stays as it
// was judged: it only gets the place in the text and the mended record.
func (c *checker) lintRecords(ctx context.Context) {
	if c.linted != nil {
		c.take(slices.DeleteFunc(slices.Clone(c.linted.Findings), func(f finding.Finding) bool {
			// A stray text beside a record does no harm.
			return c.isEverybody(f) || f.ID == "SPF-014" && c.spf.state != spfNone
		}), c.spfEvidence())
	}
	name := "_dmarc." + c.domain
	if records := c.ask.answered(dns.TypeTXT, name); len(records) > 0 && !c.quick {
		rep := lint.DMARC(ctx, lint.Args{Domain: c.domain, Name: name, Strings: stringsOf(records)})
		c.take(rep.Findings, c.dmarcEvidence(c.domain))
	}
}

// isEverybody reports that a wide network is more than that: a term that lets
// everybody in, which SPF-004 says.
func (c *checker) isEverybody(f finding.Finding) bool {
	if f.ID != "SPF-010" || f.Place == nil {
		return false
	}
	term := f.Place.Text[f.Place.Span.Start:f.Place.Span.End]
	return term == c.spf.everyone || slices.Contains(c.spf.open, term)
}

// judgedHere are the rules that this package decides on even where lint looked:
// whether the domain sends, who else answers for a name, and what DMARC finds on its
// way up.
func judgedHere(id string) bool {
	switch id {
	case "SPF-001", "SPF-004", "SPF-005", "SPF-006", "SPF-012", "SPF-013", "SPF-015", "SPF-016", "SPF-017":
		return true
	}
	area, number, _ := strings.Cut(id, "-")
	return area == "DMARC" && number <= "019"
}

// grammar gives lint's first finding that makes receivers ignore the record, nil
// where there is none.
func (c *checker) grammar() *finding.Finding {
	if c.linted == nil {
		return nil
	}
	i := slices.IndexFunc(c.linted.Findings, func(f finding.Finding) bool {
		return f.Severity == finding.Serious && (f.ID == "SPF-003" || f.ID == "SPF-014" || f.ID >= "SPF-024" && f.ID < "SPF-047")
	})
	if i < 0 {
		return nil
	}
	return &c.linted.Findings[i]
}

// take adds findings of kinds that are not judged here; one that is there already
// gets its place and its mended record.
func (c *checker) take(list []finding.Finding, ev finding.Evidence) {
	known := len(c.report.Findings)
	for _, f := range list {
		i := slices.IndexFunc(c.report.Findings[:known], func(g finding.Finding) bool { return g.ID == f.ID })
		if i < 0 && judgedHere(f.ID) {
			continue
		}
		if i < 0 {
			f.Evidence = append([]finding.Evidence{ev}, f.Evidence...)
			c.add(f)
			continue
		}
		if g := &c.report.Findings[i]; g.Place == nil {
			g.Place, g.Mended = f.Place, f.Mended
		}
	}
}

// meantAsDMARC asks lint whether a text at _dmarc that is no policy record was meant
// to be one; it gives the finding that says so.
func (c *checker) meantAsDMARC(ctx context.Context, text string) (finding.Finding, bool) {
	rep := lint.DMARC(ctx, lint.Args{Domain: c.domain, Name: "_dmarc." + c.domain, Strings: lint.Text(text)})
	i := slices.IndexFunc(rep.Findings, func(f finding.Finding) bool { return f.ID == "DMARC-004" })
	if i < 0 {
		return finding.Finding{}, false
	}
	return rep.Findings[i], true
}

func stringsOf(records []dns.Record) [][]string {
	var out [][]string
	for _, r := range records {
		out = append(out, r.Text)
	}
	return out
}

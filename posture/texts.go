package posture

import (
	"context"
	"slices"

	"unspoof/dns"
	"unspoof/lint"

	"unspoof/finding"
)

// lintRecords takes over what package lint finds in the texts of the domain's own
// SPF and DMARC records. What was found here already gets the place in the text and
// the mended record from there.
func (c *checker) lintRecords(ctx context.Context) {
	if c.txt.err == nil && len(c.txt.Records) > 0 {
		rep := lint.SPF(ctx, lint.Args{Domain: c.domain, Name: c.domain, Strings: stringsOf(c.txt.Records)})
		c.take(rep.Findings, c.spfEvidence())
	}
	name := "_dmarc." + c.domain
	if records := c.ask.answered(dns.TypeTXT, name); len(records) > 0 {
		rep := lint.DMARC(ctx, lint.Args{Domain: c.domain, Name: name, Strings: stringsOf(records)})
		c.take(rep.Findings, c.dmarcEvidence(c.domain))
	}
}

// take adds findings of kinds that are not there yet; one that is there gets its
// place and its mended record.
func (c *checker) take(list []finding.Finding, ev finding.Evidence) {
	known := len(c.report.Findings)
	for _, f := range list {
		i := slices.IndexFunc(c.report.Findings[:known], func(g finding.Finding) bool { return g.ID == f.ID })
		if i < 0 {
			if len(f.Evidence) == 0 {
				f.Evidence = []finding.Evidence{ev}
			}
			c.add(f)
			continue
		}
		if g := &c.report.Findings[i]; g.Place == nil {
			g.Place, g.Mended = f.Place, f.Mended
		}
	}
}

func stringsOf(records []dns.Record) [][]string {
	var out [][]string
	for _, r := range records {
		out = append(out, r.Text)
	}
	return out
}

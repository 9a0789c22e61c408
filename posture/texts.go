package posture

import (
	"context"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/lint"

	"unspoof/finding"
)

// lintRecords takes over what package lint finds in the texts of the domain's own
// SPF and DMARC records. What is judged here, with the answers of DNS at hand, stays
// as it was judged: it only gets the place in the text and the mended record.
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

// judgedHere tells the rules that this package decides on.
func judgedHere(id string) bool {
	area, number, _ := strings.Cut(id, "-")
	return area == "SPF" && number <= "023" || area == "DMARC" && number <= "019"
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

// Package lint says what is wrong in the text of an SPF, DKIM or DMARC record,
// where in it, and gives the record put right (RFC 7208, RFC 6376, RFC 9989).
//
// It judges one record at its place, not the domain: whether it fits the mail
// that a domain sends is for package posture to say. What only the owner can know,
// it finds and does not mend. It asks DNS only where it is given a resolver.
package lint

import (
	"strings"
	"time"

	"unspoof/dns"
	"unspoof/finding"
)

// Kind of a record.
type Kind string

// The kinds that there is a linter for.
const (
	KindSPF   Kind = "spf"
	KindDKIM  Kind = "dkim"
	KindDMARC Kind = "dmarc"
)

// Args is what to look at. Fields may be left out, but then there is less to see;
// with neither records nor what to look them up by, the report says so in
// Unanswered.
type Args struct {
	Domain   string // that the record is for, "" not known
	Selector string // of a DKIM key
	// Name is the owner name at which the records were found, "": at their right
	// place, or not published yet.
	Name string
	// Strings are all TXT records at Name, each as its character-strings; those
	// that are evidently for something else are left alone. Nil with Domain and
	// Resolver given: they are looked up, at their right place and where people put
	// them by mistake.
	Strings [][]string
	// Resolver for what names in the record lead to; nil: only text is judged.
	Resolver dns.Resolver
	// Evidence is put on every finding; where DNS is asked for the records it is
	// added by itself.
	Evidence []finding.Evidence
	// Time is now, by which the age of a DKIM selector that is a date is judged;
	// zero: it is not.
	Time time.Time
}

// Text gives texts of records as the Strings of Args, cut into character-strings
// as a DNS host does that cuts by itself.
func Text(records ...string) [][]string {
	all := make([][]string, len(records))
	for i, r := range records {
		for len(r) > maxString {
			all[i] = append(all[i], r[:maxString])
			r = r[maxString:]
		}
		all[i] = append(all[i], r)
	}
	return all
}

// maxString is the length of a character-string (RFC 1035 section 3.3).
const maxString = 255

// Report on the records of one kind at one place.
type Report struct {
	Kind   Kind   `json:"kind"`
	Domain string `json:"domain"` // "" not known
	Name   string `json:"name"`   // where the record belongs; "" where that is not known
	// Records are the texts that were taken for records of the kind, their
	// character-strings joined; usually one.
	Records []string `json:"records"`
	// LeftOut counts the findings that are not in Findings: of a rule that is
	// broken very often, or the least of a hundred.
	LeftOut  int               `json:"left_out"`
	Findings []finding.Finding `json:"findings"` // worst first
	// Mended is the one record to publish at Name, with all put right that can be
	// put right without the owner; every finding that was mended in it has the same
	// in its Mended. Linted again, it gives only the findings that were not. ""
	// where there is nothing to mend, or where what cannot be mended leaves no valid
	// record.
	Mended string `json:"mended"`
	// Skipped are the terms of an SPF record that mean the domain it is for, or whose
	// names hold macros, where there is a resolver and no Domain: they were judged by
	// their text alone.
	Skipped []string `json:"skipped"`
	// Unanswered are the questions that DNS left open: what hangs on them was not
	// judged.
	Unanswered []finding.Evidence `json:"unanswered"`
}

// Has reports whether a finding of that id is in the report.
func (r *Report) Has(id string) bool {
	for _, f := range r.Findings {
		if f.ID == id {
			return true
		}
	}
	return false
}

// Worst gives the severity of the worst finding, "" where there is none.
func (r *Report) Worst() finding.Severity {
	if len(r.Findings) == 0 {
		return ""
	}
	return r.Findings[0].Severity
}

// joined gives the text of a record.
func joined(strs []string) string { return strings.Join(strs, "") }

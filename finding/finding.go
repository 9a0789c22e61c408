// Package finding is the catalogue of everything that can be wrong with a domain,
// its records and its servers: each rule with a stable id, its severity, why it
// matters, the fix and the section of the RFC. The engines that look (lint of
// records, posture, live probes) give findings of these rules and no others, so
// that an id means the same wherever it is met.
//
// It looks at nothing itself.
package finding

import (
	"slices"
	"strings"
)

// Severity of a finding.
type Severity string

// The severities, worst first.
const (
	Critical Severity = "critical"
	Serious  Severity = "high"
	Moderate Severity = "medium"
	Minor    Severity = "low"
	Info     Severity = "info"
)

var severities = []Severity{Critical, Serious, Moderate, Minor, Info}

// ParseSeverity reads a severity as it is written in JSON and on the command
// line: "critical", "high", "medium", "low" or "info", in any case.
func ParseSeverity(word string) (Severity, bool) {
	s := Severity(strings.ToLower(word))
	return s, slices.Contains(severities, s)
}

// AtLeast reports whether s is as bad as t, or worse.
func (s Severity) AtLeast(t Severity) bool { return s.rank() <= t.rank() }

// rank is 0 for the worst; what is no severity comes last.
func (s Severity) rank() int {
	if i := slices.Index(severities, s); i >= 0 {
		return i
	}
	return len(severities)
}

// Evidence is one answer of DNS or of a server that a finding rests on.
type Evidence struct {
	Query  string `json:"query"`  // "TXT _dmarc.example.com"
	Server string `json:"server"` // who answered
	Answer string `json:"answer"` // the record, or NXDOMAIN, NODATA, the fault
}

// Span is a range of bytes in the text of a record.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Place is where in a text a finding stands. Text is from outside and may hold
// any octet.
type Place struct {
	Text string `json:"text"` // the whole record as published
	Span Span   `json:"span"` // the bytes at fault in it
}

// Finding is one thing wrong or worth knowing. What, Why and Fix are sentences
// for people in which text from outside may stand: show them safely.
type Finding struct {
	ID       string     `json:"id"` // of a Rule: "DMARC-001"
	Severity Severity   `json:"severity"`
	What     string     `json:"what"`
	Why      string     `json:"why"`
	Fix      string     `json:"fix"`
	RFC      string     `json:"rfc,omitempty"` // "RFC 7208 section 4.6.4"
	Evidence []Evidence `json:"evidence"`
	Place    *Place     `json:"place,omitempty"`  // nil where it has none
	Mended   string     `json:"mended,omitempty"` // the whole record put right, "" where only the owner can know
}

// maxValue bounds what a sentence repeats of one value, in octets.
const maxValue = 200

// New makes a finding of a rule. values stand for the {words} of the rule's
// sentences; each is cut at 200 octets, not cleaned. An id that no rule has is
// a mistake of the program: the finding then holds nothing but the id.
func New(id string, values map[string]string, evidence ...Evidence) Finding {
	r, _ := Find(id)
	if evidence == nil {
		evidence = []Evidence{}
	}
	return Finding{
		ID: id, Severity: r.Severity, RFC: r.RFC, Evidence: evidence,
		What: fill(r.What, values), Why: fill(r.Why, values), Fix: fill(r.Fix, values),
	}
}

// fill puts the values in the place of {words}. What a value holds is not read
// again, and a word without a value stays.
func fill(text string, values map[string]string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		word, rest, closed := strings.Cut(after, "}")
		value, known := values[word]
		if !closed || !known {
			b.WriteByte('{')
			text = after
			continue
		}
		b.WriteString(clip(value, maxValue))
		text = rest
	}
}

// Sort puts the worst first, then orders by ID; findings of one rule keep their
// order.
func Sort(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int {
		if a.Severity != b.Severity {
			return a.Severity.rank() - b.Severity.rank()
		}
		return strings.Compare(a.ID, b.ID)
	})
}

// clip shortens text from outside; it never cuts a character in two.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

package posture

import (
	"slices"
	"strings"
)

// maxFindings bounds a report on records made to be full of mistakes.
const maxFindings = 60

// vars are what stands for the {words} of a rule.
type vars map[string]string

// find adds a finding. Text from outside is clipped, not cleaned: it is for the
// caller to show it safely.
func (c *checker) find(id string, v vars, evidence ...Evidence) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.report.Findings) >= maxFindings {
		return
	}
	r := rules[id]
	pairs := []string{"{domain}", c.domain}
	for k, value := range v {
		pairs = append(pairs, "{"+k+"}", clip(value, 200))
	}
	fill := strings.NewReplacer(pairs...)
	if evidence == nil {
		evidence = []Evidence{}
	}
	c.report.Findings = append(c.report.Findings, Finding{
		ID: id, Severity: r.severity, RFC: r.rfc, Evidence: evidence,
		What: fill.Replace(r.what), Why: fill.Replace(r.why), Fix: fill.Replace(r.fix),
	})
}

func (c *checker) has(id string) bool {
	return slices.ContainsFunc(c.report.Findings, func(f Finding) bool { return f.ID == id })
}

var ranks = map[Severity]int{Critical: 0, Serious: 1, Moderate: 2, Minor: 3, Info: 4}

// sortFindings puts the worst first, then orders by ID.
func sortFindings(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int {
		if a.Severity != b.Severity {
			return ranks[a.Severity] - ranks[b.Severity]
		}
		return strings.Compare(a.ID, b.ID)
	})
}

package posture

import (
	"maps"
	"slices"

	"unspoof/finding"
)

// Limits on a report about records made to be full of mistakes.
const (
	maxFindings = 60
	maxOfAKind  = 10 // findings of one ID
)

// vars are what stands for the {words} of a rule.
type vars map[string]string

// find adds a finding. Text from outside is clipped, not cleaned: it is for the
// caller to show it safely.
func (c *checker) find(id string, v vars, evidence ...finding.Evidence) {
	values := vars{"domain": c.domain}
	maps.Copy(values, v)
	c.add(finding.New(id, values, evidence...))
}

// add adds a finding. The first of each kind is always kept, so that has tells what
// is so.
func (c *checker) add(f finding.Finding) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for i := range c.report.Findings {
		if c.report.Findings[i].ID == f.ID {
			n++
		}
	}
	if n < maxOfAKind {
		c.report.Findings = append(c.report.Findings, f)
	}
}

// worst gives the worst of sorted findings, as many as a report holds: the first of
// each kind before others.
func worst(list []finding.Finding) []finding.Finding {
	if len(list) <= maxFindings {
		return list
	}
	var first, more []finding.Finding
	seen := map[string]bool{}
	for _, f := range list {
		if seen[f.ID] {
			more = append(more, f)
		} else {
			first = append(first, f)
		}
		seen[f.ID] = true
	}
	list = slices.Concat(first, more)[:maxFindings]
	finding.Sort(list)
	return list
}

func (c *checker) has(id string) bool {
	return slices.ContainsFunc(c.report.Findings, func(f finding.Finding) bool { return f.ID == id })
}

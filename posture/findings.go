package posture

import (
	"maps"
	"slices"

	"unspoof/finding"
)

// maxFindings bounds a report on records made to be full of mistakes.
const maxFindings = 60

// vars are what stands for the {words} of a rule.
type vars map[string]string

// find adds a finding. Text from outside is clipped, not cleaned: it is for the
// caller to show it safely.
func (c *checker) find(id string, v vars, evidence ...finding.Evidence) {
	values := vars{"domain": c.domain}
	maps.Copy(values, v)
	c.add(finding.New(id, values, evidence...))
}

func (c *checker) add(f finding.Finding) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.report.Findings) < maxFindings {
		c.report.Findings = append(c.report.Findings, f)
	}
}

func (c *checker) has(id string) bool {
	return slices.ContainsFunc(c.report.Findings, func(f finding.Finding) bool { return f.ID == id })
}

package fleet

import (
	"slices"

	"unspoof/finding"
	"unspoof/posture"
)

// Kind of a change.
type Kind string

const (
	First  Kind = "first"  // the baseline does not hold the domain
	Same   Kind = "same"   // nothing that matters
	Worse  Kind = "worse"  // something new, and nothing gone
	Better Kind = "better" // something gone, and nothing new
	Mixed  Kind = "mixed"  // both
)

// Change is how a domain stands against the baseline.
type Change struct {
	Kind     Kind              `json:"kind"`
	Was      posture.Exposure  `json:"was,omitempty"`       // exposure in the baseline; "" where that does not hold the domain
	WasGrade string            `json:"was_grade,omitempty"` // "A" to "F"; "" where it had none
	New      []finding.Finding `json:"new"`
	Gone     []finding.Finding `json:"gone"` // as the baseline tells them
	// Worse and Better are findings of which only the severity changed, as they
	// are now.
	Worse  []finding.Finding `json:"worse"`
	Better []finding.Finding `json:"better"`
	// Open are findings of the baseline that are not there now, where DNS left
	// questions open: it is not known whether they are gone.
	Open []finding.Finding `json:"open"`
}

func first(now posture.Report) *Change {
	c := newChange(First)
	c.New = append(c.New, now.Findings...)
	return c
}

func newChange(k Kind) *Change {
	none := []finding.Finding{}
	return &Change{Kind: k, New: none, Gone: none, Worse: none, Better: none, Open: none}
}

// compare pairs the findings of a rule: first those that say the same, then any,
// since a sentence with a number in it changes with the number.
func compare(was, now posture.Report) *Change {
	c := newChange(Same)
	c.Was, c.WasGrade = was.Verdict.Exposure, was.Grade.Letter
	old := slices.Clone(was.Findings)
	var left []finding.Finding
	for _, f := range now.Findings {
		if i := slices.IndexFunc(old, func(o finding.Finding) bool { return o.ID == f.ID && o.What == f.What }); i >= 0 {
			c.pair(old[i], f)
			old = slices.Delete(old, i, i+1)
			continue
		}
		left = append(left, f)
	}
	for _, f := range left {
		if i := slices.IndexFunc(old, func(o finding.Finding) bool { return o.ID == f.ID }); i >= 0 {
			c.pair(old[i], f)
			old = slices.Delete(old, i, i+1)
			continue
		}
		c.New = append(c.New, f)
	}
	if len(now.Unanswered) > 0 || len(now.NotAsked) > 0 { // silence is no "gone"
		c.Open = append(c.Open, old...)
	} else {
		c.Gone = append(c.Gone, old...)
	}
	before, after := exposed(was), exposed(now)
	known := before >= 0 && after >= 0
	up := len(c.New)+len(c.Worse) > 0 || known && after > before
	down := len(c.Gone)+len(c.Better) > 0 || known && after < before
	switch {
	case up && down:
		c.Kind = Mixed
	case up:
		c.Kind = Worse
	case down:
		c.Kind = Better
	}
	return c
}

func (c *Change) pair(was, now finding.Finding) {
	switch {
	case was.Severity == now.Severity:
	case now.Severity.AtLeast(was.Severity):
		c.Worse = append(c.Worse, now)
	default:
		c.Better = append(c.Better, now)
	}
}

// exposed ranks exposures, the worst highest; -1 is not known, which is neither
// better nor worse than anything.
func exposed(r posture.Report) int {
	return slices.Index([]posture.Exposure{posture.Protected, posture.Partly, posture.Anyone}, r.Verdict.Exposure)
}

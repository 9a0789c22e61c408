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
	Other  Kind = "other"  // what is published is another, which is neither worse nor better
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
	// Open are findings that one of the two reports has, where the other lacks an
	// answer on which they may rest: it is not known whether they are new or gone.
	Open []finding.Finding `json:"open"`
	// Records are what is published, where that is not as it was.
	Records []RecordChange `json:"records"`

	same []finding.Finding // in both, as they are now
}

func first(now posture.Report) *Change {
	c := newChange(First)
	c.New = append(c.New, now.Findings...)
	return c
}

func newChange(k Kind) *Change {
	none := []finding.Finding{}
	return &Change{Kind: k, New: none, Gone: none, Worse: none, Better: none, Open: none, Records: []RecordChange{}}
}

// compare pairs the findings of a rule: first those that say the same, then those
// about the same thing, since a sentence with a number in it changes with the
// number. Where a sentence is another version's, the rule alone has to do.
func compare(was, now posture.Report) *Change {
	c := newChange(Same)
	c.Was, c.WasGrade = was.Verdict.Exposure, was.Grade.Letter
	old, left := slices.Clone(was.Findings), now.Findings
	for _, like := range []func(o, f finding.Finding) bool{
		func(o, f finding.Finding) bool { return o.What == f.What },
		func(o, f finding.Finding) bool { a, _ := subject(o); b, _ := subject(f); return a == b },
		func(o, f finding.Finding) bool { _, a := subject(o); _, b := subject(f); return !a || !b },
	} {
		var rest []finding.Finding
		for _, f := range left {
			i := slices.IndexFunc(old, func(o finding.Finding) bool { return o.ID == f.ID && like(o, f) })
			if i < 0 {
				rest = append(rest, f)
				continue
			}
			c.pair(old[i], f)
			old = slices.Delete(old, i, i+1)
		}
		left = rest
	}
	before, after := openQuestions(was), openQuestions(now)
	c.sort(now.Domain, left, without(before, after), old, without(after, before))
	c.Records = records(was, now)
	c.judge(was, now)
	return c
}

// sort puts what has no pair where it belongs: silence is neither new nor gone.
func (c *Change) sort(domain string, now []finding.Finding, openThen []string, was []finding.Finding, openNow []string) {
	for _, f := range now {
		if hangs(f, domain, openThen) {
			c.Open = append(c.Open, f)
		} else {
			c.New = append(c.New, f)
		}
	}
	for _, f := range was {
		if hangs(f, domain, openNow) {
			c.Open = append(c.Open, f)
		} else {
			c.Gone = append(c.Gone, f)
		}
	}
}

// judge says what it all comes to.
func (c *Change) judge(was, now posture.Report) {
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
	case len(c.Records) > 0:
		c.Kind = Other
	}
}

func (c *Change) pair(was, now finding.Finding) {
	switch {
	case was.Severity == now.Severity:
		c.same = append(c.same, now)
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

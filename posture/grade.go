package posture

import (
	"cmp"
	"slices"

	"unspoof/finding"
)

// fullPoints is what a domain without findings has.
const fullPoints = 100

// letters are the grades, with the points that each needs.
var letters = []struct {
	letter string
	least  int
}{{"A", 90}, {"B", 75}, {"C", 60}, {"D", 45}, {"E", 30}, {"F", 0}}

// costs are deductions that differ from those of the severity: what leaves the
// From line open to everybody weighs more than all the rest.
var costs = map[string]int{
	"DMARC-001": 50, "DMARC-002": 50, "DMARC-004": 50, "DMARC-005": 45,
	"DMARC-003": 45, "DMARC-014": 12, "DMARC-012": 12,
	"SPF-004": 70, "NAME-001": 40, "NAME-002": 40, "REG-001": 60,
}

// cost is what one kind of finding takes off.
func cost(f finding.Finding) int {
	if n, ok := costs[f.ID]; ok {
		return n
	}
	switch f.Severity {
	case finding.Critical:
		return 45
	case finding.Serious:
		return 20
	case finding.Moderate:
		return 6
	case finding.Minor:
		return 2
	}
	return 0
}

// GradeOf gives the grade of a domain with these findings: 100 points, less for
// each kind of finding what it costs, once however often it was found. So a
// further finding never makes the grade better. By severity these are 45 points
// for critical, 20 for high, 6 for medium, 2 for low, none for info; missing and
// toothless DMARC policies (45 to 50, quarantine and test mode 12), SPF that lets
// everybody in (70) and names that anybody may register (40, and 60 where that is
// sure) have numbers of their own. A is 90 points or more, B 75, C 60, D 45, E 30, F less.
func GradeOf(list []finding.Finding) Grade {
	g := Grade{Points: fullPoints, Deductions: []Deduction{}}
	seen := map[string]bool{}
	for _, f := range list {
		n := cost(f)
		if seen[f.ID] || n == 0 {
			continue
		}
		seen[f.ID] = true
		g.Deductions = append(g.Deductions, Deduction{f.ID, n, f.What})
		g.Points = max(0, g.Points-n)
	}
	slices.SortStableFunc(g.Deductions, func(a, b Deduction) int { return cmp.Compare(b.Points, a.Points) })
	for _, l := range letters {
		if g.Points >= l.least {
			g.Letter = l.letter
			break
		}
	}
	return g
}

// grade is that of the report; without an answer on what decides there is none.
func (c *checker) grade() Grade {
	g := GradeOf(c.report.Findings)
	g.AtBest = c.quick || len(c.report.Unanswered) > 0 || len(c.report.NotAsked) > 0
	switch {
	case c.missing:
		g.Reason = "the name does not exist"
	case c.report.Verdict.Exposure == Undecided && c.dmarcErr == nil && c.spf.unread != "":
		g.Reason = c.unreadReason()
	case c.report.Verdict.Exposure == Undecided || c.dmarcErr != nil:
		g.Reason = "DNS did not answer who can send"
	case c.spf.state == spfFault || c.txt.err != nil:
		g.Reason = "DNS did not answer for the SPF record"
	case c.mx.err != nil:
		g.Reason = "DNS did not answer for the mail exchangers"
	}
	if g.Reason != "" {
		g.Letter, g.Points, g.Deductions = "", 0, []Deduction{}
	}
	return g
}

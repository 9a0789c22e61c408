package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"unspoof/finding"
	"unspoof/internal/cli/ui"
	"unspoof/internal/fleet"
	"unspoof/posture"
)

// tally counts the results of a list.
type tally struct {
	domains  int
	exposure map[posture.Exposure]int
	grades   map[string]int
	changes  map[fleet.Kind]int
	rules    map[string]int // domains with a finding of the rule
}

func (t *tally) add(r fleet.Result) {
	if t.exposure == nil {
		*t = tally{exposure: map[posture.Exposure]int{}, grades: map[string]int{}, changes: map[fleet.Kind]int{}, rules: map[string]int{}}
	}
	t.domains++
	t.exposure[r.Report.Verdict.Exposure]++
	t.grades[r.Report.Grade.Letter]++
	if r.Change != nil {
		t.changes[r.Change.Kind]++
	}
	last := ""
	for _, f := range r.Report.Findings { // those of a rule stand together
		if f.ID != last {
			t.rules[f.ID]++
		}
		last = f.ID
	}
}

var exposureWords = map[posture.Exposure]string{
	posture.Anyone: "anyone can send", posture.Partly: "partly", posture.Protected: "protected", posture.Undecided: "not known",
}

// showLine prints a result of a list on one line, never folded, so that it can be
// searched for: the grade, who can send, the domain, and what is wrong or what
// changed.
func (c *checking) showLine(r fleet.Result) {
	o := c.out
	exposure := r.Report.Verdict.Exposure
	word := o.As(exposureStyles[exposure], fmt.Sprintf("%-15s", exposureWords[exposure]))
	what := c.worst(r.Report.Findings)
	if r.Change != nil {
		what = changeWords(r.Change)
	}
	if exposure == posture.Undecided && len(r.Report.NotAsked) > 0 && len(r.Report.Unanswered) == 0 {
		what = strings.TrimPrefix(what+"; not asked, use --full: "+shorten(r.Report.NotAsked), "; ")
	}
	letter := r.Report.Grade.Letter
	if letter == "" {
		letter = "-"
	}
	o.Line("%s  %s  %s%s", o.As(gradeStyles[letter], letter), word, r.Domain, colonBefore(what))
}

// shorten names the first of several.
func shorten(list []string) string {
	if len(list) > shownWorst {
		return strings.Join(list[:shownWorst], ", ") + fmt.Sprintf(" and %d more", len(list)-shownWorst)
	}
	return strings.Join(list, ", ")
}

func colonBefore(words string) string {
	if words == "" {
		return ""
	}
	return ": " + words
}

// shownWorst is how many findings a line names.
const shownWorst = 3

// worst names the first findings, which are the worst, of those that count.
func (c *checking) worst(list []finding.Finding) string {
	var words []string
	more := 0
	last := ""
	for _, f := range list {
		switch {
		case f.ID == last || !f.Severity.AtLeast(c.failOn):
		case len(words) == shownWorst:
			more++
		default:
			words = append(words, string(f.Severity)+" "+f.ID)
		}
		last = f.ID
	}
	if more > 0 {
		words = append(words, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(words, ", ")
}

var kindOfChange = map[fleet.Kind]string{
	fleet.First: "not in the baseline", fleet.Same: "nothing changed", fleet.Worse: "worse", fleet.Better: "better", fleet.Mixed: "some better, some worse",
	fleet.Other: "changed, neither better nor worse",
}

// changeWords tells a change in one sentence.
func changeWords(ch *fleet.Change) string {
	words := []string{kindOfChange[ch.Kind]}
	add := func(what string, list []finding.Finding) {
		var ids []string
		for _, f := range list {
			ids = append(ids, string(f.Severity)+" "+f.ID)
		}
		if len(ids) > 0 {
			words = append(words, what+" "+strings.Join(ids, ", "))
		}
	}
	if ch.Was != "" && ch.Kind != fleet.Same {
		was := exposureWords[ch.Was]
		if ch.WasGrade != "" {
			was += ", grade " + ch.WasGrade
		}
		words[0] += " (was: " + was + ")"
	}
	add("new", ch.New)
	add("gone", ch.Gone)
	add("now worse", ch.Worse)
	add("now less", ch.Better)
	add("not known whether new or gone", ch.Open)
	for _, r := range ch.Records {
		words = append(words, r.Name+" was "+orNone(r.Was)+", is "+orNone(r.Now))
	}
	return strings.Join(words, "; ")
}

func orNone(record string) string {
	if record == "" {
		return "none"
	}
	return record
}

// shownRules is how many rules the summary names.
const shownRules = 10

// summary ends the lines of a list.
func (c *checking) summary(sum fleet.Summary) {
	if !c.input.list {
		return
	}
	o := c.out
	o.Heading("%s", count(sum.Domains, "domain"))
	var rows [][]any
	for _, e := range []posture.Exposure{posture.Anyone, posture.Partly, posture.Protected, posture.Undecided} {
		if n := c.tally.exposure[e]; n > 0 {
			rows = append(rows, []any{o.As(exposureStyles[e], exposureWords[e]), n, ui.Bar(n, sum.Domains, 30)})
		}
	}
	o.Table(2, rows)
	rows = nil
	for _, letter := range slices.Sorted(maps.Keys(c.tally.grades)) {
		if n := c.tally.grades[letter]; letter != "" {
			rows = append(rows, []any{o.As(gradeStyles[letter], letter), n, ui.Bar(n, sum.Domains, 30)})
		}
	}
	c.section("Grades", rows)
	if c.args.Baseline != nil {
		rows = nil
		for _, k := range []fleet.Kind{fleet.Worse, fleet.Mixed, fleet.Better, fleet.Other, fleet.Same, fleet.First} {
			if n := c.tally.changes[k]; n > 0 {
				rows = append(rows, []any{kindOfChange[k], n})
			}
		}
		o.Heading("Since the baseline")
		o.Table(2, rows)
	}
	if len(c.tally.rules) == 0 {
		return
	}
	o.Heading("Found most often")
	rows = nil
	for i, id := range byCount(c.tally.rules) {
		if i == shownRules {
			break
		}
		rule, _ := finding.Find(id)
		rows = append(rows, []any{c.tally.rules[id], o.As(severityStyles[rule.Severity], string(rule.Severity)), id, finding.Plain(rule.What)})
	}
	o.Table(2, rows)
	o.Line("")
	o.Text("", "%s", "What an id means: unspoof explain ID. One domain in full: unspoof check DOMAIN.")
}

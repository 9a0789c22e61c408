package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/finding"
	"unspoof/internal/cli/ui"
)

func newExplain(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [ID…]",
		Short: "Say what a finding means, why it matters and how to mend it",
		Long: `Explains a finding by its id, such as SPF-007: what it means, why it matters, how
to mend it, and which RFC says so. An id keeps its meaning for good. Without an
id, all there are are listed, with their severities.

In the sentences, DOMAIN and the like and an ellipsis stand for what was found; in
JSON, words in braces such as {domain} do.`,
		Example: `  unspoof explain SPF-007
  unspoof explain dkim-009 --json
  unspoof explain`,
		Annotations: exits(`  0  it is explained
  2  there is no such id, or wrong usage`),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, r := range finding.Rules() {
				ids = append(ids, r.ID+"\t"+r.What)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error { return p.explain(args) },
	}
}

type rulesJSON struct {
	Schema int            `json:"schema"`
	Rules  []finding.Rule `json:"rules"`
}

func (p *program) explain(ids []string) error {
	out := rulesJSON{Schema: schema, Rules: []finding.Rule{}}
	for _, id := range ids {
		r, ok := finding.Find(strings.TrimSpace(id))
		if !ok {
			return noRule(id)
		}
		out.Rules = append(out.Rules, r)
	}
	if len(ids) == 0 {
		out.Rules = finding.Rules()
	}
	if p.json {
		return p.printJSON(out)
	}
	if len(ids) == 0 {
		p.listRules(out.Rules)
		return nil
	}
	for i, r := range out.Rules {
		if i > 0 {
			p.out.Line("")
		}
		p.showRule(r)
	}
	return nil
}

func (p *program) showRule(r finding.Rule) {
	o := p.out
	o.Text("", "%s %s: %s", o.As(severityStyles[r.Severity], string(r.Severity)), o.As(ui.Bold, r.ID), finding.Plain(r.What))
	rows := [][]any{{"why", finding.Plain(r.Why)}, {"fix", finding.Plain(r.Fix)}}
	if r.RFC != "" {
		rows = append(rows, []any{"see", r.RFC})
	}
	o.Table(2, rows)
}

func (p *program) listRules(rules []finding.Rule) {
	var rows [][]any
	for _, r := range rules {
		rows = append(rows, []any{r.ID, p.out.As(severityStyles[r.Severity], string(r.Severity)), finding.Plain(r.What)})
	}
	p.out.Table(0, rows)
}

// ruleID is how ids are written, with the slips that are plain: spf7, SPF 7.
var ruleID = regexp.MustCompile(`^([A-Za-z]+)[-_ ]?([0-9]{1,3})?$`)

// shownNear is how many ids are offered in place of one that there is none of.
const shownNear = 5

// noRule says that there is no such id, and which are near.
func noRule(id string) error {
	area, number := "", 0
	if m := ruleID.FindStringSubmatch(strings.TrimSpace(id)); m != nil {
		area = strings.ToUpper(m[1])
		number, _ = strconv.Atoi(m[2]) // "" is 0: the first ones
	}
	far := func(id string) int {
		_, n, _ := strings.Cut(id, "-")
		k, _ := strconv.Atoi(n)
		return max(k-number, number-k)
	}
	var near, areas []string
	for _, r := range finding.Rules() {
		a, _, _ := strings.Cut(r.ID, "-")
		if !slices.Contains(areas, a) {
			areas = append(areas, a)
		}
		if a == area {
			near = append(near, r.ID)
		}
	}
	slices.SortStableFunc(near, func(a, b string) int { return far(a) - far(b) })
	hint := "the ids begin with " + strings.Join(areas, ", ")
	if len(near) > 0 {
		hint = "near it are " + strings.Join(near[:min(len(near), shownNear)], ", ")
	}
	return usage(fmt.Sprintf("there is no finding %q", id), hint+"; all are listed by: unspoof explain")
}

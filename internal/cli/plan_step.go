package cli

import (
	"fmt"
	"slices"

	"unspoof/internal/cli/ui"
	"unspoof/plan"
)

// showPlanStep prints one step of a plan with its records.
func (p *program) showPlanStep(s plan.Step) {
	o := p.out
	o.Heading("%s", s.Title)
	switch {
	case s.Change == plan.Keep:
		if len(s.Do) > 0 {
			o.Line("  %s", "Nothing to publish that DNS shows.")
		} else {
			o.Line("  %s", o.As(ui.Green, "Nothing to change."))
		}
		for _, t := range s.Today {
			o.Raw(4, t)
		}
		for i, d := range s.Do {
			o.Text(fmt.Sprintf("  %d. ", i+1), "%s", d)
		}
		for _, w := range s.Why {
			o.Text("  ", "%s", w)
		}
		for _, w := range s.Warnings {
			o.Text("  mind: ", "%s", o.As(ui.Yellow, w))
		}
		return
	case s.Record.Value != "":
		if slices.ContainsFunc(s.Before, notMet) {
			o.Text("  ", "%s", o.As(ui.Red, "Not yet: first settle what is marked \"no\" below."))
		}
		o.Line("  %s", publishWords[s.Change])
		p.showRecord(s.Record)
	}
	for _, r := range s.Also {
		p.showRecord(r)
	}
	if s.Change == plan.Replace && len(s.Today) > 0 {
		o.Line("  today:")
		for _, t := range s.Today {
			o.Raw(4, t)
		}
	}
	for i, d := range s.Do {
		o.Text(fmt.Sprintf("  %d. ", i+1), "%s", d)
	}
	for _, w := range s.Why {
		o.Text("  why: ", "%s", w)
	}
	p.showBefore(s.Before)
	for _, w := range s.Warnings {
		o.Text("  mind: ", "%s", o.As(ui.Yellow, w))
	}
}

var publishWords = map[plan.Change]string{
	plan.Add: "Add:", plan.Replace: "Put in the place of what is there:", plan.Ask: "It is not known whether what is there is of that service. Add, or put in its place:",
	plan.Unknown: "DNS did not answer what is there today. Add, or put in its place:",
}

// showBefore prints conditions within a step.
func (p *program) showBefore(list []plan.Condition) {
	for _, c := range list {
		word := map[plan.State]ui.Styled{plan.Met: p.out.As(ui.Green, "yes"), plan.NotMet: p.out.As(ui.Red, "no"), plan.NotKnown: p.out.As(ui.Yellow, "not known")}[c.State]
		if c.State == plan.Met {
			p.out.Text("  before: ", "%s (%s) %s", c.Text, word, c.Basis)
			continue
		}
		p.out.Text("  before: ", "%s (%s) %s %s", c.Text, word, c.Basis, c.Check)
	}
}

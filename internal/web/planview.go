package web

import (
	"fmt"
	"slices"

	"unspoof/plan"
)

// stepView is one step of a plan, ready to be shown.
type stepView struct {
	N            int
	Step         plan.Step
	IsNext       bool
	IsSPF        bool
	Word, Colour string
	Why          string           // the first reason
	Reasons      []string         // the others
	Held         []plan.Condition // that are not met
	Others       []plan.Condition
	Records      []publishView
	Like         []plan.DKIMKey // records that only the service can tell
	Policy       string         // file of MTA-STS
	PolicyAt     string
}

type publishView struct {
	Change plan.Change
	Forms  formsOf
}

// Steps are the steps of the plan, numbered.
func (v planView) Steps() []stepView {
	list := make([]stepView, 0, len(v.Plan.Steps))
	for i, s := range v.Plan.Steps {
		one := stepView{N: i + 1, Step: s, IsNext: v.Settled && s.ID == v.Plan.Next, IsSPF: s.ID == "spf"}
		one.Word, one.Colour = changeWord(s)
		if one.Reasons = s.Why; len(s.Why) > 0 && !one.IsSPF { // there they are many
			one.Why, one.Reasons = s.Why[0], s.Why[1:]
		}
		for _, c := range s.Before {
			if c.State == plan.NotMet {
				one.Held = append(one.Held, c)
			} else {
				one.Others = append(one.Others, c)
			}
		}
		records := s.Also
		if s.Record.Value != "" {
			records = append([]plan.Record{s.Record}, s.Also...)
		}
		for k, r := range records {
			one.Records = append(one.Records, publishView{s.Change, formsOf{fmt.Sprintf("record-%d-%d", i+1, k+1), r}})
		}
		one.Like = v.like(s)
		if sts := v.Plan.STS; sts != nil && s.ID == sts.Step.ID {
			one.Policy, one.PolicyAt = sts.Policy, sts.URL
		}
		list = append(list, one)
	}
	return list
}

// like are the keys of a step that the service has to fill in.
func (v planView) like(s plan.Step) []plan.DKIMKey {
	var list []plan.DKIMKey
	for _, setup := range v.Plan.DKIM.Setups {
		if s.ID != "dkim:"+setup.Service {
			continue
		}
		for _, key := range setup.Keys {
			if key.Record.Value == "" && key.Like != "" && key.Published != plan.Met {
				list = append(list, key)
			}
		}
	}
	return list
}

// Next is the single next step, nil where nothing is left.
func (v planView) Next() *stepView {
	steps := v.Steps()
	i := slices.IndexFunc(steps, func(s stepView) bool { return s.IsNext })
	if i < 0 {
		return nil
	}
	return &steps[i]
}

// changeWord says what a step does, and its colour.
func changeWord(s plan.Step) (word, colour string) {
	switch {
	case s.Change == plan.Keep && len(s.Do) > 0:
		return "nothing to publish", "good"
	case s.Change == plan.Keep:
		return "nothing to change", "good"
	case s.Record.Value == "" && len(s.Also) == 0, s.Change == plan.Ask:
		return "to be set up", "accent"
	case s.Change == plan.Add:
		return "add", "accent"
	case s.Change == plan.Replace:
		return "replace", "accent"
	}
	return "not known what is there", ""
}

// publishWord begins the sentence that says where a record goes.
func publishWord(c plan.Change) string {
	switch c {
	case plan.Add:
		return "Add a"
	case plan.Replace:
		return "Put it in the place of today’s"
	case plan.Ask:
		return "It is not known whether what is there is of that service. Add, or put in its place, a"
	}
	return "Add, or put in its place, a"
}

// conditionWord says how far a condition holds.
func conditionWord(s plan.State) light {
	switch s {
	case plan.Met:
		return light{Colour: "good", Word: "yes"}
	case plan.NotMet:
		return light{Colour: "bad", Word: "no"}
	}
	return light{Colour: "open", Word: "not known"}
}

// rungWord says where a step of the ladder stands.
func rungWord(s plan.RungState) light {
	switch s {
	case plan.RungDone:
		return light{Colour: "good", Word: "done"}
	case plan.RungNext:
		return light{Colour: "accent", Word: "next"}
	}
	return light{Word: "later"}
}

// barView is one bar and what kind it is.
type barView struct {
	Kind  string
	Part  part
	Width string
}

// barOf gives one bar to the part of the page that draws it.
func barOf(kind string, p any) barView {
	switch p := p.(type) {
	case part:
		return barView{kind, p, p.Width}
	case ownerView:
		return barView{Kind: kind, Width: p.Width}
	}
	return barView{}
}

package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"unspoof/spf"
)

// Change is what publishing a record does to the zone.
type Change string

// The kinds of change.
const (
	Add     Change = "add"     // there is none
	Replace Change = "replace" // in the place of what Today lists
	Keep    Change = "keep"    // it is published already, or today's is to stay; Do may still advise
	Ask     Change = "ask"     // only the service tells the records, or whether a key is its own
	Unknown Change = "unknown" // DNS did not answer what is there today
)

// Step is one record of a plan, or one thing to do, with its reason.
type Step struct {
	// ID is stable: "spf", "dkim", "dmarc", "mta-sts", "tls-rpt", "null-mx",
	// "dkim-wildcard"; of a service "dkim:" and its id, or its include host.
	ID    string `json:"id"`
	Title string `json:"title"` // "SPF: who may send", a few words
	// Record is what to publish; empty where there is nothing to publish here, or
	// where only the service can tell the value: then Do says what to do.
	Record Record   `json:"record"`
	Also   []Record `json:"also"` // further records of the same step: more keys of a service
	Change Change   `json:"change"`
	Today  []string `json:"today"` // values published at that name and type now, of this kind
	Do     []string `json:"do"`    // what to do besides, in order, each a sentence
	Why    []string `json:"why"`
	// Before must be true first; empty: it can be published now.
	Before   []Condition `json:"before"`
	Warnings []string    `json:"warnings"`

	maybe bool // it may be done already, and nothing in DNS can show it
}

// Open reports whether the step is still to be done.
func (s Step) Open() bool { return s.Change != Keep }

// newStep is a step with its lists, of a record to add.
func newStep(id, title string, record Record) Step {
	return Step{ID: id, Title: title, Record: record, Also: []Record{}, Change: Add, Today: []string{}, Do: []string{}, Why: []string{}, Before: []Condition{}, Warnings: []string{}}
}

// dmarcStep is the step of a DMARC plan.
func dmarcStep(made DMARCPlan) Step {
	step := newStep("dmarc", "DMARC: what becomes of forged mail", made.Record)
	step.Why, step.Warnings = made.Why, made.Warnings
	if made.Today != "" {
		step.Today, step.Change = []string{made.Today}, Replace
	}
	if len(made.several) > 0 {
		step.Today, step.Change = made.several, Replace
	}
	step.Before = made.Before
	for _, r := range made.Consent {
		step.Do = append(step.Do, fmt.Sprintf("Have the owner of %s publish the TXT record %s at %s. Until then no reports go there.", strings.TrimPrefix(r.Name, made.Domain+"._report._dmarc."), r.Forms.Quoted, r.Name))
	}
	switch {
	case made.Record.Value == "" || strings.EqualFold(made.Record.Value, made.Today):
		step.Change, step.maybe = Keep, true
	case made.Unsure && made.Today == "":
		step.Change = Unknown
	}
	return step
}

const spfTitle = "SPF: who may send"

// spfStep is the step of an SPF plan; err is what BuildSPF gave with it.
func spfStep(made SPFPlan, err error) Step {
	step := newStep("spf", spfTitle, made.Record)
	step.Why, step.Warnings = made.Why, made.Warnings
	if len(made.published) > 0 {
		step.Today, step.Change = made.published, Replace
	}
	same := made.Today != "" && strings.EqualFold(strings.TrimSpace(made.Today), made.Record.Value)
	switch {
	case made.sound && len(made.Broken) == 0 && err == nil && (same || made.Diff != nil && made.Diff.Equal == spf.Same && !made.Parked):
		step.Change = Keep
		if !same { // written otherwise, and no reason to write it anew
			step.Record = Record{}
			step.Why = append(slices.Clone(step.Why), "Today's record means the same: nothing needs to change.")
			step.Warnings = slices.DeleteFunc(slices.Clone(step.Warnings), func(w string) bool { return w == notBeside || w == lockOutText(made.Domain) })
		}
		return step
	case same:
		step.Record = Record{} // publishing it again mends nothing
	case made.Unknown && made.Today == "":
		step.Change = Unknown
	}
	shut := Condition{ID: "nobody-shut-out", Text: "Nobody is shut out who may send today, was seen to send, or very likely sends, but those who may go.", State: Met, Basis: "So by today's record, who receives the mail, and what was seen.", Check: "Look through the list of who is shut out."}
	switch {
	case errors.Is(err, ErrLockOut):
		shut.State = NotMet
		var names []string
		for _, s := range made.ShutOut {
			if !s.Dropped {
				names = append(names, s.phrase())
			}
		}
		shut.Basis = "It would shut out " + few(names) + "."
		shut.Check = "Name each among the senders, or say that it may go."
	case made.Unsure:
		shut.State, shut.Basis = NotKnown, "DNS did not answer everything."
	}
	for _, w := range made.Ways {
		step.Do = append(step.Do, w.Text)
	}
	step.Before = append(step.Before, shut, limits(made))
	if len(made.Broken) > 0 {
		step.Before = append(step.Before, Condition{
			ID: "includes-exist", Text: "What it includes has an SPF record that can be read.", State: NotMet,
			Basis: "Not so at " + few(made.Broken) + ".", Check: "Ask the support of the service.",
		})
	}
	return step
}

// limits is the condition that a record keeps to those of RFC 7208 section 4.6.4.
func limits(made SPFPlan) Condition {
	cost := made.Cost
	c := Condition{
		ID: "within-limits", Text: "It keeps to ten look-ups, two of them empty.", State: Met,
		Basis: fmt.Sprintf("It takes %d of 10 look-ups, %d of 2 empty ones.", cost.Lookups, cost.Voids), Check: "unspoof spf build shows what it costs.",
	}
	switch {
	case cost.Lookups > maxLookups:
		c.State, c.Check = NotMet, "Take one or more of the ways out, the first ones first."
	case cost.Loop:
		c.State, c.Basis, c.Check = NotMet, "An included record leads back to itself.", "Leave out that include."
	case cost.Hosts > maxMXHosts:
		c.State, c.Basis = NotMet, fmt.Sprintf("A mail exchanger term leads to %d hosts, and ten are allowed.", cost.Hosts)
		c.Check = "Name the addresses of those that send in the place of mx."
	case !cost.Within():
		c.State, c.Check = NotMet, voidAdvice
	case cost.Incomplete:
		c.State, c.Basis = NotKnown, "DNS did not answer for everything."
	}
	return c
}

// asks are the sentences for what only the service or the server can tell.
func asks(s DKIMSetup) (list []string) {
	for _, ask := range s.Ask {
		list = append(list, "Ask for "+ask+".")
	}
	return list
}

// dkimStep is the step of one set-up.
func dkimStep(s DKIMSetup) Step {
	step := newStep("dkim", "DKIM: "+s.Name+" signs", Record{})
	if s.Service != "" {
		step.ID = "dkim:" + s.Service
	}
	if s.Kind == SetupOther {
		step.ID = "dkim:" + s.Name
	}
	if s.Kind == SetupOwn {
		step.Title = "DKIM: your own servers sign"
	}
	// What only the service knows is needed right after its settings are open.
	step.Do = slices.Insert(append(step.Do, s.Steps...), min(1, len(s.Steps)), asks(s)...)
	for _, k := range s.Keys {
		same := k.Record.Value != "" && strings.EqualFold(k.Today, k.Record.Value)
		if k.Today != "" && k.Published != Met {
			step.Today = append(step.Today, k.Today)
			if k.Record.Value != "" && !same {
				step.Change = Replace // nothing stands beside a CNAME
			}
		}
		if k.Fault != "" {
			step.Warnings = append(step.Warnings, k.Name+" is there and of no use. "+k.Fault)
		}
		switch {
		case k.Published == Met || k.Record.Value == "" || same:
		case step.Record.Value == "":
			step.Record = k.Record
		default:
			step.Also = append(step.Also, k.Record)
		}
	}
	if s.Note != "" {
		step.Why = append(step.Why, s.Note)
	}
	if s.Unsure {
		step.Warnings = append(step.Warnings, "No published source confirms what is known of it: compare it with the service's own guide.")
	}
	switch s.Signs() {
	case Met:
		step.Change, step.Record, step.Also, step.Do = Keep, Record{}, []Record{}, []string{}
		step.Why = append(step.Why, s.Steps...)
	case NotKnown:
		step.Change, step.maybe = Ask, true
		switch {
		case s.Kind == SetupOwn:
			step.Change = Keep // DNS cannot show it; the first step tells how to see
		case s.silent:
			step.Change = Unknown
		}
	case NotMet:
		if step.Record.Value == "" {
			step.Change = Ask
		}
	}
	return step
}

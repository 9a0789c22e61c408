package forensics

import "slices"

// Step is the kind of the single next thing to do.
type Step string

const (
	// StepSecure: stop the harm. The first Advice says how.
	StepSecure Step = "secure"
	// StepAnswer: say whether what is known to send for the domain is all. A yes
	// tells what to think of whoever handed over the mail.
	StepAnswer Step = "answer"
	// StepDecide: bring what would decide. The first Advice names it.
	StepDecide Step = "decide"
	// StepProtect: publish what the domain lacks; where nobody looked, or there is
	// nothing to publish, the first Advice.
	StepProtect Step = "protect"
)

// Next gives the single next thing to do, the same for everybody who shows the
// report: what stops harm comes first, then what would decide, then what
// protects. open tells that the owner was not asked, or has not said, whether
// the list of what sends for him is complete.
func (r *MailboxReport) Next(open bool) Step {
	switch {
	case r.Verdict == Compromised || len(r.Alarms) > 0 || r.Unexplained > 0:
		return StepSecure
	case r.Verdict == Unknown && open && slices.ContainsFunc(r.Handoffs, func(h Handoff) bool { return h.Verdict == Unknown || h.Verdict == Spoofed }):
		return StepAnswer
	case r.Verdict == Unknown:
		return StepDecide
	}
	return StepProtect
}

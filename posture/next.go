package posture

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"unspoof/dmarc"
	"unspoof/finding"
	"unspoof/spf"
)

// next is the single next step: what hurts most and can be done now.
func (c *checker) next() NextStep {
	switch {
	case c.missing:
		return NextStep{Text: "Check the spelling of " + c.domain + "."}
	case c.dmarcErr == nil && c.spf.cut && c.report.Verdict.Exposure == Undecided:
		return NextStep{Text: "Check " + c.domain + " in full (--full): its SPF record includes more than a quick check reads, and advice without it could do harm."}
	case c.dmarcErr != nil || c.report.Verdict.Exposure == Undecided:
		return NextStep{Text: "Ask again in a few minutes, or through another resolver: DNS did not answer everything, and advice without the answers could do harm."}
	case c.has("NAME-001"): // whoever comes first takes it
		return NextStep{Text: c.findingOf("NAME-001")}
	case c.has("NAME-002"):
		return NextStep{Text: c.findingOf("NAME-002")}
	case c.openBelow() != "":
		return c.nextBelow()
	case c.report.Parked:
		return c.nextParked()
	case c.spf.everyone != "" || c.spf.state == spfSeveral || c.spf.state == spfInvalid, c.meantAsSPF() && c.lintMended() != "":
		return c.nextRepair()
	}
	if step, ok := c.nextPolicy(); ok {
		return step
	}
	switch {
	case c.spf.state == spfNone:
		return c.nextSPF()
	}
	if c.weakBelow() != "" {
		return c.nextBelow()
	}
	if org := c.dmarc.OrgDomain; c.dmarc.Policy == dmarc.Reject && !c.ownCovers() && org != "" && org != c.domain {
		if below, ghost := c.policiesBelow(); below.asks != dmarc.Reject || ghost.asks != dmarc.Reject {
			return NextStep{Text: "Names below " + c.domain + " get the policy of " + org + ". Check that domain, and strengthen its policy for subdomains: unspoof check " + org + "."}
		}
	}
	for _, f := range c.report.Findings {
		if f.Severity == finding.Serious || f.Severity == finding.Moderate {
			return NextStep{Text: f.What + " " + f.Fix}
		}
	}
	return NextStep{Text: "Nothing needs to be published now. Keep reading the DMARC reports: they show when something changes."}
}

// nextParked locks a domain that sends nothing, strongest first: nothing of its
// own can be lost.
func (c *checker) nextParked() NextStep {
	d := &c.dmarc
	if c.quick && (d.Policy != dmarc.Reject || d.Record.Test || c.former != "") {
		return NextStep{Text: "The domain seems not to send, but keys to sign with were not looked for. Check it alone (unspoof check " + c.domain + "); then receivers can be told to refuse everything in its name."}
	}
	switch {
	case c.has("DMARC-002"):
		return NextStep{Text: "Delete the DMARC records at _dmarc." + c.domain + " and publish this one: nothing shows that the domain sends, so everything in its name may be refused.", Name: "_dmarc." + c.domain, Record: "v=DMARC1; p=reject"}
	case d.Policy != dmarc.Reject || d.Record.Test || contradiction(d.Record) != "" || c.former != "" || c.locked("dmarc") == No:
		record := "v=DMARC1; p=reject"
		if d.Record != nil && d.At == c.domain {
			if rua, ok := d.Record.Tag("rua"); ok {
				record += "; rua=" + rua.Value
			}
		}
		return NextStep{Text: "Nothing shows that the domain sends mail, so receivers can be told to refuse all that claims to come from it. If that is right, publish this DMARC record" + inPlaceOf(d, c.domain) + ".", Name: "_dmarc." + c.domain, Record: record}
	case c.has("SPF-016"):
		return NextStep{Text: "Say in SPF too that nobody sends: publish this record" + c.inPlaceOfSPF() + ".", Name: c.domain, Record: "v=spf1 -all"}
	case !c.report.NullMX:
		return NextStep{Text: "Nothing more is needed against forgery. To spare others trying to deliver, publish the MX record \"0 .\" (null MX) for " + c.domain + "."}
	case c.locked("dkim") == No:
		return NextStep{Text: "Nothing more is needed against forgery. To lock the last thing too, say that no DKIM key of the domain is good: publish this record.", Name: "*._domainkey." + c.domain, Record: "v=DKIM1; p="}
	}
	for _, l := range c.report.Lockdown {
		if l.State != Yes {
			return NextStep{Text: "Nothing is known to be missing, but DNS did not answer for all of it: check again later."}
		}
	}
	if c.quick {
		return NextStep{Text: "Nothing needs to be published now, as far as a quick check shows."}
	}
	return NextStep{Text: "Nothing needs to be published now: the domain is locked as far as DNS can."}
}

// locked gives the state of a lock, NotKnown where it was not looked at.
func (c *checker) locked(what string) State {
	for _, l := range c.report.Lockdown {
		if l.What == what {
			return l.State
		}
	}
	return NotKnown
}

// nextRepair mends an SPF record that makes everything else useless.
func (c *checker) nextRepair() NextStep {
	switch {
	case c.spf.state == spfSeveral:
		if record := c.lintMended(); record != "" {
			return NextStep{Text: "Delete the SPF records of " + c.domain + " and publish this one, which lets in all that any of them does. Take out what no longer sends.", Name: c.domain, Record: record}
		}
		return NextStep{Text: "Keep one of the SPF records of " + c.domain + " and delete the others: as long as there are several, receivers ignore them all. What stands in one of them only: unspoof spf lint " + c.domain + "."}
	case c.spf.state == spfNone:
		return c.nextMended(c.grammar())
	case c.spf.state == spfInvalid:
		fault := c.findingOf("SPF-003")
		if g := c.grammar(); g != nil {
			fault = g.What + " " + g.Fix
			if c.lintMended() != "" && c.spf.everyone == "" {
				return c.nextMended(g)
			}
		}
		text := "Correct the SPF record: " + fault
		if c.spf.everyone != "" {
			text += " And take " + clip(c.spf.everyone, 100) + " out: it lets everybody in."
		}
		return NextStep{Text: text}
	}
	if text := c.repaired(); text != "" {
		return NextStep{
			Text: "Publish this SPF record in place of today's: " + c.repairWords() + ". First make sure that all that sends is in it.",
			Name: c.domain, Record: text,
		}
	}
	if !slices.ContainsFunc(c.spf.record.Terms, func(t spf.Term) bool { return t.Text == c.spf.everyone }) {
		return NextStep{Text: "Take the widest networks out of the SPF record: together they let everybody in. Then list what really sends: unspoof spf build --domain " + c.domain + "."}
	}
	return NextStep{Text: "Take " + clip(c.spf.everyone, 100) + " out of the SPF record: it lets everybody in. Then list what really sends: unspoof spf build --domain " + c.domain + "."}
}

// nextMended is lint's record put right in place of one that receivers ignore.
func (c *checker) nextMended(why *finding.Finding) NextStep {
	step := NextStep{Text: "Publish this SPF record in place of today's, which receivers ignore.", Name: c.domain, Record: c.lintMended()}
	if why != nil {
		step.Text += " " + why.What
	}
	return step
}

// lintMended gives lint's record put right, "" where there is none.
func (c *checker) lintMended() string {
	if c.linted == nil {
		return ""
	}
	return c.linted.Mended
}

// repairWords says what the repaired record does otherwise than today's.
func (c *checker) repairWords() string {
	all := c.spf.record.Find(spf.KindAll)
	swapped := all != nil && all.Result() == spf.Pass
	var out []string
	for _, term := range c.spf.open {
		if !swapped || term != all.Text {
			out = append(out, clip(term, 100))
		}
	}
	switch {
	case len(out) == 0:
		return "~all stands in place of what lets everybody in"
	case swapped:
		return "it leaves out what lets everybody in (" + strings.Join(out, ", ") + "), and ~all stands in place of " + all.Text
	}
	return "it leaves out what lets everybody in (" + strings.Join(out, ", ") + ")"
}

// nextPolicy brings up a DMARC record that receivers can use and that brings reports,
// then says that there is a stricter one to go to. Before that, SPF has to work: what
// it breaks would be refused.
func (c *checker) nextPolicy() (NextStep, bool) {
	d := &c.dmarc
	name := "_dmarc." + c.domain
	switch {
	case d.At != c.domain && c.has("DMARC-002"):
		return NextStep{Text: "Keep one of the DMARC records at " + name + " and delete the others: as long as there are several, receivers ignore them all."}, true
	case d.Record == nil && c.has("DMARC-004"):
		if text := mend(d.Steps[0].Others); text != "" {
			return NextStep{Text: "Publish the DMARC record again, written like this. Today's is ignored because of its form.", Name: name, Record: text}, true
		}
		fallthrough
	case d.Record == nil:
		return NextStep{
			Text: "Publish this DMARC record. It refuses nothing, so it cannot harm your mail, and the daily reports show everybody who sends as " + c.domain + ". Make sure that the address exists, or put in another.",
			Name: name, Record: "v=DMARC1; p=none; rua=mailto:dmarc@" + c.domain,
		}, true
	case d.Policy == "" || c.has("DMARC-005"):
		return NextStep{Text: "Correct the DMARC record: " + c.findingOf("DMARC-005")}, true
	case len(c.spf.broken) > 0 || c.spf.oversteps():
		return c.nextTrim(), true
	case d.At != c.domain:
		if d.Policy != dmarc.Reject || d.Record.Test {
			return NextStep{Text: "The policy for this name is made at " + d.At + ". Check that domain, and strengthen its policy: unspoof check " + d.At + "."}, true
		}
		if c.former != "" {
			return NextStep{Text: "Give " + c.domain + " a DMARC record of its own, as strong as that of " + d.At + ": " + c.former + "."}, true
		}
		return NextStep{}, false
	case len(d.Record.RUA) == 0 && d.Policy != dmarc.Reject:
		return NextStep{
			Text: "Add a reporting address to the DMARC record, in place of today's: without reports nobody knows when it is safe to go on. Make sure that the address exists, or put in another.",
			Name: name, Record: set(d.Record, "rua", "mailto:dmarc@"+c.domain),
		}, true
	case c.deaf && d.Policy != dmarc.Reject:
		return NextStep{Text: "Make the reports arrive: " + cmp.Or(c.findingOf("DMARC-008"), c.findingOf("NAME-003"))}, true
	case c.spf.state == spfNone:
		return c.nextSPF(), true
	case c.has("DMARC-009"):
		return c.climb("Protect the subdomains as well as the domain, a step at a time."), true
	case d.Record.Test:
		return c.climb("The policy is in test mode (t=y). When the reports show only mail of yours, go on."), true
	case d.Policy != dmarc.None && c.percent() < 100:
		pct := fmt.Sprintf("Take pct=%d out of the DMARC record: older receivers apply the policy to that share of the mail only.", c.percent())
		if d.Policy != dmarc.Reject {
			return c.climb(pct + " The next record leaves it out."), true
		}
		return NextStep{
			Text: pct + " When the reports show only mail of yours, publish this in place of today's.",
			Name: name, Record: set(d.Record, "p", string(d.Policy)),
		}, true
	case d.Policy != dmarc.Reject:
		return c.climb("Read the reports. When they show that all mail of yours passes, go on: names that don't exist and subdomains first, then the domain itself."), true
	}
	return NextStep{}, false
}

// climb hands on to the ladder, which alone says what the next stricter record is, and
// what must be true before.
func (c *checker) climb(text string) NextStep {
	return NextStep{Text: text + " The next record, and what must be true before it is published: unspoof dmarc build --domain " + c.domain + "."}
}

// nextSPF begins a record.
func (c *checker) nextSPF() NextStep {
	return NextStep{Text: "List everything that sends mail as " + c.domain + ", and build its SPF record: unspoof spf build --domain " + c.domain + "."}
}

// nextTrim mends an SPF record that receivers run into an error with.
func (c *checker) nextTrim() NextStep {
	if text := c.repaired(); text != "" {
		return NextStep{Text: "Publish this SPF record in place of today's, without what leads nowhere and spoils the rest. If a name was only misspelt, put the right one in: finding SPF-012 has it.", Name: c.domain, Record: text}
	}
	for _, id := range []string{"SPF-012", "SPF-007", "SPF-023", "SPF-050", "SPF-008"} {
		if c.has(id) {
			return NextStep{Text: "Mend the SPF record. " + c.findingOf(id)}
		}
	}
	return NextStep{Text: "Mend the SPF record: unspoof spf build --domain " + c.domain + "."}
}

// findingOf words the first finding of an ID.
func (c *checker) findingOf(id string) string {
	for _, f := range c.report.Findings {
		if f.ID == id {
			return f.What + " " + f.Fix
		}
	}
	return ""
}

func inPlaceOf(d *dmarc.Discovery, domain string) string {
	if d.At == domain {
		return " in place of today's"
	}
	return ""
}

func (c *checker) inPlaceOfSPF() string {
	if c.spf.text != "" {
		return " in place of today's"
	}
	return ""
}

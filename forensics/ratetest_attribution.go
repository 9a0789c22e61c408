package forensics

import "fmt"

// attribute compares with the class that the event cannot have changed and
// says what a change of the rate does not prove.
func (r *RateTest) attribute(control RateTest) {
	if control.NBefore+control.NAfter > 0 {
		c := RateControl{Class: control.Class, NBefore: control.NBefore, NAfter: control.NAfter, RR: control.RR, Say: control.Say, DiD: -1}
		if r.RR >= 0 && control.RR > 0 {
			c.DiD = r.RR / control.RR
		}
		r.Control = &c
	}
	if r.Say == CannotTell {
		return
	}
	other, event := classWords(control.Class), eventWords(r.Event)
	switch {
	case control.Say != CannotTell:
		r.Sentence += fmt.Sprintf(" The %s, which %s cannot have changed, fell as well: the wave seems to have ended by itself.", other, event)
	case control.NBefore < minBefore:
		r.Sentence += fmt.Sprintf(" There are too few %s to compare with, so this does not show that %s was the reason.", other, event)
	default:
		r.Sentence += fmt.Sprintf(" The %s, which %s cannot have changed, show no such fall: that speaks for %s as the reason.", other, event, event)
	}
	if r.Class == Spoofed {
		r.Sentence += " Waves of forged mail end by themselves, mostly within days: the fall fits an effect of the record and does not prove one."
	}
}

// compose adds what the refusals themselves say, the only direct proof that
// receivers act on a published record.
func (r *RateTest) compose(c Composition) {
	if c.Before+c.After == 0 {
		return
	}
	c.P = fisherRise(c.NamedBefore, c.Before, c.NamedAfter, c.After)
	r.Composition = &c
	switch {
	case c.NamedBefore+c.NamedAfter == 0:
		return
	case c.P < 0.05:
		r.Sentence += fmt.Sprintf(" Refusals that name SPF, DKIM or DMARC rose from %d of %d to %d of %d (%s): receivers act on the record.",
			c.NamedBefore, c.Before, c.NamedAfter, c.After, luckWords(c.P))
	default:
		r.Sentence += fmt.Sprintf(" Refusals that name SPF, DKIM or DMARC: %d of %d before, %d of %d after; no rise beyond luck.",
			c.NamedBefore, c.Before, c.NamedAfter, c.After)
	}
}

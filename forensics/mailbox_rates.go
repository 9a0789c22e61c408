package forensics

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// rateTests runs the test for each event on the class that it is meant to end,
// with the other class as the control.
func (m *Mailbox) rateTests(c *clustering, events []Event) []RateTest {
	out := []RateTest{}
	for _, e := range events[:min(len(events), maxEvents)] {
		class, control := Compromised, Spoofed
		switch e.Type {
		case PasswordChanged, ScriptRemoved:
		case SPFPublished, DKIMPublished, DMARCPublished:
			class, control = Spoofed, Compromised
		default:
			continue
		}
		treated := m.ended(e)
		args := RateArgs{Event: e, Class: class, Now: m.now, Before: m.before(c, e, treated)}
		test := rateOf(args, m.near(c, e, args.Before, treated))
		args.Class = control
		test.attribute(rateOf(args, m.near(c, e, args.Before, func(r *mailRow) bool { return verdictNames[r.verdict()] == control })))
		if class == Spoofed {
			test.compose(m.composition(e, test))
		}
		test.Sentence += m.caution(e, test)
		out = append(out, test)
	}
	return out
}

// near gives the rows within the windows of an event.
func (m *Mailbox) near(c *clustering, e Event, before time.Duration, want func(*mailRow) bool) []rateItem {
	from, to := e.Time.Add(-before).Unix(), e.Time.Add(rateWindow).Unix()
	each := func(yield func(i int, r *mailRow)) {
		for i := range m.rows.len() {
			r := m.rows.at(uint32(i))
			if t0 := int64(r.t0); t0 != 0 && t0 >= from && t0 <= to && want(r) {
				yield(i, r)
			}
		}
	}
	n := 0
	each(func(int, *mailRow) { n++ })
	out := make([]rateItem, 0, n) // not grown, which would take twice the room
	each(func(i int, r *mailRow) {
		v := rateItem{at: fromStamp(r.t0).Sub(e.Time), delay: -1, campaign: int(c.of[i])}
		if r.arrived >= r.t0 {
			v.delay = time.Duration(r.arrived-r.t0) * time.Second
		}
		out = append(out, v)
	})
	return out
}

// minWindow is the shortest before-window: below, one burst would be a rate.
const minWindow = 12 * time.Hour

// before gives the width of the before-window: 48 hours, or less when the
// mailbox begins within them. It is taken to begin with its first message, of
// any kind, only when the silence before that is too long for chance: three
// times the mean distance of what follows, which happens once in twenty times.
func (m *Mailbox) before(c *clustering, e Event, want func(*mailRow) bool) time.Duration {
	covered := e.Time.Sub(m.first)
	if m.first.IsZero() || covered >= rateWindow || covered <= 0 {
		return rateWindow
	}
	n := 0
	for _, i := range c.order {
		if r := m.rows.at(i); r.t0 != 0 && int64(r.t0) < e.Time.Unix() && want(r) {
			n++
		}
	}
	if n == 0 || rateWindow-covered <= 3*covered/time.Duration(n) {
		return rateWindow
	}
	return max(minWindow, time.Duration(math.Ceil(covered.Hours()))*time.Hour)
}

// composition counts the refusals of forged messages around an event.
func (m *Mailbox) composition(e Event, t RateTest) Composition {
	event := e.Time.Unix()
	from, to := e.Time.Add(-hours(t.HoursBefore)).Unix(), e.Time.Add(hours(t.HoursAfter)).Unix()
	var c Composition
	for i := range m.rows.len() {
		r := m.rows.at(uint32(i))
		t0 := int64(r.t0)
		if t0 == 0 || t0 < from || t0 >= to || r.verdict() != spoofedVerdict || !r.has(bitRefused) {
			continue
		}
		named := 0
		if r.has(bitNamed) {
			named = 1
		}
		if t0 < event {
			c.Before++
			c.NamedBefore += named
		} else {
			c.After++
			c.NamedAfter += named
		}
	}
	return c
}

func hours(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }

// caution says what a result rests on besides the counts.
func (m *Mailbox) caution(e Event, t RateTest) string {
	s := ""
	if t.HoursBefore < rateWindow.Hours() && t.NBefore > 0 {
		s += fmt.Sprintf(" The mailbox begins only about %s before the event.", hoursWords(t.HoursBefore))
	}
	if t.Say != CannotTell && t.NAfter == 0 && m.lastArrival.Before(e.Time.Add(hours(t.HoursAfter)/2)) {
		s += " This holds only if the mailbox is complete for that time"
		if !m.lastArrival.IsZero() {
			s += ": the last message in it arrived on " + m.lastArrival.UTC().Format("2 January 2006, 15:04 UTC")
		}
		s += "."
	}
	return s
}

// sortRuns sorts list and calls each for every run of equals.
func sortRuns(list []uint32, compare func(a, b uint32) int, each func(run []uint32)) {
	slices.SortFunc(list, compare)
	for start := 0; start < len(list); {
		end := start + 1
		for end < len(list) && compare(list[start], list[end]) == 0 {
			end++
		}
		each(list[start:end])
		start = end
	}
}

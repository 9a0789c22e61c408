package forensics

import (
	"math"
	"time"
)

const (
	// rateWindow is how much time before and after an event is compared.
	rateWindow = 48 * time.Hour
	// minBefore is the fewest messages before an event from which anything may
	// be concluded.
	minBefore = 5
	// stoppedBelow is the share of the old rate that must be ruled out before
	// silence is called "stopped".
	stoppedBelow = 0.25
	// maxPhi is the dispersion from which messages no longer count one by one.
	maxPhi = 1.5
	// cellWidth is the time within which messages of a campaign count once when
	// they come in bursts.
	cellWidth = 6 * time.Hour
	// normal95 is how many standard deviations hold 95 % of a normal law.
	normal95 = 1.959963984540054
)

// Handover is one message as the rate test sees it.
type Handover struct {
	T0 time.Time // when it was handed over; never when its notice arrived
	// Delay is how long after T0 its first notice arrived; negative: not known.
	Delay time.Duration
	// Campaign numbers the group that it belongs to. Messages without a group
	// share a number, so that they can't make bursts look like many.
	Campaign int
}

// RateArgs is what [TestRate] works on.
type RateArgs struct {
	Event Event
	Class Verdict // copied to the result; Messages are of that class only
	// Before and After are the widths of the windows; zero: 48 hours.
	Before, After time.Duration
	// Now is until when notices could arrive. It cuts the after-window short and,
	// with the delays known, weights what is too recent to have come back. Zero:
	// long after everything.
	Now      time.Time
	Messages []Handover // in any order; those outside the windows count nothing
}

// TestRate compares the rate of hand-overs after an event with that before it:
// the conditional exact test of Przyborowski and Wilenski with the limits of
// Clopper and Pearson, bursts taken into account. It has no opinion on why a
// rate changed. Times are compared as they are; n log n in the messages.
func TestRate(a RateArgs) RateTest {
	items := make([]rateItem, 0, len(a.Messages))
	for _, m := range a.Messages {
		items = append(items, rateItem{m.T0.Sub(a.Event.Time), m.Delay, m.Campaign})
	}
	return rateOf(a, items)
}

// rateItem is a Handover in the form that is counted, its time relative to the
// event.
type rateItem struct {
	at, delay time.Duration
	campaign  int
}

// rateOf is TestRate on items, which it reorders.
func rateOf(a RateArgs, items []rateItem) RateTest {
	w := newRateWindows(a)
	r := RateTest{
		Event: a.Event, Class: a.Class, Phi: 1, P: 1, RR: -1, RRUpper: math.Inf(1),
		HoursBefore: w.before.Hours(), HoursAfter: w.after.Hours(),
	}
	before, after := w.split(items)
	r.NBefore, r.NAfter = len(before), len(after)
	e1, e2 := w.exposures(before, a)
	r.ExposureBefore, r.ExposureAfter = e1.Hours(), e2.Hours()
	if e1 > 0 && e2 > 0 {
		r.compare(before, after, w)
	}
	r.Say = r.outcome()
	r.Sentence = r.sentence(a.Now)
	return r
}

// compare fills in the figures that rest on both windows.
func (r *RateTest) compare(before, after []rateItem, w rateWindows) {
	t1, t2 := r.ExposureBefore, r.ExposureAfter
	if r.NBefore > 0 {
		r.RR = float64(r.NAfter) / t2 / (float64(r.NBefore) / t1)
	}
	r.Phi = w.dispersion(before)
	n1, n2 := r.NBefore, r.NAfter
	if r.Phi > maxPhi {
		r.CellsBefore, r.CellsAfter = cells(before), cells(after)
		n1, n2 = r.CellsBefore, r.CellsAfter
	}
	// Given n1+n2, equal rates make n2 binomial with p = t2/(t1+t2).
	r.P = binomialAtMost(n2, n1+n2, t2/(t1+t2), t1/(t1+t2))
	if n1+n2 > 0 {
		lower, upper := clopperPearson(n2, n1+n2, 0.025)
		r.RRLower, r.RRUpper = lower*t1/t2, upper*t1/t2
	}
	if r.Phi <= maxPhi || r.NBefore == 0 {
		return
	}
	// Cells answer for the limits; they must not exclude what was counted, nor be
	// surer than the dispersion of the messages allows.
	r.RRLower, r.RRUpper = min(r.RRLower, r.RR), max(r.RRUpper, r.RR)
	if r.NAfter > 0 {
		spread := math.Sqrt(r.Phi * (1/(float64(r.NBefore)+0.5) + 1/(float64(r.NAfter)+0.5)))
		r.P = max(r.P, normalAtMost(math.Log(r.RR)/spread))
		r.RRLower = min(r.RRLower, r.RR*math.Exp(-normal95*spread))
		r.RRUpper = max(r.RRUpper, r.RR*math.Exp(normal95*spread))
	}
}

// outcome is the rule of section 7: never "it worked" on fewer than five.
func (r *RateTest) outcome() Say {
	n1 := r.NBefore
	if r.CellsBefore > 0 {
		n1 = r.CellsBefore
	}
	switch {
	case n1 < minBefore || math.IsInf(r.RRUpper, 1) || r.RRUpper >= 1:
		return CannotTell
	case r.NAfter == 0 && r.RRUpper < stoppedBelow:
		return Stopped
	}
	return Dropped
}

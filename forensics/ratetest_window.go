package forensics

import "time"

// rateWindows are the two stretches of time that a rate test compares: the
// before-window ends where the after-window begins.
type rateWindows struct {
	event         time.Time
	before, after time.Duration
}

func newRateWindows(a RateArgs) rateWindows {
	w := rateWindows{event: a.Event.Time, before: a.Before, after: a.After}
	if w.before <= 0 {
		w.before = rateWindow
	}
	if w.after <= 0 {
		w.after = rateWindow
	}
	if !a.Now.IsZero() {
		w.after = min(w.after, max(0, a.Now.Sub(w.event)))
		// An event in the future has no before-window beyond now either.
		if a.Now.Before(w.event) {
			w.before = max(0, w.before-w.event.Sub(a.Now))
		}
	}
	return w
}

// split sorts the messages into [T-before, T) and [T, T+after).
func (w rateWindows) split(messages []Handover) (before, after []Handover) {
	for _, m := range messages {
		switch d := m.T0.Sub(w.event); {
		case d >= -w.before && d < 0:
			before = append(before, m)
		case d >= 0 && d < w.after:
			after = append(after, m)
		}
	}
	return before, after
}

// exposures weights each window with F, the share of notices that have come
// back after a given time: the integral of F(now - s) over the window. F is the
// distribution of the delays in the before-window, so each known delay d adds
// the part of the window that ends before now-d. Without delays, or without
// now, F is 1.
func (w rateWindows) exposures(before []Handover, now time.Time) (t1, t2 time.Duration) {
	var sum1, sum2 float64
	known := 0
	for _, m := range before {
		if m.Delay < 0 {
			continue
		}
		known++
		since := now.Sub(w.event) - m.Delay
		sum2 += float64(min(max(since, 0), w.after))
		sum1 += float64(min(max(since+w.before, 0), w.before))
	}
	if known < minBefore || now.IsZero() {
		return w.before, w.after
	}
	return time.Duration(sum1 / float64(known)), time.Duration(sum2 / float64(known))
}

// dispersion is Pearson's chi-squared over its degrees of freedom, of the
// counts per hour of the before-window, or per six hours where fewer than five
// are expected in an hour. Below 1 or above: less or more bursty than chance.
func (w rateWindows) dispersion(before []Handover) float64 {
	width := time.Hour
	if float64(len(before))/w.before.Hours() < 5 {
		width = cellWidth
	}
	counts := make([]int, w.before/width)
	n := 0
	for _, m := range before {
		// Whole bins back from the event; a rest at the far end is left out.
		if i := int((w.event.Sub(m.T0) - 1) / width); i < len(counts) {
			counts[i]++
			n++
		}
	}
	if len(counts) < 2 || n < minBefore {
		return 1
	}
	mean := float64(n) / float64(len(counts))
	chi2 := 0.0
	for _, c := range counts {
		chi2 += (float64(c) - mean) * (float64(c) - mean) / mean
	}
	return chi2 / float64(len(counts)-1)
}

// cells counts the pairs of campaign and six-hour block, blocks counted from
// the event.
func (w rateWindows) cells(messages []Handover) int {
	type cell struct{ campaign, block int }
	seen := map[cell]struct{}{}
	for _, m := range messages {
		d := m.T0.Sub(w.event)
		block := int(d / cellWidth)
		if d < 0 {
			block = -1 - int((-d-1)/cellWidth)
		}
		seen[cell{m.Campaign, block}] = struct{}{}
	}
	return len(seen)
}

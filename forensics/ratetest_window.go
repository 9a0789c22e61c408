package forensics

import (
	"cmp"
	"slices"
	"time"
)

// rateWindows are the two stretches of time that a rate test compares: the
// before-window ends where the after-window begins.
type rateWindows struct{ before, after time.Duration }

func newRateWindows(a RateArgs) rateWindows {
	w := rateWindows{a.Before, a.After}
	if w.before <= 0 {
		w.before = rateWindow
	}
	if w.after <= 0 {
		w.after = rateWindow
	}
	if !a.Now.IsZero() {
		since := a.Now.Sub(a.Event.Time)
		w.after = min(w.after, max(0, since))
		// An event in the future has no before-window beyond now either.
		w.before = max(0, w.before+min(0, since))
	}
	return w
}

// split gives the messages in [T-before, T) and those in [T, T+after), moving
// them within the list.
func (w rateWindows) split(list []rateItem) (before, after []rateItem) {
	n := 0
	for i, m := range list {
		if m.at >= -w.before && m.at < w.after {
			list[i], list[n] = list[n], m
			n++
		}
	}
	list = list[:n]
	n1 := 0
	for i, m := range list {
		if m.at < 0 {
			list[i], list[n1] = list[n1], m
			n1++
		}
	}
	return list[:n1], list[n1:]
}

// exposures weights each window with F, the share of notices that have come
// back after a given time: the integral of F(now - s) over the window. F is the
// distribution of the delays in the before-window, so each known delay d adds
// the part of the window that ends before now-d. Without delays, or without
// now, F is 1.
func (w rateWindows) exposures(before []rateItem, a RateArgs) (t1, t2 time.Duration) {
	var sum1, sum2 float64
	known := 0
	for _, m := range before {
		if m.delay < 0 {
			continue
		}
		known++
		since := a.Now.Sub(a.Event.Time) - m.delay
		sum2 += float64(min(max(since, 0), w.after))
		sum1 += float64(min(max(since+w.before, 0), w.before))
	}
	if known < minBefore || a.Now.IsZero() {
		return w.before, w.after
	}
	return time.Duration(sum1 / float64(known)), time.Duration(sum2 / float64(known))
}

// dispersion is Pearson's chi-squared over its degrees of freedom, of the
// counts per hour of the before-window, or per six hours where fewer than five
// are expected in an hour. Below 1 or above: less or more bursty than chance.
func (w rateWindows) dispersion(before []rateItem) float64 {
	width := time.Hour
	if float64(len(before))/w.before.Hours() < 5 {
		width = cellWidth
	}
	counts := make([]int, w.before/width)
	n := 0
	for _, m := range before {
		// Whole bins back from the event; a rest at the far end is left out.
		if i := int((-m.at - 1) / width); i < len(counts) {
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
// the event. It sorts the list.
func cells(list []rateItem) int {
	block := func(m rateItem) time.Duration {
		if m.at < 0 {
			return -1 - (-m.at-1)/cellWidth
		}
		return m.at / cellWidth
	}
	slices.SortFunc(list, func(a, b rateItem) int {
		return cmp.Or(cmp.Compare(a.campaign, b.campaign), cmp.Compare(block(a), block(b)))
	})
	n := 0
	for i, m := range list {
		if i == 0 || m.campaign != list[i-1].campaign || block(m) != block(list[i-1]) {
			n++
		}
	}
	return n
}

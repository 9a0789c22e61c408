package forensics

import (
	"slices"
	"time"
)

const (
	// maxBuckets bounds the bars of a timeline: what a screen shows apart.
	maxBuckets = 120
	// strayGap and strayShare say when a time counts as a broken clock's: one of
	// the outermost hundredth, more than so far from its neighbour.
	strayGap, strayShare = 30 * 24 * time.Hour, 100
	// aroundEvents is how near an event must be to be drawn with the messages.
	aroundEvents = 7 * 24 * time.Hour
)

// bucketHours are the widths of bars, in hours.
var bucketHours = []int{1, 6, 24, 7 * 24, 30 * 24, 365 * 24}

// timeline counts originals by hand-over time and verdict, in the narrowest
// bars that fit. Bars begin at full hours, or days, of UTC.
func (m *Mailbox) timeline(c *clustering, events []Event, warnings *[]string) []Bucket {
	dated := c.order // in order, those without a time last
	for len(dated) > 0 && m.rows.at(dated[len(dated)-1]).t0 == 0 {
		dated = dated[:len(dated)-1]
	}
	at := func(i int) time.Time { return fromStamp(m.rows.at(dated[i]).t0) }
	lo, hi := 0, len(dated)-1
	for i := range len(dated) / strayShare {
		if at(i+1).Sub(at(i)) > strayGap {
			lo = i + 1
		}
		if j := len(dated) - 1 - i; at(j).Sub(at(j-1)) > strayGap {
			hi = j - 1
		}
	}
	if stray := lo + len(dated) - 1 - hi; stray > 0 {
		*warnings = append(*warnings, plural(stray, "original")+" with a hand-over time far from all others: not in the timeline.")
	}
	if lo > hi {
		return []Bucket{}
	}
	first, last := m.drawn(at(lo), at(hi), events)
	hours := bucketHours[len(bucketHours)-1]
	for _, h := range bucketHours {
		if barCount(first, last, h) <= maxBuckets {
			hours = h
			break
		}
	}
	width := time.Duration(hours) * time.Hour
	start := barStart(first, hours)
	out := make([]Bucket, barCount(first, last, hours))
	for i := range out {
		out[i] = Bucket{Start: start.Add(time.Duration(i) * width), Hours: hours, Counts: map[Verdict]int{}}
	}
	for _, i := range dated[lo : hi+1] {
		r := m.rows.at(i)
		out[fromStamp(r.t0).Sub(start)/width].Counts[verdictNames[r.verdict()]]++
	}
	return out
}

// drawn widens a span to the events near it, and to what should have come in
// the two days after them: that nothing came is what people want to see.
func (m *Mailbox) drawn(first, last time.Time, events []Event) (time.Time, time.Time) {
	a, b := first, last
	for _, e := range events[:min(len(events), maxEvents)] {
		if e.Time.Before(first.Add(-aroundEvents)) || e.Time.After(last.Add(aroundEvents)) || stamp(e.Time) == 0 {
			continue
		}
		after := e.Time.Add(rateWindow)
		if !m.now.IsZero() && after.After(m.now) {
			after = slices.MaxFunc([]time.Time{m.now, e.Time}, time.Time.Compare)
		}
		if e.Time.Before(a) {
			a = e.Time
		}
		if after.After(b) {
			b = after
		}
	}
	return a, b
}

// barStart gives the start of the bar that holds t: full hours up to 24 from
// midnight UTC, longer ones from the day.
func barStart(t time.Time, hours int) time.Time {
	return t.UTC().Truncate(time.Duration(min(hours, 24)) * time.Hour)
}

func barCount(first, last time.Time, hours int) int {
	return int(last.Sub(barStart(first, hours))/(time.Duration(hours)*time.Hour)) + 1
}

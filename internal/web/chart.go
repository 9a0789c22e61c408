package web

import (
	"fmt"
	"math"
	"time"

	"unspoof/forensics"
)

// The drawing's own units; CSS scales it.
const (
	chartWidth, chartHeight = 760, 230
	plotLeft, plotRight     = 34, 752
	plotTop, plotBottom     = 26, 196
	maxBars                 = 56  // more could not be told apart
	maxRows                 = 400 // of the table under it
)

// order in which the verdicts are stacked, from the ground up.
var order = []forensics.Verdict{forensics.Compromised, forensics.Spoofed, forensics.Genuine, forensics.Unknown}

// chart is the timeline, ready for drawing.
type chart struct {
	Bars   []bar
	Marks  []mark
	Ticks  []tick
	Levels []level
	Rows   []row
	Used   []forensics.Verdict // for the legend
	Hours  int                 // that one bar stands for
}

type bar struct {
	X, Y, W, H string
	Verdict    forensics.Verdict
	Title      string
}

type mark struct {
	X     string
	Event forensics.Event
	N     int  // its number under the chart
	Right bool // the number stands to the left of the line
}

type tick struct{ X, Text string }

type level struct {
	Y    string
	Text string
}

type row struct {
	Start  time.Time
	Counts []int // as in order
}

func number(f float64) string { return fmt.Sprintf("%.1f", f) }

// draw makes the chart of the timeline, in the time zone of loc; nil when there
// is nothing to draw.
func draw(buckets []forensics.Bucket, events []forensics.Event, loc *time.Location) *chart {
	buckets = coarser(buckets)
	if len(buckets) == 0 {
		return nil
	}
	c := &chart{Hours: buckets[0].Hours}
	from := buckets[0].Start
	to := buckets[len(buckets)-1].Start.Add(time.Duration(buckets[len(buckets)-1].Hours) * time.Hour)
	span := to.Sub(from)
	for _, e := range events { // a little beyond the bars there is room for them
		if e.Time.Before(from) && from.Sub(e.Time) < span/4 {
			from = e.Time
		}
		if e.Time.After(to) && e.Time.Sub(to) < span/4 {
			to = e.Time
		}
	}
	x := func(t time.Time) float64 {
		return plotLeft + (plotRight-plotLeft)*float64(t.Sub(from))/float64(to.Sub(from))
	}
	most, used := 0, map[forensics.Verdict]bool{}
	for _, b := range buckets {
		sum := 0
		for _, v := range order {
			sum += b.Counts[v]
			used[v] = used[v] || b.Counts[v] > 0
		}
		most = max(most, sum)
	}
	top := ceiling(most)
	for _, b := range buckets {
		c.stack(b, x, float64(top), loc)
	}
	for _, v := range order {
		if used[v] {
			c.Used = append(c.Used, v)
		}
	}
	for i, e := range events {
		if !e.Time.Before(from) && !e.Time.After(to) {
			at := x(e.Time)
			c.Marks = append(c.Marks, mark{X: number(at), Event: e, N: i + 1, Right: at > plotRight-30})
		}
	}
	c.ticks(from, to, x, loc)
	for _, n := range []int{0, top / 2, top} {
		if n != top/2 || top%2 == 0 {
			c.Levels = append(c.Levels, level{number(plotBottom - float64(plotBottom-plotTop)*float64(n)/float64(top)), fmt.Sprint(n)})
		}
	}
	return c
}

// stack adds one bucket's bars, and its row of the table.
func (c *chart) stack(b forensics.Bucket, x func(time.Time) float64, top float64, loc *time.Location) {
	left, right := x(b.Start), x(b.Start.Add(time.Duration(b.Hours)*time.Hour))
	width, ground := math.Max(right-left-1, 1), float64(plotBottom)
	r := row{Start: b.Start, Counts: make([]int, len(order))}
	sum := 0
	for i, v := range order {
		n := b.Counts[v]
		r.Counts[i] = n
		if sum += n; n == 0 {
			continue
		}
		h := float64(plotBottom-plotTop) * float64(n) / top
		ground -= h
		c.Bars = append(c.Bars, bar{
			X: number(left), Y: number(ground), W: number(width), H: number(h), Verdict: v,
			Title: fmt.Sprintf("%s: %d %s", b.Start.In(loc).Format("Mon 2 Jan 15:04"), n, word(v)),
		})
	}
	if sum > 0 && len(c.Rows) < maxRows {
		c.Rows = append(c.Rows, r)
	}
}

// ticks marks days, or as many of them as there is room for.
func (c *chart) ticks(from, to time.Time, x func(time.Time) float64, loc *time.Location) {
	days := int(to.Sub(from)/(24*time.Hour)) + 1
	step := max((days+7)/8, 1)
	start := from.In(loc)
	for t := time.Date(start.Year(), start.Month(), start.Day(), 0, 0, 0, 0, loc); !t.After(to); t = t.AddDate(0, 0, step) {
		if at := x(t); at >= plotLeft && at < plotRight-20 {
			c.Ticks = append(c.Ticks, tick{number(at), t.Format("2 Jan")})
		}
	}
	if len(c.Ticks) == 0 {
		c.Ticks = append(c.Ticks, tick{number(plotLeft), start.Format("2 Jan 15:04")})
	}
}

// coarser adds buckets up until they can be told apart.
func coarser(buckets []forensics.Bucket) []forensics.Bucket {
	if len(buckets) == 0 || buckets[0].Hours <= 0 {
		return nil
	}
	hours := buckets[0].Hours
	span := buckets[len(buckets)-1].Start.Sub(buckets[0].Start)/time.Hour + time.Duration(hours)
	times := int((span + maxBars*time.Duration(hours) - 1) / (maxBars * time.Duration(hours)))
	if times <= 1 {
		return buckets
	}
	wide := time.Duration(hours*times) * time.Hour
	var out []forensics.Bucket
	for _, b := range buckets {
		start := buckets[0].Start.Add(b.Start.Sub(buckets[0].Start) / wide * wide)
		if len(out) == 0 || !out[len(out)-1].Start.Equal(start) {
			out = append(out, forensics.Bucket{Start: start, Hours: hours * times, Counts: map[forensics.Verdict]int{}})
		}
		for v, n := range b.Counts {
			out[len(out)-1].Counts[v] += n
		}
	}
	return out
}

// ceiling is the top of the scale: the next of 2, 4, 6, 10 times a power of ten.
func ceiling(n int) int {
	for unit := 1; ; unit *= 10 {
		for _, m := range []int{2, 4, 6, 10} {
			if n <= m*unit {
				return m * unit
			}
		}
	}
}

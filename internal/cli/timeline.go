package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"unspoof/forensics"
	"unspoof/internal/cli/ui"
)

// showTimeline prints a bar for each span of time, and what the owner did in it.
func (p *program) showTimeline(rep forensics.MailboxReport) {
	bars := coarser(rep.Timeline, shownBars)
	if len(bars) < 2 {
		return
	}
	o := p.out
	o.Heading("When it was handed over (UTC)")
	most := 0
	for _, b := range bars {
		most = max(most, total(b.Counts))
	}
	layout := time.DateOnly
	if bars[0].Hours%24 != 0 {
		layout = "2006-01-02 15h"
	}
	events := slices.Clone(rep.Events)
	slices.SortStableFunc(events, func(a, b forensics.Event) int { return a.Time.Compare(b.Time) })
	marks := func(until time.Time) {
		for len(events) > 0 && events[0].Time.Before(until) {
			o.Text("  ── ", "%s %s", stamp(events[0].Time), o.As(ui.Blue, eventWords(events[0])))
			events = events[1:]
		}
	}
	for _, b := range bars {
		marks(b.Start)
		o.Line("  %s  %-*s %s", b.Start.UTC().Format(layout), barWidth, ui.Bar(total(b.Counts), most, barWidth), mixture(b.Counts))
		marks(b.Start.Add(time.Duration(b.Hours) * time.Hour))
	}
	marks(time.Unix(1<<60, 0))
}

func eventWords(e forensics.Event) string {
	s := strings.ReplaceAll(string(e.Type), "-", " ")
	if e.Account != "" {
		s += " (" + e.Account + ")"
	}
	return s
}

// mixture says how many of each verdict, zero being nothing to say.
func mixture(counts map[forensics.Verdict]int) string {
	var words []string
	for _, v := range byAlarm {
		if n := counts[v]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, verdictWords[v].short))
		}
	}
	return strings.Join(words, ", ")
}

func total(counts map[forensics.Verdict]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

// coarser joins neighbours until at most n buckets are left. They are all of the
// same length and follow each other without gaps, or they are left as they are.
func coarser(buckets []forensics.Bucket, n int) []forensics.Bucket {
	for len(buckets) > n {
		var joined []forensics.Bucket
		for pair := range slices.Chunk(buckets, 2) {
			b := forensics.Bucket{Start: pair[0].Start, Hours: pair[0].Hours * 2, Counts: map[forensics.Verdict]int{}}
			for _, part := range pair {
				for v, c := range part.Counts {
					b.Counts[v] += c
				}
			}
			joined = append(joined, b)
		}
		buckets = joined
	}
	return buckets
}

func (p *program) showRateTests(rep forensics.MailboxReport) {
	if len(rep.RateTests) == 0 {
		return
	}
	o := p.out
	o.Heading("Did it help?")
	for _, t := range rep.RateTests {
		o.Text("  - ", "%s", t.Sentence)
	}
}

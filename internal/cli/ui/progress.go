package ui

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Progress draws how far a long job is, on a terminal only.
type Progress struct {
	w           io.Writer
	begun, last time.Time
	shown       bool
}

// redraw is how often the line is drawn anew.
const redraw = 100 * time.Millisecond

// NewProgress draws on w; it gives nil, which draws nothing, when that is no
// terminal.
func NewProgress(w io.Writer) *Progress {
	if !IsTerminal(w) {
		return nil
	}
	now := time.Now()
	return &Progress{w: w, begun: now, last: now} // a short job shows no bar at all
}

// Set says how many octets are done, of how many; total 0 is not known.
func (p *Progress) Set(done, total int64) {
	if p == nil || time.Since(p.last) < redraw {
		return
	}
	p.last, p.shown = time.Now(), true
	if total <= 0 {
		fmt.Fprintf(p.w, "\r\x1b[K%s read", octets(done))
		return
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s  %s of %s", share(done, total), octets(done), octets(total))
}

// Count says how many things are done, of how many; total 0 is not known. The
// noun is the program's own: "domains".
func (p *Progress) Count(done, total int64, noun string) {
	if p == nil || time.Since(p.last) < redraw {
		return
	}
	p.last, p.shown = time.Now(), true
	rate := float64(done) / p.last.Sub(p.begun).Seconds()
	if total <= 0 {
		fmt.Fprintf(p.w, "\r\x1b[K%d %s, %.0f a second", done, noun, rate)
		return
	}
	left := time.Duration(float64(max(0, total-done)) / max(rate, 0.001) * float64(time.Second))
	fmt.Fprintf(p.w, "\r\x1b[K%s  %d of %d %s, %.0f a second, %s left", share(done, total), done, total, noun, rate, left.Round(time.Second))
}

// share draws how much is done.
func share(done, total int64) string {
	const width = 30
	filled := int(min(done, total) * width / total)
	return fmt.Sprintf("%s%s %3d %%", strings.Repeat("█", filled), strings.Repeat("░", width-filled), min(done, total)*100/total)
}

// Done takes the bar away.
func (p *Progress) Done() {
	if p != nil && p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

func octets(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

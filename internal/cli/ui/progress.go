package ui

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Progress draws how far a long job is, on a terminal only.
type Progress struct {
	w     io.Writer
	last  time.Time
	shown bool
}

// redraw is how often the line is drawn anew.
const redraw = 100 * time.Millisecond

// NewProgress draws on w; it gives nil, which draws nothing, when that is no
// terminal.
func NewProgress(w io.Writer) *Progress {
	if !IsTerminal(w) {
		return nil
	}
	return &Progress{w: w, last: time.Now()} // a short job shows no bar at all
}

// Set says how many octets are done, of how many; total 0 is not known.
func (p *Progress) Set(done, total int64) {
	if p == nil || time.Since(p.last) < redraw {
		return
	}
	p.last, p.shown = time.Now(), true
	const width = 30
	if total <= 0 {
		fmt.Fprintf(p.w, "\r\x1b[K%s read", octets(done))
		return
	}
	filled := int(done * width / total)
	fmt.Fprintf(p.w, "\r\x1b[K%s%s %3d %%  %s of %s", strings.Repeat("█", filled), strings.Repeat("░", width-filled),
		done*100/total, octets(done), octets(total))
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

package ui

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestProgressTellsShareRateAndWhatIsLeft(t *testing.T) {
	for _, tc := range []struct {
		done, total int64
		want        string
	}{
		{250, 1000, "███████░░░░░░░░░░░░░░░░░░░░░░░  25 %  250 of 1000 domains, 25 a second, 30s left"},
		{250, 0, "250 domains, 25 a second"},
		{1100, 1000, strings.Repeat("█", 30) + " 100 %  1100 of 1000 domains, 110 a second, 0s left"},
	} {
		var b bytes.Buffer
		p := &Progress{w: &b, begun: time.Now().Add(-10 * time.Second)}
		p.Count(tc.done, tc.total, "domains")
		if got := strings.TrimPrefix(b.String(), "\r\x1b[K"); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
		b.Reset()
		if p.Count(tc.done, tc.total, "domains"); b.Len() != 0 {
			t.Error("drawn again at once")
		}
		if p.Done(); b.String() != "\r\x1b[K" {
			t.Errorf("not taken away: %q", b.String())
		}
	}
	var none *Progress
	none.Count(1, 2, "domains")
	none.Done()
}

package cli

import (
	"testing"
	"time"

	"unspoof/forensics"
)

func TestLogsAreJoinedWithoutClaimingAGapIsComplete(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2024, 6, n, 0, 0, 0, 0, time.UTC) }
	log := func(from, to int, paths ...string) forensics.OutboundLog {
		return forensics.OutboundLog{From: day(from), To: day(to), Paths: paths, Entries: []forensics.Sent{{Time: day(from)}}}
	}
	none := time.Time{}
	cases := []struct {
		rule     string
		a, b     forensics.OutboundLog
		from, to time.Time
		paths    int
		whole    bool
	}{
		{"overlapping, of one path: both", log(1, 5, "own"), log(4, 9, "own"), day(1), day(9), 1, true},
		{"touching", log(5, 9, "own"), log(1, 5, "own"), day(1), day(9), 1, true},
		{"a gap between: nothing is complete", log(1, 3, "own"), log(5, 9, "own"), none, none, 0, false},
		{"different paths: the days of both", log(1, 9, "own", "esp"), log(4, 12, "own"), day(4), day(9), 2, false},
		{"different paths and days", log(1, 3, "esp"), log(4, 12, "own"), none, none, 0, false},
	}
	for _, c := range cases {
		got, whole := joinLogs(&c.a, c.b)
		if !got.From.Equal(c.from) || !got.To.Equal(c.to) || len(got.Paths) != c.paths || whole != c.whole || len(got.Entries) != 2 {
			t.Errorf("%s: got %+v, %v", c.rule, got, whole)
		}
	}
	if got, whole := joinLogs(nil, log(1, 5, "own")); !whole || !got.To.Equal(day(5)) {
		t.Errorf("without a log in the profile: %+v, %v", got, whole)
	}
}

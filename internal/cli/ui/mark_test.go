package ui

import (
	"strings"
	"testing"
)

func TestMarkPointsAtThePlace(t *testing.T) {
	long := strings.Repeat("ip4:192.0.2.1 ", 20)
	for _, tc := range []struct {
		name, text string
		from, to   int
		want       string
	}{
		{"in a short line", "v=spf1 mx -al", 10, 13, "  v=spf1 mx -al\n            ^^^\n"},
		{"at an empty place", "v=spf1 mx", 9, 9, "  v=spf1 mx\n           ^\n"},
		{"under wide characters", "v=spf1 ｉｐ4 x", 13, 14, "  v=spf1 ｉｐ4 x\n             ^\n"},
		{"in hostile text", "a\x1b[2Jb", 1, 2, "  a\ufffd[2Jb\n   ^\n"},
		{"beyond the text", "ab", 7, 9, "  ab\n    ^\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var b strings.Builder
			NewOut(&b, func(string) string { return "" }).Mark(2, Red, tc.text, tc.from, tc.to)
			if b.String() != tc.want {
				t.Errorf("got\n%q, want\n%q", b.String(), tc.want)
			}
		})
	}
	var b strings.Builder
	NewOut(&b, func(string) string { return "" }).Mark(2, Red, long, 140, 143)
	lines := strings.Split(b.String(), "\n")
	i := strings.Index(lines[1], "^")
	if columns(lines[0]) > pipeWidth || len(lines) != 3 || string([]rune(lines[0])[i:i+3]) != long[140:143] {
		t.Errorf("got\n%s", b.String())
	}
}

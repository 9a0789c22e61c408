package maillog

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestYear states what stands in for the year that syslog leaves out: the latest
// in which the line is not after the time at which the log was taken.
func TestYear(t *testing.T) {
	const line = "%s 08:00:00 m postfix/smtpd[1]: AAAAA11: client=pc[203.0.113.50], sasl_method=PLAIN, sasl_username=anna\n"
	for _, tc := range []struct {
		rule, in string
		taken    time.Time
		want     string // of the first line
		say      string // "" for no warning
	}{
		{"before the file was written", fmt.Sprintf(line, "Jun  4"), time.Date(2024, 6, 5, 0, 0, 0, 0, time.UTC), "2024-06-04", "2024 was taken"},
		{"across the turn of the year", fmt.Sprintf(line, "Dec 31") + fmt.Sprintf(line, "Jan  1"), time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC), "2024-12-31", "2024 to 2025 was taken"},
		{"a stamp that names it", "2023-06-04T08:00:00Z m postfix/smtpd[1]: AAAAA11: client=pc[203.0.113.50]\n", time.Date(2024, 6, 5, 0, 0, 0, 0, time.UTC), "2023-06-04", ""},
	} {
		l, err := Read(strings.NewReader(tc.in), "mail.log", tc.taken)
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Join(l.Warnings, " ")
		if got := l.Outbound.From.Format(time.DateOnly); got != tc.want || !strings.Contains(said, tc.say) || (tc.say == "") == strings.Contains(said, "no year") {
			t.Errorf("%s: from %s, warnings %q", tc.rule, got, said)
		}
	}
}

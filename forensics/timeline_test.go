package forensics

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTimelineBarsFitTheSpan(t *testing.T) {
	for _, c := range []struct {
		span  time.Duration
		hours int
	}{{0, 1}, {5 * time.Hour, 1}, {119 * time.Hour, 1}, {121 * time.Hour, 6}, {25 * 24 * time.Hour, 6}, {60 * 24 * time.Hour, 24}, {400 * 24 * time.Hour, 168}, {5 * 365 * 24 * time.Hour, 720}, {30 * 365 * 24 * time.Hour, 8760}} {
		r := report(mailboxOf(brandProfile(), spoofedAt("1", monday), spoofedAt("2", monday.Add(c.span/2)), spoofedAt("3", monday.Add(c.span))))
		sum := 0
		for i, b := range r.Timeline {
			sum += b.Counts[Spoofed]
			if b.Hours != c.hours || i > 0 && !b.Start.Equal(r.Timeline[i-1].Start.Add(time.Duration(b.Hours)*time.Hour)) {
				t.Errorf("%v: bar %d of %d hours at %s", c.span, i, b.Hours, b.Start)
				break
			}
		}
		if sum != 3 || len(r.Timeline) > maxBuckets {
			t.Errorf("%v: %d messages in %d bars", c.span, sum, len(r.Timeline))
		}
	}
}

func TestTimelineShowsTheQuietAfterAnEvent(t *testing.T) {
	p := brandProfile()
	p.Events = []Event{{Time: monday.Add(10 * time.Hour), Type: SPFPublished}, {Time: monday.Add(-1e5 * time.Hour), Type: SPFPublished}}
	r := report(mailboxOf(p, spoofedAt("1", monday)))
	if n := len(r.Timeline); n != 59 { // from the message to 48 hours after the event
		t.Errorf("got %d bars", n)
	}
	m := NewMailbox(MailboxArgs{Profile: p, Now: monday.Add(20 * time.Hour)})
	m.Add(spoofedAt("1", monday).notice())
	if n := len(report(m).Timeline); n != 21 {
		t.Errorf("until now: got %d bars", n)
	}
}

func TestABrokenClockDoesNotFlattenTheTimeline(t *testing.T) {
	samples := []sample{spoofedAt("old", time.Unix(1000, 0)), spoofedAt("new", time.Unix(1<<32-1000, 0))}
	for i := range 250 {
		samples = append(samples, spoofedAt(fmt.Sprint(i), monday.Add(time.Duration(i)*10*time.Minute)))
	}
	r := report(mailboxOf(brandProfile(), samples...))
	if len(r.Timeline) == 0 || r.Timeline[0].Hours != 1 || !strings.Contains(strings.Join(r.Warnings, " "), "2 originals with a hand-over time far") {
		t.Errorf("%d bars of %d hours, warnings %q", len(r.Timeline), r.Timeline[0].Hours, r.Warnings)
	}
}

func TestTimelineOfNothing(t *testing.T) {
	if r := report(mailboxOf(nil, spoofedAt("1", time.Time{}))); r.Timeline == nil || len(r.Timeline) != 0 {
		t.Errorf("got %v", r.Timeline)
	}
}

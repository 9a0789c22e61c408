package cli

import (
	"testing"
	"time"

	"unspoof/forensics"
)

func TestMomentsAreReadAsPeopleWriteThem(t *testing.T) {
	noon := time.Date(2024, 6, 3, 12, 0, 0, 0, time.UTC)
	for _, s := range []string{"2024-06-03T12:00:00Z", "2024-06-03T14:00:00+02:00", "1717416000"} {
		got, err := parseMoment(s)
		if err != nil || !got.Equal(noon) {
			t.Errorf("parseMoment(%q) = %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"2024-06-03 12:00", "2024-06-03T12:00", "2024-06-03"} { // in the zone of this computer
		if _, err := parseMoment(s); err != nil {
			t.Error(err)
		}
	}
	for s, want := range map[string]int64{"0": 0, "1": 1, "99999999": 99999999, "253402300799": 253402300799} {
		if got, err := parseMoment(s); err != nil || got.Unix() != want {
			t.Errorf("parseMoment(%q) = %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "noon", "-1", "253402300800", "2024-13-01", "99999999999999999999"} {
		if got, err := parseMoment(s); err == nil {
			t.Errorf("parseMoment(%q) = %v, want an error", s, got)
		}
	}
}

func TestEventsNameTypeTimeAndPerhapsAccount(t *testing.T) {
	noon := time.Date(2024, 6, 3, 12, 0, 0, 0, time.UTC)
	cases := []struct {
		text string
		want forensics.Event
	}{
		{"password-changed@2024-06-03T12:00:00Z", forensics.Event{Type: forensics.PasswordChanged, Time: noon}},
		{"password-changed@2024-06-03T12:00:00Z:anna", forensics.Event{Type: forensics.PasswordChanged, Time: noon, Account: "anna"}},
		{"password-changed@1717416000:anna@example.com", forensics.Event{Type: forensics.PasswordChanged, Time: noon, Account: "anna@example.com"}},
		{"spf-published@2024-06-03T14:00:00+02:00", forensics.Event{Type: forensics.SPFPublished, Time: noon}},
	}
	for _, c := range cases {
		got, err := parseEvent(c.text)
		if err != nil || !got.Time.Equal(c.want.Time) || got.Type != c.want.Type || got.Account != c.want.Account {
			t.Errorf("parseEvent(%q) = %+v, %v", c.text, got, err)
		}
	}
	for _, s := range []string{"password-changed", "@2024-06-03", "moved@2024-06-03", "password-changed@", "password-changed@soon:anna", "password-changed@2024-06-03T12:00:00Z:"} {
		if got, err := parseEvent(s); err == nil {
			t.Errorf("parseEvent(%q) = %+v, want an error", s, got)
		}
	}
}

func TestBucketsAreJoinedUntilTheyFit(t *testing.T) {
	var buckets []forensics.Bucket
	start := time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)
	for i := range 101 {
		buckets = append(buckets, forensics.Bucket{Start: start.Add(time.Duration(i) * time.Hour), Hours: 1, Counts: map[forensics.Verdict]int{forensics.Spoofed: 1}})
	}
	got := coarser(buckets, 32)
	if len(got) > 32 || got[0].Hours != 4 {
		t.Fatalf("%d buckets of %d hours", len(got), got[0].Hours)
	}
	sum := 0
	for i, b := range got {
		sum += total(b.Counts)
		if want := start.Add(time.Duration(i*b.Hours) * time.Hour); !b.Start.Equal(want) {
			t.Errorf("bucket %d begins at %v, want %v", i, b.Start, want)
		}
	}
	if sum != 101 {
		t.Errorf("%d messages of 101", sum)
	}
}

func TestHalfADateIsNoEvent(t *testing.T) {
	for _, s := range []string{"password-changed@2024", "password-changed@20240603"} {
		if e, err := parseEvent(s); err == nil {
			t.Errorf("parseEvent(%q) = %v, want an error", s, e)
		}
	}
}

package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"unspoof/forensics"
)

// layouts are the ways in which a time may be given, besides Unix seconds. One
// without a zone is in that of this computer.
var layouts = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly}

// endOfTimes is the first second of the year 10000, which RFC 3339 cannot write.
const endOfTimes = 253402300800

// parseMoment reads Unix seconds or a date.
func parseMoment(s string) (time.Time, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n >= 0 && n < endOfTimes {
		return time.Unix(n, 0).UTC(), nil
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; write 2024-06-03T12:00:00Z, 2024-06-03 14:00 or Unix seconds", s)
}

// clock is the moment that --now names, else the present one.
func clock(cmd *cobra.Command) (time.Time, error) {
	flag := cmd.Flags().Lookup("now")
	if flag == nil || !flag.Changed {
		return time.Now(), nil
	}
	now, err := parseMoment(flag.Value.String())
	if err != nil {
		return now, usage("--now: "+err.Error(), "")
	}
	return now, nil
}

// longestSpan bounds a span of time: no signature is meant to hold for longer.
const longestSpan = 10 * 365 * 24 * time.Hour

// parseSpan reads a span of whole days (7d), or of hours, minutes and seconds (36h).
func parseSpan(s string) (time.Duration, error) {
	span, err := time.ParseDuration(s)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		span = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || span < time.Second || span > longestSpan {
		return 0, fmt.Errorf("%q is no span from a second to ten years; write 7d or 36h", s)
	}
	return span, nil
}

var eventTypes = []forensics.EventType{
	forensics.PasswordChanged, forensics.SPFPublished, forensics.DKIMPublished, forensics.DMARCPublished, forensics.ScriptRemoved,
}

// firstEvent is the year before which nobody published or changed anything: what
// lies before it is half a date ("2024") taken for Unix seconds.
const firstEvent = 1990

// parseEvent reads TYPE@TIME or TYPE@TIME:ACCOUNT.
func parseEvent(s string) (forensics.Event, error) {
	kind, rest, found := strings.Cut(s, "@")
	if !found {
		return forensics.Event{}, fmt.Errorf("%q has no time; write password-changed@2024-06-03T12:00:00Z:anna", s)
	}
	if !slices.Contains(eventTypes, forensics.EventType(kind)) {
		return forensics.Event{}, fmt.Errorf("%q is no kind of event; there are %s", kind, joinTypes())
	}
	e := forensics.Event{Type: forensics.EventType(kind)}
	var err error
	if e.Time, err = parseMoment(rest); err == nil && e.Time.Year() < firstEvent {
		err = fmt.Errorf("%q is long before e-mail; write the whole date, 2024-06-03T12:00:00Z", rest)
		return forensics.Event{}, err
	}
	if err == nil {
		return e, nil
	}
	// Times hold colons too: what stands after the last one is the account only
	// where the whole is no time.
	if i := strings.LastIndexByte(rest, ':'); i > 0 && i < len(rest)-1 {
		if e.Time, err = parseMoment(rest[:i]); err == nil {
			e.Account = rest[i+1:]
			return e, nil
		}
	}
	return forensics.Event{}, err
}

func joinTypes() string {
	var words []string
	for _, t := range eventTypes {
		words = append(words, string(t))
	}
	return strings.Join(words, ", ")
}

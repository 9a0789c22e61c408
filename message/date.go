package message

import (
	"strings"
	"time"
)

// ParseDate reads a date of a mail (RFC 5322 section 3.3) as mail programs
// really write it: weekday, seconds and zone may be missing (then it counts as
// UTC), years may have two digits (section 4.3), comments and zone names may
// follow, and the orders of asctime and ISO 8601 are understood too. It says
// false when there is no date in s or one that no calendar has.
func ParseDate(s string) (time.Time, bool) {
	if len(s) > 200 { // no date is longer
		s = s[:200]
	}
	d := dateParser{year: -1, day: -1, zone: zoneNone}
	if !d.read(s) {
		return time.Time{}, false
	}
	return d.time()
}

// zoneNone marks a date without a zone.
const zoneNone = 1 << 30

// dateParser collects the parts of a date, in whatever order they come.
type dateParser struct {
	year, month, day  int
	hour, min, second int
	hasTime           bool
	zone              int // seconds east of UTC
}

// read takes the parts of s token by token.
func (d *dateParser) read(s string) bool {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '(':
			i, _ = skipComment(s, i)
			continue
		case c == ' ' || c == '\t' || c == ',' || c == '\r' || c == '\n' || c == '.':
			i++
			continue
		}
		end := i + 1
		for end < len(s) && strings.IndexByte(" \t,(\r\n", s[end]) < 0 {
			end++
		}
		if !d.token(s[i:end]) {
			break
		}
		i = end
	}
	return d.day > 0 && d.month > 0 && d.year >= 0
}

// token takes one word; it says false when the date is over.
func (d *dateParser) token(t string) bool {
	c := t[0]
	switch {
	case (c == '+' || c == '-') && d.hasTime:
		z, ok := numericZone(t)
		if ok && d.zone == zoneNone {
			d.zone = z
		}
		return ok
	case c < '0' || c > '9':
		if m := monthNumber(t); m > 0 && d.month == 0 {
			d.month = m
			return true
		}
		if d.hasTime && d.zone == zoneNone {
			if z, ok := namedZone(t); ok {
				d.zone = z
			}
		}
		return len(t) <= 10 // a weekday, an unknown zone
	case strings.IndexByte(t, ':') > 0:
		if strings.IndexByte(t, '-') > 0 {
			return d.iso(t)
		}
		return d.clock(t)
	case strings.IndexByte(t, '-') > 0:
		return d.dashed(t)
	}
	n, rest := number(t)
	if rest != "" {
		return false
	}
	switch {
	case d.day < 0 && n >= 1 && n <= 31 && len(t) <= 2:
		d.day = n
	case d.year < 0:
		d.setYear(n, len(t))
	default:
		return false
	}
	return true
}

// setYear applies RFC 5322 section 4.3 to years of two and three digits.
func (d *dateParser) setYear(n, digits int) {
	switch {
	case digits <= 2 && n < 50:
		n += 2000
	case digits <= 3:
		n += 1900
	}
	d.year = n
}

// clock reads "15:04", "15:04:05" and "15:04:05.678".
func (d *dateParser) clock(t string) bool {
	var rest string
	d.hour, rest = number(t)
	if !strings.HasPrefix(rest, ":") {
		return false
	}
	d.min, rest = number(rest[1:])
	if strings.HasPrefix(rest, ":") {
		d.second, rest = number(rest[1:])
	}
	d.hasTime = true
	if strings.HasPrefix(rest, ".") {
		_, rest = number(rest[1:])
	}
	if rest == "Z" || rest == "z" {
		d.zone = 0
	} else if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		if z, ok := numericZone(rest); ok {
			d.zone = z
		}
	}
	return true
}

// iso reads "2006-01-02T15:04:05Z".
func (d *dateParser) iso(t string) bool {
	i := strings.IndexAny(t, "Tt_")
	return i > 0 && d.dashed(t[:i]) && i+1 < len(t) && d.clock(t[i+1:])
}

// dashed reads "2006-01-02" and "02-Jan-2006".
func (d *dateParser) dashed(t string) bool {
	p := strings.SplitN(t, "-", 3)
	if len(p) != 3 {
		return false
	}
	first, r1 := number(p[0])
	last, r2 := number(p[2])
	if r1 != "" || r2 != "" {
		return false
	}
	if len(p[0]) == 4 {
		d.year, d.day = first, last
		d.month, _ = number(p[1])
	} else {
		d.day, d.month = first, monthNumber(p[1])
		d.setYear(last, len(p[2]))
	}
	return true
}

// time makes a time of the parts when a calendar has them.
func (d *dateParser) time() (time.Time, bool) {
	if d.day > 31 || d.month < 1 || d.month > 12 || d.hour > 24 || d.min > 59 || d.second > 60 || d.year < 1970 || d.year > 9999 {
		return time.Time{}, false
	}
	zone := time.UTC
	if d.zone != zoneNone && d.zone != 0 {
		zone = time.FixedZone("", d.zone)
	}
	return time.Date(d.year, time.Month(d.month), d.day, d.hour, d.min, d.second, 0, zone), true
}

// number reads the digits at the start of s, at most nine.
func number(s string) (int, string) {
	n, i := 0, 0
	for i < len(s) && i < 9 && s[i] >= '0' && s[i] <= '9' {
		n = n*10 + int(s[i]-'0')
		i++
	}
	return n, s[i:]
}

// numericZone reads "+0200" and "+02:00".
func numericZone(t string) (int, bool) {
	n, rest := number(t[1:])
	if strings.HasPrefix(rest, ":") && len(t) == 6 {
		m, _ := number(rest[1:])
		n = n*100 + m
	}
	z := n/100*3600 + n%100*60
	if n > 2400 || len(t) < 5 {
		return 0, false
	}
	if t[0] == '-' {
		z = -z
	}
	return z, true
}

// namedZone gives the zones of RFC 5322 section 4.3, and those that mail shows
// and that have one meaning, in seconds east of UTC.
func namedZone(t string) (int, bool) {
	const hour = 3600
	switch strings.ToUpper(t) {
	case "GMT", "UT", "UTC", "Z", "WET":
		return 0, true
	case "EST", "CDT":
		return -5 * hour, true
	case "EDT":
		return -4 * hour, true
	case "CST", "MDT":
		return -6 * hour, true
	case "MST", "PDT":
		return -7 * hour, true
	case "PST":
		return -8 * hour, true
	case "CET", "MET", "WEST":
		return hour, true
	case "CEST", "MEST", "MESZ", "EET":
		return 2 * hour, true
	case "EEST", "MSK":
		return 3 * hour, true
	case "JST", "KST":
		return 9 * hour, true
	}
	return 0, false
}

// monthNumber gives 1 to 12 for an English month, 0 for anything else.
func monthNumber(t string) int {
	if len(t) < 3 || len(t) > 9 {
		return 0
	}
	i := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", string([]byte{t[0] | 0x20, t[1] | 0x20, t[2] | 0x20}))
	if i < 0 || i%3 != 0 {
		return 0
	}
	return i/3 + 1
}

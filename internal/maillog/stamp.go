package maillog

import (
	"strings"
	"time"
)

// syslogLine takes a line of syslog apart: its time, the tag of the program that
// wrote it, and the message. It reads the classic form ("Jun  2 01:10:00 host
// postfix/smtpd[123]: …"), with or without a priority and fractions, and the
// one with an ISO 8601 stamp.
func (p *parser) syslogLine(s string) (t time.Time, tag, message string, ok bool) {
	if strings.HasPrefix(s, "<") { // priority
		if i := strings.IndexByte(s, '>'); i > 0 && i < 5 {
			s = s[i+1:]
		}
	}
	t, rest, ok := p.classicStamp(s)
	if !ok {
		if t, rest, ok = isoStamp(s); !ok {
			return t, "", "", false
		}
	}
	host, tag, message, ok := hostAndTag(rest)
	if host != "" {
		p.host = p.word(strings.ToLower(host))
	}
	return t, tag, message, ok
}

// hostAndTag reads what follows the stamp, "host postfix/smtpd[123]: …".
func hostAndTag(s string) (host, tag, message string, ok bool) {
	host, rest, ok := strings.Cut(s, " ")
	if !ok {
		return "", "", "", false
	}
	// The tag ends at the first ": "; a process number stands in brackets.
	tag, message, ok = strings.Cut(rest, ": ")
	if !ok {
		tag, message, ok = strings.Cut(rest, ":")
	}
	if i := strings.IndexByte(tag, '['); i > 0 {
		tag = tag[:i]
	}
	return host, tag, message, ok && tag != "" && !strings.Contains(tag, " ")
}

const months = "JanFebMarAprMayJunJulAugSepOctNovDec"

// classicStamp reads "Jun  2 01:10:00 ", also with fractions of the second. The
// year is the latest in which it is not after now; February 29 goes back to a
// leap year.
func (p *parser) classicStamp(s string) (time.Time, string, bool) {
	if len(s) < 16 || s[3] != ' ' || s[6] != ' ' {
		return time.Time{}, "", false
	}
	month := strings.Index(months, s[:3])
	day, ok := twoDigits(s[4], s[5])
	if month < 0 || month%3 != 0 || !ok || day < 1 || day > 31 {
		return time.Time{}, "", false
	}
	h, m, sec, ok := clock(s[7:])
	if !ok {
		return time.Time{}, "", false
	}
	rest := s[15:]
	if rest[0] == '.' {
		rest = strings.TrimLeft(rest[1:], "0123456789")
	}
	if rest == "" || rest[0] != ' ' {
		return time.Time{}, "", false
	}
	for year := p.now.Year() + 1; year > p.now.Year()-9; year-- {
		t := time.Date(year, time.Month(month/3+1), day, h, m, sec, 0, p.now.Location())
		if t.Day() == day && !t.After(p.now.Add(24*time.Hour)) { // clocks differ, and a log may be running
			p.assumed(year)
			return t, rest[1:], true
		}
	}
	return time.Time{}, "", false
}

// assumed notes a year that a stamp did not name.
func (p *parser) assumed(year int) {
	if p.firstYear == 0 || year < p.firstYear {
		p.firstYear = year
	}
	p.lastYear = max(p.lastYear, year)
}

// isoStamp reads "2024-06-02T01:10:00.123+02:00 ", the zone with or without its
// colon.
func isoStamp(s string) (time.Time, string, bool) {
	word, rest, ok := strings.Cut(s, " ")
	if !ok || len(word) < 20 || len(word) > 40 || word[10] != 'T' {
		return time.Time{}, "", false
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, word); err == nil {
			return t, rest, true
		}
	}
	return time.Time{}, "", false
}

// eximStamp reads "2024-06-02 01:10:00 ", also with fractions, a zone ("+0200")
// and a process number ("[123]") after it.
func (p *parser) eximStamp(s string) (time.Time, string, bool) {
	if len(s) < 21 || s[4] != '-' || s[7] != '-' || s[10] != ' ' {
		return time.Time{}, "", false
	}
	t, err := time.ParseInLocation("2006-01-02 15:04:05", s[:19], p.now.Location())
	if err != nil {
		return time.Time{}, "", false
	}
	rest := s[19:]
	if rest[0] == '.' {
		rest = strings.TrimLeft(rest[1:], "0123456789")
	}
	if len(rest) > 7 && rest[0] == ' ' && (rest[1] == '+' || rest[1] == '-') && rest[6] == ' ' {
		if z, err := time.Parse("2006-01-02 15:04:05 -0700", s[:19]+rest[:6]); err == nil {
			t, rest = z, rest[6:]
		}
	}
	if strings.HasPrefix(rest, " [") {
		if i := strings.IndexByte(rest, ']'); i > 0 && strings.Trim(rest[2:i], "0123456789") == "" {
			rest = rest[i+1:]
		}
	}
	if rest == "" || rest[0] != ' ' {
		return time.Time{}, "", false
	}
	return t, rest[1:], true
}

func clock(s string) (h, m, sec int, ok bool) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return 0, 0, 0, false
	}
	h, a := twoDigits(s[0], s[1])
	m, b := twoDigits(s[3], s[4])
	sec, c := twoDigits(s[6], s[7])
	return h, m, sec, a && b && c && h < 24 && m < 60 && sec < 61
}

func twoDigits(a, b byte) (int, bool) {
	if a == ' ' {
		a = '0'
	}
	if a < '0' || a > '9' || b < '0' || b > '9' {
		return 0, false
	}
	return int(a-'0')*10 + int(b-'0'), true
}

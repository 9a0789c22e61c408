package lint

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// dkimTags are those of RFC 6376 section 3.6.1; g is of RFC 4871.
var dkimTags = []string{"v", "h", "k", "n", "p", "s", "t", "g"}

// version judges v=, which has to be the first tag where it is there.
func (l *dkimLint) version() {
	for i := range l.tags {
		t := &l.tags[i]
		if lower := strings.ToLower(t.name); lower != t.name && slices.Contains(dkimTags, lower) && find(l.tags, lower) == nil {
			l.find("DKIM-019", l.text, t.at, true, vars{"tag": t.name})
			t.name = lower
		}
	}
	v := find(l.tags, "v")
	if v == nil {
		return
	}
	if v.value != "DKIM1" {
		l.find("DKIM-004", l.text, v.at, true, vars{"fault": "v=" + v.value + " is not v=DKIM1"})
		v.value = "DKIM1"
	}
	first := slices.IndexFunc(l.tags, func(t tag) bool { return !t.gone && !t.stray })
	if l.tags[first].name == "v" {
		return
	}
	l.find("DKIM-004", l.text, v.at, true, vars{"fault": "it is not the first tag"})
	moved := *v
	v.gone = true
	l.tags = slices.Insert(l.tags, 0, moved)
}

// twice finds names that are given twice, by which the whole list is void (RFC 6376
// section 3.2).
func (l *dkimLint) twice() {
	for i := range l.tags {
		t := &l.tags[i]
		if t.gone {
			continue
		}
		for k := range l.tags[:i] {
			if o := &l.tags[k]; !o.gone && o.name == t.name {
				same := strings.Join(strings.Fields(o.value), "") == strings.Join(strings.Fields(t.value), "")
				l.find("DKIM-027", l.text, t.at, same, vars{"tag": t.name})
				t.gone = same
				break
			}
		}
	}
}

// values judges all tags but the version and the key.
func (l *dkimLint) values() {
	for i := range l.tags {
		t := &l.tags[i]
		if t.gone {
			continue
		}
		switch t.name {
		case "v", "p", "k", "n":
		case "h":
			if !slices.Contains(list(t.value), "sha256") {
				l.find("DKIM-016", l.text, t.at, true, vars{"hashes": t.value})
				t.gone = true
			}
		case "s":
			// A key may be for reports of TLS alone (RFC 8460 section 3), or for what is
			// not known here: then it was published so on purpose.
			if s := list(t.value); !slices.ContainsFunc(s, func(one string) bool { return one == "email" || one == "*" || one == "tlsrpt" }) {
				l.find("DKIM-018", l.text, t.at, false, vars{"services": t.value})
			}
		case "t":
			l.flags(t)
		case "g":
			l.find("DKIM-020", l.text, t.at, true, nil)
			t.gone = true
		default:
			l.find("DKIM-019", l.text, t.at, true, vars{"tag": t.name + "=" + t.value})
			t.gone = true
		}
	}
}

func (l *dkimLint) flags(t *tag) {
	var keep []string
	for _, f := range list(t.value) {
		switch {
		case strings.EqualFold(f, "y"):
			l.find("DKIM-014", l.text, t.at, true, nil)
		case f == "s":
			l.find("DKIM-015", l.text, t.at, false, nil)
			keep = append(keep, f)
		default:
			l.find("DKIM-019", l.text, t.at, true, vars{"tag": "t=" + f})
		}
	}
	t.value, t.gone = strings.Join(keep, ":"), len(keep) == 0
}

// list reads words between colons.
func list(value string) []string {
	words := strings.Split(value, ":")
	for i := range words {
		words[i] = strings.Trim(words[i], white)
	}
	return words
}

// old is the age from which on a selector that is a date is worth a word: twice the
// half year that mail providers are advised to change keys in.
const old = 2 * 365 * 24 * time.Hour

// dated matches dates in selectors: 20240131, 202401, 2024-01-31, s2024.
var dated = regexp.MustCompile(`(?:^|[^0-9])((?:20)[0-9]{2})[-_]?(0[1-9]|1[0-2])?[-_]?(0[1-9]|[12][0-9]|3[01])?(?:[^0-9]|$)`)

// selectorDate gives the date that a selector is named after, "" where it has none
// or is not old at now.
func selectorDate(selector string, now time.Time) string {
	m := dated.FindStringSubmatch(selector)
	if m == nil || now.IsZero() {
		return ""
	}
	text, layout := m[1], "2006"
	if m[2] != "" {
		text, layout = text+"-"+m[2], "2006-01"
	}
	if m[2] != "" && m[3] != "" {
		text, layout = text+"-"+m[3], "2006-01-02"
	}
	at, err := time.Parse(layout, text)
	if err != nil || now.Sub(at) < old {
		return ""
	}
	return text
}

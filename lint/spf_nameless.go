package lint

import (
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/spf"
)

// nameless stands for the domain of a record where that is not given; nobody can own
// it (RFC 2606 section 2). The terms that mean it are not asked for.
const nameless = "domain.invalid"

// domain gives the domain that the record is for.
func (l *spfLint) domain() string {
	if l.args.Domain == "" {
		return nameless
	}
	return l.args.Domain
}

// hangs reports whether what a term leads to hangs on the domain of its record, or on
// the message.
func hangs(t *spf.Term) bool {
	_, fixed := t.Domain.Name()
	return t.Kind.Counts() && !fixed // of one without a name, too
}

// skip notes the terms that can't be looked up without the domain of the record.
func (l *spfLint) skip(rec *spf.Record, at []int) {
	for k := range rec.Terms {
		t := &rec.Terms[k]
		if l.args.Domain != "" || !hangs(t) || ignored(rec, t) || l.words[at[k]].gone || len(l.report.Skipped) >= maxAlike {
			continue
		}
		if !slices.Contains(l.report.Skipped, t.Text) {
			l.report.Skipped = append(l.report.Skipped, t.Text)
		}
	}
}

// askable gives a record that can be read without the terms that skip notes, and how
// many of them are left out.
func (l *spfLint) askable(text string) (rest string, left int) {
	rec, err := spf.Parse(text)
	if l.args.Domain != "" || err != nil {
		return text, 0
	}
	words := []string{spfVersion}
	for i := range rec.Terms {
		t := &rec.Terms[i]
		switch {
		case ignored(rec, t):
		case hangs(t):
			left++
		default:
			words = append(words, t.Text)
		}
	}
	return strings.Join(words, " "), left
}

// question is what the record as a whole is called among what DNS left open.
func (l *spfLint) question() string {
	if l.args.Domain == "" {
		return "the record"
	}
	return query(l.args.Domain, dns.TypeTXT)
}

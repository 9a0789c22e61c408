package fleet

import (
	"regexp"
	"strings"
	"sync"

	"unspoof/finding"
)

// passing are the words of rules whose values change while what was found stays
// the same: numbers, and what is said about it.
var passing = map[string]bool{
	"domain": true, "count": true, "size": true, "bits": true, "biggest": true, "exponent": true, "date": true, "fault": true, "hint": true,
	"reason": true, "text": true, "mended": true, "now": true, "have": true, "want": true, "near": true, "terms": true, "tags": true,
	"services": true, "mechanisms": true, "hashes": true, "status": true, "link": true, "listed": true, "endings": true,
}

// subject is what a finding is about, beside its rule: a host, a term, a
// selector, and the question that it rests on first. It stays the same in a later
// run, whatever number the sentence has. told is false where the sentence is none
// of the rule as it is now, since another version wrote it.
func subject(f finding.Finding) (s string, told bool) {
	var parts []string
	if len(f.Evidence) > 0 {
		parts = append(parts, strings.ToLower(f.Evidence[0].Query))
	}
	values, told := values(f)
	if len(values) == 0 && f.Place != nil {
		if from, to := f.Place.Span.Start, f.Place.Span.End; 0 <= from && from < to && to <= len(f.Place.Text) {
			values = append(values, f.Place.Text[from:to])
		}
	}
	return strings.Join(append(parts, values...), "\x00"), told
}

// sentences are the patterns of the rules, made when they are needed.
var sentences sync.Map // of id to *sentence

type sentence struct {
	pattern *regexp.Regexp // nil: no such rule
	words   []string       // of the groups
}

// word is what stands for something found in the sentence of a rule.
var word = regexp.MustCompile(`\{(\w+)\}`)

func sentenceOf(id string) *sentence {
	if s, ok := sentences.Load(id); ok {
		return s.(*sentence)
	}
	s := &sentence{}
	if rule, ok := finding.Find(id); ok {
		var b strings.Builder
		b.WriteString(`(?s)\A`)
		rest := rule.What
		for _, at := range word.FindAllStringSubmatchIndex(rule.What, -1) {
			b.WriteString(regexp.QuoteMeta(rule.What[len(rule.What)-len(rest):at[0]]) + "(.*?)")
			s.words = append(s.words, rule.What[at[2]:at[3]])
			rest = rule.What[at[1]:]
		}
		b.WriteString(regexp.QuoteMeta(rest) + `\z`)
		s.pattern = regexp.MustCompile(b.String())
		sentences.Store(id, s) // only of rules: ids of a file are without number
	}
	return s
}

// values gives what stands for the words of the rule's sentence that tell two
// findings of the rule apart.
func values(f finding.Finding) (list []string, told bool) {
	s := sentenceOf(f.ID)
	if s.pattern == nil {
		return nil, false
	}
	m := s.pattern.FindStringSubmatch(f.What)
	if m == nil {
		return nil, false
	}
	for i, w := range s.words {
		if !passing[w] {
			list = append(list, m[i+1])
		}
	}
	return list, true
}

package web

import (
	"fmt"
	"strings"

	"unspoof/posture"
)

// treatmentWord says what a receiver does, as a light in a table.
func treatmentWord(t posture.Treatment) light {
	switch t {
	case posture.Refused:
		return light{Colour: "good", Word: "refused"}
	case posture.Mostly:
		return light{Colour: "warn", Word: "mostly refused"}
	case posture.SpamFolder:
		return light{Colour: "warn", Word: "spam folder"}
	case posture.Marked:
		return light{Colour: "warn", Word: "marked"}
	case posture.Accepted:
		return light{Colour: "bad", Word: "accepted"}
	}
	return light{Colour: "open", Word: "not known"}
}

// stateOf says yes or no.
func stateOf(v posture.State) light {
	switch v {
	case posture.Yes:
		return light{Colour: "good", Word: "yes"}
	case posture.No:
		return light{Colour: "warn", Word: "no"}
	}
	return light{Colour: "open", Word: "not known"}
}

// gradeColour is the class of a grade.
func gradeColour(letter string) string {
	switch letter {
	case "A", "B":
		return "good"
	case "C", "D":
		return "warn"
	case "E", "F":
		return "bad"
	}
	return "open"
}

// reasons are why receivers do so, each once.
func reasons(table []posture.Forgery) []string {
	var list []string
	told := map[string]bool{}
	for _, f := range table {
		if why := f.DMARC.Why; why != "" && !told[why] {
			told[why] = true
			list = append(list, f.What+": "+why)
		}
	}
	return list
}

// because are the reasons of a verdict that its sentence does not hold already.
func because(v posture.Verdict) []string {
	var list []string
	for _, reason := range v.Because {
		if !strings.Contains(v.Sentence, reason) {
			list = append(list, reason)
		}
	}
	return list
}

// keysWord says what was found of DKIM.
func keysWord(d posture.DKIM) string {
	switch {
	case d.WildcardRevoked:
		return "revoked for every selector"
	case d.Wildcard == posture.Yes:
		return "every name below _domainkey answers, so no selectors were tried"
	case len(d.Selectors) == 0 && d.Tried == 0:
		return "not asked"
	case len(d.Selectors) == 0:
		return fmt.Sprintf("none of the %d usual names has a key, which tells little", d.Tried)
	}
	var words []string
	for _, s := range d.Selectors {
		w := s.Selector
		if s.Service != "" {
			w += " (" + s.Service + ")"
		}
		switch {
		case s.Revoked:
			w += " (revoked)"
		case !s.Usable:
			w += " (cannot be used)"
		}
		words = append(words, w)
	}
	return strings.Join(words, ", ")
}

// listed sorts what block lists say: those that answered, and, with their reason
// told once, those that did not.
func listed(all []posture.Blocklist) (out struct {
	Told   []posture.Blocklist
	Silent []string
}) {
	told := map[string]bool{}
	for _, b := range all {
		if b.Listed != posture.NotKnown {
			out.Told = append(out.Told, b)
		} else if !told[b.Why] {
			told[b.Why] = true
			out.Silent = append(out.Silent, b.Why)
		}
	}
	return out
}

package finding

import (
	"regexp"
	"slices"
	"strings"
)

// Rule is what is known of one kind of finding. An ID is for good: it is never
// used again for another meaning. In What, Why and Fix, {domain} and the like
// stand for what was found.
type Rule struct {
	ID       string   `json:"id"` // "SPF-007": its area and a number
	Severity Severity `json:"severity"`
	What     string   `json:"what"`
	Why      string   `json:"why"`
	Fix      string   `json:"fix"`
	RFC      string   `json:"rfc,omitempty"` // "RFC 7208 section 4.6.4"
}

// catalogue is all rules, ordered by area, then number.
var catalogue = slices.Concat(dnsRules, nameRules, mxRules, spfRules, dkimRules, dmarcRules, transportRules, serverRules, blocklistRules)

// index finds a rule's place in the catalogue.
var index = func() map[string]int {
	m := make(map[string]int, len(catalogue))
	for i, r := range catalogue {
		m[r.ID] = i
	}
	return m
}()

// Rules gives every rule, in the catalogue's order. The slice is the caller's.
func Rules() []Rule { return slices.Clone(catalogue) }

// Find gives the rule of an ID, in any case.
func Find(id string) (Rule, bool) {
	i, ok := index[strings.ToUpper(id)]
	if !ok {
		return Rule{}, false
	}
	return catalogue[i], true
}

// word is what stands for something found, or several of them in a row.
var word = regexp.MustCompile(`(\{\w+\})+`)

// Words that are left out where nothing was found: a hint, words alone in brackets,
// and the end of a sentence that names what was found.
var (
	bracketed = regexp.MustCompile(`\{hint\}| \(\{\w+\}\)`)
	named     = regexp.MustCompile(`^([^()]*(?:\([^()]*\)[^()]*)*): \{\w+\}[^.]*\.?$`)
)

// standIns are what is read in the place of {words} that name something.
var standIns = strings.NewReplacer("{domain}", "DOMAIN", "{host}", "HOST", "{name}", "NAME", "{address}", "ADDRESS", "{port}", "PORT", "{service}", "SERVICE", "{term}", "the term")

// Plain gives the What, Why or Fix of a rule as it is read without anything found:
// DOMAIN and the like for what is named, and an ellipsis for the other {words} that
// it can't do without.
func Plain(sentence string) string {
	sentence = bracketed.ReplaceAllString(sentence, "")
	sentence = standIns.Replace(named.ReplaceAllString(sentence, "$1."))
	return strings.TrimSuffix(word.ReplaceAllString(sentence, "…"), " …")
}

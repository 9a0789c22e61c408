package lint

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/finding"
	"unspoof/orgdomain"
)

// policyTags say what is to be done with mail.
var policyTags = []string{"p", "sp", "np"}

// policies reads p, sp and np.
func (l *dmarcLint) policies() {
	for _, name := range policyTags {
		t := find(l.tags, name)
		if t == nil {
			if name == "p" {
				l.find("DMARC-005", l.text, l.whole(), false, vars{"fault": "p is missing"})
			}
			continue
		}
		word := strings.ToLower(t.value)
		if slices.Contains([]string{"none", "quarantine", "reject"}, word) {
			continue
		}
		fix := policyMeant(word)
		if strings.Contains(strings.TrimLeft(word, "= "), "=") { // another tag ran into it
			fix, l.unclear = "", true
		}
		if words := policyWords(word); len(words) > 1 {
			fix, l.unclear = "", true
		}
		l.find("DMARC-005", l.text, t.at, fix != "", vars{"fault": name + "=" + t.value + " is none of none, quarantine, reject"})
		if fix != "" {
			t.value = fix
		}
	}
}

// policyWords gives the policies that a value names.
func policyWords(value string) []string {
	var words []string
	for w := range strings.FieldsFuncSeq(value, func(r rune) bool { return r < 'a' || r > 'z' }) {
		if fix := policyMeant(w); fix != "" && !slices.Contains(words, fix) {
			words = append(words, fix)
		}
	}
	return words
}

// policyMeant gives the policy that a misspelt word is near to, "" for any other.
func policyMeant(word string) string {
	word = strings.Trim(word, `"'., :=`)
	switch {
	case word == "none", word == "quarantine", word == "reject":
		return word
	case strings.HasPrefix(word, "quar"), strings.HasPrefix(word, "qar"), strings.HasPrefix(word, "qua"), oneSlip(word, "quarantine"):
		return "quarantine"
	case strings.HasPrefix(word, "rej"), oneSlip(word, "reject"), word == "deny", word == "block", word == "refuse":
		return "reject"
	case strings.HasPrefix(word, "non"), oneSlip(word, "none"), word == "monitor", word == "no", word == "nothing":
		return "none"
	}
	return ""
}

// choices are the words that a tag can have, with those that people write instead;
// what is none of these counts as the default.
var choices = map[string]map[string]string{
	"adkim": {"r": "r", "s": "s", "relaxed": "r", "strict": "s"},
	"aspf":  {"r": "r", "s": "s", "relaxed": "r", "strict": "s"},
	"psd":   {"y": "y", "n": "n", "u": "u", "yes": "y", "no": "n"},
	"t":     {"y": "y", "n": "n", "no": "n", "false": "n", "0": "n", "yes": "y", "true": "y", "1": "y"},
}

// words reads the tags of fixed words, and those that were given up.
func (l *dmarcLint) words() {
	var removed []string
	var at finding.Span
	for i := range l.tags {
		t := &l.tags[i]
		if t.gone {
			continue
		}
		switch t.name {
		case "adkim", "aspf", "psd", "t":
			word := strings.ToLower(t.value)
			fix := choices[t.name][word]
			if fix == word && fix != "" {
				continue
			}
			l.find("DMARC-017", l.text, t.at, true, vars{"fault": t.name + "=" + t.value + " is not one of its words, and counts as if it were not there"})
			t.value, t.gone = fix, fix == ""
		case "fo":
			l.failureOptions(t)
		case "pct", "rf", "ri":
			if n, err := strconv.ParseUint(t.value, 10, 8); t.name == "pct" && err == nil && n < 100 {
				// Older receivers act on it, and newer ones don't: whether the policy is to
				// be in force now (RFC 9989 appendix A.6), only the owner knows.
				l.find("DMARC-013", l.text, t.at, false, vars{"tags": t.name + "=" + t.value})
				continue
			}
			if removed = append(removed, t.name+"="+t.value); len(removed) == 1 {
				at = t.at
			}
			t.gone = true
		}
	}
	if len(removed) > 0 {
		l.find("DMARC-013", l.text, at, true, vars{"tags": strings.Join(removed, ", ")})
	}
}

// listed matches a list that is written as it has to be.
var listed = regexp.MustCompile(`(?i)^[01ds](:[01ds])*$`)

func (l *dmarcLint) failureOptions(t *tag) {
	if find(l.tags, "ruf") == nil {
		l.find("DMARC-017", l.text, t.at, true, vars{"fault": "fo means nothing without ruf"})
		t.gone = true
		return
	}
	var options []string
	for _, o := range strings.FieldsFunc(strings.ToLower(t.value), func(r rune) bool { return strings.ContainsRune(": ,/|\t", r) }) {
		if slices.Contains([]string{"0", "1", "d", "s"}, o) && !slices.Contains(options, o) {
			options = append(options, o)
		}
	}
	if slices.Contains(options, "1") { // 1 is more than 0, and not both may stand
		options = slices.DeleteFunc(options, func(o string) bool { return o == "0" })
	}
	fix := strings.Join(options, ":")
	if fix == strings.ToLower(strings.Join(strings.Fields(t.value), "")) {
		return
	}
	fault := "fo=" + t.value + " is no list of 0, 1, d and s, with colons between"
	if listed.MatchString(t.value) {
		fault = "fo=" + t.value + " says a thing twice: 1 asks for all reports that 0 asks for, and more"
	}
	l.find("DMARC-017", l.text, t.at, true, vars{"fault": fault})
	t.value, t.gone = fix, fix == ""
}

// weigh judges what the record, read as mended, asks for.
func (l *dmarcLint) weigh() {
	r, err := dmarc.Parse(writeTags(l.tags))
	if err != nil {
		return
	}
	place := func(name string) finding.Span {
		if t := find(l.tags, name); t != nil {
			return t.at
		}
		return l.whole()
	}
	switch r.Policy {
	case dmarc.None:
		l.find("DMARC-003", l.text, place("p"), false, nil)
	case dmarc.Quarantine:
		l.find("DMARC-014", l.text, place("p"), false, nil)
	}
	if len(r.RUA) == 0 {
		l.find("DMARC-006", l.text, l.whole(), false, nil)
	}
	if r.Test && r.Policy != "" && r.Policy != dmarc.None {
		l.find("DMARC-012", l.text, place("t"), false, vars{"policy": string(r.Policy.Softer())})
	}
	if r.Subdomain != "" && r.Policy != "" && r.Subdomain.Weaker(r.Policy) {
		// It may be a stage of a roll-out.
		l.find("DMARC-009", l.text, find(l.tags, "sp").at, false, vars{"policy": string(r.Subdomain)})
	}
	below := r.Policy
	if r.Subdomain != "" {
		below = r.Subdomain
	}
	switch np := find(l.tags, "np"); {
	case np != nil && r.NonExistent != "" && r.NonExistent.Weaker(below):
		l.find("DMARC-010", l.text, np.at, true, vars{"policy": string(r.NonExistent)})
		np.value = string(dmarc.Reject)
	case np == nil && below != "" && below != dmarc.Reject:
		l.find("DMARC-011", l.text, l.whole(), true, nil)
		l.tags = append(l.tags, tag{name: "np", value: string(dmarc.Reject)})
	}
	if d := l.args.Domain; d != "" && r.PSD == orgdomain.PSDYes && orgdomain.OfPSL("below."+d) == orgdomain.OfPSL(d) {
		t := find(l.tags, "psd")
		l.find("DMARC-019", l.text, t.at, true, nil)
		t.gone = true
	}
}

// maxConsents is how many strangers are asked whether they take reports; receivers
// need to serve two addresses only (RFC 9990 section 4).
const maxConsents = 10

// consent asks whether those who are to get reports agree (RFC 9990 section 4).
func (l *dmarcLint) consent() {
	r, err := dmarc.Parse(writeTags(l.tags))
	if err != nil || l.args.Domain == "" {
		return
	}
	rua := find(l.tags, "rua")
	for i, u := range r.RUA {
		if i == maxConsents {
			return
		}
		d, err := dmarc.CheckDestination(l.ctx, l.args.Resolver, l.args.Domain, u)
		switch {
		case err != nil:
			l.unanswered(d.Query, dns.TypeTXT, err)
		case !d.Agreed:
			ev := finding.Evidence{Query: query(d.Query, dns.TypeTXT), Server: d.Server, Answer: "no consent"}
			l.find("DMARC-008", l.text, rua.at, false, vars{"host": u.Host}, ev)
		}
	}
}

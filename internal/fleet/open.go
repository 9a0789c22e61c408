package fleet

import (
	"slices"
	"strings"

	"unspoof/finding"
	"unspoof/posture"
)

// openQuestions are those that a report did not get answered or did not ask, as
// "TXT _dmarc.example.com".
func openQuestions(r posture.Report) []string {
	list := slices.Clone(r.NotAsked)
	for _, e := range r.Unanswered {
		list = append(list, e.Query)
	}
	return list
}

// without gives the questions that are open in list alone: what one report lacks
// and the other has. Where both lack it, neither rests on it.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(q string) bool { return slices.Contains(other, q) })
}

// hangs reports whether a finding on the domain may rest on the answer to one of
// the questions, so that its being there or not tells nothing where they are open.
func hangs(f finding.Finding, domain string, open []string) bool {
	return slices.ContainsFunc(open, func(q string) bool {
		return slices.ContainsFunc(f.Evidence, func(e finding.Evidence) bool { return strings.EqualFold(e.Query, q) }) || decides(q, domain, area(f.ID))
	})
}

func area(id string) string {
	area, _, _ := strings.Cut(id, "-")
	return area
}

// decides reports whether findings of an area may rest on a question. When in
// doubt they do.
func decides(question, domain, area string) bool {
	kind, name, _ := strings.Cut(strings.ToLower(question), " ")
	switch {
	case name == domain:
		return true // whether it exists, sends and receives
	case kind == "txt" && (strings.HasPrefix(name, "_dmarc.") || strings.Contains(name, "._report._dmarc.")):
		return area == "DMARC" || area == "DNS"
	case strings.HasSuffix(name, "._domainkey."+domain):
		return area == "DKIM" || area == "DNS" || area == "NAME"
	case kind == "txt" && (strings.HasPrefix(name, "_mta-sts.") || strings.HasPrefix(name, "_smtp._tls.") || strings.HasPrefix(name, "default._bimi.")),
		kind == "tlsa", kind == "ds", kind == "caa":
		return area != "SPF" && area != "DMARC" && area != "DKIM" && area != "MX"
	}
	return area != "DMARC" && area != "DKIM" // includes, hosts, reverse names, lists
}

package sender

import (
	"slices"
	"strings"
)

// Match is one service that a name points to. Where several share the name, all
// are given: none of them alone is meant.
type Match struct {
	Service Service `json:"service"`
	Pattern string  `json:"pattern"` // of the catalogue, "*.mx.example"
	Exact   bool    `json:"exact"`   // the name is the pattern, wildcards filled; else it lies below
	// Confidence in this hit: the service's, or Low where what matched has no
	// published source. A Low hit is to be shown as a hint.
	Confidence Confidence `json:"confidence"`
}

// ByInclude names the services behind an SPF include, a, exists or redirect
// host, current or legacy. The longest ending wins. Nil: none is known.
func ByInclude(host string) []Match { return find(&lookup().include, host) }

// ByMX names the services behind a mail exchanger. Receiving for a domain never
// proves sending for it.
func ByMX(host string) []Match { return find(&lookup().mx, host) }

// ByHost names the services behind the reverse name of an address, or behind a host
// to which mail is handed. The caller has to confirm a reverse name first: it is
// whatever the address's owner writes.
func ByHost(name string) []Match { return find(&lookup().reverse, name) }

// ByDKIM names the services behind the target of a selector's CNAME, the best
// sign there is for a DKIM key.
func ByDKIM(target string) []Match { return find(&lookup().dkim, target) }

// BySelector names the service that a DKIM selector belongs to, if that is one
// service only; common selectors ("s1", "default") name nobody.
func BySelector(selector string) (Match, bool) {
	if slices.ContainsFunc(sharedSelectors[:], func(s string) bool { return strings.EqualFold(s, selector) }) {
		return Match{}, false
	}
	var hits []Match
	for i := range services {
		s := &services[i]
		for _, sel := range s.Selectors {
			// {placeholders} are no names.
			if strings.EqualFold(sel, selector) && !strings.Contains(sel, "{") {
				hits = append(hits, s.match("selectors", sel, true))
			}
		}
	}
	if len(hits) != 1 {
		return Match{}, false
	}
	return hits[0], true
}

func find(x *index, name string) []Match {
	name = canonical(name)
	var hits []Match
	for _, p := range x.find(name) {
		m := p.service.match(p.field, p.text, strings.Count(name, ".")+1 == p.labels)
		if !slices.ContainsFunc(hits, func(h Match) bool { return h.Service.ID == m.Service.ID }) {
			hits = append(hits, m)
		}
	}
	// The service that owns the name comes before those that run on it.
	slices.SortStableFunc(hits, func(a, b Match) int {
		return strings.Compare(a.Service.RunsOn, b.Service.RunsOn)
	})
	return hits
}

func (s *Service) match(field, text string, exact bool) Match {
	m := Match{Service: *s, Pattern: text, Exact: exact, Confidence: s.Confidence}
	if s.unverified(field, text) {
		m.Confidence = Low
	}
	return m
}

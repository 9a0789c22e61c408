package posture

import (
	"context"
	"slices"
	"strings"

	"unspoof/dkim"
	"unspoof/dns"
	"unspoof/lint"
	"unspoof/sender"
)

// usualSelectors are common where keys are made by hand or by servers; services
// have theirs in the catalogue.
var usualSelectors = []string{"default", "dkim", "mail", "selector1", "selector2", "google", "k1", "s1", "s2", "key1", "smtp"}

// checkDKIM tries the selectors of the services seen, and the usual ones. First it
// asks for one that nobody has: where that answers, all would.
func (c *checker) checkDKIM(ctx context.Context) {
	d := &c.report.DKIM
	ask := &part{asker: c.ask, left: dkimQuestions}
	made, found, err := c.selector(ctx, ask, strings.TrimSuffix(probe, "."))
	if err != nil {
		return
	}
	if d.Wildcard = stateOf(found); found {
		c.wildKey, d.WildcardRevoked = made, made.Revoked
		if !made.Revoked {
			c.find("DKIM-023", nil, c.ask.evidence(dns.TypeTXT, made.Name, nil))
		}
		return
	}
	for _, s := range c.selectors() {
		if ctx.Err() != nil {
			return
		}
		key, found, err := c.selector(ctx, ask, s)
		if err != nil {
			continue
		}
		d.Tried++
		if found {
			d.Selectors = append(d.Selectors, key)
			c.lintKey(ctx, key)
		}
	}
}

// selectors lists what to try: those of the services that the domain points to,
// then the usual ones.
func (c *checker) selectors() []string {
	var list []string
	for _, s := range c.found {
		list = append(list, s.Selectors...)
	}
	list = append(list, usualSelectors...)
	seen := map[string]bool{}
	list = slices.DeleteFunc(list, func(s string) bool {
		known := seen[s]
		seen[s] = true
		return known || s == "" || strings.ContainsAny(s, "{}* ")
	})
	return list[:min(len(list), maxSelectors)]
}

// selector asks for one key. What is no key record, such as a TXT of a wildcard's,
// counts as found only where it is meant for DKIM.
func (c *checker) selector(ctx context.Context, r dns.Resolver, selector string) (Selector, bool, error) {
	name := selector + "._domainkey." + c.domain
	if dns.CheckName(name) != nil {
		return Selector{}, false, dns.CheckName(name)
	}
	a, err := r.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeTXT})
	if err != nil {
		return Selector{}, false, err
	}
	s := Selector{Selector: selector, Name: name}
	for _, rec := range a.Records {
		if text := recordText(rec); isKey(text) {
			s.Record = clip(text, maxKeyText)
			key, err := dkim.ParseKey(text)
			s.Revoked = key.Revoked
			s.Usable = err == nil && !key.Revoked && key.Bits >= leastBits(key.Type) &&
				(key.Services == nil || slices.Contains(key.Services, "*") || slices.Contains(key.Services, "email"))
			break
		}
	}
	if s.Record == "" {
		return s, false, nil
	}
	if n := len(a.Chain); n > 0 {
		s.Target = a.Chain[n-1]
		for _, alias := range a.Chain {
			if hits := sender.ByDKIM(alias); len(hits) > 0 {
				s.Service = hits[0].Service.Name
				c.service(hits)
				break
			}
		}
	}
	if m, ok := sender.BySelector(selector); ok && s.Service == "" {
		s.Service = m.Service.Name
	}
	return s, true, nil
}

// leastBits is what a key must have for receivers to use it (RFC 8301 section 3.2).
func leastBits(typ string) int {
	if typ == "rsa" {
		return 1024
	}
	return 1
}

// isKey reports text that is meant as a key record (RFC 6376 section 3.6.1); v= may
// be left out.
func isKey(text string) bool {
	lower := strings.ToLower(strings.Trim(text, " \t\""))
	return strings.HasPrefix(lower, "v=dkim1") || strings.HasPrefix(lower, "p=") || strings.HasPrefix(lower, "k=") && strings.Contains(lower, "p=")
}

// lintKey takes over what is wrong in the text of a key.
func (c *checker) lintKey(ctx context.Context, s Selector) {
	answer, err := c.ask.Lookup(ctx, dns.Question{Name: s.Name, Type: dns.TypeTXT}) // known already
	if err != nil {
		return
	}
	var texts [][]string
	for _, rec := range answer.Records {
		texts = append(texts, rec.Text)
	}
	ev := c.ask.evidence(dns.TypeTXT, s.Name, nil)
	rep := lint.DKIM(ctx, lint.Args{Domain: c.domain, Selector: s.Selector, Name: s.Name, Strings: texts})
	for _, f := range rep.Findings {
		if len(f.Evidence) == 0 {
			f.Evidence = append(f.Evidence, ev)
		}
		c.add(f)
	}
}

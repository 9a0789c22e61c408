package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unspoof/dkim"
	"unspoof/dns"
	"unspoof/sender"
)

// key gives what is known of one selector of a service.
func (k *keySetter) key(ctx context.Context, s sender.Service, selector string) DKIMKey {
	if placeholder(selector) != "" {
		return DKIMKey{Selector: selector, Like: selector + "._domainkey." + k.domain, Published: NotKnown}
	}
	key := k.published(ctx, DKIMKey{Selector: selector, Name: selector + "._domainkey." + k.domain})
	key.Published = theirs(s, key)
	if s.DKIMRecord != "cname" || s.DKIMPattern == "" {
		return key
	}
	patterns := strings.Split(s.DKIMPattern, " | ")
	target := k.target(ctx, s, patterns, selector)
	if target == "" {
		var like []string
		for _, p := range patterns {
			like = append(like, k.filled(p, selector))
		}
		key.Like = strings.Join(like, " or ")
		return key
	}
	if record, err := CNAME(key.Name, target); err == nil {
		key.Record = record.In(k.zone)
	}
	return key
}

// theirs tells whether a key that is published is that service's: several use
// selectors like s1 and k1.
func theirs(s sender.Service, key DKIMKey) State {
	if key.Published != Met {
		return key.Published
	}
	hits := sender.ByDKIM(key.Today)
	switch m, ok := sender.BySelector(key.Selector); {
	case slices.ContainsFunc(hits, func(m sender.Match) bool { return m.Service.ID == s.ID }):
		return Met
	case len(hits) > 0:
		return NotMet // another service's
	case ok && m.Service.ID == s.ID:
		return Met
	}
	return NotKnown
}

// target gives where the CNAME of a selector leads, "" where only the service can
// tell. One pattern that the domain and the selector fill says it. Of several, DNS
// must show a key there: those that hold the selector come first, then the one in
// its place in the catalogue.
func (k *keySetter) target(ctx context.Context, s sender.Service, patterns []string, selector string) string {
	var named []string
	for _, p := range patterns {
		if text := k.filled(p, selector); text != p && !strings.ContainsAny(text, "{*") {
			named = append(named, text)
		}
	}
	if len(patterns) == 1 {
		switch {
		case len(named) == 1:
			return named[0]
		case len(s.Selectors) == 1 && !strings.ContainsAny(patterns[0], "{*"):
			return patterns[0]
		}
		return ""
	}
	if len(named) == 1 && k.hasKey(ctx, named[0]) {
		return named[0]
	}
	i := slices.Index(s.Selectors, selector)
	if len(s.Selectors) == len(patterns) && !strings.ContainsAny(patterns[i], "{*") && k.hasKey(ctx, patterns[i]) {
		return patterns[i]
	}
	return ""
}

// filled puts the domain and the selector into a pattern; {n} is the number that
// the selector ends with.
func (k *keySetter) filled(pattern, selector string) string {
	digits := selector[len(strings.TrimRight(selector, "0123456789")):]
	words := []string{"{selector}", selector, "{domain}", k.domain, "{domain-dashed}", strings.ReplaceAll(k.domain, ".", "-")}
	if len(digits) == 1 {
		words = append(words, "{n}", digits)
	}
	return strings.NewReplacer(words...).Replace(pattern)
}

// hasKey reports that a key stands at a name, for all that DNS says.
func (k *keySetter) hasKey(ctx context.Context, name string) bool {
	answer, err := k.resolver.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeTXT})
	if err != nil {
		k.unsure = true
		return false
	}
	return usable(answer) == ""
}

// minBits is the shortest RSA key that receivers take (RFC 8301 section 3.2).
const minBits = 1024

// usable says why no signature can be checked with what stands at the name of a
// key, "" where one can.
func usable(answer dns.Answer) string {
	switch len(answer.Records) {
	case 0:
		return "There is no record."
	case 1:
	default:
		return "There are several records where one is allowed (RFC 6376 section 3.6.2.2)."
	}
	key, err := dkim.ParseKey(strings.Join(answer.Records[0].Text, ""))
	switch {
	case key.Revoked:
		return "It was revoked: its p= is empty."
	case err != nil:
		return "It is no valid key."
	case key.Type == "rsa" && key.Bits < minBits:
		return fmt.Sprintf("It has %d bits, and receivers take no key below %d (RFC 8301 section 3.2).", key.Bits, minBits)
	}
	return ""
}

// published fills in what DNS has for a selector today.
func (k *keySetter) published(ctx context.Context, key DKIMKey) DKIMKey {
	key.Published = NotKnown
	answer, err := k.resolver.Lookup(ctx, dns.Question{Name: key.Name, Type: dns.TypeTXT})
	if err != nil {
		k.unsure = true
		return key
	}
	if n := len(answer.Chain); n > 0 {
		key.Today = answer.Chain[n-1]
	} else if len(answer.Records) > 0 {
		key.Today = strings.Join(answer.Records[0].Text, "")
	}
	key.Published = Met
	if fault := usable(answer); fault != "" {
		key.Published = NotMet
		if key.Today != "" {
			key.Fault = fault
		}
	}
	return key
}

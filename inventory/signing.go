package inventory

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/sender"
)

// Signing is what the catalogue and DNS know of how a service signs for a domain.
type Signing struct {
	// Type of its records: "CNAME", "TXT" or "NS"; "" where it is not known, or the
	// service offers several.
	Type string
	// Keys are those of the selectors that it documents, in the catalogue's order;
	// then those of older guides that are published and its own.
	Keys []SigningKey
	// Unsure: no published source confirms the selectors or their targets.
	Unsure bool
	// Fault: DNS did not answer everything.
	Fault bool
}

// SigningKey is one selector of a service at one domain.
type SigningKey struct {
	// Selector and Name, the full name of its record, may hold {placeholders}.
	Selector, Name string
	// Target of its CNAME, where it is the same for every customer, or follows from
	// the domain; else "", and Like holds what it may look like, one for each form
	// that the service has, with {placeholders}. Both are empty where the record is no
	// CNAME, or nobody knows.
	Target string
	Like   []string
	// Missing names in words what Name, Target and Like leave open. Never nil.
	Missing []string
	// Key is what DNS has at Name today, nil where that is nothing, or not known. An
	// answer that every selector of the domain gets is no key.
	Key *Key
	// Today is the text of it: where the CNAME leads, else the record, "" without one.
	Today string
	// Theirs says whether a working key stands there that is the service's; several
	// use selectors like s1 and k1.
	Theirs Answer
}

// SigningOf tells how a service signs for a domain: which records it wants, as far
// as they can be known without asking it, and what DNS has of them. The domain is
// one in A-labels. It asks at most one question a selector and form of target, and
// two more.
func SigningOf(ctx context.Context, r dns.Resolver, domain string, s sender.Service) Signing {
	out := Signing{
		Type: map[string]string{"cname": "CNAME", "txt": "TXT", "ns": "NS"}[s.DKIMRecord], Keys: []SigningKey{},
		Unsure: s.Confidence == sender.Low || doubted(&s, "selectors") || doubted(&s, "dkim"),
	}
	g := &signer{resolver: r, domain: domain, service: s}
	for _, selector := range s.Selectors {
		key := g.published(ctx, selector)
		if out.Type == "CNAME" && s.DKIMPattern != "" {
			g.aim(ctx, &key)
		}
		key.Missing = Missing(strings.Join(append([]string{key.Name, key.Target}, key.Like...), " "))
		out.Keys = append(out.Keys, key)
	}
	for _, selector := range s.LegacySelectors { // they may sign still, and nobody is to publish them
		if key := g.published(ctx, selector); key.Theirs == Yes {
			out.Keys = append(out.Keys, key)
		}
	}
	out.Fault = g.fault
	return out
}

// signer finds the keys of one service at one domain.
type signer struct {
	resolver dns.Resolver
	domain   string
	service  sender.Service
	fakes    []answerAt // of selectors that nobody has, asked for when first needed
	fault    bool
}

// published gives what DNS has for a selector.
func (g *signer) published(ctx context.Context, selector string) SigningKey {
	out := SigningKey{Selector: selector, Name: selector + "._domainkey." + g.domain, Missing: []string{}, Theirs: Unknown}
	if len(Missing(selector)) > 0 {
		return out
	}
	f := g.at(ctx, selector)
	if f.err != nil {
		return out
	}
	if out.Theirs = No; !exists(f) {
		return out
	}
	if g.fakes == nil {
		g.fakes = []answerAt{g.at(ctx, unlikely(g.domain, "a")), g.at(ctx, unlikely(g.domain, "b"))}
	}
	if made := exists(g.fakes[0]) || exists(g.fakes[1]); made && !alike(g.fakes[0], g.fakes[1]) {
		out.Theirs = Unknown // a wildcard that makes up an answer for each name
		return out
	} else if made && alike(f, g.fakes[0]) {
		return out
	}
	out.Key = judged(f)
	if out.Today = out.Key.Target; out.Today == "" {
		out.Today = texts(f.answer)[0]
	}
	if out.Key.State == KeyWorks {
		out.Theirs = g.theirs(f)
	}
	return out
}

// at asks for one selector of the domain.
func (g *signer) at(ctx context.Context, selector string) answerAt {
	f := lookAt(ctx, g.resolver, Signature{Domain: g.domain, Selector: selector})
	g.fault = g.fault || f.err != nil
	return f
}

// theirs tells whose a working key is: where its CNAME leads says it best.
func (g *signer) theirs(f answerAt) Answer {
	others := false
	for _, target := range f.answer.Chain {
		hits := sender.ByDKIM(target)
		if slices.ContainsFunc(hits, func(m sender.Match) bool { return m.Service.ID == g.service.ID }) {
			return Yes
		}
		others = others || len(hits) > 0
	}
	if others {
		return No
	}
	selector, _, _ := strings.Cut(f.Selector, ".")
	if m, ok := sender.BySelector(selector); ok && m.Service.ID == g.service.ID {
		return Yes
	}
	return Unknown
}

// aim finds where the CNAME of a selector leads. One pattern that the domain and
// the selector fill, or that names the selector, says it. Of several, which one is
// meant hangs on the customer, so DNS must show a key there: those that hold the
// selector come first, then the one in its place in the catalogue.
func (g *signer) aim(ctx context.Context, key *SigningKey) {
	all := strings.Split(g.service.DKIMPattern, " | ")
	named := []string{}
	for _, p := range all {
		owner := g.owner(p)
		if owner != "" && owner != key.Selector {
			continue
		}
		text := g.filled(p, key.Selector)
		if key.Like = append(key.Like, text); whole(text) && (text != p || owner != "" || len(g.service.Selectors) == 1) {
			named = append(named, text)
		}
	}
	i := slices.Index(g.service.Selectors, key.Selector)
	switch {
	case len(named) == 1 && (len(key.Like) == 1 || g.hasKey(ctx, named[0])):
		key.Target = named[0]
	case len(all) > 1 && len(all) == len(g.service.Selectors) && whole(all[i]) && g.hasKey(ctx, all[i]):
		key.Target = all[i]
	}
	if key.Target != "" {
		key.Like = nil
	}
}

// owner gives the selector that a pattern names as one of its labels, "" without
// one: "a._domainkey.example" is not where the selector b leads.
func (g *signer) owner(pattern string) string {
	labels := strings.Split(pattern, ".")
	for _, s := range g.service.Selectors {
		if slices.Contains(labels, s) {
			return s
		}
	}
	return ""
}

// whole reports that a target has no {placeholder}, and is no mere ending.
func whole(target string) bool { return !strings.ContainsAny(target, "{*") }

// filled puts the domain and the selector into a pattern. {n} is the number that
// the selector ends with, and {token} stands for a selector {token1}.
func (g *signer) filled(pattern, selector string) string {
	known := []string{"{selector}", selector, "{domain}", g.domain, "{domain-dashed}", strings.ReplaceAll(g.domain, ".", "-")}
	stem := strings.TrimRight(selector, "0123456789")
	// A pattern with two numbers does not say which of them is the selector's.
	if n := selector[len(stem):]; len(n) == 1 && strings.Count(pattern, "{n}") == 1 {
		known = append(known, "{n}", n)
	}
	if word, ok := strings.CutSuffix(selector, "}"); ok && strings.HasPrefix(word, "{") {
		known = append(known, strings.TrimRight(word, "0123456789")+"}", selector)
	}
	return strings.NewReplacer(known...).Replace(pattern)
}

// hasKey reports that a working key stands at a name, for all that DNS says.
func (g *signer) hasKey(ctx context.Context, name string) bool {
	answer, err := g.resolver.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeTXT})
	if err != nil {
		g.fault = true
		return false
	}
	f := answerAt{answer: answer}
	return exists(f) && judged(f).State == KeyWorks
}

func doubted(s *sender.Service, field string) bool {
	return slices.Contains(s.Unverified, field) || slices.Contains(s.Unverified, "all")
}

// unlikely is a selector that nobody has: the same in every run, so that recorded
// answers can be fed back.
func unlikely(domain, salt string) string {
	sum := sha256.Sum256([]byte(salt + domain))
	return "unspoof-" + hex.EncodeToString(sum[:8])
}

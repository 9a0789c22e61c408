package inventory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"unspoof/sender"
)

// maxSelectors bounds the selectors asked for at one domain.
const maxSelectors = 600

// usual are selectors that servers and guides use, beside those of the catalogue.
var usual = [...]string{
	"default", "dkim", "dkim1", "dkim2", "mail", "mail1", "mail2", "smtp", "email", "mx", "key1", "key2", "k1", "k2", "k3", "s1", "s2",
	"selector1", "selector2", "selector", "google", "x", "main", "server", "root", "api", "mta", "postfix", "exim", "rsa", "ed25519",
	"2020", "2021", "2022", "2023", "2024", "2025", "2026", "2024a", "2025a", "2026a", "202601",
}

// candidates gives the selectors to be asked for: of the services met, the usual
// ones, and those seen in mail.
func (m *merger) candidates() []Signature {
	want := map[Signature]bool{}
	for _, e := range m.entities {
		if e.service == nil {
			continue
		}
		for _, sel := range e.service.Selectors {
			if !strings.Contains(sel, "{") {
				want[Signature{Domain: m.domain, Selector: strings.ToLower(sel)}] = true
			}
		}
	}
	for _, s := range sender.All() {
		for _, sel := range s.Selectors {
			if _, unique := sender.BySelector(sel); unique {
				want[Signature{Domain: m.domain, Selector: strings.ToLower(sel)}] = true
			}
		}
	}
	for _, sel := range usual {
		want[Signature{Domain: m.domain, Selector: sel}] = true
	}
	for _, s := range m.tally.selectors() {
		want[s] = true
	}
	list := m.signed()
	list = list[:min(len(list), maxSelectors/2)]
	for _, s := range list {
		delete(want, s)
	}
	rest := inOrder(slices.Collect(maps.Keys(want)))
	return inOrder(append(list, rest[:min(len(rest), maxSelectors-len(list))]...))
}

// signed gives the selectors of verified mail.
func (m *merger) signed() []Signature {
	list := []Signature{}
	for k := range m.tally.own.seen {
		for _, w := range strings.Fields(k.signed) {
			if d, sel, _ := strings.Cut(w, "/"); m.tally.aligned(d) {
				list = append(list, Signature{Domain: d, Selector: sel})
			}
		}
	}
	return slices.Compact(inOrder(list))
}

func inOrder(list []Signature) []Signature {
	slices.SortFunc(list, func(a, b Signature) int {
		return cmp.Or(cmp.Compare(a.Domain, b.Domain), cmp.Compare(a.Selector, b.Selector))
	})
	return list
}

// readSelectors asks for the keys of the domain. First for two that nobody has: a
// wildcard answers for them too. What it answers alike everywhere can be told from
// a real key; where it makes up an answer for each name, only selectors of verified
// mail are asked for.
func (m *merger) readSelectors(ctx context.Context) {
	list := m.candidates()
	fakes := m.probe(ctx, []Signature{{Domain: m.domain, Selector: unlikely(m.domain, "a")}, {Domain: m.domain, Selector: unlikely(m.domain, "b")}})
	m.inv.DKIM.Wildcard = exists(fakes[0]) || exists(fakes[1])
	if m.inv.DKIM.Wildcard && !alike(fakes[0], fakes[1]) {
		list = m.signed()
		m.warn("Every DKIM selector of %s answers in DNS, each in its own way, so only those seen in verified mail could be told.", m.domain)
	}
	found := m.probe(ctx, list)
	m.inv.DKIM.Probed = len(list)
	verified := m.signed()
	failed := 0
	for _, f := range found {
		real := exists(f) && (f.Domain != m.domain || !exists(fakes[0]) || !alike(f, fakes[0]))
		_, inMail := slices.BinarySearchFunc(verified, f.Signature, func(a, b Signature) int {
			return cmp.Or(cmp.Compare(a.Domain, b.Domain), cmp.Compare(a.Selector, b.Selector))
		})
		switch {
		case f.err != nil:
			failed++
			m.silent[f.Signature] = true
		case real || exists(f) && inMail:
			m.key(f)
		default:
			m.absent[f.Signature] = true
		}
	}
	for _, f := range fakes {
		if f.err != nil {
			failed++
		}
	}
	if failed > 0 {
		m.ask.unanswered(fmt.Sprintf("DNS did not answer for %d DKIM selectors of %s.", failed, m.domain))
	}
	m.source(FromDKIM, len(m.inv.DKIM.Keys))
}

func (m *merger) probe(ctx context.Context, list []Signature) []answerAt {
	found := make([]answerAt, len(list))
	each(len(list), func(i int) {
		found[i] = lookAt(ctx, m.ask, list[i])
	})
	return found
}

// key takes one selector that answers.
func (m *merger) key(f answerAt) {
	k := judged(f)
	id, value, evidence := m.keyOf(f, k)
	e := get(m.entities, id)
	e.keys = append(e.keys, k)
	e.signal(SignalDKIM, value, id.confidence, evidence)
	k.Sender = e.Key
	m.keys = append(m.keys, k)
}

// keyOf tells who signs with a key.
func (m *merger) keyOf(f answerAt, k *Key) (id identity, value, evidence string) {
	name := k.Selector + "._domainkey." + k.Domain
	for _, target := range f.answer.Chain {
		if id, ok := best(sender.ByDKIM(target)); ok {
			return id, target, fmt.Sprintf("The DKIM selector %s leads to %s, which is of %s.", name, target, id.name)
		}
	}
	for _, target := range f.answer.Chain {
		if id, ok := best(sender.ByHost(target)); ok {
			return id, target, fmt.Sprintf("The DKIM selector %s leads to %s, which is of %s.", name, target, id.name)
		}
	}
	if len(f.answer.Chain) == 0 {
		if hit, ok := sender.BySelector(k.Selector); ok {
			id := ofService(hit)
			if id.confidence == sender.High {
				id.confidence = sender.Medium // anybody may choose a selector's name
			}
			return id, name, fmt.Sprintf("There is a DKIM key at %s, the selector that %s uses.", name, id.name)
		}
		if e := m.shares(k.Selector); e != nil {
			id := identity{key: e.Key, name: e.Name, kind: e.Kind, service: e.service, confidence: sender.Low}
			return id, name, fmt.Sprintf("There is a DKIM key at %s, a selector that %s uses among others.", name, id.name)
		}
	}
	if hit, ok := sender.BySelector(k.Selector); ok && len(f.answer.Chain) > 0 {
		id := ofService(hit)
		id.confidence = sender.Low
		return id, k.Target, fmt.Sprintf("The DKIM selector %s, which %s uses, leads to %s.", name, id.name, k.Target)
	}
	id = identity{key: "dkim:" + name, name: "the key " + name, kind: KindKey, confidence: sender.Low}
	if k.Target == "" {
		return id, name, fmt.Sprintf("There is a DKIM key at %s. DNS does not tell who signs with it.", name)
	}
	return id, k.Target, fmt.Sprintf("The DKIM selector %s leads to %s, which is of no service known here.", name, k.Target)
}

// shares gives the one service met that uses a common selector, nil where none or
// several do.
func (m *merger) shares(selector string) *entity {
	var one *entity
	for _, e := range m.entities {
		if e.service == nil || e.service.DKIMRecord != "txt" || !slices.ContainsFunc(e.service.Selectors, func(s string) bool { return strings.EqualFold(s, selector) }) {
			continue
		}
		if one != nil {
			return nil
		}
		one = e
	}
	return one
}

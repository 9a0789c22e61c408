package inventory

import (
	"context"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/sender"
)

// maxPaths bounds the return paths below the domain that DNS is asked about.
const maxPaths = 50

// keysOf gives the keys of the domain's own among verified signatures.
func (m *merger) keysOf(signed string) []*Key {
	var list []*Key
	for _, w := range strings.Fields(signed) {
		d, sel, _ := strings.Cut(w, "/")
		if !m.tally.aligned(d) {
			continue
		}
		i := slices.IndexFunc(m.keys, func(k *Key) bool { return k.Domain == d && k.Selector == sel })
		if i < 0 {
			// It verified, and today is not there any more, or above the domain.
			m.gone(d, sel)
			i = len(m.keys) - 1
		}
		list = append(list, m.keys[i])
	}
	return list
}

// gone notes a key that signed mail and that DNS does not show today.
func (m *merger) gone(domain, selector string) {
	k := &Key{Domain: domain, Selector: selector, State: KeyDangling, Problem: "It signed mail, and is not in DNS any more."}
	if m.silent[Signature{Domain: domain, Selector: selector}] {
		k.State, k.Problem = KeyUnknown, "It signed mail; DNS did not answer whether it is still there."
	}
	name := selector + "._domainkey." + domain
	id := identity{key: "dkim:" + name, name: "the key " + name, kind: KindKey, confidence: sender.Low}
	if hit, ok := sender.BySelector(selector); ok {
		id = ofService(hit)
	}
	k.Sender = id.key
	e := get(m.entities, id)
	e.keys = append(e.keys, k)
	m.keys = append(m.keys, k)
}

// path gives the service behind a return path: one of its own names, or a name
// below the domain that is an alias for one, or has its exchanger.
func (m *merger) path(ctx context.Context, mailFrom string) (identity, bool) {
	if mailFrom == "" || mailFrom == m.domain {
		return identity{}, false
	}
	if !m.tally.aligned(mailFrom) {
		return best(sender.ByHost(mailFrom))
	}
	if id, done := m.paths[mailFrom]; done {
		return id, id.key != ""
	}
	if len(m.paths) == maxPaths {
		return identity{}, false
	}
	var id identity
	if answer, err := m.ask.ask(ctx, mailFrom, dns.TypeMX); err == nil {
		for _, r := range answer.Records {
			answer.Chain = append(slices.Clone(answer.Chain), r.Host)
		}
		for _, name := range answer.Chain {
			hit, ok := best(sender.ByHost(name))
			if ok && (id.key == "" || hit.key < id.key) {
				id = hit
			}
		}
	}
	m.paths[mailFrom] = id
	return id, id.key != ""
}

package inventory

import (
	"maps"
	"slices"
)

// joinKeys gives a key that belongs to nobody known to the one sender whose
// addresses handed over what it signed.
func (m *merger) joinKeys() {
	users := map[string]map[string]bool{} // entity of a key → entities whose mail it signed
	note := func(signed, by string) {
		for _, k := range m.keysOf(signed) {
			if users[k.Sender] == nil {
				users[k.Sender] = map[string]bool{}
			}
			if k.Sender != by {
				users[k.Sender][by] = true
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(m.entities)) {
		for w := range m.entities[key].own {
			note(w.signed, key)
		}
		for w := range m.entities[key].handed {
			note(w.signed, key)
		}
	}
	joined := map[string]string{} // a key may be the only user of another
	for _, key := range slices.Sorted(maps.Keys(users)) {
		from := m.entities[key]
		if from.Kind != KindKey || len(users[key]) != 1 {
			continue
		}
		for other := range users[key] {
			for joined[other] != "" {
				other = joined[other]
			}
			if other != key {
				m.join(from, m.entities[other])
				joined[key] = other
			}
		}
	}
}

// join makes a key, and the mail that it signed, the sender's own.
func (m *merger) join(from, to *entity) {
	for _, k := range from.keys {
		k.Sender = to.Key
	}
	to.keys = append(to.keys, from.keys...)
	maps.Copy(to.signals, from.signals)
	maps.Copy(to.own, from.own)
	maps.Copy(to.from, from.from)
	maps.Copy(to.forwarders, from.forwarders)
	// What it handed over with this key is among the key's own mail.
	maps.DeleteFunc(to.handed, func(w way, _ *seen) bool {
		return slices.ContainsFunc(m.keysOf(w.signed), func(k *Key) bool { return k.Sender == to.Key })
	})
	delete(m.entities, from.Key)
}

package inventory

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/sender"
)

// maxPaths bounds the return paths below the domain that DNS is asked about.
const maxPaths = 50

// readLogHosts takes the servers whose own logs were read.
func (m *merger) readLogHosts(ctx context.Context) {
	m.tally.own.prune()
	hosts := map[string]bool{}
	for k := range m.tally.own.seen {
		if k.host != "" && k.via == "" {
			hosts[k.host] = true
		}
	}
	for _, h := range sorted(hosts, maxChecks) {
		e := get(m.entities, m.logHost(h))
		e.signal(SignalLog, h, sender.High, fmt.Sprintf("The log of %s shows mail that its own users sent.", e.Name))
		if strings.Contains(h, ".") {
			m.host(ctx, e, h)
		}
	}
}

// logHost finds the host that a log means: syslog leaves the domain out.
func (m *merger) logHost(name string) identity {
	if !strings.Contains(name, ".") {
		if _, ok := m.entities["host:"+name+"."+m.domain]; ok {
			name += "." + m.domain
		}
	}
	id := ofHost(name)
	if name == unnamed {
		id.name = "the server of the log"
	}
	return id
}

// unnamed stands for a server whose log does not name it.
const unnamed = "unnamed"

// assign counts proven mail to its senders.
func (m *merger) assign(ctx context.Context) {
	own, handed := m.tally.own.list(), m.tally.handed.list()
	pairs, addresses := map[pair]bool{}, []netip.Addr{}
	for _, w := range slices.Concat(own, handed) {
		if a := w.way.address; a.IsValid() {
			pairs[pair{a.Addr(), m.domain}] = true
			addresses = append(addresses, a.Addr())
			if f := w.way.mailFrom; w.way.proof == proofSPF && f != m.domain {
				pairs[pair{a.Addr(), f}] = true
			}
		}
	}
	m.check(ctx, pairs)
	m.confirm(ctx, addresses)
	for _, w := range own {
		s := m.tally.own.seen[w.way]
		if w.way.proof == proofSPF && m.everybody(ctx, w.way.mailFrom) {
			m.demote(w.way, s)
			continue
		}
		m.assignOwn(ctx, w, s)
	}
	for _, w := range handed {
		m.assignHanded(w, m.tally.handed.seen[w.way])
	}
}

// demote makes a claim of mail that only a record proved which lets everybody in.
func (m *merger) demote(k way, s *seen) {
	m.tally.sources[k.source].Own -= s.Count
	bits := 24
	if k.address.Addr().Is6() {
		bits = 48
	}
	p, _ := k.address.Addr().Prefix(bits)
	m.tally.claims.add(way{source: k.source, address: p}, s.Volume, s.where)
}

func (m *merger) assignOwn(ctx context.Context, w rankedWay, s *seen) {
	found := map[string]bool{}
	to := func(e *entity) {
		if !found[e.Key] {
			found[e.Key] = true
			e.mail(w.way, s)
		}
	}
	for _, k := range m.keysOf(w.way.signed) {
		e := m.entities[k.Sender]
		e.signal(SignalDKIM, k.Selector+"._domainkey."+k.Domain, sender.High, fmt.Sprintf("Mail with a verified signature of %s, selector %s%s.", k.Domain, k.Selector, where(s)))
		to(e)
	}
	if id, ok := m.ofSignature(w.way.signed); ok {
		e := get(m.entities, id)
		e.signal(SignalDKIM, id.name, id.confidence, fmt.Sprintf("Mail of the domain has a verified signature of %s%s.", id.name, where(s)))
		to(e)
	}
	if id, ok := m.path(ctx, w.way.mailFrom); ok {
		e := get(m.entities, id)
		e.signal(SignalReturnPath, w.way.mailFrom, id.confidence, fmt.Sprintf("Mail with the return path %s passed SPF, and that name is of %s%s.", w.way.mailFrom, id.name, where(s)))
		to(e)
	}
	if w.way.via != "" {
		if id, ok := best(sender.ByHost(w.way.via)); ok {
			e := get(m.entities, id)
			e.signal(SignalLog, w.way.via, id.confidence, fmt.Sprintf("The log of your server shows that it hands its mail to %s%s.", w.way.via, where(s)))
			to(e)
		} else {
			e := get(m.entities, ofHost(w.way.via))
			e.signal(SignalLog, w.way.via, sender.Medium, fmt.Sprintf("The log of your server shows that it hands its mail to %s%s.", w.way.via, where(s)))
			to(e)
		}
	} else if h := w.way.host; h != "" {
		to(get(m.entities, m.logHost(h)))
	}
	if a := w.way.address; a.IsValid() && (len(found) == 0 || m.lets(a.Addr())) {
		to(m.ofAddress(a.Addr(), w.way.name, s))
	}
	if len(found) == 0 {
		m.unassigned += s.Count
	}
}

func where(s *seen) string {
	if s.where == "" {
		return ""
	}
	return " (" + clip(s.where) + ")"
}

// lets reports whether today's record knows the address, or a host has it.
func (m *merger) lets(a netip.Addr) bool {
	return m.owner[a] != "" || m.checks[pair{a, m.domain}].key != ""
}

// ofAddress gives the sender behind an address that surely sent.
func (m *merger) ofAddress(a netip.Addr, confirmed string, s *seen) *entity {
	if key := m.owner[a]; key != "" {
		return m.entities[key]
	}
	if c := m.checks[pair{a, m.domain}]; c.key != "" {
		e := m.entities[c.key]
		e.signal(SignalSPF, c.term, sender.High, fmt.Sprintf("Mail came from %s, which %s lets in%s.", a, clip(c.term), where(s)))
		return e
	}
	name := m.names[a]
	if name == "" {
		name = confirmed
	}
	if id, ok := m.named(name); ok {
		e := get(m.entities, id)
		e.signal(SignalReverse, name, id.confidence, fmt.Sprintf("Mail came from %s, whose name %s leads back to it%s.", a, name, where(s)))
		return e
	}
	for _, e := range m.given {
		if e.Contains(a) {
			return get(m.entities, ofNetwork(e))
		}
	}
	e := get(m.entities, ofNetwork(single(a)))
	e.signal(SignalAddress, a.String(), sender.Low, fmt.Sprintf("Mail of the domain came from %s%s.", a, where(s)))
	return e
}

// assignHanded takes an address that handed over what one of the domain's keys
// signed: of a sender known, or else a forwarder's.
func (m *merger) assignHanded(w rankedWay, s *seen) {
	a := w.way.address.Addr()
	if m.lets(a) {
		e := m.ofAddress(a, "", s)
		keys := m.keysOf(w.way.signed)
		signs := slices.ContainsFunc(keys, func(k *Key) bool { return k.Sender == e.Key })
		// A service that others use too may have passed on what another's key signed.
		if signs || len(keys) == 0 || e.Kind == KindHost || e.Kind == KindNetwork {
			at := e.address(a)
			at.Volume = at.Volume.plus(s.Volume)
			if !signs {
				e.handed[w.way] = s
			}
			return
		}
	}
	keys := m.keysOf(w.way.signed)
	if len(keys) == 0 {
		m.unassigned += s.Count
	}
	for _, k := range keys {
		e := m.entities[k.Sender]
		if id, ok := best(sender.ByHost(m.names[a])); ok && id.key == e.Key {
			at := e.address(a)
			at.Volume = at.Volume.plus(s.Volume)
			e.signal(SignalReverse, m.names[a], id.confidence, fmt.Sprintf("Mail came from %s, whose name %s leads back to it%s.", a, m.names[a], where(s)))
			continue
		}
		f := e.forwarders[a]
		if f == nil {
			f = &Address{Address: a, Name: m.names[a], SPF: m.answer(a)}
			e.forwarders[a] = f
		}
		f.Volume = f.Volume.plus(s.Volume)
	}
}

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

// ofSignature gives the service that signed as itself.
func (m *merger) ofSignature(signed string) (identity, bool) {
	for _, w := range strings.Fields(signed) {
		d, _, _ := strings.Cut(w, "/")
		if m.tally.aligned(d) {
			continue
		}
		if id, ok := best(append(slices.Clone(sender.ByHost(d)), sender.ByDKIM(d)...)); ok {
			return id, true
		}
	}
	return identity{}, false
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

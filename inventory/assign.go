package inventory

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"unspoof/orgdomain"
	"unspoof/sender"
)

// readLogHosts takes the servers of one's own that logs and trace lines name: those
// that sent, and those that other servers hand all their mail to. full are those
// named in full, whose addresses tell whose terms are meant; what the other names
// mean shows only when all hosts are known.
func (m *merger) readLogHosts(ctx context.Context, full bool) {
	m.tally.own.prune()
	logs, lines, relays := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for k := range m.tally.own.seen {
		switch {
		case k.via != "":
			if orgdomain.Below(m.domain, k.via) {
				relays[k.via] = true
			}
		case k.host != "" && k.source == FromLog:
			logs[k.host] = true
		case k.host != "":
			lines[k.host] = true
		}
	}
	note := func(hosts map[string]bool, id func(string) identity, kind SignalKind, words string) {
		for _, h := range sorted(hosts, maxChecks) {
			if strings.Contains(h, ".") != full {
				continue
			}
			e := get(m.entities, id(h))
			if words != "" {
				e.signal(kind, h, sender.High, fmt.Sprintf(words, e.Name))
			}
			if full {
				m.host(ctx, e, h)
			}
		}
	}
	note(logs, m.logHost, SignalLog, "The log of %s shows mail that its own users sent.")
	note(lines, m.logHost, SignalReceived, "%s says in messages that users of its own handed them in.")
	note(relays, ofRelay, "", "")
}

// logHost finds the host that a log means: syslog leaves the domain out. One that
// names nobody is of the one host that the owner named, if it is one.
func (m *merger) logHost(name string) identity {
	if name == unnamed && len(m.givenHosts) == 1 {
		return m.givenHosts[0]
	}
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
	m.demote(ctx)
	own, handed := m.tally.own.list(), m.tally.handed.list()
	pairs, addresses := map[pair]bool{}, []netip.Addr{}
	for _, w := range slices.Concat(own, handed) {
		if a, ok := relayAddress(w.way.via); ok {
			pairs[pair{a, m.domain}] = true
			addresses = append(addresses, a)
		}
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
		m.assignOwn(ctx, w, m.tally.own.seen[w.way])
	}
	for _, w := range handed {
		m.assignHanded(w, m.tally.handed.seen[w.way])
	}
}

// demote takes the proof from mail that only a record proved which lets everybody
// in.
func (m *merger) demote(ctx context.Context) {
	own := m.tally.own.list()
	paths := map[string]bool{}
	for _, w := range own {
		if w.way.proof == proofSPF {
			paths[w.way.mailFrom] = true
		}
	}
	for _, domain := range sorted(paths, len(paths)) {
		paths[domain] = m.everybody(ctx, domain)
	}
	for _, w := range own {
		if w.way.proof != proofSPF || !paths[w.way.mailFrom] {
			continue
		}
		s := m.tally.own.seen[w.way]
		delete(m.tally.own.seen, w.way)
		k := m.tally.unproven(w.way)
		if k.proof == proofKey {
			m.tally.addLoose(k, s.Volume, s.where)
			continue
		}
		m.tally.sources[k.source].Own -= s.Count
		m.tally.claim(k, k.address.Addr(), s.Volume, s.where)
	}
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
	if id, ok := m.tally.ofSignature(w.way.signed); ok {
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
		id := ofRelay(w.way.via)
		var e *entity
		if a, ok := relayAddress(w.way.via); ok {
			e = m.ofAddress(a, "", s)
			at := e.address(a)
			at.Volume = at.Volume.plus(s.Volume)
		} else {
			e = get(m.entities, id)
		}
		e.signal(SignalLog, w.way.via, id.confidence, fmt.Sprintf("The log of your server shows that it hands its mail to %s%s.", w.way.via, where(s)))
		to(e)
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

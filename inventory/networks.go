package inventory

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"unspoof/dns"
	"unspoof/orgdomain"
	"unspoof/sender"
)

// maxReverse bounds the addresses whose reverse names are asked for.
const maxReverse = 300

// readNetworks gives each ip4 and ip6 term to a sender: to the host that has the
// address, to whom its confirmed reverse name names, or to one of its own.
func (m *merger) readNetworks(ctx context.Context) {
	m.joinGiven()
	var at []int
	for i := range m.terms {
		if m.terms[i].network.IsValid() {
			at = append(at, i)
		}
	}
	singles := []netip.Addr{}
	for _, i := range at {
		if n := m.terms[i].network; n.IsSingleIP() && m.owner[n.Addr()] == "" {
			singles = append(singles, n.Addr())
		}
	}
	m.confirm(ctx, singles)
	unnamed := map[netip.Prefix]bool{}
	for _, i := range at {
		t := &m.terms[i]
		id, kind, value := m.whose(t.network)
		if kind == SignalAddress {
			unnamed[t.network] = true
			if len(unnamed) > maxNamed {
				id = identity{key: "net:others", name: "other networks in the SPF record", kind: KindNetwork, confidence: sender.Low}
			}
		}
		e := get(m.entities, id)
		if kind == SignalReverse {
			e.signal(kind, value, id.confidence, fmt.Sprintf("%s is called %s in DNS, and that name leads back to it.", t.network.Addr(), value))
		}
		e.signal(SignalSPF, t.text, sender.Medium, m.says(*t))
		if t.pass {
			e.Networks = append(e.Networks, t.network)
		}
		if t.network.IsSingleIP() {
			e.address(t.network.Addr())
		}
		t.key = id.key
	}
}

// joinGiven makes an address that the owner named, and the host that has it, one
// sender.
func (m *merger) joinGiven() {
	for _, p := range m.given {
		net := m.entities["net:"+p.Addr().String()]
		host := m.entities[m.owner[p.Addr()]]
		if !p.IsSingleIP() || net == nil || host == nil || net == host {
			continue
		}
		host.Given = true
		maps.Copy(host.signals, net.signals)
		host.Networks = append(host.Networks, p)
		delete(m.entities, net.Key)
	}
}

// whose names the sender of a network.
func (m *merger) whose(p netip.Prefix) (id identity, by SignalKind, value string) {
	if p.IsSingleIP() {
		a := p.Addr().Unmap()
		if key := m.owner[a]; key != "" {
			e := m.entities[key]
			return identity{key: key, name: e.Name, kind: e.Kind, service: e.service, confidence: sender.High}, "", ""
		}
		if name := m.names[a]; name != "" {
			if id, ok := m.named(name); ok {
				return id, SignalReverse, name
			}
		}
	}
	return ofNetwork(p), SignalAddress, ""
}

// named gives the sender that a confirmed reverse name means: a service, or a host
// of the domain's own. Other names are of the network's owner and say nothing.
func (m *merger) named(name string) (identity, bool) {
	if id, ok := best(sender.ByHost(name)); ok {
		if id.confidence == sender.High {
			id.confidence = sender.Medium // its network, not its word
		}
		return id, true
	}
	if orgdomain.Below(m.inv.DMARC.OrgDomain, name) {
		return ofHost(name), true
	}
	return identity{}, false
}

// confirm asks for the reverse names of addresses, and whether they lead back.
func (m *merger) confirm(ctx context.Context, list []netip.Addr) {
	list = slices.Clone(list)
	slices.SortFunc(list, netip.Addr.Compare)
	list = slices.Compact(list)
	list = slices.DeleteFunc(list, func(a netip.Addr) bool { _, done := m.names[a]; return done })
	if room := maxReverse - len(m.names); len(list) > room {
		m.warn("The reverse names of %d addresses were not asked for: there are more than %d.", len(list)-room, maxReverse)
		list = list[:room]
	}
	found := make([]string, len(list))
	each(len(list), func(i int) { found[i] = m.reverse(ctx, list[i]) })
	for i, a := range list {
		m.names[a] = found[i]
	}
}

// reverse gives the first name of an address, by spelling, that leads back to it;
// "" without one. Silence is no fault here: the name is an ornament.
func (m *merger) reverse(ctx context.Context, a netip.Addr) string {
	answer, err := m.ask.Lookup(ctx, dns.Question{Name: dns.ReverseName(a), Type: dns.TypePTR})
	if err != nil {
		return ""
	}
	names := []string{}
	for _, r := range answer.Records {
		if n := orgdomain.Tidy(r.Host); n != "" {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	kind := dns.TypeAAAA
	if a.Is4() {
		kind = dns.TypeA
	}
	for _, n := range names[:min(len(names), 3)] { // more is a trick
		back, err := m.ask.Lookup(ctx, dns.Question{Name: n, Type: kind})
		if err == nil && slices.ContainsFunc(back.Records, func(r dns.Record) bool { return r.Addr.Unmap() == a }) {
			return n
		}
	}
	return ""
}

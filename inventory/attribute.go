package inventory

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"unspoof/dns"
	"unspoof/sender"
	"unspoof/spf"
)

// Attributor tells of single sightings whose they are, by an inventory that is
// made, as Build saw it. It is safe for concurrent use.
type Attributor struct {
	witness
	open func(domain string) bool // its record lets everybody in

	listed    map[string]bool   // keys of senders and claims
	selectors map[string]string // "selector._domainkey.domain" → key
	paths     map[string]string // return paths below the domain
	hosts     map[string]string
	addresses map[netip.Addr]string
	networks  []ownNetwork
}

type ownNetwork struct {
	prefix netip.Prefix
	key    string
}

// Attribution is whose mail a sighting is.
type Attribution struct {
	// Sender is the key of one of Inventory.Senders or, where nothing proves that the
	// mail is the domain's, also of Inventory.Claims: through whom it came. "" where
	// nothing tells.
	//
	// Of mail that a server handed to a relay (Sighting.Relay) it is the relay, whose
	// addresses the world sees.
	Sender string
	// Own: something proves that it is mail of the domain, as Build sees it.
	Own bool
	// Other: it is mail of another domain, and concerns nobody here.
	Other bool
}

// Attributor makes one. The resolver is asked whether records of return paths that
// the inventory does not know let everybody in, so that a pass proves nothing; ctx
// is that of these questions.
func (inv *Inventory) Attributor(ctx context.Context, r dns.Resolver) *Attributor {
	m := &merger{checker: &spf.Checker{Resolver: r}, open: map[string]bool{}, warnings: map[string]bool{}}
	for _, p := range inv.SPF.ReturnPaths {
		m.open[p.Domain] = p.Open
	}
	var one sync.Mutex
	a := &Attributor{
		witness: witness{inv.Domain, inv.DMARC.OrgDomain, inv.Vouched},
		open: func(domain string) bool {
			one.Lock()
			defer one.Unlock()
			return m.everybody(ctx, domain)
		},
		listed: map[string]bool{}, selectors: map[string]string{}, paths: map[string]string{}, hosts: map[string]string{}, addresses: map[netip.Addr]string{},
	}
	for i := range inv.Senders {
		a.learn(&inv.Senders[i])
	}
	for _, c := range inv.Claims {
		a.listed[c.Key] = true
	}
	// The narrowest network names the sender.
	slices.SortStableFunc(a.networks, func(x, y ownNetwork) int { return y.prefix.Bits() - x.prefix.Bits() })
	return a
}

// learn takes the marks of a sender. Where several have one, it is the first's.
func (a *Attributor) learn(s *Sender) {
	a.listed[s.Key] = true
	for _, p := range s.Networks {
		a.networks = append(a.networks, ownNetwork{p, s.Key})
	}
	for _, at := range s.Addresses {
		first(a.addresses, at.Address, s.Key)
	}
	for _, name := range s.Selectors {
		first(a.selectors, name, s.Key)
	}
	if host, ok := strings.CutPrefix(s.Key, "host:"); ok {
		a.hosts[host] = s.Key
	}
	for _, sig := range s.Signals {
		switch sig.Kind {
		case SignalReturnPath:
			first(a.paths, sig.Value, s.Key)
		case SignalLog, SignalReceived:
			if s.Kind == KindHost { // the name that its log gives it
				first(a.hosts, sig.Value, s.Key)
			}
		}
	}
}

func first[K comparable](m map[K]string, k K, key string) {
	if _, known := m[k]; !known {
		m[k] = key
	}
}

// Of tells whose a sighting is.
func (a *Attributor) Of(s Sighting) Attribution {
	t, ok := a.hear(s)
	if !ok {
		return Attribution{Other: true}
	}
	if t.proof == proofSPF && a.open(t.mailFrom) {
		t.way = a.unproven(t.way)
		t.loose = t.proof == proofKey
	}
	if t.proof == proofNone {
		id, _, _ := a.claimant(t.claim(t.address))
		return Attribution{Sender: a.known(id.key)}
	}
	return Attribution{Sender: a.sender(t), Own: true}
}

func (a *Attributor) known(key string) string {
	if a.listed[key] {
		return key
	}
	return ""
}

// sender names the one by the strongest sign.
func (a *Attributor) sender(t told) string {
	for _, s := range t.own {
		domain, selector, _ := strings.Cut(s, "/")
		if k := a.selectors[selector+"._domainkey."+domain]; k != "" {
			return k
		}
	}
	if id, ok := a.ofSignature(t.signed); ok && a.listed[id.key] {
		return id.key
	}
	if via, ok := relayAddress(t.via); ok {
		return a.ofAddress(via)
	}
	if t.via != "" {
		return a.known(ofRelay(t.via).key)
	}
	if !t.loose {
		if k := a.path(t.mailFrom); k != "" {
			return k
		}
	}
	if t.host != "" {
		for _, h := range []string{t.host, t.host + "." + a.domain} {
			if k := a.hosts[h]; k != "" {
				return k
			}
		}
	}
	if t.proof == proofKey || !t.address.IsValid() {
		return "" // who hands signed mail on may be anybody
	}
	return a.ofAddress(t.address)
}

// ofAddress gives the sender that has the address.
func (a *Attributor) ofAddress(address netip.Addr) string {
	if k := a.addresses[address]; k != "" {
		return k
	}
	for _, n := range a.networks {
		if n.prefix.Contains(address) {
			return n.key
		}
	}
	return ""
}

// path gives the sender behind a return path that passed.
func (a *Attributor) path(mailFrom string) string {
	if mailFrom == "" || mailFrom == a.domain {
		return ""
	}
	if !a.aligned(mailFrom) {
		id, _ := best(sender.ByHost(mailFrom))
		return a.known(id.key)
	}
	return a.paths[mailFrom]
}

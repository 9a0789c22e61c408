package inventory

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/spf"
)

// Attributor tells of single sightings whose they are, by an inventory that is
// made. It is safe for concurrent use.
type Attributor struct {
	tally     *tally
	addresses map[netip.Addr]string
	networks  []ownNetwork
	selectors map[string]string // "selector._domainkey.domain" → key
	hosts     map[string]string
	open      bool
}

type ownNetwork struct {
	prefix netip.Prefix
	key    string
	given  bool
}

// Attribution is whose mail a sighting is.
type Attribution struct {
	Sender string // key, "" where nothing tells
	// Own: something proves that it is mail of the domain, as Build sees it.
	Own bool
	// Other: it is mail of another domain, and concerns nobody here.
	Other bool
}

// Attributor makes one. The resolver is asked whether the domain's SPF record lets
// everybody in, so that a pass proves nothing.
func (inv *Inventory) Attributor(ctx context.Context, r dns.Resolver) *Attributor {
	m := &merger{checker: &spf.Checker{Resolver: r}, open: map[string]bool{}}
	a := &Attributor{
		addresses: map[netip.Addr]string{}, selectors: map[string]string{}, hosts: map[string]string{}, open: m.everybody(ctx, inv.Domain),
	}
	given := map[netip.Addr]bool{}
	for _, s := range inv.Senders {
		for _, p := range s.Networks {
			a.networks = append(a.networks, ownNetwork{p, s.Key, s.Given})
		}
		for _, at := range s.Addresses {
			if _, known := a.addresses[at.Address]; !known {
				a.addresses[at.Address] = s.Key
			}
			given[at.Address] = given[at.Address] || s.Given && (s.Kind == KindHost || s.Kind == KindNetwork)
		}
		for _, name := range s.Selectors {
			a.selectors[name] = s.Key
		}
		if host, ok := strings.CutPrefix(s.Key, "host:"); ok {
			a.hosts[host] = s.Key
		}
	}
	// The narrowest network names the sender.
	slices.SortStableFunc(a.networks, func(x, y ownNetwork) int { return y.prefix.Bits() - x.prefix.Bits() })
	a.tally = newTally(inv.Domain, inv.DMARC.OrgDomain, func(ip netip.Addr) bool {
		return given[ip] || slices.ContainsFunc(a.networks, func(n ownNetwork) bool { return n.given && n.prefix.Contains(ip) })
	})
	return a
}

// Of tells whose a sighting is.
func (a *Attributor) Of(s Sighting) Attribution {
	mailFrom := clean(s.MailFrom)
	author := clean(s.From)
	if author == "" {
		author = mailFrom // a log tells the return path only
	}
	if !below(a.tally.domain, author) {
		return Attribution{Other: true}
	}
	address := s.Address.Unmap().WithZone("")
	if !s.Trusted && !s.Genuine {
		address = netip.Addr{}
	}
	signed, _ := a.tally.verified(s.DKIM)
	passed := s.Trusted && s.SPF == "pass" && mailFrom != "" && a.tally.aligned(mailFrom) && !a.open
	if !s.Genuine && !(address.IsValid() && a.tally.vouched(address)) && !passed && len(signed) == 0 {
		return Attribution{}
	}
	return Attribution{Sender: a.key(s, signed, address), Own: true}
}

// key names the sender by the strongest sign.
func (a *Attributor) key(s Sighting, signed []string, address netip.Addr) string {
	for _, name := range signed {
		domain, selector, _ := strings.Cut(name, "/")
		if k := a.selectors[selector+"._domainkey."+domain]; k != "" {
			return k
		}
	}
	if host := clean(s.Host); host != "" {
		for _, h := range []string{host, host + "." + a.tally.domain} {
			if k := a.hosts[h]; k != "" {
				return k
			}
		}
	}
	if k := a.addresses[address]; k != "" {
		return k
	}
	for _, n := range a.networks {
		if address.IsValid() && n.prefix.Contains(address) {
			return n.key
		}
	}
	return ""
}

package forensics

import (
	"net/netip"
	"strings"
)

// maxOwnRange are the widest networks that count as one's own hosts, 256 IPv4
// addresses and the usual network of one customer in IPv6. Of anything wider it
// is likely that others send from it, too.
const maxOwnRangeBits4, maxOwnRangeBits6 = 24, 56

// ownership answers "is that me?", from the profile.
type ownership struct {
	domains []string // lower case
	hosts   map[netip.Addr]Host
	names   map[string]bool // of own hosts
	ranges  []netip.Prefix  // narrow enough to be own
	shared  []Service       // services, and own ranges that are too wide
	inbound []string        // names of a provider's hosts, and all below them
	clients []netip.Prefix
	boxes   map[string]bool // local parts that exist; nil: not known
}

func newOwnership(p *Profile) *ownership {
	o := &ownership{
		hosts:   make(map[netip.Addr]Host, len(p.OwnHosts)),
		names:   make(map[string]bool, len(p.OwnHosts)),
		shared:  p.Services,
		clients: p.KnownClients,
	}
	for _, d := range p.Domains {
		o.domains = append(o.domains, canonical(d))
	}
	for _, n := range p.InboundNames {
		o.inbound = append(o.inbound, canonical(n))
	}
	for _, h := range p.OwnHosts {
		if h.IP.IsValid() {
			o.hosts[h.IP.Unmap()] = h
		}
		if h.Name != "" {
			o.names[canonical(h.Name)] = true
		}
	}
	wide := Service{Name: "your SPF record's wide networks"}
	for _, r := range p.OwnRanges {
		if r.Addr().Is4() && r.Bits() >= maxOwnRangeBits4 || r.Addr().Is6() && r.Bits() >= maxOwnRangeBits6 {
			o.ranges = append(o.ranges, r)
		} else {
			wide.Ranges = append(wide.Ranges, r)
		}
	}
	if len(wide.Ranges) > 0 {
		o.shared = append(o.shared[:len(o.shared):len(o.shared)], wide)
	}
	if len(p.Mailboxes) > 0 {
		o.boxes = make(map[string]bool)
		for _, m := range p.Mailboxes {
			o.boxes[strings.ToLower(m)] = true
		}
		for a := range p.Aliases {
			o.boxes[strings.ToLower(a)] = true
		}
		// A domain has these whether listed or not (RFC 2142, RFC 5321 section
		// 4.5.1), and mail servers write from the last.
		for _, role := range []string{"postmaster", "abuse", "mailer-daemon"} {
			o.boxes[role] = true
		}
	}
	return o
}

// ip reports whether the address is one of my own hosts.
func (o *ownership) ip(a netip.Addr) bool {
	if !a.IsValid() {
		return false
	}
	if _, ok := o.hosts[a]; ok {
		return true
	}
	return inAny(o.ranges, a)
}

// service gives the service that the address belongs to.
func (o *ownership) service(a netip.Addr) (Service, bool) {
	if a.IsValid() {
		for _, s := range o.shared {
			if inAny(s.Ranges, a) {
				return s, true
			}
		}
	}
	return Service{}, false
}

// domain reports whether the name is an own domain or lies below one.
func (o *ownership) domain(name string) bool { return belowAny(o.domains, canonical(name)) }

// host reports whether the name is that of an own machine.
func (o *ownership) host(name string) bool {
	name = canonical(name)
	return o.names[name] || belowAny(o.domains, name)
}

// provider reports whether the name is of a host that takes my mail in for me.
func (o *ownership) provider(name string) bool { return belowAny(o.inbound, canonical(name)) }

// account gives a login the form in which it is compared and named: without the
// domain where there is only one that it can belong to.
func (o *ownership) account(user string) string {
	local, domain, ok := strings.Cut(user, "@")
	if ok && len(o.domains) == 1 && canonical(domain) == o.domains[0] {
		return local
	}
	return user
}

// knowsInbound tells whether the profile says at all who takes the mail in.
func (o *ownership) knowsInbound() bool {
	return len(o.names) > 0 || len(o.inbound) > 0 || len(o.domains) > 0
}

func inAny(prefixes []netip.Prefix, a netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// belowAny matches on label boundaries only.
func belowAny(parents []string, name string) bool {
	for _, p := range parents {
		if below(p, name) {
			return true
		}
	}
	return false
}

func below(parent, name string) bool {
	return parent != "" && strings.HasSuffix(name, parent) &&
		(len(name) == len(parent) || name[len(name)-len(parent)-1] == '.')
}

// canonical gives a host name in the form in which names are compared: lower
// case, no final dot.
func canonical(name string) string {
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// isPrivate reports addresses that say nothing to the outside: private,
// loopback, link-local, shared by a carrier (RFC 6598), and 6to4 forms of private
// ones (RFC 3056), as some providers number their insides.
func isPrivate(a netip.Addr) bool {
	if a.Is6() {
		if b := a.As16(); b[0] == 0x20 && b[1] == 0x02 {
			a = netip.AddrFrom4([4]byte(b[2:6]))
		}
	}
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || carrierNet.Contains(a)
}

var carrierNet = netip.MustParsePrefix("100.64.0.0/10")

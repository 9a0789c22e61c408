package probe

import (
	"context"
	"net/netip"
	"strings"

	"unspoof/dns"
)

// addresses gives the addresses of a host, IPv4 first. An error is a fault of
// DNS, unless the other family answered with some.
func addresses(ctx context.Context, r dns.Resolver, host string) ([]netip.Addr, error) {
	var out []netip.Addr
	var fault error
	for _, t := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
		a, err := r.Lookup(ctx, dns.Question{Name: host, Type: t})
		if err != nil {
			fault = err
			continue
		}
		for _, rec := range a.Records {
			if len(out) < maxAddresses && rec.Addr.IsValid() {
				out = append(out, rec.Addr.Unmap())
			}
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	return nil, fault
}

// TakesMail reports whether a domain without MX records has an address, which mail
// then goes to (RFC 5321 section 5.1). An error is a fault of DNS.
func TakesMail(ctx context.Context, r dns.Resolver, domain string) (bool, error) {
	addrs, err := addresses(ctx, r, dns.Canonical(domain))
	return len(addrs) > 0, err
}

// maxAddresses bounds the addresses of one host that are looked at.
const maxAddresses = 8

// ownsUp finds the address of host that agrees to be host: public, and with a
// reverse name in the domain that consents.
func ownsUp(ctx context.Context, r dns.Resolver, host string, addrs []netip.Addr, c Consent) (Consent, netip.Addr) {
	domain := strings.TrimPrefix(c.Name, consentLabel)
	c.State, c.Why = ConsentAddress, host+" has no address"
	for _, ip := range addrs {
		if !Public(ip) {
			c.Why = ip.String() + " is no public address; a server on this machine is asked with its loopback address"
			continue
		}
		a, err := r.Lookup(ctx, dns.Question{Name: dns.ReverseName(ip), Type: dns.TypePTR})
		if err != nil {
			c.State, c.Why = ConsentUnknown, "DNS did not tell the reverse name of "+ip.String()+": "+faultWords(err)
			continue
		}
		for i, rec := range a.Records {
			if i < maxAddresses && within(rec.Host, domain) {
				c.State, c.Why = ConsentGiven, "agreed in DNS until "+c.Expires+", and "+ip.String()+" is called "+rec.Host
				return c, ip
			}
		}
		c.State, c.Why = ConsentAddress, "the reverse name of "+ip.String()+" (PTR) is not in "+domain+", so whoever runs that address has not agreed"
	}
	return c, netip.Addr{}
}

// within reports that name is domain or below it.
func within(name, domain string) bool {
	name = dns.Canonical(name)
	return name == domain || strings.HasSuffix(name, "."+domain)
}

// global6 is all of IPv6 that is given out (RFC 4291 section 2.4 and IANA's registry
// of global unicast addresses).
var global6 = netip.MustParsePrefix("2000::/3")

// special are the networks that net/netip takes for global unicast, and that are
// not another public server: RFC 6890 and its registries. 2001::/23 is for
// protocols, Teredo among them; that and 2002::/16 carry an IPv4 address inside,
// which could be any, and 192.88.99.0/24 led there (RFC 7526).
var special = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// Public reports whether ip is one of the open Internet, so that a name that a
// stranger published leads into nobody's own network.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Zone() != "" || ip.Is6() && !global6.Contains(ip) {
		return false
	}
	for _, p := range special {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

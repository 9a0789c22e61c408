package spf

import "net/netip"

// NetworkTerm writes a network as the ip4 or ip6 term that matches it, as in
// "ip4:192.0.2.0/24"; a single address stands without its length (RFC 7208 section
// 5.6). The network has to be valid, and masked as it is to be read.
func NetworkTerm(p netip.Prefix) string {
	name := "ip4:"
	if p.Addr().Is6() {
		name = "ip6:"
	}
	if p.IsSingleIP() {
		return name + p.Addr().String()
	}
	return name + p.String()
}

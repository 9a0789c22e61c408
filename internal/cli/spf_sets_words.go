package cli

import (
	"math/big"
	"strings"

	"unspoof/sender"
	"unspoof/spf"
)

// serviceNames names the services that an include host is known to belong to.
func serviceNames(host string) []string {
	names := []string{}
	if host == "" {
		return names
	}
	for _, m := range sender.ByInclude(host) {
		names = append(names, m.Service.Name)
	}
	return names
}

// addressWords counts addresses of both families, those of IPv6 in networks of /64
// where there are many.
func addressWords(t spf.Tally) string {
	var parts []string
	if !t.IPv4.IsZero() {
		parts = append(parts, countWords(t.IPv4, "IPv4 address", "IPv4 addresses"))
	}
	if !t.IPv6.IsZero() {
		if n := t.IPv6.Big(); n.BitLen() > 64 {
			n.Rsh(n, 64)
			parts = append(parts, plural(n, "IPv6 network of /64", "IPv6 networks of /64"))
		} else {
			parts = append(parts, countWords(t.IPv6, "IPv6 address", "IPv6 addresses"))
		}
	}
	if len(parts) == 0 {
		return "no address"
	}
	return strings.Join(parts, " and ")
}

func countWords(c spf.Count, one, many string) string { return plural(c.Big(), one, many) }

func plural(n *big.Int, one, many string) string {
	if n.IsInt64() && n.Int64() == 1 {
		return "1 " + one
	}
	return thousands(n.String()) + " " + many
}

package forensics

import (
	"net/netip"
	"slices"
)

// inside is what the inner hand-overs of a large provider look like where neither
// the service catalogue nor reverse DNS tells: hosts under another name, and
// networks of its own without reverse names.
type inside struct {
	service  string // ID in the catalogue
	names    []string
	networks []netip.Prefix
}

// insides: Exchange Online writes "by NAME.outlook.office365.com" and numbers its
// hosts from Microsoft's 2603:1000::/24, in blocks apart from those of its cloud's
// customers.
var insides = [...]inside{{
	service: "microsoft-365",
	names:   []string{"office365.com"},
	networks: []netip.Prefix{
		netip.MustParsePrefix("2603:1096::/32"), netip.MustParsePrefix("2603:10a6::/32"),
		netip.MustParsePrefix("2603:10b6::/32"), netip.MustParsePrefix("2603:10c6::/32"),
		netip.MustParsePrefix("2603:10d6::/32"),
	},
}}

// insideOf tells whether a hand-over to host by from an address that gives the
// given name stayed inside one provider.
func (j *Judge) insideOf(by, from string, ip netip.Addr) bool {
	for i := range insides {
		x := &insides[i]
		if inAny(x.networks, ip) && slices.Contains(j.services(by), x.service) && slices.Contains(j.services(from), x.service) {
			return true
		}
	}
	return false
}

// insideNames gives the catalogue IDs of providers that use a name inside.
func insideNames(host string) []string {
	var ids []string
	for i := range insides {
		if belowAny(insides[i].names, host) {
			ids = append(ids, insides[i].service)
		}
	}
	return ids
}

// alsoInside gives the names that the provider uses inside.
func alsoInside(service string) []string {
	for i := range insides {
		if insides[i].service == service {
			return insides[i].names
		}
	}
	return nil
}

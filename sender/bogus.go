package sender

import "strings"

// Bogus is an include host that circulates in guides and does not exist: a
// record that names it ends in permerror (RFC 7208 section 5.2).
type Bogus struct {
	Host      string
	Service   string // ID of the service meant, ""
	Confirmed bool   // seen to be missing; else it merely has no source
}

// FindBogus tells whether an include host is known not to exist.
func FindBogus(host string) (Bogus, bool) {
	host = canonical(host)
	for _, b := range bogusHosts {
		if b.Host == host {
			return b, true
		}
	}
	return Bogus{}, false
}

// canonical is the form in which names are compared: lower case, no final dot
// (RFC 4343).
func canonical(host string) string {
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

package spf

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// maxAddress bounds HELO names and reverse-paths, since macros repeat them. SMTP
// allows 256 octets (RFC 5321 section 4.5.3.1.3); mail in the wild is longer now
// and then.
const maxAddress = 512

// identity is who claims to send: what macros expand to (RFC 7208 section 7.2).
type identity struct {
	addr   netip.Addr
	hi, lo uint64 // of addr; an IPv4 address in lo
	v4     bool

	local    string // %{l}
	origin   string // %{o}
	helo     string // %{h}
	receiver string // %{r}
	unix     string // %{t}

	foreignLocal bool // local is not ASCII: RFC 8616 section 4
}

// identify reads the claim. It returns a cause where that has no domain to check
// (section 4.3).
func (id *identity) identify(a Args) (cause string) {
	// An IPv4-mapped address is an IPv4 address (section 5).
	id.addr = a.IP.Unmap().WithZone("")
	if !id.addr.IsValid() {
		return "no client address was given"
	}
	id.hi, id.lo = halves(id.addr)
	if id.v4 = id.addr.Is4(); id.v4 {
		id.hi, id.lo = 0, id.lo&(1<<32-1)
	}
	id.receiver = a.Receiver
	if id.receiver == "" {
		id.receiver = "unknown" // section 7.3
	}

	id.helo = "unknown"
	if len(a.HELO) <= maxAddress {
		id.helo = toASCII(strings.TrimSuffix(a.HELO, "."))
	}
	if a.MailFrom == "" { // section 2.4
		id.local, id.origin = "postmaster", id.helo
		return domainFault(id.origin)
	}
	if len(a.MailFrom) > maxAddress {
		return "the sender's address is longer than any mail server accepts"
	}
	path := a.MailFrom
	if path[0] == '@' { // an old source route, to be ignored (RFC 5321 appendix C)
		if i := strings.IndexByte(path, ':'); i >= 0 && strings.IndexByte(path[i:], '@') >= 0 {
			path = path[i+1:]
		}
	}
	at := strings.LastIndexByte(path, '@')
	id.origin = toASCII(strings.TrimSuffix(path[at+1:], "."))
	id.local = "postmaster" // section 4.3
	if at > 0 {
		id.local = path[:at]
		id.foreignLocal = !isASCII(id.local)
	}
	return domainFault(id.origin)
}

// domainFault says why a domain is not one that check_host can begin with:
// "malformed … or is not a multi-label domain name" (section 4.3).
func domainFault(domain string) string {
	switch {
	case domain == "":
		return "no domain was given"
	case domain[0] == '[':
		return clip(domain) + " is an address, not a domain name"
	case !askable(domain):
		return clip(domain) + " is not a valid domain name"
	case strings.IndexByte(domain, '.') < 0:
		return clip(domain) + " is not a full domain name: it has one label"
	}
	return ""
}

// askable reports whether a name without a final dot can be in a DNS question:
// labels of 1 to 63 octets, 253 in all (RFC 1035 section 2.3.4), ASCII.
func askable(name string) bool {
	if len(name) > maxName {
		return false
	}
	label := 0
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 0x80:
			return false
		case c == '.':
			if i == label || i-label > maxLabel {
				return false
			}
			label = i + 1
		}
	}
	return len(name) > label && len(name)-label <= maxLabel
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// names maps U-labels as browsers and mail clients do, and leaves underscores
// and the like alone, which host names must not have but mail domains do.
var names = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// toASCII turns U-labels to A-labels (RFC 8616 section 4). A name that can't be
// turned is given back; its octets make it unaskable.
func toASCII(domain string) string {
	if isASCII(domain) {
		return domain
	}
	if a, err := names.ToASCII(domain); err == nil {
		return a
	}
	return domain
}

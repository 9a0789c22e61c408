package spf

import (
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxAddress bounds HELO names and reverse-paths, since macros repeat them. SMTP
// allows 256 octets (RFC 5321 section 4.5.3.1.3); mail in the wild is longer now
// and then.
const maxAddress = 512

// identity is who claims to send: what macros expand to (RFC 7208 section 7.2).
type identity struct {
	addr    netip.Addr
	address // the same
	family

	local    string    // %{l}
	origin   string    // %{o}
	helo     string    // %{h}, once heloRead
	receiver string    // %{r}
	time     time.Time // %{t}

	heloRead bool
}

// identify reads the claim. It returns a cause where that has no domain to check
// (section 4.3).
func (id *identity) identify(a Args) (cause string) {
	// An IPv4-mapped address is an IPv4 address (section 5).
	id.addr = a.IP.Unmap().WithZone("")
	if !id.addr.IsValid() {
		return "no client address was given"
	}
	id.address, id.family = addressOf(id.addr), ipv4
	if id.addr.Is6() {
		id.family = ipv6
	}
	id.helo, id.receiver, id.time = a.HELO, a.Receiver, a.Time
	if len(id.helo) > maxAddress || id.helo == "" {
		id.helo = "unknown"
	}
	if id.receiver == "" {
		id.receiver = "unknown" // section 7.3
	}

	id.local = "postmaster" // sections 2.4 and 4.3
	id.origin = id.helo
	if path := a.MailFrom; path != "" {
		if len(path) > maxAddress {
			return "the sender's address is longer than any mail server accepts"
		}
		if path[0] == '@' { // an old source route, to be ignored (RFC 5321 appendix C)
			if i := strings.IndexByte(path, ':'); i >= 0 && strings.IndexByte(path[i:], '@') >= 0 {
				path = path[i+1:]
			}
		}
		at := strings.LastIndexByte(path, '@')
		if at > 0 {
			id.local = path[:at]
		}
		id.origin = path[at+1:]
	}
	id.origin, cause = fullName(id.origin)
	return cause
}

// fullName gives a domain in A-labels, without a final dot, and says why it is
// not one that check_host can begin with: "malformed … or is not a multi-label
// domain name" (section 4.3).
func fullName(domain string) (name, cause string) {
	name = strings.TrimSuffix(domain, ".")
	if labels(name) > 1 && name[0] != '[' {
		return name, ""
	}
	name = toASCII(name)
	switch n := labels(name); {
	case name == "":
		return name, "no domain was given"
	case name[0] == '[':
		return name, clip(name) + " is an address, not a domain name"
	case n == 0:
		return name, clip(name) + " is not a valid domain name"
	case n == 1:
		return name, clip(name) + " is not a full domain name: it has one label"
	}
	return name, ""
}

// askable reports whether a name without a final dot can be in a DNS question.
func askable(name string) bool { return labels(name) > 0 }

// labels counts the labels of a name without a final dot, 0 when DNS can't be
// asked for it: labels have 1 to 63 octets, names 253 (RFC 1035 section 2.3.4), and
// all is ASCII.
func labels(name string) (n int) {
	if len(name) > maxName {
		return 0
	}
	label := 0
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 0x80:
			return 0
		case c == '.':
			if i == label || i-label > maxLabel {
				return 0
			}
			label = i + 1
			n++
		}
	}
	if len(name) == label || len(name)-label > maxLabel {
		return 0
	}
	return n + 1
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
	if isASCII(domain) || !utf8.ValidString(domain) {
		return domain
	}
	if a, err := names.ToASCII(domain); err == nil {
		return a
	}
	return domain
}

package lint

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"unspoof/sender"
)

// typos are names that people write for mechanisms, but for those that spelling
// tells. "ip" is ip4 or ip6, as its address is.
var typos = map[string]string{
	"ip": "ip", "ips": "ip", "ipv4": "ip", "ipv6": "ip", "ip4s": "ip", "ip6s": "ip", "addr": "ip", "address": "ip", "ip-4": "ip", "ip-6": "ip", "ipv": "ip", "ip5": "ip",
	"host": "a", "aaaa": "a", "hostname": "a", "cname": "a", "mxs": "mx", "mail": "a",
	"any": "all", "a11": "all", "al1": "all", "every": "all",
	"includes": "include", "inc": "include", "incl": "include", "includ": "include", "spf": "include", "domain": "include", "inclued": "include",
	"exist": "exists", "redir": "redirect", "redirects": "redirect", "explanation": "exp",
}

// dotMark matches mechanisms with another mark in the place of the colon. An a or mx
// so written may be the name of a host.
var dotMark = regexp.MustCompile(`(?i)^(include|ip4|ip6|exists)[._-]([A-Za-z0-9_].*)$`)

// digitSlid matches mechanisms with a digit too many, which may be the first one of
// the address, or the last one of the term before.
var digitSlid = regexp.MustCompile(`^([0-9]+ip[46]|ip[46][0-9]+)$`)

// unknownTerm judges a word whose name is no mechanism's.
func unknownTerm(text, sign, name, mark, value string) (fault, bool) {
	bare := text[len(sign):]
	switch {
	case bare == "" && sign != "":
		return unclear("SPF-031", vars{"hint": ". A sign stands right before its term, and a - refuses what it names: leave out the bullets of a list"})
	case address.MatchString(bare): // an address alone
		fix := sign + family(bare) + ":" + bare
		return meant("SPF-031", vars{"hint": ": " + fix}, fix)
	case digitSlid.MatchString(name): // ip41:98.51.100.1 is ip4:198.51.100.1, and could be ip4:98.51.100.1
		return unclear("SPF-031", vars{"hint": "; look whether one of the digits belongs elsewhere"})
	case mark == "" && dotMark.MatchString(bare):
		m := dotMark.FindStringSubmatch(bare)
		if fix := sign + m[1] + ":" + m[2]; validTerm(fix) {
			return meant("SPF-031", vars{"hint": ": " + fix}, fix)
		}
		return unclear("SPF-031", vars{})
	case mark == "" && namesHost.MatchString(bare):
		if len(sender.ByInclude(bare)) > 0 || strings.HasPrefix(bare, "_") {
			fix := sign + "include:" + bare
			return meant("SPF-031", vars{"hint": ": " + fix}, fix)
		}
		return unclear("SPF-031", vars{"hint": ": include:" + bare + " for a service, a:" + bare + " for a server"})
	}
	fix, ok := typos[name]
	if !ok {
		fix, ok = nearName(name)
	}
	if !ok {
		return unclear("SPF-031", vars{})
	}
	if fix == "ip" {
		if value == "" {
			return unclear("SPF-031", vars{})
		}
		fix = family(value)
	}
	switch want := termNames[fix]; {
	case name == "mail" && value == "":
		return unclear("SPF-031", vars{"hint": "; mx means the hosts that take your mail"})
	case want == 0:
		// What is broken today is not to let everybody in tomorrow.
		if mark != "" && value != "" || sign != "-" && sign != "~" {
			return unclear("SPF-031", vars{})
		}
		fix = sign + fix
	case want == '=':
		fix += "=" + value
	case mark == "/":
		fix = sign + fix + mark + value
	case mark == "" && (fix == "a" || fix == "mx"):
		fix = sign + fix
	default:
		fix = sign + fix + ":" + value
	}
	return meant("SPF-031", vars{"hint": ": " + fix}, fix)
}

// Modifiers that are defined elsewhere than in RFC 7208 (RFC 6652 section 3), and
// so are left alone.
var otherModifiers = []string{"ra", "rp", "rr"}

// modifier judges name=value of another name than redirect and exp. Receivers skip
// such terms (RFC 7208 section 6), so that a slip of the keyboard is silent.
func modifier(text, sign, name, value string) (fault, bool) {
	if name == "v" {
		return meant("SPF-046", vars{})
	}
	if digitSlid.MatchString(name) {
		return unclear("SPF-031", vars{})
	}
	fix, ok := typos[name]
	if !ok {
		fix, ok = nearName(name)
	}
	if ok && value != "" {
		if fix == "ip" {
			fix = family(value)
		}
		fix = sign + fix + string(termNames[fix]) + value
		if validTerm(fix) {
			return meant("SPF-031", vars{"hint": ": " + fix}, fix)
		}
	}
	if !validTerm(text) {
		return unclear("SPF-031", vars{})
	}
	if slices.Contains(otherModifiers, name) {
		return fault{}, false
	}
	return meant("SPF-039", vars{})
}

func family(addr string) string {
	if strings.Contains(strings.TrimLeft(addr, ":"), ":") {
		return "ip6"
	}
	return "ip4"
}

// nearName gives the one name that is spelt almost so.
func nearName(name string) (string, bool) {
	found := ""
	for known := range termNames {
		if len(known) >= 3 && len(name) >= 2 && oneSlip(name, known) {
			if found != "" {
				return "", false
			}
			found = known
		}
	}
	return found, found != ""
}

// oneSlip reports whether b comes of a by one letter more, less, changed, or by
// two that change places; in long words two slips.
func oneSlip(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(b) && a[i] == b[i] {
		i++
	}
	switch {
	case len(a) == len(b) && i == len(a):
		return false
	case len(a) == len(b):
		return a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	case len(a) == len(b)+1:
		return a[i+1:] == b[i:]
	}
	return false
}

// hasAddress reports whether the value of a term is an address, not a name.
func hasAddress(value string) (netip.Addr, string, bool) {
	text, bits, _ := strings.Cut(value, "/")
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if bits != "" {
		bits = "/" + bits
	}
	return a, bits, err == nil && a.Zone() == ""
}

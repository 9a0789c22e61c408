package dkim

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// checkDomain tells what is wrong with a name of d=, s= or i=: labels as in
// RFC 6376 section 3.5, underscores allowed, at least that many of them. It is
// "" for a good name. Names that are not ASCII must be U-labels (RFC 8616
// section 5).
func checkDomain(name string, labels int) string {
	name, ok := asciiDomain(name)
	switch {
	case !ok:
		return "is no internationalised domain name"
	case name == "":
		return "is empty"
	case len(name) > 253:
		return "is over 253 octets long"
	}
	n := 0
	for rest, more := name, true; more; n++ {
		var label string
		label, rest, more = strings.Cut(rest, ".")
		if why := checkLabel(label); why != "" {
			return why
		}
	}
	if n < labels {
		return "is a single label"
	}
	return ""
}

func checkLabel(label string) string {
	switch {
	case label == "":
		return "has an empty label"
	case len(label) > 63:
		return "has a label over 63 octets"
	case label[0] == '-' || label[len(label)-1] == '-':
		return "has a label that starts or ends with a hyphen"
	}
	for i := 0; i < len(label); i++ {
		c := label[i]
		if !(c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return "has an octet that no label has"
		}
	}
	return ""
}

// asciiDomain gives the name in A-labels.
func asciiDomain(name string) (string, bool) {
	if isASCII(name) {
		return name, true
	}
	if len(name) > 253*4 || !utf8.ValidString(name) { // before the tables look at it
		return name, false
	}
	a, err := idna.Lookup.ToASCII(name)
	return a, err == nil
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// within tells whether name is domain or lies under it. Both are compared as
// A-labels, in any case.
func within(name, domain string) (inside, equal bool) {
	name, _ = asciiDomain(name)
	domain, _ = asciiDomain(domain)
	if strings.EqualFold(name, domain) {
		return true, true
	}
	n := len(name) - len(domain)
	return n > 0 && name[n-1] == '.' && strings.EqualFold(name[n:], domain), false
}

// keyName is where the key record stands (RFC 6376 section 3.6.2.1).
func keyName(selector, domain string) string {
	selector, _ = asciiDomain(selector)
	domain, _ = asciiDomain(domain)
	return selector + "._domainkey." + domain
}

// Package orgdomain finds the organisational domain of a name: the part that
// one owner answers for, "example.co.uk" of "a.mail.example.co.uk".
//
// There are two ways. OfPSL reads the public suffix list that is compiled in
// (RFC 7489 section 3.2) and asks nobody; Walk asks DNS for DMARC records on
// the way up the tree (RFC 9989 section 4.10). They can differ, since one is a
// list kept by others and the other is what the domain's owner publishes.
package orgdomain

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// ErrName is wrapped by the errors of names that no question can be asked for.
var ErrName = errors.New("not a domain name")

// Limits of a name in text (RFC 1035 section 2.3.4), without the final dot.
const (
	maxName  = 253
	maxLabel = 63
)

// maxInput bounds what is looked at, in octets: the longest name written in
// U-labels is well below.
const maxInput = 1024

// Name gives a domain name in the form that DNS is asked for and names are
// compared in: lower case, A-labels (RFC 5891), no final dot. Underscores are
// allowed, since names in DNS have them; address literals are not names. Its
// error wraps ErrName and says what is wrong.
func Name(name string) (string, error) {
	if len(name) > maxInput {
		return "", fmt.Errorf("orgdomain: name of %d octets: %w: longer than %d", len(name), ErrName, maxName)
	}
	bad := func(why string) (string, error) {
		return "", fmt.Errorf("orgdomain: %q: %w: %s", name, ErrName, why)
	}
	s := strings.TrimSuffix(strings.TrimSpace(name), ".")
	switch {
	case s == "":
		return bad("it is empty")
	case strings.ContainsAny(s, "@"):
		return bad("it is an address; give the part after the @")
	case strings.Contains(s, "/"):
		return bad("it is a link; give the host name alone")
	case isAddress(s):
		return bad("it is an IP address")
	}
	if !utf8.ValidString(s) {
		return bad("it is not UTF-8")
	}
	if !isASCII(s) {
		// RFC 5891 section 4: mapped to lower case and NFC, then encoded. The
		// lookup profile also takes the full-width dots that keyboards make.
		a, err := idna.Lookup.ToASCII(s)
		if err != nil {
			return bad("it cannot be put in A-labels (" + strings.TrimPrefix(err.Error(), "idna: ") + ")")
		}
		s = strings.TrimSuffix(a, ".")
	}
	s = strings.ToLower(s)
	if len(s) > maxName {
		return bad(fmt.Sprintf("longer than %d octets", maxName))
	}
	for label := range strings.SplitSeq(s, ".") {
		switch {
		case label == "":
			return bad("two dots have nothing between them")
		case len(label) > maxLabel:
			return bad(fmt.Sprintf("a label is longer than %d octets", maxLabel))
		case strings.ContainsFunc(label, notHostRune):
			return bad(fmt.Sprintf("the label %q has characters other than letters, digits, - and _", label))
		}
	}
	return s, nil
}

// OfPSL gives the organisational domain by the public suffix list, private part
// included: the suffix and one label more. A name that is a suffix itself is
// its own, and so is an address literal. What is no domain name comes back in
// lower case without its final dot. The list knows names by A-label; U-labels
// are turned into those.
func OfPSL(name string) string {
	n, err := Name(name)
	if err != nil {
		return strings.ToLower(strings.TrimSuffix(name, "."))
	}
	org, err := publicsuffix.EffectiveTLDPlusOne(n)
	if err != nil { // n is a suffix
		return n
	}
	return org
}

// SameOrg reports whether two names have the same organisational domain by the
// public suffix list. What is no domain name belongs to nobody.
func SameOrg(a, b string) bool {
	a, errA := Name(a)
	b, errB := Name(b)
	return errA == nil && errB == nil && (a == b || OfPSL(a) == OfPSL(b))
}

func isAddress(s string) bool {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	if len(s) > 5 && strings.EqualFold(s[:5], "ipv6:") { // RFC 5321 section 4.1.3
		s = s[5:]
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func notHostRune(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_')
}

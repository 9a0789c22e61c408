package lint

import (
	"fmt"
	"net/netip"
	"slices"

	"unspoof/spf"
)

// Networks wider than this are hardly one's own. Those of large services are
// wider: that of an included record has to be wider still to be worth a word.
const (
	wide4, wide6   = 16, 32
	broad4, broad6 = 11, 24
)

// inside are networks that no mail on the Internet comes from (RFC 6890).
var inside = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("224.0.0.0/3"),
	netip.MustParsePrefix("::/127"), netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("ff00::/8"),
}

// OfTheInternet reports whether mail on the Internet can come from a network: it is
// not, and does not lie in, one of those that are not of the Internet (RFC 6890).
func OfTheInternet(p netip.Prefix) bool {
	p = p.Masked()
	return !slices.ContainsFunc(inside, func(q netip.Prefix) bool { return q.Bits() <= p.Bits() && q.Overlaps(p) })
}

// Breadth judges the network that a term of one's own record lets in: the id of
// the rule that it breaks, SPF-004, SPF-010 or SPF-022, "" none, and how many
// addresses the network holds, in words.
func Breadth(t *spf.Term) (id, size string) { return breadth(t, wide4, wide6) }

// BreadthBelow does so for a term of a record that one's own includes or redirects
// to: those of large services are wider, and only what is wider still is told.
func BreadthBelow(t *spf.Term) (id, size string) { return breadth(t, broad4, broad6) }

func breadth(t *spf.Term, narrow4, narrow6 int) (id, size string) {
	if t.Result() != spf.Pass {
		return "", ""
	}
	bits, whole, narrow := -1, 0, 0
	switch {
	case t.Network.IsValid():
		p := t.Network.Masked()
		if !OfTheInternet(p) {
			return "SPF-022", addresses(p.Addr().BitLen() - p.Bits())
		}
		bits, whole, narrow = p.Bits(), p.Addr().BitLen(), narrow4
		if p.Addr().Is6() {
			narrow = narrow6
		}
	case t.Kind == spf.KindA || t.Kind == spf.KindMX:
		if bits, whole, narrow = t.Bits4, 32, narrow4; bits >= narrow {
			bits, whole, narrow = t.Bits6, 128, narrow6
		}
	}
	switch {
	case bits < 0 || bits >= narrow:
		return "", ""
	case bits == 0:
		return "SPF-004", addresses(whole)
	}
	return "SPF-010", addresses(whole - bits)
}

// addresses words the number of addresses that so many bits tell apart.
func addresses(bits int) string {
	if bits < 32 {
		return fmt.Sprint(1 << bits)
	}
	return fmt.Sprintf("2^%d", bits)
}

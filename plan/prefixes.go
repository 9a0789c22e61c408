package plan

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Networks wider than these are hardly one sender's own.
const (
	wide4 = 16
	wide6 = 32
)

// special are networks that no mail on the Internet comes from (RFC 6890), with
// the reason in words.
var special = []struct {
	prefix netip.Prefix
	why    string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "it means \"this host\""},
	{netip.MustParsePrefix("10.0.0.0/8"), private},
	{netip.MustParsePrefix("100.64.0.0/10"), "a provider shares it among customers"},
	{netip.MustParsePrefix("127.0.0.0/8"), "it is the machine itself"},
	{netip.MustParsePrefix("169.254.0.0/16"), "it is used on one cable only"},
	{netip.MustParsePrefix("172.16.0.0/12"), private},
	{netip.MustParsePrefix("192.168.0.0/16"), private},
	{netip.MustParsePrefix("224.0.0.0/4"), "it is for multicast"},
	{netip.MustParsePrefix("240.0.0.0/4"), "it is reserved"},
	{netip.MustParsePrefix("::/127"), "it is the machine itself"},
	{netip.MustParsePrefix("fc00::/7"), private},
	{netip.MustParsePrefix("fe80::/10"), "it is used on one cable only"},
	{netip.MustParsePrefix("fec0::/10"), private},
	{netip.MustParsePrefix("ff00::/8"), "it is for multicast"},
}

const private = "it is used inside networks only; give the address that the Internet sees"

// ParsePrefix reads an address or network as people type it: "192.0.2.1",
// "2001:db8::/32", with or without "ip4:" or "ip6:" before it. The note is not
// empty where something was put right: family swapped, host bits set, IPv4
// written as IPv6.
func ParsePrefix(text string) (p netip.Prefix, note string, err error) {
	s := strings.TrimSpace(text)
	wrong := func(format string, a ...any) (netip.Prefix, string, error) {
		return netip.Prefix{}, "", fmt.Errorf("plan: address %q: %s", text, fmt.Sprintf(format, a...))
	}
	named := 0
	for family, prefix := range map[int]string{4: "ip4:", 6: "ip6:"} {
		if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
			s, named = s[len(prefix):], family
			break
		}
	}
	if s == "" {
		return wrong("nothing stands there; an empty ip4: or ip6: makes the whole record invalid")
	}
	if strings.Contains(s, "/") {
		p, err = netip.ParsePrefix(s)
	} else {
		var a netip.Addr
		if a, err = netip.ParseAddr(s); err == nil {
			p = netip.PrefixFrom(a, a.BitLen())
		}
	}
	if err != nil || strings.Contains(s, "%") { // %eth0: an interface of this machine
		return wrong("write it like 192.0.2.1, 192.0.2.0/24, 2001:db8::1 or 2001:db8::/32")
	}
	var notes []string
	if p.Addr().Is4In6() {
		if p.Bits() < 96 {
			return wrong("this IPv6 network holds all of IPv4")
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		notes = append(notes, "is IPv4 written as IPv6; it goes in as "+p.String())
	} else if named == 4 && p.Addr().Is6() || named == 6 && p.Addr().Is4() {
		notes = append(notes, "is of the other family than ip4 or ip6 says; it goes in by what it is")
	}
	if m := p.Masked(); m != p {
		p = m
		notes = append(notes, "has bits set after the prefix; the network is "+p.String())
	}
	if len(notes) > 0 {
		note = fmt.Sprintf("%q %s.", text, strings.Join(notes, ", and "))
	}
	return p, note, nil
}

// refusal says why a network may not be published, "" where it may.
func refusal(p netip.Prefix) string {
	if p.Bits() == 0 {
		return "it holds every address there is, so anyone could send"
	}
	for _, s := range special {
		if s.prefix.Overlaps(p) {
			return s.why
		}
	}
	return ""
}

// merge sorts networks, IPv4 first, and joins those that overlap or are the two
// halves of one: the same addresses in the fewest terms.
func merge(prefixes []netip.Prefix) []netip.Prefix {
	sorted := slices.Clone(prefixes)
	slices.SortFunc(sorted, func(a, b netip.Prefix) int {
		if c := a.Addr().Compare(b.Addr()); c != 0 {
			return c
		}
		return a.Bits() - b.Bits()
	})
	var out []netip.Prefix
	for _, p := range sorted {
		if n := len(out); n > 0 && out[n-1].Bits() <= p.Bits() && out[n-1].Overlaps(p) {
			continue // inside the one before
		}
		out = append(out, p)
		for n := len(out); n > 1 && halves(out[n-2], out[n-1]); n = len(out) {
			out = append(out[:n-2], netip.PrefixFrom(out[n-2].Addr(), out[n-2].Bits()-1))
		}
	}
	return out
}

// halves reports whether a and b, in order, make up one network.
func halves(a, b netip.Prefix) bool {
	if a.Bits() != b.Bits() || a.Bits() == 0 || a.Addr().BitLen() != b.Addr().BitLen() {
		return false
	}
	whole := netip.PrefixFrom(a.Addr(), a.Bits()-1).Masked()
	return whole.Addr() == a.Addr() && whole.Contains(b.Addr()) && a != b
}

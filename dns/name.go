package dns

import (
	"errors"
	"net/netip"
	"strings"
)

// Limits of RFC 1035 section 2.3.4. A name of 255 octets on the wire, with its
// length octets and the root, is one of 253 as text.
const (
	maxLabel = 63
	maxName  = 253
)

var (
	errEmptyLabel = errors.New("empty label")
	errLongLabel  = errors.New("label over 63 octets")
	errLongName   = errors.New("name over 253 octets")
)

// Canonical gives the form of name under which unspoof compares and stores
// names: ASCII letters in lower case (RFC 4343), no final dot, the root as "".
// Octets outside of ASCII stay as they are. A name that is in this form
// already costs no allocation.
func Canonical(name string) string {
	name = strings.TrimSuffix(name, ".")
	for i := 0; i < len(name); i++ {
		if c := name[i]; 'A' <= c && c <= 'Z' {
			return lower(name, i)
		}
	}
	return name
}

// lower copies name with its ASCII letters from octet i on in lower case.
func lower(name string, i int) string {
	b := []byte(name)
	for ; i < len(b); i++ {
		if c := b[i]; 'A' <= c && c <= 'Z' {
			b[i] = c + ('a' - 'A')
		}
	}
	return string(b)
}

// CheckName says why name, in the form of [Question], cannot be asked for: a
// label over 63 octets, more than 253 octets in all, or an empty label (RFC
// 1035 section 2.3.4). It is nil for every other string of octets, and for the
// root ("" or ".").
func CheckName(name string) error {
	name = strings.TrimSuffix(name, ".")
	if name == "" {
		return nil
	}
	if len(name) > maxName {
		return errLongName
	}
	start := 0
	for i := 0; i <= len(name); i++ {
		if i < len(name) && name[i] != '.' {
			continue
		}
		switch n := i - start; {
		case n == 0:
			return errEmptyLabel
		case n > maxLabel:
			return errLongLabel
		}
		start = i + 1
	}
	return nil
}

// ReverseName gives the name under which PTR records for addr stand: below
// in-addr.arpa (RFC 1035 section 3.5) or ip6.arpa (RFC 3596 section 2.5), lower
// case, no final dot. An IPv4 address in IPv6 form counts as IPv4; the zero
// Addr gives "".
func ReverseName(addr netip.Addr) string {
	const hex = "0123456789abcdef"
	addr = addr.Unmap()
	switch {
	case addr.Is4():
		a := addr.As4()
		return netip.AddrFrom4([4]byte{a[3], a[2], a[1], a[0]}).String() + ".in-addr.arpa"
	case addr.Is6():
		a := addr.As16()
		b := make([]byte, 0, 4*len(a)+len("ip6.arpa"))
		for i := len(a) - 1; i >= 0; i-- {
			b = append(b, hex[a[i]&15], '.', hex[a[i]>>4], '.')
		}
		return string(b) + "ip6.arpa"
	}
	return ""
}

// reverseAddr is the way back from ReverseName; ok is false for a name that is
// not that of one whole address.
func reverseAddr(name string) (addr netip.Addr, ok bool) {
	name = Canonical(name)
	if v4, found := strings.CutSuffix(name, ".in-addr.arpa"); found {
		addr, err := netip.ParseAddr(v4)
		if err != nil || !addr.Is4() {
			return netip.Addr{}, false
		}
		a := addr.As4()
		return netip.AddrFrom4([4]byte{a[3], a[2], a[1], a[0]}), true
	}
	v6, found := strings.CutSuffix(name, ".ip6.arpa")
	if !found || len(v6) != 63 {
		return netip.Addr{}, false
	}
	var a [16]byte
	for i := 0; i < 32; i++ {
		d := strings.IndexByte("0123456789abcdef", v6[2*i])
		if d < 0 || i < 31 && v6[2*i+1] != '.' {
			return netip.Addr{}, false
		}
		a[15-i/2] |= byte(d) << (4 * (i % 2))
	}
	return netip.AddrFrom16(a), true
}

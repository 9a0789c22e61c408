package spf

import (
	"encoding/binary"
	"net/netip"

	"unspoof/dns"
)

// family is that of the client's address, IPv4-mapped addresses being IPv4 (RFC
// 7208 section 5). It picks among prefix lengths.
type family uint8

const (
	ipv4 family = iota
	ipv6
)

// mechanism is the kind of term that lists addresses of the family.
func (f family) mechanism() Kind { return KindIP4 + Kind(f) }

// query is the type of the address records that fit the client (section 5).
func (f family) query() dns.Type {
	if f == ipv4 {
		return dns.TypeA
	}
	return dns.TypeAAAA
}

// address is an IP address of either family as bits from the left: an IPv4
// address is the first half of hi.
type address struct{ hi, lo uint64 }

func addressOf(a netip.Addr) address {
	if a.Is4() {
		b := a.As4()
		return address{hi: uint64(binary.BigEndian.Uint32(b[:])) << 32}
	}
	b := a.As16()
	return address{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// in reports whether the first bits of the address are those of a network of its
// family. The half that the prefix ends in is shifted until its bits are left.
func (a address) in(network address, bits uint8) bool {
	switch {
	case bits > 64:
		return a.hi == network.hi && (a.lo^network.lo)>>(-bits&63) == 0
	case bits > 0:
		return (a.hi^network.hi)>>(-bits&63) == 0
	}
	return true
}

// halfMask has the bits of the first half of an address that a prefix covers.
func halfMask(bits uint8) uint64 {
	if bits == 0 {
		return 0
	}
	return ^uint64(0) << (64 - min(bits, 64))
}

// skip counts the terms, from the first on, that need no look: those that list
// addresses of the other family, or of the client's own in another network. Most
// terms of most records are gone over here.
func (a address) skip(terms []term, own Kind) int {
	for i := range terms {
		t := &terms[i]
		if t.kind == own {
			if (a.hi^t.network.hi)&t.mask == 0 {
				return i
			}
		} else if t.kind-KindIP4 > KindIP6-KindIP4 {
			return i
		}
	}
	return len(terms)
}

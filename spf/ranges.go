package spf

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
)

// Range is a run of addresses of one family, both ends included. As text it is a
// single address, a network in CIDR form where it is exactly one, else both ends
// with "-" between.
type Range struct {
	From, To netip.Addr
}

// RangeOf gives the addresses of a network, host bits ignored.
func RangeOf(p netip.Prefix) Range {
	from := addressOf(p.Masked().Addr())
	f := familyOf(p.Addr())
	return f.span(from, from.last(uint8(p.Bits())))
}

// String implements fmt.Stringer.
func (r Range) String() string {
	if r.From == r.To {
		return r.From.String()
	}
	if p, ok := r.network(); ok {
		return p.String()
	}
	return r.From.String() + "-" + r.To.String()
}

// MarshalText gives String, for JSON.
func (r Range) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (r *Range) UnmarshalText(text []byte) error {
	s := string(text)
	for i := range s {
		switch s[i] {
		case '/':
			p, err := netip.ParsePrefix(s)
			if err != nil {
				return fmt.Errorf("spf: %w", err)
			}
			*r = RangeOf(p)
			return nil
		case '-':
			from, err := netip.ParseAddr(s[:i])
			if err != nil {
				return fmt.Errorf("spf: %w", err)
			}
			to, err := netip.ParseAddr(s[i+1:])
			if err != nil {
				return fmt.Errorf("spf: %w", err)
			}
			if from.BitLen() != to.BitLen() || to.Less(from) {
				return fmt.Errorf("spf: %q is no range of addresses: its ends are of two families, or swapped", s)
			}
			r.From, r.To = from, to
			return nil
		}
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return fmt.Errorf("spf: %w", err)
	}
	r.From, r.To = a, a
	return nil
}

// Count is how many addresses the range holds.
func (r Range) Count() Count {
	from, to := addressOf(r.From), addressOf(r.To)
	if r.From.Is4() {
		return Count{lo: (to.hi-from.hi)>>32 + 1}
	}
	lo, borrow := bits.Sub64(to.lo, from.lo, 0)
	hi, _ := bits.Sub64(to.hi, from.hi, borrow)
	return Count{hi: hi, lo: lo}.Plus(Count{lo: 1})
}

// Prefixes gives the fewest networks that hold the range and nothing else, in
// order: at most 62 for IPv4 and 254 for IPv6.
func (r Range) Prefixes() []netip.Prefix {
	f := familyOf(r.From)
	from, to := addressOf(r.From), f.highest(addressOf(r.To))
	var out []netip.Prefix
	for {
		n := f.width()
		for n > 0 {
			if shorter := from.first(n - 1); shorter != from || from.last(n-1).above(to) {
				break
			}
			n--
		}
		out = append(out, netip.PrefixFrom(f.addr(from), int(n)))
		last := from.last(n)
		if !to.above(last) {
			return out
		}
		from = last.next(f)
	}
}

// network is the range as one network, if it is one.
func (r Range) network() (netip.Prefix, bool) {
	f := familyOf(r.From)
	from, to := addressOf(r.From), f.highest(addressOf(r.To))
	var n uint8
	if n = uint8(bits.LeadingZeros64(from.hi ^ to.hi)); n == 64 {
		n += uint8(bits.LeadingZeros64(from.lo ^ to.lo))
	}
	if from.first(n) != from || from.last(n) != to {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(r.From, int(n)), true
}

// familyOf is the family of an address, in the form of type family.
func familyOf(a netip.Addr) family {
	if a.Is4() {
		return ipv4
	}
	return ipv6
}

// width is the length of the family's addresses in bits.
func (f family) width() uint8 {
	if f == ipv4 {
		return 32
	}
	return 128
}

// addr turns bits from the left to an address of the family.
func (f family) addr(a address) netip.Addr {
	if f == ipv4 {
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], uint32(a.hi>>32))
		return netip.AddrFrom4(b)
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], a.hi)
	binary.BigEndian.PutUint64(b[8:], a.lo)
	return netip.AddrFrom16(b)
}

// lowHalf is the bits of an address's first half that IPv4 doesn't have.
const lowHalf = 1<<32 - 1

// highest fills the bits that the family's addresses don't have, as last does.
func (f family) highest(a address) address {
	if f == ipv4 {
		return address{a.hi | lowHalf, ^uint64(0)}
	}
	return a
}

func (f family) span(from, to address) Range { return Range{f.addr(from), f.addr(to)} }

// first is the first address of the network of n bits that holds a.
func (a address) first(n uint8) address {
	if n <= 64 {
		return address{hi: a.hi & halfMask(n)}
	}
	return address{a.hi, a.lo & halfMask(n-64)}
}

// last is the last address of that network; all bits beyond the family's are set.
func (a address) last(n uint8) address {
	if n <= 64 {
		return address{a.hi | ^halfMask(n), ^uint64(0)}
	}
	return address{a.hi, a.lo | ^halfMask(n-64)}
}

// next is the address after a, the first of all after the last of all.
func (a address) next(f family) address {
	if f == ipv4 {
		return address{hi: (a.hi>>32 + 1) << 32}
	}
	lo, carry := bits.Add64(a.lo, 1, 0)
	return address{a.hi + carry, lo}
}

// before is the address before a, in the form of last.
func (a address) before(f family) address {
	if f == ipv4 {
		return address{(a.hi>>32-1)<<32 | lowHalf, ^uint64(0)}
	}
	lo, borrow := bits.Sub64(a.lo, 1, 0)
	return address{a.hi - borrow, lo}
}

// above reports whether a comes after b.
func (a address) above(b address) bool { return a.hi > b.hi || a.hi == b.hi && a.lo > b.lo }

package spf

import (
	"cmp"
	"math/big"
	"math/bits"
	"strconv"
)

// Count is a number of addresses, exact up to more than all of IPv6 (2^128). In
// JSON it is a number, which may be longer than a float holds exactly. Counts
// can be compared with ==.
type Count struct {
	top, hi, lo uint64 // of 192 bits
}

// Plus is the sum of two counts.
func (c Count) Plus(d Count) Count {
	var carry uint64
	c.lo, carry = bits.Add64(c.lo, d.lo, 0)
	c.hi, carry = bits.Add64(c.hi, d.hi, carry)
	c.top += d.top + carry
	return c
}

// Compare is negative where c is less than d, zero where they are equal.
func (c Count) Compare(d Count) int {
	return cmp.Or(cmp.Compare(c.top, d.top), cmp.Compare(c.hi, d.hi), cmp.Compare(c.lo, d.lo))
}

// IsZero reports whether there are no addresses.
func (c Count) IsZero() bool { return c == Count{} }

// Uint64 gives the count, and whether it fits.
func (c Count) Uint64() (n uint64, ok bool) { return c.lo, c.top == 0 && c.hi == 0 }

// Big gives the count as a number of any size.
func (c Count) Big() *big.Int {
	n := new(big.Int).SetUint64(c.top)
	n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(c.hi))
	return n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(c.lo))
}

// String gives the count in digits.
func (c Count) String() string {
	if n, ok := c.Uint64(); ok {
		return strconv.FormatUint(n, 10)
	}
	return c.Big().String()
}

// MarshalJSON writes a number.
func (c Count) MarshalJSON() ([]byte, error) { return []byte(c.String()), nil }

// Tally counts addresses of both families.
type Tally struct {
	IPv4 Count `json:"ipv4"`
	IPv6 Count `json:"ipv6"`
}

// Plus is the sum of two tallies.
func (t Tally) Plus(u Tally) Tally { return Tally{t.IPv4.Plus(u.IPv4), t.IPv6.Plus(u.IPv6)} }

// IsZero reports whether there are no addresses of either family.
func (t Tally) IsZero() bool { return t.IPv4.IsZero() && t.IPv6.IsZero() }

// add counts a range.
func (t *Tally) add(r Range) {
	if r.From.Is4() {
		t.IPv4 = t.IPv4.Plus(r.Count())
	} else {
		t.IPv6 = t.IPv6.Plus(r.Count())
	}
}

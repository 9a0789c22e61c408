package spftext

import (
	"fmt"
	"math/big"
	"strings"

	"unspoof/spf"
)

// Addresses counts addresses of both families, those of IPv6 in networks of /64
// where there are more than one such network holds: "2 IPv4 addresses and 1 IPv6
// network of /64"; "no address" for none.
func Addresses(t spf.Tally) string {
	var parts []string
	if !t.IPv4.IsZero() {
		parts = append(parts, counted(t.IPv4.Big(), "IPv4 address", "IPv4 addresses"))
	}
	if n := t.IPv6.Big(); n.BitLen() > 64 {
		parts = append(parts, counted(n.Rsh(n, 64), "IPv6 network of /64", "IPv6 networks of /64"))
	} else if n.Sign() > 0 {
		parts = append(parts, counted(n, "IPv6 address", "IPv6 addresses"))
	}
	if len(parts) == 0 {
		return "no address"
	}
	return strings.Join(parts, " and ")
}

func counted(n *big.Int, one, many string) string {
	if n.IsInt64() && n.Int64() == 1 {
		return "1 " + one
	}
	return Thousands(n.String()) + " " + many
}

// Thousands sets decimal digits in groups of three, "1,234,567", or says the power
// of ten in place of a number that nobody can read.
func Thousands(digits string) string {
	if len(digits) > 15 {
		return fmt.Sprintf("some 10^%d", len(digits)-1)
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

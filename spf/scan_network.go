package spf

import (
	"net/netip"
	"strings"
)

// scanIP4 reads from the ":" at i on.
//
//	ip4-network     = qnum "." qnum "." qnum "." qnum
//	ip4-cidr-length = "/" ("0" / %x31-39 0*1DIGIT) ; 0 to 32
func scanIP4(text string, t *term, i int) *SyntaxError {
	end := int(t.end)
	if i == end || text[i] != ':' || i+1 == end {
		return syntaxError(text, t, i, end, "an IPv4 address after \"ip4:\"", "5.6").
			hint("write the address directly after the colon, without a space: ip4:192.0.2.1")
	}
	t.from = uint16(i + 1)
	network, i, ok := scanQuad(text, i+1, end)
	if !ok || i < end && text[i] != '/' {
		return syntaxError(text, t, int(t.from), end, "an IPv4 address of four numbers from 0 to 255, then nothing or /0 to /32", "5.6")
	}
	t.network, t.to = address{hi: uint64(network) << 32}, uint16(i)
	if i < end {
		if t.bits[ipv4], ok = scanLength(text, i+1, end, 32); !ok {
			return badLength(text, t, i, end, 32)
		}
	}
	t.mask = halfMask(t.bits[ipv4])
	return nil
}

// scanQuad reads four numbers from 0 to 255 without leading zeros, as section
// 5.6 of the RFC writes qnum, and gives where they end.
func scanQuad(text string, i, end int) (addr uint32, next int, ok bool) {
	for part := range 4 {
		if part > 0 {
			if i == end || text[i] != '.' {
				return 0, i, false
			}
			i++
		}
		first := i
		n := uint32(0)
		for ; i < end && text[i]-'0' <= 9; i++ {
			n = n*10 + uint32(text[i]-'0')
			if n > 255 || i > first && text[first] == '0' {
				return 0, i, false
			}
		}
		if i == first {
			return 0, i, false
		}
		addr = addr<<8 | n
	}
	return addr, i, true
}

// scanIP6 reads from the ":" at i on.
//
//	ip6-network     = <as per Section 2.2 of RFC 4291>
//	ip6-cidr-length = "/" ("0" / %x31-39 0*2DIGIT) ; 0 to 128
func scanIP6(text string, t *term, i int) *SyntaxError {
	end := int(t.end)
	if i == end || text[i] != ':' || i+1 == end {
		return syntaxError(text, t, i, end, "an IPv6 address after \"ip6:\"", "5.6").
			hint("write the address directly after the colon, without a space: ip6:2001:db8::1")
	}
	first := i + 1
	i = end
	if slash := strings.IndexByte(text[first:end], '/'); slash >= 0 {
		i = first + slash
	}
	addr, err := netip.ParseAddr(text[first:i])
	if err != nil || !addr.Is6() || addr.Zone() != "" {
		return syntaxError(text, t, first, end, "an IPv6 address, then nothing or /0 to /128", "5.6")
	}
	t.network = addressOf(addr)
	t.from, t.to = uint16(first), uint16(i)
	if i < end {
		var ok bool
		if t.bits[ipv6], ok = scanLength(text, i+1, end, 128); !ok {
			return badLength(text, t, i, end, 128)
		}
	}
	t.mask = halfMask(t.bits[ipv6])
	return nil
}

// scanDualCIDR reads prefix lengths from the end of the term back, since a "/"
// may also stand in a domain-spec, though never before its last digits. It gives
// where the rest of the term ends.
//
//	dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ]
func scanDualCIDR(text string, t *term, i int) (int, *SyntaxError) {
	end := int(t.end)
	slash := slashBefore(text, i, end)
	if slash > i && text[slash-1] == '/' {
		var ok bool
		if t.bits[ipv6], ok = scanLength(text, slash+1, end, 128); !ok {
			return 0, badLength(text, t, slash, end, 128)
		}
		end = slash - 1
		slash = slashBefore(text, i, end)
	}
	if slash >= 0 {
		var ok bool
		if t.bits[ipv4], ok = scanLength(text, slash+1, end, 32); !ok {
			return 0, badLength(text, t, slash, end, 32)
		}
		end = slash
	}
	return end, nil
}

// slashBefore gives the place of a "/" that only digits part from end, -1 when
// there is none in text[i:end].
func slashBefore(text string, i, end int) int {
	k := end
	for k > i && text[k-1]-'0' <= 9 {
		k--
	}
	if k < end && k > i && text[k-1] == '/' {
		return k - 1
	}
	return -1
}

// scanLength reads a prefix length: digits without a leading zero, at most limit.
func scanLength(text string, i, end, limit int) (uint8, bool) {
	digits := end - i
	if digits < 1 || digits > 3 || digits > 1 && text[i] == '0' {
		return 0, false
	}
	n := 0
	for ; i < end; i++ {
		if text[i]-'0' > 9 {
			return 0, false
		}
		n = n*10 + int(text[i]-'0')
	}
	return uint8(n), n <= limit
}

func badLength(text string, t *term, from, to, limit int) *SyntaxError {
	expected := "a prefix length from /0 to /32, without a leading zero"
	if limit == 128 {
		expected = "a prefix length from 0 to 128, without a leading zero"
	}
	e := syntaxError(text, t, from, to, expected, t.kind.Section())
	if limit == 32 && t.kind != KindIP4 {
		e.Hint = `a length for IPv6 follows "//"`
	}
	return e
}

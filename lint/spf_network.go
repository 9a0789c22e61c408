package lint

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

var (
	dotted   = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,3}){3}$`)
	starred  = regexp.MustCompile(`^([0-9]{1,3})\.(?:([0-9]{1,3})\.)?(?:([0-9]{1,3})\.)?(\*)(?:\.\*){0,2}$`)
	withPort = regexp.MustCompile(`^([0-9.]+):[0-9]{1,5}$`)
)

// network judges the address or name behind a mechanism: whether it is of the kind
// that the mechanism says, and written as it has to be.
func network(text, sign, name, value string) (fault, bool) {
	addr, bits, isAddr := hasAddress(value)
	switch {
	case name == "ip4" || name == "ip6":
	case isAddr && name != "all" && name != "exp":
		fix := sign + family(addr.String()) + ":" + addr.Unmap().String() + bits
		return meant("SPF-028", vars{"fault": "an address is no name"}, fix)
	case strings.Contains(value, "@") && name != "all" && name != "exp":
		return unclear("SPF-028", vars{"fault": "a mail address is no name", "mended": "the name of the host or service"})
	case strings.HasPrefix(strings.ToLower(value), "mailto:"):
		return unclear("SPF-028", vars{"fault": "a mail address is no name", "mended": "the name of the host or service"})
	case nearAddress.MatchString(value) && name != "all":
		return unclear("SPF-028", vars{"fault": "it is nearly an address, and no name", "mended": "the address as ip4, or the name"})
	case strings.HasPrefix(value, ".") || strings.Contains(value, ".."):
		return unclear("SPF-028", vars{"fault": "a part of the name is missing", "mended": "the whole name"})
	case strings.HasPrefix(value, "*."):
		return unclear("SPF-028", vars{"fault": "a * stands for nothing in the name", "mended": "the name itself"})
	case strings.Contains(value, "://") && name != "all":
		rest := value[strings.Index(value, "://")+3:]
		if host, _, _ := strings.Cut(rest, "/"); namesHost.MatchString(host) {
			return meant("SPF-028", vars{"fault": "a web address is no name"}, sign+name+string(termNames[name])+host)
		}
		return fault{}, false
	case strings.Contains(value, ":") && !strings.Contains(value, "%") && name != "all":
		return colons(sign, name, value)
	default:
		return fault{}, false
	}
	if isAddr && name == "ip6" && addr.Is4In6() {
		fix, ok := plain4(addr, bits)
		v := vars{"fault": "receivers compare such an address as IPv4, so that the term never matches"}
		if ok && validTerm(sign+fix) {
			return meant("SPF-028", v, sign+fix)
		}
		v["mended"] = "it as ip4"
		return unclear("SPF-028", v)
	}
	if validTerm(text) {
		return hostBits(text, sign, name, addr, bits)
	}
	v := func(s string) vars { return vars{"fault": s} }
	switch {
	case isAddr && (addr.Is4() || addr.Is4In6()) != (name == "ip4"):
		fix := family(addr.Unmap().String())
		if fix == name { // ip4:::ffff:192.0.2.1
			fix = "ip4"
		}
		fix = sign + fix + ":" + addr.Unmap().String() + bits
		if !validTerm(fix) {
			return unclear("SPF-028", vars{"fault": "an address of the other family", "mended": fix})
		}
		return meant("SPF-028", vars{"fault": "an address of the other family"}, fix)
	case isAddr && strings.ContainsAny(value, "[]"):
		return meant("SPF-030", v("it stands in brackets"), sign+name+":"+addr.String()+bits)
	case isAddr:
		if fix, ok := prefixOf(addr, strings.TrimPrefix(bits, "/")); ok {
			return meant("SPF-030", v("the length of its prefix is not a plain number"), sign+name+":"+addr.String()+fix)
		}
		return unclear("SPF-030", v("it has no prefix of "+strings.TrimPrefix(bits, "/")))
	case namesHost.MatchString(value) && strings.ContainsAny(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"):
		fix := sign + "a:" + value
		return meant("SPF-028", vars{"fault": "a name is no address"}, fix)
	case withPort.MatchString(value):
		return meant("SPF-030", v("a port does not belong there"), sign+name+":"+withPort.FindStringSubmatch(value)[1])
	case strings.Contains(value, "-"):
		if nets, ok := rangeOf(value); ok {
			var words []string
			for _, n := range nets {
				words = append(words, sign+name+":"+n)
			}
			return meant("SPF-030", v("a range is no network"), words...)
		}
	}
	if m := starred.FindStringSubmatch(value); m != nil {
		parts := strings.Trim(m[1]+"."+m[2]+"."+m[3], ".")
		n := strings.Count(parts, ".") + 1
		fix := sign + "ip4:" + parts + strings.Repeat(".0", 4-n) + "/" + strconv.Itoa(8*n)
		if validTerm(fix) {
			return meant("SPF-030", v("a * stands for nothing"), fix)
		}
	}
	if plain, _, _ := strings.Cut(value, "/"); dotted.MatchString(plain) {
		if fix, ok := withoutZeros(plain); ok {
			fix = sign + "ip4:" + fix + value[len(plain):]
			return meant("SPF-030", v("its numbers have leading zeros"), fix)
		}
		if leadingZero.MatchString(plain) {
			return unclear("SPF-030", v("its numbers have leading zeros"))
		}
	}
	return unclear("SPF-030", v("it is no address"))
}

// colons judges a name with colons in it. The grammar allows them, but no name of a
// host has one: what stands behind it is another name, or a port.
func colons(sign, name, value string) (fault, bool) {
	v := vars{"what": "colons"}
	var words []string
	for part := range strings.SplitSeq(value, ":") {
		host, _, _ := strings.Cut(part, "/")
		switch {
		case namesHost.MatchString(host) && !address.MatchString(host):
			words = append(words, sign+name+string(termNames[name])+part)
		case len(words) == 0 || !port.MatchString(part):
			return unclear("SPF-032", v)
		}
	}
	if len(words) > 1 && name == "redirect" || len(words) > maxRepairs {
		return unclear("SPF-032", v)
	}
	return meant("SPF-032", v, words...)
}

// port matches the number of one.
var port = regexp.MustCompile(`^[0-9]{1,5}$`)

// nearAddress matches an IPv4 address with something else in its last number.
var nearAddress = regexp.MustCompile(`^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.([0-9]+[A-Za-z]|[A-Za-z][0-9]+)[0-9A-Za-z]*(/[0-9]+)?$`)

// plain4 writes an IPv4 address in the form of IPv6, with its prefix, as ip4; not
// where it would let in a network hardly one's own, which nobody does today.
func plain4(addr netip.Addr, bits string) (string, bool) {
	fix := "ip4:" + addr.Unmap().String()
	if bits == "" {
		return fix, true
	}
	n, err := strconv.Atoi(strings.TrimPrefix(bits, "/"))
	return fix + "/" + strconv.Itoa(n-96), err == nil && n-96 >= wide4
}

// hostBits finds networks that are written by an address amid them.
func hostBits(text, sign, name string, addr netip.Addr, bits string) (fault, bool) {
	if bits == "" {
		return fault{}, false
	}
	p, err := netip.ParsePrefix(addr.String() + bits)
	if err != nil || p.Masked() == p || p.Bits() == 0 { // of the last more is to be said
		return fault{}, false
	}
	return meant("SPF-029", vars{"network": p.Masked().String()}, sign+name+":"+p.Masked().String())
}

// prefixOf reads a net mask, or a length with leading zeros.
func prefixOf(addr netip.Addr, bits string) (string, bool) {
	if mask, err := netip.ParseAddr(bits); err == nil && mask.Is4() && addr.Is4() {
		m := mask.As4()
		n := uint32(m[0])<<24 | uint32(m[1])<<16 | uint32(m[2])<<8 | uint32(m[3])
		ones := 0
		for ; n&(1<<31) != 0; n <<= 1 {
			ones++
		}
		return "/" + strconv.Itoa(ones), n == 0
	}
	if n, err := strconv.Atoi(bits); err == nil && n >= 0 && n <= addr.BitLen() && bits[0] != '-' && bits[0] != '+' {
		return "/" + strconv.Itoa(n), true
	}
	return "", bits == "" // a slash and nothing: the address alone
}

var leadingZero = regexp.MustCompile(`(^|\.)0[0-9]`)

// withoutZeros reads numbers that were filled up to three digits. A shorter one with
// a zero in front may as well have lost its first digit.
func withoutZeros(quad string) (string, bool) {
	parts := strings.Split(quad, ".")
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n > 255 || p[0] == '0' && len(p) == 2 {
			return "", false
		}
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, "."), true
}

// maxRange bounds the networks that a range is written as; an IPv4 range takes 62
// at most, which nobody would read.
const maxRange = 8

// rangeOf gives the networks that a range of IPv4 addresses is made of:
// "192.0.2.1-192.0.2.9", or "192.0.2.1-9".
func rangeOf(value string) ([]string, bool) {
	a, b, _ := strings.Cut(value, "-")
	if i := strings.LastIndexByte(a, '.'); i > 0 && !strings.Contains(b, ".") {
		b = a[:i+1] + b
	}
	from, err1 := netip.ParseAddr(a)
	to, err2 := netip.ParseAddr(b)
	if err1 != nil || err2 != nil || !from.Is4() || !to.Is4() || to.Less(from) {
		return nil, false
	}
	var nets []string
	for at := from; ; {
		bits := 32
		for bits > 0 {
			p := netip.PrefixFrom(at, bits-1)
			if p.Masked().Addr() != at || to.Less(last(p)) {
				break
			}
			bits--
		}
		p := netip.PrefixFrom(at, bits)
		text := p.String()
		if bits == 32 {
			text = at.String()
		}
		if nets = append(nets, text); len(nets) > maxRange {
			return nil, false
		}
		if last(p) == to {
			return nets, true
		}
		at = last(p).Next()
	}
}

// last gives the last address of an IPv4 network.
func last(p netip.Prefix) netip.Addr {
	a := p.Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		a[i/8] |= 1 << (7 - i%8)
	}
	return netip.AddrFrom4(a)
}

package dns

import (
	"net/netip"
	"time"

	mdns "github.com/miekg/dns"
)

// fromRR converts a record of the library's into ours. Of a type that Record
// has no field for, owner, type and TTL remain.
func fromRR(rr mdns.RR) Record {
	h := rr.Header()
	r := Record{Name: unescapeName(h.Name), Type: Type(h.Rrtype), TTL: seconds(h.Ttl)}
	switch rr := rr.(type) {
	case *mdns.A:
		r.Addr, _ = netip.AddrFromSlice(rr.A)
		r.Addr = r.Addr.Unmap() // the library keeps IPv4 in 4 or 16 octets
	case *mdns.AAAA:
		r.Addr, _ = netip.AddrFromSlice(rr.AAAA)
	case *mdns.CNAME:
		r.Host = unescapeName(rr.Target)
	case *mdns.NS:
		r.Host = unescapeName(rr.Ns)
	case *mdns.PTR:
		r.Host = unescapeName(rr.Ptr)
	case *mdns.MX:
		r.Host, r.Pref = unescapeName(rr.Mx), rr.Preference
	case *mdns.TXT:
		r.Text = make([]string, len(rr.Txt))
		for i, s := range rr.Txt {
			r.Text[i] = Unescape(s)
		}
	default:
		r.setData(rr)
	}
	return r
}

// seconds reads a TTL; one with the top bit set counts as zero (RFC 2181
// section 8).
func seconds(ttl uint32) time.Duration {
	if ttl > 1<<31-1 {
		return 0
	}
	return time.Duration(ttl) * time.Second
}

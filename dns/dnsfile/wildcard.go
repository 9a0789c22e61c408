package dnsfile

import "unspoof/dns"

// wildcard finds the node that answers for a name which does not exist: the
// asterisk below its closest encloser, the longest ancestor that exists (RFC
// 4592 section 3.3.1). nil: there is none, the name does not exist.
func (v *View) wildcard(name string) *node {
	var room [256]byte
	for up, ok := parent(name); ok; up, ok = parent(up) {
		if v.nodes[up] == nil {
			continue
		}
		if up == "" {
			return v.nodes["*"]
		}
		return v.nodes[string(append(append(room[:0], "*."...), up...))]
	}
	return nil
}

// cutAbove names the zone cut that the file's word ends at for name, or gives
// "". At the cut itself the file still knows the NS records (RFC 1034 section
// 4.2.1) and the DS, or that there is none (RFC 4035 section 3.1.4.1); at a DNAME
// only the names below are elsewhere (RFC 6672).
func (v *View) cutAbove(name string, t dns.Type) string {
	for at, ok := name, true; ok; at, ok = parent(at) {
		n := v.nodes[at]
		if n == nil || !n.cut {
			continue
		}
		if at == name && (t == dns.TypeNS || t == dns.TypeDS || n.find(typeDNAME) != nil) {
			continue
		}
		return at
	}
	return ""
}

// markCuts finds the delegations of a zone file: NS records at a name that has
// no SOA of its own but stands below one that has.
func (v *View) markCuts() {
	for name, n := range v.nodes {
		if n.find(typeDNAME) != nil || n.find(dns.TypeNS) != nil && n.find(dns.TypeSOA) == nil && v.belowSOA(name) {
			n.cut, v.cuts = true, true
		}
	}
}

func (v *View) belowSOA(name string) bool {
	for up, ok := parent(name); ok; up, ok = parent(up) {
		if n := v.nodes[up]; n != nil && n.find(dns.TypeSOA) != nil {
			return true
		}
	}
	return false
}

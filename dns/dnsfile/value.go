package dnsfile

import (
	"net/netip"
	"strconv"
	"strings"

	"unspoof/dns"

	"go.yaml.in/yaml/v3"
)

// ownerOf reads an owner in a map of types, where a PTR's may be an address.
func (r *yamlReader) ownerOf(t dns.Type, n *yaml.Node) (string, error) {
	if addr, err := netip.ParseAddr(n.Value); t == dns.TypePTR && err == nil {
		return dns.ReverseName(addr), nil
	}
	return r.owner(n)
}

// values reads what stands for an owner and a type: one value or a list of
// them. For TXT a list of plain strings is one record of several
// character-strings; for MX a list that starts with a number is one record.
func (r *yamlReader) values(o *owner, name string, t dns.Type, n *yaml.Node) error {
	items, err := r.list(n)
	if err != nil {
		return err
	}
	one := n.Kind == yaml.SequenceNode && len(items) > 0 &&
		(t == dns.TypeTXT && allScalars(items) || t == dns.TypeMX && isNumber(items[0]))
	if one {
		return r.value(o, name, t, n)
	}
	for _, item := range items {
		if err := r.value(o, name, t, item); err != nil {
			return err
		}
	}
	return nil
}

// value reads one record, or a word in place of it.
func (r *yamlReader) value(o *owner, name string, t dns.Type, n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		if fault, ok := faultWord(n.Value); ok {
			o.set(t).fault = fault
			return nil
		}
		if n.Value == "NONE" {
			o.set(t)
			return nil
		}
	}
	rec := dns.Record{Name: name, Type: t}
	var err error
	switch t {
	case dns.TypeA, dns.TypeAAAA:
		rec.Addr, err = r.addr(t, n)
	case dns.TypeMX:
		rec.Pref, rec.Host, err = r.exchange(n)
	case dns.TypeTXT, typeSPF:
		rec.Type = dns.TypeTXT
		rec.Text, err = r.text(n)
	case dns.TypeDS, dns.TypeDNSKEY, dns.TypeTLSA, dns.TypeCAA:
		rec, err = r.data(name, t, n)
	default:
		rec.Host, err = r.host(n)
	}
	if err != nil {
		return err
	}
	if s := o.set(t); t == dns.TypeCNAME && len(s.answer.Records) > 0 { // RFC 2181 section 10.1
		return r.errorf(n, "%q is an alias (CNAME) twice; keep one", name)
	}
	s := o.set(t)
	s.answer.Records = append(s.answer.Records, rec)
	return nil
}

func (r *yamlReader) addr(t dns.Type, n *yaml.Node) (netip.Addr, error) {
	text, err := r.scalar(n, "an address")
	if err != nil {
		return netip.Addr{}, err
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" || addr.Is4() != (t == dns.TypeA) {
		family := "IPv4"
		if t == dns.TypeAAAA {
			family = "IPv6"
		}
		return netip.Addr{}, r.errorf(n, "%q: an %s address was expected for type %s", text, family, t)
	}
	return addr, nil
}

// exchange reads [preference, host], "preference host" or a bare host.
func (r *yamlReader) exchange(n *yaml.Node) (uint16, string, error) {
	pref, host := "0", n.Value
	if n.Kind == yaml.SequenceNode {
		items, err := r.list(n)
		if err != nil {
			return 0, "", err
		}
		if len(items) != 2 || items[0].Kind != yaml.ScalarNode || items[1].Kind != yaml.ScalarNode {
			return 0, "", r.errorf(n, "[preference, host] was expected for type MX")
		}
		pref, host = items[0].Value, items[1].Value
	} else if _, err := r.scalar(n, "a host"); err != nil {
		return 0, "", err
	} else if p, h, ok := strings.Cut(n.Value, " "); ok {
		pref, host = p, strings.TrimSpace(h)
	}
	p, err := strconv.ParseUint(pref, 10, 16)
	if err != nil {
		return 0, "", r.errorf(n, "MX preference %q: a number from 0 to 65535 was expected", pref)
	}
	return uint16(p), dns.Canonical(host), nil
}

// data reads a record as a zone file has it.
func (r *yamlReader) data(name string, t dns.Type, n *yaml.Node) (dns.Record, error) {
	text, err := r.scalar(n, "a record as in a zone file")
	if err != nil {
		return dns.Record{}, err
	}
	rec, err := dns.ParseData(t, text)
	if err != nil {
		return dns.Record{}, r.errorf(n, "%q: the data of a %s record was expected, as in a zone file", text, t)
	}
	rec.Name = name
	return rec, nil
}

// text reads one TXT record: a string, or the list of its character-strings.
// An empty list is a record of one empty string, as on the wire (RFC 1035
// section 3.3.14).
func (r *yamlReader) text(n *yaml.Node) ([]string, error) {
	items, err := r.list(n)
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, max(1, len(items)))
	for _, item := range items {
		s, err := r.scalar(item, "a string")
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		out = append(out, "")
	}
	return out, nil
}

func (r *yamlReader) host(n *yaml.Node) (string, error) {
	text, err := r.scalar(n, "a host name")
	return dns.Canonical(text), err
}

func allScalars(items []*yaml.Node) bool {
	for _, n := range items {
		if n.Kind != yaml.ScalarNode {
			return false
		}
	}
	return true
}

func isNumber(n *yaml.Node) bool {
	_, err := strconv.ParseUint(n.Value, 10, 64)
	return n.Kind == yaml.ScalarNode && err == nil
}

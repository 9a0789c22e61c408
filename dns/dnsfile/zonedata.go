package dnsfile

import (
	"strings"

	"unspoof/dns"

	"go.yaml.in/yaml/v3"
)

// zonedata reads the form of the openspf suite: owner → list of one-key maps
// {TYPE: value} and of words. A word (TIMEOUT, SERVFAIL) stands for every type
// without a record; as a value it stands for its type. SPF entries, of a type
// that RFC 7208 section 3.1 took away, are TXT records where the owner has no
// TXT entry of its own; "TXT: NONE" is such an entry, without a record.
func (r *yamlReader) zonedata(s *section, n *yaml.Node) error {
	owners, err := r.pairs(n)
	if err != nil {
		return err
	}
	for _, p := range owners {
		name, err := r.owner(p[0])
		if err != nil {
			return err
		}
		entries, err := r.list(p[1])
		if err != nil {
			return err
		}
		o := s.at(name, p[0].Line)
		for _, e := range entries {
			if err := r.entry(o, name, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// entry reads one item of an owner's list.
func (r *yamlReader) entry(o *owner, name string, e *yaml.Node) error {
	if e.Kind == yaml.ScalarNode {
		fault, ok := faultWord(e.Value)
		if !ok {
			return r.errorf(e, "%q: a record such as {A: 192.0.2.1}, TIMEOUT or SERVFAIL was expected", e.Value)
		}
		o.fault = fault
		return nil
	}
	records, err := r.pairs(e)
	if err != nil {
		return err
	}
	for _, rec := range records {
		if fault, ok := faultWord(rec[0].Value); ok { // "TIMEOUT: true"
			o.fault = fault
			continue
		}
		typ, err := r.typeOf(rec[0])
		if err != nil {
			return err
		}
		read := r.values
		if typ == dns.TypeTXT || typ == typeSPF {
			read = r.value // a list is always one record, even an empty one
		}
		if err := read(o, name, typ, rec[1]); err != nil {
			return err
		}
	}
	return nil
}

// typeSPF is the type that RFC 7208 section 3.1 took away.
const typeSPF dns.Type = 99

func (r *yamlReader) typeOf(n *yaml.Node) (dns.Type, error) {
	if strings.EqualFold(n.Value, "SPF") {
		return typeSPF, nil
	}
	t, ok := dns.ParseType(n.Value)
	if !ok || t == dns.TypeSOA {
		return 0, r.errorf(n, "%q is no type that can stand here; known are A, AAAA, MX, PTR, CNAME, NS, TXT, SPF, DS, DNSKEY, TLSA and CAA", n.Value)
	}
	return t, nil
}

// finish turns SPF entries into TXT records where that is due, and drops the
// marks of NONE.
func (o *owner) finish() {
	spf := o.types[typeSPF]
	delete(o.types, typeSPF)
	if spf != nil && o.types[dns.TypeTXT] == nil {
		spf.typ = dns.TypeTXT
		o.types[dns.TypeTXT] = spf
	}
	for t, s := range o.types {
		if s.none() {
			delete(o.types, t)
		}
	}
}

// none reports a set that was opened by NONE and got no record.
func (s *set) none() bool { return s.fault == "" && len(s.answer.Records) == 0 }

// faultWord reads a word that stands in place of a record.
func faultWord(s string) (dns.FaultKind, bool) {
	switch s {
	case "TIMEOUT":
		return dns.FaultTimeout, true
	case "SERVFAIL":
		return dns.FaultServFail, true
	}
	return "", false
}

// owner reads a name that answers are given for.
func (r *yamlReader) owner(n *yaml.Node) (string, error) {
	if err := dns.CheckName(n.Value); err != nil {
		return "", r.errorf(n, "name %q: %w", n.Value, err)
	}
	return dns.Canonical(n.Value), nil
}

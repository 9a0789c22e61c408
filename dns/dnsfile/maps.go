package dnsfile

import (
	"slices"
	"strings"

	"unspoof/dns"

	"go.yaml.in/yaml/v3"
)

// txt reads owner → one record as a string, or as a list of its
// character-strings; or a list of such lists, for several records.
func (r *yamlReader) txt(s *section, n *yaml.Node) error {
	owners, err := r.pairs(n)
	if err != nil {
		return err
	}
	for _, p := range owners {
		name, err := r.owner(p[0])
		if err != nil {
			return err
		}
		o := s.at(name, p[0].Line)
		if o.fault != "" {
			return r.errorf(p[0], "%q is also said to fail; take it out of one of the lists", name)
		}
		if err := r.values(o, name, dns.TypeTXT, p[1]); err != nil {
			return err
		}
	}
	return nil
}

// names reads a list of names that answer with the fault, or that only exist.
func (r *yamlReader) names(fault dns.FaultKind) func(*section, *yaml.Node) error {
	return func(s *section, n *yaml.Node) error {
		items, err := r.list(n)
		if err != nil {
			return err
		}
		for _, item := range items {
			if _, err := r.scalar(item, "a name"); err != nil {
				return err
			}
			name, err := r.owner(item)
			if err != nil {
				return err
			}
			o := s.at(name, item.Line)
			if fault == "" {
				continue
			}
			if o.fault != "" && o.fault != fault || len(o.types) > 0 {
				return r.errorf(item, "%q stands in more than one list; take it out of the others", name)
			}
			o.fault = fault
		}
		return nil
	}
}

// typeMap reads TYPE → owner → value or list of values. The owners of PTR may
// be addresses.
func (r *yamlReader) typeMap(s *section, n *yaml.Node) error {
	types, err := r.pairs(n)
	if err != nil {
		return err
	}
	for _, p := range types {
		if p[0].Value == "authenticated" {
			if err := r.authenticated(s, p[1]); err != nil {
				return err
			}
			continue
		}
		if slices.Contains([]string{"servfail", "timeout", "exists"}, p[0].Value) {
			fault, _ := faultWord(strings.ToUpper(p[0].Value))
			if err := r.names(fault)(s, p[1]); err != nil {
				return err
			}
			continue
		}
		t, err := r.typeOf(p[0])
		if err != nil {
			return err
		}
		owners, err := r.pairs(p[1])
		if err != nil {
			return err
		}
		for _, q := range owners {
			name, err := r.ownerOf(t, q[0])
			if err != nil {
				return err
			}
			if err := r.values(s.at(name, q[0].Line), name, t, q[1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// authenticated reads a list of names whose answers, and those of all names below
// them, count as checked by DNSSEC. The root, ".", stands for all.
func (r *yamlReader) authenticated(s *section, n *yaml.Node) error {
	items, err := r.list(n)
	if err != nil {
		return err
	}
	for _, item := range items {
		if _, err := r.scalar(item, "a name"); err != nil {
			return err
		}
		name, err := r.owner(item)
		if err != nil {
			return err
		}
		if s.signed == nil {
			s.signed = map[string]bool{}
		}
		s.signed[name] = true
	}
	return nil
}

package dnsfile

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"unspoof/dns"
)

const typeDNAME dns.Type = 39 // RFC 6672

// section is what one document says, before it becomes a view.
type section struct {
	label   string
	line    int
	owners  map[string]*owner
	literal bool            // a recording
	signed  map[string]bool // names at and below which answers are authenticated
	decode  func(any) error
}

// owner is one name in a section.
type owner struct {
	line  int
	types map[dns.Type]*set
	fault dns.FaultKind // for the types without records
}

func newSection() *section {
	return &section{owners: map[string]*owner{}, decode: func(any) error { return errOpaque }}
}

// at gives the owner of that canonical name, new where it is not there yet.
func (s *section) at(name string, line int) *owner {
	o := s.owners[name]
	if o == nil {
		o = &owner{line: line, types: map[dns.Type]*set{}}
		s.owners[name] = o
	}
	return o
}

func (o *owner) set(t dns.Type) *set {
	s := o.types[t]
	if s == nil {
		s = &set{typ: t}
		o.types[t] = s
	}
	return s
}

// add puts in a record whose Name is set.
func (o *owner) add(r dns.Record) {
	s := o.set(r.Type)
	s.answer.Records = append(s.answer.Records, r)
}

// merge makes one section of several, or says which names clash.
func merge(name string, sections []*section) (*section, error) {
	if len(sections) == 1 {
		return sections[0], nil
	}
	all, from := newSection(), map[string]int{}
	clashes := map[string]string{} // by name, the first of each
	for i, s := range sections {
		for n := range s.signed {
			if all.signed == nil {
				all.signed = map[string]bool{}
			}
			all.signed[n] = true
		}
		for n, o := range s.owners {
			first, ok := from[n]
			if !ok {
				from[n], all.owners[n] = i, o
			} else if clashes[n] == "" && !sameOwner(all.owners[n], o) {
				clashes[n] = fmt.Sprintf("%q in %s and %s", n, sections[first].title(first), s.title(i))
			}
		}
	}
	if len(clashes) == 0 {
		return all, nil
	}
	const show = 3
	list, more := slices.Sorted(maps.Values(clashes)), ""
	if len(list) > show {
		more = fmt.Sprintf(", and %d more", len(list)-show)
		list = list[:show]
	}
	return nil, fmt.Errorf("dnsfile: %s: the same name has different records in different documents: %s%s; put each document in a file of its own",
		name, strings.Join(list, "; "), more)
}

func (s *section) title(i int) string {
	t := fmt.Sprintf("document %d", i+1)
	if s.label != "" {
		t += fmt.Sprintf(" (%s)", s.label)
	}
	if s.line > 0 {
		t += fmt.Sprintf(" at line %d", s.line)
	}
	return t
}

func sameOwner(a, b *owner) bool {
	return a.fault == b.fault && reflect.DeepEqual(a.types, b.types)
}

// build makes the view of a section.
func build(name string, s *section) (*View, error) {
	v := &View{server: "file " + name, nodes: make(map[string]*node, 2*len(s.owners)), literal: s.literal, signed: s.signed}
	implied := &node{}
	for n, o := range s.owners {
		v.nodes[n] = o.node()
		if v.literal {
			continue
		}
		v.nodes[n].sign(v.server)
		v.wild = v.wild || n == "*" || strings.HasPrefix(n, "*.")
		for up, ok := parent(n); ok && up != ""; up, ok = parent(up) {
			if _, seen := v.nodes[up]; seen {
				break // and so are those above it
			}
			if s.owners[up] == nil {
				v.nodes[up] = implied // an empty non-terminal (RFC 4592 section 2.2.2)
			}
		}
		if len(v.nodes) > maxNames {
			return nil, fmt.Errorf("dnsfile: %s: more than %d names; cut it down to those that are asked", name, maxNames)
		}
	}
	if !v.literal {
		if v.nodes[""] == nil {
			v.nodes[""] = implied // the root exists
		}
		v.markCuts()
	}
	return v, nil
}

func (o *owner) node() *node {
	n := &node{fault: o.fault, sets: make([]set, 0, len(o.types))}
	for _, s := range o.types {
		n.sets = append(n.sets, *s)
	}
	slices.SortFunc(n.sets, func(a, b set) int { return int(a.typ) - int(b.typ) })
	return n
}

// sign fills in what an answer says beside its records. A recording's answers
// have it already.
func (n *node) sign(server string) {
	for i := range n.sets {
		a := &n.sets[i].answer
		a.Server, a.TTL = server, minTTL(a.Records)
	}
}

func minTTL(records []dns.Record) time.Duration {
	var ttl time.Duration
	for i, r := range records {
		if i == 0 || r.TTL < ttl {
			ttl = r.TTL
		}
	}
	return ttl
}

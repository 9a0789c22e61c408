package dnsfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"unspoof/dns"

	"go.yaml.in/yaml/v3"
)

// yamlReader walks the nodes of one file. It never unfolds more than left
// nodes, however the text refers to itself.
type yamlReader struct {
	name string
	left int
}

func (r *yamlReader) errorf(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("dnsfile: %s: line %d: %w", r.name, n.Line, fmt.Errorf(format, args...))
}

// readYAML gives a section for each document, or each case in one.
func readYAML(name string, data []byte) ([]*section, error) {
	if len(data) > maxYAML {
		return nil, fmt.Errorf("dnsfile: %s: YAML over %d MiB; cut it down, or make it a zone file", name, maxYAML>>20)
	}
	r := &yamlReader{name: name, left: maxNodes}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var sections []*section
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("dnsfile: %s: not readable as YAML: %w; %s", name, err, forms)
		}
		more, err := r.document(&doc)
		if err != nil {
			return nil, err
		}
		sections = append(sections, more...)
	}
	if len(sections) == 0 {
		return nil, fmt.Errorf("dnsfile: %s: nothing in it; %s", name, forms)
	}
	return sections, nil
}

// document reads one document, whose root must be a mapping with a key that is
// known here.
func (r *yamlReader) document(doc *yaml.Node) ([]*section, error) {
	if doc.Kind == yaml.DocumentNode && len(doc.Content) == 1 {
		doc = doc.Content[0]
	}
	if doc.Kind == yaml.ScalarNode && doc.Tag == "!!null" {
		return nil, nil
	}
	if cases := child(doc, "cases"); cases != nil {
		return r.cases(cases)
	}
	s, found, err := r.section(doc)
	if err == nil && !found {
		err = r.errorf(doc, `no DNS data here: none of the keys "zonedata", "txt", "servfail", "timeout", "exists", "dns" or "cases", nor a map of types such as "TXT"; %s`, forms)
	}
	return []*section{s}, err
}

// cases reads a list of cases with answers of their own.
func (r *yamlReader) cases(list *yaml.Node) ([]*section, error) {
	items, err := r.list(list)
	if err != nil {
		return nil, err
	}
	var sections []*section
	any := false
	for _, item := range items {
		s, found, err := r.section(item)
		if err != nil {
			return nil, err
		}
		any = any || found
		sections = append(sections, s)
	}
	if !any {
		return nil, r.errorf(list, `no case has "zonedata", "txt", "servfail", "timeout", "exists" or "dns"; %s`, forms)
	}
	return sections, nil
}

// section reads every key of a mapping that holds answers; found tells whether
// there was one.
func (r *yamlReader) section(doc *yaml.Node) (s *section, found bool, err error) {
	if doc.Kind != yaml.MappingNode {
		return nil, false, r.errorf(doc, "a mapping was expected (key: value); %s", forms)
	}
	s = newSection()
	s.line, s.decode = doc.Line, doc.Decode
	readers := map[string]func(*section, *yaml.Node) error{
		"zonedata": r.zonedata, "txt": r.txt, "dns": r.typeMap,
		"servfail": r.names(dns.FaultServFail), "timeout": r.names(dns.FaultTimeout), "exists": r.names(""),
		"authenticated": r.authenticated,
	}
	types, any := true, false
	for i := 0; i+1 < len(doc.Content); i += 2 {
		key, value := doc.Content[i], doc.Content[i+1]
		if key.Value == "description" || key.Value == "name" {
			s.label = oneLine(value.Value)
		}
		if read := readers[key.Value]; read != nil {
			found = found || key.Value != "authenticated" // which is no answer by itself
			if err := read(s, value); err != nil {
				return nil, false, err
			}
			continue
		}
		t, ok := dns.ParseType(key.Value)
		ok = ok && t.String() == key.Value // "a: …" is no type here
		types, any = types && ok, any || ok
	}
	if !found && types && any {
		found = true
		err = r.typeMap(s, doc)
	}
	for _, o := range s.owners {
		o.finish()
	}
	return s, found, err
}

// pairs gives keys and values of a mapping, aliases resolved, no key twice.
func (r *yamlReader) pairs(n *yaml.Node) ([][2]*yaml.Node, error) {
	n, err := r.resolve(n)
	if err != nil {
		return nil, err
	}
	if n.Kind != yaml.MappingNode {
		return nil, r.errorf(n, "a mapping was expected (key: value)")
	}
	seen := make(map[string]int, len(n.Content)/2)
	out := make([][2]*yaml.Node, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, err := r.resolve(n.Content[i])
		if err != nil {
			return nil, err
		}
		value, err := r.resolve(n.Content[i+1])
		if err != nil {
			return nil, err
		}
		if key.Kind != yaml.ScalarNode {
			return nil, r.errorf(key, "a name was expected as key")
		}
		name := dns.Canonical(key.Value)
		if line, twice := seen[name]; twice {
			return nil, r.errorf(key, "%q stands here and on line %d; join the two", key.Value, line)
		}
		seen[name] = key.Line
		out = append(out, [2]*yaml.Node{key, value})
	}
	return out, nil
}

// list gives the items of a sequence, or the one value that stands for it.
func (r *yamlReader) list(n *yaml.Node) ([]*yaml.Node, error) {
	n, err := r.resolve(n)
	if err != nil {
		return nil, err
	}
	if n.Kind != yaml.SequenceNode {
		return []*yaml.Node{n}, nil
	}
	out := make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		if out[i], err = r.resolve(item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// resolve follows an alias, and counts.
func (r *yamlReader) resolve(n *yaml.Node) (*yaml.Node, error) {
	if r.left--; r.left < 0 {
		return nil, r.errorf(n, "more than %d values; cut the file down to the names that are asked", maxNodes)
	}
	if n.Kind == yaml.AliasNode {
		return n.Alias, nil
	}
	return n, nil
}

// scalar gives the text of a single value.
func (r *yamlReader) scalar(n *yaml.Node, what string) (string, error) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return "", r.errorf(n, "%s was expected", what)
	}
	return n.Value, nil
}

func child(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

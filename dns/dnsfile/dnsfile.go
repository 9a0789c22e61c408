// Package dnsfile answers DNS questions from a file instead of the network,
// and records the network's answers into one.
//
// A file is one of: a zone file (RFC 1035 section 5); YAML with "zonedata", the
// form of the openspf test suite, or that suite as JSON ("scenarios"); YAML
// with the maps "txt", "servfail", "timeout" and "exists", at the top or in
// each of a list of "cases"; YAML with a map "dns" of types, as in a profile;
// or a recording by [Recorder]. Which one it is is seen from what it holds,
// never from its name. docs/dns-files.md shows an example of each.
//
// It does not answer for others: there is no server here and no zone transfer. It
// checks no signatures: DNSSEC's records are given like any other, and which answers
// are authenticated is what the file says ("authenticated", or as recorded). Of names
// that a file does not hold it says that they don't exist, as a whole DNS would; a file
// of one zone so knows nothing of the rest of the world.
package dnsfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"unspoof/dns"
)

// Limits on a file. A zone of 100,000 records has about 6 MB.
const (
	maxSize = 16 << 20 // octets of any file
	maxYAML = 4 << 20  // octets of YAML, whose parser needs a hundred times that
	// maxNodes bounds the records, names and words read from one YAML file:
	// aliases let a short text unfold to a long one.
	maxNodes = 1 << 18
	// maxNames bounds the names of a view, with those that exist only because
	// something stands below them: a name of 253 octets implies 126.
	maxNames = 1 << 19
)

const forms = `unspoof reads a zone file, YAML with "zonedata", "txt" or "dns", the JSON of an SPF suite, or a recording made with --record-dns; see docs/dns-files.md`

// Open reads the file at path; see [Parse].
func Open(path string) (*View, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("dnsfile: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("dnsfile: %w", err)
	}
	return Parse(path, data)
}

// Parse reads data as one view. name stands in errors and in [dns.Answer]'s
// Server. A file of several documents or cases is one view when no name is in
// two of them with different records; else the error says which are, and
// [Documents] gives each for itself. data is not kept.
func Parse(name string, data []byte) (*View, error) {
	sections, err := read(name, data)
	if err != nil {
		return nil, err
	}
	merged, err := merge(name, sections)
	if err != nil {
		return nil, err
	}
	return build(name, merged)
}

// Document is one part of a file that answers for itself: a YAML document, a
// case of a list, a scenario of a JSON suite, or a whole file of another form.
type Document struct {
	Label  string // its "description" or "name"; may be empty
	Line   int    // where it starts, counted from 1; 0 is not known
	View   *View
	decode func(any) error
}

// Decode puts the document itself, with what else stands in it (such as the
// tests of a suite), into v as package yaml, or json for a JSON suite, would.
// A zone file and a recording cannot be decoded.
func (d Document) Decode(v any) error { return d.decode(v) }

// Documents reads data as [Parse] does, but gives a view for each document.
func Documents(name string, data []byte) ([]Document, error) {
	sections, err := read(name, data)
	if err != nil {
		return nil, err
	}
	docs := make([]Document, len(sections))
	for i, s := range sections {
		v, err := build(name, s)
		if err != nil {
			return nil, err
		}
		docs[i] = Document{Label: s.label, Line: s.line, View: v, decode: s.decode}
	}
	return docs, nil
}

var errOpaque = errors.New("dnsfile: a zone file or a recording holds nothing else to decode")

// read finds the form and reads the parts.
func read(name string, data []byte) ([]*section, error) {
	if len(data) > maxSize {
		return nil, fmt.Errorf("dnsfile: %s: over %d MiB; cut it down to the names that are asked", name, maxSize>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	switch form := detect(data); form {
	case formEmpty:
		return nil, fmt.Errorf("dnsfile: %s: nothing in it; %s", name, forms)
	case formZone:
		return readZone(name, data)
	case formRecording:
		return readRecording(name, data)
	case formSuite:
		return readSuite(name, data)
	case formYAML:
		return readYAML(name, data)
	}
	return nil, fmt.Errorf("dnsfile: %s: not a form of DNS data that is known here; %s", name, forms)
}

func readZone(name string, data []byte) ([]*section, error) {
	records, err := dns.ParseZone(name, data)
	if err != nil {
		return nil, fmt.Errorf("dnsfile: %w", err)
	}
	s := newSection()
	for _, r := range records {
		s.at(r.Name, 0).add(r)
	}
	return []*section{s}, nil
}

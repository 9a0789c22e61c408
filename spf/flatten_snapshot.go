package spf

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"unspoof/dns"
)

// SnapshotSchema is the version of the form of Snapshot.
const SnapshotSchema = 1

// Snapshot is what a flattened record was made from, so that [Drift] can tell when
// that changes. Its JSON is the form of the file that people keep.
type Snapshot struct {
	Schema int    `json:"schema"` // SnapshotSchema
	Domain string `json:"domain"`
	// Taken is when, left out where that was not given.
	Taken   time.Time   `json:"taken,omitzero"`
	Record  string      `json:"record"`  // that was flattened
	Publish []Published `json:"publish"` // what was made of it
	// Earlier lists what was made of it before, newest first, as far as Publish may
	// not be in its place yet: records of the domain.
	Earlier []string `json:"earlier,omitempty"`
	// TTL is the smallest of all answers in seconds: how long they are good for.
	TTL   int            `json:"ttl"`
	Terms []SnapshotTerm `json:"terms"`
}

// SnapshotTerm is a flattened term of the record.
type SnapshotTerm struct {
	Term    string           `json:"term"`
	Parts   []SnapshotPart   `json:"parts"`   // what it stood for, in order
	Sources []SnapshotSource `json:"sources"` // where that came from
}

// SnapshotPart is a list of ranges, or a term that was kept as it is.
type SnapshotPart struct {
	Result Word    `json:"result"`           // for whom it matches
	Ranges []Range `json:"ranges,omitempty"` // disjoint, in order
	Term   string  `json:"term,omitempty"`
}

// SnapshotSource is an answer that a flattened term rests on.
type SnapshotSource struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"`             // "TXT", "A", "AAAA", "MX"
	TTL    int      `json:"ttl"`              // in seconds
	Server string   `json:"server,omitempty"` // who answered
	Ranges []Range  `json:"ranges"`           // that the answer lists: the ip4 and ip6 of a record, addresses
	Names  []string `json:"names,omitempty"`  // mail exchangers
	Text   string   `json:"text,omitempty"`   // of a record
}

// maxSnapshot bounds the octets of a snapshot: the largest record that can be
// flattened has a few thousand ranges.
const maxSnapshot = 16 << 20

// maxListedIn bounds the parts and the sources of one term of a snapshot.
const maxListedIn = 1 << 12

// ErrSnapshot is wrapped where a snapshot can't be used.
var ErrSnapshot = errors.New("not a snapshot of a flattened SPF record")

// ParseSnapshot reads the JSON of a Snapshot, of at most 16 MiB. The error wraps
// ErrSnapshot.
func ParseSnapshot(data []byte) (s Snapshot, err error) {
	if len(data) > maxSnapshot {
		return s, fmt.Errorf("spf: %d octets, at most %d are read: %w", len(data), maxSnapshot, ErrSnapshot)
	}
	var version struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return s, fmt.Errorf("spf: %w: %w", ErrSnapshot, err)
	}
	if version.Schema != SnapshotSchema {
		return s, fmt.Errorf("spf: schema %d, this program reads %d: %w", version.Schema, SnapshotSchema, ErrSnapshot)
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return Snapshot{}, fmt.Errorf("spf: %w: %w", ErrSnapshot, err)
	}
	if err := s.check(); err != nil {
		return Snapshot{}, fmt.Errorf("spf: %w: %w", ErrSnapshot, err)
	}
	return s, nil
}

// check says what in a snapshot makes no sense.
func (s *Snapshot) check() error {
	if s.Schema != SnapshotSchema {
		return fmt.Errorf("schema %d", s.Schema)
	}
	if _, cause := fullName(s.Domain); cause != "" {
		return errors.New(cause)
	}
	if _, err := Parse(s.Record); err != nil {
		return err
	}
	if len(s.Publish) == 0 || len(s.Publish) > maxNames+1 {
		return fmt.Errorf("%d records to publish", len(s.Publish))
	}
	if len(s.Earlier) > maxEarlier {
		return fmt.Errorf("%d records made earlier", len(s.Earlier))
	}
	for _, p := range s.Publish {
		if _, cause := fullName(p.Name); cause != "" {
			return errors.New(cause)
		}
	}
	if len(s.Terms) > maxReadTerms {
		return fmt.Errorf("%d terms", len(s.Terms))
	}
	empty := func(r Range) bool { return !r.From.IsValid() || !r.To.IsValid() }
	for _, t := range s.Terms {
		if len(t.Parts) > maxListedIn || len(t.Sources) > maxListedIn {
			return fmt.Errorf("%q has %d parts and %d sources", clip(t.Term), len(t.Parts), len(t.Sources))
		}
		rec, err := Parse(version + " " + t.Term)
		if err != nil {
			return err
		}
		if len(rec.Terms) != 1 || rec.Terms[0].Text != t.Term || !rec.Terms[0].Kind.Counts() {
			return fmt.Errorf("%q is not one term that needs DNS", clip(t.Term))
		}
		for _, p := range t.Parts {
			if slices.Index(partWords[:], p.Result) < 0 {
				return fmt.Errorf("%q is no result of a match", clip(string(p.Result)))
			}
			if slices.ContainsFunc(p.Ranges, empty) {
				return fmt.Errorf("%q has an empty range", clip(t.Term))
			}
		}
		for _, source := range t.Sources {
			if slices.ContainsFunc(source.Ranges, empty) {
				return fmt.Errorf("%q has an empty range", clip(t.Term))
			}
		}
	}
	return nil
}

// partWords are the results in the order of parts.
var partWords = [...]Word{Pass, Fail, SoftFail, Neutral}

// parts gives decisions in one form, whatever order and networks they came in.
func parts(list []claim) []SnapshotPart {
	out := []SnapshotPart{}
	var decided [2][]span
	list = distinct(list)
	for len(list) > 0 && !isEveryone(decided) {
		if c := &list[0]; c.text != "" {
			out = append(out, SnapshotPart{Result: c.word, Term: c.text})
			list = list[1:]
			continue
		}
		var byWord [len(partWords)][2][]span
		for len(list) > 0 && list[0].text == "" {
			nets, n := together(list)
			w := slices.Index(partWords[:], list[0].word)
			byWord[w] = plus(byWord[w], minus(nets, decided))
			decided = plus(decided, nets)
			list = list[n:]
		}
		for w, nets := range byWord {
			if !empty(nets) {
				out = append(out, SnapshotPart{Result: partWords[w], Ranges: ranges(nets)})
			}
		}
	}
	return out
}

// distinct leaves kept terms out that stand in list before: for whom they match, that
// is decided.
func distinct(list []claim) (out []claim) {
	seen := map[string]bool{}
	for i := range list {
		if c := &list[i]; c.text == "" || !seen[c.text] {
			seen[c.text] = true
			out = append(out, *c)
		}
	}
	return out
}

// snapshot notes what the chosen terms stood for.
func (f *flattener) snapshot(a FlattenArgs) Snapshot {
	s := Snapshot{Schema: SnapshotSchema, Domain: f.out.Domain, Taken: a.Time, Record: f.out.Record, Publish: f.out.Publish, Terms: []SnapshotTerm{}}
	for i := range f.own {
		if o := &f.own[i]; o.chosen {
			t := SnapshotTerm{Term: o.term.Text, Parts: parts(o.list), Sources: f.reader.sources(o.sub)}
			for _, source := range t.Sources {
				if source.TTL > 0 && (s.TTL == 0 || source.TTL < s.TTL) {
					s.TTL = source.TTL
				}
			}
			s.Terms = append(s.Terms, t)
		}
	}
	return s
}

// sources lists the answers that a term rests on, each once.
func (r *reader) sources(s *sub) []SnapshotSource {
	c := collector{reader: r, out: []SnapshotSource{}, seen: map[dns.Question]bool{}}
	c.term(s)
	return c.out
}

type collector struct {
	reader *reader
	out    []SnapshotSource
	seen   map[dns.Question]bool
}

func (c *collector) term(s *sub) {
	if s.hangs || s.senders {
		return
	}
	if s.hosted > 0 {
		c.add(s.name, dns.TypeMX)
	}
	for _, h := range s.hosts {
		if h.exists {
			c.add(h.name, dns.TypeA)
			continue
		}
		c.add(h.name, dns.TypeA)
		c.add(h.name, dns.TypeAAAA)
	}
	asked := s.inner != nil
	if s.err != nil && s.hosted == 0 { // no record, or a broken one
		_, asked = c.reader.answers[dns.Question{Name: dns.Canonical(s.name), Type: dns.TypeTXT}]
	}
	if !asked || !c.add(s.name, dns.TypeTXT) || s.inner == nil {
		return
	}
	for i := range s.inner.subs {
		c.term(&s.inner.subs[i])
	}
}

// add notes an answer, and reports whether it is a new one.
func (c *collector) add(name string, typ dns.Type) bool {
	q := dns.Question{Name: dns.Canonical(name), Type: typ}
	if c.seen[q] {
		return false
	}
	c.seen[q] = true
	a := c.reader.answers[q]
	s := SnapshotSource{Name: q.Name, Type: typ.String(), TTL: int(a.TTL / time.Second), Server: a.Server, Ranges: []Range{}}
	for i := range a.Records {
		rec := &a.Records[i]
		switch typ {
		case dns.TypeMX:
			s.Names = append(s.Names, rec.Host)
		case dns.TypeA, dns.TypeAAAA:
			if rec.Addr.IsValid() {
				s.Ranges = append(s.Ranges, Range{rec.Addr, rec.Addr})
			}
		}
	}
	if typ == dns.TypeTXT {
		strs, _ := selectRecord(a.Records)
		s.Text = strings.Join(strs, "")
		s.Ranges = append(s.Ranges, ranges(c.reader.records[s.Text].networks())...)
	}
	slices.Sort(s.Names)
	slices.SortFunc(s.Ranges, func(a, b Range) int { return a.From.Compare(b.From) })
	c.out = append(c.out, s)
	return true
}

// networks merges the ip4 and ip6 terms of a record, whatever their qualifiers.
func (r record) networks() (out [2][]span) {
	for i := range r.terms {
		switch t := &r.terms[i]; t.kind {
		case KindIP4:
			out[ipv4] = append(out[ipv4], t.span(t.network, ipv4))
		case KindIP6:
			out[ipv6] = append(out[ipv6], t.span(t.network, ipv6))
		}
	}
	for f := range out {
		out[f] = family(f).merge(out[f])
	}
	return out
}

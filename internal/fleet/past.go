package fleet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"

	"unspoof/posture"
)

// past is a file of reports, of which only the places are kept in memory: by the
// hash of the domain, since a name itself would take three times as much.
type past struct {
	file *os.File
	seed maphash.Seed
	at   map[uint64]int64
	low  int64 // place of the first report, -1 none
}

// header is the first line of a journal.
type header struct {
	Journal int    `json:"journal"` // version of the form
	Options string `json:"options"`
	List    string `json:"list"`
	Begun   string `json:"begun"`
}

// saved is every other line. Domain and Open stand before the report, so that
// they can be read without it.
type saved struct {
	Domain string         `json:"domain"`
	Open   int            `json:"open"` // questions that DNS left open
	Report posture.Report `json:"report"`
	// Last is the last report to which DNS answered everything, where Report is
	// none such and the run's baseline had one: a later run compares with it, and a
	// night of silence makes nothing look new.
	Last *posture.Report `json:"last,omitempty"`
}

const journalVersion = 1

// errNoReports: a file that holds something else.
var errNoReports = errors.New("holds no reports: neither the JSON of unspoof check nor a journal")

func newPast(f *os.File) *past {
	return &past{file: f, seed: maphash.MakeSeed(), at: map[uint64]int64{}, low: -1}
}

func (p *past) len() int { return len(p.at) }

func (p *past) note(domain string, at int64) {
	p.at[maphash.String(p.seed, domain)] = at
	if p.low < 0 {
		p.low = at
	}
}

// find reads the report on a domain to compare with; a place whose text is
// damaged, or is another's of the same hash, holds none.
func (p *past) find(domain string) (posture.Report, bool) {
	at, ok := p.at[maphash.String(p.seed, domain)]
	if !ok {
		return posture.Report{}, false
	}
	r, ok := p.read(at)
	return r, ok && r.Domain == domain
}

// first reads the first report.
func (p *past) first() (posture.Report, bool) {
	if p.low < 0 {
		return posture.Report{}, false
	}
	return p.read(p.low)
}

func (p *past) read(at int64) (posture.Report, bool) {
	var s struct {
		posture.Report                 // an element of "domains"
		Line           *posture.Report `json:"report"` // a line of a journal
		Last           *posture.Report `json:"last"`
	}
	r := bufio.NewReader(io.NewSectionReader(p.file, at, 1<<62-at))
	for { // in a document, a place is the end of the element before
		c, err := r.ReadByte()
		if err != nil {
			return posture.Report{}, false
		}
		if c == '{' {
			r.UnreadByte()
			break
		}
	}
	if json.NewDecoder(r).Decode(&s) != nil {
		return posture.Report{}, false
	}
	switch {
	case s.Line != nil && s.Last != nil && s.Last.Domain == s.Line.Domain:
		s.Report = *s.Last
	case s.Line != nil:
		s.Report = *s.Line
	}
	return s.Report, true
}

// maxSaved bounds a line of a journal; a report takes some ten kilobytes.
const maxSaved = 16 << 20

// scanJournal finds the reports of a journal. With open, those with questions
// left open count too. It gives where the last whole line ends: after it stands
// what a run wrote as it was killed.
func (p *past) scanJournal(open bool) (h header, end int64, err error) {
	r := bufio.NewReaderSize(io.NewSectionReader(p.file, 0, 1<<62), 1<<16)
	for n := 1; ; n++ {
		line, err := boundedLine(r)
		if errors.Is(err, io.EOF) && n > 1 {
			return h, end, nil
		}
		if errors.Is(err, io.EOF) {
			return h, end, errNoReports // not one whole line
		}
		if err != nil {
			return h, end, err
		}
		if n == 1 {
			if json.Unmarshal(line, &h) != nil || h.Journal == 0 {
				return h, end, errNoReports
			}
			if h.Journal != journalVersion {
				return h, end, fmt.Errorf("is of version %d, and this program reads version %d", h.Journal, journalVersion)
			}
		} else if s, ok := beforeReport(line); ok && (open || s.Open == 0) {
			p.note(s.Domain, end)
		}
		end += int64(len(line))
	}
}

// boundedLine reads a line with its end; io.EOF: there is no whole one any more.
func boundedLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if err == nil && line == nil {
			return part, nil
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
		if len(line) > maxSaved {
			return nil, fmt.Errorf("has a line of more than %d MiB", maxSaved>>20)
		}
	}
}

// beforeReport reads the line of a journal up to the report.
func beforeReport(line []byte) (s saved, ok bool) {
	front, _, ok := bytes.Cut(line, []byte(`,"report":`))
	if !ok || json.Unmarshal(append(bytes.Clone(front), '}'), &s) != nil {
		return saved{}, false
	}
	return s, s.Domain != ""
}

// scanDocument finds the reports of what unspoof check --json printed.
func (p *past) scanDocument() error {
	dec := json.NewDecoder(io.NewSectionReader(p.file, 0, 1<<62))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errNoReports
	}
	found := false
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return damaged(err)
		}
		if key != "domains" {
			var other json.RawMessage
			if err := dec.Decode(&other); err != nil {
				return damaged(err)
			}
			if key == "partial" && string(other) == "true" {
				return ErrPartial
			}
			if key == "schema" && string(other) != "1" {
				return fmt.Errorf("is of schema %.20s, and this program reads schema 1", other)
			}
			continue
		}
		found = true
		if t, err := dec.Token(); err != nil || t != json.Delim('[') {
			return errNoReports
		}
		for dec.More() {
			at := dec.InputOffset()
			var s struct {
				Domain string `json:"domain"`
			}
			if err := dec.Decode(&s); err != nil {
				return damaged(err)
			}
			if s.Domain == "" {
				return errNoReports
			}
			p.note(s.Domain, at)
		}
		if _, err := dec.Token(); err != nil {
			return damaged(err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return damaged(err)
	}
	if !found {
		return errNoReports
	}
	return nil
}

func damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("ends in the middle; the run that wrote it was stopped")
	}
	return fmt.Errorf("is damaged: %w", err)
}

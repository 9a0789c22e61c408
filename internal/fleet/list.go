package fleet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"strings"

	"unspoof/dmarc"
	"unspoof/orgdomain"
)

const (
	// maxLine is the longest line that may hold a name, with a comment.
	maxLine = 4096

	// maxShown bounds what is repeated of a line, in octets.
	maxShown = 200
)

// lines reads lists and gives every line that is not empty: a domain or the
// reason why it is none.
type lines struct {
	lists []List
	seed  maphash.Seed
	seen  map[uint64]place // by the hash of the name
}

// place is where a name was met first. Names are remembered by a hash, with a
// key that no author of a list knows: that two of a million are mixed up happens
// once in thirty million runs.
type place struct{ list, line int32 }

// entry is one line of a list.
type entry struct {
	domain string
	list   string
	line   int
	text   string
	reason string // why it is skipped; "" for a domain
}

func newLines(lists []List) *lines {
	return &lines{lists: lists, seed: maphash.MakeSeed(), seen: map[uint64]place{}}
}

// each calls found for every entry until that returns false.
func (l *lines) each(found func(entry) bool) error {
	for i, list := range l.lists {
		r := bufio.NewReaderSize(list.Reader, maxLine)
		for n := 1; ; n++ {
			text, whole, err := nextLine(r)
			if err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("fleet: line %d of the list %s: %w", n, list.Name, err)
			}
			if n == 1 && wide(text) {
				return fmt.Errorf("fleet: the list %s %w", list.Name, ErrUTF16)
			}
			if n == 1 {
				text = bytes.TrimPrefix(text, []byte("\ufeff"))
			}
			if e, ok := l.entry(i, n, text, whole); ok && !found(e) {
				return nil
			}
			if err != nil {
				break
			}
			if len(l.seen) > MaxDomains {
				return ErrTooMany
			}
		}
	}
	return nil
}

// ErrUTF16 ends a run at a list in which every other octet is none: every line of
// it would be refused.
var ErrUTF16 = errors.New("is written in UTF-16; save it as UTF-8")

// wide reports the mark of UTF-16 at the beginning of a text, or Latin letters in
// it.
func wide(text []byte) bool {
	return bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) ||
		len(text) > 1 && (text[0] == 0) != (text[1] == 0)
}

// nextLine reads a line; of one that is too long it gives the beginning, whole
// being false. io.EOF may come with the last line.
func nextLine(r *bufio.Reader) (text []byte, whole bool, err error) {
	text, err = r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return text, true, err
	}
	text = bytes.Clone(text)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = r.ReadSlice('\n')
	}
	return text, false, err
}

// entry reads one line; ok is false for one that holds nothing.
func (l *lines) entry(list, n int, raw []byte, whole bool) (e entry, ok bool) {
	raw, _, _ = bytes.Cut(raw, []byte("#"))
	text := strings.TrimSpace(string(raw))
	if text == "" {
		return entry{}, false
	}
	e = entry{list: l.lists[list].Name, line: n, text: clip(text)}
	if !whole {
		e.reason = fmt.Sprintf("is longer than %d octets", maxLine)
		return e, true
	}
	e.domain, e.reason = DomainIn(text)
	if e.reason != "" {
		return e, true
	}
	h := maphash.String(l.seed, e.domain)
	if first, twice := l.seen[h]; twice {
		e.reason = "is there already"
		if int(first.list) == list && e.list != "" {
			e.reason = fmt.Sprintf("is there already, in line %d", first.line)
		}
		return e, true
	}
	l.seen[h] = place{int32(list), int32(n)}
	return e, true
}

// DomainIn gives the domain that a line names, or the reason why it names none, a
// sentence's part as in [Skipped].
func DomainIn(text string) (domain, reason string) {
	switch {
	case strings.Contains(text, "@"):
		return "", "is an address, not a domain; give the part after the @"
	case strings.Contains(text, "/"):
		return "", "is a web address, not a domain; give the domain alone"
	case strings.ContainsAny(text, " \t,;"):
		return "", "is more than a domain; write one name a line"
	}
	domain, err := dmarc.Domain(text)
	if err != nil {
		// The text itself, of whatever length, stands before.
		text := err.Error()
		return "", clip("is " + text[max(0, strings.LastIndex(text, orgdomain.ErrName.Error())):])
	}
	if !strings.Contains(domain, ".") {
		return "", "is not a domain name; write it as example.com"
	}
	return domain, ""
}

// clip shortens text from outside; it never cuts a character in two.
func clip(s string) string {
	if len(s) <= maxShown {
		return s
	}
	return strings.ToValidUTF8(s[:maxShown], "") + "…"
}

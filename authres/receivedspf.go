package authres

import (
	"fmt"
	"strings"
)

// NameReceivedSPF is the name of the older field.
const NameReceivedSPF = "Received-SPF"

// ReceivedSPF is one Received-SPF field (RFC 7208 section 9.1). It names no
// writer that could be checked: only one above the Received field of one's own
// server can be relied on.
type ReceivedSPF struct {
	Result  string `json:"result"` // lower case: "pass", "softfail"
	Comment string `json:"comment,omitempty"`
	Pairs   []Pair `json:"pairs"` // in order
}

// Pair is "client-ip=192.0.2.1" and the like.
type Pair struct {
	Key   string `json:"key"`   // lower case
	Value string `json:"value"` // quotes removed
}

// Get gives the first value of a key (lower case): "client-ip",
// "envelope-from", "helo", "identity", "mechanism", "problem", "receiver".
func (r ReceivedSPF) Get(key string) (value string, ok bool) {
	for _, p := range r.Pairs {
		if p.Key == key {
			return p.Value, true
		}
	}
	return "", false
}

// ParseReceivedSPF reads the value of a Received-SPF field, folded or not. It
// takes values that lack quotes, and blanks where semicolons are missing, as
// they are common; anything else that is not in the grammar is a *SyntaxError.
func ParseReceivedSPF(value string) (ReceivedSPF, error) {
	if len(value) > maxValue {
		return ReceivedSPF{}, &SyntaxError{maxValue, "the field is longer than 64 KiB"}
	}
	s := &scanner{s: value}
	r := s.receivedSPF()
	if s.err != nil {
		return ReceivedSPF{}, s.err
	}
	return r, nil
}

func (s *scanner) receivedSPF() ReceivedSPF {
	r := ReceivedSPF{Pairs: []Pair{}}
	s.cfws()
	start := s.pos
	if r.Result = s.keyword(); r.Result == "" {
		s.fail(start, "no result")
		return r
	}
	comment, apart := s.cfws()
	r.Comment = comment
	for s.pos < len(s.s) {
		if s.take(';') {
			apart = true
			s.cfws()
			continue
		}
		start = s.pos
		p := Pair{Key: s.keyword()}
		switch {
		case p.Key == "" || !apart:
			s.fail(start, "no key")
			return r
		case len(r.Pairs) == maxResults:
			s.fail(start, "more than 200 keys")
			return r
		}
		s.cfws()
		s.equals()
		s.cfws()
		p.Value = s.value()
		r.Pairs = append(r.Pairs, p)
		_, apart = s.cfws()
	}
	return r
}

// Format gives the value of the field as Field.Format does, with the same care
// for what comes from outside.
func (r ReceivedSPF) Format() (string, error) {
	if !isWord(r.Result) {
		return "", fmt.Errorf("authres: SPF result %q: %w", r.Result, ErrWrite)
	}
	l := folder{column: len(NameReceivedSPF + ": ")}
	l.add(r.Result)
	if r.Comment != "" {
		l.add(parenthesise(r.Comment))
	}
	for i, p := range r.Pairs {
		if !isWord(p.Key) {
			return "", fmt.Errorf("authres: SPF key %q: %w", p.Key, ErrWrite)
		}
		if i > 0 {
			l.end(";")
		}
		l.add(p.Key + "=" + quoteUnlessDotAtom(p.Value))
	}
	return l.String(), nil
}

// quoteUnlessDotAtom gives a value in the form of RFC 7208 section 9.1.
func quoteUnlessDotAtom(value string) string {
	value = clean(value)
	for atom := range strings.SplitSeq(value, ".") { // RFC 5322 section 3.2.3
		if atom == "" || strings.IndexFunc(atom, notAtext) >= 0 {
			return `"` + escape(value, `\"`) + `"`
		}
	}
	return value
}

// notAtext leaves out the equals sign as well, which readers may take for that
// of a key.
func notAtext(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune(`()<>@,;:\"/[].=`, r)
}

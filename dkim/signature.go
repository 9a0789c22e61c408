package dkim

import (
	"encoding/base64"
	"strings"
	"time"
)

// Kind is the protocol that a signature field belongs to.
type Kind uint8

const (
	// DKIM is a DKIM-Signature field (RFC 6376 section 3.5).
	DKIM Kind = iota
	// ARCMessage is an ARC-Message-Signature field (RFC 8617 section 4.1.2):
	// no v=, and i= is the instance of its set instead of an identity.
	ARCMessage
	// ARCSeal is an ARC-Seal field (RFC 8617 section 4.1.3): neither v= nor
	// h=, bh=, c= or l=; it covers the fields of ARC sets, relaxed.
	ARCSeal
)

// Signature is what a signature field says, checked as far as it can be without
// key, message and clock.
type Signature struct {
	Kind Kind
	// Domain and Selector are d= and s= as written, which may be U-labels (RFC
	// 8616 section 5).
	Domain, Selector string
	// Identity is i=, decoded, "@" and Domain where the field has none. Its
	// local part can hold any octet but controls: quote it where it is written.
	// Of the ARC kinds it is the instance in digits.
	Identity    string
	Algorithm   Algorithm
	HeaderCanon Canonicalization
	BodyCanon   Canonicalization
	Signed      []string  // h=, names as written, in order
	Length      int64     // l= in octets of the canonical body; -1 without it
	Time        time.Time // t=; zero without it
	Expires     time.Time // x=; zero without it
	BodyHash    []byte    // bh=, decoded: 32 octets, 20 with rsa-sha1
	Value       []byte    // b=, decoded
	Tags        Tags      // everything, as written

	raw string // the field as it stands in the message
}

// ParseSignature reads a whole field, from its name to its line end (RFC 6376
// section 6.1.1). The error is a *Fault with the word PermError, or Neutral for
// a version other than 1; the Signature then holds what could be read.
func ParseSignature(field []byte, kind Kind) (Signature, error) {
	s, f := parseSignature(field, kind)
	if f != nil {
		return s, f
	}
	return s, nil
}

func parseSignature(field []byte, kind Kind) (Signature, *Fault) {
	s := Signature{Kind: kind, raw: string(field), Length: -1}
	tags, fault := parseTags(make(Tags, 0, 12), s.raw, strings.IndexByte(s.raw, ':')+1)
	s.Tags = tags
	s.Domain, _ = tags.Get("d")
	s.Selector, _ = tags.Get("s")
	if a, ok := tags.Get("a"); ok {
		s.Algorithm = Algorithm(a)
	}
	if fault == nil {
		fault = s.read()
	}
	return s, fault
}

// read checks the tags in the order in which a reader wants the faults told.
func (s *Signature) read() *Fault {
	if s.Kind == DKIM {
		switch v, ok := s.Tags.Get("v"); {
		case !ok:
			return faultf(PermError, "required tag v= missing")
		case v != "1": // RFC 6376 section 6.1.1: incompatible version
			return faultf(Neutral, "version v=%q is not 1", clip(v))
		}
	}
	for _, name := range s.required() {
		if _, ok := s.Tags.Get(name); !ok {
			return faultf(PermError, "required tag %s= missing", name)
		}
	}
	for _, step := range []func(*Signature) *Fault{
		(*Signature).readAlgorithm, (*Signature).readNames, (*Signature).readIdentity,
		(*Signature).readSigned, (*Signature).readHashes, (*Signature).readNumbers,
	} {
		if f := step(s); f != nil {
			return f
		}
	}
	return nil
}

func (s *Signature) required() []string {
	switch s.Kind {
	case ARCMessage:
		return []string{"a", "b", "bh", "d", "h", "i", "s"}
	case ARCSeal:
		return []string{"a", "b", "cv", "d", "i", "s"}
	}
	return []string{"a", "b", "bh", "d", "h", "s"}
}

// readAlgorithm reads a=, c= and q=.
func (s *Signature) readAlgorithm() *Fault {
	switch s.Algorithm {
	case RSASHA256, Ed25519SHA256, RSASHA1:
	default:
		return faultf(PermError, "unknown algorithm a=%q", clip(string(s.Algorithm)))
	}
	s.HeaderCanon, s.BodyCanon = Simple, Simple // the default of section 3.5
	if s.Kind == ARCSeal {
		s.HeaderCanon = Relaxed // RFC 8617 section 5.1.1
		for _, name := range []string{"h", "bh", "c", "l"} {
			if s.Tags.has(name) {
				return faultf(PermError, "tag %s= in an ARC-Seal", name)
			}
		}
	}
	if c, ok := s.Tags.Get("c"); ok {
		head, body, both := strings.Cut(c, "/")
		s.HeaderCanon = Canonicalization(head)
		if both {
			s.BodyCanon = Canonicalization(body)
		}
		for _, c := range [2]Canonicalization{s.HeaderCanon, s.BodyCanon} {
			if c != Simple && c != Relaxed {
				return faultf(PermError, "unknown canonicalisation c=%q", clip(string(c)))
			}
		}
	}
	if q, ok := s.Tags.Get("q"); ok {
		known := false
		for more := true; more; {
			var method string
			method, q, more = strings.Cut(q, ":")
			known = known || trimFWS(method) == "dns/txt"
		}
		if !known {
			return faultf(PermError, "no known query method in q=")
		}
	}
	return nil
}

// readNames checks d= and s=, which make the name that is asked.
func (s *Signature) readNames() *Fault {
	if why := checkDomain(s.Domain, 2); why != "" {
		return faultf(PermError, "domain d=%q %s", clip(s.Domain), why)
	}
	if why := checkDomain(s.Selector, 1); why != "" {
		return faultf(PermError, "selector s=%q %s", clip(s.Selector), why)
	}
	if len(s.Selector)+len(s.Domain) > 200 && len(keyName(s.Selector, s.Domain)) > 253 {
		return faultf(PermError, "s= and d= make a name over 253 octets")
	}
	return nil
}

// readSigned reads h=.
func (s *Signature) readSigned() *Fault {
	if s.Kind == ARCSeal {
		return nil
	}
	h, _ := s.Tags.Get("h")
	s.Signed = make([]string, 0, strings.Count(h, ":")+1)
	from := false
	for more := true; more; {
		var name string
		name, h, more = strings.Cut(h, ":")
		name = trimFWS(name)
		if !isFieldName(name) {
			return faultf(PermError, "%q in h= is no name of a field", clip(name))
		}
		from = from || strings.EqualFold(name, "From")
		s.Signed = append(s.Signed, name)
	}
	if !from { // RFC 6376 section 5.4
		return faultf(PermError, "From not in h=")
	}
	return nil
}

// isFieldName checks ftext (RFC 5322 section 3.6.8); octets over 0x7f are no part
// of it (RFC 6532 section 3.2 leaves names alone).
func isFieldName(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == ':' || s[i] == ';' {
			return false
		}
	}
	return s != ""
}

// readHashes reads bh= and b=.
func (s *Signature) readHashes() *Fault {
	if s.Kind != ARCSeal {
		bh, _ := s.Tags.Get("bh")
		sum, ok := decodeBase64(bh)
		want := 32
		if s.Algorithm == RSASHA1 {
			want = 20
		}
		switch {
		case !ok:
			return faultf(PermError, "bh= is not base64")
		case len(sum) != want:
			return faultf(PermError, "bh= has %d octets, %s has %d", len(sum), s.Algorithm, want)
		}
		s.BodyHash = sum
	}
	b, _ := s.Tags.Get("b")
	value, ok := decodeBase64(b)
	switch {
	case !ok:
		return faultf(PermError, "b= is not base64")
	case len(value) == 0:
		return faultf(PermError, "b= is empty")
	}
	s.Value = value
	return nil
}

// decodeBase64 reads base64 with white space in it; the padding may be missing
// (RFC 6376 section 3.5, base64string).
func decodeBase64(s string) ([]byte, bool) {
	var buf [1024]byte // holds RSA 4096 and its key
	text := appendNoFWS(buf[:0], s)
	for i := 0; i < 2 && len(text) > 0 && text[len(text)-1] == '='; i++ {
		text = text[:len(text)-1]
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(text)))
	n, err := base64.RawStdEncoding.Decode(out, text)
	return out[:n], err == nil
}

// readNumbers reads t=, x= and l=.
func (s *Signature) readNumbers() *Fault {
	if t, ok := s.Tags.Get("t"); ok {
		n, ok := digits(t, 12)
		if !ok {
			return faultf(PermError, "t=%q is no time", clip(t))
		}
		s.Time = time.Unix(n, 0).UTC()
	}
	if x, ok := s.Tags.Get("x"); ok {
		n, ok := digits(x, 12)
		if !ok {
			return faultf(PermError, "x=%q is no time", clip(x))
		}
		s.Expires = time.Unix(n, 0).UTC()
	}
	if l, ok := s.Tags.Get("l"); ok {
		n, ok := digits(l, 76)
		if !ok {
			return faultf(PermError, "l=%q is no number of octets", clip(l))
		}
		s.Length = n
	}
	return nil
}

// digits reads a number of at most that many digits, larger ones than an int64
// as the largest.
func digits(s string, most int) (int64, bool) {
	if s == "" || len(s) > most {
		return 0, false
	}
	var n int64
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		if n > (1<<62)/10 {
			n = 1 << 62 // stays the largest, digits are still checked
			continue
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

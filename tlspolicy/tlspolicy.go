// Package tlspolicy reads and makes what a domain publishes about encryption on
// the way to it: the MTA-STS record and policy (RFC 8461), the record that asks
// for TLS reports (RFC 8460), and TLSA records as mail servers use them (RFC 7672
// with RFC 6698 and 7671).
//
// It asks DNS only through the resolver given. It does not fetch the policy file,
// speak TLS, read TLS reports or validate DNSSEC: without that, TLSA records are
// worth nothing, see dns.Answer's Authenticated.
package tlspolicy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"unspoof/dns"
)

// Span is a range of bytes in a text.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// SyntaxError says where a record or policy breaks the grammar, and what would
// have been right there.
type SyntaxError struct {
	Span     Span
	Expected string // "an id of 1 to 32 letters and digits"
}

func (e *SyntaxError) Error() string { return "tlspolicy: expected " + e.Expected }

// The ways in which a domain has no usable record. They are facts; that DNS did
// not answer is a *dns.Error instead.
var (
	ErrNoRecord       = errors.New("no such record")
	ErrSeveralRecords = errors.New("several records where one is allowed")
)

// Field is one "name=value" of a record, or "name: value" of a policy.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Span  Span   `json:"span"` // name to value
}

// maxText bounds what is read: a TXT record has 65535 octets at most, a policy may
// be cut at 64 KiB (RFC 8461 section 3.3).
const maxText = 1 << 16

// discover asks for the one TXT record at name that begins with the version; what
// else stands there is left alone (RFC 8461 section 3.1, RFC 8460 section 3).
func discover(ctx context.Context, r dns.Resolver, name, version string) (string, dns.Answer, error) {
	answer, err := r.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeTXT})
	if err != nil {
		return "", answer, fmt.Errorf("tlspolicy: look up %s: %w", name, err)
	}
	var found []string
	for _, rec := range answer.Records {
		// Character-strings are joined with nothing between.
		if text := strings.Join(rec.Text, ""); strings.HasPrefix(text, version+";") {
			found = append(found, text)
		}
	}
	switch len(found) {
	case 0:
		return "", answer, fmt.Errorf("tlspolicy: %s: %w", name, ErrNoRecord)
	case 1:
		return found[0], answer, nil
	}
	return "", answer, fmt.Errorf("tlspolicy: %s: %d: %w", name, len(found), ErrSeveralRecords)
}

// fields splits a TXT record at its semicolons, version first. A field without "="
// is an error.
func fields(text, version string) ([]Field, error) {
	if len(text) > maxText {
		return nil, &SyntaxError{Span{0, len(text)}, fmt.Sprintf("at most %d octets", maxText)}
	}
	var out []Field
	for start := 0; start <= len(text); {
		end := len(text)
		if i := strings.IndexByte(text[start:], ';'); i >= 0 {
			end = start + i
		}
		span := trim(text, Span{start, end})
		part := text[span.Start:span.End]
		switch {
		case start == 0:
			if part != version {
				return nil, &SyntaxError{span, version + " first"}
			}
			if end == len(text) {
				return nil, &SyntaxError{Span{end, end}, "a semicolon after " + version}
			}
		case part == "" && end < len(text): // only the end may be empty
			return nil, &SyntaxError{Span{start, end + 1}, "a field between the semicolons"}
		case part != "":
			name, value, ok := strings.Cut(part, "=")
			if !ok || !isFieldName(name) {
				return nil, &SyntaxError{span, "name=value"}
			}
			out = append(out, Field{Name: name, Value: value, Span: span})
		}
		start = end + 1
	}
	return out, nil
}

// trim takes spaces and tabs from the ends.
func trim(text string, s Span) Span {
	for s.Start < s.End && (text[s.Start] == ' ' || text[s.Start] == '\t') {
		s.Start++
	}
	for s.Start < s.End && (text[s.End-1] == ' ' || text[s.End-1] == '\t') {
		s.End--
	}
	return s
}

// isFieldName follows sts-ext-name, which RFC 8460's tlsrpt-ext-name equals.
func isFieldName(s string) bool {
	if s == "" || len(s) > 32 || !isAlnum(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; !isAlnum(c) && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// isValue follows sts-ext-value.
func isValue(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c > '~' || c == ';' || c == '=' {
			return false
		}
	}
	return s != ""
}

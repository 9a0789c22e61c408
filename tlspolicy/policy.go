package tlspolicy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"unspoof/dns"
)

// Mode is what a policy asks senders to do (RFC 8461 section 5).
type Mode string

const (
	Enforce Mode = "enforce" // don't deliver without a matching, valid certificate
	Testing Mode = "testing" // report, and deliver all the same
	None    Mode = "none"    // there is no policy any more
)

// MaxAge is the longest that a policy may be kept (RFC 8461 section 3.2): a year.
const MaxAge = 31557600 * time.Second

// maxPatterns bounds the mx lines of one policy.
const maxPatterns = 1000

// Policy is an MTA-STS policy (RFC 8461 section 3.2).
type Policy struct {
	Mode   Mode          `json:"mode"`
	MaxAge time.Duration `json:"max_age"` // whole seconds, 0 to MaxAge
	// MX are the hosts that mail may go to: names, or "*." and a name, which stands
	// for exactly one label more. Lower case.
	MX         []string `json:"mx"`
	Extensions []Field  `json:"extensions"`
	Notes      []Note   `json:"notes"`
}

// Note is something odd that senders overlook.
type Note struct {
	Span Span   `json:"span"`
	Text string `json:"text"` // for people
}

// ParsePolicy reads a policy file. Lines end in LF or CRLF. The error is a
// *SyntaxError; what is odd, but no error, becomes a Note.
func ParsePolicy(text string) (Policy, error) {
	p := Policy{MX: []string{}, Extensions: []Field{}, Notes: []Note{}}
	if len(text) > maxText {
		return p, &SyntaxError{Span{0, len(text)}, fmt.Sprintf("at most %d octets", maxText)}
	}
	seen := map[string]bool{}
	for start := 0; start < len(text); {
		end, next := len(text), len(text)
		if i := strings.IndexByte(text[start:], '\n'); i >= 0 {
			end, next = start+i, start+i+1
		}
		if end > start && text[end-1] == '\r' {
			end--
		}
		if err := p.line(text, trim(text, Span{start, end}), seen); err != nil {
			return p, err
		}
		start = next
	}
	return p, p.complete(text, seen)
}

func (p *Policy) line(text string, s Span, seen map[string]bool) error {
	line := text[s.Start:s.End]
	if line == "" {
		p.Notes = append(p.Notes, Note{s, "an empty line"})
		return nil
	}
	name, value, ok := strings.Cut(line, ":")
	value = strings.Trim(value, " \t")
	if !ok || !isFieldName(name) {
		return &SyntaxError{s, "a line such as mode: enforce"}
	}
	if len(seen) == 0 && name != "version" {
		p.Notes = append(p.Notes, Note{s, "version does not come first"})
	}
	if name != "mx" && seen[name] {
		p.Notes = append(p.Notes, Note{s, name + " stands here again; the first counts"})
		return nil
	}
	seen[name] = true
	return p.field(Field{name, value, s})
}

func (p *Policy) field(f Field) error {
	switch f.Name {
	case "version":
		if f.Value != "STSv1" {
			return &SyntaxError{f.Span, "version: STSv1"}
		}
	case "mode":
		p.Mode = Mode(f.Value)
		if p.Mode != Enforce && p.Mode != Testing && p.Mode != None {
			return &SyntaxError{f.Span, "mode: enforce, testing or none"}
		}
	case "max_age":
		n, err := strconv.ParseUint(f.Value, 10, 63)
		if err != nil || len(f.Value) > 10 {
			return &SyntaxError{f.Span, "max_age: a number of seconds"}
		}
		p.MaxAge = time.Duration(min(n, uint64(MaxAge/time.Second))) * time.Second
		if p.MaxAge/time.Second != time.Duration(n) {
			p.Notes = append(p.Notes, Note{f.Span, "max_age is over a year, and counts as a year"})
		}
	case "mx":
		pattern := strings.ToLower(f.Value)
		if !isPattern(pattern) {
			return &SyntaxError{f.Span, "mx: a host name, or *. and a name"}
		}
		if len(p.MX) == maxPatterns {
			return &SyntaxError{f.Span, fmt.Sprintf("at most %d mx lines", maxPatterns)}
		}
		p.MX = append(p.MX, pattern)
	default:
		p.Extensions = append(p.Extensions, f)
	}
	return nil
}

func (p *Policy) complete(text string, seen map[string]bool) error {
	end := Span{len(text), len(text)}
	for _, need := range []string{"version", "mode", "max_age"} {
		if !seen[need] {
			return &SyntaxError{end, "a line with " + need}
		}
	}
	if len(p.MX) == 0 && p.Mode != None {
		return &SyntaxError{end, "a line with mx for each mail exchanger"}
	}
	return nil
}

// String writes the policy file, lines ending in CRLF. Notes are not kept.
func (p Policy) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "version: STSv1\r\nmode: %s\r\n", p.Mode)
	for _, mx := range p.MX {
		fmt.Fprintf(&b, "mx: %s\r\n", mx)
	}
	fmt.Fprintf(&b, "max_age: %d\r\n", p.MaxAge/time.Second)
	for _, f := range p.Extensions {
		fmt.Fprintf(&b, "%s: %s\r\n", f.Name, f.Value)
	}
	return b.String()
}

// Allows reports whether mail may go to a mail exchanger (RFC 8461 section 4.1).
// It does not look at the mode.
func (p Policy) Allows(host string) bool {
	return slices.ContainsFunc(p.MX, func(pattern string) bool { return MatchMX(pattern, host) })
}

// MatchMX reports whether a pattern of a policy fits the name of a mail exchanger:
// the same name, or for "*." a name with exactly one label in place of the asterisk
// (RFC 8461 section 4.1). Case and a final dot don't matter.
func MatchMX(pattern, host string) bool {
	pattern, host = dns.Canonical(pattern), dns.Canonical(host)
	if below, wild := strings.CutPrefix(pattern, "*."); wild {
		label, rest, ok := strings.Cut(host, ".")
		return ok && label != "" && rest == below && below != ""
	}
	return pattern == host && host != ""
}

// isPattern follows sts-policy-mx: a host name, or one below an
// asterisk.
func isPattern(s string) bool {
	s = strings.TrimPrefix(s, "*.")
	if s == "" || dns.CheckName(s) != nil || strings.HasSuffix(s, ".") {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isAlnum(c) && c != '-' && c != '.' && c != '_' { // "_" by the leniency of senders
			return false
		}
	}
	return true
}

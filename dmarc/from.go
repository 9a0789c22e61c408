package dmarc

import (
	"fmt"
	"slices"
	"strings"

	"unspoof/message"
)

// Bounds on what is read of From; real fields name one author in under 1 KB.
const (
	maxFrom    = 32 << 10 // octets of one field
	maxAuthors = 5        // domains evaluated, each for up to nine questions
)

// FromFields gives the values of all From fields, for Args.
func FromFields(h message.Header) []string {
	var out []string
	for _, f := range h.All("From") {
		out = append(out, f.Value())
	}
	return out
}

// authors is what the From fields say.
type authors struct {
	domains []string // distinct, as Domain gives them
	unclear bool     // the message must not pass
	reasons []Reason
}

func (f *authors) reason(code ReasonCode, section, format string, a ...any) {
	f.reasons = append(f.reasons, Reason{Code: code, Section: section, Text: fmt.Sprintf(format, a...)})
}

// readFrom gives the author domains (RFC 9989 section 5.3.1).
func readFrom(a Args) authors {
	f := authors{reasons: []Reason{}}
	switch {
	case len(a.From) == 0 && a.Domain != "":
		f.add(a.Domain)
		return f
	case len(a.From) > 1: // RFC 5322 section 3.6
		f.unclear = true
		f.reason(ReasonManyFrom, "5322/3.6", "the message has %d From fields, where one is allowed; programs differ in which they show", len(a.From))
	}
	for _, value := range a.From {
		f.read(value)
	}
	switch {
	case len(f.domains) == 0 && !f.unclear:
		f.reason(ReasonNoFrom, "5.3.1", "the message names no author")
	case len(f.domains) > maxAuthors:
		f.reason(ReasonManyAuthors, "5.3.1", "From names authors of %d domains, more than anyone has to look at", len(f.domains))
		f.domains = nil
	case len(f.domains) > 1:
		f.reason(ReasonManyAuthors, "5.3.1", "From names authors of %d domains; each has to pass, and the worst result counts", len(f.domains))
	}
	return f
}

// read takes the author domains of one field.
func (f *authors) read(value string) {
	if len(value) > maxFrom {
		f.unclear = true
		f.reason(ReasonAmbiguous, "5322/2.1.1", "From is longer than %d octets: not read", maxFrom)
		return
	}
	if why := ambiguity(value); why != "" {
		f.unclear = true
		f.reason(ReasonAmbiguous, "5322/3.4", "From can be read as another author: %s", why)
	}
	for _, addr := range message.ParseAddresses(value) {
		switch {
		case addr.Domain != "":
			f.add(addr.Domain)
		case strings.Contains(addr.Local, "@"), strings.Contains(message.DecodeWords(addr.Local), "@"):
			// An encoded word is never an address (RFC 2047 section 5), but some
			// programs decode first and read then.
			f.unclear = true
			f.reason(ReasonAmbiguous, "5322/3.4", "From holds %q, which some programs take for an address", addr.Local)
		}
	}
}

// add takes one domain.
func (f *authors) add(domain string) {
	name, err := Domain(domain)
	if err != nil {
		f.unclear = true
		f.reason(ReasonBadDomain, "5.3.1", "the author's domain %q is no domain name", domain)
		return
	}
	if !slices.Contains(f.domains, name) {
		f.domains = append(f.domains, name)
	}
}

// ambiguity says why readers may differ in the addresses of a From value, ""
// where they should not. It looks for what RFC 5322 section 3.4 does not allow
// between two commas: two addresses in angle brackets, text behind one, two at
// signs or a route within (section 4.4), quotes or brackets that do not close,
// control characters.
func ambiguity(value string) string {
	if i := strings.IndexFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }); i >= 0 {
		return "it holds a control character"
	}
	angles, ats := 0, 0 // angle brackets of this member; at signs since it or the bracket began
	inAngle, behind := false, false
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '"' || c == '(':
			end := closing(value, i)
			if end < 0 {
				return "a quotation mark or parenthesis does not close"
			}
			i = end
			behind = behind || angles > 0 && !inAngle && c == '"'
		case c == '<' && inAngle, c == '>' && !inAngle:
			return "its angle brackets don't match"
		case c == '<':
			if angles++; angles > 1 {
				return "two addresses in angle brackets have no comma between them"
			}
			inAngle, ats = true, 0
		case c == '>':
			if ats > 1 {
				return "an address has two at signs"
			}
			inAngle, ats = false, 0
		case c == '@' && (inAngle || angles == 0):
			ats++
		case inAngle && (c == ',' || c == ':'):
			return "an address names a route"
		case c == ',' || c == ';':
			if ats > 1 {
				return "an address has two at signs"
			}
			angles, ats = 0, 0
		case angles > 0 && !inAngle && c != ' ' && c != '\t':
			behind = true
		}
		if behind {
			return "text follows an address in angle brackets"
		}
	}
	switch {
	case inAngle:
		return "an angle bracket does not close"
	case ats > 1:
		return "an address has two at signs"
	}
	return ""
}

// closing gives where the quoted string or the comment that starts at i ends, -1
// where it does not.
func closing(s string, i int) int {
	open, depth := s[i], 0
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case open == '"' && c == '"':
			if depth++; depth == 2 {
				return i
			}
		case open == '(' && c == '(':
			depth++
		case open == '(' && c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

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
	maxFields  = 5        // fields read; more than one never pass
	maxAuthors = 5        // domains evaluated, each for up to nine questions
	maxReasons = 20       // kept about From
	// maxAddresses in one field; readers stop somewhere, and the author that they
	// don't reach must not be the one that people see.
	maxAddresses = 100
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
	if len(f.reasons) == maxReasons {
		return
	}
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
	for _, value := range a.From[:min(len(a.From), maxFields)] {
		f.read(value)
	}
	switch {
	case len(f.domains) == 0 && !f.unclear:
		f.reason(ReasonNoFrom, "5.3.1", "the message names no author")
	case len(f.domains) > maxAuthors:
		f.reason(ReasonManyAuthors, "5.3.1", "From names authors of more than %d domains: none is looked at", maxAuthors)
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
	addresses := message.ParseAddresses(value)
	if len(addresses) > maxAddresses {
		f.unclear = true
		f.reason(ReasonAmbiguous, "5.3.1", "From holds more than %d addresses", maxAddresses)
	}
	for _, addr := range addresses {
		switch {
		case addr.Domain != "":
			f.add(addr.Domain)
		case strings.Contains(addr.Local, "@"), strings.Contains(message.DecodeWords(addr.Local), "@"):
			// An encoded word is never an address (RFC 2047 section 5), but some
			// programs decode first and read then.
			f.unclear = true
			f.reason(ReasonAmbiguous, "5322/3.4", "From holds %.100q, which some programs take for an address", addr.Local)
		}
	}
}

// add takes one domain.
func (f *authors) add(domain string) {
	name, err := Domain(domain)
	if err != nil {
		f.unclear = true
		f.reason(ReasonBadDomain, "5.3.1", "the author's domain %.100q is no domain name", domain)
		return
	}
	if len(f.domains) <= maxAuthors && !slices.Contains(f.domains, name) {
		f.domains = append(f.domains, name)
	}
}

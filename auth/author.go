package auth

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"unspoof/dkim"
	"unspoof/dmarc"
	"unspoof/message"
)

// Bounds on what is read of a message to find its author.
const (
	maxHeader  = dkim.DefaultHeaderBytes
	maxFields  = 20_000 // where both readers of headers stop
	maxFroms   = 5      // of which the values are read; more than one have no author anyhow
	maxHidden  = 3      // fields that may pass for From, looked at as such
	maxAuthors = 5      // asked for at once; dmarc evaluates no more
)

// author is what a message says of who wrote it.
type author struct {
	values  []string // of From, and behind them of what may be taken for From
	domains []string // that they name, at most maxAuthors
	// unclear says why there is not one From that all programs read alike; "" if
	// there is, or none at all.
	unclear string
}

// readAuthor finds From in the header.
func readAuthor(msg []byte) author {
	var a author
	head := msg[:min(len(msg), maxHeader)]
	fields, end, _ := message.ReadHeader(head)
	signed, body := dkim.ReadHeader(head)
	froms, indexes := fields.All("From"), signed.All("From")
	for _, f := range froms[:min(len(froms), maxFroms)] {
		a.values = append(a.values, f.Value())
	}
	switch {
	case body == nil && len(head) < len(msg), signed.Len() >= maxFields, len(fields.Fields) >= maxFields:
		a.unclear = "the header is too long to be read whole"
	case len(froms) > 1: // RFC 5322 section 3.6
		a.unclear = fmt.Sprintf("the message has %d From fields, where one is allowed", len(froms))
	case !sameFrom(froms, signed, indexes):
		a.unclear = "the header is damaged, so that programs differ in what belongs to From"
	}
	for _, i := range indexes[:min(len(indexes), maxFroms)] {
		if v := (message.Field{Raw: signed.Raw(i)}).Value(); !slices.Contains(a.values, v) {
			a.values = append(a.values, v)
		}
	}
	hidden := hiddenFrom(msg[:max(end, len(head)-len(body))], signed)
	if len(hidden) > 0 && a.unclear == "" {
		a.unclear = "a damaged field can be taken for another From"
	}
	a.values = append(a.values, hidden...)
	a.readDomains()
	return a
}

// sameFrom reports whether both readers of the header see the same From: what is
// shown must be what is signed.
func sameFrom(froms []message.Field, signed *dkim.Header, indexes []int) bool {
	return slices.EqualFunc(froms, indexes, func(f message.Field, i int) bool {
		return bytes.Equal(f.Raw, signed.Raw(i))
	})
}

// hiddenFrom gives the values of what is no From by the standard, and is taken for
// one by some programs: a name with a stray octet in it, or cut off from its colon,
// an indented line before any field, a line behind a bare CR.
func hiddenFrom(header []byte, signed *dkim.Header) (values []string) {
	add := func(text []byte) {
		if len(values) == maxHidden {
			return
		}
		line, _, _ := bytes.Cut(text, []byte{'\n'})
		if name, value, ok := bytes.Cut(line, []byte{':'}); ok && isFrom(name) {
			values = append(values, strings.TrimSpace(string(value)))
		}
	}
	for i := range signed.Len() {
		if name := signed.Name(i); len(name) != len("From") && isFrom(name) {
			add(signed.Raw(i))
		}
	}
	if len(header) > 0 && (header[0] == ' ' || header[0] == '\t') {
		add(header)
	}
	for rest := header; len(rest) > 0; { // the colon stands on the next line
		line, next, _ := bytes.Cut(rest, []byte{'\n'})
		if rest = next; len(line) > 0 && line[0] != ' ' && line[0] != '\t' && isFrom(line) {
			next, _, _ = bytes.Cut(next, []byte{'\n'})
			add(slices.Concat([]byte("From"), bytes.TrimLeft(next, " \t")))
		}
	}
	for rest := header; len(values) < maxHidden; {
		i := bytes.IndexByte(rest, '\r')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
		if len(rest) > 0 && rest[0] != '\n' {
			add(rest[:min(len(rest), maxLine)])
		}
	}
	return values
}

// maxLine bounds the look behind a bare CR, or a header of CRs would cost the
// square of its length; no line may be longer (RFC 5322 section 2.1.1).
const maxLine = 998

// isFrom reports whether a name is From but for octets that can't be seen.
func isFrom(name []byte) bool {
	const from = "from"
	n := 0
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			continue
		}
		if n == len(from) || c|0x20 != from[n] {
			return false
		}
		n++
	}
	return n == len(from)
}

// readDomains collects the domains to ask for.
func (a *author) readDomains() {
	for _, v := range a.values {
		for _, addr := range message.ParseAddresses(v) {
			if len(a.domains) == maxAuthors {
				return
			}
			if name, err := dmarc.Domain(addr.Domain); err == nil && !slices.Contains(a.domains, name) {
				a.domains = append(a.domains, name)
			}
		}
	}
}

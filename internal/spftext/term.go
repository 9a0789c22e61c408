package spftext

import (
	"fmt"
	"slices"
	"strings"

	"unspoof/spf"
)

// verbs says what a match of each qualifier means (RFC 7208 section 4.6.2).
var verbs = map[string]string{
	"+": "%s may send.", "-": "%s may not send; refuse it.", "~": "%s probably may not send; mark it.", "?": "%s: nothing is said.",
}

// Terms says each term of a record in a sentence, as Term does, but those that an
// all keeps from being read.
func Terms(rec *spf.Record) []string {
	all := slices.IndexFunc(rec.Terms, func(t spf.Term) bool { return t.Kind == spf.KindAll })
	words := make([]string, 0, len(rec.Terms))
	for i, t := range rec.Terms {
		switch {
		case all < 0 || t.Kind == spf.KindExp || t.Kind == spf.KindUnknown:
			words = append(words, Term(t))
		case t.Kind == spf.KindRedirect:
			words = append(words, "Ignored, since the record has an all (RFC 7208 section 6.1).")
		case i > all:
			words = append(words, "Never read, since it stands behind an all (RFC 7208 section 5.1).")
		default:
			words = append(words, Term(t))
		}
	}
	return words
}

// Term says a term by itself in a sentence, with the service behind an include where
// one is known.
func Term(t spf.Term) string {
	target := t.Domain.Text
	switch t.Kind {
	case spf.KindRedirect:
		return "Where no term matches, the record of " + target + behind(target) + " decides."
	case spf.KindExp:
		return "Who is refused gets the text published at " + target + "."
	case spf.KindUnknown:
		return "Not defined by the standard; receivers ignore it."
	}
	host := target
	if host == "" {
		host = "the domain itself"
	}
	who := ""
	switch t.Kind {
	case spf.KindAll:
		who = "Everybody else"
	case spf.KindInclude:
		who = "Whoever the record of " + target + behind(target) + " lets in"
	case spf.KindA:
		who = "The addresses of " + host + around(t)
	case spf.KindMX:
		who = "The servers that receive mail for " + host + around(t)
	case spf.KindPTR:
		who = "Clients whose reverse name lies below " + host + " (slow and not to be used, RFC 7208 section 5.5)"
	case spf.KindIP4, spf.KindIP6:
		who = "The network " + t.Network.String()
		if t.Network.IsSingleIP() {
			who = "The address " + t.Network.Addr().String()
		}
	case spf.KindExists:
		who = "Clients for whom the name " + target + " exists"
	}
	return fmt.Sprintf(verbs[t.Qualifier], who)
}

// Malformed says of a record which spf.Parse does not take what is wrong with it. It
// has no full stop, since it may end in what is to be written instead.
func Malformed(err error) string {
	return "The record is broken: " + strings.TrimPrefix(err.Error(), "spf: ")
}

// around says the networks of a term that widens the addresses of hosts.
func around(t spf.Term) string {
	if t.Bits4 == 32 && t.Bits6 == 128 {
		return ""
	}
	return fmt.Sprintf(", with the networks around them (/%d, IPv6 /%d),", t.Bits4, t.Bits6)
}

// behind gives the service behind a host in brackets, where one is known.
func behind(host string) string {
	if who := Service(host); who != "" {
		return " (" + who + ")"
	}
	return ""
}

package inspect

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"unspoof/message"
	"unspoof/orgdomain"
)

// Relation of a name in the message to its From.
type Relation string

const (
	Itself       Relation = "from"              // it is From
	SameAddress  Relation = "same-address"      //
	SameDomain   Relation = "same-domain"       //
	SameOrg      Relation = "same-organisation" // by the public suffix list
	Other        Relation = "other"             // of another organisation
	NoneOfDomain Relation = "no-domain"         // it names no domain
)

// Identity is one name under which somebody speaks in the message.
type Identity struct {
	Field    string   `json:"field"`   // "From", "Sender", "Reply-To", "MAIL FROM"
	Name     string   `json:"name"`    // as shown to people, decoded
	Address  string   `json:"address"` // "" for the empty sender of a bounce
	Domain   string   `json:"domain"`
	Relation Relation `json:"relation"`
	// ReadsAs is another address that the name reads as, "" for none: mail programs
	// show the name alone.
	ReadsAs string `json:"reads_as,omitempty"`
	// LocalReadsAs is another address that the part before the at sign reads as once
	// it is decoded, "" for none.
	LocalReadsAs string `json:"local_reads_as,omitempty"`
	// Reorders: name or address hold signs that turn the direction of the text
	// around, so that it is shown in another order than it is written.
	Reorders bool `json:"reorders,omitempty"`
}

// maxIdentities bounds what is repeated of a message.
const maxIdentities = 20

func identities(header message.Header, mailFrom, known string) []Identity {
	list := []Identity{}
	for _, field := range []string{"From", "Sender", "Reply-To"} {
		for _, f := range header.All(field) {
			for _, a := range message.ParseAddresses(f.Value()) {
				if len(list) < maxIdentities {
					list = append(list, identity(field, a))
				}
			}
		}
	}
	if known != "" {
		a := message.Address{Local: mailFrom} // one address, no list
		if i := strings.LastIndexByte(mailFrom, '@'); i >= 0 {
			a.Local, a.Domain = mailFrom[:i], mailFrom[i+1:]
		}
		list = append(list, identity("MAIL FROM", a))
	}
	for i := range list {
		list[i].Relation = relation(list[0], list[i])
	}
	return list
}

func identity(field string, a message.Address) Identity {
	id := Identity{Field: field, Name: a.Name, Domain: a.Domain}
	if a.Domain != "" {
		id.Address = a.String()
	}
	if seen := addressIn(a.Name); seen != "" && !strings.EqualFold(seen, id.Address) {
		id.ReadsAs = seen
	}
	local := message.DecodeWords(a.Local)
	if a.Domain != "" {
		// The percent sign was the at sign of mail that is to be passed on.
		id.LocalReadsAs = addressIn(strings.ReplaceAll(local, "%", "@"))
	}
	id.Reorders = strings.ContainsFunc(a.Name, embeds) || strings.ContainsFunc(local+a.Domain, turns)
	return id
}

// embeds reports the bidirectional controls that open a stretch of other direction
// (UAX #9 section 2): embeddings, overrides and isolates.
func embeds(r rune) bool { return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' }

// turns reports these and the marks, which honest names of right-to-left scripts
// hold, but no address.
func turns(r rune) bool { return embeds(r) || r == '\u200e' || r == '\u200f' || r == '\u061c' }

// relation compares with the first From.
func relation(from, id Identity) Relation {
	switch {
	case id.Field == "From":
		return Itself
	case from.Field != "From" || id.Domain == "":
		return NoneOfDomain
	case strings.EqualFold(from.Address, id.Address):
		return SameAddress
	case strings.EqualFold(from.Domain, id.Domain):
		return SameDomain
	case orgdomain.SameOrg(from.Domain, id.Domain):
		return SameOrg
	}
	return Other
}

// addressIn finds what reads as an address in a name, other forms of the at sign
// included; "" without one.
func addressIn(name string) string {
	const longest = 1000 // octets that anybody reads of a name
	if len(name) > longest {
		name = strings.ToValidUTF8(name[:longest], "")
	}
	for _, word := range strings.FieldsFunc(norm.NFKC.String(strings.Map(visible, name)), notInAddress) {
		local, domain, ok := strings.Cut(word, "@")
		domain = strings.TrimRight(domain, ".")
		if !ok || local == "" || !strings.Contains(domain, ".") {
			continue
		}
		if _, err := orgdomain.Name(domain); err == nil {
			return local + "@" + domain
		}
	}
	return ""
}

// visible drops the signs that show nothing, such as the zero width space.
func visible(r rune) rune {
	if unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}

func notInAddress(r rune) bool {
	return r <= ' ' || strings.ContainsRune("<>()[]\"',;:|", r)
}

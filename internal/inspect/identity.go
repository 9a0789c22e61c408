package inspect

import (
	"strings"

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
		a := message.Address{}
		if all := message.ParseAddresses(mailFrom); len(all) > 0 {
			a = all[0]
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
	return id
}

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
	for _, word := range strings.FieldsFunc(norm.NFKC.String(name), notInAddress) {
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

func notInAddress(r rune) bool {
	return r <= ' ' || strings.ContainsRune("<>()[]\"',;:|", r)
}

package plan

import (
	"fmt"
	"strings"
)

// Limits on a record to publish.
const (
	// maxString is what one character-string holds (RFC 1035 section 3.3).
	maxString = 255
	// roomy is how long an SPF record may be for its answer to fit 512 octets
	// beside the name and the headers (RFC 7208 section 3.4).
	roomy = 450
	// maxAnswer is the largest UDP answer that travels everywhere unbroken, the
	// EDNS0 size that resolvers settled on. Beyond it every question costs a TCP
	// connection, and some receivers give up.
	maxAnswer = 1232
)

// TXT makes a record and its forms. name is the owner without final dot, in
// A-labels; value is printable ASCII. The error says that the record cannot be
// published so: it has other octets, or fits no UDP answer.
func TXT(name, value string) (Record, error) {
	for i := 0; i < len(value); i++ {
		if value[i] < 0x20 || value[i] > 0x7e {
			return Record{}, fmt.Errorf("plan: the record for %s has octet 0x%02x at %d, where only printable ASCII may stand", name, value[i], i)
		}
	}
	pieces := split(value)
	// Header, question (name, type, class), answer (pointer, type, class, TTL,
	// length) and the strings with a length octet each (RFC 1035 section 4).
	size := 12 + len(name) + 2 + 4 + 12 + len(value) + len(pieces)
	if size > maxAnswer {
		return Record{}, fmt.Errorf("plan: the record for %s has %d octets, and its answer (%d) does not fit in %d: name fewer hosts and addresses, or move some to a subdomain", name, len(value), size, maxAnswer)
	}
	quoted := make([]string, len(pieces))
	for i, p := range pieces {
		quoted[i] = `"` + quoter.Replace(p) + `"`
	}
	q := strings.Join(quoted, " ")
	return Record{
		Name: name, Type: "TXT", Value: value,
		Forms: Forms{Panel: value, Quoted: q, Zone: name + ". 3600 IN TXT " + q},
	}, nil
}

// quoter escapes what is special inside a quoted character-string (RFC 1035
// section 5.1).
var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// split cuts a value into character-strings. It cuts inside a word, so that no
// string begins or ends with the space that a form might trim.
func split(value string) []string {
	pieces := []string{}
	for len(value) > maxString {
		cut := maxString
		for cut > 1 && (value[cut-1] == ' ' || value[cut] == ' ') {
			cut--
		}
		pieces = append(pieces, value[:cut])
		value = value[cut:]
	}
	return append(pieces, value)
}

package plan

import (
	"fmt"
	"strings"
)

// Limits on a record to publish.
const (
	// maxString is what one character-string holds (RFC 1035 section 3.3).
	maxString = 255
	// plainAnswer is the largest answer that every resolver takes without EDNS0 (RFC
	// 1035 section 4.2.1, RFC 7208 section 3.4).
	plainAnswer = 512
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
	if size := answerSize(name, pieces); size > maxAnswer {
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

// answerSize is how many octets an answer has that holds TXT records, each a list of
// its strings: header, question (name, type, class), and of each record pointer,
// type, class, TTL, length and the strings with a length octet each (RFC 1035
// section 4).
func answerSize(name string, records ...[]string) int {
	size := 12 + len(name) + 2 + 4
	for _, pieces := range records {
		size += 12 + len(pieces)
		for _, p := range pieces {
			size += len(p)
		}
	}
	return size
}

// CNAME makes an alias record. Both names are without final dot, in A-labels.
func CNAME(name, target string) (Record, error) {
	for _, n := range []string{name, target} {
		if !hostLike(n) {
			return Record{}, fmt.Errorf("plan: %q cannot stand in a CNAME record", n)
		}
	}
	return Record{
		Name: name, Type: "CNAME", Value: target,
		Forms: Forms{Panel: target, Quoted: target, Zone: name + ". 3600 IN CNAME " + target + "."},
	}, nil
}

// NullMX makes the record that says that a domain takes no mail (RFC 7505
// section 3).
func NullMX(name string) (Record, error) {
	if !hostLike(name) {
		return Record{}, fmt.Errorf("plan: %q cannot stand in an MX record", name)
	}
	return Record{
		Name: name, Type: "MX", Value: "0 .",
		Forms: Forms{Panel: ".", Quoted: "0 .", Zone: name + ". 3600 IN MX 0 .", Priority: "0"},
	}, nil
}

// In gives the record with Forms.Label set for a zone: the name as panels want
// it that add the zone themselves. A name outside the zone gets no label.
func (r Record) In(zone string) Record {
	r.Forms.Label = ""
	switch {
	case zone == "":
	case r.Name == zone:
		r.Forms.Label = "@"
	case strings.HasSuffix(r.Name, "."+zone):
		r.Forms.Label = strings.TrimSuffix(r.Name, "."+zone)
	}
	return r
}

// hostLike reports whether a name can be written in a zone file without escapes:
// the labels of hosts, with "_" and a leading "*" (RFC 1035 section 2.3.1, RFC
// 4592 section 2.1.1).
func hostLike(name string) bool {
	if len(name) > 253 {
		return false
	}
	for i, label := range strings.Split(name, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		if label == "*" && i == 0 {
			continue
		}
		for j := 0; j < len(label); j++ {
			c := label[j]
			if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
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

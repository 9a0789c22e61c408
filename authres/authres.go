// Package authres reads and writes the Authentication-Results field (RFC 8601)
// and the older Received-SPF (RFC 7208 section 9.1).
//
// Anybody can put such a field into a message: it says nothing before it is
// known who wrote it. Select gives only the fields that one's own servers wrote,
// and names those that claim so and have to be removed. Values that come from
// outside (an address, a domain, the text of an error) cannot break out of the
// field that Format writes, whatever they hold.
//
// It does not judge what the results mean, and knows no list of methods:
// unknown ones are kept (section 2.3).
package authres

import "fmt"

// Name of the field.
const Name = "Authentication-Results"

// Bounds on one field. Real ones have under 20 results of under 10 properties.
const (
	maxValue   = 64 << 10 // octets read
	maxResults = 200      // and properties of one result
)

// Field is one Authentication-Results field.
type Field struct {
	// ID is the authserv-id: who says it. As written, quotes removed.
	ID string `json:"id"`
	// Version of the format; 1 where none is given (RFC 8601 section 2.2).
	Version int `json:"version"`
	// Results in order; none where nothing was checked ("none").
	Results []Result `json:"results"`
}

// Result is the outcome of one method ("resinfo").
type Result struct {
	Method  string `json:"method"`            // lower case: "dkim", "spf"
	Version int    `json:"version,omitempty"` // of the method; 0 where none is given, which means 1
	Result  string `json:"result"`            // lower case: "pass"
	Reason  string `json:"reason"`            // for people, "" without
	// Comment is the text of the first comment behind the result, "" without.
	// Nothing may be concluded from it (section 2.3).
	Comment string     `json:"comment,omitempty"`
	Props   []Property `json:"props"` // in order
}

// Property says what was checked, in which part of the message.
type Property struct {
	// Type is "smtp", "header", "body", "policy", "polrec"; lower case. It is ""
	// for "action=none" and the like, which the grammar doesn't have but large
	// services write.
	Type  string `json:"type"`
	Name  string `json:"name"`  // lower case
	Value string `json:"value"` // quotes removed
}

// Prop gives the value of the first property of that type and name (lower
// case).
func (r Result) Prop(ptype, name string) (value string, ok bool) {
	for _, p := range r.Props {
		if p.Type == ptype && p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// SyntaxError says where a field cannot be read. A field that cannot be read
// says nothing.
type SyntaxError struct {
	Offset int // octets into the value
	Text   string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("authres: %s at octet %d", e.Text, e.Offset)
}

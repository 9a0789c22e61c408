package arc

import (
	"strings"

	"golang.org/x/net/idna"
)

// trust marks the sets whose results may be relied on. A seal says nothing about
// the message: whoever holds a sealed chain can put it before another. What binds
// them is the message signature of the set, or that only listed sealers stand
// above it. The signer counts like the sealer: who publishes its key could make
// the old signature fit another message.
func (r *Result) trust(sealers []string, oneFrom bool) {
	listed := make(map[string]bool, len(sealers))
	for _, name := range sealers {
		if name = canonical(name); name != "" {
			listed[name] = true
		}
	}
	above := true // every newer set is listed
	for i := len(r.Sets) - 1; i >= 0; i-- {
		s := &r.Sets[i]
		s.Listed = listed[canonical(s.Sealer)] && listed[canonical(s.Signer)]
		s.Reliable = r.Result == Pass && oneFrom && s.Listed && (above || s.Message.Result == Pass)
		above = above && s.Listed
	}
}

// maxName bounds the names that are turned into A-labels: 253 octets of DNS, as
// UTF-8.
const maxName = 253 * 4

// canonical gives a name in lower case, in A-labels, without a final dot; "" for
// what is too long to be one.
func canonical(name string) string {
	if len(name) > maxName {
		return ""
	}
	name = strings.TrimSuffix(name, ".")
	if a, err := idna.Lookup.ToASCII(name); err == nil {
		name = a
	}
	return strings.ToLower(name)
}

package inventory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unspoof/dkim"
	"unspoof/dns"
)

// minBits is the shortest RSA key that receivers take (RFC 8301 section 3.2).
const minBits = 1024

// answerAt is what DNS has for one selector.
type answerAt struct {
	Signature
	answer dns.Answer
	err    error
}

// lookAt asks for one selector. A name that cannot be asked for has no key.
func lookAt(ctx context.Context, r dns.Resolver, s Signature) answerAt {
	f := answerAt{Signature: s}
	name := s.Selector + "._domainkey." + s.Domain
	if dns.CheckName(name) == nil {
		f.answer, f.err = r.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeTXT})
	}
	return f
}

func exists(f answerAt) bool {
	return f.err == nil && (len(f.answer.Records) > 0 || len(f.answer.Chain) > 0)
}

func alike(a, b answerAt) bool {
	return slices.Equal(texts(a.answer), texts(b.answer)) && slices.Equal(a.answer.Chain, b.answer.Chain)
}

func texts(a dns.Answer) []string {
	list := []string{}
	for _, r := range a.Records {
		list = append(list, strings.Join(r.Text, ""))
	}
	slices.Sort(list)
	return list
}

// judged says what the answer for a selector that exists is worth.
func judged(f answerAt) *Key {
	k := &Key{Domain: f.Domain, Selector: f.Selector, State: KeyWorks}
	if n := len(f.answer.Chain); n > 0 {
		k.Target = f.answer.Chain[n-1]
	}
	records := texts(f.answer)
	switch {
	case len(records) == 0:
		k.State, k.Problem = KeyDangling, fmt.Sprintf("It leads to %s, where there is no key.", k.Target)
	case len(records) > 1:
		k.State, k.Problem = KeyBroken, "There are several records where one is allowed (RFC 6376 section 3.6.2.2)."
	default:
		parsed, err := dkim.ParseKey(records[0])
		k.Type, k.Bits = parsed.Type, parsed.Bits
		switch {
		case parsed.Revoked:
			k.State, k.Problem = KeyRevoked, "It was revoked: its p= is empty."
		case err != nil:
			reason := strings.TrimPrefix(err.Error(), "dkim: key record: ")
			k.State, k.Problem = KeyBroken, "Its record is no valid key: "+clip(reason)+"."
		case k.Type == "rsa" && k.Bits < minBits:
			k.State, k.Problem = KeyBroken, fmt.Sprintf("It has %d bits, and receivers take no key below %d (RFC 8301 section 3.2).", k.Bits, minBits)
		}
	}
	return k
}

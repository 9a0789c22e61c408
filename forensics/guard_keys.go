package forensics

import (
	"context"
	"errors"

	"unspoof/dns"
)

// maxKeyNames is how many names of keys one notice can have asked. Honest mail
// has one or two selectors of mine; the sender can write any number.
const maxKeyNames = 4

var errTooManyKeys = errors.New("not asked: too many selectors in one message")

// keyAnswer is what DNS said about a key's name.
type keyAnswer struct {
	dns.Answer
	err error
}

// keyResolver asks the guard for keys, once a run for each name.
type keyResolver struct{ *inquiry }

// Lookup is for the names of keys only.
func (r keyResolver) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	name := canonical(q.Name)
	if a, ok := r.keys.get(name); ok {
		return a.Answer, a.err
	}
	if r.keyNames++; r.keyNames > maxKeyNames {
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultRefused, Err: errTooManyKeys}
	}
	a, err := r.guard.Lookup(ctx, q)
	if ctx.Err() == nil {
		r.keys.put(name, keyAnswer{a, err})
	}
	return a, err
}

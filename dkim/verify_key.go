package dkim

import (
	"context"
	"strings"
	"sync"

	"unspoof/dns"
)

// keyAnswer is a key record, asked once for all signatures that name it.
type keyAnswer struct {
	name  string
	key   Key
	fault *Fault
}

// fetch asks for every key, at the same time.
func (run *verification) fetch(ctx context.Context, r dns.Resolver) {
	run.keys = run.oneKey[:0] // never grows: checks point into it
	if len(run.checks) > 1 {
		run.keys = make([]keyAnswer, 0, len(run.checks))
	}
	for i := range run.checks {
		c := &run.checks[i]
		name := keyName(c.sig.Selector, c.sig.Domain)
		for k := range run.keys {
			if strings.EqualFold(run.keys[k].name, name) {
				c.key = &run.keys[k]
			}
		}
		if c.key == nil {
			run.keys = append(run.keys, keyAnswer{name: name})
			c.key = &run.keys[len(run.keys)-1]
		}
	}
	if len(run.keys) == 1 {
		run.keys[0].fetch(ctx, r)
		return
	}
	var group sync.WaitGroup
	for i := range run.keys {
		group.Go(func() { run.keys[i].fetch(ctx, r) })
	}
	group.Wait()
}

func (k *keyAnswer) fetch(ctx context.Context, r dns.Resolver) {
	k.key, k.fault = fetchKey(ctx, r, k.name)
}

// checkHeaders judges keys and headers.
func (run *verification) checkHeaders() {
	for i := range run.checks {
		c := &run.checks[i]
		r := &run.result.Results[c.result]
		key := &c.key.key
		r.TestMode = key.Testing
		if c.key.fault == nil || !key.Revoked {
			r.Bits, r.KeyType = key.Bits, key.Type
		}
		if c.fault = c.key.use(&c.sig); c.fault != nil {
			continue
		}
		digest := c.sig.headerDigest(&run.header, r.Field)
		r.Unsigned = run.uncovered(&c.sig, r.Field)
		c.header = key.Verify(digest, c.sig.Value)
		r.Header = Intact
		if !c.header {
			r.Header = Broken
		}
	}
}

// use tells what bars the key from being used for s. That key and algorithm don't
// fit is told first: it is why the key can't be read.
func (k *keyAnswer) use(s *Signature) *Fault {
	if k.fault == nil {
		return k.key.fit(s)
	}
	if k.key.Tags.has("p") && !k.key.Revoked && k.key.Type != s.Algorithm.keyType() {
		return k.key.fit(s)
	}
	return k.fault
}

// single are the fields that occur once (RFC 5322 section 3.6) and that people
// see: another one beside the signed one can deceive.
var single = [...]string{"From", "Subject", "Date", "To", "Cc", "Reply-To", "Sender", "Content-Type", "MIME-Version", "Message-ID"}

// uncovered names single fields of which h= takes some and leaves some. It
// follows headerDigest, whose selection it reads.
func (run *verification) uncovered(s *Signature, own int) (names []string) {
	for _, name := range single {
		for _, signed := range s.Signed {
			if strings.EqualFold(name, signed) {
				if run.header.left(name, own) > 0 {
					names = append(names, name)
				}
				break
			}
		}
	}
	return names
}

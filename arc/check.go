package arc

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"
	"time"

	"unspoof/dkim"
	"unspoof/dns"
)

// keyName is where a key stands.
type keyName struct{ domain, selector string }

func nameOf(s *dkim.Signature) keyName {
	return keyName{strings.ToLower(s.Domain), strings.ToLower(s.Selector)}
}

// keyAnswer is a key, asked for once for all that name it.
type keyAnswer struct {
	key dkim.Key
	err error
}

// bodyDigest is the hash of one canonical form of the body.
type bodyDigest struct {
	sum  [32]byte
	size int64
}

// verify checks all seals and the newest message signature. Faults of syntax are
// told before any key is asked for.
func (c *chain) verify(ctx context.Context, args Args) {
	newest := &c.sets[len(c.sets)-1]
	var wanted []keyName
	for i := range c.sets {
		if c.sets[i].as.fault == "" {
			wanted = append(wanted, nameOf(&c.sets[i].as.sig))
		}
	}
	if newest.ams.fault == "" {
		wanted = append(wanted, nameOf(&newest.ams.sig))
	}
	c.fetch(ctx, args.Resolver, wanted)
	c.verifySeals()
	newest.message = c.verifyMessage(&newest.ams, args.Now)
}

// fetch asks for keys, each once and all at the same time.
func (c *chain) fetch(ctx context.Context, r dns.Resolver, names []keyName) {
	if c.keys == nil {
		c.keys = map[keyName]*keyAnswer{}
	}
	var group sync.WaitGroup
	for _, n := range names {
		if c.keys[n] != nil {
			continue
		}
		answer := new(keyAnswer)
		c.keys[n] = answer
		group.Go(func() { answer.key, answer.err = dkim.FetchKey(ctx, r, n.domain, n.selector) })
	}
	group.Wait()
}

// verifySeals checks every ARC-Seal. Seal i covers the sets from 1 to i in their
// order, each as ARC-Authentication-Results, ARC-Message-Signature, ARC-Seal, in
// relaxed form, its own field last and without the value of b= (RFC 8617 section
// 5.1.1). The hash goes on from one to the next, so that the work is linear.
func (c *chain) verifySeals() {
	sum := sha256.New()
	var buf []byte
	for i := range c.sets {
		s := &c.sets[i]
		buf = dkim.AppendField(buf[:0], c.header.Raw(s.aar), dkim.Relaxed)
		buf = dkim.AppendField(buf, c.header.Raw(s.ams.index), dkim.Relaxed)
		sum.Write(buf)
		if s.as.fault != "" {
			s.seal = failed(s.as.fault)
		} else {
			buf = s.as.sig.AppendUnsigned(buf[:0])
			s.seal = c.verifyValue(&s.as.sig, digestWith(sum, buf), "the ARC fields were changed, or another key sealed them")
		}
		sum.Write(dkim.AppendField(buf[:0], c.header.Raw(s.as.index), dkim.Relaxed))
	}
}

// digestWith gives the hash of what sum has seen and tail, and leaves sum alone.
func digestWith(sum hash.Hash, tail []byte) (digest [32]byte) {
	// SHA-256 of the standard library can always be cloned (package hash).
	if own, err := sum.(hash.Cloner).Clone(); err == nil {
		own.Write(tail)
		own.Sum(digest[:0])
	}
	return digest
}

// verifyMessage checks one ARC-Message-Signature (RFC 8617 section 5.2 step 4, RFC
// 6376 section 6.1), whose key was fetched.
func (c *chain) verifyMessage(m *signature, now time.Time) Check {
	s := &m.sig
	switch {
	case m.fault != "":
		return failed(m.fault)
	case !s.Expires.IsZero() && now.After(s.Expires):
		return failed("expired at " + s.Expires.Format(time.RFC3339) + " (x=)")
	}
	check := c.verifyValue(s, s.HeaderDigest(c.header, m.index), "a signed field was changed, added or removed, or another key signed")
	if check.Result != Pass {
		return check
	}
	body, ok := c.bodies[s.BodyCanon]
	if !ok {
		if c.bodies == nil {
			c.bodies = map[dkim.Canonicalization]bodyDigest{}
		}
		body.sum, body.size = dkim.BodyDigest(c.body, s.BodyCanon, -1)
		c.bodies[s.BodyCanon] = body
	}
	switch {
	case s.Length > body.size:
		return failed(fmt.Sprintf("l=%d is longer than the body of %d octets", s.Length, body.size))
	case s.Length >= 0 && s.Length < body.size:
		return failed(fmt.Sprintf("only the first %d of %d octets of the body are signed (l=)", s.Length, body.size))
	case subtle.ConstantTimeCompare(body.sum[:], s.BodyHash) != 1:
		return failed("the body was changed: its hash does not match bh=")
	}
	return check
}

// verifyValue checks the value of b= against the digest.
func (c *chain) verifyValue(s *dkim.Signature, digest [32]byte, broken string) Check {
	answer := c.keys[nameOf(s)]
	err := answer.err
	if err == nil {
		err = answer.key.Fit(*s)
	}
	var fault *dkim.Fault
	switch {
	case errors.As(err, &fault) && fault.Word == dkim.TempError:
		return Check{TempError, reasonOf(err)}
	case err != nil:
		return failed(reasonOf(err))
	case !answer.key.Verify(digest, s.Value):
		return failed(broken)
	}
	return Check{Pass, "verifies"}
}

// verifyOlder checks the older message signatures from the newest down, up to the
// first that does not pass (RFC 8617 section 5.2 step 5), and gives OldestPass.
func (c *chain) verifyOlder(ctx context.Context, args Args) int {
	for i := len(c.sets) - 2; i >= 0; i-- {
		s := &c.sets[i]
		if s.ams.fault == "" {
			c.fetch(ctx, args.Resolver, []keyName{nameOf(&s.ams.sig)})
		}
		s.message = c.verifyMessage(&s.ams, args.Now)
		if s.message.Result != Pass {
			return i + 2
		}
	}
	return 0
}

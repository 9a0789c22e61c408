package arc

import (
	"context"
	"errors"
	"fmt"

	"unspoof/dkim"
)

// maxHeaderFields is where dkim.ReadHeader stops reading.
const maxHeaderFields = 20_000

// Verify validates the chain of a message (RFC 8617 section 5.2). The error is
// one of Args; whatever is wrong with message, keys or DNS is a Result.
func Verify(ctx context.Context, args Args) (Result, error) {
	switch {
	case args.Resolver == nil:
		return Result{}, errors.New("arc: Args.Resolver is not set, so that no key can be asked for")
	case args.Now.IsZero():
		return Result{}, errors.New("arc: Args.Now is not set, so that no x= can be judged")
	}
	c, reason := collect(args.Message)
	if c == nil {
		return Result{Result: None, Reason: reason, Sets: []Set{}}, nil
	}
	if reason == "" {
		reason = c.structure()
	}
	if reason != "" {
		return c.result(Fail, reason, args), nil
	}
	c.verify(ctx, args)
	word, reason := c.conclude()
	oldest := 0
	if word == Pass {
		oldest = c.verifyOlder(ctx, args)
	}
	res := c.result(word, reason, args)
	res.OldestPass = oldest
	return res, nil
}

// chain is the work on one message.
type chain struct {
	header *dkim.Header
	body   []byte
	sets   []set // by instance
	keys   map[keyName]*keyAnswer
	bodies map[dkim.Canonicalization]bodyDigest
}

// structure tells what is wrong with the sets before any key is asked for (RFC
// 8617 section 5.2 steps 2 and 3), "" where nothing is.
func (c *chain) structure() string {
	newest := &c.sets[len(c.sets)-1]
	if newest.cv == "fail" { // step 2
		return fmt.Sprintf("the chain had failed already when i=%d was sealed (cv=fail)", newest.instance)
	}
	for i := range c.sets { // step 3A and 3B
		s := &c.sets[i]
		if s.instance != i+1 {
			return fmt.Sprintf("the set i=%d is missing", i+1)
		}
		if why := s.incomplete(); why != "" {
			return why
		}
	}
	for i := range c.sets { // step 3C
		s := &c.sets[i]
		want := "pass"
		if i == 0 {
			want = "none"
		}
		if s.cv != want {
			return fmt.Sprintf("ARC-Seal i=%d has cv=%.20q, where only %s can stand", s.instance, s.cv, want)
		}
	}
	return ""
}

// conclude draws the result from the newest message signature and all seals (RFC
// 8617 section 5.2 steps 4, 6 and 7).
func (c *chain) conclude() (Word, string) {
	newest := len(c.sets) - 1
	checks := []Check{c.sets[newest].message}
	names := []string{fmt.Sprintf("ARC-Message-Signature i=%d", newest+1)}
	for i := newest; i >= 0; i-- {
		checks = append(checks, c.sets[i].seal)
		names = append(names, fmt.Sprintf("ARC-Seal i=%d", i+1))
	}
	for _, word := range []Word{Fail, TempError} {
		for i, check := range checks {
			if check.Result == word {
				return word, names[i] + ": " + check.Reason
			}
		}
	}
	if newest == 0 {
		return Pass, "the one set verifies"
	}
	return Pass, fmt.Sprintf("the %d seals and the newest message signature verify", newest+1)
}

// result puts down what is known of the sets.
func (c *chain) result(word Word, reason string, args Args) Result {
	res := Result{Result: word, Reason: reason, Sets: make([]Set, len(c.sets))}
	for i := range c.sets {
		s := &c.sets[i]
		res.Sets[i] = Set{
			Instance: s.instance, Sealer: s.as.sig.Domain, Selector: s.as.sig.Selector, Signer: s.ams.sig.Domain,
			CV: s.cv, Time: s.as.sig.Time, Seal: s.seal, Message: s.message, Results: s.payload,
		}
	}
	res.trust(args.TrustedSealers, len(c.header.All("From")) == 1)
	return res
}

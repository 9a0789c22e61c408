package dkim

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"time"

	"unspoof/dns"
)

// Bounds on one message, for the zero value of a Verifier.
const (
	// DefaultSignatures is how many signatures are looked at: each may cost a
	// DNS look-up and an RSA operation. Mail that went through several lists
	// has up to ten.
	DefaultSignatures = 20
	// DefaultHeaderBytes is how much header is kept; mail servers take 100 KB
	// or less.
	DefaultHeaderBytes = 1 << 20
)

// clockSkew is how far the clocks of signer and verifier may honestly differ.
const clockSkew = 5 * time.Minute

// chunk is how much of a body is read at once.
const chunk = 32 << 10

// Verifier checks the DKIM signatures of messages. Its zero limits are the
// defaults. It is safe for concurrent use as far as its Resolver is.
type Verifier struct {
	Resolver dns.Resolver // needed
	// MaxSignatures is how many DKIM-Signature fields are looked at, from the
	// top, and so the most look-ups; 0: DefaultSignatures.
	MaxSignatures int
	// MaxHeaderBytes is how long a header may be; 0: DefaultHeaderBytes. What
	// is longer has its signatures reported as policy.
	MaxHeaderBytes int
}

// Args is one message and the moment.
type Args struct {
	// Message is the whole message, or its start; it is neither changed nor
	// kept.
	Message []byte
	// Rest is what follows Message; nil for nothing. It is read once, in pieces,
	// and only as far as it is needed.
	Rest io.Reader
	// Now decides whether signatures have expired. It must be set.
	Now time.Time
}

// Result is what a message's signatures say.
type Result struct {
	// Results has one entry a signature, top to bottom. It is empty for a
	// message without one: the word for that is None.
	Results []SignatureResult `json:"results"`
	// Skipped counts the signatures beyond MaxSignatures.
	Skipped int `json:"skipped,omitempty"`
	// TooLong: the header is over MaxHeaderBytes, or has too many fields, so that
	// no signature was checked, and there may be more than Results has.
	TooLong bool `json:"header_too_long,omitempty"`
	// Notes are sentences about the message.
	Notes []string `json:"notes,omitempty"`
}

// Verdict is what became of one half of a signature.
type Verdict string

const (
	Unchecked Verdict = "unchecked" // another fault came first
	Intact    Verdict = "intact"    // it is what was signed
	Partial   Verdict = "partial"   // a body whose first l= octets are what was signed
	Broken    Verdict = "broken"    // it is not what was signed
)

// SignatureResult is what came of one signature.
type SignatureResult struct {
	Domain   string `json:"domain"`             // d= as written; "" where it can't be read
	Selector string `json:"selector"`           // s=, likewise
	Result   Word   `json:"result"`             // RFC 8601 section 2.7.1
	Reason   string `json:"reason"`             // why, for every word
	Identity string `json:"identity,omitempty"` // i=, decoded; quote it where you write it

	Algorithm   Algorithm        `json:"algorithm,omitempty"`
	HeaderCanon Canonicalization `json:"header_canonicalization,omitempty"`
	BodyCanon   Canonicalization `json:"body_canonicalization,omitempty"`
	// Header and Body are judged apart.
	Header Verdict `json:"header"`
	Body   Verdict `json:"body"`
	// Signed is h=; Unsigned names its fields of which the message has more
	// than the signature covers.
	Signed   []string `json:"signed,omitempty"`
	Unsigned []string `json:"unsigned,omitempty"`
	// Length is l=, -1 without it, and BodySize the octets of the canonical
	// body, 0 where the body was not read.
	Length   int64 `json:"length"`
	BodySize int64 `json:"body_size"`
	// Time and Expires are t= and x=, zero without.
	Time     time.Time `json:"time,omitzero"`
	Expires  time.Time `json:"expires,omitzero"`
	KeyType  string    `json:"key_type,omitempty"`
	Bits     int       `json:"bits,omitempty"`      // of the key
	TestMode bool      `json:"test_mode,omitempty"` // t=y in the key record
	// Value is b=, without white space; its first eight characters tell
	// signatures of one domain apart (RFC 6008).
	Value string   `json:"value,omitempty"`
	Notes []string `json:"notes,omitempty"` // what a reader should know besides
	Field int      `json:"-"`               // index of the field in the Header
}

// Verify checks every signature of a message, reading it once. The error is one
// of Args or of reading Rest; whatever is wrong with message, keys or DNS is a
// Result. Look-ups for several signatures run at the same time.
func (v Verifier) Verify(ctx context.Context, args Args) (Result, error) {
	switch {
	case v.Resolver == nil:
		return Result{}, errors.New("dkim: Verifier has no Resolver")
	case args.Now.IsZero():
		return Result{}, errors.New("dkim: Args.Now is not set, so that no x= could be judged")
	}
	most := v.MaxHeaderBytes
	if most <= 0 {
		most = DefaultHeaderBytes
	}
	start, err := readStart(args.Message, args.Rest, most)
	if err != nil {
		return Result{}, err
	}
	run := verification{now: args.Now}
	run.header.read(start.header)
	run.collect(v.maxSignatures(), start.long || run.header.full)
	if len(run.checks) == 0 {
		return run.result, nil
	}
	run.fetch(ctx, v.Resolver)
	run.checkHeaders()
	if err := run.readBody(ctx, start.body, args.Rest); err != nil {
		return Result{}, err
	}
	run.conclude()
	return run.result, nil
}

func (v Verifier) maxSignatures() int {
	if v.MaxSignatures <= 0 {
		return DefaultSignatures
	}
	return v.MaxSignatures
}

// verification is the work on one message.
type verification struct {
	now    time.Time
	header Header
	checks []check
	keys   []keyAnswer
	bodies [2]*bodyHash // simple, relaxed; nil where nobody wants it
	result Result

	oneCheck [1]check // most messages have one signature
	oneKey   [1]keyAnswer
}

// check is one signature that is worth a look at its key.
type check struct {
	sig    Signature
	result int // index in Results
	key    *keyAnswer
	fault  *Fault // of the key
	header bool   // the signature value fits the header
}

// fail ends a signature before it is checked.
func (r *SignatureResult) fail(f *Fault) { r.Result, r.Reason = f.Word, f.Reason }

// collect reads the signature fields, and settles those that need no key.
func (run *verification) collect(most int, long bool) {
	count := 0
	for i := 0; i < run.header.Len(); i++ {
		if equalName(run.header.Name(i), "DKIM-Signature") {
			count++
		}
	}
	if run.result.TooLong = long; long {
		run.result.Notes = append(run.result.Notes, "The header is too long; no signature was checked.")
	}
	if count > most {
		run.result.Skipped = count - most
		run.result.Notes = append(run.result.Notes, "The message has more signatures than are looked at; the lower ones were passed over.")
	}
	run.result.Results = make([]SignatureResult, 0, min(count, most))
	for i := 0; i < run.header.Len() && len(run.result.Results) < most; i++ {
		if !equalName(run.header.Name(i), "DKIM-Signature") {
			continue
		}
		sig, fault := parseSignature(run.header.Raw(i), DKIM)
		if fault == nil {
			fault = sig.acceptable(run.now)
		}
		if long {
			fault = faultf(Policy, "header too long to be checked")
		}
		run.result.Results = append(run.result.Results, newResult(&sig, i))
		if fault != nil {
			run.result.Results[len(run.result.Results)-1].fail(fault)
			continue
		}
		if sig.Time.After(run.now.Add(clockSkew)) { // section 3.5 leaves it to the verifier
			r := &run.result.Results[len(run.result.Results)-1]
			r.Notes = append(r.Notes, fmt.Sprintf("t= is in the future (%s): a clock is wrong, or the date is made up", sig.Time.Format(time.RFC3339)))
		}
		if run.checks == nil {
			run.checks = run.oneCheck[:0]
			if count > 1 {
				run.checks = make([]check, 0, min(count, most))
			}
		}
		run.checks = append(run.checks, check{sig: sig, result: len(run.result.Results) - 1})
	}
}

// acceptable tells what bars a signature whatever its key.
func (s *Signature) acceptable(now time.Time) *Fault {
	switch {
	case s.Algorithm == RSASHA1:
		return faultf(Policy, "a=rsa-sha1 is retired (RFC 8301)")
	case s.Expires.IsZero():
	case !s.Time.IsZero() && !s.Expires.After(s.Time): // section 3.5
		return faultf(Policy, "x= is not later than t=, so the signature was never valid")
	case now.After(s.Expires):
		return faultf(Policy, "expired at %s (x=)", s.Expires.Format(time.RFC3339))
	}
	return nil
}

func newResult(s *Signature, field int) SignatureResult {
	b, _ := s.Tags.Get("b")
	return SignatureResult{
		Domain: s.Domain, Selector: s.Selector, Identity: s.Identity,
		Algorithm: s.Algorithm, HeaderCanon: s.HeaderCanon, BodyCanon: s.BodyCanon,
		Header: Unchecked, Body: Unchecked, Signed: s.Signed, Length: s.Length,
		Time: s.Time, Expires: s.Expires, Value: dropFWS(b), Field: field,
	}
}

// matches compares a body hash with bh=.
func (s *Signature) matches(sum [32]byte) bool {
	return subtle.ConstantTimeCompare(sum[:], s.BodyHash) == 1
}

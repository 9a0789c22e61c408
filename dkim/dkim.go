// Package dkim verifies, makes and explains DomainKeys Identified Mail
// signatures: RFC 6376 with the algorithms of RFC 8301 and 8463 and the
// internationalised names of RFC 8616.
//
// A [Verifier] reads a message once, whatever its size and however many
// signatures it has, and gives each signature one word of RFC 8601 with the
// cause. It is strict where a lax reading lets a forgery in; keys come through
// the dns.Resolver given, the clock through [Args].
//
// Where the RFCs leave a choice, this package takes it so:
//
//   - Any fault of the signature field (a tag missing, twice, or with a value
//     that is not allowed; From not in h=; i= outside d=) is permerror. Only a
//     version other than 1 is neutral: that signature is of another protocol.
//   - Any fault of a key record is permerror, and so is its absence. temperror
//     is for DNS that did not answer, nothing else.
//   - policy is for what is well formed and may even verify, but is not
//     accepted: rsa-sha1 and RSA keys under 1024 bits (RFC 8301), keys over 8192
//     bits, expired signatures, x= not later than t=, bodies signed in part.
//   - l= that covers the whole body is pass with a note. l= over less is policy:
//     whatever stands behind it, anybody may have written.
//   - t= in the future is pass with a note: clocks differ.
//   - A second From (or Subject, Date…) that h= does not cover is pass with a
//     note: the signature is right, but says nothing about that field. Whoever
//     uses the From must insist on exactly one.
//   - Several key records at one name are permerror (RFC 6376 section 3.6.2.2).
//     TXT records without a p= tag beside one with it are passed over.
//   - t=y (testing) changes no result; it is reported.
//   - White space between a field's name and its colon does not count in relaxed
//     canonicalisation, and does in simple.
//   - A bare LF is read as CRLF, in header and body: files on disk have them, and
//     mail servers mend them. A bare CR is an octet like any other.
//   - Underscores are allowed in labels of d= and s=; a d= needs two labels.
//   - An empty member of a tag list (";;") is passed over, an empty member of h=
//     is not.
//
// It does not: read RFC 4870 (DomainKeys), make rsa-sha1 signatures or l=, keep
// keys, or look at the clock.
package dkim

import "fmt"

// Word is a result of DKIM verification (RFC 8601 section 2.7.1).
type Word string

// None is the word for a message without a signature: its Result has no
// Results.
const (
	None      Word = "none"
	Pass      Word = "pass"
	Fail      Word = "fail"      // header or body are not what was signed, or another key signed
	Policy    Word = "policy"    // not acceptable, though it may verify
	Neutral   Word = "neutral"   // not a signature of this protocol's version
	TempError Word = "temperror" // DNS did not answer; later it may
	PermError Word = "permerror" // the signature field or the key record is at fault
)

// Fault is why a signature or a key is not accepted. Functions of this package
// that return an error about what they read return a *Fault.
type Fault struct {
	Word   Word   // Fail, Policy, Neutral, TempError or PermError
	Reason string // a phrase that names the tag or field at fault
	Err    error  // the cause, where there is one: of TempError what DNS said
}

func (f *Fault) Error() string { return "dkim: " + f.Reason }

func (f *Fault) Unwrap() error { return f.Err }

func faultf(w Word, format string, args ...any) *Fault {
	return &Fault{Word: w, Reason: fmt.Sprintf(format, args...)}
}

// clip shortens text of others for a reason; with %q it is harmless.
func clip(s string) string {
	const most = 64
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// Algorithm is the value of a= (RFC 6376 section 3.3, RFC 8463 section 3).
type Algorithm string

// RSASHA1 is recognised, and never accepted (RFC 8301 section 3.1).
const (
	RSASHA256     Algorithm = "rsa-sha256"
	Ed25519SHA256 Algorithm = "ed25519-sha256"
	RSASHA1       Algorithm = "rsa-sha1"
)

// keyType gives the k= that fits the algorithm.
func (a Algorithm) keyType() string {
	if a == Ed25519SHA256 {
		return "ed25519"
	}
	return "rsa"
}

// Canonicalization is how a header or a body is brought to the form that is
// hashed (RFC 6376 section 3.4).
type Canonicalization string

const (
	Simple  Canonicalization = "simple"
	Relaxed Canonicalization = "relaxed"
)

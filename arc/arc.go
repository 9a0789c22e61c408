// Package arc verifies Authenticated Received Chains (RFC 8617): what servers that
// passed a message on say they found when it came to them.
//
// A chain that passes proves who sealed it and in which order, and nothing about
// whether those were honest: anybody can seal, and can put an old chain before a
// new message. So a Result is a signal, never a verdict. Only the sets that
// Set.Reliable marks, of sealers that the caller named, are worth a reading.
//
// Where RFC 8617 leaves a choice, or its test suite differs from it, this package
// takes it so:
//
//   - A chain whose newest seal says cv=fail is fail (section 5.2), not left
//     without a result.
//   - h= of the newest ARC-Message-Signature must name From (RFC 6376 section
//     5.4) and must not name ARC-Seal (section 4.1.2). Empty members beside names
//     ("from::to") are passed over.
//   - c= may be missing and then is simple/simple (RFC 6376 section 3.5).
//   - An empty member of a tag list (";;") is a fault, a final semicolon is not.
//   - l= over less than the whole body, and x= in the past, are fail.
//   - rsa-sha1 and RSA keys under 1024 or over 8192 bits are fail (RFC 8301).
//   - Older ARC-Message-Signatures need not verify (section 5.2 step 5) nor be
//     free of faults, but for their instance.
//   - A key that DNS did not give is temperror, a word that RFC 8617 does not
//     have: it is no proof against anybody. What fails for certain comes first.
//
// It does not seal: ARC is being made Historic.
package arc

import (
	"time"

	"unspoof/dns"
)

// MaxInstance is how many sets a chain may have (RFC 8617 section 4.2.1).
const MaxInstance = 50

// Word is a result of chain validation (RFC 8617 section 4.4).
type Word string

const (
	None Word = "none" // no ARC field in the message
	Pass Word = "pass"
	Fail Word = "fail"
	// TempError: DNS did not give a key; another try may tell.
	TempError Word = "temperror"
)

// Args is one message, the moment, and whom to believe.
type Args struct {
	// Message is the whole message, its lines ending in CRLF or LF. It is neither
	// changed nor kept.
	Message []byte
	// Resolver gives the keys: at most 100 questions.
	Resolver dns.Resolver
	// Now decides whether signatures have expired. It must be set.
	Now time.Time
	// TrustedSealers are the domains (d=) whose reports count, each by its own
	// name: subdomains are not included. Case and U-labels make no difference.
	TrustedSealers []string
}

// Result is what a chain says.
type Result struct {
	Result Word   `json:"result"`
	Reason string `json:"reason"` // why, for every word
	// Sets in the order of their instances, the first sealer's first; also those
	// of a chain that is not well formed, as far as they can be told apart.
	Sets []Set `json:"sets"`
	// OldestPass is the lowest instance from which on every message signature
	// passes: the message is as it was then. 0 says that all do (RFC 8617 section
	// 5.2 step 5). It counts only in a chain that passes.
	OldestPass int `json:"oldest_pass"`
}

// Set is the three fields of one sealer (RFC 8617 section 4.2).
type Set struct {
	Instance int    `json:"instance"`
	Sealer   string `json:"sealer"`   // d= of ARC-Seal, as written
	Selector string `json:"selector"` // s= of ARC-Seal
	Signer   string `json:"signer"`   // d= of ARC-Message-Signature, mostly the same
	// CV is what the sealer found of the chain before: "none", "pass", "fail".
	CV      string    `json:"cv"`
	Time    time.Time `json:"time,omitzero"` // t= of ARC-Seal
	Seal    Check     `json:"seal"`
	Message Check     `json:"message"` // whether the message is as this sealer passed it on
	// Listed says that sealer and signer are among the TrustedSealers.
	Listed bool `json:"listed"`
	// Reliable says that Results were written by a listed sealer about this very
	// message: the chain passes, there is one From, and since then either nothing
	// that is signed has changed or only listed sealers handled it.
	Reliable bool `json:"reliable"`
	// Results is the payload of ARC-Authentication-Results behind "i=1;", as
	// written, in the form of Authentication-Results (RFC 8601).
	Results string `json:"results"`
}

// Check is what became of one signature.
type Check struct {
	Result Word   `json:"result"` // None: not checked
	Reason string `json:"reason"`
}

func failed(reason string) Check { return Check{Fail, reason} }

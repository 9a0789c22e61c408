// Package spf evaluates the Sender Policy Framework (RFC 7208, and RFC 8616 for
// internationalised names): may this address send for this domain, and which
// term of which record says so.
//
// A record is read by one scanner, for evaluation ([Checker]) as for the tree
// that people see ([Parse]); every DNS question goes through one budget, so that
// no record can cost more than the standard's limits, loops included. The
// network is reached only through the Resolver given.
//
// Where RFC 7208 leaves a choice, this package takes it so:
//
//   - A look-up of addresses asks only for the type of the client's family: A
//     for IPv4, AAAA for IPv6 (section 5). An answer without that type is void,
//     whether or not the name has addresses of the other family.
//   - Voids are counted as section 4.6.4 is worded, by terms: a term counts
//     once, however many of its questions found nothing (an mx whose three
//     hosts have no AAAA is one void to a client with IPv6). The question for
//     the domain's own record, those for the names that a PTR answer gave (not
//     the domain but the client's side chose them), and those for an explanation
//     don't count.
//   - %{p} counts as one look-up, when it first makes the PTR question.
//   - A target that can't be a DNS name (empty label, label over 63 octets, not
//     ASCII) counts as a look-up, is never asked, and matches nothing; as the
//     target of include or redirect it has no record, hence permerror.
//   - Terms that hold %{s} or %{l} match nothing while the local part is not
//     ASCII (RFC 8616 section 4).
//   - More than ten MX records are a permerror before any of them is asked, so
//     that the result does not hang on the order of an answer.
//
// Beyond the standard's limits, a check ends with permerror when its macros stand
// for more than 65,536 octets, or when a caller has raised the limits, after 250
// questions.
//
// It does not: keep DNS answers (the Resolver may), read the obsolete SPF record
// type, guess a record where there is none, or look at the clock.
package spf

import (
	"net/netip"
	"time"
)

// Word is a result of check_host (RFC 7208 section 2.6).
type Word string

const (
	None      Word = "none"      // no record, or no domain that could have one
	Neutral   Word = "neutral"   // the domain says nothing about this client
	Pass      Word = "pass"      // the client may send for the domain
	Fail      Word = "fail"      // it may not
	SoftFail  Word = "softfail"  // it probably may not
	TempError Word = "temperror" // DNS did not answer: later it may
	PermError Word = "permerror" // the record is broken: its owner must mend it
)

// Args is one SMTP client's claim. Names may hold U-labels (RFC 8616); addresses
// and names over 512 octets are none that SMTP could have carried.
type Args struct {
	IP       netip.Addr // of the client; IPv4-mapped addresses count as IPv4
	HELO     string
	MailFrom string // reverse-path without brackets; empty: postmaster@HELO (section 2.4)
	Receiver string // %{r}; empty: "unknown"
	// Time is %{t} of an explanation; the zero time expands to "0".
	Time time.Time
}

// Span is a range of bytes in a record's text.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Step is one event of an evaluation, in order: the look-up of a record, a
// term, or a further question of that term (the hosts of an mx). The step of an
// include comes before those of its record.
type Step struct {
	Depth  int    `json:"depth"` // 0: the domain's own record, or what its redirect led to
	Domain string `json:"domain"`
	// Term as written, Span its place in the record of Domain. In the look-up of
	// a record they are empty, or name the term and the bytes of a syntax error.
	Term      string `json:"term"`
	Span      Span   `json:"span"`
	Record    string `json:"record,omitempty"`    // in the step of its look-up only
	Expansion string `json:"expansion,omitempty"` // macro expanded
	Query     string `json:"query,omitempty"`     // "TXT _spf.example.com"
	Answer    string `json:"answer,omitempty"`    // "192.0.2.1, 192.0.2.2", "NXDOMAIN", "timeout"
	Match     bool   `json:"match"`
	Result    Word   `json:"result,omitempty"` // where this step decides
	Lookups   int    `json:"lookups"`          // counters after the step; of an include, before its record
	Voids     int    `json:"voids"`
	Section   string `json:"section"` // of RFC 7208
	Note      string `json:"note,omitempty"`
}

// Result of a check.
type Result struct {
	Result      Word   `json:"result"`
	Explanation string `json:"explanation"` // exp= of a fail, else ""
	Lookups     int    `json:"lookups"`     // terms that count to the limit of 10 (section 4.6.4)
	Voids       int    `json:"voids"`       // terms of these with a void look-up, limit 2; see the package comment
	Trace       []Step `json:"trace"`       // nil unless asked for
	// Domain whose record was checked, in A-labels, and Record its text, ""
	// where there is none. Mechanism is the term that decided, as written in
	// Record, or in the record that its redirect led to; "" when none did. In
	// an error it is the term at fault, in whichever record that stands. Cause
	// says why for none, temperror and permerror.
	Domain    string `json:"domain"`
	Record    string `json:"record"`
	Mechanism string `json:"mechanism"`
	Cause     string `json:"cause"`
}

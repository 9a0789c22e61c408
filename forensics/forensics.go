// Package forensics answers "was it me?": from a notice, what its owner knows of
// his own mail (a [Profile]) and DNS, it decides whether the message that came
// back was genuine, sent by somebody who broke in, or merely carried a forged
// address; and of a whole mailbox, whether that changed.
//
// It rests each reason on a header line and says who could have forged that
// line. It never calls a message spoofed from the absence of evidence alone. It
// has no clock, reads no file and asks only the Resolver that it is given.
package forensics

import (
	"net/netip"
	"time"
)

// Verdict on one message or on a mailbox.
type Verdict string

const (
	Genuine     Verdict = "genuine"
	Compromised Verdict = "compromised"
	Spoofed     Verdict = "spoofed"
	Unknown     Verdict = "unknown"
)

// Subtype says which way a Verdict came about.
type Subtype string

const (
	Logged    Subtype = "logged"    // genuine
	Sealed    Subtype = "sealed"    // genuine
	Forwarded Subtype = "forwarded" // genuine

	Account    Subtype = "account"     // compromised
	Script     Subtype = "script"      // compromised
	ESPAccount Subtype = "esp-account" // compromised
	Key        Subtype = "key"         // compromised

	Direct   Subtype = "direct"    // spoofed
	ViaRelay Subtype = "via-relay" // spoofed
	Replay   Subtype = "replay"    // spoofed

	OursUnexplained      Subtype = "ours-unexplained"      // unknown
	NoOriginal           Subtype = "no-original"           // unknown
	NoBoundary           Subtype = "no-boundary"           // unknown
	Conflict             Subtype = "conflict"              // unknown
	ForgedNotice         Subtype = "forged-notice"         // unknown
	SharedInfrastructure Subtype = "shared-infrastructure" // unknown
)

// Confidence in a Verdict.
type Confidence string

const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Strength of one piece of evidence.
type Strength string

const (
	Proof  Strength = "proof"
	Strong Strength = "strong"
	Weak   Strength = "weak"
)

// Reason is one piece of evidence: what it says, the line that it rests on, and
// who could have forged that line.
type Reason struct {
	Code     string   `json:"code"` // "E4", "E5-fail", "E8x": section 3 of the evidence model
	Strength Strength `json:"strength"`
	For      Verdict  `json:"for,omitempty"` // what it supports; empty: context only
	Text     string   `json:"text"`          // a sentence for people
	// Where names the line: "notice line 4" or "original line 12" or "profile",
	// "log", "DNS"; Line is that line's text, unfolded, at most 300 bytes.
	Where string `json:"where,omitempty"`
	Line  string `json:"line,omitempty"`
	// Forgeable names who could have written that line falsely: "nobody", "the
	// sender", "the reporting server".
	Forgeable string `json:"forgeable,omitempty"`
}

// Judgement is the verdict on one message.
type Judgement struct {
	Verdict    Verdict    `json:"verdict"`
	Subtype    Subtype    `json:"subtype"`
	Confidence Confidence `json:"confidence"`
	Bounce     bool       `json:"bounce"`
	// T0 is when the original was handed over; zero when not known, and for a
	// forged notice.
	T0 time.Time `json:"t0"`
	// HandoffIP is the address that handed the original to the first host whose
	// word counts; ClientIP the submission client below one's own hosts.
	HandoffIP netip.Addr `json:"handoff_ip"`
	ClientIP  netip.Addr `json:"client_ip"`
	Account   string     `json:"account"` // what to lock or clean; "" when nothing
	Report    string     `json:"report"`  // whose abuse desk to tell; "" when nobody
	Reasons   []Reason   `json:"reasons"`
	// Sentence says the verdict for people; Missing names the one input that
	// would decide an unknown ("" when decided).
	Sentence string `json:"sentence"`
	Missing  string `json:"missing,omitempty"`
	// Arrived is when the notice reached the mailbox; zero when not known.
	Arrived time.Time `json:"arrived"`
	// Rule is the one that decided, by its number in section 6 of the evidence
	// model: "4b".
	Rule string `json:"rule"`
}

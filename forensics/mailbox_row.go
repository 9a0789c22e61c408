package forensics

import (
	"slices"
	"strings"

	"unspoof/bounce"
)

// The verdicts by gravity: of two equally sure ones on the same original, the
// graver counts.
const (
	unknownVerdict = iota
	genuineVerdict
	spoofedVerdict
	compromisedVerdict
	verdictCount
)

var verdictNames = [verdictCount]Verdict{Unknown, Genuine, Spoofed, Compromised}

func verdictOf(v Verdict) int { return max(0, slices.Index(verdictNames[:], v)) }

var subtypeNames = [...]Subtype{"", Logged, Sealed, Forwarded, Account, Script, ESPAccount, Key, Direct, ViaRelay, Replay,
	OursUnexplained, NoOriginal, NoBoundary, Conflict, ForgedNotice, SharedInfrastructure}

// mailRow is everything kept of one original.
type mailRow struct {
	handoff     [16]byte // zero: not known
	t0, arrived uint32   // seconds since 1970, the earliest seen; 0: not known
	shape       uint32   // number in the table of shapes; 0: none
	sender      uint32   // number in the table of senders; 0: none
	account     uint32   // number in the table of accounts; 0: none
	notices     uint32
	refused     uint32 // recipients that refused it
	bits        uint32 // verdict 0–1, confidence 2–3, subtype 4–8, reporter 24–30, and the bits below
}

const (
	bitToYou     = 1 << (16 + iota) // sent to its own sender
	bitRefused                      // a reason was given
	bitNamed                        // and it names SPF, DKIM or DMARC
	bitFamiliar                     // to somebody whom the outbound log knows
	bitStrangers                    // to nobody whom it knows
	bitOurs                         // left through what is the owner's, unexplained
)

func (r *mailRow) set(bit uint32, on bool) {
	if on {
		r.bits |= bit
	}
}

func (r *mailRow) has(bit uint32) bool { return r.bits&bit != 0 }

// judge packs the judgement's words.
func (r *mailRow) judge(j Judgement) {
	confidence := 0
	switch j.Confidence {
	case Medium:
		confidence = 1
	case High:
		confidence = 2
	}
	r.bits |= uint32(verdictOf(j.Verdict) | confidence<<2 | max(0, slices.Index(subtypeNames[:], j.Subtype))<<4)
}

const judgeMask = 1<<9 - 1

func (r *mailRow) verdict() int     { return int(r.bits & 3) }
func (r *mailRow) confidence() int  { return int(r.bits >> 2 & 3) }
func (r *mailRow) subtype() Subtype { return subtypeNames[r.bits>>4&31] }

// rank orders judgements on the same original: decided before not, then the
// surer, then the graver; of the undecided, that it left through what is the
// owner's.
func (r *mailRow) rank() int {
	if r.verdict() == unknownVerdict {
		return btoi(r.has(bitOurs))
	}
	return 4 + 4*r.confidence() + r.verdict()
}

// merge adds another notice of the same original, unless one is about genuine
// mail and the other about an abuse of it. What belongs to the judgement comes
// from the notice that tells most; the time is the earliest of those that
// agree, because a queue hands the same message over for days.
func (r *mailRow) merge(o mailRow) bool {
	if r.verdict() != unknownVerdict && o.verdict() != unknownVerdict && (r.verdict() == genuineVerdict) != (o.verdict() == genuineVerdict) {
		return false
	}
	switch {
	case o.rank() > r.rank():
		r.bits = r.bits&^judgeMask | o.bits&judgeMask
		r.account = o.account
		r.setReporter(o.reporter())
		if o.t0 != 0 {
			r.t0 = o.t0
		}
		if o.handoff != ([16]byte{}) {
			r.handoff = o.handoff
		}
	case o.rank() == r.rank():
		if o.t0 != 0 && (r.t0 == 0 || o.t0 < r.t0) {
			r.t0 = o.t0
		}
		if r.handoff == ([16]byte{}) {
			r.handoff = o.handoff
		}
		if r.account == 0 && r.subtype() == o.subtype() { // a script has no account's name
			r.account = o.account
		}
		r.addReporter(o.reporter())
	}
	if o.arrived != 0 && (r.arrived == 0 || o.arrived < r.arrived) {
		r.arrived = o.arrived
	}
	r.notices += min(o.notices, ^uint32(0)-r.notices)
	r.refused += min(o.refused, ^uint32(0)-r.refused)
	r.bits |= o.bits &^ (judgeMask | reporterMask)
	if r.has(bitFamiliar) {
		r.bits &^= bitStrangers
	}
	return true
}

// authenticationCodes are the enhanced codes that only a failed check of SPF,
// DKIM or DMARC gives; 5.7.1 says no more than "policy" (RFC 3463 section 3.8).
var authenticationCodes = []string{"5.7.20", "5.7.21", "5.7.22", "5.7.23", "5.7.24", "5.7.25", "5.7.26", "5.7.27", "5.7.509", "5.7.515"}

func namesAuthentication(r *bounce.Refusal) bool {
	if r.Class == bounce.Authentication || slices.Contains(authenticationCodes, r.Enhanced) {
		return true
	}
	if r.Enhanced != "5.7.1" {
		return false
	}
	words := strings.FieldsFunc(strings.ToLower(shorten(r.Text, 512)), func(c rune) bool { return c < 'a' || c > 'z' })
	return slices.ContainsFunc(words, func(w string) bool { return w == "spf" || w == "dkim" || w == "dmarc" })
}

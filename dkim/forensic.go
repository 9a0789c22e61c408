package dkim

import (
	"context"
	"strings"
	"time"

	"unspoof/dns"
)

// Returned tells what of a body came back with a bounce.
type Returned uint8

const (
	WholeBody Returned = iota // everything behind the header is the body, complete
	CutBody                   // a first part of it
	NoBody                    // the header alone
)

// ForensicArgs is a message as it came back, and what its supposed signer knows.
type ForensicArgs struct {
	// Message is the header and what came back of the body; it is not changed.
	Message  []byte
	Returned Returned
	// Domains limits the work to signatures with these d=, or names under them;
	// nil takes all.
	Domains []string
	// Archive are the keys that the domains had.
	Archive []ArchivedKey
	// Resolver is asked for selectors that the archive does not have; nil: they
	// stay unknown.
	Resolver dns.Resolver
	// HandedOver is when the message was handed over, with which x= and the
	// archive's times are compared; zero: not known.
	HandedOver time.Time
}

// ArchivedKey is a key record and its time in DNS.
type ArchivedKey struct {
	Domain, Selector string
	From, Removed    time.Time // Removed zero: still there
	Record           string
}

// Evidence is what a signature says about where a message came from: the items
// of the evidence model.
type Evidence string

const (
	// EvidenceFull: the key signed this header and this body.
	EvidenceFull Evidence = "E1"
	// EvidenceHeader: the key signed this header; of the body nothing is known.
	EvidenceHeader Evidence = "E1h"
	// EvidenceInvented: the domain never had such a selector.
	EvidenceInvented Evidence = "E2"
	// EvidenceBroken: the selector is the domain's, and the signature does not
	// fit. That says nothing: mail is changed on its way.
	EvidenceBroken Evidence = "E2x"
	// EvidenceNone: the signature can't be judged; the Reason says why.
	EvidenceNone Evidence = ""
)

// Expiry compares x= with the hand-over.
type Expiry string

const (
	NoExpiry       Expiry = ""        // no x=
	ExpiryKept     Expiry = "kept"    // handed over in time
	ExpiryPassed   Expiry = "passed"  // handed over later: a replay, or a very long queue
	ExpiryUnjudged Expiry = "unknown" // the time of the hand-over is not known
)

// ForensicResult is what the signatures of a returned message say.
type ForensicResult struct {
	Results []ForensicSignature // top to bottom
	Skipped int                 // signatures beyond DefaultSignatures
}

// ForensicSignature is what one signature says.
type ForensicSignature struct {
	Signature Signature
	Evidence  Evidence
	Reason    string  // why, in a phrase
	Header    Verdict // Intact may rest on Breaks that were undone
	Body      Verdict
	// Archived says that the key came from the archive, KeyFrom and KeyRemoved
	// its times. Outdated says that it was not in DNS at the hand-over.
	Archived            bool
	KeyFrom, KeyRemoved time.Time
	Outdated            bool
	Bits                int
	Expiry              Expiry
	// Breaks are what was changed since signing. Those that are Proven were
	// undone in trial, and with that the signature fits. A trial may only prove:
	// none of them makes evidence against anybody.
	Breaks []Break
	// Tries counts the trials.
	Tries int
}

// Change is what became of a field or a body.
type Change string

const (
	Added   Change = "added"
	Removed Change = "removed"
	Changed Change = "changed"
)

// Break is one change that a signature did not survive.
type Break struct {
	// Field is the header field; "" where Start and End tell the octets of the
	// body as it came back, or, both zero, where the whole message is meant.
	Field      string
	Start, End int
	Change     Change
	Cause      string // what it was, or probably was
	Proven     bool   // undoing it made the signature fit
}

// Forensic judges header and body of a returned message apart, and finds what
// broke them. It is for looking back and never for accepting mail: it takes keys
// that are no longer published, signatures that have expired or cover a part of
// the body, and it tries repairs.
//
// Only DNS makes it fail, and only by leaving a signature without judgement: the
// error is that of ctx.
func Forensic(ctx context.Context, args ForensicArgs) (ForensicResult, error) {
	f := forensic{args: args, hashes: maxTrialHashes}
	f.judge(ctx, form{message: args.Message})
	f.tryForms(ctx)
	return f.result, ctx.Err()
}

// forensic is the work on one message.
type forensic struct {
	args   ForensicArgs
	keys   map[string]forensicKeys // by name
	result ForensicResult
	hashes int // octets that trials of headers may still hash
	bodies int // bodies that were tried to be repaired
}

// form is the message as it came, or with a change to all of it undone.
type form struct {
	message []byte
	undone  *Break // nil: as it came
}

// judge looks at every signature of a form.
func (f *forensic) judge(ctx context.Context, form form) {
	h, body := ReadHeader(form.message)
	seen := 0
	for i := 0; i < h.Len(); i++ {
		if !equalName(h.Name(i), "DKIM-Signature") {
			continue
		}
		s, fault := parseSignature(h.Raw(i), DKIM)
		if !f.wanted(&s) {
			continue
		}
		if seen++; seen > DefaultSignatures {
			if form.undone == nil {
				f.result.Skipped++
			}
			continue
		}
		r := ForensicSignature{Signature: s, Header: Unchecked, Body: Unchecked}
		f.signature(ctx, &r, fault, h, i, body, form.undone == nil)
		f.keep(r, form.undone)
	}
}

// wanted tells signatures of the domains asked for.
func (f *forensic) wanted(s *Signature) bool {
	if f.args.Domains == nil {
		return true
	}
	for _, d := range f.args.Domains {
		if inside, _ := within(s.Domain, d); inside {
			return true
		}
	}
	return false
}

// keep enters a result. One of a changed form counts only where it proves what
// was not proven so far.
func (f *forensic) keep(r ForensicSignature, undone *Break) {
	if undone == nil {
		f.result.Results = append(f.result.Results, r)
		return
	}
	if r.Header != Intact {
		return
	}
	b := *undone
	b.Proven = true
	r.Breaks = append([]Break{b}, r.Breaks...)
	for i := range f.result.Results {
		old := &f.result.Results[i]
		unread := old.Signature.Domain == "" || old.Signature.Selector == ""
		if old.Header != Intact && (unread || sameSignature(&old.Signature, &r.Signature)) {
			r.Tries += old.Tries
			*old = r
			return
		}
		if sameSignature(&old.Signature, &r.Signature) {
			return
		}
	}
	f.result.Results = append(f.result.Results, r)
}

func sameSignature(a, b *Signature) bool {
	return strings.EqualFold(a.Domain, b.Domain) && strings.EqualFold(a.Selector, b.Selector)
}

// signature judges one signature. Repairs are tried only where repair says so.
func (f *forensic) signature(ctx context.Context, r *ForensicSignature, fault *Fault, h *Header, index int, body []byte, repair bool) {
	s := &r.Signature
	r.Expiry = expiry(s, f.args.HandedOver)
	keys := f.keysOf(ctx, s)
	if keys.invented {
		r.Evidence, r.Reason = EvidenceInvented, "the domain never had the selector "+clip(s.Selector)
		return
	}
	if fault != nil {
		r.Reason = fault.Reason
		return
	}
	if s.Algorithm == RSASHA1 {
		r.Reason = "a=rsa-sha1 proves nothing: its signatures can be forged (RFC 8301)"
		return
	}
	if len(keys.keys) == 0 {
		r.Reason = keys.reason
		return
	}
	for _, k := range keys.keys {
		if why := k.key.fit(s); why != nil {
			r.Reason = why.Reason
			continue
		}
		t := newTrials(h, index, s, &k.key)
		t.most = min(t.most, f.hashes/(t.size+1)+1)
		breaks, ok := t.header(repair, body)
		f.hashes -= min(f.hashes, t.tries*t.size)
		r.Tries += t.tries
		r.Header = Broken
		r.Archived, r.KeyFrom, r.KeyRemoved, r.Bits = k.archived, k.from, k.removed, k.key.Bits
		r.Outdated = k.outdated(f.args.HandedOver)
		r.Breaks = breaks
		if ok {
			r.Header = Intact
			break
		}
	}
	if r.Header == Unchecked {
		return
	}
	f.body(r, body, repair || r.Header == Intact)
	r.conclude()
}

// conclude finds the evidence.
func (r *ForensicSignature) conclude() {
	switch {
	case r.Header == Broken:
		r.Evidence, r.Reason = EvidenceBroken, "the signature does not fit the header that came back; mail is changed on its way, so this says nothing"
	case r.Body == Intact:
		r.Evidence, r.Reason = EvidenceFull, "the key signed this header and this body"
	case r.Body == Partial:
		r.Evidence, r.Reason = EvidenceHeader, "the key signed this header and the first part of the body (l=)"
	case r.Body == Broken:
		r.Evidence, r.Reason = EvidenceHeader, "the key signed this header; the body that came back is another"
	default:
		r.Evidence, r.Reason = EvidenceHeader, "the key signed this header; the body did not come back whole"
	}
}

func expiry(s *Signature, handedOver time.Time) Expiry {
	switch {
	case s.Expires.IsZero():
		return NoExpiry
	case handedOver.IsZero():
		return ExpiryUnjudged
	case handedOver.After(s.Expires):
		return ExpiryPassed
	}
	return ExpiryKept
}

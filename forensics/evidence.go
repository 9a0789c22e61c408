package forensics

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"unspoof/message"
)

// collectors gather the evidence of section 3 of the evidence model, in the order
// in which reasons are given. Each looks at the inquiry and adds what it finds.
func collectors() []func(q *inquiry, ctx context.Context) {
	return []func(q *inquiry, ctx context.Context){
		noticeEvidence,
		ownHostEvidence,
		loginEvidence,
		signatureEvidence,
		sealEvidence,
		logEvidence,
		missingLogEvidence,
		sessionEvidence,
		traceEvidence,
		forwardedEvidence,
		spfEvidence,
		serviceEvidence,
		providerNoticeEvidence,
		toYouEvidence,
		heloEvidence,
		unlistedEvidence,
		unsignedEvidence,
		messageIDEvidence,
		envelopeEvidence,
		tagEvidence,
		diagnosticEvidence,
		reflectedEvidence,
	}
}

// Who could have written a line falsely (section 2 of the evidence model).
const (
	byNobody   = "nobody"
	byReporter = "the reporting server"
	bySender   = "the sender"
	byBoth     = "the sender, the reporting server"
)

// finding is a Reason in the making.
type finding struct {
	Reason
	// mine says that it supports "this went out through me": for a genuine
	// message as well as for a stolen account.
	mine bool
	// outside says that it does not rest on what stands in the notice, so that an
	// undecided notice does not weaken it.
	outside bool
}

// add takes a finding in, weakened as far as the notice it rests on is doubtful.
func (q *inquiry) add(f finding) {
	switch {
	case f.outside:
	case q.auth.standing == contradicted:
		return // E19: nothing inside counts
	case q.auth.standing == undecided:
		f.Strength = Weak
	case f.Strength == Proof && len(q.path.doubts) > 0:
		f.Strength = Strong
	}
	q.findings = append(q.findings, f)
}

// strength of the evidence with one of the codes; "" where there is none.
func (q *inquiry) strength(codes ...string) Strength {
	var best Strength
	for _, f := range q.findings {
		if slices.Contains(codes, f.Code) && rank(f.Strength) > rank(best) {
			best = f.Strength
		}
	}
	return best
}

func (q *inquiry) has(codes ...string) bool { return q.strength(codes...) != "" }

func rank(s Strength) int {
	switch s {
	case Proof:
		return 3
	case Strong:
		return 2
	case Weak:
		return 1
	}
	return 0
}

// maxLine is how much of a line a Reason repeats.
const maxLine = 300

// oneLine makes text fit to stand in a Reason: one line of whole characters, at
// most 300 bytes. Control characters are left to whoever prints it.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= maxLine {
		return s
	}
	s = s[:maxLine]
	for len(s) > 0 {
		if r, n := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || n > 1 {
			break
		}
		s = s[:len(s)-1]
	}
	return s
}

func fieldLine(f message.Field) string { return oneLine(f.Name + ": " + f.Value()) }

// onNotice makes a Reason rest on a field of the notice.
func (r Reason) onNotice(f message.Field) Reason {
	r.Where, r.Line = fmt.Sprintf("notice line %d", f.Line), fieldLine(f)
	return r
}

// onOriginal makes a Reason rest on a field of the original.
func (q *inquiry) onOriginal(r Reason, f message.Field) Reason {
	r.Where, r.Line = fmt.Sprintf("original line %d", f.Line), fieldLine(f)
	if h := q.n.Original.HeaderLine; h > 0 {
		r.Where += fmt.Sprintf(" (notice line %d)", f.Line+h)
	}
	return r
}

// noticeEvidence is E19 and, for people, what makes the notice good.
func noticeEvidence(q *inquiry, _ context.Context) {
	r := Reason{Code: "E19", Text: sentence(q.auth.why), Forgeable: byNobody}
	switch q.auth.standing {
	case contradicted:
		r.Strength, r.For = Strong, Unknown
		r.Text += " Nothing in it counts."
	case undecided:
		r.Strength = Weak
		r.Code = "notice-unchecked"
		r.Text += " What it says is taken as a hint only."
	case authentic:
		r.Strength = Strong
		r.Code = "notice-authentic"
	}
	if q.auth.proof != nil {
		r = r.onNotice(*q.auth.proof)
	} else if h := q.auth.peerHop; h != nil {
		r = r.onNotice(h.Field)
	} else if len(q.n.Hops) > 0 {
		r = r.onNotice(q.n.Hops[0].Field)
	}
	q.add(finding{Reason: r, outside: true})
}

// sentence makes text begin with a capital letter and end with a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(string(r)) + s[n:] + "."
}

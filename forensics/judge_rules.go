package forensics

import (
	"cmp"
	"net/netip"
)

// ruling is what a rule decides.
type ruling struct {
	number  string // of the rule, where it has several
	verdict Verdict
	subtype Subtype
	account string
	report  string
	limit   Confidence // upper limit; "": none
}

// rule is one numbered rule of section 6 of the evidence model.
type rule struct {
	number string
	decide func(q *inquiry) (ruling, bool)
}

// rules in their order; the first that matches decides.
func rules() []rule {
	return []rule{
		{"0", ruleToYou},
		{"1", ruleForgedNotice},
		{"2", ruleConflict},
		{"3b", ruleStolenSession},
		{"3a", ruleReplay},
		{"3c", ruleProvenGenuine},
		{"3d", ruleProvenMissing},
		{"3g", ruleProvenUnexplained},
		{"4a", rulePassedOn},
		{"4b", ruleForeignSession},
		{"4b", ruleLogged},
		{"4b", ruleNotLogged},
		{"4c", ruleUnexplained},
		{"5", ruleTagged},
		{"5", ruleUntagged},
		{"5", ruleNoSuchSender},
		{"5", ruleReflected},
		{"6", ruleStranger},
		{"7", ruleShared},
		{"8", ruleUndecided},
	}
}

// decide applies the rules and words the outcome.
func (q *inquiry) decide() Judgement {
	jm := Judgement{
		Bounce:    q.n.Bounce,
		T0:        q.path.t0,
		HandoffIP: q.path.ip,
		ClientIP:  q.clientIP(),
		Arrived:   q.n.Date,
	}
	var r ruling
	for _, rule := range rules() {
		var ok bool
		if r, ok = rule.decide(q); ok {
			jm.Rule = cmp.Or(r.number, rule.number)
			break
		}
	}
	if q.has("to-you") {
		jm.T0, jm.HandoffIP = q.auth.peerHop.Time, q.auth.peer
	}
	jm.Verdict, jm.Subtype, jm.Account, jm.Report = r.verdict, r.subtype, r.account, r.report
	jm.Confidence = q.confidence(r)
	jm.Reasons = make([]Reason, 0, len(q.findings))
	for _, f := range q.findings {
		if f.mine && f.For == "" && (r.verdict == Genuine || r.verdict == Compromised) {
			f.For = r.verdict
		}
		jm.Reasons = append(jm.Reasons, f.Reason)
	}
	jm.Sentence, jm.Missing = q.words(&jm)
	return jm
}

// confidence: high with a proof; medium with two strong items, or one and an
// authentic notice; else low. Each doubt about the chain takes one step.
func (q *inquiry) confidence(r ruling) Confidence {
	proofs, strong, doubts := 0, 0, len(q.path.doubts)
	for _, f := range q.findings {
		supports := f.For == r.verdict && f.For != Unknown || f.mine && (r.verdict != Spoofed)
		if f.Code == "E19" {
			supports = r.subtype == ForgedNotice
		}
		if !supports {
			continue
		}
		switch f.Strength {
		case Proof:
			proofs++
			if f.outside {
				doubts = 0 // it does not rest on the chain
			}
		case Strong:
			strong++
		}
	}
	level := 0
	switch {
	case proofs > 0:
		level = 2
	case strong >= 2, strong == 1 && q.auth.standing != undecided:
		level = 1
	}
	switch {
	case r.limit == Low:
		level = 0
	case r.limit == Medium:
		level = min(level, 1)
	}
	return [...]Confidence{Low, Medium, High}[max(level-doubts, 0)]
}

// clientIP is who handed the message to my own hosts, by their lines or their log.
func (q *inquiry) clientIP() netip.Addr {
	switch {
	case q.path.client.IsValid():
		return q.path.client
	case q.auth.standing == contradicted:
	case q.entry.recipient || q.entry.found && q.proven():
		return q.entry.ClientIP
	case q.sealed != nil:
		return q.sealed.Client
	}
	return netip.Addr{}
}

func ruleForgedNotice(q *inquiry) (ruling, bool) {
	return ruling{verdict: Unknown, subtype: ForgedNotice}, q.auth.standing == contradicted
}

// ruleConflict: proofs that exclude each other.
func ruleConflict(q *inquiry) (ruling, bool) {
	mine := q.has("E8", "E11")
	// A service has a return path of its own, which needs no tag.
	untagged := rank(q.strength("E10x")) >= rank(Strong) && !q.has("E6")
	return ruling{verdict: Unknown, subtype: Conflict, limit: Low}, mine && (q.has("E12") || untagged)
}

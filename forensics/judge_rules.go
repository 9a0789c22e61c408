package forensics

import "net/netip"

// ruling is what a rule decides.
type ruling struct {
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

// rules in their order; the first that matches decides. The part of rules 2, 3 and
// 5 that rests on signatures, tags and seals is not among them.
func rules() []rule {
	return []rule{
		{"1", ruleForgedNotice},
		{"2", ruleConflict},
		{"4a", rulePassedOn},
		{"4b", ruleForeignSession},
		{"4b", ruleLogged},
		{"4b", ruleNotLogged},
		{"4c", ruleUnexplained},
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
			jm.Rule = rule.number
			break
		}
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
	case q.entry.recipient && q.auth.standing != contradicted:
		return q.entry.ClientIP
	}
	return netip.Addr{}
}

func ruleForgedNotice(q *inquiry) (ruling, bool) {
	return ruling{verdict: Unknown, subtype: ForgedNotice}, q.auth.standing == contradicted
}

// ruleConflict: proofs that exclude each other.
func ruleConflict(q *inquiry) (ruling, bool) {
	return ruling{verdict: Unknown, subtype: Conflict, limit: Low}, q.has("E8") && q.has("E12")
}

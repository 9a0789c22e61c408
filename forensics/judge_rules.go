package forensics

import (
	"net/netip"
	"time"

	"unspoof/bounce"
)

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
	proofs, strong := 0, 0
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
	if r.subtype != ForgedNotice {
		level -= len(q.path.doubts)
	}
	return [...]Confidence{Low, Medium, High}[max(level, 0)]
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
	return ruling{verdict: Unknown, subtype: ForgedNotice},
		q.auth.standing == contradicted || q.n.Kind == bounce.FakeBounce
}

// ruleConflict: proofs that exclude each other.
func ruleConflict(q *inquiry) (ruling, bool) {
	return ruling{verdict: Unknown, subtype: Conflict, limit: Low}, q.has("E8") && q.has("E12")
}

// rulePassedOn: it left my host, but had come in from outside for an alias.
func rulePassedOn(q *inquiry) (ruling, bool) {
	report := ""
	if ip := q.passedOnFrom(); ip.IsValid() {
		report = ip.String()
	}
	return ruling{verdict: Spoofed, subtype: ViaRelay, report: report}, q.strength("E4f") == Proof ||
		q.strength("E4f") == Strong && len(q.path.doubts) > 0
}

func (q *inquiry) passedOnFrom() netip.Addr {
	if q.path.client.IsValid() {
		return q.path.client
	}
	if e, ok := q.inboundEntry(); ok {
		return e.ClientIP
	}
	return netip.Addr{}
}

// leftMine: the notice is good, and the message left my host; or my own log has
// it to this very recipient and nothing says that it left elsewhere.
func (q *inquiry) leftMine() bool {
	return q.auth.standing == authentic && q.leftMyHost() || q.loggedAtHome()
}

// loggedAtHome: E8 on a notice that could not be checked. My log is mine.
func (q *inquiry) loggedAtHome() bool {
	return q.auth.standing == undecided && q.has("E8") && (!q.path.ip.IsValid() || q.own.ip(q.path.ip))
}

func (q *inquiry) uncheckedLimit() Confidence {
	if q.auth.standing == undecided {
		return Low
	}
	return ""
}

func ruleForeignSession(q *inquiry) (ruling, bool) {
	if !q.leftMine() || q.strength("E9") != Strong {
		return ruling{}, false
	}
	r := ruling{verdict: Compromised, subtype: Account, account: q.user(), limit: q.uncheckedLimit()}
	r.report = publicText(q.clientIP())
	if len(q.own.clients) == 0 && r.limit == "" {
		r.limit = Medium // learned from the log, not declared
	}
	return r, true
}

func ruleLogged(q *inquiry) (ruling, bool) {
	if !q.leftMine() {
		return ruling{}, false
	}
	if q.has("E8") {
		r := ruling{verdict: Genuine, subtype: Logged, limit: q.uncheckedLimit()}
		if r.limit == "" && q.sessionSeen() == sessionOpen {
			r.limit = Medium // whose session it was is not shown
		}
		return r, true
	}
	// The same message, to a recipient that somebody on the way passed it on to.
	soon := q.entry.found && !q.path.t0.IsZero() && q.path.t0.Sub(q.entry.Time).Abs() <= prompt
	return ruling{verdict: Genuine, subtype: Forwarded, limit: Medium}, soon
}

// sessionSeen is the better-known of the log's and the chain's session.
func (q *inquiry) sessionSeen() session {
	s := q.session(q.entry.User, q.entry.ClientIP.Unmap(), q.entry.Time)
	if s == sessionOpen && q.path.login != nil {
		s = q.session(q.loginName(), q.path.client, q.path.t0)
	}
	return s
}

// user is whose login was used.
func (q *inquiry) user() string {
	if u := q.loginName(); u != "" {
		return u
	}
	return q.entry.User
}

func ruleNotLogged(q *inquiry) (ruling, bool) {
	if !q.leftMine() || !q.has("E8x") {
		return ruling{}, false
	}
	if s, ok := q.script(); ok {
		return ruling{verdict: Compromised, subtype: Script, account: s.account()}, true
	}
	return ruling{verdict: Compromised, subtype: Account, account: q.user(), report: publicText(q.clientIP())}, true
}

func ruleUnexplained(q *inquiry) (ruling, bool) {
	if q.auth.standing == contradicted || !q.leftMyHost() {
		return ruling{}, false
	}
	return ruling{verdict: Unknown, subtype: OursUnexplained, account: q.user(), limit: q.uncheckedLimit()}, true
}

// ruleNoSuchSender: nobody has the address that it was sent as. My own server, a
// script on it, or a service of mine could still have made it up.
func ruleNoSuchSender(q *inquiry) (ruling, bool) {
	return ruling{verdict: Spoofed, subtype: Direct, report: q.stranger()}, q.has("E12") && !q.has("E4", "E4n", "E6")
}

func ruleReflected(q *inquiry) (ruling, bool) {
	if rank(q.strength("E18")) < rank(Strong) {
		return ruling{}, false
	}
	r := ruling{verdict: Spoofed, subtype: Direct, report: q.stranger()}
	if q.has("E7f") {
		r.subtype, r.report = ViaRelay, q.relayReport()
	}
	return r, true
}

// ruleStranger: a foreign address handed it over.
func ruleStranger(q *inquiry) (ruling, bool) {
	ip, _ := q.handoffOrHint()
	if !ip.IsValid() || q.own.ip(ip) || q.has("E6", "E7") {
		return ruling{}, false
	}
	if q.has("E8") && (q.promptly() || q.strength("E3") != Strong) {
		return ruling{}, false // my log has it; a stranger would have to know both ID and recipient
	}
	if _, service := q.own.service(ip); service {
		return ruling{}, false
	}
	r := ruling{verdict: Spoofed, subtype: Direct, report: ip.String()}
	if q.has("E7f") {
		r.subtype, r.report = ViaRelay, q.relayReport()
	}
	// E3 and a softfail are absences; alone they carry only when the owner vouches
	// for what is absent.
	positive := 0
	for _, code := range []string{"E5-fail", "E2", "E13", "E15"} {
		if q.has(code) {
			positive++
		}
	}
	strongAbsence := q.strength("E3") == Strong || q.strength("E5-softfail") == Strong
	switch {
	case q.auth.standing == undecided || !q.path.found:
		// A hint each; two of them that the owner's own knowledge backs may be
		// said, as probable.
		r.limit = Low
		if q.auth.standing == undecided {
			r.report = "" // nobody is accused on the word of an unchecked notice
		}
		return r, q.profile.Complete && (positive >= 2 || positive == 1 && q.has("E3", "E14") || positive == 1 && !q.path.found && q.auth.standing == authentic)
	case positive > 0 || strongAbsence:
		return r, true
	case q.profile.Complete:
		r.limit = Medium
		return r, true
	}
	return ruling{}, false
}

// relayReport names whom to tell about an abused login at a foreign server.
func (q *inquiry) relayReport() string {
	relay := "the operator of " + canonical(q.path.hop.By)
	if ip := publicText(q.path.ip); ip != "" {
		return ip + " and " + relay
	}
	return relay
}

// stranger gives the foreign address that handed the message over, as text.
func (q *inquiry) stranger() string {
	if q.auth.standing == undecided || !q.path.ip.IsValid() || q.own.ip(q.path.ip) {
		return ""
	}
	if _, service := q.own.service(q.path.ip); service {
		return ""
	}
	return publicText(q.path.ip)
}

// ruleShared: handed over by a service that also sends for others.
func ruleShared(q *inquiry) (ruling, bool) {
	if !q.has("E6") {
		return ruling{}, false
	}
	if q.has("E8") {
		return ruling{verdict: Genuine, subtype: Logged, limit: firstOf(q.uncheckedLimit(), Medium)}, true
	}
	return ruling{verdict: Unknown, subtype: SharedInfrastructure, limit: Low}, true
}

func firstOf(a, b Confidence) Confidence {
	if a != "" {
		return a
	}
	return b
}

func ruleUndecided(q *inquiry) (ruling, bool) {
	r := ruling{verdict: Unknown, subtype: NoBoundary, limit: Low}
	switch {
	case q.has("E8") && q.promptly():
		// Logged to this recipient, and handed on within the hour by somebody on
		// the way.
		r = ruling{verdict: Genuine, subtype: Forwarded, limit: firstOf(q.uncheckedLimit(), Medium)}
	case q.has("E8"):
		r.subtype = OursUnexplained
	case !q.returned():
		r.subtype = NoOriginal
	}
	return r, true
}

// promptly tells whether the hand-over follows the log entry as it does when
// nothing is wrong.
func (q *inquiry) promptly() bool {
	wait := q.path.t0.Sub(q.entry.Time)
	return !q.path.t0.IsZero() && wait >= -clockSkew && wait <= prompt
}

// publicText is an address that has an abuse desk, as text.
func publicText(ip netip.Addr) string {
	if !ip.IsValid() || isPrivate(ip) {
		return ""
	}
	return ip.String()
}

func addrText(ip netip.Addr) string {
	if !ip.IsValid() {
		return "unknown"
	}
	return ip.String()
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

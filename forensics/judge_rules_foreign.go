package forensics

import (
	"cmp"
	"net/netip"
)

// The rules about messages that did not leave my own hosts: numbers 5 to 8.

// ruleTagged: my valid bounce tag, or a seal that does not bind the whole message,
// makes it likely that the message is mine.
func ruleTagged(q *inquiry) (ruling, bool) {
	if !q.has("E10", "E11") {
		return ruling{}, false
	}
	if q.strength("E9") == Strong {
		return q.stolenSession(), true
	}
	if q.foreignHandoff() && !(q.has("E8") && q.promptly()) {
		// Whoever has seen the message has tag and seal, too.
		return ruling{verdict: Unknown, subtype: OursUnexplained, limit: Low}, true
	}
	if r, ok := q.genuine(); ok {
		r.limit = cmp.Or(r.limit, Medium)
		return r, true
	}
	return ruling{verdict: Unknown, subtype: OursUnexplained, limit: q.uncheckedLimit()}, true
}

// ruleUntagged: it came back to an address that none of my mail is sent from.
func ruleUntagged(q *inquiry) (ruling, bool) {
	r := ruling{verdict: Spoofed, subtype: Direct, report: q.stranger()}
	if q.has("E7f") {
		r.subtype, r.report = ViaRelay, q.relayReport()
	}
	logged := q.has("E6") && q.has("E8") // by a service, to which tags don't apply
	return r, rank(q.strength("E10x")) >= rank(Strong) && !q.has("E4", "E4n", "E7") && !logged
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
	if q.strength("E18") != Proof {
		r.limit = Low // no log of mine says so, only the notice
	}
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
		return ruling{verdict: Genuine, subtype: Logged, limit: cmp.Or(q.uncheckedLimit(), Medium)}, true
	}
	return ruling{verdict: Unknown, subtype: SharedInfrastructure, limit: Low}, true
}

// ruleUndecided: nothing decides, or only my own log does.
func ruleUndecided(q *inquiry) (ruling, bool) {
	r := ruling{verdict: Unknown, subtype: NoBoundary, limit: Low}
	switch {
	case q.has("E8") && q.promptly():
		// Logged to this recipient, and handed on within the hour by somebody on
		// the way.
		r = ruling{verdict: Genuine, subtype: Forwarded, limit: cmp.Or(q.uncheckedLimit(), Medium)}
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

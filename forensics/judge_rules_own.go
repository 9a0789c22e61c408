package forensics

import (
	"cmp"
	"net/netip"
	"strings"
)

// The rules about messages that left my own hosts: number 4.

// rulePassedOn: it left my host, but had come in from outside for an alias.
func rulePassedOn(q *inquiry) (ruling, bool) {
	report := ""
	if ip := q.passedOnFrom(); ip.IsValid() {
		report = ip.String()
	}
	return ruling{verdict: Spoofed, subtype: ViaRelay, report: report}, rank(q.strength("E4f")) >= rank(Strong)
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

// ruleForeignSession: a login from where the owner never is.
func ruleForeignSession(q *inquiry) (ruling, bool) {
	if !q.leftMine() || q.strength("E9") != Strong {
		return ruling{}, false
	}
	r := q.stolenSession()
	r.limit = cmp.Or(q.uncheckedLimit(), r.limit)
	return r, true
}

// ruleLogged: the log has it, and nothing speaks against the session.
func ruleLogged(q *inquiry) (ruling, bool) {
	if !q.leftMine() {
		return ruling{}, false
	}
	if q.has("E8") && q.localEntry() {
		return ruling{}, false // a program's mail is logged, too; only the owner knows it
	}
	if q.has("E8") {
		r := ruling{verdict: Genuine, subtype: Logged, limit: q.uncheckedLimit()}
		if r.limit == "" && q.sessionSeen() == sessionOpen {
			r.limit = Medium // whose session it was is not shown
		}
		return r, true
	}
	if q.sealed != nil && q.auth.standing == authentic && q.sessionSeen() == sessionOwn {
		return ruling{verdict: Genuine, subtype: Sealed, limit: Medium}, true // a seal that binds less than all
	}
	// The same message, to a recipient that somebody on the way passed it on to.
	return ruling{verdict: Genuine, subtype: Forwarded, limit: Medium}, q.entry.found && q.promptly()
}

// localEntry: the log's line tells of a program on the server itself (a cron job, a
// web form, a script that somebody planted), not of a person's session.
func (q *inquiry) localEntry() bool {
	return strings.HasPrefix(q.entry.User, "uid ") && !q.entry.ClientIP.IsValid()
}

// sessionSeen is the better-known of the log's and the chain's session.
func (q *inquiry) sessionSeen() session {
	s := q.session(q.entry.User, q.entry.ClientIP.Unmap(), q.entry.Time)
	if s == sessionOpen && q.path.login != nil {
		s = q.session(q.loginName(), q.path.client, q.path.t0)
	}
	if s == sessionOpen && q.sealed != nil {
		s = q.session(q.sealed.Account, q.sealed.Client, q.sealed.Time)
	}
	return s
}

// user is whose login was used.
func (q *inquiry) user() string {
	if u := q.loginName(); u != "" {
		return u
	}
	if q.entry.User == "" && q.sealed != nil {
		return q.sealed.Account
	}
	return q.entry.User
}

// ruleNotLogged: the complete log does not have it. A script, if the trace names
// one, else an account used past the log.
func ruleNotLogged(q *inquiry) (ruling, bool) {
	if !q.leftMine() || !q.has("E8x") {
		return ruling{}, false
	}
	return q.notLogged(), true
}

func (q *inquiry) notLogged() ruling {
	r := ruling{verdict: Compromised, subtype: Account, account: q.user(), report: publicText(q.clientIP())}
	if s, ok := q.script(); ok {
		r = ruling{verdict: Compromised, subtype: Script, account: s.account()}
	}
	if q.onlyReported() {
		r.limit, r.report = Medium, ""
	}
	return r
}

// onlyReported: that the message left my host rests on the word of a foreign
// server. That server, or somebody who runs one to send false notices, can write
// whatever hop he likes; no queue, key, tag or log of mine bears it out.
func (q *inquiry) onlyReported() bool {
	return q.leftMyHost() && !q.has("E4n", "E8", "E10", "E11") && q.signed == nil
}

// ruleUnexplained: mine, and nothing says whose. No account is named as the one to
// lock: that is for the owner to say, when he has seen the message.
func ruleUnexplained(q *inquiry) (ruling, bool) {
	if q.auth.standing == contradicted || !q.leftMyHost() {
		return ruling{}, false
	}
	r := ruling{verdict: Unknown, subtype: OursUnexplained, limit: q.uncheckedLimit()}
	if r.limit == "" && q.onlyReported() {
		r.limit = Medium
	}
	return r, true
}

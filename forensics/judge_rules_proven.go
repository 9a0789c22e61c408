package forensics

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"unspoof/message"
)

// The rules about messages that a key or a seal of mine proves to be mine: number
// 3. What was signed can be sent again by anybody who has it, so where the
// message was handed over, and to whom, decides what it means.

// proven: an own signature fits, or a seal that binds recipient, subject and body.
func (q *inquiry) proven() bool { return q.signed != nil || q.sealed != nil && q.sealed.whole }

// foreignHandoff: an address that is neither mine nor a service's handed it over.
func (q *inquiry) foreignHandoff() bool {
	ip := q.path.ip
	return ip.IsValid() && !q.own.ip(ip) && !q.own.host(q.path.hop.By) && !q.has("E6", "E7")
}

// ruleStolenSession is 3b. It comes before the replay: whoever sends again what
// he sent through a stolen account has stolen the account.
func ruleStolenSession(q *inquiry) (ruling, bool) {
	if !q.proven() || q.strength("E9") != Strong {
		return ruling{}, false
	}
	return q.stolenSession(), true
}

func (q *inquiry) stolenSession() ruling {
	r := ruling{verdict: Compromised, subtype: Account, account: q.user(), report: publicText(q.clientIP())}
	switch {
	case q.onlyReported():
		r.limit, r.report = Medium, "" // nobody is accused on one stranger's word
	case len(q.own.clients) == 0:
		r.limit = Medium // learned from the log, not declared
	}
	return r
}

// ruleReplay is 3a: my message, handed over by a stranger to somebody whom I did
// not send it to.
func ruleReplay(q *inquiry) (ruling, bool) {
	sent := q.sentTo()
	if !q.proven() || !q.foreignHandoff() || q.path.t0.IsZero() || !sent.known {
		return ruling{}, false
	}
	forwarded := ruling{verdict: Genuine, subtype: Forwarded, limit: cmp.Or(q.uncheckedLimit(), Medium)}
	replay := ruling{verdict: Spoofed, subtype: Replay, report: q.stranger(), limit: q.uncheckedLimit()}
	wait := q.path.t0.Sub(sent.at)
	inTime := wait >= -clockSkew && wait <= prompt
	switch {
	case sent.strangers > 1:
		return replay, true
	case sent.strangers == 0 && q.signed != nil && q.signed.altered && !inTime && sent.friends > 0:
		return replay, true // to the same recipient, but it is no longer what I signed
	case sent.strangers == 0 || sent.friends > 0:
		return ruling{}, false
	case inTime:
		return forwarded, true
	case sent.viaOriginal && wait >= -clockSkew && wait <= maxQueueTime:
		// Late by somebody's queue, or sent again: whoever hands a message over
		// sets the original recipient as he likes.
		return ruling{verdict: Unknown, subtype: OursUnexplained, limit: Low}, true
	}
	return replay, true
}

// dispatch is whom a message was sent to and when, against what the notice says.
type dispatch struct {
	known     bool
	at        time.Time
	friends   int // reported recipients that it was sent to
	strangers int // and others
	// viaOriginal says that the only stranger is where a recipient's mail goes on
	// to (ORCPT, RFC 3461 section 4.2).
	viaOriginal bool
}

// sentTo compares the reported recipients with those of the log; without an entry
// of the log with those in the To field, where a seal binds it.
func (q *inquiry) sentTo() dispatch {
	var d dispatch
	var has func(string) bool
	switch {
	case q.entry.found:
		d.known, d.at = true, q.entry.Time
		sent := q.loggedRecipients()
		has = func(a string) bool { return sent[strings.ToLower(a)] }
	case q.sealed != nil && q.sealed.whole:
		d.known, d.at = true, q.sealed.Time
		to := map[string]bool{}
		for _, a := range message.ParseAddresses(q.n.Original.Header.Value("To")) {
			to[strings.ToLower(a.Local+"@"+a.Domain)] = true
		}
		has = func(a string) bool { return to[strings.ToLower(a)] }
	default:
		return d
	}
	original := map[string]string{}
	if q.n.Delivery != nil {
		for _, r := range q.n.Delivery.Recipients[:min(len(q.n.Delivery.Recipients), maxRecipients)] {
			original[r.Final] = r.Original
		}
	}
	for _, a := range q.n.Recipients[:min(len(q.n.Recipients), maxRecipients)] {
		if has(a) {
			d.friends++
			continue
		}
		d.strangers++
		d.viaOriginal = original[a] != "" && has(original[a])
	}
	return d
}

// ruleProvenGenuine is 3c.
func ruleProvenGenuine(q *inquiry) (ruling, bool) {
	if !q.proven() {
		return ruling{}, false
	}
	return q.genuine()
}

// genuine: the log has the message to this recipient, or its seal names a session
// of the owner's; or it left my hosts for somebody to whom it was passed on.
func (q *inquiry) genuine() (ruling, bool) {
	switch {
	case q.has("E8") && q.localEntry():
		return ruling{}, false // a program's mail is signed and logged as well
	case q.has("E8"):
		r := ruling{verdict: Genuine, subtype: Logged}
		if q.sessionSeen() == sessionOpen {
			r.limit = Medium // whose session it was is not shown
		}
		return r, true
	case q.sealed != nil && q.sessionSeen() == sessionOwn:
		return ruling{verdict: Genuine, subtype: Sealed}, true
	case q.entry.found && q.promptly() && !q.foreignHandoff():
		return ruling{verdict: Genuine, subtype: Forwarded, limit: cmp.Or(q.uncheckedLimit(), Medium)}, true
	}
	return ruling{}, false
}

// ruleProvenMissing is 3d to 3f: signed by me, and missing in the complete log.
func ruleProvenMissing(q *inquiry) (ruling, bool) {
	if !q.proven() || !q.has("E8x") || rank(q.strength("E4f")) >= rank(Strong) {
		return ruling{}, false // my server may sign what it only passes on
	}
	limit := q.uncheckedLimit()
	service, byService := q.signingService()
	switch {
	case q.leftMyHost():
		r := q.notLogged()
		r.limit = limit
		return r, true
	case byService && inAny(service.Ranges, q.path.ip):
		return ruling{number: "3e", verdict: Compromised, subtype: ESPAccount, account: q.serviceAccount(service), limit: limit}, true
	case q.foreignHandoff():
		return ruling{number: "3f", verdict: Compromised, subtype: Key, account: q.keyName(), report: q.stranger(), limit: limit}, true
	}
	return ruling{}, false
}

// serviceAccount names the account at the service: the one that the message's
// trace fields name, else the only one that there is.
func (q *inquiry) serviceAccount(s Service) string {
	for _, f := range q.serviceIDs() {
		for _, a := range s.Accounts {
			if a != "" && slices.Contains(strings.FieldsFunc(f.Value(), notInID), a) {
				return a
			}
		}
	}
	if len(s.Accounts) == 1 {
		return s.Accounts[0]
	}
	return s.Name
}

// notInID splits trace fields into the names in them.
func notInID(r rune) bool { return strings.ContainsRune(" \t:;,=<>()[]\"", r) }

// keyName says which key has to be replaced.
func (q *inquiry) keyName() string {
	if q.signed == nil {
		return "seal key " + strconv.Itoa(q.sealed.Key)
	}
	return "DKIM key " + canonical(q.signed.Signature.Selector) + " of " + canonical(q.signed.Signature.Domain)
}

// ruleProvenUnexplained is 3g.
func ruleProvenUnexplained(q *inquiry) (ruling, bool) {
	return ruling{verdict: Unknown, subtype: OursUnexplained, limit: q.uncheckedLimit()}, q.proven() && rank(q.strength("E4f")) < rank(Strong)
}

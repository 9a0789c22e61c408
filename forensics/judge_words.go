package forensics

import (
	"strings"
	"time"

	"unspoof/bounce"
)

// notOnlyPassword is what a compromised account needs beside a new password.
const notOnlyPassword = "A new password alone does not lock everybody out: also end all sessions, remove app passwords and connected apps, and look for forwarding rules."

// words says the outcome for people, and names the one input that would decide
// what is open.
func (q *inquiry) words(jm *Judgement) (sentence, missing string) {
	switch jm.Verdict {
	case Genuine:
		sentence = q.genuineWords(jm)
	case Compromised:
		sentence = q.compromisedWords(jm)
		if q.onlyReported() {
			sentence += " That it left your server rests on the word of " + q.auth.reporter + "; look whether your server's own log has a delivery to it at that time."
		}
		return sentence, ""
	case Spoofed:
		sentence = q.spoofedWords(jm)
	default:
		sentence = q.unknownWords(jm)
	}
	if jm.Verdict == Unknown || jm.Confidence == Low {
		missing = q.missing(jm)
	}
	return sentence, missing
}

func (q *inquiry) genuineWords(jm *Judgement) string {
	s := "This is your own mail"
	at := q.entry.Time
	if at.IsZero() && q.sealed != nil {
		at = q.sealed.Time
	}
	if u := q.user(); u != "" {
		s += ", sent by " + u
	}
	if !at.IsZero() {
		s += " on " + moment(at)
	}
	switch {
	case jm.Subtype == Forwarded:
		s += ". Somebody on its way passed it on, and the next server did not take it."
	case jm.Bounce:
		s += ". It could not be delivered."
	default:
		s += "."
	}
	if jm.ClientIP.IsValid() && q.sessionSeen() == sessionOwn {
		s += " The login came from " + jm.ClientIP.String() + ", which is a network of yours."
	}
	return s
}

func (q *inquiry) compromisedWords(jm *Judgement) string {
	switch jm.Subtype {
	case ESPAccount:
		return q.serviceWords(jm)
	case Key:
		return "Somebody else " + probablyHas(jm) + " your " + jm.Account + ": the message was made with it, but handed over by " + addrText(jm.HandoffIP) +
			", which is not yours, and no log of yours has it. Replace the key now; changing a mailbox password does not help."
	case Script:
		return "Your own server sent this, and no person: " + jm.Account + ". Take that program off line and find out how it came there. " +
			"Changing a mailbox password does not stop it."
	}
	who := "an account of yours"
	if jm.Account != "" {
		who = "the account " + jm.Account
	}
	s := "Somebody probably used " + who
	if jm.Confidence == High {
		s = "Somebody used " + who
	}
	if jm.ClientIP.IsValid() {
		s += " from " + jm.ClientIP.String()
	}
	switch {
	case q.has("E9") && len(q.own.clients) > 0:
		s += ", which is not one of your networks"
	case q.has("E9"):
		s += ", where this user was never seen before"
	default:
		s += ": it left through your own server, but is missing in its log"
	}
	return s + ". " + notOnlyPassword
}

func (q *inquiry) serviceWords(jm *Judgement) string {
	name := "the service that sends for you"
	if s, ok := q.signingService(); ok {
		name = s.Name
	}
	s := "Somebody " + probablyUsed(jm) + " your account at " + name
	if jm.Account != name {
		s += " (" + jm.Account + ")"
	}
	return s + ": the message went out there with your signature, but your log of what you sent there does not have it. Change its password and its API keys. " + notOnlyPassword
}

func probablyUsed(jm *Judgement) string {
	if jm.Confidence == High {
		return "used"
	}
	return "probably used"
}

func probablyHas(jm *Judgement) string {
	if jm.Confidence == High {
		return "has"
	}
	return "probably has"
}

func (q *inquiry) spoofedWords(jm *Judgement) string {
	probably := ""
	if jm.Confidence == Low {
		probably = "probably "
	}
	switch {
	case q.has("to-you"):
		return "This came to you in your own name, but not from your account: " + jm.HandoffIP.String() + ", which is not yours, handed it to your server. Whoever writes that he sent it from inside your account only forged the sender. Nobody needed your password for that."
	case jm.Subtype == Replay:
		return q.replayWords(probably)
	case q.has("E4f") && jm.Subtype == ViaRelay:
		return "Your address was " + probably + "forged: the message came in from outside, to an address that your server forwards, and your server passed it on and then bounced it to you." +
			" Let your server refuse such mail when it arrives, instead of bouncing it later."
	case jm.Subtype == ViaRelay:
		return "Your address was " + probably + "forged: somebody logged in to " + canonical(q.path.hop.By) + ", which is not yours, and sent in your name. Nobody needed your password for that."
	case q.has("E18"):
		return "Your address was " + probably + "forged, and the message was tried against you: your own server refused it, and the other server sent the refusal to you. Nobody needed your password for that."
	case q.rule5(jm):
		return "Your address was forged: the message used " + q.rcpt.mailbox() + "@" + q.rcpt.domain + ", which does not exist. Nobody needed a password for that."
	}
	if jm.Rule == "5" && q.has("E10x") && (!q.path.ip.IsValid() || q.has("E6")) {
		return "Your address was " + probably + "forged: all your mail carries a tag in the address that bounces come back to, and this notice came to an address without it. Nobody needed your password for that."
	}
	from := "a server that is not yours"
	if ip, _ := q.handoffOrHint(); ip.IsValid() {
		from = ip.String() + ", which is not yours"
	}
	return "Your address was " + probably + "forged: the message was handed over by " + from + ". Nobody needed your password for that."
}

// replayWords: the text is the owner's own, so nothing is forged but the sending.
func (q *inquiry) replayWords(probably string) string {
	s := "Somebody " + probably + "sent a message of yours again"
	if q.path.ip.IsValid() {
		s = "Somebody " + probably + "sent a message of yours again, from " + q.path.ip.String() + ", which is not yours"
	}
	if at := q.sentTo().at; !at.IsZero() {
		s += ": you sent it on " + moment(at) + ", to somebody else"
		if q.sentTo().strangers == 0 {
			s = strings.TrimSuffix(s, ", to somebody else") + ", and it is no longer what you sent"
		}
	}
	return s + ". Whoever has received it can do that; nobody needed your password."
}

func (q *inquiry) rule5(jm *Judgement) bool { return jm.Rule == "5" && q.has("E12") }

// ownWord is the proof that a conflict is about.
func (q *inquiry) ownWord() string {
	if q.has("E8") {
		return "your log has this message"
	}
	return "the message carries your server's seal"
}

func (q *inquiry) unknownWords(jm *Judgement) string {
	switch jm.Subtype {
	case ForgedNotice:
		return "This " + q.heading() + " is itself not what it claims to be, so nothing in it counts, neither for nor against you. Don't open its links."
	case Conflict:
		if !q.has("E12") {
			return "The evidence contradicts itself: " + q.ownWord() + ", and yet the notice came to an address without the bounce tag that all your mail has. Somebody who knows the server should look."
		}
		return "The evidence contradicts itself: " + q.ownWord() + ", and yet it was sent as an address that does not exist. Somebody who knows the log should look."
	case OursUnexplained:
		server := "your own server"
		if q.profile.Address != "" {
			server = "your mail provider"
		}
		s := "This went out through " + server
		switch {
		case q.has("E1", "E1h") && q.has("E8", "E8-id") && (q.auth.standing == undecided || q.foreignHandoff()):
			return "This is a message of yours, by its signature and your log; what came back is a copy of it that was forwarded late or sent again. Whoever has received it can do that; nobody needed your password."
		case q.signed != nil && !q.leftMyHost():
			s = "This carries your valid signature, but whether it was sent as you meant is not known"
		case q.sealed != nil && !q.leftMyHost():
			s = "This carries your server's seal, so it went out through it"
		case q.has("E10") && !q.leftMyHost():
			s = "This carries your valid bounce tag, so it probably went out through " + server
		case q.has("E8") && q.path.ip.IsValid() && !q.own.ip(q.path.ip):
			return "Your log has a message with this identifier, but this copy was handed over by " + q.path.ip.String() + ", which is not yours: forwarded by somebody on its way, or sent again by somebody who has seen it."
		case q.has("E8") && q.localEntry():
			s = "This was made by a program on your own server (" + q.entry.User + ")"
		case q.auth.standing == undecided:
			s = "This may have gone out through " + server + ", but the " + q.heading() + " could not be checked"
		}
		if u := q.user(); u != "" {
			s += ", with the login of " + u
		}
		return s + ". If nobody with you knows the message, treat it as a break-in: change the password. " + notOnlyPassword
	case SharedInfrastructure:
		if q.profile.Address != "" {
			return "This was sent through your own provider, by somebody with an account there. Look in your sent folder and at the recent sign-ins that your provider shows: if you don't know them, change the password. " + notOnlyPassword
		}
		if !q.path.ip.IsValid() {
			return "This was sent through your own mail provider, by somebody with an account there. Look in your sent folder and at the recent sign-ins that your provider shows: if you don't know them, change the password. " + notOnlyPassword
		}
		s := "This was handed over by " + q.path.ip.String() + ", of a service that sends for you and for many others"
		if ids := q.serviceIDs(); len(ids) > 0 {
			s += ". Ask the service whose it is; it can tell by the field \"" + fieldLine(ids[0]) + "\""
		}
		return s + "."
	case NoOriginal:
		switch q.n.Kind {
		case bounce.Ordinary, bounce.ReportAggregate:
			return "This is no notice about a message of yours, so there is nothing to decide."
		}
		return "The " + q.heading() + " returned nothing of the original message, so it cannot be told who sent it."
	}
	if q.path.ip.IsValid() && q.has("not-listed") {
		return "This says that " + q.path.ip.String() + ", which is not yours, handed it over; but whether the " + q.heading() + " is honest could not be checked."
	}
	if q.path.ip.IsValid() {
		return "This was handed over by " + q.path.ip.String() + ". Whether that is one of your senders is not known yet."
	}
	return "The " + q.heading() + " does not show who handed the original message over."
}

// missing names the one input that would decide.
func (q *inquiry) missing(jm *Judgement) string {
	noLog := q.profile.Log == nil
	switch {
	case jm.Subtype == ForgedNotice:
		return ""
	case jm.Subtype == Conflict && !q.has("E12"):
		return "whether everything that sends for you tags its bounce address"
	case jm.Subtype == Conflict:
		return "a look at your list of mailboxes: does " + q.rcpt.address + " exist?"
	case q.profile.Address != "" && (jm.Subtype == OursUnexplained && noLog || jm.Subtype == SharedInfrastructure):
		return "the sign-in activity that your provider shows in your account's security settings"
	case jm.Subtype == OursUnexplained && noLog:
		return "the outbound log of your mail server, for " + moment(q.when())
	case jm.Subtype == OursUnexplained:
		return "whether somebody with you knows this message"
	case jm.Subtype == SharedInfrastructure:
		return "the service's answer, whose message it was"
	case jm.Subtype == NoOriginal:
		return "a notice that returns the original message, or its header"
	case q.profile.Complete && q.auth.standing == undecided:
		return "another notice about the same message, from a server that can be checked"
	case !q.profile.Complete && q.path.ip.IsValid():
		if q.profile.Address != "" {
			return "your answer to: do you send with this address only through your provider?"
		}
		return "your answer to: is what the profile lists all that sends for you?"
	case jm.Verdict == Unknown:
		return "a notice that returns the original's Received lines"
	}
	return ""
}

// moment words a time for people.
func moment(t time.Time) string {
	if t.IsZero() {
		return "that time"
	}
	return strings.TrimSpace(t.UTC().Format("2 January 2006, 15:04")) + " UTC"
}

// day words a date for people.
func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

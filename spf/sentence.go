package spf

import (
	"strconv"
	"strings"

	"unspoof/dns"
)

// Sentence says the result in words for people. The arguments are those of the
// check. Names from mail are quoted where they hold other than visible ASCII, so
// the sentence is fit for a terminal.
func (r Result) Sentence(a Args) string {
	ip, domain := a.IP.Unmap().WithZone("").String(), visible(r.Domain)
	term := visible(clip(r.Mechanism))
	why := `the term "` + term + `" of its record `
	all := strings.EqualFold(strings.TrimLeft(r.Mechanism, "+-~?"), "all")
	switch r.Result {
	case Pass:
		if all {
			return ip + " may send for " + domain + ", as may everyone: its record ends in " + term + " and no term before that refuses this address."
		}
		return ip + " may send for " + domain + ": " + why + "covers this address."
	case Fail:
		if all {
			return ip + " may not send for " + domain + ": the record ends in " + term + " and no term before it names this address."
		}
		return ip + " may not send for " + domain + ": " + why + "refuses this address."
	case SoftFail:
		if all {
			return ip + " probably may not send for " + domain + ": the record ends in " + term + " and no term before it names this address."
		}
		return ip + " probably may not send for " + domain + ": " + why + "says so."
	case Neutral:
		switch {
		case r.Mechanism == "":
			return domain + " does not say whether " + ip + " may send for it: no term of its record names this address, and nothing is said about the rest."
		case all:
			return domain + " does not say whether " + ip + " may send for it: the record ends in " + term + " and no term before it names this address."
		}
		return domain + " does not say whether " + ip + " may send for it: " + why + "leaves it open."
	case None:
		return "There is no rule about who may send, so nothing can be said about " + ip + ": " + visible(r.Cause) + "."
	case TempError:
		return "Whether " + ip + " may send for " + domain + " could not be found out: " + unanswered(r.Cause)
	case PermError:
		return "Whether " + ip + " may send for " + domain + " cannot be told, and only the owner of the record can mend that: " + visible(r.Cause) + "."
	}
	return ""
}

// unanswered gives the end of the sentence for a temperror: the cause, with the
// word for a fault of DNS in plain words, and what helps against it.
func unanswered(cause string) string {
	const later = ". Trying again later may help."
	question, word, ok := cutLast(cause, ": ")
	if !ok {
		return visible(cause) + later
	}
	plain, help := "", later
	switch dns.FaultKind(word) {
	case dns.FaultOffline:
		plain, help = "this question is not among the answers that were given in a file", ". Record the answers again, or ask the network."
	case dns.FaultServFail:
		plain = "its name server has a fault"
	case dns.FaultRefused:
		plain, help = "the name server refuses to answer", ". Another one may answer."
	case dns.FaultTimeout:
		plain = "nobody answered in time"
	case dns.FaultNetwork:
		plain, help = "no name server could be reached", ". Check the network, or name another server."
	case dns.FaultMalformed:
		plain = "the answer cannot be read"
	case dns.FaultCanceled:
		plain, help = "the check was stopped", "."
	default:
		return visible(cause) + later
	}
	return visible(question) + ": " + plain + help
}

// cutLast is strings.Cut at the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// visible gives text as it is when all of it is visible ASCII or spaces, else
// quoted.
func visible(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return strconv.QuoteToASCII(s)
		}
	}
	return s
}

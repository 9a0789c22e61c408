package spf

import (
	"strconv"
	"strings"
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
		return "Whether " + ip + " may send for " + domain + " could not be found out just now: " + visible(r.Cause) + ". Trying again later may help."
	case PermError:
		return "Whether " + ip + " may send for " + domain + " cannot be told, and only the owner of the record can mend that: " + visible(r.Cause) + "."
	}
	return ""
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

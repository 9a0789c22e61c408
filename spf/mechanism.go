package spf

import (
	"strconv"

	"unspoof/dns"
)

// asks evaluates a mechanism that needs DNS (RFC 7208 section 5). A word other
// than "" ends the check.
func (e *evaluation) asks(text string, t *term) (bool, Word) {
	if w := e.take(); w != "" {
		return false, w
	}
	if e.tracing {
		e.traceTake()
	}
	name, ok, w := e.target(text, t)
	if w != "" {
		return false, w
	}
	switch {
	case t.kind == KindInclude:
		return e.include(name, ok)
	case !ok:
		if e.tracing {
			e.traceNote("not a name that DNS can hold, so nothing is there")
		}
		return false, ""
	}
	switch t.kind {
	case KindA:
		return e.hostMatches(name, t, "") // section 5.3
	case KindMX:
		return e.mxMatches(name, t)
	case KindPTR:
		return e.ptrMatches(name)
	case KindExists: // an A record of any value, also for IPv6 clients: section 5.7
		answer, w := e.question(name, dns.TypeA, "")
		return len(answer.records) > 0, w
	}
	return false, ""
}

// question asks for the term at hand, counts a void answer, and gives the word
// that ends the check, if any. The purpose, for the trace, is "" for the term's
// own question.
func (e *evaluation) question(name string, typ dns.Type, purpose string) (found, Word) {
	answer, fault := e.ask(name, typ)
	w := Word("")
	if fault != faultNone {
		w = fault.word() // section 5
	} else if answer.void() {
		w = e.countVoid()
	}
	if e.tracing {
		e.traceQuestion(name, typ, answer, fault, purpose)
	}
	return answer, w
}

// hostMatches compares the addresses of a host, under the prefix length of the
// term for the client's family (section 5.3).
func (e *evaluation) hostMatches(host string, t *term, purpose string) (bool, Word) {
	answer, w := e.question(host, e.family.query(), purpose)
	if w != "" {
		return false, w
	}
	for i := range answer.records {
		addr := answer.records[i].Addr
		if addr.BitLen() == e.addr.BitLen() && e.in(addressOf(addr), t.bits[e.family]) {
			return true, ""
		}
	}
	return false, ""
}

// mxMatches compares the addresses of a domain's mail exchangers (section 5.4).
// A domain without MX records is not its own exchanger here.
func (e *evaluation) mxMatches(name string, t *term) (bool, Word) {
	answer, w := e.question(name, dns.TypeMX, "")
	if w != "" {
		return false, w
	}
	if n := len(answer.records); n > maxHosts { // section 4.6.4
		e.cause = name + " has " + strconv.Itoa(n) + " mail exchangers, more than the 10 that an mx term may ask for (RFC 7208 section 4.6.4)"
		return false, PermError
	}
	for i := range answer.records {
		host := answer.records[i].Host
		if !askable(host) { // a null MX (RFC 7505), or broken
			continue
		}
		if match, w := e.hostMatches(host, t, "mail exchanger"); match || w != "" {
			return match, w
		}
	}
	return false, ""
}

// include runs check_host() anew for another domain and maps its result (section
// 5.2).
func (e *evaluation) include(name string, ok bool) (bool, Word) {
	if !ok {
		e.cause = "include names " + strconv.QuoteToASCII(clip(name)) + ", which is not a full domain name"
		return false, PermError
	}
	domain, used, step := e.domain, e.used, e.current
	e.depth++
	w := e.checkHost(name)
	e.depth--
	e.domain, e.used, e.current = domain, used, step
	if e.tracing {
		e.traceIncluded(name, w)
	}
	switch w {
	case Pass:
		return true, ""
	case Fail, SoftFail, Neutral:
		return false, ""
	case None:
		e.cause = "include: asks for a record that is not there: " + e.cause
		return false, PermError
	}
	return false, w // temperror, permerror
}

package spf

import (
	"strings"

	"unspoof/dns"
)

// clientNames are the names that the reverse zone gives the client. They are
// asked for once a check, when a ptr term or %{p} first needs them.
type clientNames struct {
	asked  bool
	names  []dns.Record // at most maxHosts
	status [maxHosts]nameStatus
}

type nameStatus uint8

const (
	nameUntried nameStatus = iota
	nameValid
	nameInvalid
)

// ptrMatches looks for a validated name of the client that is the target or below
// it (section 5.5).
func (e *evaluation) ptrMatches(target string) (bool, Word) {
	if w := e.askNames(); w != "" {
		return false, w
	}
	for i := range e.ptr.names {
		if !below(e.ptr.names[i].Host, target) {
			continue
		}
		if valid, w := e.validate(i); valid || w != "" {
			return valid, w
		}
	}
	return false, ""
}

// validatedName is %{p}: the validated name that is the current domain, else one
// below it, else any, else "unknown" (section 7.3).
func (e *evaluation) validatedName() (string, Word) {
	if !e.ptr.asked && !e.explaining {
		if w := e.take(); w != "" { // section 4.6.4
			return "", w
		}
	}
	if w := e.askNames(); w != "" {
		return "unknown", e.unlessExplaining(w)
	}
	for rank := range 3 {
		for i := range e.ptr.names {
			host := e.ptr.names[i].Host
			if rank == 0 && !strings.EqualFold(host, e.domain) || rank == 1 && !below(host, e.domain) {
				continue
			}
			valid, w := e.validate(i)
			if w != "" {
				return "unknown", e.unlessExplaining(w)
			}
			if valid {
				return host, ""
			}
		}
	}
	return "unknown", ""
}

func (e *evaluation) unlessExplaining(w Word) Word {
	if e.explaining {
		return ""
	}
	return w
}

// askNames makes the PTR question. If DNS fails, there are no names, which is no
// error (section 5.5); that time is up, is.
func (e *evaluation) askNames() Word {
	if e.ptr.asked {
		return ""
	}
	e.ptr.asked = true
	name := e.reverseName()
	answer, fault := e.ask(name, dns.TypePTR)
	w := e.ptrFault(fault)
	if fault == faultNone && answer.void() && !e.explaining {
		w = e.countVoid()
	}
	if e.tracing {
		e.traceQuestion(name, dns.TypePTR, answer, fault, "names of the client")
	}
	// More than ten MUST be ignored (section 4.6.4).
	e.ptr.names = answer.records[:min(len(answer.records), maxHosts)]
	return w
}

func (e *evaluation) ptrFault(f fault) Word {
	if f == faultPerm || f == faultTemp && e.ctx.Err() != nil {
		return f.word()
	}
	return ""
}

// validate reports whether the client's name number i has the client's address.
// A name whose look-up fails is skipped (section 5.5). Void answers don't count:
// not the domain but the client's side chose these names.
func (e *evaluation) validate(i int) (bool, Word) {
	if s := e.ptr.status[i]; s != nameUntried {
		return s == nameValid, ""
	}
	e.ptr.status[i] = nameInvalid
	host := e.ptr.names[i].Host
	if !askable(host) {
		return false, ""
	}
	answer, fault := e.ask(host, e.family.query())
	if e.tracing {
		e.traceQuestion(host, e.family.query(), answer, fault, "does the client's name lead back to it?")
	}
	for j := range answer.records {
		if answer.records[j].Addr == e.addr {
			e.ptr.status[i] = nameValid
			return true, ""
		}
	}
	return false, e.ptrFault(fault)
}

// reverseName is the client's name in in-addr.arpa or ip6.arpa.
func (e *evaluation) reverseName() string {
	b := appendParts(make([]byte, 0, 80), e.dotted(), macro{reverse: true})
	if e.family == ipv4 {
		return string(append(b, ".in-addr.arpa"...))
	}
	return string(append(b, ".ip6.arpa"...))
}

// below reports whether name is domain or a subdomain of it.
func below(name, domain string) bool {
	n := len(name) - len(domain)
	return n >= 0 && (n == 0 || name[n-1] == '.') && strings.EqualFold(name[n:], domain)
}

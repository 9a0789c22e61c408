package spf

import (
	"strconv"
	"strings"

	"unspoof/dns"
)

// checkHost is check_host() for a domain that is a full name (RFC 7208 section
// 4). It calls itself for include, and goes round for redirect; both take from
// the budget first.
func (e *evaluation) checkHost(domain string) Word {
	used := e.used
	for redirected := false; ; redirected = true {
		e.domain, e.used = domain, used
		var own record
		rec, w := e.fetch(domain, &own)
		if redirected && w == None {
			e.cause = "redirect= leads to a record that is not there: " + e.cause
			return PermError // section 6.1
		}
		if w != "" {
			return w
		}
		w, final := e.evaluate(rec)
		if e.depth == 0 && w == Fail {
			e.explain(rec)
		}
		if final {
			return w
		}
		if rec.redirect < 0 {
			if e.tracing {
				e.traceDefault()
			}
			return w
		}
		if domain, w = e.redirect(rec); w != "" {
			return w
		}
	}
}

// fetch asks for the record of a domain, which is e.domain, and finds it in the
// cache or scans it to own.
func (e *evaluation) fetch(domain string, own *record) (*record, Word) {
	answer, fault := e.ask(domain, dns.TypeTXT)
	if e.tracing {
		e.traceFetch(answer, fault)
	}
	if fault != faultNone {
		return nil, fault.word()
	}
	strs, n := selectRecord(answer.records)
	if n != 1 {
		return nil, e.noRecord(n, answer)
	}
	var rec *record
	var err *SyntaxError
	if e.cache != nil {
		rec = e.cache.get(strs)
	}
	if rec == nil {
		rec = own
		err = e.scan(strs, own)
	}
	if e.tracing {
		e.traceText(rec.text, err)
	}
	if e.depth == 0 && e.record == "" {
		e.record = rec.text
	}
	if err != nil {
		e.mechanism = err.Term
		e.cause = "the record of " + e.domain + " has a syntax error: " + strings.TrimPrefix(err.Error(), "spf: ")
		return nil, PermError // section 4.6
	}
	return rec, ""
}

// noRecord is the result where there is not one record (section 4.5).
func (e *evaluation) noRecord(n int, answer found) Word {
	if answer.void() && e.questions > 1 {
		e.countVoid() // for the include or redirect; what follows is a permerror anyway
	}
	w := None
	switch {
	case n > 1:
		w = PermError
		e.cause = e.domain + " has " + strconv.Itoa(n) + " SPF records, but only one is allowed (RFC 7208 section 4.5)"
	case answer.code == dns.NXDomain:
		e.cause = e.domain + " does not exist"
	default:
		e.cause = e.domain + " has no SPF record"
	}
	if e.tracing {
		e.traceNoRecord(w)
	}
	return w
}

// scan joins the character-strings of a record (section 3.3) and scans it.
func (e *evaluation) scan(strs []string, rec *record) (err *SyntaxError) {
	space, text := e.scratch(), strs[0]
	if len(strs) > 1 {
		b := space.buf[:0]
		for _, s := range strs {
			if len(b) <= maxRecord { // scan refuses a longer one
				b = append(b, s...)
			}
		}
		space.buf, text = b, string(b)
	}
	space.terms, err = scan(text, space.terms[:e.used], rec)
	e.used = len(space.terms)
	if err == nil && e.cache != nil {
		e.cache.put(strs, rec)
	}
	return err
}

// evaluate tries the mechanisms in order until one matches or fails (section
// 4.6.2); when none does, the result is neutral (section 4.7). It reports whether
// the result is final, so that a redirect does not apply.
func (e *evaluation) evaluate(rec *record) (w Word, final bool) {
	for terms := rec.terms; ; terms = terms[1:] {
		if !e.tracing {
			terms = terms[e.skip(terms, e.family.mechanism()):]
		}
		if len(terms) == 0 {
			return Neutral, false
		}
		t := &terms[0]
		if t.kind.Modifier() {
			continue
		}
		if e.tracing {
			e.traceTerm(rec.text, t)
		}
		match := false
		switch t.kind {
		case KindAll:
			match = true
		case KindIP4, KindIP6:
			match = t.kind == e.family.mechanism() && e.in(t.network, t.bits[e.family])
		default:
			if match, w = e.asks(rec.text, t); w != "" {
				e.blame(rec.text, t, w)
				return w, true
			}
		}
		if match {
			return e.matched(rec.text, t), true
		}
	}
}

// matched is the result of a term that matched.
func (e *evaluation) matched(text string, t *term) Word {
	w := t.word()
	if e.depth == 0 {
		e.mechanism = text[t.start:t.end]
	}
	if e.tracing {
		e.traceMatch(w)
	}
	return w
}

// redirect takes the modifier, which follows all mechanisms wherever it stands,
// from the budget and gives the domain to go on with (section 6.1).
func (e *evaluation) redirect(rec *record) (name string, w Word) {
	t := &rec.terms[rec.redirect]
	if e.tracing {
		e.traceTerm(rec.text, t)
	}
	if w = e.take(); w == "" {
		if e.tracing {
			e.traceTake()
		}
		var ok bool
		name, ok, w = e.target(rec.text, t)
		if w == "" && !ok {
			e.cause = "redirect= leads to " + strconv.QuoteToASCII(clip(name)) + ", which is not a full domain name"
			w = PermError
		}
	}
	if w != "" {
		e.blame(rec.text, t, w)
	}
	return name, w
}

// blame notes the innermost term that ended the check with an error.
func (e *evaluation) blame(text string, t *term, w Word) {
	if e.mechanism == "" {
		e.mechanism = text[t.start:t.end]
	}
	if e.tracing {
		e.traceError(w)
	}
}

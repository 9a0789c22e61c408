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
	mark := len(e.terms)
	for redirected := false; ; redirected = true {
		e.domain, e.terms = domain, e.terms[:mark]
		var scratch record
		rec, w := e.fetch(&scratch)
		if w == None && redirected {
			w = PermError // section 6.1
		}
		if w != "" {
			return w
		}
		w, final := e.evaluate(rec)
		if w == Fail && e.depth == 0 {
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

// fetch asks for the record of e.domain and scans it, to scratch where it must.
func (e *evaluation) fetch(scratch *record) (*record, Word) {
	answer, fault := e.ask(e.domain, dns.TypeTXT)
	if e.tracing {
		e.traceFetch(answer, fault)
	}
	if fault != faultNone {
		return nil, fault.word()
	}
	strs, n := selectRecord(answer.records)
	if n != 1 {
		return nil, e.noRecord(n, answer.code)
	}
	rec, err := e.load(strs, scratch)
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
func (e *evaluation) noRecord(n int, code dns.RCode) Word {
	w := None
	switch {
	case n > 1:
		w = PermError
		e.cause = e.domain + " has " + strconv.Itoa(n) + " SPF records, but only one is allowed (RFC 7208 section 4.5)"
	case code == dns.NXDomain:
		e.cause = e.domain + " does not exist"
	default:
		e.cause = e.domain + " has no SPF record"
	}
	if e.tracing {
		e.traceNoRecord(w)
	}
	return w
}

// load joins the character-strings of a record (section 3.3) and scans it to
// scratch, or finds it in the cache.
func (e *evaluation) load(strs []string, scratch *record) (rec *record, err *SyntaxError) {
	if e.cache != nil {
		if rec = e.cache.get(strs); rec != nil {
			return rec, nil
		}
	}
	text := strs[0]
	if len(strs) > 1 {
		e.buf = e.buf[:0]
		for _, s := range strs {
			if len(e.buf) <= maxRecord { // scan refuses a longer one
				e.buf = append(e.buf, s...)
			}
		}
		text = string(e.buf)
	}
	if e.terms, err = scan(text, e.terms, scratch); err == nil && e.cache != nil {
		e.cache.put(strs, scratch)
	}
	return scratch, err
}

// evaluate tries the mechanisms in order until one matches or fails (section
// 4.6.2); when none does, the result is neutral (section 4.7). It reports whether
// the result is final, so that a redirect does not apply.
func (e *evaluation) evaluate(rec *record) (w Word, final bool) {
	v4, hi, lo := e.v4, e.hi, e.lo
	for i := range rec.terms {
		t := &rec.terms[i]
		if e.tracing && !t.kind.Modifier() {
			e.traceTerm(rec.text, t)
		}
		switch t.kind {
		case KindIP4:
			if !v4 || !covers4(t.lo, lo, t.bits4) {
				continue
			}
		case KindIP6:
			if v4 || !covers6(t.hi, t.lo, hi, lo, t.bits6) {
				continue
			}
		case KindAll:
		case KindRedirect, KindExp, KindUnknown:
			continue
		default:
			match, w := e.mechanismMatches(rec.text, t)
			if w != "" {
				e.blame(rec.text, t, w)
				return w, true
			}
			if !match {
				continue
			}
		}
		if e.depth == 0 {
			e.mechanism = rec.text[t.start:t.end]
		}
		if e.tracing {
			e.traceMatch(t.word())
		}
		return t.word(), true
	}
	return Neutral, false
}

// redirect takes the modifier, which follows all mechanisms wherever it stands,
// from the budget and gives the domain to go on with (section 6.1).
func (e *evaluation) redirect(rec *record) (string, Word) {
	t := &rec.terms[rec.redirect]
	if e.tracing {
		e.traceTerm(rec.text, t)
	}
	w := e.take()
	if w == "" {
		var name string
		var ok bool
		if name, ok, w = e.expandTarget(rec.text, t); w == "" {
			if ok {
				return name, ""
			}
			e.cause = "redirect= leads to " + strconv.QuoteToASCII(clip(name)) + ", which is not a full domain name"
			w = PermError
		}
	}
	e.blame(rec.text, t, w)
	return "", w
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

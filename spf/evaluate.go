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
	outer, mark := e.domain, len(e.terms)
	defer func() { e.domain, e.terms = outer, e.terms[:mark] }()
	for redirected := false; ; redirected = true {
		e.domain = domain
		rec, w := e.fetch()
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
		e.terms = e.terms[:mark]
	}
}

// fetch asks for the record of e.domain and scans it.
func (e *evaluation) fetch() (record, Word) {
	answer, fault := e.ask(e.domain, dns.TypeTXT)
	if e.tracing {
		e.traceFetch(&answer, fault)
	}
	if fault != faultNone {
		return record{}, fault.word()
	}
	strs, n := selectRecord(answer.Records)
	if n != 1 {
		return record{}, e.noRecord(n, answer.RCode)
	}
	rec, err := e.load(strs)
	if e.tracing {
		e.traceText(rec.text, err)
	}
	if e.depth == 0 && e.record == "" {
		e.record = rec.text
	}
	if err != nil {
		e.mechanism = err.Term
		e.cause = "the record of " + e.domain + " has a syntax error: " + strings.TrimPrefix(err.Error(), "spf: ")
		return rec, PermError // section 4.6
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

// load joins the character-strings of a record (section 3.3) and scans it, or
// finds it in the cache.
func (e *evaluation) load(strs []string) (record, *SyntaxError) {
	text := strs[0]
	if len(strs) == 1 {
		if e.cache != nil {
			if r := e.cache.get(text); r != nil {
				return r.record, nil
			}
		}
	} else {
		e.buf = e.buf[:0]
		for _, s := range strs {
			if len(e.buf) <= maxRecord { // scan refuses a longer one
				e.buf = append(e.buf, s...)
			}
		}
		if e.cache != nil {
			if r := e.cache.getBytes(e.buf); r != nil {
				return r.record, nil
			}
		}
		text = string(e.buf)
	}
	rec, terms, err := scan(text, e.terms)
	if e.terms = terms; err == nil && e.cache != nil {
		e.cache.put(rec)
	}
	return rec, err
}

// evaluate tries the mechanisms in order until one matches or fails (section
// 4.6.2); when none does, the result is neutral (section 4.7). It reports whether
// the result is final, so that a redirect does not apply.
func (e *evaluation) evaluate(rec record) (w Word, final bool) {
	for i := range rec.terms {
		t := &rec.terms[i]
		if t.kind.Modifier() {
			continue
		}
		if e.tracing {
			e.traceTerm(rec.text, t)
		}
		match := false
		switch t.kind {
		case KindIP4:
			match = e.v4 && covers4(t.lo, e.lo, t.bits4)
		case KindIP6:
			match = !e.v4 && covers6(t.hi, t.lo, e.hi, e.lo, t.bits6)
		case KindAll:
			match = true
		default:
			if match, w = e.mechanismMatches(rec.text, t); w != "" {
				e.blame(rec.text, t, w)
				return w, true
			}
		}
		if e.tracing && match {
			e.traceMatch(t.word())
		}
		if match {
			if e.depth == 0 {
				e.mechanism = rec.text[t.start:t.end]
			}
			return t.word(), true
		}
	}
	return Neutral, false
}

// redirect takes the modifier, which follows all mechanisms wherever it stands,
// from the budget and gives the domain to go on with (section 6.1).
func (e *evaluation) redirect(rec record) (string, Word) {
	t := &rec.terms[rec.redirect]
	if e.tracing {
		e.traceTerm(rec.text, t)
	}
	w := e.take()
	if w == "" {
		var name string
		var ok bool
		if name, ok, w = e.expandTarget(rec.text, t); w == "" {
			if ok && strings.IndexByte(name, '.') >= 0 {
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

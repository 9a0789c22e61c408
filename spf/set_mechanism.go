package spf

import (
	"strconv"

	"unspoof/dns"
)

// mechanism gives the maps of a term that needs DNS (RFC 7208 section 5), in the
// record of a domain.
func (w *walk) mechanism(domain, text string, t *term, source int32, eff effect) familyMaps {
	if letters := messageLetters(text, t); letters != "" || t.kind == KindPTR {
		return w.symbol(domain, text, t, source, eff, letters)
	}
	if t.kind == KindInclude {
		return w.include(domain, text, t, source, eff)
	}
	var m familyMaps
	for f := range m {
		m[f] = w.hosts(domain, text, t, source, family(f))
	}
	return m
}

// once is the cost of a term that needs DNS (section 4.6.4).
var once = cost{lookups: 1}

// miss is the piece of a term that matches nobody.
func miss(c cost) piece { return piece{outcome: outcome{cost: c}, source: -1} }

// fails is the piece of a term that ends the check.
func (w *walk) fails(word wordCode, source int32, c cost, cause string) piece {
	return piece{outcome: outcome{cost: c, word: word}, source: w.because(source, cause)}
}

// unanswered is the piece of a question without an answer.
func (w *walk) unanswered(a answered, source int32, c cost) piece {
	if a.fault == faultPerm {
		p := w.tooManyQuestions()
		p.cost = c
		return p
	}
	return w.fails(codeTempError, source, c, a.cause)
}

// name is the target of a term in the record of a domain (section 4.8). If over
// is not nil, that can't be told, and the piece stands for the term.
func (w *walk) name(domain, text string, t *term, f family) (name string, ok bool, over *piece) {
	e := &w.expander
	if e.origin == "" && (t.from == t.to && domain == "" || t.flags&flagMacro != 0) {
		p := w.cutOff("the record means its own domain, which is not given")
		return "", false, &p
	}
	e.domain, e.family = domain, f
	name, ok, word := e.target(text, t)
	if word != "" {
		p := w.cutOff("macros that stand for more than " + strconv.Itoa(maxExpanded) + " octets")
		return "", false, &p
	}
	return name, ok, nil
}

// hosts gives the map of an a, mx or exists.
func (w *walk) hosts(domain, text string, t *term, source int32, f family) []piece {
	name, ok, over := w.name(domain, text, t, f)
	switch {
	case over != nil:
		return everywhere(*over)
	case !ok:
		return everywhere(miss(once))
	}
	h := hostMap{w: w, t: t, f: f, match: piece{outcome: outcome{cost: once, word: t.code()}, source: source}}
	switch t.kind {
	case KindA:
		h.host(name)
	case KindMX:
		h.exchangers(name)
	case KindExists: // an A record of any value: section 5.7
		a := w.ask(name, dns.TypeA)
		switch {
		case a.fault != faultNone:
			h.fail(a)
		case a.void():
			h.void()
		default:
			return everywhere(h.match)
		}
	}
	ground := h.ground
	if !h.ended {
		ground = miss(h.match.cost)
	}
	return overlay(f, h.blocks, ground, make([]piece, 0, most(len(h.blocks))))
}

// hostMap gathers what a term finds in DNS, in the order in which a receiver asks.
type hostMap struct {
	w      *walk
	t      *term
	f      family
	match  piece // with the cost so far
	blocks []block
	ground piece // once ended
	ended  bool
}

func (h *hostMap) fail(a answered) {
	h.ground, h.ended = h.w.unanswered(a, h.match.source, h.match.cost), true
}

// void counts a term once, however many of its questions find nothing.
func (h *hostMap) void() { h.match.voids = 1 }

// host adds the addresses of a host (section 5.3).
func (h *hostMap) host(name string) {
	a := h.w.ask(name, h.f.query())
	switch {
	case a.fault != faultNone:
		h.fail(a)
		return
	case a.void():
		h.void()
		return
	}
	bits := h.t.bits[h.f]
	for i := range a.records {
		if addr := a.records[i].Addr; addr.BitLen() == int(h.f.width()) {
			at := addressOf(addr)
			h.blocks = append(h.blocks, block{from: at.first(bits), last: at.last(bits),
				outcome: h.match.outcome, source: h.match.source, rank: int32(len(h.blocks))})
		}
	}
}

// exchangers adds the addresses of a domain's mail exchangers (section 5.4). As
// written, more than ten count; the limits forbid them.
func (h *hostMap) exchangers(name string) {
	a := h.w.ask(name, dns.TypeMX)
	switch {
	case a.fault != faultNone:
		h.fail(a)
		return
	case a.void():
		h.void()
	case len(a.records) > maxHosts: // section 4.6.4
		h.match.flags |= costHosts
	}
	for i := range a.records {
		if host := a.records[i].Host; askable(host) && !h.ended {
			h.host(host)
		}
	}
}

// include gives the maps of an include (section 5.2).
func (w *walk) include(domain, text string, t *term, source int32, eff effect) familyMaps {
	match := t.code()
	m := w.follow(domain, text, t, source, effect{pass: eff.of(match)})
	for f := range m {
		out := m[f][:0] // never longer than what was read of it
		for i := range m[f] {
			p := m[f][i]
			if p.outcome = p.outcome.within(match); p.word == goesOn {
				p.source = -1
			}
			p.cond = w.conds.within(p.cond, match)
			out = extend(out, p)
		}
		m[f] = out
	}
	return m
}

// redirect gives the maps of the modifier (section 6.1).
func (w *walk) redirect(domain, text string, t *term, source int32, eff effect) familyMaps {
	if letters := messageLetters(text, t); letters != "" {
		return w.symbol(domain, text, t, source, eff, letters)
	}
	m := w.follow(domain, text, t, source, eff)
	for f := range m {
		for i := range m[f] {
			p := &m[f][i]
			if p.cost = once.then(p.cost); p.word == codeNone {
				p.word = codePermError
			}
			p.cond = w.conds.then(0, outcome{cost: once}, p.cond, p.outcome)
		}
	}
	return m
}

// follow gives the maps of the record that an include or redirect leads to. By
// %{v} that may be one for each family.
func (w *walk) follow(domain, text string, t *term, source int32, eff effect) (m familyMaps) {
	last := ""
	for f := range m {
		name, ok, over := w.name(domain, text, t, family(f))
		switch {
		case over != nil:
			m[f] = everywhere(*over)
		case !ok:
			m[f] = everywhere(w.fails(codePermError, source, cost{}, t.kind.String()+" leads to "+strconv.QuoteToASCII(clip(name))+", which is not a full domain name"))
		case f > 0 && name == last:
			// The same record, read above.
		default:
			r := w.record(name, source, eff)
			if m[f] = r[f]; f == 0 {
				m[1], last = r[1], name
			}
		}
	}
	return m
}

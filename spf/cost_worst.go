package spf

import (
	"cmp"
	"slices"
)

// maxTried bounds the terms gone through to find the dearest client where no
// address is unmatched: about a tenth of a second.
const maxTried = 1 << 24

// worst lowers the numbers to those of the dearest client where every client of a
// family is matched by some term.
func (c *Cost) worst(read *reading) {
	lookups := 0
	for f, voids := range []*int{ipv4: &c.VoidsIPv4, ipv6: &c.VoidsIPv6} {
		w := coverage{family: family(f)}
		w.collect(read, false)
		if !w.everything && w.stranger() {
			lookups = c.Lookups
			continue
		}
		tries := w.clients()
		// A match that hangs on the message can keep a record from matching, so that
		// the terms after its include are reached after all.
		if c.Hanging > 0 || len(tries)*w.terms > maxTried {
			c.AtMost, lookups = true, c.Lookups
			continue
		}
		*voids = 0
		for _, a := range tries {
			t := trial{address: a, family: family(f)}
			t.check(read)
			lookups, *voids = max(lookups, t.lookups), max(*voids, t.voids)
		}
	}
	c.Lookups = lookups
}

// coverage collects the addresses that terms of a record match.
type coverage struct {
	family
	spans      []span
	everything bool
	terms      int
}

// collect goes through the terms as the dearest client would. The all of an
// included record matters where it makes the include match.
func (w *coverage) collect(read *reading, included bool) {
	subs := read.subs
	for i := range read.terms {
		t := &read.terms[i]
		w.terms++
		switch t.kind {
		case KindAll:
			w.everything = w.everything || included && t.word() == Pass
			return
		case w.mechanism():
			w.spans = append(w.spans, t.span(t.network, w.family))
		}
		if len(subs) > 0 && subs[0].index == i && t.kind != KindRedirect {
			w.add(t, &subs[0], included)
			subs = subs[1:]
		}
	}
	if len(subs) > 0 {
		w.add(&read.terms[subs[0].index], &subs[0], included)
	}
}

func (w *coverage) add(t *term, s *sub, included bool) {
	if s.inner != nil {
		w.collect(s.inner, included || t.kind == KindInclude)
	}
	w.everything = w.everything || t.kind == KindExists && len(s.hosts) > 0
	w.spans = append(w.spans, s.spans(t, w.family)...)
	w.terms += len(s.hosts)
}

// spans gives the networks that the addresses of a term's hosts lie in.
func (s *sub) spans(t *term, f family) (out []span) {
	for i := range s.hosts {
		for _, a := range s.hosts[i].addrs[f] {
			out = append(out, t.span(addressOf(a), f))
		}
	}
	return out
}

// stranger reports whether an address is in no span.
func (w *coverage) stranger() bool {
	merged := w.merge(slices.Clone(w.spans))
	return len(merged) != 1 || merged[0] != everyone
}

// clients gives an address for each way that there is through the terms: none of
// them parts the addresses between two neighbours.
func (w *coverage) clients() []address {
	out := make([]address, 1, 2*len(w.spans)+1)
	for _, s := range w.spans {
		out = append(out, s.first)
		out = append(out, s.last.next(w.family)) // the first of all after the last, which is there already
	}
	slices.SortFunc(out, address.compare)
	return slices.Compact(out)
}

// trial is one client's way through a reading.
type trial struct {
	address
	family
	lookups, voids int
	named          bool
}

// check gives the result of a record, with what is broken, and what hangs on the
// message, matching nothing.
func (c *trial) check(read *reading) Word {
	subs := read.subs
	for i := range read.terms {
		t := &read.terms[i]
		match := false
		switch {
		case t.kind == KindAll:
			match = true
		case t.kind == c.mechanism():
			match = c.in(t.network, t.bits[c.family])
		case len(subs) > 0 && subs[0].index == i && t.kind != KindRedirect:
			match = c.sub(t, &subs[0]) == Pass
			subs = subs[1:]
		}
		if match {
			return t.word()
		}
	}
	if len(subs) > 0 {
		return c.sub(&read.terms[subs[0].index], &subs[0])
	}
	return Neutral
}

// sub gives the result of a redirect or include, and Pass where another term
// matches.
func (c *trial) sub(t *term, s *sub) Word {
	m := counter{named: c.named}
	c.lookups += 1 + m.ptr(t, s)
	c.named = m.named
	if s.inner != nil {
		return c.check(s.inner)
	}
	if t.kind == KindMX || t.kind == KindA {
		return c.ask(t, s)
	}
	if s.void[c.family] {
		c.voids++
	}
	if t.kind == KindExists && len(s.hosts) > 0 {
		return Pass
	}
	return Neutral
}

// ask goes through the hosts of a term until one matches.
func (c *trial) ask(t *term, s *sub) Word {
	void := len(s.hosts) == 0 && s.void[c.family]
	match := Neutral
	for i := range s.hosts {
		h := &s.hosts[i]
		if void = void || h.asked[c.family] && len(h.addrs[c.family]) == 0; match == Neutral {
			for _, a := range h.addrs[c.family] {
				if c.in(addressOf(a), t.bits[c.family]) {
					match = Pass
				}
			}
		}
		if match == Pass {
			break
		}
	}
	if void {
		c.voids++
	}
	return match
}

// span is the addresses from first to last, the one in the form of address.first,
// the other in that of address.last. So both families share the 128 bits.
type span struct{ first, last address }

// everyone is all addresses of a family.
var everyone = span{last: address{^uint64(0), ^uint64(0)}}

// span is the network of an address under the prefix length of the term.
func (t *term) span(a address, f family) span {
	return span{a.first(t.bits[f]), a.last(t.bits[f])}
}

// merge sorts spans of a family and joins those that touch or overlap. It works in
// place.
func (f family) merge(spans []span) []span {
	slices.SortFunc(spans, func(x, y span) int { return x.first.compare(y.first) })
	out := spans[:0]
	for _, s := range spans {
		n := len(out)
		switch {
		case n == 0 || s.first.above(out[n-1].last) && s.first != out[n-1].last.next(f):
			out = append(out, s)
		case s.last.above(out[n-1].last):
			out[n-1].last = s.last
		}
	}
	return out
}

func (a address) compare(b address) int {
	return cmp.Or(cmp.Compare(a.hi, b.hi), cmp.Compare(a.lo, b.lo))
}

package spf

import (
	"context"
	"strconv"
	"strings"

	"unspoof/dns"
)

// Bounds of one walk, so that no forest of records can take more than some tens
// of megabytes and a moment. What is published stays far below.
const (
	maxSetTerms     = 100_000   // of all records
	maxSetDepth     = 50        // of includes and redirects within each other
	maxSetQuestions = 10_000    // to DNS
	maxSetAnswers   = 500_000   // records in their answers
	maxSetSymbolic  = 200       // terms
	maxSetWork      = 4_000_000 // pieces gone over
)

// walk turns records into maps. It follows all terms, to whatever cost, and
// keeps the cost with each piece; the limits come last. A record that leads back
// to itself is a permerror to those who come that far: the evaluation is the same
// each time round, so no limit, however high, is enough.
type walk struct {
	ctx      context.Context
	resolver dns.Resolver
	expander evaluation // of macros that don't hang on the message

	answers   map[dns.Question]answered
	questions int
	records   int // in answers

	sources  []Source
	symbolic []Symbolic
	conds    *conditions

	ownText string    // the own record
	own     []ownTerm // its terms
	domains []string  // whose records are being read, the first outermost
	terms   int
	work    int
	cut     string // why the walk is incomplete
	cutAt   int32  // its source
}

// answered is an answer that was had.
type answered struct {
	found
	fault fault
	cause string
}

// ask puts a question once, so that all terms see the same answer.
func (w *walk) ask(name string, typ dns.Type) answered {
	q := dns.Question{Name: name, Type: typ}
	if a, ok := w.answers[q]; ok {
		return a
	}
	if w.questions++; w.questions > maxSetQuestions || w.records > maxSetAnswers {
		return answered{fault: faultPerm}
	}
	a := answered{}
	b := budget{ctx: w.ctx, done: w.ctx.Done(), resolver: w.resolver}
	a.found, a.fault = b.ask(name, typ)
	a.cause = b.cause
	w.records += len(a.records)
	w.answers[q] = a
	return a
}

// familyMaps are those of both families.
type familyMaps [2][]piece

func both(p piece) familyMaps { return familyMaps{everywhere(p), everywhere(p)} }

// source adds a term to the list.
func (w *walk) source(s Source) int32 {
	w.sources = append(w.sources, s)
	return int32(len(w.sources) - 1)
}

// final is the outcome of a source.
func final(word wordCode, source int32) piece {
	return piece{outcome: outcome{word: word}, source: source}
}

// cutOff is the piece that stands for what was not walked.
func (w *walk) cutOff(why string) piece {
	if w.cut == "" {
		w.cut = why
		w.cutAt = w.source(Source{Domain: w.domains[0], Parent: -1, Cause: why})
	}
	return final(codeUnknown, w.cutAt)
}

// effect is what the results of a record mean for the set's own one.
type effect struct {
	own  bool     // it is the own record, or what its redirect led to
	pass wordCode // else what a pass amounts to; 0: no match further up
}

func (e effect) of(w wordCode) wordCode {
	switch {
	case e.own:
		return w
	case w == codePass:
		return e.pass
	}
	return goesOn
}

// record gives the maps of a domain's record.
func (w *walk) record(name string, parent int32, eff effect) familyMaps {
	end := func(word wordCode, cause string) familyMaps {
		return both(final(word, w.source(Source{Domain: name, Parent: int(parent), Cause: cause})))
	}
	for _, d := range w.domains {
		if strings.EqualFold(d, name) {
			m := end(codePermError, "a loop: the record of "+name+" leads back to itself")
			for f := range m {
				m[f][0].lookups = endless
			}
			return m
		}
	}
	if len(w.domains) >= maxSetDepth {
		return both(w.cutOff("records nested deeper than " + strconv.Itoa(maxSetDepth)))
	}
	a := w.ask(name, dns.TypeTXT)
	switch a.fault {
	case faultTemp:
		return end(codeTempError, a.cause)
	case faultPerm:
		return both(w.tooManyQuestions())
	}
	strs, n := selectRecord(a.records)
	switch {
	case n > 1:
		return end(codePermError, name+" has "+strconv.Itoa(n)+" SPF records, but only one is allowed (RFC 7208 section 4.5)")
	case n == 0 && a.code == dns.NXDomain:
		return end(codeNone, name+" does not exist")
	case n == 0:
		return end(codeNone, name+" has no SPF record")
	}
	return w.text(name, strings.Join(strs, ""), parent, eff)
}

func (w *walk) tooManyQuestions() piece {
	return w.cutOff("more than " + strconv.Itoa(maxSetQuestions) + " DNS questions, or too many answers")
}

// text gives the maps of a record's text.
func (w *walk) text(name, text string, parent int32, eff effect) familyMaps {
	if parent < 0 {
		w.ownText = text
	}
	var rec record
	if _, err := scan(text, nil, &rec); err != nil {
		s := Source{Domain: name, Term: err.Term, Span: err.Span, Parent: int(parent),
			Cause: "the record of " + name + " has a syntax error: " + strings.TrimPrefix(err.Error(), "spf: ")}
		return both(final(codePermError, w.source(s))) // section 4.6
	}
	if w.terms += len(rec.terms); w.terms > maxSetTerms {
		return both(w.cutOff("more than " + strconv.Itoa(maxSetTerms) + " terms"))
	}
	w.domains = append(w.domains, name)
	defer func() { w.domains = w.domains[:len(w.domains)-1] }()

	var parts [2][][]piece
	add := func(m familyMaps) {
		for f := range m {
			parts[f] = append(parts[f], m[f])
		}
	}
	sourceOf := func(t *term) int32 {
		return w.source(Source{Domain: name, Term: text[t.start:t.end], Span: Span{int(t.start), int(t.end)}, Parent: int(parent)})
	}
	keep := func(t *term, m familyMaps) {
		if parent < 0 {
			w.own = append(w.own, ownTerm{term: *t, maps: m})
		}
	}
	var run addressRun
	for i := range rec.terms {
		t := &rec.terms[i]
		if t.kind.Modifier() {
			continue
		}
		s := sourceOf(t)
		if familyIn(t) <= ipv6 {
			run.add(t, s)
			keep(t, familyMaps{})
			continue
		}
		if run.values != nil {
			add(run.maps())
			run = addressRun{}
		}
		var m familyMaps
		if t.kind == KindAll {
			m = both(final(codeOf(t.word()), s))
		} else {
			m = w.mechanism(name, text, t, s, eff)
		}
		keep(t, m)
		if add(m); t.kind == KindAll { // what follows is never reached, nor is a redirect
			for k := range rec.terms {
				if behind := &rec.terms[k]; k > i && !behind.kind.Modifier() || behind.kind == KindRedirect {
					keep(behind, familyMaps{})
				}
			}
			return w.folded(parts)
		}
	}
	if run.values != nil {
		add(run.maps())
	}
	if rec.redirect >= 0 {
		t := &rec.terms[rec.redirect]
		m := w.redirect(name, text, t, sourceOf(t), eff)
		keep(t, m)
		add(m)
	} else {
		add(both(final(codeNeutral, w.source(Source{Domain: name, Parent: int(parent)})))) // section 4.7
	}
	return w.folded(parts)
}

func (w *walk) folded(parts [2][][]piece) familyMaps {
	return familyMaps{w.fold(parts[ipv4]), w.fold(parts[ipv6])}
}

// addressRun is ip4 and ip6 terms next to each other.
type addressRun struct {
	nets   [2][]block
	values []piece
}

func (r *addressRun) add(t *term, source int32) {
	n := int32(len(r.values))
	r.values = append(r.values, final(codeOf(t.word()), source))
	r.nets[familyIn(t)] = append(r.nets[familyIn(t)], t.addresses(n))
}

func (r *addressRun) maps() familyMaps {
	return familyMaps{overlay(ipv4, r.nets[ipv4], r.values, nothing), overlay(ipv6, r.nets[ipv6], r.values, nothing)}
}

// nothing is the piece of a term that does not match.
var nothing = piece{source: -1}

// familyIn is that of an ip4 or ip6 term; of others it is none of the two.
func familyIn(t *term) family { return family(t.kind - KindIP4) }

// addresses is the network of an ip4 or ip6 term, number n of its list.
func (t *term) addresses(n int32) block {
	bits := t.bits[familyIn(t)]
	return block{from: t.network.first(bits), last: t.network.last(bits), rank: n, value: n}
}

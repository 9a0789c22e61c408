package spf

import (
	"context"
	"slices"
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
	maxSetAnswers   = 200_000   // records in their answers
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

	sources  []origin
	reads    []read
	at       int32    // the one being read
	causes   []string // the first is ""
	symbolic []Symbolic
	conds    *conditions

	own     []ownTerm // its terms
	domains []string  // whose records are being read, the first outermost
	scanned []term    // of their records
	run     addressRun
	space   *setSpace
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

// origin is a Source in the making. There are many, most of which decide nothing.
type origin struct {
	read       int32 // record, in walk.reads
	cause      int32 // in walk.causes
	start, end uint16
}

// read is a record that was read, and how the walk came there.
type read struct {
	domain, text string
	parent       int32
}

// source adds a term, or where start and end are alike the end of a record.
func (w *walk) source(start, end uint16) int32 {
	w.sources = append(w.sources, origin{read: w.at, start: start, end: end})
	return int32(len(w.sources) - 1)
}

// because notes why a source is an error.
func (w *walk) because(source int32, cause string) int32 {
	if o := &w.sources[source]; o.cause == 0 {
		w.causes = append(w.causes, cause)
		o.cause = int32(len(w.causes) - 1)
	}
	return source
}

// enter begins a record, and gives the one that was being read.
func (w *walk) enter(r read) (before int32) {
	w.reads = append(w.reads, r)
	before, w.at = w.at, int32(len(w.reads)-1)
	return before
}

// full fills in a source with all that is known of it.
func (w *walk) full(o origin, s *Source) {
	r := &w.reads[o.read]
	s.Domain, s.Term, s.Span = r.domain, r.text[o.start:o.end], Span{int(o.start), int(o.end)}
	s.Parent, s.Cause = int(r.parent), w.causes[o.cause]
}

// final is the outcome of a source.
func final(word wordCode, source int32) piece {
	return piece{outcome: outcome{word: word}, source: source}
}

// cutOff is the piece that stands for what was not walked.
func (w *walk) cutOff(why string) piece {
	if w.cut == "" {
		w.cut = why
		before := w.enter(read{domain: w.reads[0].domain, parent: -1})
		w.cutAt = w.because(w.source(0, 0), why)
		w.at = before
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
	before := w.enter(read{domain: name, parent: parent})
	defer func() { w.at = before }()
	end := func(word wordCode, cause string) familyMaps {
		return both(final(word, w.because(w.source(0, 0), cause)))
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
	return w.text(strings.Join(strs, ""), eff)
}

func (w *walk) tooManyQuestions() piece {
	return w.cutOff("more than " + strconv.Itoa(maxSetQuestions) + " DNS questions, or too many answers")
}

// text gives the maps of the text of the record that is being read.
func (w *walk) text(text string, eff effect) familyMaps {
	at := &w.reads[w.at]
	name, own := at.domain, at.parent < 0
	at.text = text
	var rec record
	used := len(w.scanned)
	all, err := scan(text, w.scanned, &rec)
	if err != nil {
		s := w.source(0, 0)
		if len(all) > used {
			w.sources[s].start, w.sources[s].end = all[len(all)-1].start, all[len(all)-1].end
		}
		whose := "the record"
		if name != "" {
			whose += " of " + name
		}
		w.because(s, whose+" has a syntax error: "+strings.TrimPrefix(err.Error(), "spf: "))
		return both(final(codePermError, s)) // section 4.6
	}
	if w.terms += len(rec.terms); w.terms > maxSetTerms {
		return both(w.cutOff("more than " + strconv.Itoa(maxSetTerms) + " terms"))
	}
	w.domains, w.scanned = append(w.domains, name), all
	defer func() { w.domains, w.scanned = w.domains[:len(w.domains)-1], w.scanned[:used] }()

	var parts [2][][]piece
	add := func(m familyMaps) {
		for f := range m {
			parts[f] = append(parts[f], m[f])
		}
	}
	keep := func(t *term, m familyMaps) {
		if own {
			w.own = append(w.own, ownTerm{term: *t, maps: m})
		}
	}
	run := &w.run // empty again before a record within this one is read
	for i := range rec.terms {
		t := &rec.terms[i]
		if t.kind.Modifier() {
			continue
		}
		s := w.source(t.start, t.end)
		if familyIn(t) <= ipv6 {
			run.add(t, s)
			keep(t, familyMaps{})
			continue
		}
		if !run.empty() {
			add(run.maps(w.space))
		}
		var m familyMaps
		if t.kind == KindAll {
			m = both(final(t.code(), s))
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
			return w.folded(parts, own)
		}
	}
	if !run.empty() {
		add(run.maps(w.space))
	}
	if rec.redirect >= 0 {
		t := &rec.terms[rec.redirect]
		m := w.redirect(name, text, t, w.source(t.start, t.end), eff)
		keep(t, m)
		add(m)
	} else {
		add(both(final(codeNeutral, w.source(0, 0)))) // section 4.7
	}
	return w.folded(parts, own)
}

// folded puts the parts of a record together. The map of the walk's own record is
// read at once, and may lie in the buffers; others are kept beyond the next fold.
func (w *walk) folded(parts [2][][]piece, own bool) (m familyMaps) {
	for f := range m {
		m[f] = w.fold(parts[f], &w.space.buffers[f])
		if !own && len(parts[f]) > 1 {
			m[f] = slices.Clone(m[f])
		}
	}
	return m
}

// addressRun is ip4 and ip6 terms next to each other.
type addressRun [2][]block

func (r *addressRun) add(t *term, source int32) {
	f := familyIn(t)
	b := t.addresses()
	b.source, b.rank = source, int32(len(r[f]))
	r[f] = append(r[f], b)
}

func (r *addressRun) empty() bool { return len(r[ipv4])+len(r[ipv6]) == 0 }

// maps gives those of the run, in memory of the space, and begins another.
func (r *addressRun) maps(space *setSpace) (m familyMaps) {
	for f := range m {
		m[f] = overlay(family(f), r[f], nothing, space.room(most(len(r[f]))))
		space.take(len(m[f]))
		r[f] = r[f][:0]
	}
	return m
}

// nothing is the piece of a term that does not match.
var nothing = piece{source: -1}

// familyIn is that of an ip4 or ip6 term; of others it is none of the two.
func familyIn(t *term) family { return family(t.kind - KindIP4) }

// addresses is the network of an ip4 or ip6 term.
func (t *term) addresses() block {
	bits := t.bits[familyIn(t)]
	return block{from: t.network.first(bits), last: t.network.last(bits), outcome: outcome{word: t.code()}}
}

package spf

import (
	"strconv"
	"strings"

	"unspoof/dns"
)

// The functions here are called only while tracing.

// maxSteps bounds a trace: a record of 64 kB has thousands of terms.
const maxSteps = 1000

// What a step repeats of an answer: records, and octets of one text.
const (
	maxListed = 20
	maxText   = 1024
)

// step appends a step with the counters as they stand. Steps past the limit
// overwrite the last one.
func (e *evaluation) step(s Step) {
	s.Depth, s.Domain, s.Lookups, s.Voids = e.depth, e.domain, e.lookups, e.voids
	if len(e.space.steps) < maxSteps {
		e.space.steps = append(e.space.steps, s)
		return
	}
	e.space.steps[maxSteps-1] = s
	e.leftOut++
}

// trace gives a copy of the steps.
func (e *evaluation) trace() []Step {
	if e.leftOut > 0 {
		e.last().Note = strconv.Itoa(e.leftOut) + " steps before this one are left out: there are too many"
	}
	return append(make([]Step, 0, len(e.space.steps)), e.space.steps...)
}

func (e *evaluation) last() *Step { return &e.space.steps[len(e.space.steps)-1] }

// traceFetch is the look-up of the record of e.domain.
func (e *evaluation) traceFetch(a found, f fault) {
	s := Step{Query: "TXT " + e.domain, Answer: e.describe(dns.TypeTXT, a, f), Section: "4.4"}
	if f != faultNone {
		s.Result, s.Note = f.word(), e.cause
	}
	e.step(s)
}

func (e *evaluation) traceNoRecord(w Word) {
	s := e.last()
	s.Result, s.Note, s.Section = w, e.cause, "4.5"
}

// traceText adds the record found to its look-up.
func (e *evaluation) traceText(text string, err *SyntaxError) {
	s := e.last()
	s.Record = text
	if err != nil {
		s.Term, s.Span, s.Section = err.Term, err.Span, err.Section
		s.Result, s.Note = PermError, err.Error()
	}
}

// traceDefault ends a record in which nothing matched.
func (e *evaluation) traceDefault() {
	e.step(Step{Result: Neutral, Section: "4.7", Note: "no term of the record matched"})
}

// traceTerm begins the step of a term.
func (e *evaluation) traceTerm(text string, t *term) {
	e.step(Step{
		Term:    text[t.start:t.end],
		Span:    Span{int(t.start), int(t.end)},
		Section: t.kind.Section(),
	})
	e.current = len(e.space.steps) - 1
}

// traceQuestion adds a question to the step of the term, the first in its own
// right (purpose ""), others as steps that follow.
func (e *evaluation) traceQuestion(name string, typ dns.Type, a found, f fault, purpose string) {
	s := &e.space.steps[e.current]
	if purpose != "" {
		e.step(Step{Term: s.Term, Span: s.Span, Section: s.Section, Note: purpose})
		s = e.last()
	}
	s.Query = typ.String() + " " + name
	s.Answer = e.describe(typ, a, f)
	e.count(s)
}

// count brings the counters of a step up to date.
func (e *evaluation) count(s *Step) { s.Lookups, s.Voids = e.lookups, e.voids }

// traceTake shows in the step of the term that it was counted.
func (e *evaluation) traceTake() { e.count(&e.space.steps[e.current]) }

// traceMatch ends the term at hand with a match that gives w.
func (e *evaluation) traceMatch(w Word) {
	s := &e.space.steps[e.current]
	s.Match, s.Result = true, w
}

func (e *evaluation) traceNote(note string) {
	e.space.steps[e.current].Note = note
}

// traceError ends the term at hand, and the check, with an error.
func (e *evaluation) traceError(w Word) {
	s := &e.space.steps[e.current]
	s.Result = w
	if s.Note == "" {
		s.Note = e.cause
	}
}

// traceIncluded says what an included record gave.
func (e *evaluation) traceIncluded(name string, w Word) {
	s := &e.space.steps[e.current]
	switch w {
	case Pass:
		s.Note = "the record of " + name + " gives pass: a match"
	case Fail, SoftFail, Neutral:
		s.Note = "the record of " + name + " gives " + string(w) + ": no match"
	default:
		s.Note = "the record of " + name + " gives " + string(w) + ", which ends the check"
	}
}

// describe is an answer in words.
func (e *evaluation) describe(typ dns.Type, a found, f fault) string {
	switch {
	case f != faultNone:
		return e.refused
	case a.code == dns.NXDomain:
		return "NXDOMAIN"
	case a.void():
		return "NODATA"
	case len(a.records) == 1 && typ == dns.TypeTXT && len(a.records[0].Text) == 1:
		return clipText(a.records[0].Text[0])
	}
	var b []byte
	for i := range a.records {
		if i > 0 {
			b = append(b, ", "...)
		}
		if i == maxListed {
			b = append(b, "and "...)
			b = strconv.AppendInt(b, int64(len(a.records)-i), 10)
			b = append(b, " more"...)
			break
		}
		b = appendRecord(b, typ, &a.records[i])
	}
	return string(b)
}

func appendRecord(b []byte, typ dns.Type, r *dns.Record) []byte {
	switch typ {
	case dns.TypeMX:
		b = strconv.AppendUint(b, uint64(r.Pref), 10)
		b = append(b, ' ')
		return append(append(b, r.Host...), '.')
	case dns.TypePTR:
		return append(b, r.Host...)
	case dns.TypeTXT:
		b = append(b, '"')
		b = append(b, clipText(strings.Join(r.Text, ""))...)
		return append(b, '"')
	}
	return r.Addr.AppendTo(b)
}

// clipText shortens a text that is longer than almost any record.
func clipText(s string) string {
	if len(s) > maxText {
		return s[:maxText] + "..."
	}
	return s
}

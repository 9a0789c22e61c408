package spf

import (
	"context"
	"errors"
	"strconv"

	"unspoof/dns"
)

// The limits of RFC 7208 section 4.6.4.
const (
	defaultLookups = 10 // terms that cause DNS questions
	defaultVoids   = 2  // of these, terms with a void look-up
	maxHosts       = 10 // of one mx (more: permerror) or one PTR answer (more: ignored)
)

// maxQuestions is the last bar before the network. With the limits of the
// standard a check asks at most 1 + 10×(1+10) + 11 for %{p} + 1 for an
// explanation; only a caller who raised them can meet it.
const maxQuestions = 250

// maxExpanded bounds the octets that macros of one check stand for. Ten names of
// 253 octets need a few thousand; a hostile record could ask for gigabytes.
const maxExpanded = 1 << 16

// budget is what every question of one check is drawn from, so that no record
// can loop or cost more than the limits: each include, redirect and other term
// takes from lookups before its first question.
type budget struct {
	ctx      context.Context
	done     <-chan struct{} // of ctx
	resolver dns.Resolver

	maxLookups, maxVoids int

	lookups, voids, questions, expanded int

	voidTerm bool   // the term at hand has counted as void
	cause    string // why the check ended with an error
	refused  string // why the last question had no answer, in a word
}

// take counts a term (section 4.6.4). It returns PermError when that is one too
// many, "" otherwise.
func (b *budget) take() Word {
	b.voidTerm = false
	if b.lookups >= b.maxLookups {
		return b.exceeded(b.maxLookups, "terms that need DNS")
	}
	b.lookups++
	return ""
}

func (b *budget) exceeded(limit int, what string) Word {
	b.cause = "more than " + strconv.Itoa(limit) + " " + what + " (RFC 7208 section 4.6.4)"
	return PermError
}

// countVoid notes that the term at hand had an answer without records. It returns
// PermError when too many terms had.
func (b *budget) countVoid() Word {
	if b.voidTerm {
		return ""
	}
	b.voidTerm = true
	b.voids++
	if b.voids > b.maxVoids {
		return b.exceeded(b.maxVoids, "terms whose DNS questions find nothing")
	}
	return ""
}

// countExpanded notes the value of a macro.
func (b *budget) countExpanded(value string) Word {
	if b.expanded += len(value); b.expanded > maxExpanded {
		b.cause = "macros that stand for more than " + strconv.Itoa(maxExpanded) + " octets"
		return PermError
	}
	return ""
}

// fault is why a question has no answer.
type fault uint8

const (
	faultNone fault = iota
	faultTemp       // DNS failed, or time is up: temperror
	faultPerm       // the budget is spent: permerror
)

// word is the result of a check that a fault ends.
func (f fault) word() Word {
	if f == faultPerm {
		return PermError
	}
	return TempError
}

// found is what a check needs of an answer. It fits in registers, unlike all of
// dns.Answer.
type found struct {
	records []dns.Record
	code    dns.RCode
}

func (f found) void() bool { return len(f.records) == 0 }

// ask puts one question. The cause is set where there is a fault.
func (b *budget) ask(name string, typ dns.Type) (found, fault) {
	if b.questions++; b.questions > maxQuestions || b.resolver == nil {
		return found{}, b.refuse()
	}
	if b.done != nil && b.ctx.Err() != nil { // whether or not the resolver looks
		return b.fault(name, typ, b.ctx.Err())
	}
	answer, err := b.resolver.Lookup(b.ctx, dns.Question{Name: name, Type: typ})
	if err != nil {
		return b.fault(name, typ, err)
	}
	return found{answer.Records, answer.RCode}, faultNone
}

// refuse is the fault of a question that is not asked.
func (b *budget) refuse() fault {
	b.refused = "not asked"
	if b.resolver == nil {
		b.cause = "no resolver was given to ask DNS"
		return faultTemp
	}
	b.cause = "more than " + strconv.Itoa(maxQuestions) + " DNS questions"
	return faultPerm
}

// fault is what an error of the resolver means.
func (b *budget) fault(name string, typ dns.Type, err error) (found, fault) {
	if e := (*dns.Error)(nil); errors.As(err, &e) && e.Kind == dns.FaultName {
		// A name that can't be asked does not exist (section 4.3 by analogy).
		return found{code: dns.NXDomain}, faultNone
	}
	b.refused = faultWord(err)
	b.cause = "no answer from DNS for " + typ.String() + " " + name + ": " + b.refused
	return found{}, faultTemp
}

// faultWord is a fault in a word or two.
func faultWord(err error) string {
	var e *dns.Error
	switch {
	case errors.As(err, &e):
		return string(e.Kind)
	case errors.Is(err, context.DeadlineExceeded):
		return string(dns.FaultTimeout)
	case errors.Is(err, context.Canceled):
		return string(dns.FaultCanceled)
	}
	return err.Error()
}

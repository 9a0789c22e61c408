package spf

import (
	"errors"
	"slices"
	"strings"
)

// claim is one claim of a record: the clients in nets, or those for whom a term
// that is kept matches, get the word, unless a claim before decides.
type claim struct {
	word  Word
	nets  [2][]span // by family; of a kept term nil
	text  string    // of a kept term in its plain form, without qualifier
	spec  string    // what the kept term meant where it stood: see reading.spec
	all   bool      // an all: nets are everyone
	own   int       // index of the own term that it comes from
	asked bool      // the kept term needs DNS
}

var everybody = [2][]span{{everyone}, {everyone}}

// Why a record can't be written as decisions.
var (
	errEntangled = errors.New("it decides by a macro or ptr in a way that can't be taken apart")
	errNameOnly  = errors.New("%{p} means another name outside of the record that it stands in")
)

// unfolder turns readings to decisions.
type unfolder struct {
	domain string // of the own record
	depth  int    // of includes
	work   int    // terms and spans gone through
	// ownMail is true where %{o} is the own domain: others don't matter.
	ownMail bool
}

// maxWork bounds the terms and spans gone through, those of a record included
// twice counted twice: about a second.
const maxWork = 1 << 24

func (u *unfolder) spend(n int) error {
	if u.work += n; u.work > maxWork {
		return errBound
	}
	return nil
}

// claims gives the decisions of a record in order. What is included is unfolded,
// or kept by name where it can't be.
func (u *unfolder) claims(read *reading) ([]claim, error) {
	var out []claim
	subs := read.subs
	for i := range read.terms {
		if err := u.spend(1); err != nil {
			return nil, err
		}
		t := &read.terms[i]
		p := claim{word: t.word(), own: i}
		switch {
		case t.kind == KindAll:
			p.nets, p.all = everybody, true
			return append(out, p), nil
		case t.kind == KindIP4:
			p.nets[ipv4] = []span{t.span(t.network, ipv4)}
			out = append(out, p)
		case t.kind == KindIP6:
			p.nets[ipv6] = []span{t.span(t.network, ipv6)}
			out = append(out, p)
		case len(subs) > 0 && subs[0].index == i && t.kind != KindRedirect:
			list, err := u.term(read, &subs[0])
			if err != nil {
				return nil, err
			}
			out, subs = append(out, list...), subs[1:]
		}
	}
	if len(subs) > 0 {
		list, err := u.term(read, &subs[0])
		return append(out, list...), err
	}
	return out, nil
}

// term gives the decisions of a term that needs DNS.
func (u *unfolder) term(read *reading, s *sub) ([]claim, error) {
	t := &read.terms[s.index]
	p := claim{word: t.word(), own: s.index}
	switch {
	case s.hangs || s.senders && !u.ownMail:
		text, err := u.keep(read, t)
		p.text, p.spec, p.asked = text, read.spec(t), true
		return []claim{p}, err
	case s.fault != nil:
		return nil, s.fault
	case s.err != nil:
		return nil, s.err
	case t.kind == KindRedirect:
		out, err := u.claims(s.inner)
		if err == nil && u.depth == 0 && (s.inner.exp >= 0 || read.exp >= 0) && slices.ContainsFunc(out, claim.fails) {
			return nil, errors.New("the text that exp= gives for a fail would be lost")
		}
		return owned(out, s.index), err
	case t.kind == KindInclude:
		out, err := u.included(s.inner)
		switch {
		case err == nil:
			for i := range out {
				out[i].word, out[i].own = p.word, s.index
			}
			return out, nil
		case read.domain == u.domain || !entangled(err):
			return nil, err
		}
		p.text, p.asked = "include:"+quote(s.name), true // whole, in the place of the record around it
		p.spec = read.spec(t)
		return []claim{p}, valid(p.text)
	case t.kind == KindExists:
		if len(s.hosts) > 0 {
			p.nets = everybody
		}
	default:
		for f := range p.nets {
			p.nets[f] = family(f).merge(s.spans(t, family(f)))
		}
	}
	return []claim{p}, nil
}

func entangled(err error) bool {
	return errors.Is(err, errEntangled) || errors.Is(err, errNameOnly)
}

func owned(list []claim, own int) []claim {
	for i := range list {
		list[i].own = own
	}
	return list
}

// included gives the decisions of a record for which it says pass: the include
// matches. For all others it does not (RFC 7208 section 5.2).
func (u *unfolder) included(read *reading) ([]claim, error) {
	u.depth++
	all, err := u.claims(read)
	u.depth--
	if err != nil {
		return nil, err
	}
	var out []claim
	var passed, denied [2][]span
	for i := 0; i < len(all); i++ {
		p := all[i]
		switch {
		case p.text != "" && (p.word != Pass || !empty(denied)):
			// Whom the record denies before or by it would come to the terms after.
			if idle(all[i:]) {
				return out, nil // which are none that pass
			}
			return nil, errEntangled
		case p.text != "":
			out = append(out, p)
		default: // as many networks as have the same word
			nets, end := together(all[i:])
			i += end - 1
			if err := u.spend(len(denied[ipv4]) + len(denied[ipv6]) + len(passed[ipv4]) + len(passed[ipv6])); err != nil {
				return nil, err
			}
			if p.word != Pass {
				denied = plus(denied, minus(nets, passed)) // the others have passed already
				continue
			}
			p.nets, p.all = minus(nets, denied), false
			passed = plus(passed, p.nets)
			out = append(out, p)
		}
	}
	return out, nil
}

// idle reports whether nothing in list passes, nor can end a check with an error,
// as a record that is not there, or too many exchangers, would.
func idle(list []claim) bool {
	return !slices.ContainsFunc(list, func(c claim) bool {
		return c.word == Pass || strings.HasPrefix(c.text, "include") || strings.HasPrefix(c.text, "mx")
	})
}

// together merges the networks of the decisions at the start of list that have the
// same word, and counts these decisions.
func together(list []claim) (nets [2][]span, n int) {
	for n < len(list) && list[n].text == "" && list[n].word == list[0].word && !(n > 0 && list[n].all) {
		for f := range nets {
			nets[f] = append(nets[f], list[n].nets[f]...)
		}
		n++
	}
	for f := range nets {
		nets[f] = family(f).merge(nets[f])
	}
	return nets, n
}

// fails reports whether a claim gives a fail.
func (c claim) fails() bool { return c.word == Fail }

// subtract gives what is in a and not in b, both merged.
func subtract(f family, a, b []span) []span {
	if len(a) == 0 {
		return nil
	}
	out := make([]span, 0, len(a)+len(b)) // one more for each cut at most
	for _, s := range a {
		for len(b) > 0 && s.first.above(b[0].last) {
			b = b[1:]
		}
		rest := true
		for _, cut := range b {
			if cut.first.above(s.last) {
				break
			}
			if cut.first.above(s.first) {
				out = append(out, span{s.first, cut.first.before(f)})
			}
			if !s.last.above(cut.last) {
				rest = false
				break
			}
			s.first = cut.last.next(f)
		}
		if rest {
			out = append(out, s)
		}
	}
	return out
}

// minus is subtract for both families.
func minus(a, b [2][]span) (out [2][]span) {
	for f := range out {
		out[f] = subtract(family(f), a[f], b[f])
	}
	return out
}

// plus merges what is in a or b.
func plus(a, b [2][]span) (out [2][]span) {
	for f := range out {
		out[f] = family(f).merge(append(slices.Clone(a[f]), b[f]...))
	}
	return out
}

func empty(a [2][]span) bool { return len(a[ipv4])+len(a[ipv6]) == 0 }

// ranges writes spans for people, IPv4 first.
func ranges(a [2][]span) []Range {
	out := []Range{}
	for f := range a {
		for _, s := range a[f] {
			out = append(out, family(f).span(s.first, s.last))
		}
	}
	return out
}

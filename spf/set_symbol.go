package spf

import (
	"strconv"
	"strings"
)

// messageLetters gives the macros in a term's domain-spec that hang on the
// message or on the client's address: of s, l, i, p and h those that stand there
// (RFC 7208 section 7.2). The others of a domain-spec, d, o and v, are the same
// for all clients of a family.
func messageLetters(text string, t *term) string {
	if t.flags&flagMacro == 0 {
		return ""
	}
	var letters []byte
	for spec := text[t.from:t.to]; ; {
		_, m, rest := nextMacro(spec)
		switch m.letter {
		case 0:
			return string(letters)
		case 's', 'l', 'i', 'p', 'h':
			letters = append(letters, m.letter)
		}
		spec = rest
	}
}

// symbol gives the maps of a term that stays symbolic, and lists it.
func (w *walk) symbol(domain, text string, t *term, source int32, eff effect, letters string) familyMaps {
	if len(w.symbolic) >= maxSetSymbolic {
		return both(w.cutOff("more than " + strconv.Itoa(maxSetSymbolic) + " terms that depend on the message"))
	}
	n := int32(len(w.symbolic))
	s := Symbolic{Source: int(source), Kind: t.kind, Spec: w.spec(domain, text, t)}
	if len(s.Spec) > maxSpec {
		return both(w.cutOff("a name of more than " + strconv.Itoa(maxSpec) + " octets"))
	}
	if strings.Contains(letters, "p") {
		s.prefer = strings.ToLower(domain)
	}
	match := t.code()
	if s.decides = eff.own; t.kind != KindRedirect {
		s.Result = eff.of(match).word()
		s.decides = s.Result != ""
	}
	w.symbolic = append(w.symbolic, s)

	var m familyMaps
	for f := range m {
		p, other := t.symbolOutcomes(family(f), match, letters)
		if p.word != goesOn {
			p.source = source
		}
		p.cond = w.conds.number(condition{terms: []int32{n}, other: other, any: t.kind == KindRedirect})
		m[f] = everywhere(p)
	}
	return m
}

// symbolOutcomes gives the piece of a symbolic term that does not match, and what
// else can come of it.
func (t *term) symbolOutcomes(f family, match wordCode, letters string) (p piece, other []outcome) {
	spent := once
	named := strings.Contains(letters, "p")
	switch {
	case named:
		spent.flags = costNames | costLookup
	case t.kind == KindPTR:
		spent.flags = costNames
	}
	p = miss(spent)
	with := func(voids uint16, flags costFlags, word wordCode) {
		c := spent
		c.voids, c.flags = voids, c.flags|flags
		other = append(other, outcome{c, word})
	}
	switch t.kind {
	case KindRedirect:
		p.word = codeUnknown
		return p, nil
	case KindInclude: // whatever the record is, and costs
		over := cost{lookups: endless}
		with(0, 0, codePermError)
		other = append(other, outcome{over, match}, outcome{over, goesOn})
	default:
		p.voids = t.missVoids(f)
		with(1-p.voids, 0, goesOn)
	}
	with(0, 0, match)
	if named || t.kind == KindMX { // a question before may be void
		with(1, 0, match)
	}
	if t.kind == KindMX {
		with(0, costHosts, match)
		with(0, costHosts, goesOn)
	}
	if named && strings.ContainsAny(letters, "ls") { // RFC 8616 section 4
		other = append(other, outcome{once, goesOn})
	}
	return p, other
}

// missVoids is 1 where any answer but a void one is a match: for an exists, and
// for addresses under a prefix length of nought.
func (t *term) missVoids(f family) uint16 {
	if t.kind == KindExists || (t.kind == KindA || t.kind == KindMX) && t.bits[f] == 0 {
		return 1
	}
	return 0
}

// spec writes a domain-spec with the macros filled in that are known, and with
// the prefix lengths of a and mx.
func (w *walk) spec(domain, text string, t *term) string {
	var b []byte
	if t.from == t.to {
		b = append(b, strings.ToLower(domain)...)
	}
	for rest := text[t.from:t.to]; rest != ""; {
		literal, m, after := nextMacro(rest)
		b = append(b, strings.ToLower(literal)...)
		switch macro := rest[len(literal) : len(rest)-len(after)]; m.letter {
		case 0:
		case 'd', 'o':
			value := domain
			if m.letter == 'o' {
				value = w.expander.origin
			}
			value = string(appendParts(nil, value, m))
			if m.escape {
				value = string(appendEscaped(nil, value))
			}
			b = append(b, strings.ToLower(value)...)
		default:
			b = append(b, macro...)
		}
		if rest = after; len(b) > maxSpec {
			break
		}
	}
	if t.kind == KindA || t.kind == KindMX {
		if t.bits[ipv4] != 32 {
			b = append(b, '/')
			b = strconv.AppendUint(b, uint64(t.bits[ipv4]), 10)
		}
		if t.bits[ipv6] != 128 {
			b = append(b, "//"...)
			b = strconv.AppendUint(b, uint64(t.bits[ipv6]), 10)
		}
	}
	return string(b)
}

// maxSpec is the longest domain-spec that is kept; a name has 253 octets.
const maxSpec = 2048

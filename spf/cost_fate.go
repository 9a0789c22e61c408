package spf

import "errors"

// fate is what a record says of some addresses: the word of the first of the own
// terms that need DNS in via, while that is in the record, else the next one's,
// and when none is left what the rest of the record says.
type fate struct {
	via  []verdict
	end  Word
	size Tally
	nets [2][]span
}

type verdict struct {
	sub  int // in reading.subs
	word Word
}

// maxFates bounds the ways to be decided about: terms that overlap in every way
// could double them one by one.
const maxFates = 1 << 12

// weigh parts all addresses by the terms that decide about them.
func (s *search) weigh(read *reading) {
	u := &unfolder{domain: read.domain, depth: 1, ownMail: true} // explanations don't matter here
	open := []fate{{nets: everybody}}
	subs := read.subs
	for i := 0; i < len(read.terms); i++ {
		t := &read.terms[i]
		d := claim{word: t.word()}
		switch {
		case t.kind == KindAll:
			s.fates = append(s.fates, s.match(&open, -1, claim{word: d.word, nets: everybody})...)
			return
		case t.kind == KindIP4 || t.kind == KindIP6:
			var fixed []claim
			for ; i < len(read.terms) && (read.terms[i].kind == KindIP4 || read.terms[i].kind == KindIP6) && read.terms[i].word() == d.word; i++ {
				t, n := &read.terms[i], claim{word: d.word}
				f := family(read.terms[i].kind - KindIP4)
				n.nets[f] = []span{t.span(t.network, f)}
				fixed = append(fixed, n)
			}
			i--
			d.nets, _ = together(fixed)
			s.fates = append(s.fates, s.match(&open, -1, d)...)
		case len(subs) > 0 && subs[0].index == i && t.kind != KindRedirect:
			s.term(u, &open, read, len(read.subs)-len(subs))
			subs = subs[1:]
		}
		if u.spend(sizes(open)) != nil || len(open) > maxFates {
			s.unknown = true
			return
		}
	}
	if len(subs) > 0 {
		s.term(u, &open, read, len(read.subs)-1)
	}
	s.fates = append(s.fates, s.match(&open, -1, claim{word: Neutral, nets: everybody})...)
}

func sizes(list []fate) (n int) {
	for i := range list {
		n += len(list[i].nets[ipv4]) + len(list[i].nets[ipv6])
	}
	return n
}

// term parts the open addresses by what a term that needs DNS matches.
func (s *search) term(u *unfolder, open *[]fate, read *reading, sub int) {
	list, err := u.term(read, &read.subs[sub])
	if err != nil { // broken: it lets nobody in; or not to be told
		s.vague[sub] = entangled(err) || errors.Is(err, errBound)
		return
	}
	for len(list) > 0 {
		d := list[0]
		n := 1
		if d.text != "" {
			s.vague[sub] = s.vague[sub] || d.word == Pass
		} else {
			d.nets, n = together(list)
			if len(*open)*2 > maxFates {
				s.unknown = true
				return
			}
			s.match(open, sub, d)
		}
		list = list[n:]
	}
}

// match takes what a claim matches out of the open addresses. What a term that
// can't go decides is final, and given back; else it stays open for the rest,
// under the term's name.
func (s *search) match(open *[]fate, sub int, d claim) (final []fate) {
	out := (*open)[:0] // each gives way to one at most
	var more []fate
	for _, f := range *open {
		if n := len(f.via); sub >= 0 && n > 0 && f.via[n-1].sub == sub {
			out = append(out, f) // an earlier claim of the same term
			continue
		}
		hit := shared(f.nets, d.nets)
		if empty(hit) {
			out = append(out, f)
			continue
		}
		if rest := minus(f.nets, hit); !empty(rest) {
			out = append(out, fate{via: f.via, nets: rest})
		}
		switch {
		case sub < 0:
			final = append(final, fate{via: f.via, end: d.word, size: tally(hit)})
		default:
			via := append(f.via[:len(f.via):len(f.via)], verdict{sub, d.word})
			more = append(more, fate{via: via, nets: hit})
		}
	}
	*open = append(out, more...)
	return final
}

// shared gives what is in a and in b, both merged.
func shared(a, b [2][]span) (out [2][]span) {
	for f := range out {
		for _, s := range b[f] {
			for i := after(a[f], s.first); i < len(a[f]) && !a[f][i].first.above(s.last); i++ {
				x := a[f][i]
				if s.first.above(x.first) {
					x.first = s.first
				}
				if x.last.above(s.last) {
					x.last = s.last
				}
				out[f] = append(out[f], x)
			}
		}
	}
	return out
}

func tally(a [2][]span) (t Tally) {
	for _, r := range ranges(a) {
		t.add(r)
	}
	return t
}

// outcome counts the addresses that pass only with some terms, and only without
// them.
func (s *search) outcome(without func(int) bool) (lost, gained Tally) {
	for i := range s.fates {
		f := &s.fates[i]
		was, now := f.end, f.end
		if len(f.via) > 0 {
			was = f.via[0].word
		}
		for _, v := range f.via {
			if !without(v.sub) {
				now = v.word
				break
			}
		}
		switch {
		case was == Pass && now != Pass:
			lost = lost.Plus(f.size)
		case was != Pass && now == Pass:
			gained = gained.Plus(f.size)
		}
	}
	return lost, gained
}

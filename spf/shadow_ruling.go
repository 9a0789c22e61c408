package spf

import "sort"

// ruling is a run of addresses with the own term that decides, and what would
// decide without that term.
type ruling struct {
	from          address
	first, second choice
}

// choice is the result of a term, or that none has matched so far.
type choice struct {
	word    wordCode
	term    int32
	symbols int32 // terms passed before that are or lead to symbolic ones
}

// then is c, and d where that goes on.
func (c choice) then(d choice) choice {
	if c.word == goesOn {
		d.symbols += c.symbols
		return d
	}
	return c
}

// decide puts the maps of the terms together, and notes for each term what would
// come without it.
func (s *shadows) decide(leaves [][]piece) []ruling {
	parts := make([][]ruling, len(leaves))
	for i, leaf := range leaves {
		for k := range leaf {
			d := ruling{from: leaf[k].from, first: choice{word: leaf[k].word, term: leaf[k].source}}
			if leaf[k].cond != 0 {
				d.first.symbols = 1
			}
			parts[i] = append(parts[i], d)
		}
	}
	whole := foldRulings(parts)
	for i := range whole {
		first, second := whole[i].first, whole[i].second
		if first.word == goesOn {
			continue // the end of the record
		}
		if second.word == goesOn {
			second.word, second.term = codeNeutral, -1 // RFC 7208 section 4.7
		}
		s.wins[first.term] = true
		if second.word != first.word || second.symbols != first.symbols || !first.word.lasts() {
			s.varies[first.term] = true
		}
		s.note(int(first.term), int(second.term))
	}
	return whole
}

// foldRulings puts lists one after the other, in pairs as walk.fold does.
func foldRulings(parts [][]ruling) []ruling {
	for len(parts) > 1 {
		n := 0
		for i := 0; i < len(parts); i += 2 {
			if parts[n] = parts[i]; i+1 < len(parts) {
				parts[n] = seqRulings(parts[i], parts[i+1])
			}
			n++
		}
		parts = parts[:n]
	}
	return parts[0]
}

func seqRulings(a, b []ruling) []ruling {
	out := make([]ruling, 0, len(a)+len(b))
	for i, j := 0, 0; i < len(a) && j < len(b); {
		d := ruling{from: a[i].from}
		if b[j].from.above(d.from) {
			d.from = b[j].from
		}
		if a[i].first.word == goesOn {
			d.first, d.second = a[i].first.then(b[j].first), a[i].first.then(b[j].second)
		} else {
			d.first, d.second = a[i].first, a[i].second.then(b[j].first)
		}
		if n := len(out); n == 0 || out[n-1].first != d.first || out[n-1].second != d.second {
			out = append(out, d)
		}
		switch {
		case j+1 == len(b) || i+1 < len(a) && b[j+1].from.above(a[i+1].from):
			i++
		case i+1 == len(a) || a[i+1].from.above(b[j+1].from):
			j++
		default:
			i++
			j++
		}
	}
	return out
}

// known reports whether later look-ups would say the same.
func (c wordCode) known() bool { return c != codeTempError && c != codeUnknown }

// lasts reports whether it stays so, an error being mended.
func (c wordCode) lasts() bool { return c.known() && c != codePermError }

// cover notes the terms that decide what term i, of which leaf is the map, would
// match.
func (s *shadows) cover(i int, leaf []piece, whole []ruling) {
	for k := range leaf {
		if leaf[k].word == goesOn {
			continue
		}
		s.varies[i] = s.varies[i] || !leaf[k].word.known()
		n := sort.Search(len(whole), func(n int) bool { return whole[n].from.above(leaf[k].from) }) - 1
		for ; n < len(whole) && len(s.by[i]) < maxBy && s.work < maxByWork; n++ {
			if k+1 < len(leaf) && !leaf[k+1].from.above(whole[n].from) {
				break
			}
			first := whole[n].first
			s.note(i, int(first.term))
			s.varies[i] = s.varies[i] || !first.word.lasts()
			s.work++
		}
	}
}

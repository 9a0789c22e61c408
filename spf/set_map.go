package spf

import (
	"cmp"
	"slices"
)

// A map says of every address of one family what a part of a record makes of it:
// a list of pieces, each from its first address up to the next piece. The first
// begins at the lowest address, so that nothing is left open. To put two parts
// of a record one after the other is associative, so that a record is put
// together in pairs, pairs of pairs and so on: n terms cost n×log n steps.

// piece is a run of addresses to which the same happens.
type piece struct {
	from address
	outcome
	source int32 // of the term that decides
	cond   int32 // in conditions
}

// outcome is what happens, and at what cost so far.
type outcome struct {
	cost
	word wordCode // 0: no term has matched, the evaluation goes on
}

// wordCode is a Word in an octet.
type wordCode uint8

const (
	goesOn wordCode = iota
	codeNone
	codeNeutral
	codePass
	codeFail
	codeSoftFail
	codeTempError
	codePermError
	codeUnknown
)

var words = [...]Word{"", None, Neutral, Pass, Fail, SoftFail, TempError, PermError, Unknown}

func (c wordCode) word() Word { return words[c] }

// code is the result of a match of the term.
func (t *term) code() wordCode {
	switch t.qualifier {
	case '-':
		return codeFail
	case '~':
		return codeSoftFail
	case '?':
		return codeNeutral
	}
	return codePass
}

// cost is what a receiver has spent (RFC 7208 section 4.6.4). Sums stay at the
// highest number that fits.
type cost struct {
	lookups, voids uint16
	flags          costFlags
}

type costFlags uint8

const (
	costHosts  costFlags = 1 << iota // an mx with more than ten hosts
	costNames                        // the client's names were asked for
	costLookup                       // that was for %{p}, which is one look-up more
)

const endless = 1<<16 - 1 // the cost of a loop

// then is the cost of c and after that d. The client's names are asked for once.
func (c cost) then(d cost) cost {
	if c.flags&costNames != 0 {
		d.flags &^= costLookup
	}
	return cost{
		lookups: uint16(min(uint32(c.lookups)+uint32(d.lookups), endless)),
		voids:   uint16(min(uint32(c.voids)+uint32(d.voids), endless)),
		flags:   c.flags | d.flags,
	}
}

// total is the number of look-ups.
func (c cost) total() int {
	n := int(c.lookups)
	if c.flags&costLookup != 0 {
		n++
	}
	return n
}

// everywhere is the map of a single piece.
func everywhere(p piece) []piece {
	p.from = address{}
	return []piece{p}
}

// alike reports whether the same happens in two pieces.
func (p *piece) alike(q *piece) bool {
	return p.source == q.source && p.cond == q.cond && p.outcome == q.outcome
}

// extend appends a piece, which is one with the last where they don't differ.
func extend(list []piece, p piece) []piece {
	if n := len(list); n > 0 && list[n-1].from == p.from {
		list = list[:n-1]
	}
	if n := len(list); n > 0 && list[n-1].alike(&p) {
		return list
	}
	return append(list, p)
}

// seq is the map of a and, where that goes on, of b. It has no more pieces than
// both, and is made at the front of out.
func (w *walk) seq(a, b, out []piece) []piece {
	if w.work += len(a) + len(b); w.work > maxSetWork {
		return everywhere(w.cutOff("more ranges than can be kept apart"))
	}
	out = out[:0]
	j := 0
	for i := range a {
		end, open := address{}, i+1 == len(a)
		if !open {
			end = a[i+1].from
		}
		if a[i].word != goesOn && a[i].cond == 0 {
			out = extend(out, a[i])
			continue
		}
		for j+1 < len(b) && !b[j+1].from.above(a[i].from) {
			j++
		}
		for k := j; k < len(b) && (open || end.above(b[k].from)); k++ {
			p := w.then(&a[i], &b[k])
			if p.from = a[i].from; b[k].from.above(p.from) {
				p.from = b[k].from
			}
			out = extend(out, p)
		}
	}
	return out
}

// then is what happens to addresses that are in both pieces.
func (w *walk) then(a, b *piece) piece {
	p := *a
	if a.word == goesOn {
		p.source, p.outcome = b.source, a.outcome.then(b.outcome)
	}
	if a.cond != 0 || b.cond != 0 {
		p.cond = w.conds.then(a.cond, a.outcome, b.cond, b.outcome)
	}
	return p
}

// then is o, and d where that goes on.
func (o outcome) then(d outcome) outcome {
	if o.word != goesOn {
		return o
	}
	return outcome{o.cost.then(d.cost), d.word}
}

// fold puts the parts of a record one after the other, in pairs, back and forth
// between two buffers. What it gives may lie in one of these, until the next fold.
func (w *walk) fold(parts [][]piece, buffers *[2][]piece) []piece {
	if len(parts) == 1 {
		return parts[0]
	}
	all := 0
	for _, p := range parts {
		all += len(p)
	}
	for turn := 0; len(parts) > 1; turn ^= 1 {
		buf := buffers[turn]
		if cap(buf) < all {
			buf = make([]piece, all)
			buffers[turn] = buf
		}
		buf = buf[:all]
		n := 0
		for i := 0; i < len(parts); i += 2 {
			var p []piece
			if i+1 < len(parts) {
				p = w.seq(parts[i], parts[i+1], buf)
			} else {
				p = append(buf[:0], parts[i]...)
			}
			buf = buf[len(p):]
			parts[n] = p
			n++
		}
		parts = parts[:n]
	}
	return parts[0]
}

// block is a network in the list that a term gives, or several terms next to each
// other. Of two that hold an address, the one listed first counts.
type block struct {
	from, last address
	outcome
	source int32
	rank   int32 // place in the list
}

// most is the number of pieces that n blocks on a ground can make.
func most(n int) int { return 2*n + 1 }

// overlay is the map of blocks on a ground, made in out. Two networks are apart or
// one within the other, so that a stack knows all that hold the address at hand.
func overlay(f family, blocks []block, ground piece, out []piece) []piece {
	slices.SortFunc(blocks, func(a, b block) int {
		switch {
		case a.from != b.from:
			if b.from.above(a.from) {
				return -1
			}
			return 1
		case a.last != b.last:
			if a.last.above(b.last) { // the wider one first
				return -1
			}
			return 1
		}
		return cmp.Compare(a.rank, b.rank)
	})
	ground.from = address{}
	out = append(out[:0], ground)
	var around []block // that hold the address at hand, each as the best of those around it
	leave := func() {
		top := around[len(around)-1]
		around = around[:len(around)-1]
		next := top.last.next(f)
		if next == (address{}) {
			return // that was the last address of all
		}
		if len(around) == 0 {
			ground.from = next
			out = extend(out, ground)
		} else if outer := &around[len(around)-1]; outer.last.above(top.last) {
			out = extend(out, outer.piece(next))
		}
	}
	for _, b := range blocks {
		for len(around) > 0 && b.from.above(around[len(around)-1].last) {
			leave()
		}
		if len(around) > 0 {
			if outer := &around[len(around)-1]; outer.rank < b.rank {
				b.rank, b.source, b.outcome = outer.rank, outer.source, outer.outcome
			}
		}
		around = append(around, b)
		out = extend(out, b.piece(b.from))
	}
	for len(around) > 0 {
		leave()
	}
	return out
}

func (b *block) piece(from address) piece {
	return piece{from: from, outcome: b.outcome, source: b.source}
}

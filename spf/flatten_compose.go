package spf

import (
	"net/netip"
	"slices"
	"sort"
)

// group is what stands in a record to be written: networks that all get one word,
// a term that is kept, or an all.
type group struct {
	word Word
	nets []netip.Prefix
	text string // of a kept term, without qualifier
	all  bool
}

// compose writes decisions with as few networks as mean the same. What earlier
// ones decide is free to be covered again by later ones, since it has no effect
// there. Without a default (a redirect is kept) what matches nothing is open.
func (u *unfolder) compose(list []claim, open bool) ([]group, error) {
	var out []group
	var decided [2][]span
	list = distinct(list)
	for i := 0; i < len(list); {
		p := &list[i]
		if isEveryone(decided) {
			break
		}
		switch {
		case p.all:
			out = append(out, group{word: p.word, all: true})
			decided = everybody
			i++
		case p.text != "":
			out = append(out, group{word: p.word, text: p.text})
			i++
		default:
			nets, n := together(list[i:])
			i += n
			if err := u.spend(len(decided[ipv4]) + len(decided[ipv6])); err != nil {
				return nil, err
			}
			if fresh := minus(nets, decided); !empty(fresh) {
				out = append(out, group{word: p.word, nets: cover(fresh, decided)})
			}
			decided = plus(decided, nets)
		}
	}
	if !open {
		out = withoutDefaults(out)
	}
	return out, nil
}

func isEveryone(a [2][]span) bool {
	return len(a[ipv4]) == 1 && a[ipv4][0] == everyone && len(a[ipv6]) == 1 && a[ipv6][0] == everyone
}

// withoutDefaults leaves networks out that get the word which they would get at
// the end of the record anyhow.
func withoutDefaults(list []group) []group {
	word := Neutral // RFC 7208 section 4.7
	last := len(list) - 1
	if last >= 0 && list[last].all {
		word = list[last].word
		last--
	}
	var later [2][]span // that get another word
	for ; last >= 0 && list[last].text == ""; last-- {
		g := &list[last]
		if g.word != word {
			later = plus(later, spansOf(g.nets))
			continue
		}
		kept := g.nets[:0]
		for _, p := range g.nets {
			if overlaps(later[familyOf(p.Addr())], spanOf(p)) {
				kept = append(kept, p)
			}
		}
		if g.nets = kept; len(kept) == 0 {
			list = slices.Delete(list, last, last+1)
		}
	}
	return list
}

func spanOf(p netip.Prefix) span {
	a := addressOf(p.Addr())
	return span{a.first(uint8(p.Bits())), a.last(uint8(p.Bits()))}
}

func spansOf(list []netip.Prefix) (out [2][]span) {
	for _, p := range list {
		f := familyOf(p.Addr())
		out[f] = append(out[f], spanOf(p))
	}
	for f := range out {
		out[f] = family(f).merge(out[f])
	}
	return out
}

// overlaps reports whether merged spans hold an address of s.
func overlaps(spans []span, s span) bool {
	i := after(spans, s.first)
	return i < len(spans) && !spans[i].first.above(s.last)
}

// holds reports whether merged spans hold all addresses of s.
func holds(spans []span, s span) bool {
	i := after(spans, s.first)
	return i < len(spans) && !spans[i].first.above(s.first) && !s.last.above(spans[i].last)
}

// after finds the first of merged spans that does not end before a.
func after(spans []span, a address) int {
	return sort.Search(len(spans), func(i int) bool { return !a.above(spans[i].last) })
}

// cover gives the fewest networks that hold all of want, and besides that nothing
// but addresses that are free.
func cover(want, free [2][]span) []netip.Prefix {
	var out []netip.Prefix
	may := plus(want, free)
	for f := range want {
		c := coverer{family: family(f), want: want[f], may: may[f]}
		c.network(address{}, 0)
		out = append(out, c.out...)
	}
	return out
}

type coverer struct {
	family
	want, may []span
	out       []netip.Prefix
}

// network covers what is wanted of a network: by itself, where it may and that
// saves one, else half by half, so that no network is wider than it must be.
func (c *coverer) network(a address, bits uint8) {
	s := span{a, a.last(bits)}
	if !overlaps(c.want, s) {
		return
	}
	if bits == c.width() || holds(c.want, s) {
		c.out = append(c.out, netip.PrefixFrom(c.addr(a), int(bits)))
		return
	}
	low := span{a, a.last(bits + 1)}
	high := span{low.last.next(c.family), s.last}
	if overlaps(c.want, low) && overlaps(c.want, high) && holds(c.may, s) {
		c.out = append(c.out, netip.PrefixFrom(c.addr(a), int(bits)))
		return
	}
	c.network(low.first, bits+1)
	c.network(high.first, bits+1)
}

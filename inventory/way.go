package inventory

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
)

// proof is what shows that mail was the domain's own.
type proof uint8

const (
	proofNone    proof = iota
	proofKey           // a verified signature of the domain's: where it was handed over is open
	proofSPF           // the return path is the domain's, and SPF passed for the address
	proofAddress       // it came from an address that the owner named
	proofGenuine       // the owner's log holds it, or forensics proved it
)

// way is one way in which mail left, as far as it counts: what sightings of the
// same way differ in is their number and time.
type way struct {
	source Source
	proof  proof
	// address that handed it over; of a claim only its network, or a botnet would
	// fill the list.
	address  netip.Prefix
	name     string // confirmed reverse name of address
	from     string // author's domain
	mailFrom string // return path that passed SPF
	signed   string // verified signatures, "d/s" in order, blank between
	host     string
	via      string // relay
}

// seen is how often, and when.
type seen struct {
	Volume
	where string // one example: the first by name, so that the order doesn't matter
}

func (s *seen) add(v Volume, where string) {
	s.Volume = s.Volume.plus(v)
	if s.where == "" || where != "" && where < s.where {
		s.where = where
	}
}

func (v Volume) plus(o Volume) Volume {
	v.Count += o.Count
	if v.First.IsZero() || !o.First.IsZero() && o.First.Before(v.First) {
		v.First = o.First
	}
	if o.Last.After(v.Last) {
		v.Last = o.Last
	}
	return v
}

// ways counts by way, in bounded memory. What it keeps of too many are those with
// the smallest hash: the same in whatever order they came, since none of these is
// ever among those dropped.
type ways struct {
	seen    map[way]*seen
	total   int
	dropped bool
}

func (w *ways) add(k way, v Volume, where string) {
	if w.seen == nil {
		w.seen = map[way]*seen{}
	}
	w.total += v.Count
	s := w.seen[k]
	if s == nil {
		if len(w.seen) >= 2*MaxGroups {
			w.prune()
		}
		s = &seen{}
		w.seen[k] = s
	}
	s.add(v, where)
}

func (w *ways) prune() {
	if len(w.seen) <= MaxGroups {
		return
	}
	w.dropped = true
	for _, r := range ranked(w.seen)[MaxGroups:] {
		delete(w.seen, r.way)
	}
}

type rankedWay struct {
	hash uint64
	text string
	way  way
}

// text is the same for the same way, in every run.
func (k way) text() string {
	return fmt.Sprintf("%s %d %s %q %q %q %q %q %q", k.source, k.proof, k.address, k.name, k.from, k.mailFrom, k.signed, k.host, k.via)
}

func ranked(m map[way]*seen) []rankedWay {
	list := make([]rankedWay, 0, len(m))
	for k := range m {
		text := k.text()
		h := fnv.New64a()
		h.Write([]byte(text))
		list = append(list, rankedWay{h.Sum64(), text, k})
	}
	slices.SortFunc(list, func(a, b rankedWay) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.text, b.text))
	})
	return list
}

// list gives what was kept, in an order that hangs on nothing but what it is.
func (w *ways) list() []rankedWay {
	w.prune()
	list := ranked(w.seen)
	slices.SortFunc(list, func(a, b rankedWay) int { return cmp.Compare(a.text, b.text) })
	return list
}

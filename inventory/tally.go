package inventory

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"unspoof/orgdomain"
)

// tally takes the sightings of mail.
type tally struct {
	witness

	own, claims, handed ways // handed: addresses that handed over what was signed
	claimedSelectors    map[Signature]bool
	sources             map[Source]*SourceCount
}

// maxClaimedSelectors bounds the selectors of the domain's own that unverified mail
// names: they are asked for, since one of them may be real.
const maxClaimedSelectors = 200

func newTally(w witness) *tally {
	return &tally{witness: w, claimedSelectors: map[Signature]bool{}, sources: map[Source]*SourceCount{}}
}

func (t *tally) add(s Sighting) {
	h, ok := t.hear(s)
	if !ok {
		return // mail of somebody else
	}
	v := Volume{Count: max(s.Count, 1), First: s.First.UTC(), Last: s.Last.UTC()}
	if s.First.IsZero() {
		v.First = time.Time{}
	}
	if s.Last.IsZero() {
		v.Last = v.First
	}
	count := t.count(s.Source, v)
	if h.proof == proofNone {
		t.claim(h.way, h.address, v, s.Where)
		t.noteSelectors(s.DKIM)
		return
	}
	count.Own += v.Count
	if h.address.IsValid() {
		h.way.address = single(h.address)
	}
	if h.loose {
		t.addLoose(h.way, v, s.Where)
		return
	}
	t.own.add(h.way, v, s.Where)
}

// addLoose counts who handed a message over apart from what the message itself
// says.
func (t *tally) addLoose(k way, v Volume, where string) {
	own := []string{}
	for _, s := range strings.Fields(k.signed) {
		if d, _, _ := strings.Cut(s, "/"); t.aligned(d) {
			own = append(own, s)
		}
	}
	if k.address.IsValid() {
		hand := k
		hand.mailFrom, hand.from, hand.signed, hand.host, hand.via = "", "", strings.Join(own, " "), "", ""
		t.handed.add(hand, v, where)
		if k.signed == "" && k.host == "" && k.via == "" {
			return // nothing else tells of it
		}
	}
	k.name, k.mailFrom, k.address = "", "", netip.Prefix{}
	t.own.add(k, v, where)
}

// claim counts mail that nothing proves.
func (t *tally) claim(k way, address netip.Addr, v Volume, where string) {
	t.claims.add(k.claim(address), v, where)
}

// noteSelectors keeps the selectors of the domain's own that unproven mail names.
func (t *tally) noteSelectors(signatures []Signature) {
	for _, s := range signatures {
		d := orgdomain.Tidy(s.Domain)
		if sel := orgdomain.Tidy(s.Selector); sel != "" && orgdomain.Below(t.domain, d) {
			t.claimedSelectors[Signature{Domain: d, Selector: sel}] = true
		}
	}
	if len(t.claimedSelectors) >= 2*maxClaimedSelectors {
		t.pruneSelectors()
	}
}

// pruneSelectors keeps the first by name, as ways keeps the first by hash.
func (t *tally) pruneSelectors() {
	list := t.selectors()
	for _, s := range list[min(len(list), maxClaimedSelectors):] {
		delete(t.claimedSelectors, s)
	}
}

func (t *tally) selectors() []Signature {
	return slices.SortedFunc(maps.Keys(t.claimedSelectors), func(a, b Signature) int {
		return cmp.Or(cmp.Compare(a.Selector, b.Selector), cmp.Compare(a.Domain, b.Domain))
	})
}

func (t *tally) count(source Source, v Volume) *SourceCount {
	c := t.sources[source]
	if c == nil {
		c = &SourceCount{Source: source}
		t.sources[source] = c
	}
	sum := Volume{c.Sightings, c.First, c.Last}.plus(v)
	c.Sightings, c.First, c.Last = sum.Count, sum.First, sum.Last
	return c
}

func single(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

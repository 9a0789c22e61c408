package whatif

import (
	"iter"
	"slices"
	"strings"
	"time"

	"unspoof/inventory"
	"unspoof/orgdomain"
)

// Collector keeps sightings until the inventory is made that Replay needs, those
// that are alike as one with their number: at most 20,000 that something proves,
// and as many of the rest, so that no flood of forged mail pushes the owner's out.
// Its zero value is ready. It is for one goroutine.
type Collector struct {
	proven, rest bucket
}

type bucket struct {
	at      map[string]int
	list    []inventory.Sighting
	dropped int
}

// Add takes a sighting.
func (c *Collector) Add(s inventory.Sighting) {
	s.Count = max(s.Count, 1)
	s.First, s.Last, s.Where = time.Time{}, time.Time{}, "" // they decide nothing here
	if s.MailFrom != "" {
		s.HELO = "" // RFC 7208 section 2.4: only of a bounce
	}
	// What cannot align changes nothing, and strangers make up names without end.
	s.DKIM = slices.DeleteFunc(slices.Clone(s.DKIM), func(d inventory.Signature) bool {
		return d.Result != "pass" && d.Result != "" || !sameOrg(d.Domain, s.From, s.MailFrom)
	})
	b := &c.rest
	if s.Genuine || s.Trusted && s.SPF == "pass" && sameOrg(s.MailFrom, s.From, s.MailFrom) ||
		slices.ContainsFunc(s.DKIM, func(d inventory.Signature) bool { return d.Result == "pass" }) {
		b = &c.proven
	}
	b.add(s)
}

// sameOrg reports whether a name is of the organisation of the author, who in a
// log is known by the return path only.
func sameOrg(name, from, mailFrom string) bool {
	if from == "" {
		from = mailFrom
	}
	a, b := orgdomain.OfPSL(strings.ToLower(name)), orgdomain.OfPSL(strings.ToLower(from))
	return a != "" && a == b
}

func (b *bucket) add(s inventory.Sighting) {
	way := wayOf(s)
	i, known := b.at[way]
	switch {
	case known:
		b.list[i].Count += s.Count
	case len(b.list) >= maxWays:
		b.dropped += s.Count
	default:
		if b.at == nil {
			b.at = map[string]int{}
		}
		b.at[way] = len(b.list)
		b.list = append(b.list, s)
	}
}

// Dropped counts messages that were not kept: those that something proves, and the
// rest.
func (c *Collector) Dropped() (proven, rest int) { return c.proven.dropped, c.rest.dropped }

// All gives what was kept.
func (c *Collector) All() iter.Seq[inventory.Sighting] {
	return func(yield func(inventory.Sighting) bool) {
		for _, list := range [][]inventory.Sighting{c.proven.list, c.rest.list} {
			for _, s := range list {
				if !yield(s) {
					return
				}
			}
		}
	}
}

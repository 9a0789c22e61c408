package whatif

import (
	"iter"
	"time"

	"unspoof/inventory"
)

// Collector keeps sightings until the inventory is made that Replay needs, those
// that are alike as one with their number. Its zero value is ready. It is for one
// goroutine.
type Collector struct {
	at   map[string]int
	list []inventory.Sighting
	// Dropped counts messages that were not kept, because there were more than
	// 20,000 different ways of sending.
	Dropped int
}

// Add takes a sighting.
func (c *Collector) Add(s inventory.Sighting) {
	s.Count = max(s.Count, 1)
	s.First, s.Last, s.Where = time.Time{}, time.Time{}, "" // they decide nothing here
	way := wayOf(s)
	i, known := c.at[way]
	switch {
	case known:
		c.list[i].Count += s.Count
	case len(c.list) >= maxWays:
		c.Dropped += s.Count
	default:
		if c.at == nil {
			c.at = map[string]int{}
		}
		c.at[way] = len(c.list)
		c.list = append(c.list, s)
	}
}

// All gives what was kept.
func (c *Collector) All() iter.Seq[inventory.Sighting] {
	return func(yield func(inventory.Sighting) bool) {
		for _, s := range c.list {
			if !yield(s) {
				return
			}
		}
	}
}

package spf

import (
	"slices"
	"sync/atomic"
)

// Cache keeps scanned records by their text, so that a record seen before is not
// scanned again. It holds no DNS answers and never goes stale. It is bounded in
// records and, since long ones are left out, in bytes. Safe for concurrent use,
// without locks.
type Cache struct {
	sets  []cacheSet
	shift int // of a hash, to an index in sets
}

// cacheSet holds the few records that one hash may lie at. A new one takes the
// place of the oldest.
type cacheSet struct {
	ways [4]atomic.Pointer[cached]
	next atomic.Uint32
}

// cached is a scanned record with its text as it came, in character-strings. They
// are shared with the DNS answer: to compare a string with itself costs nothing.
type cached struct {
	strs []string
	record
}

// maxCached is the longest text kept. Almost all records are shorter; an entry
// takes at most 16 times its text.
const maxCached = 4096

// NewCache makes a cache for about n records, 1024 when n is not positive.
func NewCache(n int) *Cache {
	if n <= 0 {
		n = 1024
	}
	bits := 0
	for len(cacheSet{}.ways)<<bits < n && bits < 24 {
		bits++
	}
	return &Cache{sets: make([]cacheSet, 1<<bits), shift: 64 - bits}
}

// get gives the scanned record of a text, nil when it is not held.
func (c *Cache) get(strs []string) *record {
	set := c.set(strs[0])
	for i := range set.ways {
		if r := set.ways[i].Load(); r != nil && slices.Equal(r.strs, strs) {
			return &r.record
		}
	}
	return nil
}

// put keeps a record.
func (c *Cache) put(strs []string, r *record) {
	if len(r.text) > maxCached || len(strs) > maxCached/16 {
		return
	}
	entry := &cached{strs: slices.Clone(strs), record: *r}
	entry.terms = slices.Clone(r.terms)
	set := c.set(strs[0])
	set.ways[(set.next.Add(1)-1)%uint32(len(set.ways))].Store(entry)
}

// set picks by the length of a text and two samples, where names and addresses
// tend to be. Texts that collide push each other out, which costs their scan
// again, no more.
func (c *Cache) set(s string) *cacheSet {
	h := uint64(len(s))
	if n := len(s); n >= 24 {
		h += load(s[16:24]) * 0xc2b2ae3d27d4eb4f
		h += load(s[n-16:n-8]) * 0x27d4eb2f165667c5
	}
	return &c.sets[h*0x9e3779b97f4a7c15>>c.shift]
}

// load reads eight octets.
func load(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

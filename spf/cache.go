package spf

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync/atomic"
)

// Cache keeps scanned records by their text, so that a record seen before is not
// scanned again. It holds no DNS answers and never goes stale. It is bounded in
// records and, since long ones are left out, in bytes; a new record takes the
// place of another one with a like hash. Safe for concurrent use, without locks.
type Cache struct {
	seed maphash.Seed
	sets []cacheSet
}

// cacheSet holds the few records that one hash may lie at.
type cacheSet [4]atomic.Pointer[cached]

type cached struct {
	hash uint64
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
	sets := 1
	for sets*len(cacheSet{}) < n && sets < 1<<24 {
		sets *= 2
	}
	return &Cache{seed: maphash.MakeSeed(), sets: make([]cacheSet, sets)}
}

func (c *Cache) set(hash uint64) *cacheSet { return &c.sets[hash&uint64(len(c.sets)-1)] }

// get gives the scanned record of a text, nil when it is not held.
func (c *Cache) get(text string) *cached {
	hash := maphash.String(c.seed, text)
	set := c.set(hash)
	for i := range set {
		if r := set[i].Load(); r != nil && r.hash == hash && r.text == text {
			return r
		}
	}
	return nil
}

// getBytes is get for a text that is not a string yet.
func (c *Cache) getBytes(text []byte) *cached {
	hash := maphash.Bytes(c.seed, text)
	set := c.set(hash)
	for i := range set {
		if r := set[i].Load(); r != nil && r.hash == hash && r.text == string(text) {
			return r
		}
	}
	return nil
}

// put keeps a copy of a record, which shares nothing with the caller's.
func (c *Cache) put(r record) {
	if len(r.text) > maxCached {
		return
	}
	hash := maphash.String(c.seed, r.text)
	r.text, r.terms = strings.Clone(r.text), slices.Clone(r.terms)
	entry, set := &cached{hash, r}, c.set(hash)
	for i := range set {
		if set[i].CompareAndSwap(nil, entry) {
			return
		}
	}
	set[hash>>32%uint64(len(set))].Store(entry)
}

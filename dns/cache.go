package dns

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Limits of a Cache. A question of ordinary size takes about a kilobyte, so
// that the entries bound the common case and the octets the hostile one.
const (
	cacheEntries = 1 << 14
	cacheOctets  = 32 << 20 // estimated

	maxPositive = 24 * time.Hour  // RFC 8767 section 4 allows up to seven days
	maxNegative = 3 * time.Hour   // RFC 2308 section 5
	faultTTL    = 5 * time.Second // RFC 9520 section 3.2: 1 s to 5 min
)

// Cache keeps another resolver's answers: what exists for the TTL, at most a
// day; what does not for the TTL of RFC 2308, at most three hours; failures for
// five seconds (RFC 9520), so that a broken domain is not asked for over and
// over. An answer without TTL is not kept. It holds 16384 questions and 32 MiB at
// most, and drops what was not used for longest. Several callers with the same question wait for one query,
// which goes on until it is answered or the last of them has given up. TTLs
// are handed out counted down to whole seconds. Safe for concurrent use.
type Cache struct {
	inner      Resolver
	maxEntries int
	maxOctets  int
	now        func() time.Time

	mu      sync.Mutex
	entries map[key]*entry
	head    entry // of the ring; head.next is the newest, head.prev the oldest
	octets  int
	flights map[key]*flight
}

// key is a question in canonical form.
type key struct {
	name string
	typ  Type
}

// entry is a kept answer or fault, in the ring in order of use.
type entry struct {
	key             key
	answer          Answer
	err             error
	stored, expires time.Time
	size            int
	shown           Answer        // answer with its TTLs less age
	age             time.Duration // whole seconds
	prev, next      *entry
}

// Cached puts a cache before inner.
func Cached(inner Resolver) *Cache {
	c := &Cache{
		inner: inner, maxEntries: cacheEntries, maxOctets: cacheOctets, now: time.Now,
		entries: map[key]*entry{}, flights: map[key]*flight{},
	}
	c.head.prev, c.head.next = &c.head, &c.head
	return c
}

// Lookup implements [Resolver]. An answer that is kept costs no allocation,
// but for the first in each second.
func (c *Cache) Lookup(ctx context.Context, q Question) (Answer, error) {
	k := key{Canonical(q.Name), q.Type}
	now := c.now()
	c.mu.Lock()
	if e := c.entries[k]; e != nil {
		if now.Before(e.expires) {
			a, err := c.use(e, now)
			c.mu.Unlock()
			return a, err
		}
		c.drop(e)
	}
	f := c.join(ctx, k, q)
	c.mu.Unlock()
	return c.wait(ctx, f, q)
}

// use moves the entry to the front and gives its answer as of now.
func (c *Cache) use(e *entry, now time.Time) (Answer, error) {
	if c.head.next != e {
		e.unlink()
		e.linkAfter(&c.head)
	}
	if age := now.Sub(e.stored).Truncate(time.Second); age != e.age && e.err == nil {
		e.shown, e.age = aged(e.answer, age), age
	}
	return e.shown, e.err
}

// keep stores what a flight brought, if it may be kept.
func (c *Cache) keep(k key, a Answer, err error) {
	ttl := lifetime(a, err)
	if ttl <= 0 {
		return
	}
	if e := c.entries[k]; e != nil {
		c.drop(e)
	}
	now := c.now()
	e := &entry{key: k, answer: a, shown: a, err: err, stored: now, expires: now.Add(ttl), size: size(k, a)}
	if e.size > c.maxOctets {
		return
	}
	c.entries[k] = e
	c.octets += e.size
	e.linkAfter(&c.head)
	for len(c.entries) > c.maxEntries || c.octets > c.maxOctets {
		c.drop(c.head.prev)
	}
}

func (c *Cache) drop(e *entry) {
	delete(c.entries, e.key)
	c.octets -= e.size
	e.unlink()
}

func (e *entry) unlink() { e.prev.next, e.next.prev = e.next, e.prev }

func (e *entry) linkAfter(at *entry) {
	e.prev, e.next = at, at.next
	at.next.prev, at.next = e, e
}

// lifetime is how long an outcome may be kept; zero: not at all.
func lifetime(a Answer, err error) time.Duration {
	switch {
	case err == nil && a.Void():
		return min(a.TTL, maxNegative)
	case err == nil:
		return min(a.TTL, maxPositive)
	}
	var fault *Error
	if errors.As(err, &fault) {
		switch fault.Kind {
		case FaultTimeout, FaultServFail, FaultRefused, FaultMalformed, FaultNetwork:
			return faultTTL
		}
	}
	return 0
}

// aged gives the answer as it reads age later. The records are copied: earlier
// callers hold the old ones.
func aged(a Answer, age time.Duration) Answer {
	a.TTL = max(0, a.TTL-age)
	records := make([]Record, len(a.Records))
	for i, r := range a.Records {
		r.TTL = max(0, r.TTL-age)
		records[i] = r
	}
	a.Records = records
	return a
}

// size estimates the memory of an entry: twice the records, since an aged
// copy may stand beside them.
func size(k key, a Answer) int {
	const perEntry, perRecord, perString = 500, 160, 16
	n := perEntry + len(k.name)
	for _, s := range a.Chain {
		n += perString + len(s)
	}
	for _, r := range a.Records {
		n += 2*perRecord + weight(r)
	}
	return n
}

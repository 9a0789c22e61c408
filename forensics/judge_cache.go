package forensics

import "sync"

// maxCached bounds each cache of a Judge. A mailbox rarely holds notices about
// more addresses; a hostile one only loses the help of the cache.
const maxCached = 8192

// cache keeps the newer half at least of what was put in, by dropping the older
// generation when the younger one is full.
type cache[K comparable, V any] struct {
	mu           sync.Mutex
	young, older map[K]V
}

func newCache[K comparable, V any]() *cache[K, V] {
	return &cache[K, V]{young: make(map[K]V)}
}

func (c *cache[K, V]) get(k K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.young[k]; ok {
		return v, true
	}
	v, ok := c.older[k]
	if ok {
		c.store(k, v)
	}
	return v, ok
}

func (c *cache[K, V]) put(k K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.store(k, v)
}

func (c *cache[K, V]) store(k K, v V) {
	if len(c.young) >= maxCached/2 {
		c.young, c.older = make(map[K]V), c.young
	}
	c.young[k] = v
}

package dns

import "context"

// flight is one query that several callers may wait for.
type flight struct {
	key     key
	done    chan struct{} // closed when answer and err are set
	answer  Answer
	err     error
	waiters int // under the cache's lock
	cancel  context.CancelFunc
}

// join gives the flight for the question, started now where there is none. The
// flight has the values of the first caller's context, but not its end: that
// one giving up is no reason for the others to fail. c.mu is held.
func (c *Cache) join(ctx context.Context, k key, q Question) *flight {
	if f := c.flights[k]; f != nil {
		f.waiters++
		return f
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{key: k, done: make(chan struct{}), waiters: 1, cancel: cancel}
	c.flights[k] = f
	go func() {
		defer cancel()
		a, err := c.inner.Lookup(ctx, q)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.flights[k] == f {
			delete(c.flights, k)
			c.keep(k, a, err)
		}
		f.answer, f.err = a, err
		close(f.done)
	}()
	return f
}

// wait gives the flight's outcome, or the caller's own end.
func (c *Cache) wait(ctx context.Context, f *flight, q Question) (Answer, error) {
	select {
	case <-f.done:
		return f.answer, f.err
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiters--; f.waiters == 0 && c.flights[f.key] == f {
		delete(c.flights, f.key) // the next caller starts anew
		f.cancel()
	}
	return Answer{}, &Error{Question: q, Kind: contextFault(ctx), Err: context.Cause(ctx)}
}

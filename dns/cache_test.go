package dns

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// resolver is a function as a Resolver.
type resolver func(context.Context, Question) (Answer, error)

func (f resolver) Lookup(ctx context.Context, q Question) (Answer, error) { return f(ctx, q) }

// counted answers from a map by name and counts the questions.
func counted(answers map[string]Answer, n *atomic.Int32) Resolver {
	return resolver(func(_ context.Context, q Question) (Answer, error) {
		n.Add(1)
		a, ok := answers[Canonical(q.Name)]
		if !ok {
			return Answer{}, &Error{Question: q, Kind: FaultServFail}
		}
		return a, nil
	})
}

func record(name string, ttl time.Duration) Answer {
	return Answer{TTL: ttl, Records: []Record{{Name: name, Type: TypeTXT, TTL: ttl + time.Second, Text: []string{"x"}}}}
}

func TestCacheKeepsFor(t *testing.T) {
	fault := func(kind FaultKind) error { return &Error{Kind: kind} }
	tests := []struct {
		name   string
		answer Answer
		err    error
		want   time.Duration
	}{
		{"the TTL", record("a", time.Minute), nil, time.Minute},
		{"a day at most", record("a", 30*24*time.Hour), nil, maxPositive},
		{"TTL zero: not at all", record("a", 0), nil, 0},
		{"the negative TTL, RFC 2308", Answer{RCode: NXDomain, TTL: time.Minute}, nil, time.Minute},
		{"negative: three hours at most", Answer{TTL: 24 * time.Hour}, nil, maxNegative},
		{"negative without SOA: not at all", Answer{RCode: NXDomain}, nil, 0},
		{"SERVFAIL briefly, RFC 9520", Answer{}, fault(FaultServFail), faultTTL},
		{"silence briefly", Answer{}, fmt.Errorf("wrapped: %w", fault(FaultTimeout)), faultTTL},
		{"a caller who gave up: not at all", Answer{}, fault(FaultCanceled), 0},
		{"a name that cannot be asked: not at all", Answer{}, fault(FaultName), 0},
		{"an error of unknown kind: not at all", Answer{}, errors.New("x"), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var asked int
			now := time.Unix(1e9, 0)
			c := Cached(resolver(func(context.Context, Question) (Answer, error) { asked++; return tt.answer, tt.err }))
			c.now = func() time.Time { return now }
			look := func() { c.Lookup(t.Context(), Question{"a.example", TypeTXT}) }
			look()
			if tt.want > 0 {
				now = now.Add(tt.want - 1)
				if look(); asked != 1 {
					t.Errorf("asked again before %v", tt.want)
				}
				now = now.Add(1)
			}
			if look(); asked != 2 {
				t.Errorf("not asked again after %v", tt.want)
			}
		})
	}
}

func TestCacheCountsTTLsDown(t *testing.T) {
	var n atomic.Int32
	now := time.Unix(1e9, 0)
	c := Cached(counted(map[string]Answer{"a.example": record("a.example", time.Minute)}, &n))
	c.now = func() time.Time { return now }
	first, _ := c.Lookup(t.Context(), Question{"a.example", TypeTXT})
	now = now.Add(10*time.Second + time.Millisecond)
	later, err := c.Lookup(t.Context(), Question{"A.example.", TypeTXT})
	if err != nil || later.TTL != 50*time.Second || later.Records[0].TTL != 51*time.Second {
		t.Errorf("%+v, %v", later, err)
	}
	if first.TTL != time.Minute || first.Records[0].TTL != 61*time.Second {
		t.Errorf("an answer handed out before has changed: %+v", first)
	}
	if n.Load() != 1 {
		t.Errorf("asked %d times", n.Load())
	}
}

func TestCacheDropsTheLeastUsed(t *testing.T) {
	answers := map[string]Answer{}
	for _, n := range []string{"a", "b", "c"} {
		answers[n] = record(n, time.Hour)
	}
	one := size(key{"a", TypeTXT}, answers["a"])
	limits := map[string]func(*Cache){
		"by entries": func(c *Cache) { c.maxEntries = 2 },
		"by octets":  func(c *Cache) { c.maxOctets = 2*one + 1 },
	}
	for name, limit := range limits {
		t.Run(name, func(t *testing.T) {
			var n atomic.Int32
			c := Cached(counted(answers, &n))
			limit(c)
			look := func(name string, asked int32) {
				t.Helper()
				c.Lookup(t.Context(), Question{name, TypeTXT})
				if n.Load() != asked {
					t.Errorf("%s: asked %d times, want %d", name, n.Load(), asked)
				}
			}
			look("a", 1)
			look("b", 2)
			look("a", 2) // b is now the older one
			look("c", 3) // b goes
			look("a", 3)
			look("b", 4)
			if len(c.entries) != 2 || c.octets != 2*one {
				t.Errorf("%d entries, %d octets", len(c.entries), c.octets)
			}
		})
	}
	t.Run("an answer over the limit is not kept", func(t *testing.T) {
		var n atomic.Int32
		c := Cached(counted(answers, &n))
		c.maxOctets = 10
		if a, err := c.Lookup(t.Context(), Question{"a", TypeTXT}); err != nil || a.Void() || len(c.entries) != 0 || c.octets != 0 {
			t.Errorf("%+v, %v, %d entries", a, err, len(c.entries))
		}
	})
}

func TestCacheAsksOnceForMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		c := Cached(resolver(func(context.Context, Question) (Answer, error) {
			n.Add(1)
			time.Sleep(time.Second)
			return record("a", 0), nil // not kept: only the flight is shared
		}))
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if a, err := c.Lookup(t.Context(), Question{"a", TypeTXT}); err != nil || a.Void() {
					t.Errorf("%+v, %v", a, err)
				}
			})
		}
		wg.Wait()
		if n.Load() != 1 || len(c.flights) != 0 {
			t.Errorf("asked %d times, %d flights left", n.Load(), len(c.flights))
		}
	})
}

func TestCacheLeaderGivingUpFailsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := Cached(resolver(func(ctx context.Context, q Question) (Answer, error) {
			select {
			case <-time.After(time.Second):
				return record("a", time.Hour), nil
			case <-ctx.Done():
				return Answer{}, &Error{Question: q, Kind: FaultCanceled}
			}
		}))
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := c.Lookup(ctx, Question{"a", TypeTXT}); fault(t, err) != FaultCanceled {
				t.Errorf("leader: %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			if _, err := c.Lookup(t.Context(), Question{"a", TypeTXT}); err != nil {
				t.Errorf("follower: %v", err)
			}
		})
		synctest.Wait()
		cancel()
		wg.Wait()
	})
}

func TestCacheStopsAQueryThatNobodyWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopped := make(chan struct{})
		c := Cached(resolver(func(ctx context.Context, q Question) (Answer, error) {
			<-ctx.Done()
			close(stopped)
			return Answer{}, &Error{Question: q, Kind: FaultCanceled}
		}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Lookup(ctx, Question{"a", TypeTXT}); fault(t, err) != FaultTimeout {
			t.Error(err)
		}
		<-stopped
	})
}

func TestCacheFaultKeepsItsPlace(t *testing.T) {
	var n atomic.Int32
	c := Cached(counted(nil, &n))
	for range 2 {
		a, err := c.Lookup(t.Context(), Question{"a", TypeTXT})
		if fault(t, err) != FaultServFail || !cmp.Equal(a, Answer{}, sameAddr) {
			t.Errorf("%+v, %v", a, err)
		}
	}
	if n.Load() != 1 {
		t.Errorf("asked %d times", n.Load())
	}
}

func BenchmarkCacheHit(b *testing.B) {
	var n atomic.Int32
	c := Cached(counted(map[string]Answer{"example.com": record("example.com", time.Hour)}, &n))
	q := Question{"example.com", TypeTXT}
	ctx := b.Context()
	c.Lookup(ctx, q)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Lookup(ctx, q); err != nil {
			b.Fatal(err)
		}
	}
}

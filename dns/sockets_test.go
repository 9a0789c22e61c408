package dns

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
)

// crowd asks n questions, each another, forty at a time.
func crowd(t *testing.T, c *Client, n int) {
	t.Helper()
	var wg sync.WaitGroup
	var next atomic.Int64
	for range 40 {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				name := fmt.Sprintf("n%d.example.com", i)
				if a, err := c.Lookup(t.Context(), Question{name, TypeA}); err != nil || len(a.Records) != 1 || a.Records[0].Name != name {
					t.Errorf("%s: %+v, %v", name, a, err)
				}
			}
		})
	}
	wg.Wait()
}

func idle(c *Client) (n int) {
	c.sockets.mu.Lock()
	defer c.sockets.mu.Unlock()
	for _, list := range c.sockets.idle {
		n += len(list)
	}
	if n != c.sockets.n {
		panic("the count of idle sockets is wrong")
	}
	return n
}

func TestSocketsAreLentAFewTimesOnly(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		var mu sync.Mutex
		ports := map[int]int{}
		c := piped(t, Config{}, func(w mdns.ResponseWriter, req *mdns.Msg) {
			mu.Lock()
			ports[w.RemoteAddr().(*net.UDPAddr).Port]++
			mu.Unlock()
			w.WriteMsg(message(req, 0, req.Question[0].Name+" 60 A 192.0.2.1"))
		})
		const questions = 3000
		crowd(t, c, questions)
		mu.Lock()
		defer mu.Unlock()
		most := 0
		for _, n := range ports {
			most = max(most, n)
		}
		if most > maxLends || len(ports) > questions/2 {
			t.Errorf("%d questions by %d ports, one of them %d times", questions, len(ports), most)
		}
		if n := idle(c); n < minIdle || n > maxIdle {
			t.Errorf("%d sockets are kept", n)
		}
	})
}

// TestSocketsServeACrowd: real ones, lent to forty at a time.
func TestSocketsServeACrowd(t *testing.T) {
	c := client(t, serve(t, func(w mdns.ResponseWriter, req *mdns.Msg) {
		w.WriteMsg(message(req, 0, req.Question[0].Name+" 60 A 192.0.2.1"))
	}))
	crowd(t, c, 1000)
	if n := idle(c); n > maxIdle {
		t.Errorf("%d sockets are kept", n)
	}
}

func TestSocketsOfAServerThatFailedAreNotLentAgain(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		c := piped(t, Config{Timeout: time.Second}, func(w mdns.ResponseWriter, req *mdns.Msg) {
			if req.Question[0].Name != "silence.example.com." {
				w.WriteMsg(message(req, 0, req.Question[0].Name+" 60 A 192.0.2.1"))
			}
		})
		crowd(t, c, 2*minIdle)
		if idle(c) == 0 {
			t.Fatal("none is kept")
		}
		if _, err := c.Lookup(t.Context(), Question{"silence.example.com", TypeA}); fault(t, err) != FaultTimeout {
			t.Errorf("got %v", err)
		}
		if n := idle(c); n != 0 {
			t.Errorf("%d are kept", n)
		}
	})
}

func TestSocketOfAQueryGivenUpIsClosed(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := piped(t, Config{}, func(w mdns.ResponseWriter, req *mdns.Msg) {
			cancel()
			time.Sleep(50 * time.Millisecond)
			w.WriteMsg(message(req, 0, "example.com. 60 A 192.0.2.1"))
		})
		if _, err := c.Lookup(ctx, Question{"example.com", TypeA}); fault(t, err) != FaultCanceled {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Second) // the answer comes late
		if n := idle(c); n != 0 {
			t.Errorf("%d are kept", n)
		}
	})
}

func TestSocketWithJunkIsClosed(t *testing.T) {
	c := client(t, serve(t, func(w mdns.ResponseWriter, req *mdns.Msg) {
		w.Write([]byte("junk"))
		w.WriteMsg(message(req, 0, "example.com. 60 A 192.0.2.1"))
	}))
	if _, err := c.Lookup(t.Context(), Question{"example.com", TypeA}); err != nil {
		t.Fatal(err)
	}
	if n := idle(c); n != 0 {
		t.Errorf("%d are kept", n)
	}
}

func TestOldSocketsAreClosed(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		c := piped(t, Config{}, says(0, "example.com. 60 A 192.0.2.1"))
		look := func() {
			if _, err := c.Lookup(t.Context(), Question{"example.com", TypeA}); err != nil {
				t.Fatal(err)
			}
		}
		look()
		old := c.sockets.idle[c.servers[0]][0]
		time.Sleep(maxSocket - time.Second)
		look()
		time.Sleep(time.Second + 1) // the sweep comes maxSocket after the first
		if n := idle(c); n != 2 {
			t.Errorf("%d are kept at the age of %v, want 2", n, maxSocket)
		}
		time.Sleep(maxSocket)
		if n := idle(c); n != 0 || c.sockets.sweep != nil {
			t.Errorf("%d are kept, sweep %v", n, c.sockets.sweep)
		}
		if _, err := old.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the old one is open: %v", err)
		}
	})
}

func TestQueriesBeyondTheLimitWait(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		c := piped(t, Config{Total: 50 * time.Millisecond}, says(0, "example.com. 60 A 192.0.2.1"))
		for range cap(c.slots) {
			c.slots <- struct{}{}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := c.Lookup(ctx, Question{"example.com", TypeA}); fault(t, err) != FaultTimeout {
			t.Errorf("no slot in time: %v", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		if _, err := c.Lookup(ctx, Question{"example.com", TypeA}); fault(t, err) != FaultCanceled {
			t.Errorf("given up: %v", err)
		}
		// Later than Total: the wait is no silence of the server's.
		time.AfterFunc(100*time.Millisecond, func() { <-c.slots })
		if _, err := c.Lookup(t.Context(), Question{"example.com", TypeA}); err != nil {
			t.Errorf("a slot came free: %v", err)
		}
	})
}

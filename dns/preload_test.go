package dns

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
)

// fill makes n real sockets stand idle that do not age while the test runs.
func fill(t *testing.T, c *Client, n int) (all []*socket) {
	t.Helper()
	for range n {
		k, err := c.sockets.take(t.Context(), c.dial, c.servers[0], time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		k.opened = k.opened.Add(time.Hour)
		all = append(all, k)
	}
	for _, k := range all {
		c.sockets.giveBack(c.servers[0], k)
	}
	return all
}

// TestGuessesBeforeTheQueryDoNotCount: whatever lies in an idle socket makes that
// it is not lent. Read after the query was sent, it would be a guess more for
// each datagram, and nobody could tell it from an answer.
func TestGuessesBeforeTheQueryDoNotCount(t *testing.T) {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0") // what comes from here comes from the server
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	c := client(t, pc.LocalAddr().String())
	filled := fill(t, c, maxIdle)
	for _, k := range filled {
		for range 3 {
			pc.WriteTo([]byte("a guess"), k.LocalAddr())
		}
	}
	for _, k := range filled {
		for waited := 0; k.quiet(); waited++ { // until they have come
			if waited == 60_000 {
				t.Fatal("what lies in a socket is not seen")
			}
			time.Sleep(time.Millisecond)
		}
	}
	take := func() *socket {
		k, err := c.sockets.take(t.Context(), c.dial, c.servers[0], time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		k.Close()
		return k
	}
	for range maxIdle - minIdle + 1 {
		if k := take(); k.lends > 0 {
			t.Errorf("lent %s, in which guesses lie", k.LocalAddr())
		}
	}
	if n := idle(c); n != minIdle-1 {
		t.Errorf("%d are kept", n)
	}
	c.sockets.forget(c.servers[0])
	fill(t, c, minIdle)
	if k := take(); k.lends == 0 {
		t.Error("a clean one is not lent")
	}
}

func TestSocketsPastTheirAgeAreNotLent(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		c := piped(t, Config{}, func(w mdns.ResponseWriter, req *mdns.Msg) {
			w.WriteMsg(message(req, 0, req.Question[0].Name+" 60 A 192.0.2.1"))
		})
		crowd(t, c, 2000)
		c.sockets.mu.Lock()
		for _, list := range c.sockets.idle {
			for _, k := range list {
				k.opened = k.opened.Add(-maxSocket - time.Second)
			}
		}
		c.sockets.mu.Unlock()
		if k := c.sockets.lend(c.servers[0]); k != nil {
			t.Errorf("lent one of age %v", time.Since(k.opened))
		}
		if n := idle(c); n >= minIdle {
			t.Errorf("%d old ones are kept", n)
		}
	})
}

// TestWaitingForOnesTurnIsNoSilence: with more lookups than may be under way,
// those that wait get the whole of their time once it is their turn.
func TestWaitingForOnesTurnIsNoSilence(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		const each = 20 * time.Millisecond
		var running, most atomic.Int64
		c := piped(t, Config{Timeout: 2 * each, Total: 2 * each}, func(w mdns.ResponseWriter, req *mdns.Msg) {
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(each)
			running.Add(-1)
			w.WriteMsg(message(req, 0, req.Question[0].Name+" 60 A 192.0.2.1"))
		})
		for range maxInFlight - 1 { // but for one, which the lookups share
			c.slots <- struct{}{}
		}
		const n = 60 // far more than fit into Total one after another
		errs := make(chan error, n)
		for range n {
			go func() {
				_, err := c.Lookup(context.Background(), Question{"example.com", TypeA})
				errs <- err
			}()
		}
		for range n {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
		if most.Load() != 1 {
			t.Errorf("%d at once", most.Load())
		}
	})
}

package dns

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
)

// answering serves 192.0.2.1 for every name from one socket, which it gives: to
// forge what comes from the server's address.
func answering(t *testing.T) net.PacketConn {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	go func() {
		buf := make([]byte, 4096)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			m := new(mdns.Msg)
			if m.Unpack(buf[:n]) != nil {
				continue
			}
			out, _ := message(m, 0, m.Question[0].Name+" 60 A 192.0.2.1").Pack()
			pc.WriteTo(out, from)
		}
	}()
	return pc
}

func idlePorts(c *Client) (all []net.Addr) {
	c.sockets.mu.Lock()
	defer c.sockets.mu.Unlock()
	for _, list := range c.sockets.idle {
		for _, k := range list {
			all = append(all, k.LocalAddr())
		}
	}
	return all
}

// TestGuessesBeforeTheQueryDoNotCount: whatever lies in an idle socket makes that
// it is not lent. Read after the query was sent, it would be a guess more for
// each datagram, and nobody could tell it from an answer.
func TestGuessesBeforeTheQueryDoNotCount(t *testing.T) {
	pc := answering(t)
	c := client(t, pc.LocalAddr().String())
	crowd(t, c, 3000)
	forged := new(mdns.Msg)
	forged.SetQuestion("victim.example.com.", mdns.TypeA)
	wire, err := message(forged, 0, "victim.example.com. 60 A 203.0.113.66").Pack()
	if err != nil {
		t.Fatal(err)
	}
	filled := map[string]bool{}
	for _, port := range idlePorts(c) {
		filled[port.String()] = true
		for range 3 {
			pc.WriteTo(wire, port)
		}
	}
	if len(filled) < minIdle {
		t.Fatalf("%d stand idle", len(filled))
	}
	time.Sleep(50 * time.Millisecond)
	server := pc.LocalAddr().String()
	for range len(filled) - minIdle + 1 {
		k, err := c.sockets.take(t.Context(), server, time.Now().Add(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if k.lends > 0 {
			t.Errorf("lent %s, in which guesses lie", k.LocalAddr())
		}
		k.Close()
	}
	// And a clean one is lent still.
	crowd(t, c, 1500)
	k, err := c.sockets.take(t.Context(), server, time.Now().Add(time.Second))
	if err != nil || k.lends == 0 {
		t.Fatalf("%+v, %v", k, err)
	}
	k.Close()
}

func TestSocketsPastTheirAgeAreNotLent(t *testing.T) {
	pc := answering(t)
	c := client(t, pc.LocalAddr().String())
	crowd(t, c, 2000)
	c.sockets.mu.Lock()
	for _, list := range c.sockets.idle {
		for _, k := range list {
			k.opened = k.opened.Add(-maxSocket - time.Second)
		}
	}
	c.sockets.mu.Unlock()
	if k := c.sockets.lend(pc.LocalAddr().String()); k != nil {
		t.Errorf("lent one of age %v", time.Since(k.opened))
	}
	if n := idle(c); n >= minIdle {
		t.Errorf("%d old ones are kept", n)
	}
}

// TestWaitingForOnesTurnIsNoSilence: with more lookups than may be under way,
// those that wait get the whole of their time once it is their turn.
func TestWaitingForOnesTurnIsNoSilence(t *testing.T) {
	t.Parallel()
	const each = 20 * time.Millisecond
	var running, most atomic.Int64
	addr := serve(t, func(w mdns.ResponseWriter, req *mdns.Msg) {
		most.Store(max(most.Load(), running.Add(1)))
		time.Sleep(each)
		running.Add(-1)
		w.WriteMsg(message(req, 0, req.Question[0].Name+" 60 A 192.0.2.1"))
	})
	c, err := NewClient(Config{Servers: []string{addr}, Timeout: 40 * each, Total: 40 * each})
	if err != nil {
		t.Fatal(err)
	}
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
	for range maxInFlight - 1 {
		<-c.slots
	}
}

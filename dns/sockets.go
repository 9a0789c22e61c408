package dns

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"time"
)

// Opening a socket costs as much as asking through it. So that thousands of
// questions a second can be asked, sockets are lent again, within bounds that
// leave their ports hard to guess (RFC 5452 section 9.2): a client opens a fresh
// one for each query until many stand idle, then takes any of these by lot, each
// for one query at a time, a few times, and for seconds only.
//
// An idle socket stands open, so a forger who finds its port can send answers to
// it before anything is asked. A socket in which anything lies is closed and not
// lent: guesses count from the moment of the query on, no more than maxJunk of
// them, as with a fresh socket. What he gains by finding a port is that it serves
// for the few queries and seconds that are left to it; the id of each is fresh.
const (
	minIdle   = 64 // sockets of one server before one is lent again
	maxIdle   = 128
	maxLends  = 32
	maxSocket = 5 * time.Second // from opening to the last query
)

// socket is a UDP socket that takes datagrams from one server only.
type socket struct {
	net.Conn
	raw    syscall.RawConn // to look without waiting
	opened time.Time
	lends  int
	buf    [udpRead]byte
}

// sockets are those of one client that nobody uses.
type sockets struct {
	mu    sync.Mutex
	idle  map[string][]*socket // by server
	n     int
	sweep *time.Timer // nil while none is idle
}

// take gives a socket for one query to the server, until the deadline.
func (s *sockets) take(ctx context.Context, dial dialer, server string, deadline time.Time) (*socket, error) {
	if k := s.lend(server); k != nil {
		// The deadline first: that of the last query has passed, perhaps.
		if k.SetDeadline(deadline) == nil && k.quiet() {
			return k, nil
		}
		k.Close() // and no other is tried, which may have been filled too
	}
	conn, err := dial(ctx, "udp", server, deadline)
	if err != nil {
		return nil, err
	}
	k := &socket{Conn: conn, opened: time.Now()}
	if c, ok := conn.(syscall.Conn); ok {
		k.raw, err = c.SyscallConn()
	}
	if err == nil {
		err = k.SetDeadline(deadline)
	}
	if err != nil {
		k.Close()
		return nil, err
	}
	return k, nil
}

// lend takes one of the idle sockets by lot, where they are enough; those that
// are too old by now are closed.
func (s *sockets) lend(server string) *socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		idle := s.idle[server]
		if len(idle) < minIdle {
			return nil
		}
		i, last := rand.IntN(len(idle)), len(idle)-1
		k := idle[i]
		idle[i], idle[last] = idle[last], nil
		s.idle[server] = idle[:last]
		s.n--
		if time.Since(k.opened) <= maxSocket {
			return k
		}
		k.Close()
	}
}

// giveBack takes a socket back whose query was answered. Others are closed by
// whoever has them: a late answer may still come to them.
func (s *sockets) giveBack(server string, k *socket) {
	k.lends++
	if k.lends >= maxLends || time.Since(k.opened) > maxSocket {
		k.Close()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n >= maxIdle {
		k.Close()
		return
	}
	if s.idle == nil {
		s.idle = map[string][]*socket{}
	}
	s.idle[server] = append(s.idle[server], k)
	s.n++
	if s.sweep == nil {
		s.sweep = time.AfterFunc(maxSocket, s.closeOld)
	}
}

// forget closes the idle sockets of a server that did not answer: the address of
// this machine may have changed since they were opened.
func (s *sockets) forget(server string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.idle[server] {
		k.Close()
	}
	s.n -= len(s.idle[server])
	delete(s.idle, server)
}

// closeOld closes what was not used up in its time, and comes again as long as
// there are others.
func (s *sockets) closeOld() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for server, idle := range s.idle {
		young := idle[:0]
		for _, k := range idle {
			if time.Since(k.opened) > maxSocket {
				k.Close()
				continue
			}
			young = append(young, k)
		}
		clear(idle[len(young):])
		s.n -= len(idle) - len(young)
		if s.idle[server] = young; len(young) == 0 {
			delete(s.idle, server)
		}
	}
	if s.n == 0 {
		s.sweep = nil
		return
	}
	s.sweep.Reset(maxSocket)
}

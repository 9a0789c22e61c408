package probe

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// wire is one direction of a connection in memory: time stands still while
// somebody works, in a bubble of package synctest, so no test hangs on how busy
// the machine is.
type wire struct {
	mu       sync.Mutex
	changed  *sync.Cond
	octets   []byte
	ended    bool // nothing more is written
	closed   bool // nothing more is read
	deadline time.Time
}

func newWire() *wire {
	w := &wire{}
	w.changed = sync.NewCond(&w.mu)
	return w
}

func (w *wire) change(how func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	how()
	w.changed.Broadcast()
}

// end is one end of a connection, a net.Conn.
type end struct{ in, out *wire }

func newConnection() (here, there end) {
	a, b := newWire(), newWire()
	return end{a, b}, end{b, a}
}

func (e end) Read(p []byte) (int, error) {
	w := e.in
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		switch {
		case w.closed:
			return 0, net.ErrClosed
		case !w.deadline.IsZero() && !time.Now().Before(w.deadline):
			return 0, os.ErrDeadlineExceeded
		case len(w.octets) > 0:
			n := copy(p, w.octets)
			w.octets = w.octets[n:]
			return n, nil
		case w.ended:
			return 0, io.EOF
		}
		w.changed.Wait()
	}
}

// Write waits for nobody. What nobody reads any more is lost, as at first it is
// on a network.
func (e end) Write(p []byte) (n int, err error) {
	e.out.change(func() {
		switch {
		case e.out.ended:
			err = net.ErrClosed
		case !e.out.closed:
			e.out.octets = append(e.out.octets, p...)
			n = len(p)
		default:
			n = len(p)
		}
	})
	return n, err
}

func (e end) Close() error {
	e.in.change(func() { e.in.closed = true })
	e.out.change(func() { e.out.ended = true })
	return nil
}

func (e end) SetDeadline(at time.Time) error {
	e.in.change(func() { e.in.deadline = at })
	time.AfterFunc(time.Until(at), func() { e.in.change(func() {}) })
	return nil
}

func (e end) SetReadDeadline(at time.Time) error { return e.SetDeadline(at) }
func (e end) SetWriteDeadline(time.Time) error   { return nil }
func (e end) LocalAddr() net.Addr                { return &net.TCPAddr{IP: loopback.AsSlice(), Port: 1} }
func (e end) RemoteAddr() net.Addr               { return e.LocalAddr() }

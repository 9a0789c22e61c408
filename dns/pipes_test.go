package dns

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	mdns "github.com/miekg/dns"
)

// piped gives a client for tests of silence and patience, to be used in a bubble of
// package synctest: time passes there only when nobody has anything to do, so that a
// busy machine changes nothing. Real sockets don't stand in a bubble; the servers
// are at the other end of pipes, as 192.0.2.1, 192.0.2.2 and so on.
func piped(t *testing.T, cfg Config, servers ...mdns.HandlerFunc) *Client {
	t.Helper()
	at := map[string]mdns.HandlerFunc{}
	for i, h := range servers {
		name := fmt.Sprintf("192.0.2.%d:53", i+1)
		cfg.Servers, at[name] = append(cfg.Servers, name), h
	}
	c, err := NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	// No datagram ever lies in a pipe, nor in this socket.
	empty, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		empty.Close()
		for _, server := range c.servers {
			c.sockets.forget(server)
		}
	})
	raw, err := empty.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var ports atomic.Int64
	c.dial = func(_ context.Context, network, server string, _ time.Time) (net.Conn, error) {
		here, there := net.Pipe()
		go answer(there, network, int(ports.Add(1)), at[server])
		return pipe{here, raw}, nil
	}
	return c
}

// inBubble runs a test, or a part of one, in a bubble of its own.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	if name == "" {
		synctest.Test(t, test)
		return
	}
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// pipe is the client's end.
type pipe struct {
	net.Conn
	raw syscall.RawConn
}

func (p pipe) SyscallConn() (syscall.RawConn, error) { return p.raw, nil }

// answer serves the other end until it is closed.
func answer(conn net.Conn, network string, port int, h mdns.HandlerFunc) {
	w := &pipeWriter{conn, network, port}
	for {
		wire, err := w.read()
		req := new(mdns.Msg)
		if err != nil || req.Unpack(wire) != nil {
			return
		}
		h(w, req)
	}
}

// pipeWriter writes answers; over TCP each has its length before it.
type pipeWriter struct {
	net.Conn
	network string
	port    int
}

func (w *pipeWriter) read() ([]byte, error) {
	if w.network == "udp" {
		buf := make([]byte, udpRead)
		n, err := w.Conn.Read(buf)
		return buf[:n], err
	}
	var size [2]byte
	if _, err := io.ReadFull(w.Conn, size[:]); err != nil {
		return nil, err
	}
	buf := make([]byte, binary.BigEndian.Uint16(size[:]))
	_, err := io.ReadFull(w.Conn, buf)
	return buf, err
}

func (w *pipeWriter) Write(b []byte) (int, error) {
	if w.network == "tcp" {
		b = append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)
	}
	return w.Conn.Write(b)
}

func (w *pipeWriter) WriteMsg(m *mdns.Msg) error {
	wire, err := m.Pack()
	if err == nil {
		_, err = w.Write(wire)
	}
	return err
}

func (w *pipeWriter) LocalAddr() net.Addr {
	if w.network == "tcp" {
		return &net.TCPAddr{}
	}
	return &net.UDPAddr{}
}

func (w *pipeWriter) RemoteAddr() net.Addr { return &net.UDPAddr{Port: w.port} }
func (w *pipeWriter) TsigStatus() error    { return nil }
func (w *pipeWriter) TsigTimersOnly(bool)  {}
func (w *pipeWriter) Hijack()              {}

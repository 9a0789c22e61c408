package dns

import (
	"net"
	"strings"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
)

// serve starts a name server on one port for UDP and TCP, and gives its
// address.
func serve(t testing.TB, h mdns.HandlerFunc) string {
	t.Helper()
	pc, l := listen(t)
	for _, s := range []*mdns.Server{{PacketConn: pc, Handler: h}, {Listener: l, Handler: h}} {
		ready := make(chan struct{})
		s.NotifyStartedFunc = func() { close(ready) }
		go s.ActivateAndServe()
		<-ready
		t.Cleanup(func() { s.Shutdown() })
	}
	return pc.LocalAddr().String()
}

// listen takes a port that is free for both. One that UDP gives may be in use by
// TCP on a busy machine.
func listen(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	for tries := 1; ; tries++ {
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", pc.LocalAddr().String())
		if err == nil {
			return pc, l
		}
		pc.Close()
		if tries == 20 {
			t.Fatal(err)
		}
	}
}

// isTCP tells how the question came.
func isTCP(w mdns.ResponseWriter) bool { return strings.HasPrefix(w.LocalAddr().Network(), "tcp") }

// message answers req as a recursive server would, with records in master
// form: before "--" those of the answer, after it those of the authority.
func message(req *mdns.Msg, rcode int, records ...string) *mdns.Msg {
	m := new(mdns.Msg)
	m.SetRcode(req, rcode)
	m.RecursionAvailable = true
	section := &m.Answer
	for _, s := range records {
		if s == "--" {
			section = &m.Ns
			continue
		}
		rr, err := mdns.NewRR(s)
		if err != nil {
			panic(err) // a test's own slip
		}
		*section = append(*section, rr)
	}
	return m
}

// says makes a handler that always gives the same message.
func says(rcode int, records ...string) mdns.HandlerFunc {
	return func(w mdns.ResponseWriter, req *mdns.Msg) { w.WriteMsg(message(req, rcode, records...)) }
}

// silent never answers.
func silent(mdns.ResponseWriter, *mdns.Msg) {}

// client asks servers that do answer, with the patience that a busy machine needs.
// For silence there is piped.
func client(t testing.TB, servers ...string) *Client {
	t.Helper()
	c, err := NewClient(Config{Servers: servers, Timeout: time.Minute, Total: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

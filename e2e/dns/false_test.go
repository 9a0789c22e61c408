//go:build e2e

package dns_test

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"unspoof/dns"

	mdns "github.com/miekg/dns"
)

// falseServer runs a handler for UDP and gives its address.
func falseServer(t *testing.T, h mdns.HandlerFunc) string {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	s := &mdns.Server{PacketConn: pc, Handler: h, NotifyStartedFunc: func() { close(ready) }}
	go s.ActivateAndServe()
	<-ready
	t.Cleanup(func() { s.Shutdown() })
	return pc.LocalAddr().String()
}

// answer says that mail.example.com has the address.
func answer(req *mdns.Msg, addr string) *mdns.Msg {
	m := new(mdns.Msg)
	m.SetReply(req)
	m.RecursionAvailable = true
	m.Answer = []mdns.RR{&mdns.A{
		Hdr: mdns.RR_Header{Name: "mail.example.com.", Rrtype: mdns.TypeA, Class: mdns.ClassINET, Ttl: 60},
		A:   net.ParseIP(addr),
	}}
	return m
}

const (
	truth = "192.0.2.1"
	lie   = "203.0.113.66"
)

func honest(w mdns.ResponseWriter, req *mdns.Msg) { w.WriteMsg(answer(req, truth)) }
func silent(mdns.ResponseWriter, *mdns.Msg)       {}

// late answers a query when the next one is asked, here or elsewhere: by then the
// client has given the first up.
type late struct {
	mu     sync.Mutex
	answer func()
}

func (l *late) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.answer != nil {
		l.answer()
	}
	l.answer = nil
}

func (l *late) serve(w mdns.ResponseWriter, req *mdns.Msg) {
	l.release()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answer = func() { w.WriteMsg(answer(req, lie)) }
}

// lame points to the servers of com, instead of an answer.
func lame(w mdns.ResponseWriter, req *mdns.Msg) {
	m := new(mdns.Msg)
	m.SetReply(req)
	m.Ns = []mdns.RR{&mdns.NS{Hdr: mdns.RR_Header{Name: "com.", Rrtype: mdns.TypeNS, Class: mdns.ClassINET, Ttl: 60}, Ns: "a.example."}}
	w.WriteMsg(m)
}

// forger lies in every way open to somebody off the path, and lets the truth
// follow.
func forger(t *testing.T) mdns.HandlerFunc {
	other, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	return func(w mdns.ResponseWriter, req *mdns.Msg) {
		if b, err := answer(req, lie).Pack(); err == nil { // another port, all else right
			other.WriteTo(b, w.RemoteAddr())
		}
		for _, twist := range []func(*mdns.Msg){
			func(m *mdns.Msg) { m.Id ^= 1 },
			func(m *mdns.Msg) { m.Question[0].Name = "mail.example.org." },
			func(m *mdns.Msg) { m.Question[0].Qtype = mdns.TypeAAAA },
			func(m *mdns.Msg) { m.Question = nil },
		} {
			m := answer(req, lie)
			twist(m)
			w.WriteMsg(m)
		}
		w.WriteMsg(answer(req, truth))
	}
}

func TestFalseServers(t *testing.T) {
	var slow, alone late
	afterSlow := func(w mdns.ResponseWriter, req *mdns.Msg) {
		slow.release()
		honest(w, req)
	}
	tests := []struct {
		name    string
		servers []mdns.HandlerFunc
		fault   dns.FaultKind // none: the truth
	}{
		{"honest", []mdns.HandlerFunc{honest}, ""},
		{"silent, then honest", []mdns.HandlerFunc{silent, honest}, ""},
		{"slow, then honest", []mdns.HandlerFunc{slow.serve, afterSlow}, ""},
		{"lame, then honest", []mdns.HandlerFunc{lame, honest}, ""},
		{"forged, then true", []mdns.HandlerFunc{forger(t)}, ""},
		{"silent only", []mdns.HandlerFunc{silent}, dns.FaultTimeout},
		{"slow only", []mdns.HandlerFunc{alone.serve}, dns.FaultTimeout},
		{"lame only", []mdns.HandlerFunc{lame}, dns.FaultRefused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var addrs []string
			for _, h := range tt.servers {
				addrs = append(addrs, falseServer(t, h))
			}
			c, err := dns.NewClient(dns.Config{Servers: addrs, Timeout: 2 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			a, err := lookup(t, c, "mail.example.com", dns.TypeA)
			var fault *dns.Error
			switch {
			case tt.fault == "" && (err != nil || a.Records[0].Addr != netip.MustParseAddr(truth)):
				t.Errorf("%+v, %v", a, err)
			case tt.fault != "" && (!errors.As(err, &fault) || fault.Kind != tt.fault):
				t.Errorf("%+v, %v; want %s", a, err, tt.fault)
			}
		})
	}
}

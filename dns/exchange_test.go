package dns

import (
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	mdns "github.com/miekg/dns"
)

func TestClientSendsWhatItShould(t *testing.T) {
	var mu sync.Mutex
	ports, ids := map[int]bool{}, map[uint16]bool{}
	server := serve(t, func(w mdns.ResponseWriter, req *mdns.Msg) {
		mu.Lock()
		defer mu.Unlock()
		ports[w.RemoteAddr().(*net.UDPAddr).Port] = true
		ids[req.Id] = true
		if opt := req.IsEdns0(); opt == nil || opt.UDPSize() != 1232 || !req.RecursionDesired {
			t.Errorf("question %v", req)
		}
		w.WriteMsg(message(req, 0, req.Question[0].Name+" 60 A 192.0.2.1"))
	})
	c := client(t, server)
	for range 20 {
		if _, err := c.Lookup(t.Context(), Question{"example.com", TypeA}); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	// By chance alone one in 344 runs shares an id; ports the kernel may reuse.
	if len(ids) < 18 || len(ports) < 10 {
		t.Errorf("20 queries used %d ids and %d ports", len(ids), len(ports))
	}
}

func TestClientKeepsEveryOctetOfAName(t *testing.T) {
	server := serve(t, func(w mdns.ResponseWriter, req *mdns.Msg) {
		w.WriteMsg(message(req, 0, req.Question[0].Name+" 60 A 192.0.2.1"))
	})
	c := client(t, server)
	for first := 0; first < 256; first += 32 {
		var label []byte
		for o := first; o < first+32; o++ {
			if o != '.' {
				label = append(label, byte(o))
			}
		}
		name := Canonical(string(label) + ".example")
		a, err := c.Lookup(t.Context(), Question{name, TypeA})
		if err != nil || a.Records[0].Name != name {
			t.Errorf("%q: %+v, %v", name, a, err)
		}
	}
}

func TestClientGoesToTCPWhenTruncated(t *testing.T) {
	long := strings.Repeat("x", 250)
	txt := "example.com. 60 TXT " + strings.Repeat(`"`+long+`" `, 20)
	for name, cut := range map[string]func([]byte) []byte{
		"properly":                      func(b []byte) []byte { return b },
		"in the middle of a record":     func(b []byte) []byte { return b[:len(b)-7] },
		"with garbage after the header": func(b []byte) []byte { return append(b, 0xff, 0xff, 0xff) },
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w mdns.ResponseWriter, req *mdns.Msg) {
				if isTCP(w) {
					w.WriteMsg(message(req, 0, txt))
					return
				}
				m := message(req, 0, "example.com. 60 TXT short")
				m.Truncated = true
				b, _ := m.Pack()
				w.Write(cut(b))
			})
			a, err := client(t, server).Lookup(t.Context(), Question{"example.com", TypeTXT})
			if err != nil || len(a.Records) != 1 || len(a.Records[0].Text) != 20 {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
}

func TestClientRetriesWithoutEDNS(t *testing.T) {
	for name, rcode := range map[string]int{"FORMERR": 1, "NOTIMP": 4, "BADVERS": 16} {
		for _, bare := range []bool{false, true} {
			if bare && rcode == 16 {
				continue // cannot be said without EDNS
			}
			server := serve(t, func(w mdns.ResponseWriter, req *mdns.Msg) {
				if req.IsEdns0() == nil {
					w.WriteMsg(message(req, 0, "example.com. 60 A 192.0.2.1"))
					return
				}
				m := message(req, rcode)
				if rcode == 16 {
					m.SetEdns0(1232, false)
				}
				if bare { // the header only
					m.Question = nil
				}
				w.WriteMsg(m)
			})
			if a, err := client(t, server).Lookup(t.Context(), Question{"example.com", TypeA}); err != nil || a.Void() {
				t.Errorf("%s, bare %v: %+v, %v", name, bare, a, err)
			}
		}
	}
}

// forged lists what a forger may send before the true answer.
var forged = map[string]func(m *mdns.Msg){
	"wrong id":           func(m *mdns.Msg) { m.Id++ },
	"wrong name":         func(m *mdns.Msg) { m.Question[0].Name = "example.org." },
	"wrong type":         func(m *mdns.Msg) { m.Question[0].Qtype = 16 },
	"wrong class":        func(m *mdns.Msg) { m.Question[0].Qclass = 3 },
	"no question":        func(m *mdns.Msg) { m.Question = nil },
	"NXDOMAIN, bare":     func(m *mdns.Msg) { m.Question = nil; m.Rcode = 3; m.Answer = nil },
	"two questions":      func(m *mdns.Msg) { m.Question = append(m.Question, m.Question[0]) },
	"a question, itself": func(m *mdns.Msg) { m.Response = false },
	"another opcode":     func(m *mdns.Msg) { m.Opcode = 4 },
}

func TestClientWaitsForTheTrueAnswer(t *testing.T) {
	for name, forge := range forged {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w mdns.ResponseWriter, req *mdns.Msg) {
				lie := message(req, 0, "example.com. 60 A 203.0.113.66")
				forge(lie)
				w.WriteMsg(lie)
				w.Write([]byte("\x00\x01junk"))
				w.WriteMsg(message(req, 0, "example.com. 60 A 192.0.2.1"))
			})
			a, err := client(t, server).Lookup(t.Context(), Question{"example.com", TypeA})
			if err != nil || a.Records[0].Addr != addr("192.0.2.1") {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
}

func TestClientDoesNotTrustJunkAlone(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		c := piped(t, Config{}, func(w mdns.ResponseWriter, req *mdns.Msg) {
			lie := message(req, 0, "example.com. 60 A 203.0.113.66")
			lie.Id++
			w.WriteMsg(lie)
		})
		if a, err := c.Lookup(t.Context(), Question{"example.com", TypeA}); fault(t, err) != FaultMalformed {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

func TestClientLeavesGuessersForTCP(t *testing.T) {
	server := serve(t, func(w mdns.ResponseWriter, req *mdns.Msg) {
		if isTCP(w) {
			w.WriteMsg(message(req, 0, "example.com. 60 A 192.0.2.1"))
			return
		}
		lie := message(req, 0, "example.com. 60 A 203.0.113.66")
		for i := 1; i <= 100; i++ {
			lie.Id = req.Id + uint16(i)
			w.WriteMsg(lie)
		}
	})
	a, err := client(t, server).Lookup(t.Context(), Question{"example.com", TypeA})
	if err != nil || a.Records[0].Addr != addr("192.0.2.1") {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestClientTakesNoAnswerFromAnotherPort(t *testing.T) {
	t.Parallel()
	other, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	server := serve(t, func(w mdns.ResponseWriter, req *mdns.Msg) {
		b, _ := message(req, 0, "example.com. 60 A 203.0.113.66").Pack()
		other.WriteTo(b, w.RemoteAddr())
	})
	c, err := NewClient(Config{Servers: []string{server}, Timeout: 200 * time.Millisecond}) // the true answer never comes
	if err != nil {
		t.Fatal(err)
	}
	if a, err := c.Lookup(t.Context(), Question{"example.com", TypeA}); fault(t, err) != FaultTimeout {
		t.Errorf("%+v, %v", a, err)
	}
}

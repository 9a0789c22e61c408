package probe

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// fake is a mail server by the book; what its fields say is wrong with it.
type fake struct {
	relay     func(from, to string) bool // takes mail to outside
	answer    func(command string) string
	extra     []string                 // lines of EHLO before TLS
	inside    []string                 // lines of EHLO inside TLS
	tls       *tls.Config              // nil: no STARTTLS
	wrapped   bool                     // TLS from the start
	ends      []string                 // what it takes for the end of a message, besides the right one
	slow      time.Duration            // before it answers a wrong end
	refuse    string                   // answer to every message
	judge     func(text string) string // answer to a message, "" for the usual one
	envelope  bool                     // takes its own name as envelope sender
	hangUp    string                   // a line in a message at which it refuses and hangs up
	catchAll  bool                     // takes any mailbox
	login     string                   // token of AUTH PLAIN that it takes
	anySender bool                     // a login may use any sender

	mu       sync.Mutex
	commands []string
	got      []string // recipients of each message
}

// start lets the fake listen on this machine.
func (f *fake) start(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { l.Close(); wg.Wait() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				f.serve(c)
			})
		}
	}()
	return netip.MustParseAddrPort(l.Addr().String())
}

func (f *fake) heard() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{}, f.commands...)
}

func (f *fake) messages() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{}, f.got...)
}

func (f *fake) knows(mailbox string) bool {
	return mailbox == "postmaster@d.example" || mailbox == "anna@d.example"
}

func (f *fake) serve(c net.Conn) {
	secure := f.wrapped
	if f.wrapped {
		t := tls.Server(c, f.tls)
		if t.Handshake() != nil {
			return
		}
		c = t
	}
	br := bufio.NewReader(c)
	say := func(lines ...string) { fmt.Fprint(c, strings.Join(lines, "\r\n")+"\r\n") }
	say("220 d.example")
	var from, to, as string
	for {
		line, err := br.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		f.mu.Lock()
		f.commands = append(f.commands, line)
		f.mu.Unlock()
		if f.answer != nil {
			if a := f.answer(line); a != "" {
				say(a)
				continue
			}
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			lines := append([]string{"d.example"}, f.extra...)
			if secure {
				lines = append([]string{"d.example"}, f.inside...)
			} else if f.tls != nil {
				lines = append(lines, "STARTTLS")
			}
			for i := range lines {
				sep := "-"
				if i == len(lines)-1 {
					sep = " "
				}
				lines[i] = "250" + sep + lines[i]
			}
			say(lines...)
		case "STARTTLS":
			if f.tls == nil {
				say("502 no")
				continue
			}
			say("220 go on")
			t := tls.Server(c, f.tls)
			if t.Handshake() != nil {
				return
			}
			c, secure = t, true
			br.Reset(c)
		case "AUTH":
			if f.login != "" && rest == "PLAIN "+f.login {
				as = "anna@d.example"
				say("235 ok")
			} else {
				say("535 no")
			}
		case "RSET", "NOOP":
			from, to = "", ""
			say("250 ok")
		case "MAIL":
			from = strings.TrimPrefix(rest, "FROM:")
			if as == "" && strings.Contains(from, "@d.example") && f.relay == nil && !f.catchAll && !f.envelope {
				say("550 our own name")
				from = "refused"
				continue
			}
			if as != "" && !f.anySender && from != "<"+as+">" {
				say("553 not yours")
				continue
			}
			say("250 ok")
		case "RCPT":
			to = strings.TrimPrefix(rest, "TO:")
			mailbox := strings.Trim(to, "<>")
			switch {
			case from == "":
				say("503 MAIL first")
			case as != "" || f.knows(mailbox) || f.catchAll && strings.HasSuffix(mailbox, "@d.example"):
				say("250 ok")
			case f.relay != nil && f.relay(from, to):
				say("250 ok")
			case strings.HasSuffix(mailbox, "@d.example") && strings.Count(mailbox, "@") == 1:
				say("550 no such user")
			default:
				say("550 relay access denied")
			}
		case "DATA":
			say("354 go on")
			answer, alive := f.message(br, c)
			if answer == "" {
				return
			}
			if strings.HasPrefix(answer, "2") {
				f.mu.Lock()
				f.got = append(f.got, to)
				f.mu.Unlock()
			}
			say(answer)
			if !alive {
				return
			}
		case "QUIT":
			say("221 bye")
			return
		default:
			say("502 what?")
		}
	}
}

// message reads to what the fake takes for the end, and gives its answer.
func (f *fake) message(br *bufio.Reader, c net.Conn) (answer string, alive bool) {
	answer, alive = "250 taken", true
	if f.refuse != "" {
		answer = f.refuse
	}
	var text []byte
	for {
		b, err := br.ReadByte()
		if err != nil {
			return "", false
		}
		text = append(text, b)
		if f.hangUp != "" && bytes.HasSuffix(text, []byte(f.hangUp)) {
			return "521 no bare LF", false
		}
		if bytes.HasSuffix(text, []byte("\r\n.\r\n")) {
			if f.judge != nil {
				if a := f.judge(string(text)); a != "" {
					return a, true
				}
			}
			return answer, true
		}
		for _, e := range f.ends {
			if bytes.HasSuffix(text, []byte(e)) {
				time.Sleep(f.slow)
				return answer, true
			}
		}
	}
}

// askFake probes a fake as the MX of d.example.
func askFake(t *testing.T, f *fake, change func(*server)) *server {
	t.Helper()
	return askFakeAt(t, f, func(port uint16) Ports { return Ports{MX: port} }, change)
}

// askFakeAt has a fake's one port be that of another kind.
func askFakeAt(t *testing.T, f *fake, ports func(uint16) Ports, change func(*server)) *server {
	t.Helper()
	return askServing(t, f.serve, Args{Domain: "d.example", Now: time.Now(), Stranger: true}, ports, change)
}

// askServing probes a server in memory, in a time of its own that passes only
// while both sides wait.
func askServing(t *testing.T, serve func(net.Conn), args Args, ports func(uint16) Ports, change func(*server)) *server {
	t.Helper()
	const port = 2525
	p := newServer(args, Server{Host: loopback.String(), Ports: ports(port), Named: true}, loopback)
	synctest.Test(t, func(t *testing.T) {
		var connections sync.WaitGroup
		p.dial = func(_ context.Context, _, address string) (net.Conn, error) {
			if address != netip.AddrPortFrom(loopback, port).String() {
				return nil, syscall.ECONNREFUSED
			}
			here, there := newConnection()
			connections.Go(func() {
				defer there.Close()
				serve(there)
			})
			return here, nil
		}
		if change != nil {
			change(p)
		}
		ctx, cancel := context.WithTimeout(t.Context(), maxServerTime)
		defer cancel()
		begin := time.Now()
		p.run(ctx)
		if took := time.Since(begin); took > maxServerTime || p.commands > maxCommands || p.connections > maxConnections {
			t.Errorf("%s, %d commands, %d connections", took, p.commands, p.connections)
		}
		connections.Wait() // the probe has ended them all
	})
	return p
}

func (p *server) test(t *testing.T, id TestID) Test {
	t.Helper()
	for _, test := range p.tests {
		if test.ID == id {
			return test
		}
	}
	t.Fatalf("%s was not made", id)
	return Test{}
}

func (p *server) expect(t *testing.T, id TestID, want State) Test {
	t.Helper()
	got := p.test(t, id)
	if got.State != want {
		t.Errorf("%s is %s (%s), want %s\n%s", id, got.State, got.Why, want, strings.Join(got.Dialogue, "\n"))
	}
	return got
}

// writable lets messages go to anna.
func writable(p *server) {
	p.Recipient = "anna@d.example"
	p.Confirm = func(string) bool { return true }
}

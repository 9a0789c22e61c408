package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"unspoof/dns"
)

// server is one server while it is asked.
type server struct {
	Args
	host    string
	domain  string
	addr    netip.Addr
	named   bool // by the user, not by DNS
	ports   Ports
	pace    pace
	secrets *secrets
	dial    func(ctx context.Context, network, address string) (net.Conn, error)

	from                            netip.Addr // whom the server sees
	connections, commands, messages int
	tlsBroken                       map[uint16]bool

	// What the first tests found out for the others.
	sender   string // a stranger's MAIL FROM that the server takes mail from, with <>
	control  reply  // its answer to mail from there to inside
	catchAll State

	tests        []Test
	certificates []*x509.Certificate
}

func newServer(args Args, s Server, addr netip.Addr) *server {
	return &server{
		Args: args, host: dns.Canonical(s.Host), domain: dns.Canonical(args.Domain), addr: addr, named: s.Named, ports: s.Ports,
		pace: paceFor(addr), secrets: newSecrets(args.Login), dial: (&net.Dialer{Timeout: dialTime}).DialContext, tlsBroken: map[uint16]bool{},
	}
}

// tlsConfig takes any certificate, version and cipher, to tell afterwards what is
// wrong with them. No secret is sent on its word.
func (p *server) tlsConfig() *tls.Config {
	cfg := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, Time: func() time.Time { return p.Now }}
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		cfg.CipherSuites = append(cfg.CipherSuites, suite.ID)
	}
	if _, err := netip.ParseAddr(p.host); err != nil {
		cfg.ServerName = p.host
	}
	return cfg
}

// run does every test, in an order in which each can use what those before it
// learnt.
func (p *server) run(ctx context.Context) {
	if p.ports.MX != 0 {
		p.mx(ctx)
	}
	for _, port := range []uint16{p.ports.Submission, p.ports.SMTPS} {
		if port != 0 {
			p.submission(ctx, port)
		}
	}
	p.login(ctx)
}

// mx asks the port where mail of other servers comes in.
func (p *server) mx(ctx context.Context) {
	port := p.ports.MX
	s, err := p.open(ctx, port)
	if err != nil {
		why := "it did not answer: " + clean(err.Error())
		if s == nil {
			why = fmt.Sprintf("no connection to port %d (%s)", port, netWords(err))
			if !p.addr.IsLoopback() {
				why += "; many networks let nobody out to port 25, so try from another one"
			}
		}
		for _, id := range mxTests {
			p.note(Test{ID: id, Port: port, State: Unknown, Why: why}, s)
		}
		return
	}
	p.authBeforeTLS(s, port)
	p.starttls(s, port)
	s.quit()
	if p.state(STARTTLS, port) == Fine {
		p.certificate(ctx, port)
	}
	p.findSender(ctx, port)
	p.disclosure(ctx, port)
	p.catchAllTest(ctx, port)
	p.openRelay(ctx, port)
	p.ownDomain(ctx, port)
	p.smuggling(ctx, port)
	p.note(Test{ID: Backscatter, Port: port, State: NotTested,
		Why: "whether mail that was taken is returned later shows only when a message goes to somebody who doesn't exist, which is not done"}, nil)
}

// mxTests are those that a silent MX port leaves open.
var mxTests = []TestID{OpenRelay, VRFY, EXPN, AuthBeforeTLS, STARTTLS, CatchAll, OwnEnvelope, Smuggling}

// submission asks a port where own users hand mail in.
func (p *server) submission(ctx context.Context, port uint16) {
	s, err := p.open(ctx, port)
	if err != nil {
		t := Test{ID: WithoutLogin, Port: port, State: NotTested, Why: fmt.Sprintf("nobody answers at port %d (%s)", port, netWords(err))}
		if p.named && p.ports == (Ports{Submission: p.ports.Submission}) || p.named && p.ports == (Ports{SMTPS: p.ports.SMTPS}) {
			t.State = Unknown // the user asked for this very port
		}
		if s != nil {
			t.State, t.Why = Unknown, "it did not answer as a mail server: "+clean(err.Error())
		}
		p.note(t, s)
		return
	}
	if port == p.ports.SMTPS {
		p.judgeCertificate(s, port)
		s.quit()
		p.oldTLS(ctx, port)
	} else {
		p.authBeforeTLS(s, port)
		p.starttls(s, port)
		s.quit()
		if p.state(STARTTLS, port) == Fine {
			p.certificate(ctx, port)
		}
	}
	p.withoutLogin(ctx, port)
}

// note keeps a test with the lines of its session.
func (p *server) note(t Test, s *session) {
	if t.Dialogue == nil {
		t.Dialogue = []string{}
		if s != nil {
			t.Dialogue = append(t.Dialogue, s.lines...)
		}
	}
	if t.State == Found {
		t.Finding = ruleOf(t, p.ports)
	}
	t = p.secrets.clean(t)
	p.tests = append(p.tests, t)
}

// state is what became of a test at a port; "" where it was not made.
func (p *server) state(id TestID, port uint16) State {
	for _, t := range p.tests {
		if t.ID == id && t.Port == port {
			return t.State
		}
	}
	return ""
}

// inside is an address of the domain that takes mail: the user's own, or the one
// that every domain must have (RFC 5321 section 4.5.1).
func (p *server) inside() string {
	if p.recipientInside() {
		return p.Recipient
	}
	return "postmaster@" + p.domain
}

func (p *server) recipientInside() bool {
	_, at, ok := cutAddress(p.Recipient)
	return ok && dns.Canonical(at) == p.domain
}

// outside is an address that the server has no business with: the user's own
// elsewhere, else one that RFC 2606 keeps for examples.
func (p *server) outside() string {
	if p.Recipient != "" && !p.recipientInside() {
		return p.Recipient
	}
	return "unspoof-probe@example.org"
}

// trustsUs tells that the server may take us for one of its own, as it is on
// this machine.
func (p *server) trustsUs() bool { return !p.Stranger && p.addr.IsLoopback() }

// trustedWhy says what that means.
func (p *server) trustedWhy() string {
	return "it lets mail pass, but was asked from " + p.from.String() + ", this machine itself, which mail servers usually trust; ask from another machine"
}

// literal is the server's address in SMTP's form (RFC 5321 section 4.1.3).
func (p *server) literal() string {
	if p.addr.Is6() {
		return "[IPv6:" + p.addr.String() + "]"
	}
	return "[" + p.addr.String() + "]"
}

// list joins words for a sentence.
func list(words []string) string { return strings.Join(words, ", ") }

package probe

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// session is one connection to a server.
type session struct {
	ctx  context.Context
	srv  *server
	conn net.Conn
	br   *bufio.Reader
	stop func() bool

	extensions map[string][]string // of the last EHLO
	tls        *tls.ConnectionState
	tlsErr     error // why TLS did not come about
	refusals   int
	dead       bool
	lines      []string
}

// errMore is the error of a server that answers what it was not asked: which
// answer belongs to which question can't be told from there on.
var errMore = errors.New("it said more than it was asked")

// maxDialogue bounds the lines kept of one connection.
const maxDialogue = 200

var (
	errLimit = errors.New("the limit of what one server is asked was reached")
	errNoTLS = errors.New("the server would not start TLS")
	// errTLSLater is a refusal for now: 454 (RFC 3207 section 4), 421.
	errTLSLater = errors.New("the server would not start TLS for now")
)

// say notes a line of the dialogue.
func (s *session) say(who, line string) {
	if len(s.lines) < maxDialogue {
		s.lines = append(s.lines, who+": "+clean(s.srv.secrets.hide(line)))
	}
}

// connect opens a connection and reads nothing.
func (p *server) connect(ctx context.Context, port uint16) (*session, error) {
	if p.connections >= maxConnections {
		return nil, errLimit
	}
	if p.connections > 0 {
		if err := wait(ctx, p.pace.connection); err != nil {
			return nil, err
		}
	}
	p.connections++
	conn, err := p.dial(ctx, "tcp", netip.AddrPortFrom(p.addr, port).String())
	if err != nil {
		return nil, err
	}
	s := &session{ctx: ctx, srv: p, conn: conn}
	s.stop = context.AfterFunc(ctx, func() { conn.Close() })
	if local, err := netip.ParseAddrPort(conn.LocalAddr().String()); err == nil {
		p.from = local.Addr().Unmap()
	}
	s.use(conn)
	return s, nil
}

func (s *session) use(c net.Conn) {
	s.conn = c
	s.br = bufio.NewReaderSize(c, maxReplyLine)
}

// open connects, reads the greeting and says EHLO; at a port of kind smtps it
// starts with TLS.
func (p *server) open(ctx context.Context, port uint16) (*session, error) {
	return p.openAs(ctx, port, p.tlsConfig())
}

// openAs is open with a configuration of TLS.
func (p *server) openAs(ctx context.Context, port uint16, cfg *tls.Config) (*session, error) {
	s, err := p.connect(ctx, port)
	if err != nil {
		return nil, err
	}
	if port == p.ports.SMTPS {
		if err := s.handshake(cfg); err != nil {
			s.close()
			return s, err
		}
	}
	r, err := s.read()
	if err == nil && r.code != 220 {
		err = fmt.Errorf("it greets with %s", r)
	}
	if err == nil {
		err = s.hello()
	}
	if err != nil {
		s.close()
		return s, err
	}
	return s, nil
}

// secure opens a connection as a careful sender does, with TLS where it is to be
// had; where it is offered and fails, without.
func (p *server) secure(ctx context.Context, port uint16) (*session, error) {
	s, err := p.open(ctx, port)
	if err != nil || s.tls != nil || s.extensions["STARTTLS"] == nil || p.tlsBroken[port] {
		return s, err
	}
	if err := s.startTLS(p.tlsConfig()); err == nil {
		return s, nil
	}
	p.tlsBroken[port] = true
	s.close()
	return p.open(ctx, port)
}

// hello says who we are: the address that we ask from (RFC 5321 section 4.1.4).
func (s *session) hello() error {
	name := "[127.0.0.1]"
	switch {
	case s.srv.from.Is4():
		name = "[" + s.srv.from.String() + "]"
	case s.srv.from.Is6():
		name = "[IPv6:" + s.srv.from.WithZone("").String() + "]"
	}
	r, err := s.command("EHLO " + name)
	if err == nil && r.refused() && !s.dead {
		if r, err = s.command("HELO " + name); err == nil && r.ok() {
			r.lines = r.lines[:1] // HELO tells no extensions
		}
	}
	if err != nil {
		return err
	}
	if !r.ok() {
		return fmt.Errorf("it refuses the greeting: %s", r)
	}
	s.extensions = extensions(r)
	return nil
}

// startTLS turns to TLS and greets again (RFC 3207 section 4.2).
func (s *session) startTLS(cfg *tls.Config) error {
	r, err := s.command("STARTTLS")
	if err != nil {
		return err
	}
	if r.code != 220 {
		s.tlsErr = fmt.Errorf("%w: %s", errNoTLS, r)
		if !r.refused() {
			s.tlsErr = fmt.Errorf("%w: %s", errTLSLater, r)
		}
		return s.tlsErr
	}
	if err := s.handshake(cfg); err != nil {
		return err
	}
	return s.hello()
}

func (s *session) handshake(cfg *tls.Config) error {
	if s.br.Buffered() > 0 {
		// What came in clear must not count inside.
		s.dead, s.tlsErr = true, errors.New("the server sent more before TLS than it should")
		return s.tlsErr
	}
	c := tls.Client(s.conn, cfg)
	s.conn.SetDeadline(time.Now().Add(s.srv.pace.reply))
	if err := c.HandshakeContext(s.ctx); err != nil {
		s.dead, s.tlsErr = true, err
		s.say("-", "TLS failed: "+err.Error())
		return err
	}
	state := c.ConnectionState()
	s.tls = &state
	s.say("-", "TLS started: "+tls.VersionName(state.Version))
	s.use(c)
	return nil
}

// command sends one line and reads the answer.
func (s *session) command(line string) (reply, error) { return s.exchange(line, line) }

// exchange sends line; shown is what the dialogue keeps of it.
func (s *session) exchange(line, shown string) (reply, error) {
	if !s.dead && s.br.Buffered() > 0 {
		s.fail(errMore)
		return reply{}, errMore
	}
	if err := s.send([]byte(line+"\r\n"), shown); err != nil {
		return reply{}, err
	}
	return s.read()
}

// send counts, waits its turn and writes.
func (s *session) send(octets []byte, shown string) error {
	if s.dead {
		return net.ErrClosed
	}
	if s.srv.commands >= maxCommands {
		return errLimit
	}
	s.srv.commands++
	if err := wait(s.ctx, s.srv.pace.command); err != nil {
		return err
	}
	s.say("C", shown)
	s.conn.SetDeadline(time.Now().Add(s.srv.pace.reply))
	if _, err := s.conn.Write(octets); err != nil {
		s.fail(err)
		return err
	}
	return nil
}

// errQuiet is what answered tells of a server that says nothing.
var errQuiet = errors.New("no answer")

// answered reads a reply where none should come: errQuiet is that none began
// within d, after which the session goes on. One that began is read to its end.
func (s *session) answered(d time.Duration) (reply, error) {
	s.conn.SetDeadline(time.Now().Add(d))
	if _, err := s.br.Peek(1); err != nil {
		if isTimeout(err) && s.ctx.Err() == nil {
			return reply{}, errQuiet
		}
		s.fail(err)
		return reply{}, err
	}
	return s.read()
}

// fail ends the session. What comes after an answer that did not come in time, or
// that can't be read, could be taken for the answer to a later command.
func (s *session) fail(err error) {
	s.say("-", "connection ended: "+err.Error())
	s.dead = true
	s.stop()
	s.conn.Close()
}

// read reads one reply; after an error there is nothing more to be read.
func (s *session) read() (reply, error) {
	if s.dead {
		return reply{}, net.ErrClosed
	}
	s.conn.SetDeadline(time.Now().Add(s.srv.pace.reply))
	r, err := readReply(s.br)
	if err != nil {
		s.fail(err)
		return reply{}, err
	}
	for _, l := range r.lines {
		r.shown = append(r.shown, s.srv.secrets.hide(l))
		s.say("S", fmt.Sprintf("%d %s", r.code, l))
	}
	if !r.ok() && r.code >= 400 {
		s.refusals++
	}
	if r.code == 421 || r.code == 521 {
		s.dead = true // RFC 5321 section 3.8: it closes
	}
	return r, nil
}

// quit ends politely.
func (s *session) quit() {
	if s == nil {
		return
	}
	if !s.dead {
		s.command("QUIT") // whatever it answers
	}
	s.close()
}

func (s *session) close() {
	s.dead = true
	s.stop()
	s.conn.Close()
}

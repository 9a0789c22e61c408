package probe

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// loginTests are those that need a login.
var loginTests = []TestID{LoginAnyAddress, LoginAnyDomain, LoginAnyFrom}

// login tries what one account may write as sender: nobody but the user's own
// recipient is ever named as the one to get it.
func (p *server) login(ctx context.Context) {
	port := p.loginPort()
	all := func(state State, why string, s *session) {
		for _, id := range loginTests {
			p.note(Test{ID: id, Port: port, State: state, Why: why}, s)
		}
	}
	to := p.Recipient
	if p.Login != nil && to == "" && mailbox(p.Login.User) {
		to = p.Login.User
	}
	switch {
	case p.Login == nil:
		return
	case port == 0:
		all(Unknown, "no port that takes logins answered", nil)
		return
	case to == "":
		all(NotTested, "it needs a recipient, and none was named", nil)
		return
	}
	s, err := p.secure(ctx, port)
	if err == nil {
		err = p.authenticate(s)
	}
	if err != nil {
		s.quit()
		all(Unknown, netWords(err), s)
		return
	}
	defer s.quit()
	own := p.Login.User
	if !mailbox(own) {
		own += "@" + p.domain
	}
	base, err := s.envelope("<"+own+">", "<"+to+">")
	if err != nil {
		all(Unknown, "it broke off after the login: "+netWords(err), s)
		return
	}
	p.anyAddress(s, port, to, own, base)
	p.anyDomain(s, port, to, base)
	p.anyFrom(s, port, to, own)
}

// loginPort is the best port that answered.
func (p *server) loginPort() uint16 {
	for _, port := range []uint16{p.ports.SMTPS, p.ports.Submission} {
		if port != 0 && slices.ContainsFunc(p.tests, func(t Test) bool {
			return t.Port == port && t.ID != WithoutLogin
		}) {
			return port
		}
	}
	if p.state(STARTTLS, p.ports.MX) == Fine {
		return p.ports.MX
	}
	return 0
}

// authenticate logs in (RFC 4954), inside TLS only, and to another machine only
// where the certificate is right: else the password could be anybody's.
func (p *server) authenticate(s *session) error {
	if s.tls == nil {
		return errors.New("the server starts no TLS, so the password was not sent")
	}
	if !p.addr.IsLoopback() {
		certs := s.tls.PeerCertificates
		if len(certs) == 0 || certs[0].VerifyHostname(p.host) != nil || p.chain(certs, p.Now) != nil {
			return errors.New("the server's certificate is not right, so the password was not sent")
		}
	}
	user, secret := p.Login.User, p.Login.Password
	mechanisms := s.extensions["AUTH"]
	var r reply
	var err error
	switch {
	case slices.Contains(mechanisms, "PLAIN"):
		token := base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + secret)) // RFC 4616
		r, err = s.exchange("AUTH PLAIN "+token, "AUTH PLAIN (left out)")
	case slices.Contains(mechanisms, "LOGIN"):
		if r, err = s.command("AUTH LOGIN"); err == nil && r.code == 334 {
			r, err = s.exchange(base64.StdEncoding.EncodeToString([]byte(user)), "(user name)")
		}
		if err == nil && r.code == 334 {
			r, err = s.exchange(base64.StdEncoding.EncodeToString([]byte(secret)), "(password)")
		}
	default:
		return errors.New("the server offers neither PLAIN nor LOGIN")
	}
	if err != nil {
		return err
	}
	if r.code != 235 {
		return fmt.Errorf("the login was refused: %s", r)
	}
	return nil
}

// verdict is what the answer to a sender that is not the login's own says, where
// base is the answer to the login's own.
func verdict(t *Test, from string, r, base reply) {
	switch {
	case r.ok():
		t.State, t.Why = Found, "the login may send as "+from
		t.values = map[string]string{"from": from}
	case !base.ok():
		t.State, t.Why = Unknown, "the login may not even send as itself ("+base.String()+"), so that others are refused proves nothing"
	case r.aboutDomain():
		t.State, t.Why = Unknown, "refused for the example's domain only: "+r.String()
	case r.refused():
		t.State, t.Why = Fine, "refused: "+r.String()
	default:
		t.State, t.Why = Unknown, "refused for now only: "+r.String()
	}
}

// anyAddress tries other addresses of the domain: a made-up one, which some
// servers refuse for that alone, and one that every domain has.
func (p *server) anyAddress(s *session, port uint16, to, own string, base reply) {
	start := len(s.lines)
	t := Test{ID: LoginAnyAddress, Port: port}
	made := random() + "@" + p.domain
	r, err := s.envelope("<"+made+">", "<"+to+">")
	if err == nil {
		verdict(&t, made, r, base)
	}
	shared := "postmaster@" + p.domain
	if err == nil && t.State == Fine && !strings.EqualFold(shared, own) {
		var second reply
		if second, err = s.envelope("<"+shared+">", "<"+to+">"); err == nil && second.ok() {
			t.State, t.Why = Unknown, "the login may send as "+shared+"; that is right if it is this login's, and wrong if not"
		}
	}
	if err != nil {
		t.State, t.Why = Unknown, "it broke off: "+netWords(err)
	}
	t.Dialogue = append([]string{}, s.lines[start:]...)
	p.note(t, nil)
}

// anyDomain tries addresses of another domain.
func (p *server) anyDomain(s *session, port uint16, to string, base reply) {
	start := len(s.lines)
	t := Test{ID: LoginAnyDomain, Port: port}
	froms := []string{"unspoof-probe@example.net"}
	if !p.recipientInside() && p.Recipient != "" {
		// The user's own elsewhere: a domain that surely takes mail, which some
		// servers check.
		froms = append(froms, p.Recipient)
	}
	for _, from := range froms {
		r, err := s.envelope("<"+from+">", "<"+to+">")
		if err != nil {
			t.State, t.Why = Unknown, "it broke off: "+netWords(err)
			break
		}
		if verdict(&t, from, r, base); t.State == Found {
			break
		}
	}
	t.Dialogue = append([]string{}, s.lines[start:]...)
	p.note(t, nil)
}

// anyFrom sends the user a message under the login's own envelope, with another's
// address in the From line.
func (p *server) anyFrom(s *session, port uint16, to, own string) {
	start := len(s.lines)
	t := Test{ID: LoginAnyFrom, Port: port}
	from := random() + "@" + p.domain
	switch {
	case p.Recipient == "":
		t.State, t.Why = NotTested, "it needs a message, and no recipient for one was named"
	case p.Confirm == nil || !p.Confirm("send to "+to+" through "+p.host+" with your login: a message with another's From line"):
		t.State, t.Why = NotTested, "it needs a message, and sending one was not agreed to"
	default:
		r, err := s.deliver("<"+own+">", to, p.message(from, "another's address in the From line"))
		switch {
		case err != nil:
			t.State, t.Why = Unknown, "the message got lost on the way: "+netWords(err)
		case r.ok():
			t.State, t.Why = Found, "the login may write From: "+from
			t.values = map[string]string{"from": from}
		case r.refused():
			t.State, t.Why = Fine, "it refused the message: "+r.String()
		default:
			t.State, t.Why = Unknown, "it refused the message for now only: "+r.String()
		}
	}
	t.Dialogue = append([]string{}, s.lines[start:]...)
	p.note(t, nil)
}

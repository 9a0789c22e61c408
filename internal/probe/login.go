package probe

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
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
	if p.Login == nil {
		return
	}
	own := p.ownAddress()
	to := cmp.Or(p.Recipient, own)
	switch {
	case !p.named:
		all(NotTested, whyUnnamed, nil)
		return
	case port == 0:
		all(Unknown, "no port that takes logins answered", nil)
		return
	case own == "":
		all(NotTested, "the address of the login is not known; name it as the user, or a mailbox of "+p.domain+" as the recipient", nil)
		return
	}
	// People take their time, and servers don't wait: first the question.
	agreed, why := p.mayWriteAs(to)
	s, err := p.secureForLogin(ctx, port)
	if err == nil {
		err = p.authenticate(s)
	}
	if err != nil {
		s.quit()
		all(Unknown, netWords(err), s)
		return
	}
	defer s.quit()
	base, err := s.envelope("<"+own+">", "<"+to+">")
	if err != nil {
		all(Unknown, "it broke off after the login: "+netWords(err), s)
		return
	}
	p.anyAddress(s, port, to, own, base)
	p.anyDomain(s, port, to, base)
	if !agreed {
		p.note(Test{ID: LoginAnyFrom, Port: port, State: NotTested, Why: why}, nil)
		return
	}
	p.anyFrom(s, port, to, own)
}

// whyUnnamed is why a server that only DNS named gets no password: whoever can
// change the MX record, or the answer, would have it.
const whyUnnamed = "a password is sent only to a server that you named yourself, and this one was found in DNS; name it with --probe-host"

// ownAddress is the address that the login surely may write as: the user name
// where it is one, else the mailbox that the user named as his; "" where none is
// known. One that was made up could be somebody else's.
func (p *server) ownAddress() string {
	switch {
	case mailbox(p.Login.User):
		return p.Login.User
	case p.recipientInside():
		return p.Recipient
	}
	return ""
}

// mayWriteAs asks whether messages may be sent with the login.
func (p *server) mayWriteAs(to string) (ok bool, why string) {
	switch {
	case p.Recipient == "":
		return false, "it needs a message, and no recipient for one was named"
	case p.Confirm == nil || !p.Confirm("send to "+to+" through "+p.host+" with your login: a message with another's From line, and one with your own to compare if that is refused"):
		return false, "it needs a message, and sending one was not agreed to"
	}
	return true, ""
}

// secureForLogin opens a connection that a password may go through: TLS 1.2 or
// newer (RFC 8996), and to another machine only with the right certificate.
func (p *server) secureForLogin(ctx context.Context, port uint16) (*session, error) {
	cfg := &tls.Config{
		MinVersion: tls.VersionTLS12, ServerName: p.host, RootCAs: p.Roots, Time: func() time.Time { return p.Now },
		InsecureSkipVerify: p.addr.IsLoopback(),
	}
	s, err := p.openAs(ctx, port, cfg)
	if err != nil || s.tls != nil {
		return s, loginTLS(s, err)
	}
	if s.extensions["STARTTLS"] == nil {
		return s, errNoTLSLogin
	}
	return s, loginTLS(s, s.startTLS(cfg))
}

var errNoTLSLogin = errors.New("the server starts no TLS, so the password was not sent")

// loginTLS says what a failure of TLS means for the password.
func loginTLS(s *session, err error) error {
	if err != nil && s != nil && s.tls == nil && s.tlsErr != nil {
		return fmt.Errorf("TLS did not come about as a password needs it (%s), so the password was not sent", netWords(s.tlsErr))
	}
	return err
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
	switch {
	case !p.named:
		return errors.New(whyUnnamed)
	case s.tls == nil:
		return errNoTLSLogin
	case s.tls.Version < tls.VersionTLS12:
		return errors.New("the server speaks " + tls.VersionName(s.tls.Version) + " only, so the password was not sent")
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
		token := base64.StdEncoding.EncodeToString([]byte(p.Login.token()))
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
	r, err := s.deliver("<"+own+">", to, p.message(from, "another's address in the From line"))
	switch {
	case err != nil:
		t.State, t.Why = Unknown, "the message got lost on the way: "+netWords(err)
	case r.ok():
		t.State, t.Why = Found, "the login may write From: "+from
		t.values = map[string]string{"from": from}
	case r.later():
		t.State, t.Why = Unknown, "it refused the message for now only: "+r.String()
	default:
		// Was it for the From line?
		control, err := s.deliver("<"+own+">", to, p.message(own, "your own address in the From line, to compare"))
		switch {
		case err != nil:
			t.State, t.Why = Unknown, "it refused the message ("+r.String()+"), and the one to compare it with got lost: "+netWords(err)
		case control.ok():
			t.State, t.Why = Fine, "it refused the message: "+r.String()
		default:
			t.State, t.Why = Unknown, "it refused the message ("+r.String()+"), but one with the login's own From line, too ("+control.String()+")"
		}
	}
	t.Dialogue = append([]string{}, s.lines[start:]...)
	p.note(t, nil)
}

package probe

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// everything is all that a report and its findings hold of a server.
func (p *server) everything(t *testing.T) string {
	t.Helper()
	data, err := json.Marshal(p.tests)
	if err != nil {
		t.Fatal(err)
	}
	more, err := json.Marshal(findings("d.example", ServerReport{Host: "h", Tests: p.tests}))
	if err != nil {
		t.Fatal(err)
	}
	return string(data) + string(more)
}

func TestAPasswordThatTheServerRepeatsIsLeftOut(t *testing.T) {
	t.Parallel()
	word := base64.StdEncoding.EncodeToString([]byte("s3cret&long"))
	token := base64.StdEncoding.EncodeToString([]byte("\x00anna@d.example\x00s3cret&long"))
	for name, c := range map[string]struct{ offers, answer string }{
		"the command":         {"AUTH PLAIN", "501 5.5.2 cannot parse \"%s\""},
		"in capitals":         {"AUTH PLAIN", "501 5.5.2 CANNOT PARSE \"%S\""},
		"a part of it":        {"AUTH PLAIN", "501-%p\r\n501 what?"},
		"the password":        {"AUTH PLAIN", "535 " + "s3cret&long" + " is wrong"},
		"the password, coded": {"AUTH LOGIN", "535 s3cret%26long " + word},
		"later":               {"AUTH PLAIN", "235 welcome s3cret&long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			heard := ""
			f := &fake{tls: testTLS(t), inside: []string{c.offers}}
			f.answer = func(line string) string {
				switch {
				case line == "AUTH LOGIN":
					return "334 user?"
				case line == base64.StdEncoding.EncodeToString([]byte("anna@d.example")):
					return "334 password?"
				case strings.HasPrefix(line, "AUTH PLAIN") || line == word:
					heard = line
					return strings.NewReplacer("%s", line, "%S", strings.ToUpper(line), "%p", line[len(line)/2:]).Replace(c.answer)
				case heard != "" && strings.HasPrefix(line, "MAIL"):
					return "550 " + heard
				}
				return ""
			}
			p := askFake(t, f, func(p *server) {
				writable(p)
				p.Login = &Login{User: "anna@d.example", Password: "s3cret&long"}
				p.secrets = newSecrets(p.Login)
			})
			if heard == "" {
				t.Fatal("no login was tried")
			}
			all := strings.ToLower(p.everything(t))
			for _, s := range []string{"s3cret", "26long", strings.ToLower(word[:12]), strings.ToLower(token[24:36]), strings.ToLower(token[:12])} {
				if strings.Contains(all, s) {
					t.Errorf("%q stands in the report", s)
				}
			}
			if !strings.Contains(all, "left out") {
				t.Error("nothing was left out")
			}
		})
	}
}

func TestHidingKeepsTheRest(t *testing.T) {
	s := newSecrets(&Login{User: "a", Password: "pass word"})
	for in, want := range map[string]string{
		"nothing here": "nothing here", "a pass word b": "a (left out) b", "PASS WORD": "(left out)", "pass wor": "(left out)", "pass": "pass", "\xff pass word": "\xff (left out)", "": "",
	} {
		if got := s.hide(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	if got := newSecrets(&Login{Password: "abc"}).hide("x abc y ab"); got != "x (left out) y ab" {
		t.Errorf("%q", got)
	}
	if got := newSecrets(nil).hide("as it is"); got != "as it is" {
		t.Errorf("%q", got)
	}
}

func TestAServerThatDNSNamedGetsNoPassword(t *testing.T) {
	t.Parallel()
	f := &fake{tls: testTLS(t), inside: []string{"AUTH PLAIN"}, login: secretToken, anySender: true}
	p := askFake(t, f, func(p *server) {
		withLogin(p)
		p.named = false
		s, err := p.secureForLogin(context.Background(), p.ports.MX)
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		if p.authenticate(s) == nil {
			t.Error("logged in at a server that nobody named")
		}
	})
	noLogin(t, f)
	for _, id := range loginTests {
		if got := p.expect(t, id, NotTested); !strings.Contains(got.Why, "--probe-host") {
			t.Errorf("%s: %s", id, got.Why)
		}
	}
}

func TestAPasswordDoesNotGoThroughOldTLS(t *testing.T) {
	t.Parallel()
	cfg := testTLS(t)
	cfg.MinVersion, cfg.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
	f := &fake{tls: cfg, inside: []string{"AUTH PLAIN"}, login: secretToken}
	p := askFake(t, f, withLogin)
	noLogin(t, f)
	p.expect(t, LoginAnyAddress, Unknown)
	p.expect(t, OldTLS, Found)
}

func noLogin(t *testing.T, f *fake) {
	t.Helper()
	for _, c := range f.heard() {
		if strings.HasPrefix(c, "AUTH") {
			t.Errorf("sent %q", c)
		}
	}
}

func TestNoSenderIsMadeUpForALogin(t *testing.T) {
	t.Parallel()
	f := &fake{tls: testTLS(t), inside: []string{"AUTH PLAIN"}, login: base64.StdEncoding.EncodeToString([]byte("\x00anna>x\x00s3cret"))}
	p := askFake(t, f, func(p *server) {
		p.Login = &Login{User: "anna>x", Password: "s3cret"}
		p.Recipient = "me@elsewhere.example"
	})
	p.expect(t, LoginAnyAddress, NotTested)
	p = askFake(t, f, func(p *server) { writable(p); p.Login = &Login{User: "anna>x", Password: "s3cret"} })
	p.expect(t, LoginAnyAddress, Fine)
	for _, c := range f.heard() {
		if strings.HasPrefix(c, "MAIL") && strings.Contains(c, "anna>x") {
			t.Errorf("sent %q", c)
		}
	}
}

func TestTheUserIsAskedBeforeTheServerWaits(t *testing.T) {
	t.Parallel()
	f := &fake{tls: testTLS(t), inside: []string{"AUTH PLAIN"}, login: secretToken, anySender: true}
	p := askFake(t, f, func(p *server) {
		writable(p)
		withLogin(p)
		p.Confirm = func(what string) bool {
			if !strings.Contains(what, "with your login") {
				return false
			}
			for _, c := range f.heard() {
				if strings.HasPrefix(c, "AUTH") {
					t.Error("asked while the server waits")
				}
			}
			time.Sleep(10 * time.Minute)
			return true
		}
	})
	p.expect(t, LoginAnyFrom, Found)
}

package probe

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestARightServerHasNoFault(t *testing.T) {
	t.Parallel()
	p := askFake(t, &fake{tls: testTLS(t)}, writable)
	for _, test := range p.tests {
		if test.State == Found && !slices.Contains([]TestID{CertificateName, CertificateChain, OwnFrom}, test.ID) { // the fake does not look into messages
			t.Errorf("%s was found: %s", test.ID, test.Why)
		}
		if test.State == Unknown {
			t.Errorf("%s stays unknown: %s", test.ID, test.Why)
		}
	}
	for _, id := range []TestID{OpenRelay, VRFY, EXPN, AuthBeforeTLS, STARTTLS, CatchAll, OwnEnvelope, Smuggling} {
		p.expect(t, id, Fine)
	}
}

func TestEachFormOfRelayIsFound(t *testing.T) {
	t.Parallel()
	forms := newServer(Args{Domain: "d.example"}, Server{Host: "127.0.0.1"}, loopback).forms()
	for _, want := range forms {
		t.Run(want.name, func(t *testing.T) {
			t.Parallel()
			sender := want.from
			f := &fake{relay: func(from, to string) bool {
				// The others' sender is a stranger's address.
				return to == want.to && (from == sender || sender == "<>" && want.name != "null sender" && from != "")
			}}
			got := askFake(t, f, nil).expect(t, OpenRelay, Found)
			if !strings.Contains(got.Why, want.name) {
				t.Errorf("%s: %s", want.name, got.Why)
			}
		})
	}
}

func TestWhatACatchAllTakesIsNotRelayed(t *testing.T) {
	t.Parallel()
	p := askFake(t, &fake{catchAll: true, relay: func(_, to string) bool { return strings.Contains(to, "d.example") && !strings.HasPrefix(to, "<@") }}, nil)
	p.expect(t, OpenRelay, Fine)
	p.expect(t, CatchAll, Found)
}

func TestAServerThatRefusesUsAltogetherProvesNothing(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(c string) string {
		if strings.HasPrefix(c, "RCPT") {
			return "554 you are on a list"
		}
		return ""
	}}
	p := askFake(t, f, nil)
	for _, id := range []TestID{OpenRelay, CatchAll} {
		p.expect(t, id, Unknown)
	}
}

func TestARefusalForNowProvesNothing(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(c string) string {
		if strings.HasPrefix(c, "RCPT") && !strings.Contains(c, "postmaster") {
			return "451 come again"
		}
		return ""
	}}
	p := askFake(t, f, nil)
	for _, id := range []TestID{OpenRelay, CatchAll} {
		p.expect(t, id, Unknown)
	}
	deferred := &fake{answer: func(c string) string {
		if strings.HasPrefix(c, "RCPT") && strings.Contains(c, "example.org") {
			return "454 4.7.1 Relay access denied"
		}
		return ""
	}}
	askFake(t, deferred, nil).expect(t, OpenRelay, Fine)
}

func TestARefusalOfTheExamplesDomainProvesNothing(t *testing.T) {
	t.Parallel()
	f := &fake{relay: func(string, string) bool { return true }, answer: func(c string) string {
		if strings.HasPrefix(c, "RCPT") && strings.Contains(c, "example.org") {
			return "556 5.1.10 Recipient address rejected: Domain example.org does not accept mail (nullMX)"
		}
		return ""
	}}
	p := askFake(t, f, nil)
	p.expect(t, OpenRelay, Unknown)
	p = askFake(t, f, func(p *server) { p.Recipient = "me@elsewhere.example" })
	p.expect(t, OpenRelay, Found)
}

func TestWhatThisMachineMayDoIsNoFault(t *testing.T) {
	t.Parallel()
	f := &fake{relay: func(string, string) bool { return true }, ends: []string{"\n.\n"}}
	p := askFake(t, f, func(p *server) { writable(p); p.Stranger = false })
	for _, id := range []TestID{OpenRelay, OwnEnvelope, OwnFrom, Smuggling} {
		p.expect(t, id, Unknown)
	}
}

func TestNothingIsSentThatTheUserDidNotAgreeTo(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*server){
		"no recipient":        func(p *server) { p.Confirm = func(string) bool { return true } },
		"nobody to ask":       func(p *server) { p.Recipient = "anna@d.example" },
		"the answer is no":    func(p *server) { p.Recipient = "anna@d.example"; p.Confirm = func(string) bool { return false } },
		"recipient elsewhere": func(p *server) { p.Recipient = "anna@e.example"; p.Confirm = func(string) bool { return true } },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{relay: func(string, string) bool { return true }}
			p := askFake(t, f, change)
			if slices.Contains(f.heard(), "DATA") || p.messages > 0 {
				t.Error("a message was begun")
			}
			p.expect(t, OwnFrom, NotTested)
			p.expect(t, Smuggling, NotTested)
		})
	}
}

func TestMessagesGoToTheRecipientNamedOnly(t *testing.T) {
	t.Parallel()
	f := &fake{relay: func(string, string) bool { return true }, catchAll: true, ends: []string{"\n.\n", "\r.\r"}}
	p := askFake(t, f, writable)
	for _, to := range f.messages() {
		if to != "<anna@d.example>" {
			t.Errorf("a message for %s", to)
		}
	}
	if n := len(f.messages()); n == 0 || n != p.messages {
		t.Errorf("%d messages, counted %d", n, p.messages)
	}
	for _, c := range f.heard() {
		if strings.Contains(strings.ToUpper(c), "DATA") && c != "DATA" {
			t.Errorf("odd command %q", c)
		}
	}
}

func TestAMessageWhoseAnswerGotLostCounts(t *testing.T) {
	t.Parallel()
	f := &fake{judge: func(string) string {
		time.Sleep(24 * time.Hour)
		return ""
	}}
	p := askFake(t, f, writable)
	p.expect(t, OwnFrom, Unknown)
	p.expect(t, Smuggling, Unknown)
	if n := len(f.messages()); n != 2 || p.messages != n {
		t.Errorf("%d messages, counted %d", n, p.messages)
	}
}

func TestVRFYIsJudgedByWhatItGivesAway(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, known, made string
		want              State
	}{
		{"the same for both", "252 perhaps", "252 perhaps", Fine},
		{"refused", "502 no", "502 no", Fine},
		{"told", "250 anna", "550 nobody", Found},
		{"told by 252", "252 anna", "550 nobody", Found},
		{"odd", "550 no", "252 perhaps", Fine},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: func(line string) string {
				switch {
				case strings.HasPrefix(line, "VRFY postmaster"):
					return c.known
				case strings.HasPrefix(line, "VRFY"):
					return c.made
				}
				return ""
			}}
			askFake(t, f, nil).expect(t, VRFY, c.want)
		})
	}
}

func TestLoginsInClearAreFound(t *testing.T) {
	t.Parallel()
	askFake(t, &fake{extra: []string{"AUTH PLAIN LOGIN"}}, nil).expect(t, AuthBeforeTLS, Found)
	askFake(t, &fake{extra: []string{"AUTH=LOGIN"}}, nil).expect(t, AuthBeforeTLS, Found)
	askFake(t, &fake{extra: []string{"AUTH SCRAM-SHA-256 GSSAPI"}}, nil).expect(t, AuthBeforeTLS, Fine)
}

func TestNoSTARTTLSIsFound(t *testing.T) {
	t.Parallel()
	askFake(t, &fake{}, nil).expect(t, STARTTLS, Found)
	askFake(t, &fake{extra: []string{"STARTTLS"}}, nil).expect(t, STARTTLS, Found)
}

func TestTheNumberOfCommandsIsBounded(t *testing.T) {
	t.Parallel()
	p := askFake(t, &fake{tls: testTLS(t), ends: []string{"\n.\n", "\n.\r\n", "\r\n.\n", "\r\n.\r", "\r.\r", "\r.\r\n", "\r\n\x00.\r\n"}}, writable)
	if p.connections > maxConnections/2 || p.commands > maxCommands/2 {
		t.Errorf("%d connections, %d commands: the limits would cut an ordinary run short", p.connections, p.commands)
	}
}

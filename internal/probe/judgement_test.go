package probe

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"
)

// slowly has a fake answer a command later than anybody waits for.
func slowly(prefix, answer string) func(string) string {
	return func(line string) string {
		if strings.HasPrefix(line, prefix) {
			time.Sleep(home.reply + time.Second)
			return answer
		}
		return ""
	}
}

func TestALateAnswerIsNotTakenForTheNext(t *testing.T) {
	t.Parallel()
	p := askFake(t, &fake{answer: slowly("VRFY postmaster", "252 cannot tell")}, nil)
	p.expect(t, VRFY, Unknown)
	p.expect(t, EXPN, Unknown)

	f := &fake{tls: testTLS(t), inside: []string{"AUTH PLAIN"}, login: secretToken, answer: slowly("MAIL FROM:<unspoof-probe-", "553 not yours")}
	p = askFake(t, f, func(p *server) { writable(p); withLogin(p) })
	for _, id := range loginTests {
		p.expect(t, id, Unknown)
	}
}

func TestMoreAnswersThanQuestionsEndASession(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(line string) string {
		if strings.HasPrefix(line, "VRFY") {
			return "252 perhaps\r\n250 everybody"
		}
		return ""
	}}
	p := askFake(t, f, nil)
	p.expect(t, VRFY, Unknown)
	p.expect(t, EXPN, Unknown)
}

func TestSubmissionWithoutALogin(t *testing.T) {
	t.Parallel()
	submission := func(port uint16) Ports { return Ports{Submission: port} }
	rcpt := func(answer func(line string) string) *fake {
		return &fake{relay: func(string, string) bool { return true }, answer: func(line string) string {
			if strings.HasPrefix(line, "RCPT") {
				return answer(line)
			}
			return ""
		}}
	}
	always := func(text string) *fake { return rcpt(func(string) string { return text }) }
	for _, c := range []struct {
		name string
		f    *fake
		want State
		rule string
	}{
		{"like port 25", &fake{}, Found, "SMTP-013"},
		{"for its own name only", rcpt(func(string) string { return "" }), Found, "SMTP-002"},
		{"530", always("530 5.7.0 Authentication required"), Fine, ""},
		{"says login", always("550 log in first"), Fine, ""},
		{"says access denied, as Postfix", always("554 5.7.1 <a@b>: Recipient address rejected: Access denied"), Fine, ""},
		{"relay denied, and a login for the inside", rcpt(func(line string) string {
			if strings.Contains(line, "@d.example") {
				return "550 5.7.1 please log in"
			}
			return "454 4.7.1 Relay access denied"
		}), Fine, ""},
		{"on a block list", always("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using list.example"), Unknown, ""},
		{"530 for STARTTLS", always("530 5.7.0 Must issue a STARTTLS command first"), Unknown, ""},
		{"for now", always("450 4.7.1 come again"), Unknown, ""},
		{"DMARC", always("550 5.7.26 unauthenticated mail, see DMARC"), Unknown, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := askFakeAt(t, c.f, submission, nil).expect(t, WithoutLogin, c.want); got.Finding != c.rule {
				t.Errorf("%s, want %s: %s", got.Finding, c.rule, got.Why)
			}
		})
	}
}

func TestOldTLSIsTriedWhereTLSComesFirst(t *testing.T) {
	t.Parallel()
	smtps := func(port uint16) Ports { return Ports{SMTPS: port} }
	for version, want := range map[uint16]State{tls.VersionTLS10: Found, tls.VersionTLS12: Fine} {
		cfg := testTLS(t)
		cfg.MinVersion = version
		askFakeAt(t, &fake{tls: cfg, wrapped: true}, smtps, nil).expect(t, OldTLS, want)
	}
}

func TestOnlyARefusalOfOldTLSIsOne(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"for now": "454 4.7.0 too many, later", "closing": "421 bye"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := 0
			f := &fake{tls: testTLS(t), answer: func(line string) string {
				if line == "STARTTLS" {
					if n++; n == 3 {
						return answer
					}
				}
				return ""
			}}
			askFake(t, f, nil).expect(t, OldTLS, Unknown)
		})
	}
}

func TestTLSThatIsRefusedForNowIsNoFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answer string
		want   State
	}{{"454 4.7.0 later", Unknown}, {"421 bye", Unknown}, {"502 what?", Found}} {
		f := &fake{extra: []string{"STARTTLS"}, answer: func(line string) string {
			if line == "STARTTLS" {
				return c.answer
			}
			return ""
		}}
		askFake(t, f, nil).expect(t, STARTTLS, c.want)
	}
}

func TestAnAddressHasNoNameToCompare(t *testing.T) {
	t.Parallel()
	p := askFake(t, &fake{tls: testTLS(t)}, nil)
	p.expect(t, CertificateName, NotTested)
	p.expect(t, CertificateDates, Fine)
}

func TestVRFYThatIsNotClear(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		known, made string
		want        State
	}{
		{"252 perhaps", "450 later", Unknown}, {"252 perhaps", "421 bye", Unknown}, {"450 later", "450 later", Unknown}, {"550 no such user", "550 no such user", Unknown},
		{"550 Administrative prohibition", "550 Administrative prohibition", Fine}, {"550 VRFY disabled", "550 VRFY disabled", Fine}, {"502 5.5.1 VRFY command is disabled", "502 5.5.1 VRFY command is disabled", Fine},
	} {
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
	}
}

func TestThePercentHackIsOpenWhereCatchAllIs(t *testing.T) {
	t.Parallel()
	f := &fake{
		relay: func(_, to string) bool { return strings.Contains(to, "%") },
		answer: func(line string) string {
			if strings.HasPrefix(line, "MAIL FROM:<postmaster@") {
				return "550 our own name"
			}
			if strings.HasPrefix(line, "RCPT TO:<unspoof-probe-") && strings.Contains(line, "@d.example") && !strings.Contains(line, "%") {
				return "450 greylisted"
			}
			return ""
		},
	}
	p := askFake(t, f, nil)
	p.expect(t, CatchAll, Unknown)
	p.expect(t, OpenRelay, Unknown)
}

func TestOwnDomainFromOutsideIsJudgedByWhatBecomesOfTheMessage(t *testing.T) {
	t.Parallel()
	own := func(answer string) func(string) string {
		return func(text string) string {
			if strings.Contains(text, "From: <anna@d.example>") || strings.Contains(text, "From: <postmaster@d.example>") {
				return answer
			}
			return ""
		}
	}
	for _, c := range []struct {
		name     string
		f        *fake
		change   func(*server)
		envelope State
		from     State
	}{
		{"nobody may send a message", &fake{envelope: true}, nil, Unknown, NotTested},
		{"taken", &fake{envelope: true}, writable, Found, Found},
		{"refused by DMARC at the end", &fake{envelope: true, judge: own("550 5.7.1 DMARC says reject")}, writable, Fine, Fine},
		{"refused at the end, others taken", &fake{envelope: true, judge: own("550 5.7.1 no")}, writable, Fine, Fine},
		{"every message is refused", &fake{envelope: true, refuse: "550 5.7.1 null sender without our tag"}, writable, Unknown, Unknown},
		{"refused for now", &fake{envelope: true, judge: own("451 later")}, writable, Unknown, Unknown},
		{"refused at once", &fake{}, writable, Fine, Found},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := askFake(t, c.f, c.change)
			p.expect(t, OwnEnvelope, c.envelope)
			p.expect(t, OwnFrom, c.from)
		})
	}
}

func TestALoginsMessageThatIsRefusedLikeAnyOtherProvesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		all  bool
		want State
	}{{true, Unknown}, {false, Fine}} {
		f := &fake{tls: testTLS(t), inside: []string{"AUTH PLAIN"}, login: secretToken, judge: func(text string) string {
			if c.all || !strings.Contains(text, "From: <anna@d.example>") {
				return "550 no"
			}
			return ""
		}}
		askFake(t, f, func(p *server) { writable(p); withLogin(p) }).expect(t, LoginAnyFrom, c.want)
	}
}

func TestAFormAtTheAddressLiteralNeedsAControl(t *testing.T) {
	t.Parallel()
	const literal = "@[127.0.0.1]>"
	for _, c := range []struct {
		name    string
		control string // answer to a made-up mailbox there, "" for a refusal
		want    State
	}{
		{"taken", "250 ok", Unknown},
		{"not clear", "450 later", Unknown},
		{"refused", "", Found},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{
				relay: func(_, to string) bool { return strings.HasSuffix(to, "%example.org"+literal) },
				answer: func(line string) string {
					if strings.HasPrefix(line, "RCPT") && strings.HasSuffix(line, literal) && !strings.Contains(line, "%") {
						return c.control
					}
					return ""
				},
			}
			got := askFake(t, f, nil).expect(t, OpenRelay, c.want)
			if !strings.Contains(got.Why, `"percent hack, address literal"`) {
				t.Error(got.Why)
			}
		})
	}
}

func TestASilentPortThatTheUserNamedIsUnknown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		ports Ports
		named bool
		want  State
	}{
		{"submission named", Ports{Submission: 9}, true, Unknown},
		{"SMTPS named", Ports{SMTPS: 9}, true, Unknown},
		{"host named only", Ports{MX: 9, Submission: 9, SMTPS: 9}, true, NotTested},
		{"from DNS", Ports{Submission: 9}, false, NotTested},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			askFakeAt(t, &fake{}, func(uint16) Ports { return c.ports }, func(p *server) { p.named = c.named }).expect(t, WithoutLogin, c.want)
		})
	}
}

func TestNamesOfFormsCanBeToldApart(t *testing.T) {
	t.Parallel()
	if got := formNames([]string{"plain", "quoted, own domain"}); got != `"plain", "quoted, own domain"` {
		t.Error(got)
	}
}

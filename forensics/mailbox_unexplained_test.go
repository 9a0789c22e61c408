package forensics

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"unspoof/bounce"
	"unspoof/message"
)

func TestUnexplainedMailForbidsEveryCalmingAnswer(t *testing.T) {
	forged, ours := spoofedAt("s", monday), unexplainedAt("o", monday)
	sure := with(forged, func(s *sample) { s.confidence = High })
	genuine := sample{id: "<g@brand.example>", from: "anna@brand.example", verdict: Genuine, subtype: Logged, confidence: High}
	low := with(ours, func(s *sample) { s.confidence = Low })
	byProof := with(low, func(s *sample) { s.reasons = []Reason{{Code: "E4", Strength: Proof}} })
	byHint := with(low, func(s *sample) {
		s.reasons = []Reason{{Code: "E4", Strength: Weak}, {Code: "E5-pass", Strength: Strong}}
	})
	for _, c := range []struct {
		name        string
		samples     []sample
		verdict     Verdict
		unexplained int
	}{
		{"among too few forged", append(repeat(8, forged), ours), Unknown, 1},
		{"one among many forged, which its owner may recognise", append(repeat(1000, forged), ours), Spoofed, 1},
		{"one among forged ones of high confidence", append(repeat(9, sure), ours), Spoofed, 1},
		{"more than can be looked at, among many forged", append(append(repeat(1000, forged), repeat(3, ours)...), ours), Unknown, 4},
		{"among genuine ones", append(repeat(50, genuine), ours), Unknown, 1},
		{"of low confidence on a hint", append(repeat(5, forged), byHint), Spoofed, 0},
		{"of low confidence on a proof", append(repeat(5, forged), byProof), Unknown, 1},
		{"a proof of a break-in leads", append(repeat(5, forged), ours, compromisedAt("c", monday)), Compromised, 1},
		{"a notice that calls the same message forged does not explain it", append(repeat(5, forged), ours, with(forged, func(s *sample) { s.id = ours.id })), Unknown, 1},
		{"in any order", append(repeat(5, forged), with(forged, func(s *sample) { s.id = ours.id }), ours), Unknown, 1},
		{"the log explains it", append(repeat(20, forged), ours, with(genuine, func(s *sample) { s.id = ours.id })), Spoofed, 0},
		{"the alias explains it", append(repeat(5, forged), ours, with(forged, func(s *sample) { s.id, s.subtype = ours.id, ViaRelay })), Spoofed, 0},
	} {
		r := report(mailboxOf(brandProfile(), c.samples...))
		if r.Verdict != c.verdict || r.Unexplained != c.unexplained {
			t.Errorf("%s: got %s with %d unexplained", c.name, r.Verdict, r.Unexplained)
		}
		if all := fmt.Sprint(r.Sentence, r.Advice); r.Unexplained > 0 && strings.Contains(all, "never left through you") {
			t.Errorf("%s: %s", c.name, all)
		}
	}
}

func TestUnexplainedMailIsSaidAndSecuredFirst(t *testing.T) {
	r := report(mailboxOf(brandProfile(), append(repeat(5, spoofedAt("s", monday)), repeat(8, unexplainedAt("o", monday))...)...))
	want := "8 messages left through your account anna and nobody has explained them. Treat it as a break-in until you recognise them. Besides, 5 forged messages only carried your name."
	if r.Sentence != want {
		t.Errorf("got %q", r.Sentence)
	}
	if len(r.Accounts) != 0 || len(r.UnexplainedAccounts) != 1 || r.UnexplainedAccounts[0] != (Count{"anna", 8}) {
		t.Errorf("accounts %v, unexplained %v", r.Accounts, r.UnexplainedAccounts)
	}
	// They look alike, and still are two campaigns.
	if len(r.Campaigns) != 2 || r.Campaigns[0].Verdict != Unknown || r.Campaigns[0].Messages != 8 || r.Campaigns[1].Verdict != Spoofed {
		t.Errorf("campaigns %+v", r.Campaigns)
	}
}

func TestTheLoginOfAnUnexplainedMessage(t *testing.T) {
	n, j := with(unexplainedAt("o", monday), func(s *sample) { s.account = "" }).notice()
	n.Original.Hops = []message.Hop{
		{By: "mx.far.example", Authenticated: true, AuthUser: "mallory"},
		{By: "mail.brand.example", Authenticated: true, AuthUser: "anna"},
	}
	j.Reasons = []Reason{{Code: "E7", Strength: Proof, Text: "Your own server mail.brand.example took the message from the account anna.",
		Line: "Received: from x (Authenticated sender: anna) by mail.brand.example"}}
	m := mailboxOf(brandProfile())
	m.Add(n, j)
	if r := report(m); len(r.UnexplainedAccounts) != 1 || r.UnexplainedAccounts[0].Value != "anna" {
		t.Errorf("got %v", r.UnexplainedAccounts)
	}
}

func TestPerhapsStillInside(t *testing.T) {
	changed := Event{Time: monday, Type: PasswordChanged, Account: "anna"}
	at := func(h int) sample { return unexplainedAt("o", monday.Add(time.Duration(h)*time.Hour)) }
	for _, c := range []struct {
		name  string
		event Event
		s     sample
		want  string
	}{
		{"a day and an hour later", changed, at(25), "Perhaps still inside: 1 message left through that account"},
		{"within the life of a session", changed, at(23), ""},
		{"another account", changed, with(at(25), func(s *sample) { s.account = "bernd" }), ""},
		{"no account known", changed, with(at(25), func(s *sample) { s.account = "" }), ""},
		{"the account by its address", changed, with(at(25), func(s *sample) { s.account = "Anna@brand.example" }), "Perhaps"},
		{"no account named: any", Event{Time: monday, Type: PasswordChanged}, with(at(25), func(s *sample) { s.account = "bernd" }), "an account of yours"},
		{"a hint is no alarm", changed, with(at(25), func(s *sample) { s.confidence = Low }), ""},
		{"a record ends no session", Event{Time: monday, Type: DMARCPublished}, at(25), ""},
		{"a break-in says it louder", changed, compromisedAt("o", monday.Add(25*time.Hour)), "Still inside"},
	} {
		p := brandProfile()
		p.Events = []Event{c.event}
		r := report(mailboxOf(p, c.s))
		if got := strings.Join(r.Alarms, " "); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: alarms %q", c.name, r.Alarms)
		}
	}
}

func TestOneReporterDoesNotDecide(t *testing.T) {
	from := func(n int, reporter string) []sample {
		return repeat(n, with(spoofedAt(reporter, monday), func(s *sample) { s.reporter = reporter }))
	}
	low := func(s []sample) []sample {
		for i := range s {
			s[i].confidence = Low
		}
		return s
	}
	same := with(spoofedAt("one", monday), func(s *sample) { s.reporter = "mx.far.example" })
	for _, c := range []struct {
		name       string
		samples    []sample
		verdict    Verdict
		confidence Confidence
	}{
		{"many of one server", from(50, "mx.evil.example"), Unknown, Low},
		{"many of hosts of one organisation", append(from(3, "a.evil.example"), from(3, "b.evil.example")...), Unknown, Low},
		{"of two organisations", append(from(2, "mx.far.example"), from(1, "mx.near.example")...), Spoofed, Medium},
		{"the second one is only a hint", append(from(3, "mx.evil.example"), low(from(1, "mx.near.example"))...), Spoofed, Low},
		{"hints of one server", low(from(5, "mx.evil.example")), Unknown, Low},
		{"no server named", from(5, "?"), Unknown, Low},
		{"one's own server needs no second", from(3, "mail.brand.example"), Spoofed, Medium},
		{"two organisations report the same message", append(from(2, "mx.far.example"), same, with(same, func(s *sample) { s.reporter = "mx.near.example" })), Spoofed, Medium},
		{"a hint adds no reporter to the same message", append(from(2, "mx.far.example"), same, with(same, func(s *sample) { s.reporter, s.confidence = "mx.near.example", Low })), Unknown, Low},
		{"a sure one decides alone", append(from(1, "mx.evil.example"), with(same, func(s *sample) { s.confidence = High })), Spoofed, High},
	} {
		r := report(mailboxOf(brandProfile(), c.samples...))
		if r.Verdict != c.verdict || r.Confidence != c.confidence {
			t.Errorf("%s: got %s/%s: %s", c.name, r.Verdict, r.Confidence, r.Sentence)
		}
	}
	r := report(mailboxOf(brandProfile(), from(4, "mx.evil.example")...))
	if !strings.Contains(r.Sentence, "come from servers of evil.example alone") || !strings.Contains(r.Advice[0], "another organisation") {
		t.Errorf("got %q, %q", r.Sentence, r.Advice[0])
	}
}

func TestReportersAreKeptInBounds(t *testing.T) {
	m := mailboxOf(brandProfile())
	for i := range 10_000 {
		m.Add(with(spoofedAt(fmt.Sprint(i), monday), func(s *sample) { s.reporter = fmt.Sprintf("mx.far%d.example", i) }).notice())
	}
	if n := len(m.reporters.names); n >= otherReporter {
		t.Errorf("%d reporters kept", n)
	}
	if r := report(m); r.Verdict != Spoofed || r.Confidence != Medium {
		t.Errorf("got %s/%s", r.Verdict, r.Confidence)
	}
}

func TestTheReporterWithoutAReportingMTA(t *testing.T) {
	m := mailboxOf(brandProfile())
	topmost := &bounce.Notice{Original: bounce.Original{Hops: []message.Hop{{By: "MX.Far.Example."}}}}
	named := &bounce.Notice{ReportingMTA: "mail.far.example"}
	if a, b := m.reporterOf(topmost), m.reporterOf(named); a == 0 || a != b {
		t.Errorf("got %d and %d", a, b)
	}
	if n := m.reporterOf(&bounce.Notice{ReportingMTA: "192.0.2.1"}); n != 0 {
		t.Errorf("an address is no organisation, got %d", n)
	}
}

func TestNextStep(t *testing.T) {
	foreign := []Handoff{{Verdict: Unknown}}
	for _, c := range []struct {
		name string
		r    MailboxReport
		open bool
		want Step
	}{
		{"broken into", MailboxReport{Verdict: Compromised, Messages: 1}, true, StepSecure},
		{"an alarm", MailboxReport{Verdict: Spoofed, Messages: 1, Alarms: []string{"x"}}, true, StepSecure},
		{"unexplained before the question", MailboxReport{Verdict: Unknown, Handoffs: foreign, Unexplained: 1}, true, StepSecure},
		{"undecided, the question open", MailboxReport{Verdict: Unknown, Handoffs: foreign}, true, StepAnswer},
		{"undecided, answered", MailboxReport{Verdict: Unknown, Handoffs: foreign}, false, StepDecide},
		{"nobody handed over anything that an answer would judge", MailboxReport{Verdict: Unknown, Messages: 1, Handoffs: []Handoff{{Verdict: Genuine}}}, true, StepDecide},
		{"forged", MailboxReport{Verdict: Spoofed, Messages: 3}, true, StepProtect},
		{"genuine", MailboxReport{Verdict: Genuine, Messages: 3}, false, StepProtect},
	} {
		if got := c.r.Next(c.open); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestSentencesOfUndecidedMailboxes(t *testing.T) {
	u := sample{verdict: Unknown, subtype: NoBoundary, confidence: Low, id: "<u@x>"}
	genuine := sample{id: "<g@x>", verdict: Genuine, confidence: High}
	for _, c := range []struct {
		samples []sample
		want    string
	}{
		{[]sample{u}, "It can't be told from this one message alone."},
		{repeat(2, u), "It can't be told from these 2 messages alone."},
		{repeat(1, spoofedAt("s", monday)), "It looks forged: the only message that could be decided only carried your name. One is too few to be sure: it takes 2 more bounces, not all from the same server."},
		{append(repeat(2, spoofedAt("s", monday)), repeat(2, u)...), "It looks forged: all 2 messages that could be decided only carried your name. 2 are too few to be sure: it takes 1 more bounce like them."},
		{append(repeat(2, spoofedAt("s", monday)), genuine), "of 3 messages, 2 forged, 1 your own."},
	} {
		if r := report(mailboxOf(brandProfile(), c.samples...)); !strings.Contains(r.Sentence, c.want) || r.Verdict != Unknown {
			t.Errorf("got %s, %q, want %q", r.Verdict, r.Sentence, c.want)
		}
	}
}

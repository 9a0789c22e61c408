package forensics

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"unspoof/bounce"
	"unspoof/message"
)

func report(m *Mailbox) MailboxReport { return m.Report(context.Background(), nil) }

func repeat(n int, s sample) []sample {
	var out []sample
	for i := range n {
		c := s
		c.id = fmt.Sprintf("<%d.%s", i, strings.TrimPrefix(s.id, "<"))
		out = append(out, c)
	}
	return out
}

func with(s sample, change func(*sample)) sample {
	change(&s)
	return s
}

func TestAggregateVerdict(t *testing.T) {
	spoofed, inside := spoofedAt("s", monday), compromisedAt("c", monday)
	medium := with(inside, func(s *sample) { s.confidence = Medium })
	genuine := with(inside, func(s *sample) { s.id, s.verdict, s.subtype, s.account = "<g@brand.example>", Genuine, Logged, "" })
	unknown := sample{id: "<u@x.example>", verdict: Unknown, subtype: NoBoundary, confidence: Low, from: "anna@brand.example", t0: monday}
	low := with(spoofed, func(s *sample) { s.confidence = Low })
	for _, c := range []struct {
		name       string
		samples    []sample
		verdict    Verdict
		confidence Confidence
	}{
		{"nothing", nil, Unknown, Low},
		{"one proof of a break-in leads a thousand forged", append(repeat(1000, spoofed), inside), Compromised, High},
		{"two middling ones do not", append(repeat(2, medium), unknown), Unknown, Low},
		{"three of one account do", repeat(3, medium), Compromised, Medium},
		{"three of three accounts do not", []sample{medium, with(medium, func(s *sample) { s.id, s.account = "<c2@x>", "bernd" }), with(medium, func(s *sample) { s.id, s.account = "<c3@x>", "info" })}, Unknown, Low},
		{"three notices of one message are one message", []sample{medium, medium, medium}, Unknown, Low},
		{"three low ones do not", repeat(3, with(inside, func(s *sample) { s.confidence = Low })), Unknown, Low},
		{"one sure forged one", []sample{with(spoofed, func(s *sample) { s.confidence = High }), unknown}, Spoofed, High},
		{"two forged ones are too few", repeat(2, spoofed), Unknown, Low},
		{"three forged ones", repeat(3, spoofed), Spoofed, Medium},
		{"three forged ones of low confidence", repeat(3, low), Spoofed, Low},
		{"nine of ten forged", append(repeat(9, spoofed), genuine), Spoofed, Medium},
		{"eight of ten are not enough", append(repeat(8, spoofed), repeat(2, genuine)...), Unknown, Low},
		{"undecided ones do not count against", append(repeat(3, spoofed), repeat(50, unknown)...), Spoofed, Medium},
		{"only genuine", repeat(4, genuine), Genuine, High},
		{"genuine among many open ones", append(repeat(1, genuine), repeat(3, unknown)...), Unknown, Low},
		{"only undecided", repeat(9, unknown), Unknown, Low},
	} {
		r := report(mailboxOf(brandProfile(), c.samples...))
		if r.Verdict != c.verdict || r.Confidence != c.confidence {
			t.Errorf("%s: got %s/%s, want %s/%s", c.name, r.Verdict, r.Confidence, c.verdict, c.confidence)
		}
		if (r.Missing == "") == (r.Verdict == Unknown) {
			t.Errorf("%s: %s with missing %q", c.name, r.Verdict, r.Missing)
		}
		if r.Sentence == "" || len(r.Advice) == 0 {
			t.Errorf("%s: sentence %q, advice %q", c.name, r.Sentence, r.Advice)
		}
	}
}

func TestNoticesOfOneOriginalAreOneMessage(t *testing.T) {
	base := sample{from: "a@brand.example", subject: "s", t0: monday, verdict: Spoofed, confidence: Medium}
	for _, c := range []struct {
		name string
		a, b func(*sample)
		want int
	}{
		{"same Message-ID", func(s *sample) { s.id = "<1@x>" }, func(s *sample) { s.id, s.subject = " <1@x> ", "other" }, 1},
		{"other Message-ID", func(s *sample) { s.id = "<1@x>" }, func(s *sample) { s.id = "<2@x>" }, 2},
		{"no Message-ID, same From, Subject and Date", func(s *sample) { s.date = "d" }, func(s *sample) { s.date = "d" }, 1},
		{"no Message-ID, other Date", func(s *sample) { s.date = "d" }, func(s *sample) { s.date = "e" }, 2},
		{"nothing to tell by", func(*sample) {}, func(*sample) {}, 2},
		{"empty Message-ID is none", func(s *sample) { s.id = "<>" }, func(s *sample) { s.id = "<>" }, 2},
	} {
		r := report(mailboxOf(brandProfile(), with(base, c.a), with(base, c.b)))
		if r.Messages != c.want || r.PerMessage[Spoofed] != c.want || r.PerNotice[Spoofed] != 2 {
			t.Errorf("%s: got %d messages, per message %v, per notice %v", c.name, r.Messages, r.PerMessage, r.PerNotice)
		}
	}
}

func TestSameSignatureIsTheSameMessage(t *testing.T) {
	m := mailboxOf(brandProfile())
	for _, to := range []string{"a", "b"} {
		n, j := spoofedAt("", monday).notice()
		n.Original.MessageID = ""
		n.Original.Header = headerOf("DKIM-Signature", "v=1; d=brand.example; h=from; bh=x; b="+strings.Repeat("QUJD ", 20)+"; s=s1", "To", to)
		m.Add(n, j)
	}
	if r := report(m); r.Messages != 1 {
		t.Errorf("got %d messages", r.Messages)
	}
}

func TestTheSurerThenTheGraverNoticeJudgesTheMessage(t *testing.T) {
	id := "<1@x.example>"
	unknown := sample{id: id, verdict: Unknown, t0: monday.Add(5 * time.Hour)}
	spoofed := sample{id: id, verdict: Spoofed, subtype: Replay, confidence: Medium, t0: monday.Add(time.Hour), ip: "203.0.113.5"}
	genuine := sample{id: id, verdict: Genuine, subtype: Logged, confidence: High, t0: monday}
	inside := sample{id: id, verdict: Compromised, subtype: Account, confidence: High, t0: monday.Add(2 * time.Hour), account: "anna"}
	for _, c := range []struct {
		name string
		in   []sample
		want Verdict
		t0   time.Time
	}{
		{"decided before not", []sample{unknown, spoofed}, Spoofed, spoofed.t0},
		{"in any order", []sample{spoofed, unknown}, Spoofed, spoofed.t0},
		{"surer", []sample{spoofed, inside}, Compromised, inside.t0},
		{"graver of equals", []sample{with(spoofed, func(s *sample) { s.confidence = High }), inside}, Compromised, inside.t0},
		{"earliest time of those that agree", []sample{inside, with(inside, func(s *sample) { s.t0 = monday.Add(-time.Hour) })}, Compromised, monday.Add(-time.Hour)},
		{"time of a less sure one counts when there is no other", []sample{with(genuine, func(s *sample) { s.t0 = time.Time{} }), with(genuine, func(s *sample) { s.t0 = monday })}, Genuine, monday},
	} {
		r := report(mailboxOf(brandProfile(), c.in...))
		if r.PerMessage[c.want] != 1 || !r.From.Equal(c.t0) || r.Messages != 1 {
			t.Errorf("%s: got %v from %s", c.name, r.PerMessage, r.From)
		}
	}
}

func TestAReplayIsNotTheMessageReplayed(t *testing.T) {
	id := "<1@brand.example>"
	genuine := sample{id: id, from: "Anna <anna@brand.example>", subject: "Offer", verdict: Genuine, subtype: Logged, confidence: High, t0: monday}
	replay := with(genuine, func(s *sample) {
		s.verdict, s.subtype, s.confidence, s.t0 = Spoofed, Replay, Medium, monday.Add(time.Hour)
	})
	unknown := with(genuine, func(s *sample) { s.verdict = Unknown })
	for _, in := range [][]sample{{genuine, replay, genuine, replay, unknown}, {unknown, replay, genuine, genuine, replay}} {
		r := report(mailboxOf(brandProfile(), in...))
		if r.Messages != 2 || r.PerMessage[Genuine] != 1 || r.PerMessage[Spoofed] != 1 || r.PerMessage[Unknown] != 0 {
			t.Errorf("got %v", r.PerMessage)
		}
	}
}

func TestWhatCountsAsMailInOnesName(t *testing.T) {
	for _, c := range []struct {
		kind    bounce.Kind
		verdict Verdict
		none    bool // no original came back
		want    int
	}{
		{bounce.DSNFailed, Unknown, true, 1}, {bounce.DSNDelayed, Unknown, true, 1}, {bounce.ChallengeResponse, Unknown, false, 1},
		{bounce.ChallengeResponse, Unknown, true, 0}, {bounce.Ordinary, Unknown, false, 0}, {bounce.Ordinary, Spoofed, false, 1},
		{bounce.ReportAggregate, Unknown, false, 0}, {bounce.AutoReply, Spoofed, true, 1},
	} {
		s := sample{kind: c.kind, verdict: c.verdict, id: "<1@x>"}
		n, j := s.notice()
		if c.none {
			n.Original = bounce.Original{Returned: bounce.ReturnedNone}
		}
		m := NewMailbox(MailboxArgs{})
		m.Add(n, j)
		r := report(m)
		if r.Messages != c.want || r.Read != 1 || r.Kinds[string(c.kind)] != 1 {
			t.Errorf("%s, %s, none %v: got %d messages, read %d, kinds %v", c.kind, c.verdict, c.none, r.Messages, r.Read, r.Kinds)
		}
	}
}

func TestStillInside(t *testing.T) {
	changed := Event{Time: monday, Type: PasswordChanged, Account: "anna"}
	at := func(h int) sample { return compromisedAt("c", monday.Add(time.Duration(h)*time.Hour)) }
	for _, c := range []struct {
		name  string
		event Event
		s     sample
		want  bool
	}{
		{"a day and an hour later", changed, at(25), true},
		{"within the life of a session", changed, at(23), false},
		{"exactly a day later", changed, at(24), false},
		{"before", changed, at(-1), false},
		{"another account", changed, with(at(25), func(s *sample) { s.account = "bernd" }), false},
		{"the account by its address", changed, with(at(25), func(s *sample) { s.account = "Anna@brand.example" }), true},
		{"a forged one", changed, with(spoofedAt("s", monday.Add(25*time.Hour)), func(s *sample) { s.account = "anna" }), false},
		{"a script is no session", changed, with(at(25), func(s *sample) { s.subtype = Script }), false},
		{"no account named: any", Event{Time: monday, Type: PasswordChanged}, with(at(25), func(s *sample) { s.account = "bernd" }), true},
		{"a script after its removal", Event{Time: monday, Type: ScriptRemoved}, with(at(25), func(s *sample) { s.subtype = Script }), true},
		{"a record ends no session", Event{Time: monday, Type: DMARCPublished}, at(25), false},
		{"arrived late, handed over before", changed, with(at(-1), func(s *sample) { s.after = 80 * time.Hour }), false},
	} {
		p := brandProfile()
		p.Events = []Event{c.event}
		r := report(mailboxOf(p, c.s))
		if got := len(r.Alarms) > 0; got != c.want {
			t.Errorf("%s: alarms %q", c.name, r.Alarms)
		}
	}
}

func TestAQueuedMessageIsNoAlarm(t *testing.T) {
	p := brandProfile()
	p.Events = []Event{{Time: monday, Type: PasswordChanged, Account: "anna"}}
	// One message to two recipients: the queue got rid of the second copy two
	// days later.
	r := report(mailboxOf(p, compromisedAt("c", monday.Add(-time.Hour)), compromisedAt("c", monday.Add(47*time.Hour))))
	if len(r.Alarms) != 0 {
		t.Errorf("got %q", r.Alarms)
	}
}

func TestSendersAndCatchAll(t *testing.T) {
	var wave []sample
	for i, local := range []string{"john", "mary", "sales", "anna", "john", "john", "anna+tag"} {
		wave = append(wave, with(spoofedAt(fmt.Sprint(i), monday), func(s *sample) { s.from = "X <" + local + "@brand.example>" }))
	}
	r := report(mailboxOf(brandProfile(), wave...))
	if want := []Count{{"john", 3}, {"mary", 1}, {"sales", 1}}; !slices.Equal(r.UnknownSenders, want) {
		t.Errorf("unknown senders %v", r.UnknownSenders)
	}
	if len(r.AbusedSenders) != 5 || r.AbusedSenders[0] != (Count{"john@brand.example", 3}) {
		t.Errorf("abused senders %v", r.AbusedSenders)
	}
	if !strings.Contains(r.CatchAll, "3 names that you don't have") || !strings.Contains(r.Origin, "invents names") {
		t.Errorf("catch-all %q, origin %q", r.CatchAll, r.Origin)
	}
	if !slices.ContainsFunc(r.Reasons, func(x Reason) bool {
		return x.Code == "E12" && strings.HasPrefix(x.Text, "5 of 7") && strings.Contains(x.Text, "john, mary, sales")
	}) {
		t.Errorf("reasons %+v", r.Reasons)
	}
	// Without the list of mailboxes nothing is claimed to be unknown.
	p := brandProfile()
	p.Mailboxes = nil
	r = report(mailboxOf(p, wave...))
	if len(r.UnknownSenders) != 0 || strings.Contains(r.CatchAll, "so the domain takes") {
		t.Errorf("without mailboxes: %v, %q", r.UnknownSenders, r.CatchAll)
	}
}

func TestSendersOfGenuineMailAreNotAbused(t *testing.T) {
	r := report(mailboxOf(brandProfile(), sample{id: "<1@x>", from: "anna@brand.example", verdict: Genuine, confidence: High}))
	if len(r.AbusedSenders) != 0 {
		t.Errorf("got %v", r.AbusedSenders)
	}
}

func TestForeignFromFallsBackToTheReturnPath(t *testing.T) {
	s := spoofedAt("1", monday)
	s.from, s.path = "PayPal <service@paypal.example>", "<john@brand.example>"
	if r := report(mailboxOf(brandProfile(), s)); len(r.AbusedSenders) != 1 || r.AbusedSenders[0].Value != "john@brand.example" {
		t.Errorf("got %v", r.AbusedSenders)
	}
}

func TestToYouFromYou(t *testing.T) {
	same := with(spoofedAt("1", monday), func(s *sample) { s.to = "Someone <x@y.example>, Anna <ANNA@brand.example>" })
	other := with(spoofedAt("2", monday), func(s *sample) { s.to = "bernd@brand.example" })
	m := mailboxOf(brandProfile(), same, other)
	// A message in the mailbox itself, no notice.
	m.Add(&bounce.Notice{Kind: bounce.Ordinary, Header: headerOf("From", "anna@brand.example", "To", "<anna@brand.example>")}, Judgement{Verdict: Unknown})
	m.Add(&bounce.Notice{Kind: bounce.Ordinary, Header: headerOf("From", "x@far.example", "To", "x@far.example")}, Judgement{Verdict: Unknown})
	if r := report(m); r.ToYouFromYou != 2 {
		t.Errorf("got %d", r.ToYouFromYou)
	}
}

func TestRecipientsThatTheLogDoesNotKnow(t *testing.T) {
	p := brandProfile()
	p.Log = &OutboundLog{Entries: []Sent{{MessageID: "<old@brand.example>", Recipients: []string{"Kunde@kunde.example"}}, {MessageID: "<c@brand.example>", Recipients: []string{"opfer@fern.example"}}}}
	// The intruder's own message is in the log; that makes its recipient no
	// acquaintance.
	stranger := with(compromisedAt("c", monday), func(s *sample) { s.rcpt = "opfer@fern.example" })
	friend := with(spoofedAt("s", monday), func(s *sample) { s.rcpt = "kunde@kunde.example" })
	r := report(mailboxOf(p, stranger, friend))
	var text string
	for _, x := range r.Reasons {
		if x.Code == "E16" {
			text = x.Text
		}
	}
	if !strings.HasPrefix(text, "1 message ") {
		t.Errorf("E16 %q", text)
	}
	if r := report(mailboxOf(brandProfile(), stranger)); slices.ContainsFunc(r.Reasons, func(x Reason) bool { return x.Code == "E16" }) {
		t.Error("E16 without a log")
	}
}

func TestReportIsWholeJSON(t *testing.T) {
	p := brandProfile()
	p.Events = []Event{{Time: monday, Type: PasswordChanged}, {Time: monday.Add(1e6 * time.Hour), Type: SPFPublished}, {Type: "other"}}
	for _, m := range []*Mailbox{NewMailbox(MailboxArgs{}), mailboxOf(p, spoofedAt("1", monday), compromisedAt("2", monday)), mailboxOf(nil, spoofedAt("1", time.Time{}))} {
		b, err := json.Marshal(report(m))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "null") {
			t.Errorf("null in %s", b)
		}
		var back MailboxReport
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReportTwiceAndOrderOfReading(t *testing.T) {
	var samples []sample
	for i := range 200 {
		s := spoofedAt(fmt.Sprint(i), monday.Add(time.Duration(i*i%977)*time.Hour))
		s.subject = fmt.Sprintf("Offer number %d for you today", i%7)
		if i%3 == 0 {
			s = compromisedAt(fmt.Sprint("c", i), s.t0)
		}
		if i%11 == 0 {
			s.verdict, s.subtype = Unknown, NoBoundary
		}
		samples = append(samples, s)
	}
	m := mailboxOf(brandProfile(), samples...)
	asText := func(m *Mailbox) string {
		r := report(m)
		for i := range r.Campaigns {
			r.Campaigns[i].Subject = "" // of the member read first
		}
		r.Reasons = nil
		b, _ := json.Marshal(r)
		return string(b)
	}
	a, b := asText(m), asText(m)
	slices.Reverse(samples)
	if c := asText(mailboxOf(brandProfile(), samples...)); a != b || a != c {
		t.Errorf("reports differ:\n%s\n%s\n%s", a, b, c)
	}
}

func TestHostileTextIsPlainInTheReport(t *testing.T) {
	bad := "a\x1b[2J\u202eb\x00"
	p := brandProfile()
	p.Events = []Event{{Time: monday, Type: PasswordChanged, Account: bad}}
	s := sample{id: "<" + bad + ">", from: bad + " <" + bad + "@brand.example>", subject: bad + " your account", text: bad + " http://evil.example/" + bad, to: bad,
		verdict: Compromised, subtype: Account, confidence: High, account: bad, t0: monday.Add(-time.Hour), missing: bad}
	u := with(s, func(s *sample) { s.id, s.verdict = "<2@x>", Unknown })
	b, err := json.Marshal(report(mailboxOf(p, s, u)))
	if err != nil {
		t.Fatal(err)
	}
	// The event is the owner's own word and stands there as he wrote it, once in
	// the list and once in its test.
	for _, c := range []string{`\u001b`, `\u0000`, "\u202e"} {
		if n := strings.Count(string(b), c); n > 2 {
			t.Errorf("%d times %q in %s", n, c, b)
		}
	}
}

func TestDelayWarningsCountAndComplaintsAreDamage(t *testing.T) {
	m := mailboxOf(brandProfile(), with(spoofedAt("1", monday), func(s *sample) { s.kind, s.class = bounce.DSNDelayed, bounce.Temporary }), with(spoofedAt("2", monday.Add(5*time.Hour)), func(s *sample) { s.rcpt = "x@y.example" }))
	m.Add(&bounce.Notice{Kind: bounce.ARFAbuse}, Judgement{Verdict: Unknown})
	r := report(m)
	if r.Read != 3 || r.Notices != 2 || r.Classes["temporary"] != 1 || !strings.Contains(r.Damage, "1 complaint") || !strings.Contains(r.Damage, "5 hours") {
		t.Errorf("read %d, notices %d, classes %v, damage %q", r.Read, r.Notices, r.Classes, r.Damage)
	}
}

func TestNilAndEmptyInput(t *testing.T) {
	m := NewMailbox(MailboxArgs{})
	m.Add(nil, Judgement{})
	m.Add(&bounce.Notice{}, Judgement{})
	m.Add(&bounce.Notice{Bounce: true, Original: bounce.Original{From: "@", ReturnPath: "<>"}}, Judgement{T0: time.Unix(-5, 0), HandoffIP: netip.Addr{}})
	if r := report(m); r.Read != 2 || r.Messages != 1 || r.Verdict != Unknown {
		t.Errorf("got %+v", r)
	}
}

func TestSplitAddress(t *testing.T) {
	for in, want := range map[string][2]string{
		`"Anna B." <Anna@Brand.example>`:         {"Anna B.", "anna@brand.example"},
		`anna@brand.example`:                     {"", "anna@brand.example"},
		`anna@brand.example (Anna)`:              {"Anna", "anna@brand.example"},
		`<anna@brand.example>`:                   {"", "anna@brand.example"},
		`<>`:                                     {"", ""},
		`"service@paypal.example" <x@y.example>`: {"service@paypal.example", "x@y.example"},
		`a <b@c> <d@e.example>`:                  {"a <b@c>", "d@e.example"},
		`Only A Name`:                            {"Only A Name", ""},
		`two words@x.example`:                    {"two words@x.example", ""},
		``:                                       {"", ""},
	} {
		display, address := splitAddress(in)
		if display != want[0] || address != want[1] {
			t.Errorf("%q: got %q, %q", in, display, address)
		}
	}
}

func FuzzMailbox(f *testing.F) {
	f.Add("<1@x>", "Anna <anna@brand.example>", "Re: Hello 12", "http://evil.example", "To: a@b\r\n", int64(1717416000), uint8(3))
	f.Add("", "<>", "", "", "DKIM-Signature: b=;;=\r\nDate: x", int64(-1), uint8(0))
	f.Fuzz(func(t *testing.T, id, from, subject, text, header string, at int64, v uint8) {
		h, _, _ := message.ReadHeader([]byte(header))
		m := NewMailbox(MailboxArgs{Profile: brandProfile()})
		for i := range 3 {
			m.Add(&bounce.Notice{Bounce: true, Original: bounce.Original{MessageID: id, From: from, ReturnPath: from, Subject: subject, Text: text, Header: h}, Recipients: []string{from}},
				Judgement{Verdict: verdictNames[(int(v)+i)%verdictCount], Subtype: Account, T0: time.Unix(at, 0), Account: subject, Missing: text})
		}
		if _, err := json.Marshal(report(m)); err != nil {
			t.Error(err)
		}
	})
}

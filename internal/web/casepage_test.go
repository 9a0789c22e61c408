package web

import (
	"testing"

	"unspoof/forensics"
	"unspoof/internal/store"
	"unspoof/posture"
)

func TestThePagePutsTheReportsNextStepIntoWords(t *testing.T) {
	handoffs := []forensics.Handoff{{Verdict: forensics.Unknown}}
	protect := &posture.Report{Next: posture.NextStep{Text: "publish", Name: "_dmarc.brand.example", Record: "v=DMARC1; p=reject"}}
	for _, c := range []struct {
		name   string
		report forensics.MailboxReport
		answer store.Answer
		want   string
	}{
		{"broken into", forensics.MailboxReport{Verdict: forensics.Compromised}, store.NotAnswered, "advice"},
		{"unexplained mail comes before the question", forensics.MailboxReport{Verdict: forensics.Unknown, Unexplained: 1, Handoffs: handoffs}, store.NotAnswered, "advice"},
		{"and before protection", forensics.MailboxReport{Verdict: forensics.Unknown, Unexplained: 1, Handoffs: handoffs}, store.Yes, "advice"},
		{"undecided: the question", forensics.MailboxReport{Verdict: forensics.Unknown, Handoffs: handoffs}, store.NotAnswered, "Answer one question: is what DNS names all that sends for you? A yes may decide the case."},
		{"undecided, answered: what would decide", forensics.MailboxReport{Verdict: forensics.Unknown, Handoffs: handoffs}, store.Yes, "advice"},
		{"forged: what protects", forensics.MailboxReport{Verdict: forensics.Spoofed}, store.NotAnswered, "publish"},
		{"an alarm, whatever the verdict", forensics.MailboxReport{Verdict: forensics.Spoofed, Alarms: []string{"x"}}, store.Yes, "advice"},
	} {
		c.report.Advice = []string{"advice", "more"}
		got := next(store.Case{Mailbox: &c.report, Answer: c.answer, Posture: protect, Profile: forensics.Profile{Domains: []string{"brand.example"}}})
		if got == nil || got.Text != c.want {
			t.Errorf("%s: got %+v, want %q", c.name, got, c.want)
		}
	}
}

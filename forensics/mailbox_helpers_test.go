package forensics

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"unspoof/bounce"
	"unspoof/message"
)

var monday = time.Date(2024, 6, 3, 12, 0, 0, 0, time.UTC)

// sample makes a notice about an original and the judgement on it.
type sample struct {
	id, from, to, subject, text, path, date string
	rcpt                                    string
	reporter                                string // of the notice; "": one of several, by id
	ip                                      string
	t0                                      time.Time
	after                                   time.Duration // arrival after t0; 0: a minute
	verdict                                 Verdict
	subtype                                 Subtype
	confidence                              Confidence
	account, missing                        string
	kind                                    bounce.Kind
	class                                   bounce.Class
	enhanced                                string
	reasons                                 []Reason
}

func headerOf(fields ...string) message.Header {
	var b strings.Builder
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i+1] != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", fields[i], fields[i+1])
		}
	}
	h, _, _ := message.ReadHeader([]byte(b.String() + "\r\n"))
	return h
}

func (s sample) notice() (*bounce.Notice, Judgement) {
	n := &bounce.Notice{Kind: s.kind, Bounce: s.kind == "" || s.kind == bounce.DSNFailed}
	if n.Kind == "" {
		n.Kind = bounce.DSNFailed
	}
	n.Original = bounce.Original{Returned: bounce.ReturnedFull, From: s.from, Subject: s.subject, MessageID: s.id, ReturnPath: s.path, Text: s.text,
		Header: headerOf("From", s.from, "To", s.to, "Subject", s.subject, "Date", s.date, "Message-ID", s.id)}
	n.ReportingMTA = s.reporter
	if s.reporter == "" {
		sum := 0
		for _, b := range []byte(s.id) {
			sum += int(b)
		}
		n.ReportingMTA = fmt.Sprintf("mx.far%d.example", sum%7)
	}
	if s.rcpt != "" {
		n.Recipients = []string{s.rcpt}
	}
	if s.class != "" {
		n.Refusal = &bounce.Refusal{Class: s.class, Enhanced: s.enhanced}
	}
	j := Judgement{Verdict: s.verdict, Subtype: s.subtype, Confidence: s.confidence, T0: s.t0, Account: s.account, Missing: s.missing, Reasons: s.reasons, Bounce: n.Bounce}
	if s.ip != "" {
		j.HandoffIP = netip.MustParseAddr(s.ip)
	}
	if !s.t0.IsZero() {
		j.Arrived = s.t0.Add(max(s.after, time.Minute))
	}
	return n, j
}

func brandProfile() *Profile {
	return &Profile{Domains: []string{"brand.example"}, Mailboxes: []string{"anna", "bernd"}, Aliases: map[string]string{"kontakt": "bernd.privat@bigmail.example"},
		OwnHosts: []Host{{Name: "mail.brand.example", IP: netip.MustParseAddr("192.0.2.10"), Role: "outbound"}}}
}

func mailboxOf(p *Profile, samples ...sample) *Mailbox {
	m := NewMailbox(MailboxArgs{Profile: p, Now: monday.Add(30 * 24 * time.Hour)})
	for _, s := range samples {
		m.Add(s.notice())
	}
	return m
}

// spoofedAt and compromisedAt are the two usual kinds of sample.
func spoofedAt(id string, t0 time.Time) sample {
	return sample{id: "<" + id + "@x.example>", from: "Anna <anna@brand.example>", subject: "Your account is limited", ip: "203.0.113.80", t0: t0,
		verdict: Spoofed, subtype: Direct, confidence: Medium}
}

func compromisedAt(id string, t0 time.Time) sample {
	return sample{id: "<" + id + "@brand.example>", from: "Anna <anna@brand.example>", subject: "Invoice", ip: "192.0.2.10", t0: t0,
		verdict: Compromised, subtype: Account, confidence: High, account: "anna"}
}

// unexplainedAt is a message that left through anna's account and that nobody has
// explained.
func unexplainedAt(id string, t0 time.Time) sample {
	return sample{id: "<" + id + "@brand.example>", from: "Anna <anna@brand.example>", subject: "Your account is limited", ip: "192.0.2.10", t0: t0,
		verdict: Unknown, subtype: OursUnexplained, confidence: Medium, account: "anna", missing: "the outbound log"}
}

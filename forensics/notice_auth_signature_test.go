package forensics_test

import (
	"strings"
	"testing"
	"time"

	"unspoof/forensics"
)

// signedNotice gives a notice another writer and addressee, and a signature of
// that domain under the selector s1.
func signedNotice(domain, from, to string) func(string) string {
	key := testKey{"s1", strangeKey.private}
	return func(msg string) string {
		lines := strings.SplitN(msg, "\n", 3)
		return signing{key: key, domain: domain}.sign("Message-ID: <n@" + domain + ">\nFrom: " + from + "\nTo: " + to + "\n" + lines[2])
	}
}

// TestNoticeSignature: a signature of the organisation that reports makes a notice
// good whose way did not show it, if it is a server's notice to me.
func TestNoticeSignature(t *testing.T) {
	const (
		unnamed = "unknown (unknown [192.0.2.77])"
		good    = "genuine/logged 4b high"
		doubted = "genuine/logged 4b low"
		daemon  = "MAILER-DAEMON@mx.shop.example"
	)
	runCases(t, []proofCase{
		{name: "of the organisation that reports", peer: unnamed, notice: signedNotice("shop.example", daemon, "ada@firm.example"), want: good, reasons: []string{"notice-authentic", "E4 proof"},
			says: "carries a valid signature of shop.example"},
		{name: "of another organisation", peer: unnamed, notice: signedNotice("other.example", daemon, "ada@firm.example"), want: doubted, reasons: []string{"notice-unchecked"}},
		{name: "to somebody else", peer: unnamed, notice: signedNotice("shop.example", daemon, "eve@else.example"), want: doubted},
		{name: "by a customer of theirs", peer: unnamed, notice: signedNotice("shop.example", "eve@shop.example", "ada@firm.example"), want: doubted},
		{name: "changed since", peer: unnamed, want: doubted, notice: func(m string) string {
			return strings.Replace(signedNotice("shop.example", daemon, "ada@firm.example")(m), "Subject: Undelivered", "Subject: undelivered", 1)
		}},
		{name: "with a second To", peer: unnamed, want: doubted, notice: func(m string) string {
			return "To: ada@firm.example\n" + signedNotice("shop.example", daemon, "eve@else.example")(m)
		}},
		{name: "of a month ago", peer: unnamed, arrived: later(30 * 24 * time.Hour), want: doubted, notice: func(m string) string {
			return signedNotice("shop.example", daemon, "ada@firm.example")(strings.Replace(m, "Date: Wed, 02 Apr", "Date: Mon, 03 Mar", 1))
		}},
		{name: "contradicted by its way", peer: "vps66.cheap.example (vps66.cheap.example [203.0.113.66])", reporter: "mx.strict.example",
			notice: signedNotice("shop.example", daemon, "ada@firm.example"), want: "unknown/forged-notice 1 medium", reasons: []string{"E19"}},
	})
}

// TestGuardNoticeSignature: of the selectors in a notice only the reporting
// organisation's are looked up, and none in a notice that the way made good.
func TestGuardNoticeSignature(t *testing.T) {
	for _, c := range []struct {
		domain, peer string
		asked        int
	}{
		{"shop.example", "unknown (unknown [192.0.2.77])", 1},
		{"evil.example", "unknown (unknown [192.0.2.77])", 0},
		{"shop.example", "", 0},
	} {
		p, view := proofProfile(t)
		rec := &asked{next: view}
		n := proofCase{peer: c.peer, notice: signedNotice(c.domain, "MAILER-DAEMON@shop.example", "ada@firm.example")}
		forensics.NewJudge(p, rec).Judge(t.Context(), n.parse(t))
		keys := 0
		for _, q := range rec.questions {
			if strings.Contains(q, "_domainkey") {
				keys++
			}
		}
		if keys != c.asked {
			t.Errorf("%s by %q: asked %q", c.domain, c.peer, rec.questions)
		}
	}
}

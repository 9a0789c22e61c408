package forensics_test

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"unspoof/bounce"
	"unspoof/forensics"
)

// Notices and the judgements on them go in; one answer for the mailbox comes
// out.
func ExampleMailbox() {
	mailbox := forensics.NewMailbox(forensics.MailboxArgs{
		Profile: &forensics.Profile{Domains: []string{"brand.example"}, Mailboxes: []string{"anna"}},
		Now:     time.Date(2024, 6, 10, 0, 0, 0, 0, time.UTC),
	})
	for i, sender := range []string{"john", "mary", "sales"} {
		notice := &bounce.Notice{Kind: bounce.DSNFailed, Bounce: true, Original: bounce.Original{
			Returned: bounce.ReturnedFull, MessageID: fmt.Sprintf("<%d@bulk.example>", i), From: "Bank of America <" + sender + "@brand.example>",
			Subject: "Your account is limited", Text: "Confirm your password: http://bank-of-america.evil.example/login",
		}}
		mailbox.Add(notice, forensics.Judgement{
			Verdict: forensics.Spoofed, Subtype: forensics.Direct, Confidence: forensics.High,
			HandoffIP: netip.MustParseAddr("203.0.113.80"), T0: time.Date(2024, 6, 3, 12, i, 0, 0, time.UTC),
		})
	}
	r := mailbox.Report(context.Background(), nil)
	fmt.Println(r.Verdict, r.Confidence)
	fmt.Println(r.Sentence)
	c := r.Campaigns[0]
	fmt.Println(c.Subject, c.Messages, c.NSenders, c.Brands, c.Links)
	fmt.Println(r.Advice[0])
	// Output:
	// spoofed high
	// Forged, not broken into: all 3 messages that could be decided only carried your name and never left through you.
	// Your account is limited 3 3 [Bank of America] [hxxp://bank-of-america[.]evil[.]example/login]
	// See who can send as brand.example today, and publish what is missing: an SPF record, DKIM signing, and above all a DMARC record.
}

// Forty messages in the two days before the password was changed, none in the
// two days after.
func ExampleTestRate() {
	changed := time.Date(2024, 6, 3, 12, 0, 0, 0, time.UTC)
	args := forensics.RateArgs{Event: forensics.Event{Time: changed, Type: forensics.PasswordChanged}, Class: forensics.Compromised}
	for i := range 40 {
		args.Messages = append(args.Messages, forensics.Handover{T0: changed.Add(-time.Duration(i+1) * 70 * time.Minute), Delay: -1})
	}
	r := forensics.TestRate(args)
	fmt.Printf("%s: %d to %d, rate ratio %.0f (%.2f to %.2f), p %.1e\n", r.Say, r.NBefore, r.NAfter, r.RR, r.RRLower, r.RRUpper, r.P)
	// Output:
	// stopped: 40 to 0, rate ratio 0 (0.00 to 0.10), p 9.1e-13
}

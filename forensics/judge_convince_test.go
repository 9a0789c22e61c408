package forensics_test

import (
	"strings"
	"testing"
	"time"

	"unspoof/forensics"
)

// TestMustNotConvince: what is made up to look like mine, or like a notice, never
// makes a message genuine or an account stolen.
func TestMustNotConvince(t *testing.T) {
	forgedChain := "Received: from " + stranger + "\n\tby mx.shop.example with ESMTPS id S1; Mon, 10 Mar 2025 06:00:01 +0000\n" +
		"Received: from out.firm.example (out.firm.example [198.51.100.10])\n\tby mx.shop.example with ESMTPSA id S0; Mon, 10 Mar 2025 06:00:00 +0000\n" +
		"Received: from laptop (client.firm.example [203.0.113.66])\n\t(Authenticated sender: ada)\n\tby out.firm.example with ESMTPSA id X; Mon, 10 Mar 2025 05:59:59 +0000\n"
	garbled := func(m string) string {
		at := strings.Index(m, "b=") + len("b=")
		return m[:at] + "AAAA" + m[at+4:]
	}
	mixed := func(m string) string {
		return strings.Replace(m, "kim@shop.example", "all@shop.example", 1)
	}
	tagged := func(p *forensics.Profile) { p.BATV = tagging() }
	sealing := func(p *forensics.Profile) { p.SealKeys = sealKeys() }
	cases := []proofCase{
		{name: "forged own relay below the boundary", hops: forgedChain, id: "x9@firm.example", t0: time.Date(2025, 3, 10, 6, 0, 1, 0, time.UTC),
			want: "spoofed/direct 6 medium", report: "203.0.113.80", reasons: []string{"E3 strong"}, not: []string{"E4", "E7", "E9"}},
		{name: "forged own relay and a made-up signature with my selector", hops: forgedChain, id: "x9@firm.example", sign: usual(), mangle: garbled,
			want: "spoofed/direct 6 medium", report: "203.0.113.80", reasons: []string{"E2x"}, not: []string{"E4", "E7", "E1", "E1h"}},
		{name: "my signature, moved to another message", hops: "stranger", id: "x9@firm.example", sign: usual(), mangle: func(m string) string {
			return strings.Replace(mixed(m), "Subject: Offer", "Subject: Prize", 1)
		}, want: "spoofed/direct 6 medium", report: "203.0.113.80", reasons: []string{"E2x"}},
		{name: "forged notice that holds a valid signature of mine", sign: usual(), id: "x9@firm.example", peer: "vps66.cheap.example (vps66.cheap.example [203.0.113.66])",
			reporter: "mx.strict.example", want: "unknown/forged-notice 1 medium", reasons: []string{"E19"}, not: []string{"E1", "E1h", "E8x", "E4"}},
		{name: "forged notice that claims to be my own server's", sign: usual(), peer: "vps66.cheap.example (vps66.cheap.example [203.0.113.66])",
			reporter: "mx.firm.example", want: "unknown/forged-notice 1 medium", not: []string{"E1", "E8"}},
		{name: "replay of a logged message to strangers", sign: usual(), hops: "stranger", t0: later(200 * time.Hour), final: "a@shop.example,b@shop.example",
			want: "spoofed/replay 3a medium", report: "203.0.113.80"},
		{name: "a valid signature by a key of the sender's own under a selector of mine", hops: "stranger", id: "x9@firm.example",
			sign: &signing{key: testKey{"k2025", strangeKey.private}, at: sent}, want: "spoofed/direct 6 medium", report: "203.0.113.80", reasons: []string{"E2x"}},
		{name: "a valid signature of a domain that looks like mine", hops: "stranger", id: "x9@firm.example",
			sign: &signing{key: strangeKey, at: sent, domain: "xfirm.example"}, want: "spoofed/direct 6 medium", report: "203.0.113.80", not: []string{"E1", "E2", "E2x"}},
		{name: "my seal on another message", hops: "stranger", id: "x9@firm.example", seal: origin("198.51.100.140"), profile: sealing,
			mangle: func(m string) string { return strings.Replace(m, "Subject: Offer", "Subject: Prize", 1) }, want: "spoofed/direct 6 medium", report: "203.0.113.80", reasons: []string{"E11x"}, not: []string{"E11"}},
		{name: "a seal of somebody else's key", hops: "stranger", id: "x9@firm.example", seal: origin("198.51.100.140"),
			profile: func(p *forensics.Profile) {
				p.SealKeys = []forensics.SealKey{{ID: 3, Secret: []byte("quite another secret")}}
			}, want: "spoofed/direct 6 medium", report: "203.0.113.80", not: []string{"E11"}},
		{name: "a notice to a forwarder's address (SRS) of my domain is not untagged", none: true, rcpt: "SRS0=HHHH=TT=shop.example=kim@firm.example", t0: tagsBegan.AddDate(0, 0, 30), profile: tagged,
			want: "unknown/no-original 8 low", not: []string{"E10x"}},
		{name: "a guessed bounce tag", none: true, rcpt: "prvs=1165abcdef=info@firm.example", t0: tagsBegan.AddDate(0, 0, 30), profile: tagged,
			want: "spoofed/direct 5 high", reasons: []string{"E10x proof"}, not: []string{"E10"}},
		{name: "a customer's mail, signed by the provider that it says reports", sign: usual(), hops: "stranger", id: "x9@firm.example", peer: "vps66.cheap.example (vps66.cheap.example [203.0.113.66])",
			reporter: "mx.strict.example", notice: signedNotice("strict.example", "a.customer@strict.example", "ada@firm.example"), profile: func(*forensics.Profile) {}, want: "unknown/forged-notice 1 medium", not: []string{"E1"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if j := c.judge(t); j.Verdict == forensics.Genuine || j.Verdict == forensics.Compromised {
				t.Errorf("it convinced: %s/%s", j.Verdict, j.Subtype)
			}
			c.check(t)
		})
	}
}

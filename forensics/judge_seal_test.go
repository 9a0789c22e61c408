package forensics_test

import (
	"strings"
	"testing"
	"time"

	"unspoof/envelope"
	"unspoof/forensics"
	"unspoof/message"
)

func sealKeys() []forensics.SealKey {
	return []forensics.SealKey{{ID: 3, Secret: []byte("a secret of the seal")}}
}

// origin seals a message as sent by ada from a client.
func origin(client string) func(t testing.TB, msg string) string {
	return func(t testing.TB, msg string) string {
		t.Helper()
		h, _, _ := message.ReadHeader([]byte(msg))
		bh := ""
		if f, ok := h.First("DKIM-Signature"); ok {
			_, bh, _ = strings.Cut(f.Value(), "bh=")
			bh, _, _ = strings.Cut(bh, ";")
		}
		seal, err := envelope.Seal(envelope.SealArgs{
			Key:    envelope.Key{ID: 3, Secret: []byte("a secret of the seal")},
			Origin: envelope.Origin{Account: "ada@firm.example", Client: addr(client), Session: "S1"},
			Time:   sent, Header: h, BodyHash: bh,
		})
		if err != nil {
			t.Fatal(err)
		}
		return envelope.SealName + ": " + strings.ReplaceAll(seal, "\r\n", "\n") + "\n" + msg
	}
}

const atHome, abroad, inside = "198.51.100.140", "203.0.113.99", "192.168.1.4"

// TestSeal: what the seal of one's own server says, without a log and when the
// signature did not survive.
func TestSeal(t *testing.T) {
	// The signature breaks, its hash of the body stays.
	breakSignature := func(m string) string { return strings.Replace(m, "; s=k2025;", "; s=k2025; q=dns/txt;", 1) }
	cases := []proofCase{
		{name: "the owner's client", sign: usual(), seal: origin(atHome), mangle: breakSignature, want: "genuine/sealed 3c high", reasons: []string{"E11 proof", "E2x"}, not: []string{"E1", "E1h"},
			says: "sealed this message on 3 March 2025, 09:00 UTC for ada, logged in from 198.51.100.140"},
		{name: "a foreign client", sign: usual(), seal: origin(abroad), mangle: breakSignature, want: "compromised/account 3b high", account: "ada", report: abroad, reasons: []string{"E11", "E9"}},
		{name: "a client that says nothing", sign: usual(), seal: origin(inside), mangle: breakSignature, want: "unknown/ours-unexplained 3g high", reasons: []string{"E11"}, not: []string{"E9"}, says: "with the login of ada"},
		{name: "no way of it is shown", sign: usual(), seal: origin(atHome), hops: "X-Lost: yes\n", mangle: breakSignature, want: "genuine/sealed 3c high", reasons: []string{"E11 proof"}},
		{name: "on a notice that cannot be checked", sign: usual(), seal: origin(atHome), peer: "unknown (unknown [192.0.2.77])", mangle: breakSignature, want: "genuine/sealed 3c high", reasons: []string{"E11 proof"}},
		{name: "on a forged notice", sign: usual(), seal: origin(atHome), peer: "vps66.cheap.example (vps66.cheap.example [203.0.113.66])", reporter: "mx.strict.example",
			want: "unknown/forged-notice 1 medium", not: []string{"E11"}},
		{name: "replayed to somebody else", sign: usual(), seal: origin(atHome), hops: "stranger", t0: later(48 * time.Hour), final: "e@shop.example", mangle: breakSignature,
			want: "spoofed/replay 3a medium", report: "203.0.113.80", reasons: []string{"E11"}},
		{name: "passed on at once", sign: usual(), seal: origin(atHome), hops: "stranger", t0: later(time.Minute), final: "kim@home.example", mangle: breakSignature, want: "genuine/forwarded 3a medium"},
		{name: "not bound to the body", seal: origin(atHome), want: "genuine/sealed 4b medium", reasons: []string{"E11 strong"}, says: "somebody may have put it on another text"},
		{name: "not bound to the body, no way of it shown", seal: origin(atHome), hops: "X-Lost: yes\n", want: "genuine/sealed 5 medium"},
		{name: "not bound to the body, from a stranger", seal: origin(atHome), hops: "stranger", want: "unknown/ours-unexplained 5 low", reasons: []string{"E11 strong"}},
		{name: "not bound to the body, a foreign client", seal: origin(abroad), want: "compromised/account 4b high", account: "ada", report: abroad, reasons: []string{"E11", "E9"}},
		{name: "and an address that does not exist", sign: usual(), seal: origin(atHome), rcpt: "qx7@firm.example", mangle: breakSignature, want: "unknown/conflict 2 low", reasons: []string{"E11", "E12"},
			says: "the message carries your server's seal"},
		{name: "no keys in the profile", sign: usual(), seal: origin(atHome), mangle: breakSignature, want: "unknown/ours-unexplained 4c medium", not: []string{"E11", "E11x"}},
	}
	for _, c := range cases {
		unknown := c.name == "no keys in the profile"
		c.profile = func(p *forensics.Profile) {
			p.Log = nil
			if !unknown {
				p.SealKeys = sealKeys()
			}
		}
		t.Run(c.name, c.check)
	}
}

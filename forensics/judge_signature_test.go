package forensics_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"unspoof/bounce"
	"unspoof/dkim"
	"unspoof/dns"
	"unspoof/forensics"
)

// usual is ada's signature, made when she sent.
func usual() *signing { return &signing{key: ownKey, at: sent} }

func cut(s, at string) string {
	before, _, _ := strings.Cut(s, at)
	return before + at
}

const junk = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=firm.example; s=k2025; h=From; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=QUFBQQ==\n"

// TestSignatureSurvives: what of an own signature is left after what happens to
// mail on its way, and that what is lost is held against nobody.
func TestSignatureSurvives(t *testing.T) {
	const logged = "genuine/logged 3c high"
	runCases(t, []proofCase{
		{name: "returned whole", sign: usual(), want: logged, reasons: []string{"E1 proof", "E4", "E8"}, not: []string{"E1h", "E2x"}},
		{name: "header only", sign: usual(), headers: true, want: logged, reasons: []string{"E1h proof", "E8"}, not: []string{"E1"}, says: "Its body did not come back"},
		{name: "body truncated", sign: usual(), mangle: func(m string) string { return cut(m, "Dear Kim,\n") },
			want: logged, reasons: []string{"E1h"}, not: []string{"E1"}, says: "it was cut or changed"},
		{name: "refolded, with tabs and names in lower case", sign: usual(), headers: true, mangle: func(m string) string {
			return strings.NewReplacer("\nSubject: Offer  4711", "\nsubject:\tOffer\n\t4711", "; bh=", ";\n bh=", "To: ", "TO:   ").Replace(m)
		}, want: logged, reasons: []string{"E1h"}},
		{name: "another server's Received lines on top", sign: usual(), mangle: func(m string) string {
			return "Received: by out.firm.example (Postfix); Mon, 03 Mar 2025 09:00:00 +0000\nX-Checked: yes\n" + m
		}, want: logged, reasons: []string{"E1"}},
		{name: "a subject tag is undone", sign: usual(), mangle: func(m string) string { return strings.Replace(m, "Subject: ", "Subject: [SPAM] ", 1) },
			want: logged, reasons: []string{"E1"}, says: "once a change made on the way is undone"},
		{name: "a signed field removed", sign: usual(), mangle: func(m string) string { return strings.Replace(m, "Subject: Offer  4711\n", "", 1) },
			want: "genuine/logged 4b high", reasons: []string{"E2x weak", "E8"}, not: []string{"E1", "E1h", "E2", "E3"}, says: "neither for nor against you"},
		{name: "a signed field changed, from a stranger", sign: usual(), hops: "stranger", id: "x9@firm.example", mangle: func(m string) string { return strings.Replace(m, "To: kim", "To: all", 1) },
			want: "spoofed/direct 6 medium", report: "203.0.113.80", reasons: []string{"E2x", "E5-fail"}, not: []string{"E2", "E3", "E1h"}},
		{name: "old selector, key from the archive", sign: &signing{key: oldKey, at: sent}, headers: true,
			want: logged, reasons: []string{"E1h proof", "E1a proof"}, says: "taken out of DNS on 20 January 2025"},
		{name: "a key that only DNS knows", sign: &signing{key: dnsKey, at: sent}, want: logged, reasons: []string{"E1"}, not: []string{"E1a", "E2"}},
		{name: "a selector that I never had", sign: &signing{key: strangeKey, at: sent}, hops: "stranger", id: "x9@firm.example",
			want: "spoofed/direct 6 medium", report: "203.0.113.80", reasons: []string{"E2 strong"}, not: []string{"E1", "E2x"}},
		{name: "only a part of the body is signed", sign: &signing{key: ownKey, at: sent, length: 9}, want: logged, reasons: []string{"E1h"}, not: []string{"E1"}, says: "only the first part of the body"},
		{name: "the whole body is signed, with its length", sign: &signing{key: ownKey, at: sent, length: len("Dear Kim,\r\n\r\nhere is the offer.\r\n\r\nAda\r\n")}, want: logged, reasons: []string{"E1"}},
		{name: "expired long ago, but not when it was handed over", sign: &signing{key: ownKey, at: sent, expires: later(time.Hour)}, arrived: later(40 * 24 * time.Hour),
			want: logged, reasons: []string{"E1"}},
		{name: "expired when it was handed over", sign: &signing{key: ownKey, at: sent, expires: later(time.Hour)}, t0: later(24 * time.Hour),
			want: logged, reasons: []string{"E1"}, says: "had expired when"},
		{name: "signed for a subdomain", sign: &signing{key: ownKey, at: sent, domain: "mail.firm.example"}, want: logged, reasons: []string{"E1"}},
		{name: "below junk in my name", sign: usual(), mangle: func(m string) string { return strings.Repeat(junk, 3) + m }, want: logged, reasons: []string{"E1"}},
		{name: "above junk in my name", sign: usual(), mangle: func(m string) string { return strings.Replace(m, "\nFrom:", "\n"+strings.Repeat(junk, 50)+"From:", 1) }, want: logged, reasons: []string{"E1"}},
		{name: "below more junk than is looked at", sign: usual(), mangle: func(m string) string { return strings.Repeat(junk, 50) + m }, want: "genuine/logged 4b high", reasons: []string{"E2x"}, not: []string{"E1"}},
		{name: "in a header that is too long", sign: usual(), mangle: func(m string) string { return "X-Long: " + strings.Repeat("word\n ", 11000) + "\n" + m },
			want: "genuine/logged 4b high", reasons: []string{"E2x"}, says: "the header is too long"},
		{name: "somebody else's signature says nothing about me", sign: &signing{key: strangeKey, at: sent, domain: "other.example"}, want: "genuine/logged 4b high", not: []string{"E1", "E1h", "E2", "E2x"}},
	})
}

// TestSignatureOfThisProject: what package dkim signs, with an RSA key that is in
// the archive, is known for one's own.
func TestSignatureOfThisProject(t *testing.T) {
	key, err := dkim.Generate(dkim.RSASHA256)
	if err != nil {
		t.Fatal(err)
	}
	record, err := key.Record()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []proofCase{
		{name: "returned whole", reasons: []string{"E1"}},
		{name: "header only", headers: true, reasons: []string{"E1h"}},
	} {
		c.want = "genuine/logged 3c high"
		c.mangle = signedBy(t, key)
		c.profile = func(p *forensics.Profile) { p.DKIMKeys = []forensics.DKIMKey{{Selector: "k2025", Record: record}} }
		t.Run(c.name, c.check)
	}
}

// signedBy signs with package dkim.
func signedBy(t testing.TB, key dkim.PrivateKey) func(string) string {
	return func(msg string) string {
		res, err := dkim.Sign(t.Context(), dkim.SignArgs{
			Message: []byte(msg), Domain: "firm.example", Now: sent, Keys: []dkim.SigningKey{{Selector: "k2025", Key: key}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(res.Fields), "\r\n", "\n") + msg
	}
}

// TestSignatureHandedOver: what a message that I signed means, by who handed it
// over, to whom, and whether my log has it.
func TestSignatureHandedOver(t *testing.T) {
	replay := func(c proofCase) proofCase {
		c.sign, c.hops, c.report = usual(), "stranger", "203.0.113.80"
		c.reasons, c.want = append(c.reasons, "E8-id", "E5-fail"), orElse(c.want, "spoofed/replay 3a medium")
		return c
	}
	script := "Received: by www.firm.example (Postfix, from userid 33)\n\tid Q1; Mon, 03 Mar 2025 09:00:00 +0000\n"
	runCases(t, []proofCase{
		replay(proofCase{name: "replayed a week later to somebody else", t0: later(7 * 24 * time.Hour), final: "e15@shop.example", reasons: []string{"E1 proof"}, says: "sent a message of yours again, from 203.0.113.80"}),
		replay(proofCase{name: "replayed within the hour to several", t0: later(10 * time.Minute), final: "a@shop.example,b@shop.example"}),
		replay(proofCase{name: "replayed, header only", headers: true, t0: later(3 * time.Hour), final: "a@shop.example", reasons: []string{"E1h"}}),
		{name: "replayed with an ORCPT, too late for a queue", sign: usual(), hops: "stranger", t0: later(9 * 24 * time.Hour), final: "a@shop.example", original: "kim@shop.example",
			want: "spoofed/replay 3a medium", report: "203.0.113.80"},
		{name: "replayed to its own recipient with another body", sign: usual(), hops: "stranger", t0: later(24 * time.Hour), report: "203.0.113.80",
			mangle: func(m string) string { return cut(m, "\n\n") + "Buy pills.\n" }, want: "spoofed/replay 3a medium", reasons: []string{"E1h"}, says: "it is no longer what you sent"},
		{name: "replayed to its own recipient with a second From", sign: usual(), hops: "stranger", t0: later(24 * time.Hour), report: "203.0.113.80",
			mangle: func(m string) string { return "From: Bank <info@firm.example>\n" + m }, want: "spoofed/replay 3a medium", reasons: []string{"E1"}},
		{name: "passed on at once by its recipient", sign: usual(), hops: "stranger", t0: later(5 * time.Minute), final: "kim@home.example",
			want: "genuine/forwarded 3a medium", reasons: []string{"E1"}, says: "Somebody on its way passed it on"},
		{name: "passed on a day later, first for kim", sign: usual(), hops: "stranger", t0: later(24 * time.Hour), final: "kim@home.example", original: "kim@shop.example",
			want: "unknown/ours-unexplained 3a low"},
		{name: "an alias behind my own server", sign: usual(), final: "kim@home.example", want: "genuine/forwarded 3c medium"},
		{name: "from a stolen session", sign: &signing{key: ownKey, at: later(17 * time.Hour)}, id: "m2@firm.example", t0: later(17 * time.Hour), final: "victim@shop.example",
			want: "compromised/account 3b high", account: "ada", report: "203.0.113.66", reasons: []string{"E1", "E9"}},
		{name: "from a stolen session, and replayed", sign: &signing{key: ownKey, at: later(17 * time.Hour)}, id: "m2@firm.example", hops: "stranger", t0: later(200 * time.Hour), final: "e@shop.example",
			want: "compromised/account 3b high", account: "ada", report: "203.0.113.66"},
		{name: "not in the log, left my server", sign: usual(), id: "x9@firm.example", want: "compromised/account 3d high", reasons: []string{"E1", "E4", "E8x"}},
		{name: "not in the log, made by a script", sign: usual(), id: "x9@firm.example",
			hops: "Received: from " + own + "\n\tby mx.shop.example with ESMTPS id S1; Mon, 03 Mar 2025 09:00:01 +0000\n" + script,
			want: "compromised/script 3d high", account: "uid 33 on www.firm.example", reasons: []string{"E1", "E8x", "E17"}},
		{name: "a program's, logged", sign: usual(), id: "p1@firm.example", profile: func(p *forensics.Profile) {
			p.Log.Entries = append(p.Log.Entries, forensics.Sent{MessageID: "<p1@firm.example>", Time: sent, User: "uid 33", Recipients: []string{"kim@shop.example"}})
		}, want: "unknown/ours-unexplained 3g high", reasons: []string{"E1", "E8"}, says: "made by a program on your own server"},
		{name: "through a service, logged", sign: &signing{key: serviceKey, at: later(49 * time.Hour)}, id: "n7@mta.letters.example", hops: "service", t0: later(49 * time.Hour), final: "reader@shop.example",
			want: "genuine/logged 3c medium", reasons: []string{"E1", "E6", "E8"}},
		{name: "through a service, not in its log", sign: &signing{key: serviceKey, at: sent}, id: "n9@mta.letters.example", hops: "service",
			want: "compromised/esp-account 3e high", account: "firm-1", reasons: []string{"E1", "E6", "E8x proof"}, says: "your account at letters.example (firm-1)"},
		{name: "through a service whose log I don't have", sign: &signing{key: serviceKey, at: sent}, id: "n9@mta.letters.example", hops: "service",
			profile: func(p *forensics.Profile) { p.Log.Paths = []string{"own"} }, want: "unknown/ours-unexplained 3g high", not: []string{"E8x"}},
		{name: "my key in a stranger's hand", sign: usual(), id: "x9@firm.example", hops: "stranger",
			want: "compromised/key 3f high", account: "DKIM key k2025 of firm.example", report: "203.0.113.80", reasons: []string{"E1", "E8x proof"}, says: "Replace the key now"},
		{name: "my key, perhaps: the log of a service is missing", sign: usual(), id: "x9@firm.example", hops: "stranger",
			profile: func(p *forensics.Profile) { p.Log.Paths = []string{"own"} }, want: "unknown/ours-unexplained 3g high", not: []string{"E8x"}},
		{name: "my key, perhaps: the profile is not complete", sign: usual(), id: "x9@firm.example", hops: "stranger",
			profile: func(p *forensics.Profile) { p.Complete = false }, want: "unknown/ours-unexplained 3g high", not: []string{"E8x"}},
		{name: "my key, perhaps: there is no log", sign: usual(), hops: "stranger",
			profile: func(p *forensics.Profile) { p.Log = nil }, want: "unknown/ours-unexplained 3g high", says: "carries your valid signature"},
		{name: "signed before the log begins, sent again now", sign: &signing{key: ownKey, at: later(-100 * 24 * time.Hour)}, id: "x9@firm.example", hops: "stranger",
			want: "unknown/ours-unexplained 3g high", not: []string{"E8x"}},
		{name: "signed before the log begins, left my server", sign: &signing{key: ownKey, at: later(-100 * 24 * time.Hour)}, id: "x9@firm.example",
			want: "unknown/ours-unexplained 3g high", not: []string{"E8x"}},
		{name: "another Message-ID put on a message whose signature leaves it out", sign: &signing{key: ownKey, at: sent, fields: "From:To:Subject:Date"}, hops: "stranger",
			mangle: func(m string) string { return strings.Replace(m, "<m1@", "<x9@", 1) }, want: "unknown/ours-unexplained 3g high", not: []string{"E8x"}},
		{name: "my server signs what it forwards for others", sign: usual(), id: "x9@firm.example", final: "ben.private@post.example",
			hops: "Received: from " + own + "\n\tby mx.shop.example with ESMTPS id S1; Fri, 07 Mar 2025 12:00:02 +0000\n" +
				"Received: from in77.cheap.example (in77.cheap.example [203.0.113.77])\n\tby out.firm.example with ESMTP id INQ1\n\tfor <sales@firm.example>; Fri, 07 Mar 2025 12:00:00 +0000\n",
			t0: time.Date(2025, 3, 7, 12, 0, 2, 0, time.UTC), want: "spoofed/via-relay 4a high", report: "203.0.113.77", reasons: []string{"E1", "E4f"}},
	})
}

// TestSignatureOnADoubtfulNotice: the signature proves itself, what the notice says
// of the way does not.
func TestSignatureOnADoubtfulNotice(t *testing.T) {
	const unnamed = "unknown (unknown [192.0.2.77])"
	runCases(t, []proofCase{
		{name: "logged", sign: usual(), peer: unnamed, want: "genuine/logged 3c high", reasons: []string{"E1 proof", "E4 weak"}},
		{name: "replayed, it says", sign: usual(), peer: unnamed, hops: "stranger", t0: later(200 * time.Hour), final: "e@shop.example", want: "spoofed/replay 3a low", says: "probably sent a message"},
		{name: "my key in a stranger's hand, it says", sign: usual(), peer: unnamed, id: "x9@firm.example", hops: "stranger", want: "compromised/key 3f low",
			account: "DKIM key k2025 of firm.example", says: "probably has"},
		{name: "left my server and not logged, it says", sign: usual(), peer: unnamed, id: "x9@firm.example", want: "compromised/account 3d low", reasons: []string{"E1 proof", "E8x weak"}},
	})
}

// TestSignatureWithoutDNS: keys of the archive need no name server; without one
// nothing is known of others, and nobody is blamed for them.
func TestSignatureWithoutDNS(t *testing.T) {
	for _, c := range []struct {
		key   testKey
		r     dns.Resolver
		code  string
		never string
	}{
		{ownKey, nil, "E1", "E2x"},
		{ownKey, failing{}, "E1", "E2x"},
		{dnsKey, failing{}, "E2x", "E2"},
	} {
		p, _ := proofProfile(t)
		n := proofCase{sign: &signing{key: c.key, at: sent}}
		got := forensics.NewJudge(p, c.r).Judge(t.Context(), n.parse(t))
		has := func(code string) bool {
			return slices.ContainsFunc(got.Reasons, func(r forensics.Reason) bool { return r.Code == code })
		}
		if !has(c.code) || has(c.never) {
			t.Errorf("%s, %v", c.key.selector, c.r)
			explain(t, got)
		}
	}
}

// TestKeysAreAskedOnce in a run, however many messages they signed.
func TestKeysAreAskedOnce(t *testing.T) {
	p, view := proofProfile(t)
	rec := &asked{next: view}
	judge := forensics.NewJudge(p, rec)
	for range 5 {
		n := proofCase{sign: &signing{key: dnsKey, at: sent}}
		judge.Judge(t.Context(), n.parse(t))
	}
	keys := 0
	for _, q := range rec.questions {
		if strings.Contains(q, "_domainkey") {
			keys++
		}
	}
	if keys != 1 {
		t.Errorf("asked %d times", keys)
	}
}

// BenchmarkJudgeSigned is one notice that returns a message with an own signature,
// whole, and the same without it.
func BenchmarkJudgeSigned(b *testing.B) {
	key, err := dkim.Generate(dkim.RSASHA256)
	if err != nil {
		b.Fatal(err)
	}
	record, err := key.Record()
	if err != nil {
		b.Fatal(err)
	}
	broken := func(m string) string { return strings.Replace(m, "To: kim", "To: all", 1) }
	for _, c := range []proofCase{
		{name: "unsigned"}, {name: "ed25519", sign: usual()}, {name: "rsa2048", mangle: signedBy(b, key)},
		{name: "ed25519-broken", sign: usual(), mangle: broken}, {name: "rsa2048-broken", mangle: func(m string) string { return broken(signedBy(b, key)(m)) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			p, view := proofProfile(b)
			if strings.HasPrefix(c.name, "rsa") {
				p.DKIMKeys[0].Record = record
			}
			judge := forensics.NewJudge(p, view)
			n := bounce.Parse(c.text(b))
			b.ReportAllocs()
			for b.Loop() {
				judge.Judge(b.Context(), n)
			}
		})
	}
}

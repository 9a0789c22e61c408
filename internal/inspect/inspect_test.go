package inspect

import (
	"bytes"
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"unspoof/dkim"
	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/dns/dnsfile"
)

const zone = `
$TTL 300
bank.example. TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.bank.example. TXT "v=DMARC1; p=reject; rua=mailto:dmarc@bank.example"
evil.example. TXT "v=spf1 ip4:203.0.113.7 -all"
plain.example. TXT "v=spf1 ip4:192.0.2.2 -all"
shop.example. TXT "v=spf1 ip4:198.51.100.40 -all"
_dmarc.shop.example. TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@shop.example"
mx.shop.example. A 198.51.100.40
`

var now = time.Date(2026, 1, 31, 13, 0, 0, 0, time.UTC)

func world(t testing.TB, more string) dns.Resolver {
	t.Helper()
	view, err := dnsfile.Parse("zone", []byte(zone+more))
	if err != nil {
		t.Fatal(err)
	}
	return view
}

// came gives the message as the mailbox keeps it, handed over by ip.
func came(ip, sender, rest string) string {
	return "Return-Path: <" + sender + ">\r\n" +
		"Received: from client.example (unknown [" + ip + "]) by mx.shop.example with ESMTP;\r\n Sat, 31 Jan 2026 12:00:00 +0000\r\n" +
		strings.ReplaceAll(rest, "\n", "\r\n") + "\r\n\r\ntext\r\n"
}

func codes(res Result) []Code {
	var list []Code
	for _, f := range res.Findings {
		list = append(list, f.Code)
	}
	return list
}

func TestWhoReallySentThis(t *testing.T) {
	const bank, evil, plain = "192.0.2.1", "203.0.113.7", "192.0.2.2"
	for _, c := range []struct {
		name            string
		message         string
		verdict         dmarc.Verdict
		forged, vouched bool
		codes           []Code
		says            string
	}{
		{"the domain's own mail", came(bank, "a@bank.example", "From: Anna <a@bank.example>\nTo: x@shop.example"),
			dmarc.VerdictPass, false, true, nil, "bank.example stands by this message: it lets 192.0.2.1 send for it"},
		{"forged From with an honest envelope", came(evil, "b@evil.example", "From: a@bank.example\nTo: x@shop.example"),
			dmarc.VerdictFail, true, false, []Code{EnvelopeElse}, "Its envelope is of evil.example, which lets 203.0.113.7 send for it."},
		{"the name reads as another address", came(bank, "a@bank.example", "From: \"ceo@shop.example\" <a@bank.example>\nTo: x@shop.example"),
			dmarc.VerdictPass, true, true, []Code{NameReadsAs}, "bank.example stands by"},
		{"the name repeats the address", came(bank, "a@bank.example", "From: \"a@bank.example\" <a@bank.example>\nTo: x@shop.example"),
			dmarc.VerdictPass, false, true, nil, "stands by"},
		{"the name is another address of the same domain", came(bank, "a@bank.example", "From: \"info@bank.example\" <a@bank.example>"),
			dmarc.VerdictPass, false, true, []Code{NameReadsAs}, "stands by"},
		{"a wide at sign in the name", came(bank, "a@bank.example", "From: =?utf-8?q?ceo=EF=BC=A0shop.example?= <a@bank.example>"),
			dmarc.VerdictPass, true, true, []Code{NameReadsAs}, "stands by"},
		{"the local part is an encoded address", came(evil, "b@evil.example", "From: =?utf-8?b?YW5uYUBiYW5rLmV4YW1wbGU=?=@evil.example"),
			dmarc.VerdictNone, true, true, []Code{LocalReadsAs}, "evil.example sent this"},
		{"the local part is a quoted address", came(evil, "b@evil.example", "From: \"anna@bank.example> <\"@evil.example"),
			dmarc.VerdictNone, true, true, []Code{LocalReadsAs}, "evil.example sent this"},
		{"the local part is an address with a percent sign", came(evil, "b@evil.example", "From: anna%bank.example@evil.example"),
			dmarc.VerdictNone, true, true, []Code{LocalReadsAs}, "evil.example sent this"},
		{"two at signs", came(evil, "b@evil.example", "From: anna@bank.example@evil.example"),
			dmarc.VerdictPermError, true, false, []Code{LocalReadsAs}, "nobody's"},
		{"a percent sign of the same organisation", came(evil, "b@evil.example", "From: anna%mail.evil.example@evil.example"),
			dmarc.VerdictNone, false, true, []Code{LocalReadsAs}, "evil.example sent this"},
		{"a name written backwards", came(evil, "b@evil.example", "From: \"\u202eelpmaxe.knab@anna\" <b@evil.example>"),
			dmarc.VerdictNone, true, true, []Code{Reordered}, "evil.example sent this"},
		{"an address with a direction mark", came(evil, "b@evil.example", "From: b\u200f@evil.example"),
			dmarc.VerdictNone, true, true, []Code{Reordered}, "evil.example sent this"},
		{"a name with a direction mark, as programs write it", came(evil, "b@evil.example", "From: \"\u05d0\u200f\" <b@evil.example>"),
			dmarc.VerdictNone, false, true, nil, "evil.example sent this"},
		{"a zero width space in an address in the name", came(bank, "a@bank.example", "From: \"ceo@shop\u200b.example\" <a@bank.example>"),
			dmarc.VerdictPass, true, true, []Code{NameReadsAs}, "stands by"},
		{"to you, from you, forged", came(evil, "b@evil.example", "From: x@shop.example\nTo: X@Shop.Example"),
			dmarc.VerdictFail, true, false, []Code{EnvelopeElse, ToYouFromYou}, "Nothing shows that shop.example sent this"},
		{"to you, from you, sent by the domain", came("198.51.100.40", "x@shop.example", "From: x@shop.example\nTo: x@shop.example"),
			dmarc.VerdictPass, false, true, []Code{ToYouFromYou}, "stands by"},
		{"to you, from you, no policy but SPF passes", came(plain, "a@plain.example", "From: a@plain.example\nTo: a@plain.example"),
			dmarc.VerdictNone, false, true, []Code{ToYouFromYou}, "plain.example sent this"},
		{"from one's own domain, from outside", came(evil, "b@evil.example", "From: boss@shop.example\nTo: x@shop.example"),
			dmarc.VerdictFail, true, false, []Code{EnvelopeElse, OwnDomain}, "handed over by 203.0.113.7"},
		{"no policy, but SPF passes for the author", came(plain, "a@plain.example", "From: a@plain.example"),
			dmarc.VerdictNone, false, true, nil, "plain.example sent this: it lets 192.0.2.2 send for it"},
		{"no policy, nothing passes", came(evil, "a@plain.example", "From: a@plain.example"),
			dmarc.VerdictNone, false, false, nil, "publishes no policy"},
		{"answers, sender and receipt", came(bank, "a@bank.example", "From: a@bank.example\nSender: s@evil.example\nReply-To: r@evil.example\nDisposition-Notification-To: r@evil.example"),
			dmarc.VerdictPass, false, true, []Code{SenderElse, ReplyElse, AsksReceipt}, "stands by"},
		{"a bounce", came(bank, "", "From: MAILER-DAEMON@bank.example"),
			dmarc.VerdictFail, true, false, nil, "Nothing shows that bank.example sent this"},
		{"two authors", came(bank, "a@bank.example", "From: a@bank.example\nFrom: b@evil.example"),
			dmarc.VerdictPermError, true, false, []Code{ManyFrom}, "nobody's"},
		{"no author", came(bank, "a@bank.example", "Subject: hello"),
			dmarc.VerdictPermError, true, false, nil, "nobody's"},
		{"no line of ours", "From: a@bank.example\r\n\r\ntext\r\n",
			dmarc.VerdictFail, false, false, []Code{NothingOwn}, "not all is known of how it came"},
		{"no envelope of ours", "Received: from x (unknown [203.0.113.7]) by mx.shop.example with ESMTP;\r\n Sat, 31 Jan 2026 12:00:00 +0000\r\nFrom: a@bank.example\r\n\r\n",
			dmarc.VerdictFail, false, false, []Code{NoEnvelope}, "not all is known of how it came"},
		{"handed in by login", "Received: from pc (unknown [203.0.113.7]) (Authenticated sender: anna) by mx.shop.example with ESMTPSA;\r\n Sat, 31 Jan 2026 12:00:00 +0000\r\nFrom: a@plain.example\r\n\r\n",
			dmarc.VerdictNone, false, false, nil, "logged in as anna"},
		{"DNS is silent", came(bank, "a@down.example", "From: a@down.example"),
			dmarc.VerdictTempError, false, false, nil, "not known now"},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, err := Inspect(context.Background(), Args{Message: []byte(c.message), Resolver: silent{world(t, "")}, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			if res.Verdict != c.verdict || res.Forged() != c.forged || res.Vouched() != c.vouched {
				t.Errorf("got %s, forged %v, vouched %v; %s", res.Verdict, res.Forged(), res.Vouched(), res.Reason)
			}
			if got := codes(res); !slices.Equal(got, c.codes) {
				t.Errorf("findings %v, want %v", got, c.codes)
			}
			if !strings.Contains(res.Sender, c.says) {
				t.Errorf("says %q, want %q in it", res.Sender, c.says)
			}
		})
	}
}

// silent answers nothing about down.example.
type silent struct{ dns.Resolver }

func (s silent) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if strings.HasSuffix(q.Name, "down.example") {
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultServFail}
	}
	return s.Resolver.Lookup(ctx, q)
}

func TestTheEnvelopeIsTakenFromWhatOnesOwnServersWrote(t *testing.T) {
	forgedReturnPath := strings.Replace(came("203.0.113.7", "b@evil.example", "Return-Path: <a@bank.example>\nFrom: a@bank.example"), "Return-Path: <b@evil.example>\r\n", "", 1)
	for _, c := range []struct {
		name string
		args Args
		ip   string
		from string
		want Known
	}{
		{"from the lines", Args{Message: []byte(came("203.0.113.7", "b@evil.example", "From: a@bank.example"))},
			"203.0.113.7", "b@evil.example", Known{"Received, line 2", "Received, line 2", "Return-Path, line 1"}},
		{"a Return-Path of the sender's does not count", Args{Message: []byte(forgedReturnPath)},
			"203.0.113.7", "", Known{"Received, line 1", "Received, line 1", ""}},
		{"customers of one provider: the last address from outside counts", Args{Message: []byte(
			"Received: from out.shop.example (mx.shop.example [198.51.100.40]) by in.shop.example with ESMTPS;\r\n Sat, 31 Jan 2026 12:00:00 +0000\r\n" +
				"Received: from pc (unknown [203.0.113.7]) by mx.shop.example with ESMTPSA;\r\n Sat, 31 Jan 2026 12:00:00 +0000\r\nFrom: a@shop.example\r\n\r\n")},
			"198.51.100.40", "", Known{"Received, line 1", "Received, line 1", ""}},
		{"given", Args{Message: []byte("From: a@bank.example\r\n\r\n"), IP: netip.MustParseAddr("192.0.2.1"), HELO: "h.example", MailFrom: "a@bank.example", HasMailFrom: true},
			"192.0.2.1", "a@bank.example", Known{Given, Given, Given}},
		{"a given bounce", Args{Message: []byte(came("192.0.2.1", "a@bank.example", "From: a@bank.example")), HasMailFrom: true},
			"192.0.2.1", "", Known{"Received, line 2", "Received, line 2", Given}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.args.Resolver, c.args.Now = world(t, ""), now
			res, err := Inspect(context.Background(), c.args)
			if err != nil {
				t.Fatal(err)
			}
			if res.IP.String() != c.ip || res.MailFrom != c.from || res.Known != c.want {
				t.Errorf("got %v, %q, %+v", res.IP, res.MailFrom, res.Known)
			}
		})
	}
}

func TestWhatWasGoodWhenItWasHandedOverIsSaid(t *testing.T) {
	key, err := dkim.Generate(dkim.Ed25519SHA256)
	if err != nil {
		t.Fatal(err)
	}
	record, err := key.Record()
	if err != nil {
		t.Fatal(err)
	}
	body := []byte("From: a@bank.example\r\nTo: x@shop.example\r\nSubject: hello\r\n\r\ntext\r\n")
	signed, err := dkim.Sign(context.Background(), dkim.SignArgs{
		Message: body, Domain: "bank.example", Keys: []dkim.SigningKey{{Selector: "sel", Key: key}},
		Now: now.Add(-90 * time.Minute), Expire: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	msg := bytes.Join([][]byte{[]byte("Received: from x (unknown [203.0.113.7]) by mx.shop.example with ESMTP;\r\n Sat, 31 Jan 2026 12:00:00 +0000\r\n"), signed.Fields, body}, nil)
	resolver := world(t, "sel._domainkey.bank.example. TXT \""+record+"\"\n")
	for _, c := range []struct {
		at   time.Time
		now  dmarc.Verdict
		then bool
	}{{now, dmarc.VerdictFail, true}, {now.Add(-time.Hour), dmarc.VerdictPass, false}} {
		res, err := Inspect(context.Background(), Args{Message: msg, Resolver: resolver, Now: c.at})
		if err != nil {
			t.Fatal(err)
		}
		if res.Verdict != c.now || (res.HandOver != nil) != c.then {
			t.Errorf("at %v: %s, hand-over %+v", c.at, res.Verdict, res.HandOver)
		}
		if h := res.HandOver; h != nil && (h.Verdict != dmarc.VerdictPass || !h.Alignment.DKIM) {
			t.Errorf("at the hand-over: %+v", h)
		}
	}
}

func TestInspectNeedsAClockAndAResolver(t *testing.T) {
	for _, a := range []Args{{Now: now}, {Resolver: world(t, "")}} {
		if _, err := Inspect(context.Background(), a); err == nil {
			t.Error("no error")
		}
	}
}

func FuzzInspect(f *testing.F) {
	f.Add([]byte(came("203.0.113.7", "b@evil.example", "From: \"ceo@shop.example\" <a@bank.example>\nTo: a@bank.example")))
	f.Add([]byte("Received: by x\r\nReceived: from a ([10.0.0.1]) by b\r\nFrom: =?utf-8?b?QA==?= <>\r\n\r\n"))
	f.Add([]byte("From: a@b.example\r\nFrom: c@d.example\r\nDKIM-Signature: v=1; d=b.example\r\nAuthentication-Results: x; y=z\r\n\r\n"))
	resolver := world(f, "")
	f.Fuzz(func(t *testing.T, msg []byte) {
		res, err := Inspect(context.Background(), Args{Message: msg, Resolver: resolver, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		if res.Sender == "" || len(res.Hops) > maxHops || len(res.Identities) > maxIdentities+1 {
			t.Errorf("%+v", res)
		}
		if res.Vouched() && res.Verdict == dmarc.VerdictFail {
			t.Error("vouched for and failed")
		}
	})
}

package auth_test

import (
	"strings"
	"testing"

	"unspoof/auth"
	"unspoof/authres"
	"unspoof/dmarc"
)

// attack is a message that somebody at evil.example sends in the name of
// ceo@bank.example. Unless it says otherwise it comes from evil's host, with evil's
// HELO and MAIL FROM, for which SPF passes.
type attack struct {
	name       string
	helo, from string // from is MAIL FROM; "<>" is empty
	message    string
	zone       map[string]string
	result     dmarc.Verdict
	domain     string // of the author
	asks       dmarc.Policy
}

// The numbers are those of the published attacks (a…: on servers, from outside;
// b…: on what people see).
func attacks(t testing.TB) []attack {
	const ceo = "From: ceo@bank.example"
	byEvil := func(m string) string { return sign(t, "evil.example", "evil.example", "s", m) }
	deny := func(a attack) attack {
		a.result, a.domain, a.asks = dmarc.VerdictFail, "bank.example", dmarc.Reject
		return a
	}
	nobody := func(a attack) attack { a.result, a.domain, a.asks = dmarc.VerdictPermError, "", dmarc.Reject; return a }
	return []attack{
		deny(attack{name: "plain forgery", message: letter(ceo)}),
		deny(attack{name: "signed by the forger", message: byEvil(letter(ceo))}),
		deny(attack{name: "a1 MAIL FROM of a subdomain that does not exist", from: "x@missing.bank.example", message: letter(ceo)}),
		{
			name: "a1 author of a subdomain that does not exist", message: letter("From: x@missing.bank.example"),
			result: dmarc.VerdictFail, domain: "missing.bank.example", asks: dmarc.Reject,
		},
		deny(attack{name: "a2 empty MAIL FROM, HELO with a parenthesis", helo: "(ceo@bank.example", from: "<>", message: letter(ceo)}),
		deny(attack{name: "a2 empty MAIL FROM, HELO with an address", helo: "ceo@bank.example", from: "<>", message: letter(ceo)}),
		deny(attack{
			name: "a3 NUL in the selector", zone: map[string]string{"evil.example.\x00._domainkey.bank.example": world(nil)["s._domainkey.evil.example"]},
			message: sign(t, "evil.example", "bank.example", "evil.example.\x00", letter(ceo)),
		}),
		deny(attack{
			name: "a3 selector that is another name", zone: map[string]string{"x.evil.example": world(nil)["s._domainkey.evil.example"]},
			message: sign(t, "evil.example", "bank.example", "x.evil.example.", letter(ceo)),
		}),
		deny(attack{
			name: "a4 d= with a parenthesis", zone: map[string]string{"s._domainkey.bank.example(.evil.example": world(nil)["s._domainkey.evil.example"]},
			message: sign(t, "evil.example", "bank.example(.evil.example", "s", letter(ceo)),
		}),
		deny(attack{
			name: "a4 d= with a quotation mark", zone: map[string]string{`s._domainkey.bank.example".evil.example`: world(nil)["s._domainkey.evil.example"]},
			message: sign(t, "evil.example", `bank.example".evil.example`, "s", letter(ceo)),
		}),
		deny(attack{
			name: "a5 MAIL FROM with a parenthesis", from: "x@bank.example(.evil.example", message: letter(ceo),
			zone: map[string]string{"bank.example(.evil.example": "v=spf1 +all"},
		}),
		deny(attack{
			name: "a6 MAIL FROM with a quotation mark", from: `x@bank.example"; dmarc=pass header.from=bank.example; x=".evil.example`, message: letter(ceo),
			zone: map[string]string{`bank.example"; dmarc=pass header.from=bank.example; x=".evil.example`: "v=spf1 +all"},
		}),
		deny(attack{
			name: "a6 MAIL FROM with a NUL", from: "x@bank.example\x00.evil.example", message: letter(ceo),
			zone: map[string]string{"bank.example\x00.evil.example": "v=spf1 +all"},
		}),
		deny(attack{name: "a7 MAIL FROM with a route", from: "@bank.example,@x.example:x@evil.example", message: letter(ceo)}),
		deny(attack{name: "a7 MAIL FROM with two at signs", from: "ceo@bank.example@evil.example", message: letter(ceo)}),
		nobody(attack{name: "a8 two From fields", message: byEvil(letter("From: x@evil.example\r\n" + ceo))}),
		nobody(attack{name: "a8 two From fields, the other order", message: byEvil(letter(ceo + "\r\nFrom: x@evil.example"))}),
		nobody(attack{name: "a8 a From added to a signed message", message: ceo + "\r\n" + byEvil(letter("From: x@evil.example"))}),
		nobody(attack{name: "a9 blank before the name, first line", message: " " + ceo + "\r\n" + byEvil(letter("From: x@evil.example"))}),
		nobody(attack{name: "a10 blank behind the name", message: "From : ceo@bank.example\r\n" + byEvil(letter("From: x@evil.example"))}),
		nobody(attack{name: "a10 blank behind the one name, as at the head of a mailbox file", message: letter("From : ceo@bank.example")}),
		deny(attack{name: "a10 blank behind the one name", message: "X: y\r\n" + letter("From : ceo@bank.example")}),
		deny(attack{name: "a11 folded before the address", message: letter("From:\r\n ceo@bank.example")}),
		deny(attack{name: "a11 folded in the address", message: letter("From: <ceo@\r\n bank.example>")}),
		nobody(attack{name: "a11 folded before the colon", message: "X: y\r\nFrom\r\n : ceo@bank.example\r\n" + byEvil(letter("From: x@evil.example"))}),
		deny(attack{name: "a12 Sender of the forger", message: byEvil(letter(ceo + "\r\nSender: x@evil.example"))}),
		deny(attack{name: "a13 Resent-From of the forger", message: byEvil(letter("Resent-From: x@evil.example\r\n" + ceo))}),
		{name: "a13 Sender and no From", message: byEvil(letter("Sender: ceo@bank.example")), result: dmarc.VerdictPermError, asks: dmarc.None},
		deny(attack{name: "a14 several authors", message: byEvil(letter("From: x@evil.example, ceo@bank.example"))}),
		deny(attack{name: "a14 several authors, the other order", message: byEvil(letter("From: ceo@bank.example, x@evil.example"))}),
		deny(attack{name: "a14 a group of authors", message: byEvil(letter("From: all: x@evil.example, ceo@bank.example;"))}),
		{
			name: "a15 the address in an encoded word", message: byEvil(letter("From: =?utf-8?q?ceo=40bank=2Eexample?=")),
			result: dmarc.VerdictPermError, asks: dmarc.None,
		},
		{
			name: "a15 an encoded word before an address", message: byEvil(letter("From: =?utf-8?q?=3Cceo=40bank=2Eexample=3E?= <x@evil.example>")),
			result: dmarc.VerdictPass, domain: "evil.example", asks: dmarc.None, // the name is for people to be warned of
		},
		deny(attack{name: "a16 a route in From", message: byEvil(letter("From: <@evil.example:ceo@bank.example>"))}),
		deny(attack{name: "a17 a quoted pair", message: byEvil(letter(`From: "x@evil.example\"" <ceo@bank.example>`))}),
		deny(attack{name: "a18 special characters", message: byEvil(letter("From: x@evil.example <ceo@bank.example>"))}),
		{
			name: "a19 a name that reads as an address", message: byEvil(letter(`From: "ceo@bank.example" <x@evil.example>`)),
			result: dmarc.VerdictPass, domain: "evil.example", asks: dmarc.None,
		},
		deny(attack{name: "14 two addresses in angle brackets", message: byEvil(letter("From: <x@evil.example><ceo@bank.example>"))}),
		nobody(attack{name: "14 NUL in the name", message: "From\x00: ceo@bank.example\r\n" + byEvil(letter("From: x@evil.example"))}),
		nobody(attack{name: "14 byte order mark", message: "\xef\xbb\xbfFrom: ceo@bank.example\r\n" + byEvil(letter("From: x@evil.example"))}),
		nobody(attack{name: "14 bare CR", message: byEvil(letter("X: y\rFrom: ceo@bank.example\r\nFrom: x@evil.example"))}),
		nobody(attack{
			name:    "14 behind more fields than are read",
			message: byEvil(letter("From: x@evil.example")[:22] + strings.Repeat("X: y\r\n", 20_000) + ceo + "\r\n\r\nA few words.\r\n"),
		}).asksNothing(),
		nobody(attack{
			name:    "14 behind a longer header than is read",
			message: byEvil(letter("From: x@evil.example")[:22] + "X: " + strings.Repeat("y", 1<<20) + "\r\n" + ceo + "\r\n\r\nA few words.\r\n"),
		}).asksNothing(),
		nobody(attack{
			name:    "14 a line that is no field cuts the header",
			message: "From: x@evil.example\r\nno field\r\n\r\n",
		}).asksNothing().passes(),
		deny(attack{
			name: "37 results that the message brings along",
			message: "Authentication-Results: mx.reader.example; dmarc=pass header.from=bank.example; spf=pass; dkim=pass header.d=bank.example\r\n" +
				"Received-SPF: pass (mx.reader.example: 192.0.2.1 is allowed) client-ip=192.0.2.1\r\n" + letter(ceo),
		}),
		deny(attack{name: "20 sealed by a trusted forwarder", message: seal(t, "list.example", "dmarc=pass header.from=bank.example", letter(ceo))}),
		deny(attack{name: "36 sealed by the forger", message: seal(t, "evil.example", "dmarc=pass header.from=bank.example", letter(ceo))}),
	}
}

// asksNothing is for attacks whose second author is not seen at all.
func (a attack) asksNothing() attack { a.asks = dmarc.None; return a }

// passes is for what is no attack after all: nobody else is named.
func (a attack) passes() attack {
	a.result, a.domain = dmarc.VerdictPass, "evil.example"
	return a
}

func (a attack) args() auth.Args {
	args := auth.Args{
		IP: evilIP, HELO: "helo.evil.example", MailFrom: "x@evil.example", Message: []byte(a.message), Resolver: world(a.zone), Now: now,
		Receiver: "mx.reader.example", TrustedSealers: []string{"list.example"},
	}
	if a.helo != "" {
		args.HELO = a.helo
	}
	if a.from != "" {
		args.MailFrom = strings.TrimPrefix(a.from, "<>")
	}
	return args
}

func TestAttacks(t *testing.T) {
	for _, a := range attacks(t) {
		t.Run(a.name, func(t *testing.T) {
			res := check(t, a.args())
			t.Logf("%s: %s", res.Verdict, res.Reason)
			if res.Verdict != a.result || res.Domain != a.domain || res.Disposition != a.asks {
				t.Errorf("%s for %q, asks for %q; want %s for %q and %q\n%s\n%+v", res.Verdict, res.Domain, res.Disposition,
					a.result, a.domain, a.asks, res.Reason, res.DMARC.Reasons)
			}
			if res.Verdict != dmarc.VerdictPass && res.Alignment != (auth.Alignment{}) {
				t.Errorf("aligned: %+v", res.Alignment)
			}
			field := readBack(t, res)
			for _, r := range field.Results {
				for _, p := range r.Props {
					if r.Result == "pass" && (p.Value == "bank.example" || strings.HasSuffix(p.Value, "@bank.example")) {
						t.Errorf("the field can be read as a pass of the forged domain: %+v", r)
					}
				}
			}
		})
	}
}

// readBack writes the field and reads it as another server would.
func readBack(t *testing.T, res auth.Result) authres.Field {
	t.Helper()
	field := res.AuthenticationResults("mx.reader.example")
	text, err := field.Format()
	if err != nil {
		t.Fatal(err)
	}
	back, err := authres.Parse(text)
	if err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	if len(back.Results) != len(field.Results) {
		t.Errorf("%d results were written, %d are read:\n%s", len(field.Results), len(back.Results), text)
	}
	last := back.Results[len(back.Results)-1]
	if last.Method != "dmarc" || last.Result != string(res.Verdict) {
		t.Errorf("the last result is %+v:\n%s", last, text)
	}
	return back
}

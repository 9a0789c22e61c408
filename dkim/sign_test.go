package dkim_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"unspoof/dkim"
)

// signed holds a key of each kind and the zone that shows them.
var signed = newKeys()

type keys struct {
	rsa, ed dkim.PrivateKey
	zone    zone
}

func newKeys() (k keys) {
	k.zone.txt = map[string][][]string{}
	for selector, a := range map[string]dkim.Algorithm{"r1": dkim.RSASHA256, "e1": dkim.Ed25519SHA256} {
		key, err := dkim.Generate(a)
		if err != nil {
			panic(err)
		}
		record, err := key.Record()
		if err != nil {
			panic(err)
		}
		if a == dkim.RSASHA256 {
			k.rsa = key
		} else {
			k.ed = key
		}
		k.zone.txt[selector+"._domainkey.example.com"] = [][]string{dkim.Strings(record)}
	}
	return k
}

var now = time.Date(2026, 9, 21, 12, 0, 0, 0, time.UTC)

// letter is an ordinary message, written with LF.
const letter = `Received: from client.example.com (client.example.com [192.0.2.10])
	by mx.example.com with ESMTPS id abc123; Mon, 21 Sep 2026 10:00:01 +0000
From: Ada Author <ada@example.com>
To: Bob Reader <bob@example.net>
Subject: Quarterly  numbers
 and plans
Date: Mon, 21 Sep 2026 10:00:00 +0000
Message-ID: <1@example.com>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Hello Bob,

the numbers are  up. 
	See you soon.

Ada
`

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

// args signs msg with both keys.
func args(msg []byte) dkim.SignArgs {
	return dkim.SignArgs{
		Message: msg, Domain: "example.com", Now: now,
		Keys: []dkim.SigningKey{{"r1", signed.rsa}, {"e1", signed.ed}},
	}
}

func sign(t testing.TB, a dkim.SignArgs) []byte {
	t.Helper()
	res, err := dkim.Sign(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return append(res.Fields, a.Message...)
}

func verify(t testing.TB, z zone, msg []byte) []dkim.SignatureResult {
	t.Helper()
	res, err := dkim.Verifier{Resolver: z}.Verify(context.Background(), dkim.Args{Message: msg, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return res.Results
}

func TestSignVerifies(t *testing.T) {
	for name, msg := range map[string][]byte{
		"CRLF":           crlf(letter),
		"LF":             []byte(letter),
		"no body":        crlf("From: a@example.com\n\n"),
		"no blank line":  crlf("From: a@example.com\n"),
		"no last CRLF":   []byte("From: a@example.com\r\n\r\nx"),
		"8-bit":          crlf("From: a@example.com\nSubject: \xc3\xa4\n\n\xc3\xa4 \xff\x00\n"),
		"dots and From":  crlf("From: a@example.com\n\n.\n..\nFrom x\n"),
		"bare CR at end": []byte("From: a@example.com\r\n\r\nx\r"),
		"only newlines":  crlf("From: a@example.com\n\n\n\n\n"),
		"long line":      crlf("From: a@example.com\n\n" + strings.Repeat("x ", 5000) + "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range verify(t, signed.zone, sign(t, args(msg))) {
				if r.Result != dkim.Pass {
					t.Errorf("%s: %s (%s)", r.Algorithm, r.Result, r.Reason)
				}
			}
		})
	}
}

func TestSignReadsStreams(t *testing.T) {
	whole := sign(t, args(crlf(letter)))
	fields := whole[:len(whole)-len(crlf(letter))]
	for _, cut := range []int{0, 1, 100, 380, 400, 440} {
		a := args(crlf(letter)[:cut])
		a.Rest = iotest.OneByteReader(bytes.NewReader(crlf(letter)[cut:]))
		res, err := dkim.Sign(context.Background(), a)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(res.Fields, fields) {
			t.Errorf("cut at %d: other signatures", cut)
		}
	}
	a := args(nil)
	a.Rest = io.MultiReader(bytes.NewReader(crlf(letter)), iotest.ErrReader(fmt.Errorf("disk gone")))
	if _, err := dkim.Sign(context.Background(), a); err == nil || !strings.Contains(err.Error(), "disk gone") {
		t.Errorf("a failing reader: %v", err)
	}
}

func TestSignOverSigns(t *testing.T) {
	msg := sign(t, args(crlf(letter)))
	for _, c := range []struct {
		name, field string
		want        dkim.Word
	}{
		{"a second From", "From: Eve <eve@example.org>\r\n", dkim.Fail},
		{"a second Subject", "Subject: Win\r\n", dkim.Fail},
		{"a second To", "To: eve@example.org\r\n", dkim.Fail},
		{"a second Date", "Date: Mon, 21 Sep 2026 11:00:00 +0000\r\n", dkim.Fail},
		{"a Reply-To where none was", "Reply-To: eve@example.org\r\n", dkim.Fail},
		{"a Cc where none was", "Cc: eve@example.org\r\n", dkim.Fail},
		{"a second Content-Type", "Content-Type: text/html\r\n", dkim.Fail},
		{"a trace field", "Received: from a by b; Mon, 21 Sep 2026 11:00:00 +0000\r\n", dkim.Pass},
		{"a list field", "List-Id: <l.example.net>\r\n", dkim.Pass},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range verify(t, signed.zone, append([]byte(c.field), msg...)) {
				if r.Result != c.want {
					t.Errorf("%s: %s (%s), want %s", r.Algorithm, r.Result, r.Reason, c.want)
				}
			}
		})
	}
}

func TestSignWritesWhatItSays(t *testing.T) {
	a := args(crlf(letter))
	a.Identity, a.Expire, a.Also = "a b;c=@mail.example.com", 120*time.Hour, []string{"Received", "X-None", "received"}
	res, err := dkim.Sign(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(res.Fields), "\r\n") {
		if len(line) > 78 {
			t.Errorf("line of %d octets: %s", len(line), line)
		}
	}
	got := verify(t, signed.zone, append(res.Fields, crlf(letter)...))
	for _, r := range got {
		if r.Result != dkim.Pass || r.Identity != a.Identity || !r.Time.Equal(now) || !r.Expires.Equal(now.Add(a.Expire)) ||
			r.HeaderCanon != dkim.Relaxed || r.BodyCanon != dkim.Relaxed || r.Length != -1 {
			t.Errorf("%+v", r)
		}
		if !slices.Equal(r.Signed, res.Signed) || !slices.Contains(r.Signed, "Received") {
			t.Errorf("h= %v, said %v", r.Signed, res.Signed)
		}
	}
	if got[0].Algorithm != dkim.RSASHA256 || got[1].Algorithm != dkim.Ed25519SHA256 {
		t.Error("signatures not in the order of the keys")
	}
	for _, name := range []string{"From", "Subject"} {
		n := 0
		for _, s := range res.Signed {
			if s == name {
				n++
			}
		}
		if n != 2 {
			t.Errorf("%s stands %d times in h=, want 2", name, n)
		}
	}
}

func TestSignNotesWhatMayBreak(t *testing.T) {
	for _, c := range []struct{ name, msg, want string }{
		{"a long line in the body", "From: a@example.com\r\n\r\nok\r\n" + strings.Repeat("x", 999) + "\r\n", "Line 4 is over 998"},
		{"a long line in the header", "From: a@example.com\r\nX: " + strings.Repeat("x", 1000) + "\r\n\r\n", "Line 2 is over 998"},
		{"a long last line without an end", "From: a@example.com\r\n\r\n" + strings.Repeat("x", 999), "Line 3 is over 998"},
		{"a bare CR", "From: a@example.com\r\n\r\na\rb\r\n", "Line 3 holds a CR"},
		{"a bare CR at the end", "From: a@example.com\r\n\r\na\r", "Line 3 holds a CR"},
		{"a NUL", "From: a@example.com\r\n\r\na\x00b\r\n", "Line 3 holds a NUL"},
		{"a bare LF", "From: a@example.com\r\n\r\na\nb\r\n", "the first is line 3"},
		{"nothing", "From: a@example.com\r\n\r\n" + strings.Repeat("x", 998) + "\r\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, cut := range []int{len(c.msg), len(c.msg) - 1, 25} {
				a := args([]byte(c.msg[:cut]))
				a.Rest = iotest.OneByteReader(strings.NewReader(c.msg[cut:]))
				res, err := dkim.Sign(context.Background(), a)
				if err != nil {
					t.Fatal(err)
				}
				if notes := strings.Join(res.Notes, " "); !strings.Contains(notes, c.want) || (c.want == "") != (notes == "") {
					t.Errorf("notes %q, want %q", notes, c.want)
				}
			}
		})
	}
}

func TestSignRefuses(t *testing.T) {
	ok := args(crlf(letter))
	for _, c := range []struct {
		name   string
		change func(*dkim.SignArgs)
		want   string
	}{
		{"no From", func(a *dkim.SignArgs) { a.Message = crlf("To: b@example.net\n\n") }, "0 From fields"},
		{"two From", func(a *dkim.SignArgs) { a.Message = append([]byte("From: b@example.com\r\n"), a.Message...) }, "2 From fields"},
		{"no clock", func(a *dkim.SignArgs) { a.Now = time.Time{} }, "Now"},
		{"no key", func(a *dkim.SignArgs) { a.Keys = nil }, "0 keys"},
		{"an empty key", func(a *dkim.SignArgs) { a.Keys = []dkim.SigningKey{{Selector: "s"}} }, "key is empty"},
		{"a selector with a semicolon", func(a *dkim.SignArgs) { a.Keys = []dkim.SigningKey{{"a;b", signed.rsa}} }, "selector"},
		{"a domain of one label", func(a *dkim.SignArgs) { a.Domain = "com" }, "single label"},
		{"an identity elsewhere", func(a *dkim.SignArgs) { a.Identity = "a@example.org" }, "not under"},
		{"an identity without @", func(a *dkim.SignArgs) { a.Identity = "example.com" }, "not under"},
		{"a negative life", func(a *dkim.SignArgs) { a.Expire = -time.Hour }, "expire"},
		{"a name that is none", func(a *dkim.SignArgs) { a.Also = []string{"a b"} }, "no name"},
		{"too long a header", func(a *dkim.SignArgs) { a.Message = []byte("From: a\r\nX: " + strings.Repeat("x", 1<<20)) }, "header is over"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := ok
			c.change(&a)
			if _, err := dkim.Sign(context.Background(), a); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

//go:build e2e

package dkim_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"unspoof/dkim"
	"unspoof/dns"
)

const head = "From: Ada Author <ada@example.com>\r\nTo: Bob <bob@example.net>,\r\n\tCarol <carol@example.net>\r\n" +
	"Subject: Quarterly  numbers\r\n and plans\r\nDate: Mon, 21 Sep 2026 10:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"

// bodies are what canonicalisers differ in.
var bodies = map[string]string{
	"prose":            "Hello  Bob, \r\n\tsee you.\r\n\r\n-- \r\nAda\r\n",
	"empty":            "",
	"line ends":        "\r\n\r\n\r\n",
	"no line end":      "Hello",
	"trailing":         "Hello \t\r\n \r\n\r\n",
	"8 bit":            "\xc3\xa4\xc3\xb6 \xff\r\n",
	"dots":             ".\r\n..\r\n.a\r\n",
	"large":            strings.Repeat("a line  of text\r\n", 20_000),
	"white-space line": "a\r\n \t \r\nb\r\n",
}

func newKeys(t *testing.T) ([]key, map[string]string) {
	t.Helper()
	records := map[string]string{}
	var keys []key
	for _, a := range []dkim.Algorithm{dkim.RSASHA256, dkim.Ed25519SHA256} {
		k, err := dkim.Generate(a)
		if err != nil {
			t.Fatal(err)
		}
		selector := strings.SplitN(string(a), "-", 2)[0]
		name, err := dkim.KeyName(selector, "example.com")
		if err != nil {
			t.Fatal(err)
		}
		if records[name], err = k.Record(); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key{selector, k})
	}
	return keys, records
}

func TestTheyVerifyOurs(t *testing.T) {
	keys, records := newKeys(t)
	for _, tool := range tools() {
		t.Run(tool.name, func(t *testing.T) {
			tool.present(t)
			for _, k := range keys {
				if k.private.Algorithm() == dkim.Ed25519SHA256 && !tool.ed25519 {
					continue
				}
				for name, body := range bodies {
					if name == "no line end" && !tool.noLineEnd("relaxed/relaxed") {
						continue
					}
					msg := ours(t, []byte(head+body), k)
					if pass, out := tool.verify(t, msg, records); !pass {
						t.Errorf("%s, %s: %s", k.private.Algorithm(), name, out)
					}
					if pass, _ := tool.verify(t, append([]byte("Subject: Win\r\n"), msg...), records); pass {
						t.Errorf("%s, %s: a second Subject passes", k.private.Algorithm(), name)
					}
				}
			}
		})
	}
}

func ours(t *testing.T, msg []byte, k key) []byte {
	t.Helper()
	res, err := dkim.Sign(context.Background(), dkim.SignArgs{
		Message: msg, Domain: "example.com", Now: time.Now(), Expire: time.Hour, Identity: "ada@example.com",
		Keys: []dkim.SigningKey{{Selector: k.selector, Key: k.private}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(res.Fields, msg...)
}

// zone answers with the keys.
type zone map[string]string

func (z zone) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	text, ok := z[dns.Canonical(q.Name)]
	if !ok {
		return dns.Answer{RCode: dns.NXDomain}, nil
	}
	return dns.Answer{Records: []dns.Record{{Type: dns.TypeTXT, Text: dkim.Strings(text)}}}, nil
}

func TestWeVerifyTheirs(t *testing.T) {
	keys, records := newKeys(t)
	v := dkim.Verifier{Resolver: zone(records)}
	for _, tool := range tools() {
		t.Run(tool.name, func(t *testing.T) {
			tool.present(t)
			for _, k := range keys {
				for _, canon := range []string{"simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"} {
					for name, body := range bodies {
						if name == "no line end" && !tool.noLineEnd(canon) {
							continue
						}
						msg, ok := tool.sign(t, []byte(head+body), k, canon)
						if !ok {
							continue
						}
						for _, m := range [][]byte{msg, bytes.ReplaceAll(msg, []byte("\r\n"), []byte("\n"))} {
							res, err := v.Verify(context.Background(), dkim.Args{Message: m, Now: time.Now()})
							if err != nil {
								t.Fatal(err)
							}
							if len(res.Results) != 1 || res.Results[0].Result != dkim.Pass {
								t.Errorf("%s, %s, %s: %s", k.private.Algorithm(), canon, name, res.Results[0].Reason)
							}
						}
					}
				}
			}
		})
	}
}

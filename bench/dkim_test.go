// Package bench measures unspoof beside other libraries; it is a module of its
// own, so that these libraries stay out of unspoof's.
package bench

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	peer "github.com/emersion/go-msgauth/dkim"

	"unspoof/dkim"
	"unspoof/dns"
)

// signer is a key with its record, and messages signed with it.
type signer struct {
	key     *rsa.PrivateKey
	txt     string
	records []dns.Record
}

func newSigner(tb testing.TB) *signer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		tb.Fatal(err)
	}
	txt := "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
	return &signer{key, txt, []dns.Record{{Type: dns.TypeTXT, Text: []string{txt}}}}
}

// Lookup answers every question with the key.
func (s *signer) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	return dns.Answer{Records: s.records}, nil
}

const head = "Received: from client.example.com (client.example.com [192.0.2.10])\r\n\tby mx.example.com with ESMTPS id abc123;\r\n\tMon, 21 Sep 2026 10:00:01 +0000\r\n" +
	"From: Ada Author <ada@example.com>\r\nTo: Bob Reader <bob@example.net>\r\nSubject: Quarterly  numbers\r\n and plans\r\n" +
	"Date: Mon, 21 Sep 2026 10:00:00 +0000\r\nMessage-ID: <20260921100000.1@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"

// sign puts n signatures, each of its own selector, on a message.
func (s *signer) sign(tb testing.TB, body []byte, n int) []byte {
	msg := append([]byte(head), body...)
	for i := range n {
		var out bytes.Buffer
		err := peer.Sign(&out, bytes.NewReader(msg), &peer.SignOptions{
			Domain: "example.com", Selector: fmt.Sprintf("s%d", i), Signer: s.key, Hash: crypto.SHA256,
			HeaderCanonicalization: peer.CanonicalizationRelaxed, BodyCanonicalization: peer.CanonicalizationRelaxed,
			HeaderKeys: []string{"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"},
		})
		if err != nil {
			tb.Fatal(err)
		}
		msg = out.Bytes()
	}
	return msg
}

// prose is text in lines of about 75 octets, some with two spaces.
func prose(size int) []byte {
	const line = "The numbers of the third quarter are up by a fair margin, and so are hopes.\r\n" +
		"What is left to do:  ask the harbour office, write to the printers, and rest.\r\n"
	return []byte(strings.Repeat(line, size/len(line)+1)[:size-2] + "\r\n")
}

// encoded is an attachment in base64, lines of 76.
func encoded(size int) []byte {
	raw := make([]byte, size*3/4)
	rand.Read(raw)
	text := base64.StdEncoding.EncodeToString(raw)
	out := make([]byte, 0, size+size/38)
	for len(text) > 76 {
		out = append(append(out, text[:76]...), "\r\n"...)
		text = text[76:]
	}
	return append(append(out, text...), "\r\n"...)
}

var now = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

// verify is one verification by us.
func (s *signer) verify(tb testing.TB, msg []byte, rest io.Reader) {
	v := dkim.Verifier{Resolver: s}
	res, err := v.Verify(context.Background(), dkim.Args{Message: msg, Rest: rest, Now: now})
	if err != nil {
		tb.Fatal(err)
	}
	for _, r := range res.Results {
		if r.Result != dkim.Pass {
			tb.Fatal(r.Result, r.Reason)
		}
	}
}

func (s *signer) verifyPeer(tb testing.TB, msg []byte) {
	res, err := peer.VerifyWithOptions(bytes.NewReader(msg), &peer.VerifyOptions{
		LookupTXT: func(string) ([]string, error) { return []string{s.txt}, nil },
	})
	if err != nil || len(res) == 0 || res[0].Err != nil {
		tb.Fatal(err, res)
	}
}

// BenchmarkDKIMVerify is a message of 4 KB with one signature; the floor is the
// key operation and the hash of the body.
func BenchmarkDKIMVerify(b *testing.B) {
	s := newSigner(b)
	body := prose(4 << 10)
	msg := s.sign(b, body, 1)
	digest := sha256.Sum256(body)
	sig, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	b.Run("floor", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sha256.Sum256(body)
			if rsa.VerifyPKCS1v15(&s.key.PublicKey, crypto.SHA256, digest[:], sig) != nil {
				b.Fatal()
			}
		}
	})
	b.Run("unspoof", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.verify(b, msg, nil)
		}
	})
	b.Run("go-msgauth", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.verifyPeer(b, msg)
		}
	})
}

// BenchmarkDKIMBody is 10 MB, whole in memory and as a stream, beside SHA-256.
func BenchmarkDKIMBody(b *testing.B) {
	s := newSigner(b)
	for _, c := range []struct {
		name string
		body []byte
	}{{"prose", prose(10 << 20)}, {"base64", encoded(10 << 20)}} {
		msg := s.sign(b, c.body, 1)
		run := func(name string, f func(b *testing.B)) {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(len(c.body)))
				b.ReportAllocs()
				for b.Loop() {
					f(b)
				}
			})
		}
		run("sha256", func(*testing.B) { sha256.Sum256(c.body) })
		run("unspoof", func(b *testing.B) { s.verify(b, msg, nil) })
		run("unspoof-stream", func(b *testing.B) { s.verify(b, nil, bytes.NewReader(msg)) })
		run("go-msgauth", func(b *testing.B) { s.verifyPeer(b, msg) })
	}
}

// BenchmarkDKIMThreeSignatures is what further signatures cost on 1 MB.
func BenchmarkDKIMThreeSignatures(b *testing.B) {
	s := newSigner(b)
	body := prose(1 << 20)
	for _, n := range []int{1, 3} {
		msg := s.sign(b, body, n)
		b.Run(fmt.Sprint("unspoof/", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.verify(b, msg, nil)
			}
		})
		b.Run(fmt.Sprint("go-msgauth/", n), func(b *testing.B) {
			for b.Loop() {
				s.verifyPeer(b, msg)
			}
		})
	}
	digest := sha256.Sum256(body)
	sig, _ := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, digest[:])
	b.Run("key-operation", func(b *testing.B) {
		for b.Loop() {
			_ = rsa.VerifyPKCS1v15(&s.key.PublicKey, crypto.SHA256, digest[:], sig)
		}
	})
}

package arc_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"unspoof/dkim"
)

// now is when every test takes place.
var now = time.Unix(1_800_000_000, 0)

// sealer makes ARC sets, for tests only; its key is made from its domain.
type sealer struct {
	domain string
	signer string // of the message signature; domain where empty
	cv     string // instead of the right one
	h      string // instead of from:to:subject
	extra  string // tags of the message signature
}

func (s sealer) key() ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(s.domain))
	return ed25519.NewKeyFromSeed(seed[:])
}

// publish puts the keys of domains into a zone.
func publish(domains ...string) zone {
	z := zone{}
	for _, d := range domains {
		pub := sealer{domain: d}.key().Public().(ed25519.PublicKey)
		z["s._domainkey."+d] = "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(pub)
	}
	return z
}

// seal adds set i to a message.
func (s sealer) seal(t testing.TB, message string, i int) string {
	t.Helper()
	signer := s
	if s.signer != "" {
		signer = sealer{domain: s.signer}
	}
	h, body := dkim.ReadHeader([]byte(message))
	digest, _ := dkim.BodyDigest(body, dkim.Relaxed, -1)
	names := s.h
	if names == "" {
		names = "from:to:subject"
	}
	aar := fmt.Sprintf("ARC-Authentication-Results: i=%d; %s; dmarc=pass header.from=author.example\r\n", i, s.domain)
	ams := signer.finish(t, dkim.ARCMessage, fmt.Sprintf("ARC-Message-Signature: i=%d; a=ed25519-sha256; c=relaxed/relaxed; d=%s; s=s; h=%s; bh=%s; %sb=",
		i, signer.domain, names, base64.StdEncoding.EncodeToString(digest[:]), s.extra),
		func(sig dkim.Signature) [32]byte {
			sig.Signed = strings.FieldsFunc(names, func(r rune) bool { return r == ':' }) // whether or not it is accepted
			return sig.HeaderDigest(h, -1)
		})
	cv := s.cv
	if cv == "" {
		cv = map[bool]string{true: "none", false: "pass"}[i == 1]
	}
	as := s.finish(t, dkim.ARCSeal, fmt.Sprintf("ARC-Seal: i=%d; a=ed25519-sha256; t=1799999999; cv=%s; d=%s; s=s; b=", i, cv, s.domain),
		func(sig dkim.Signature) [32]byte {
			var buf []byte
			for n := 1; n < i; n++ {
				for _, name := range []string{"ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal"} {
					for _, f := range h.All(name) {
						if strings.Contains(string(h.Raw(f)), fmt.Sprintf(" i=%d;", n)) {
							buf = dkim.AppendField(buf, h.Raw(f), dkim.Relaxed)
						}
					}
				}
			}
			buf = dkim.AppendField(dkim.AppendField(buf, []byte(aar), dkim.Relaxed), []byte(ams), dkim.Relaxed)
			return sha256.Sum256(sig.AppendUnsigned(buf))
		})
	return as + ams + aar + message
}

// finish fills in b=.
func (s sealer) finish(t testing.TB, kind dkim.Kind, field string, digest func(dkim.Signature) [32]byte) string {
	t.Helper()
	// Some cases are not to be accepted; they are hashed all the same.
	sig, err := dkim.ParseSignature([]byte(field+"AAAA\r\n"), kind)
	if err != nil {
		t.Logf("the test's own field: %v", err)
	}
	sum := digest(sig)
	return field + base64.StdEncoding.EncodeToString(ed25519.Sign(s.key(), sum[:])) + "\r\n"
}

const plain = "From: Ann <ann@author.example>\r\nTo: bob@reader.example\r\nSubject: hello\r\n\r\nA few words.\r\n"

// sealed gives plain with a set of each domain, the first one innermost.
func sealed(t testing.TB, domains ...string) string {
	t.Helper()
	m := plain
	for i, d := range domains {
		m = sealer{domain: d}.seal(t, m, i+1)
	}
	return m
}

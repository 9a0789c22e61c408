package auth_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"unspoof/auth"
	"unspoof/dkim"
	"unspoof/dns"
)

// now is when every test takes place.
var now = time.Unix(1_800_000_000, 0)

// zone answers TXT questions, one record a name, and A with one address for every
// name that has something; "servfail" is no answer. Names with nothing at or below
// them don't exist.
type zone map[string]string

func (z zone) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if err := ctx.Err(); err != nil {
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultTimeout, Err: err}
	}
	name := dns.Canonical(q.Name)
	a := dns.Answer{RCode: dns.NXDomain}
	switch text, ok := z[name]; {
	case text == "servfail":
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultServFail}
	case text == "slow":
		<-ctx.Done()
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultTimeout, Err: ctx.Err()}
	case ok && q.Type == dns.TypeTXT:
		a.RCode = dns.NoError
		a.Records = []dns.Record{{Name: name, Type: dns.TypeTXT, Text: []string{text}}}
	case ok && q.Type == dns.TypeA:
		a.RCode = dns.NoError
		a.Records = []dns.Record{{Name: name, Type: dns.TypeA, Addr: netip.MustParseAddr("192.0.2.77")}}
	default:
		for n := range z {
			if n == name || strings.HasSuffix(n, "."+name) {
				a.RCode = dns.NoError
			}
		}
	}
	return a, nil
}

// counter counts questions.
type counter struct {
	dns.Resolver
	asked atomic.Int64
}

func (c *counter) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	c.asked.Add(1)
	return c.Resolver.Lookup(ctx, q)
}

// The two hosts, and the two domains of most tests.
var (
	bankIP = netip.MustParseAddr("192.0.2.1")
	evilIP = netip.MustParseAddr("198.51.100.9")
)

// world is a zone with bank.example, which protects its name, and evil.example,
// for which everything passes; more names are added or put in their place.
func world(more map[string]string) zone {
	z := zone{
		"bank.example":        "v=spf1 ip4:192.0.2.1 -all",
		"_dmarc.bank.example": "v=DMARC1; p=reject; rua=mailto:dmarc@bank.example",
		"evil.example":        "v=spf1 ip4:198.51.100.9 -all",
		"_dmarc.evil.example": "v=DMARC1; p=none",
		"helo.evil.example":   "v=spf1 ip4:198.51.100.9 -all",
	}
	for _, d := range []string{"bank.example", "evil.example", "list.example"} {
		pub := key(d).Public().(ed25519.PublicKey)
		z["s._domainkey."+d] = "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(pub)
	}
	for name, text := range more {
		z[name] = text
	}
	return z
}

func key(domain string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(domain))
	return ed25519.NewKeyFromSeed(seed[:])
}

// sign puts a signature in front of a message that covers From once, as weak
// signers do. d and s may be anything; owner is whose key it is.
func sign(t testing.TB, owner, d, s, msg string) string {
	t.Helper()
	h, body := dkim.ReadHeader([]byte(msg))
	sum, _ := dkim.BodyDigest(body, dkim.Relaxed, -1)
	field := "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=" + d + "; s=" + s + "; h=from:subject; bh=" +
		base64.StdEncoding.EncodeToString(sum[:]) + "; b="
	sig, _ := dkim.ParseSignature([]byte(field+"AAAA\r\n"), dkim.DKIM) // some are not to be accepted
	digest := sig.HeaderDigest(h, -1)
	return field + base64.StdEncoding.EncodeToString(ed25519.Sign(key(owner), digest[:])) + "\r\n" + msg
}

// seal puts the first ARC set in front of a message.
func seal(t testing.TB, d, results, msg string) string {
	t.Helper()
	h, body := dkim.ReadHeader([]byte(msg))
	sum, _ := dkim.BodyDigest(body, dkim.Relaxed, -1)
	finish := func(kind dkim.Kind, field string, digest func(dkim.Signature) [32]byte) string {
		sig, err := dkim.ParseSignature([]byte(field+"AAAA\r\n"), kind)
		if err != nil {
			t.Fatal(err)
		}
		value := digest(sig)
		return field + base64.StdEncoding.EncodeToString(ed25519.Sign(key(d), value[:])) + "\r\n"
	}
	aar := "ARC-Authentication-Results: i=1; " + d + "; " + results + "\r\n"
	ams := finish(dkim.ARCMessage, "ARC-Message-Signature: i=1; a=ed25519-sha256; c=relaxed/relaxed; d="+d+"; s=s; h=from:subject; bh="+
		base64.StdEncoding.EncodeToString(sum[:])+"; b=", func(s dkim.Signature) [32]byte { return s.HeaderDigest(h, -1) })
	as := finish(dkim.ARCSeal, "ARC-Seal: i=1; a=ed25519-sha256; cv=none; d="+d+"; s=s; b=", func(s dkim.Signature) [32]byte {
		buf := dkim.AppendField(dkim.AppendField(nil, []byte(aar), dkim.Relaxed), []byte(ams), dkim.Relaxed)
		return sha256.Sum256(s.AppendUnsigned(buf))
	})
	return as + ams + aar + msg
}

func check(t testing.TB, args auth.Args) auth.Result {
	t.Helper()
	if args.Now.IsZero() {
		args.Now = now
	}
	res, err := auth.Check(context.Background(), args)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// letter is a message with that From field, or fields, and a body.
func letter(from string) string {
	return from + "\r\nTo: you@reader.example\r\nSubject: hello\r\n\r\nA few words.\r\n"
}

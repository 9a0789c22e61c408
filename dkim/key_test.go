package dkim_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"unspoof/dkim"
	"unspoof/dns"
)

func TestParseKey(t *testing.T) {
	good, _ := signed.rsa.Record()
	ed, _ := signed.ed.Record()
	p := strings.TrimPrefix(good, "v=DKIM1; k=rsa; p=")
	for _, c := range []struct {
		name, record string
		reason       string // "" is read
	}{
		{"as we write it", good, ""},
		{"Ed25519", ed, ""},
		{"p= alone", "p=" + p, ""},
		{"white space in p=", "k=rsa; p=" + p[:50] + " \t" + p[50:], ""},
		{"a semicolon at the end", good + ";", ""},
		{"two semicolons", strings.Replace(good, ";", ";;", 1), ""},
		{"unknown tags", good + "; zz=1; g=*; n=note here", ""},
		{"PKCS #1", "p=" + pkcs1(t), ""},

		{"another version", strings.Replace(good, "DKIM1", "DKIM2", 1), "version"},
		{"version in lower case", strings.Replace(good, "DKIM1", "dkim1", 1), "version"},
		{"version not first", "k=rsa; v=DKIM1; p=" + p, "first tag"},
		{"no p=", "v=DKIM1; k=rsa", "p= missing"},
		{"revoked", "v=DKIM1; p=", "revoked"},
		{"revoked with white space", "v=DKIM1; p= ", "revoked"},
		{"no base64", "p=!!!!", "not base64"},
		{"base64 of something", "p=aGVsbG8=", "no RSA key"},
		{"octets behind the key", "p=" + base64.StdEncoding.EncodeToString(append(decode(t, p), 0)), "no RSA key"},
		{"cut at 255", good[:255], "255 octets"},
		{"an unknown type", strings.Replace(good, "k=rsa", "k=dsa", 1), "unknown key type"},
		{"Ed25519 of 31 octets", "k=ed25519; p=" + base64.StdEncoding.EncodeToString(make([]byte, 31)), "31 octets"},
		{"RSA under k=ed25519", strings.Replace(good, "k=rsa", "k=ed25519", 1), "octets"},
		{"twice p=", good + "; p=" + p, "duplicate tag p="},
		{"an SPF record", "v=spf1 -all", "version"},
		{"prose", "hello", "no ="},
		{"nothing", "", "p= missing"},
		{"a record of 20 KB", "n=" + strings.Repeat("x", 20<<10) + "; " + good, "over 16384"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, err := dkim.ParseKey(c.record)
			if (err == nil) != (c.reason == "") || err != nil && !strings.Contains(err.Error(), c.reason) {
				t.Errorf("%v, want %q", err, c.reason)
			}
			var fault *dkim.Fault
			if err != nil && (!errors.As(err, &fault) || fault.Word != dkim.PermError) {
				t.Errorf("%v is no permerror", err)
			}
			if err != nil && k.Verify([32]byte{}, []byte{1}) {
				t.Error("a faulty key verifies")
			}
		})
	}
}

func decode(t *testing.T, s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func pkcs1(t *testing.T) string {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&k.PublicKey))
}

func TestKeyMustFit(t *testing.T) {
	good, _ := signed.rsa.Record()
	with := func(tag string) string { return strings.Replace(good, "v=DKIM1;", "v=DKIM1; "+tag+";", 1) }
	sub := strings.Replace(base, "v=1;", "v=1; i=@mail.example.com;", 1)
	for _, c := range []struct {
		name, record, field string
		reason              string
	}{
		{"a plain key", good, base, ""},
		{"sha256 among others", with("h=sha1 : sha256"), base, ""},
		{"sha1 only", with("h=sha1"), base, "sha256"},
		{"an empty h=", with("h="), base, "sha256"},
		{"mail", with("s=email"), base, ""},
		{"every service", with("s=tlsrpt:*"), base, ""},
		{"reports only", with("s=tlsrpt"), base, "not for mail"},
		{"t=s and no subdomain", with("t=s"), base, ""},
		{"t=s and a subdomain", with("t=y : s"), sub, "forbids the subdomain"},
		{"a subdomain without t=s", with("t=y"), sub, ""},
		{"another type", good, strings.Replace(base, "rsa-sha256", "ed25519-sha256", 1), "does not fit"},
	} {
		k, err := dkim.ParseKey(c.record)
		if err != nil {
			t.Fatal(c.name, err)
		}
		s, err := dkim.ParseSignature([]byte(c.field), dkim.DKIM)
		if err != nil {
			t.Fatal(c.name, err)
		}
		if err = k.Fit(s); (err == nil) != (c.reason == "") || err != nil && !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want %q", c.name, err, c.reason)
		}
	}
}

// answers gives every question the same answer.
type answers struct {
	a   dns.Answer
	err error
}

func (a answers) Lookup(context.Context, dns.Question) (dns.Answer, error) { return a.a, a.err }

func TestFetchKeyTellsFaultsApart(t *testing.T) {
	good, _ := signed.rsa.Record()
	records := func(texts ...string) (a dns.Answer) {
		for _, text := range texts {
			a.Records = append(a.Records, dns.Record{Text: []string{text}})
		}
		return a
	}
	for _, c := range []struct {
		name   string
		dns    answers
		word   dkim.Word
		reason string
	}{
		{"one record", answers{a: records(good)}, "", ""},
		{"no such name", answers{a: dns.Answer{RCode: dns.NXDomain}}, dkim.PermError, "no key record"},
		{"no TXT", answers{a: dns.Answer{}}, dkim.PermError, "no key record"},
		{"two keys", answers{a: records(good, "v=DKIM1; p=")}, dkim.PermError, "several key records"},
		{"a key beside another text", answers{a: records("v=spf1 -all", good, "x")}, "", ""},
		{"two texts, no key", answers{a: records("v=spf1 -all", "x")}, dkim.PermError, "version"},
		{"eleven texts", answers{a: records(good, "", "", "", "", "", "", "", "", "", "")}, dkim.PermError, "several"},
		{"SERVFAIL", answers{err: &dns.Error{Kind: dns.FaultServFail}}, dkim.TempError, "servfail"},
		{"a timeout", answers{err: &dns.Error{Kind: dns.FaultTimeout}}, dkim.TempError, "timeout"},
		{"a damaged answer", answers{err: &dns.Error{Kind: dns.FaultMalformed}}, dkim.TempError, "malformed"},
		{"a name that can't be asked", answers{err: &dns.Error{Kind: dns.FaultName}}, dkim.PermError, "can't be asked"},
		{"an error of another kind", answers{err: errors.New("disk on fire")}, dkim.TempError, "disk on fire"},
	} {
		_, err := dkim.FetchKey(context.Background(), c.dns, "example.com", "s")
		var fault *dkim.Fault
		if errors.As(err, &fault) != (c.word != "") || fault != nil && (fault.Word != c.word || !strings.Contains(fault.Reason, c.reason)) {
			t.Errorf("%s: %v, want %s %q", c.name, err, c.word, c.reason)
		}
	}
}

package dkim_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"unspoof/dkim"
	"unspoof/dns"
)

func TestPrivateKeyRoundTrip(t *testing.T) {
	for _, k := range []dkim.PrivateKey{signed.rsa, signed.ed} {
		text, err := k.PEM()
		if err != nil {
			t.Fatal(err)
		}
		back, err := dkim.ParsePrivateKey(append([]byte("a comment\n"), text...))
		if err != nil || !back.Equal(k) {
			t.Errorf("%s: read back as %v (%v)", k, back, err)
		}
		record, err := k.Record()
		if err != nil {
			t.Fatal(err)
		}
		pub, err := dkim.ParseKey(record)
		if err != nil || pub.Bits != k.Bits() {
			t.Errorf("%s: record %q: %+v (%v)", k, record, pub, err)
		}
	}
	if signed.rsa.Equal(signed.ed) || !(dkim.PrivateKey{}).Equal(dkim.PrivateKey{}) {
		t.Error("Equal is wrong")
	}
}

func TestParsePrivateKey(t *testing.T) {
	block := func(typ string, der []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: typ, Bytes: der})
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err8 := x509.MarshalPKCS8PrivateKey(rsaKey)
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecDER, ecErr := x509.MarshalPKCS8PrivateKey(ec)
	pub, pubErr := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	for _, c := range []struct {
		name string
		text []byte
		want string // "" is read
	}{
		{"PKCS #1", block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), nil), ""},
		{"PKCS #8", block("PRIVATE KEY", pkcs8, err8), ""},
		{"a public key before it", append(block("PUBLIC KEY", pub, pubErr), block("PRIVATE KEY", pkcs8, nil)...), ""},
		{"a public key alone", block("PUBLIC KEY", pub, pubErr), "no private key"},
		{"encrypted", block("ENCRYPTED PRIVATE KEY", pkcs8, nil), "encrypted"},
		{"an EC key", block("PRIVATE KEY", ecDER, ecErr), "want RSA or Ed25519"},
		{"damaged", block("PRIVATE KEY", pkcs8[:100], nil), "PKCS #8"},
		{"damaged PKCS #1", block("RSA PRIVATE KEY", pkcs8, nil), "PKCS #1"},
		{"nothing", nil, "no private key"},
		{"DER", pkcs8, "no private key"},
	} {
		k, err := dkim.ParsePrivateKey(c.text)
		if c.want == "" && (err != nil || k.Bits() != 2048) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, %v, want %q", c.name, k, err, c.want)
		}
	}
}

func TestPrivateKeyIsNotPrinted(t *testing.T) {
	text, _ := signed.rsa.PEM()
	block, _ := pem.Decode(text)
	k, _ := x509.ParsePKCS8PrivateKey(block.Bytes)
	secret := k.(*rsa.PrivateKey).D.String()
	for _, s := range []string{fmt.Sprint(signed.rsa), fmt.Sprintf("%+v", dkim.SigningKey{Key: signed.rsa}), fmt.Sprintf("%#v", signed.rsa)} {
		if strings.Contains(s, secret[:20]) || !strings.Contains(s, "2048 bits") {
			t.Errorf("printed as %.200s", s)
		}
	}
	if _, err := json.Marshal(signed.rsa); err == nil {
		t.Error("a private key became JSON")
	}
}

func TestGenerateKnowsItsAlgorithms(t *testing.T) {
	if _, err := dkim.Generate(dkim.RSASHA1); err == nil {
		t.Error("a key for rsa-sha1 was made")
	}
}

func TestRecordForms(t *testing.T) {
	record, _ := signed.rsa.Record()
	parts := dkim.Strings(record)
	if len(parts) != 2 || len(parts[0]) != 255 || strings.Join(parts, "") != record {
		t.Errorf("%d strings", len(parts))
	}
	name, err := dkim.KeyName("S1", "Bücher.example")
	if err != nil || name != "s1._domainkey.xn--bcher-kva.example" {
		t.Errorf("name %q (%v)", name, err)
	}
	for _, text := range []string{record, "v=DKIM1; p=", `n="a\b"` + "\x00\xff; p="} {
		zone, err := dns.ParseZone("zone", []byte(dkim.ZoneLine("s1._domainkey.example.com", text)))
		if err != nil || len(zone) != 1 || strings.Join(zone[0].Text, "") != text || zone[0].Name != "s1._domainkey.example.com" {
			t.Errorf("%q in a zone file: %+v (%v)", text, zone, err)
		}
		line := "s1.example.com. IN TXT " + dkim.Quoted(text) + "\n"
		if zone, err = dns.ParseZone("zone", []byte(line)); err != nil || strings.Join(zone[0].Text, "") != text {
			t.Errorf("%q quoted: %+v (%v)", text, zone, err)
		}
	}
	for _, c := range [][2]string{{"a b", "example.com"}, {"s", "com"}, {"", "example.com"}, {"s", "-x.example.com"}, {strings.Repeat("a.", 120) + "a", "example.com"}} {
		if name, err := dkim.KeyName(c[0], c[1]); err == nil {
			t.Errorf("KeyName(%q, %q) = %q", c[0], c[1], name)
		}
	}
}

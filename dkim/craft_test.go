package dkim_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"crypto"
	"crypto/rsa"
	"crypto/x509"

	"unspoof/dkim"
)

// bodyHash is bh= of a body that is canonical already.
func bodyHash(body string) string {
	sum := sha256.Sum256([]byte(body))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// signBy signs with the RSA key as an odd signer would: field is a whole
// signature field up to its "b=", whatever it says.
func signBy(t testing.TB, field, head, body string) []byte {
	t.Helper()
	text, err := signed.rsa.PEM()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	s, err := dkim.ParseSignature([]byte(field+"AAAA\r\n"), dkim.DKIM)
	if err != nil && s.Signed == nil {
		// What can't be read is signed over nothing.
		return []byte(field + "AAAA\r\n" + head + "\r\n" + body)
	}
	h, _ := dkim.ReadHeader([]byte(head))
	digest := s.HeaderDigest(h, -1)
	value, err := rsa.SignPKCS1v15(nil, key.(*rsa.PrivateKey), crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	b := base64.StdEncoding.EncodeToString(value)
	if strings.HasSuffix(field, "c=simple/simple; b=") || !strings.Contains(field, "relaxed") {
		return []byte(field + b + "\r\n" + head + "\r\n" + body) // folding counts
	}
	return []byte(field + b[:60] + "\r\n\t" + b[60:] + "\r\n" + head + "\r\n" + body)
}

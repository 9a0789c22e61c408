//go:build e2e && linux

package probe_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"
)

// certificates are the files of key and chain, by kind, and the authority that
// the right ones rest on.
type certificates struct {
	roots *x509.CertPool
	files map[string]string // key and certificates in one, as Postfix wants it
	certs map[string]string // certificates alone
	keys  map[string]string
}

func newCertificates(t *testing.T, dir string) certificates {
	t.Helper()
	out := certificates{roots: x509.NewCertPool(), files: map[string]string{}, certs: map[string]string{}, keys: map[string]string{}}
	now := time.Now()
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"}, NotBefore: now.AddDate(-2, 0, 0), NotAfter: now.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caKey := newKey(t)
	caDER := sign(t, ca, ca, caKey, caKey)
	ca, err := x509.ParseCertificate(caDER)
	if err != nil {
		t.Fatal(err)
	}
	out.roots.AddCert(ca)
	for i, c := range []struct {
		kind, name string
		from, to   time.Time
		self       bool
	}{
		{"right", host, now.AddDate(0, 0, -1), now.AddDate(0, 1, 0), false},
		{"expired", host, now.AddDate(-1, 0, 0), now.AddDate(0, 0, -3), false},
		{"wrong", "www.elsewhere.example", now.AddDate(0, 0, -1), now.AddDate(0, 1, 0), false},
		{"self-signed", host, now.AddDate(0, 0, -1), now.AddDate(0, 1, 0), true},
	} {
		key := newKey(t)
		leaf := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 2)), Subject: pkix.Name{CommonName: c.name}, DNSNames: []string{c.name}, NotBefore: c.from, NotAfter: c.to,
			KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
		parent, parentKey := ca, caKey
		if c.self {
			parent, parentKey = leaf, key
		}
		der := sign(t, leaf, parent, key, parentKey)
		keyDER, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		keyText := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
		text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
		out.files[c.kind] = write(t, dir, "tls/"+c.kind+".pem", keyText+text)
		out.certs[c.kind] = write(t, dir, "tls/"+c.kind+".crt", text)
		out.keys[c.kind] = write(t, dir, "tls/"+c.kind+".key", keyText)
	}
	return out
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t *testing.T, c, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

package probe

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// testCertificate is self-signed, for mail.d.example, and good for a day around
// now.
func testCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, DNSNames: []string{"mail.d.example"}, NotBefore: time.Now().Add(-12 * time.Hour),
		NotAfter: time.Now().Add(12 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func testTLS(t *testing.T) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{testCertificate(t)}, MinVersion: tls.VersionTLS12}
}

func TestNameDatesAndChainAreJudgedApart(t *testing.T) {
	t.Parallel()
	cert := testCertificate(t)
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	for _, c := range []struct {
		name                string
		host                string
		roots               *x509.CertPool
		at                  time.Duration
		named, dated, known State
	}{
		{"right", "mail.d.example", roots, 0, Fine, Fine, Fine},
		{"another name", "mx.d.example", roots, 0, Found, Fine, Fine},
		{"over", "mail.d.example", roots, 24 * time.Hour, Fine, Found, Fine},
		{"not yet", "mail.d.example", roots, -24 * time.Hour, Fine, Found, Fine},
		{"unknown authority", "mail.d.example", x509.NewCertPool(), 0, Fine, Fine, Found},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{tls: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}}
			p := askFake(t, f, func(p *server) { p.host, p.Roots, p.Now = c.host, c.roots, p.Now.Add(c.at) })
			p.expect(t, CertificateName, c.named)
			p.expect(t, CertificateDates, c.dated)
			p.expect(t, CertificateChain, c.known)
			p.expect(t, OldTLS, Fine)
		})
	}
}

func TestOldTLSIsFound(t *testing.T) {
	t.Parallel()
	cfg := testTLS(t)
	cfg.MinVersion = tls.VersionTLS10
	askFake(t, &fake{tls: cfg}, nil).expect(t, OldTLS, Found)
}

// secretToken is what AUTH PLAIN sends for the login below.
var secretToken = base64.StdEncoding.EncodeToString([]byte("\x00anna@d.example\x00s3cret"))

func withLogin(p *server) { p.Login = &Login{User: "anna@d.example", Password: "s3cret"} }

func TestALoginIsTriedInsideTLSOnly(t *testing.T) {
	t.Parallel()
	f := &fake{extra: []string{"AUTH PLAIN"}, login: secretToken}
	p := askFake(t, f, withLogin)
	for _, c := range f.heard() {
		if strings.HasPrefix(c, "AUTH") {
			t.Errorf("sent in clear: %q", c)
		}
	}
	p.expect(t, LoginAnyAddress, Unknown)
}

func TestAPasswordGoesToTheRightCertificateOnly(t *testing.T) {
	t.Parallel()
	f := &fake{tls: testTLS(t), inside: []string{"AUTH PLAIN"}, login: secretToken}
	at := f.start(t)
	p := newServer(Args{Domain: "d.example", Now: time.Now(), Login: &Login{User: "anna@d.example", Password: "s3cret"}}, Server{Host: "mail.d.example", Ports: Ports{MX: at.Port()}, Named: true}, loopback)
	s, err := p.secure(context.Background(), at.Port())
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	p.addr = netip.MustParseAddr("9.9.9.9") // as if it were far away
	if err := p.authenticate(s); err == nil {
		t.Error("logged in at a server that could be anybody")
	}
	for _, c := range f.heard() {
		if strings.HasPrefix(c, "AUTH") {
			t.Errorf("sent %q", c)
		}
	}
}

func TestALoginThatMayWriteAsOthersIsFound(t *testing.T) {
	t.Parallel()
	for _, any := range []bool{false, true} {
		f := &fake{tls: testTLS(t), inside: []string{"AUTH PLAIN LOGIN"}, login: secretToken, anySender: any}
		p := askFake(t, f, func(p *server) { writable(p); withLogin(p) })
		want := Fine
		if any {
			want = Found
		}
		p.expect(t, LoginAnyAddress, want)
		p.expect(t, LoginAnyDomain, want)
		for _, test := range p.tests {
			if lines := strings.Join(test.Dialogue, "\n"); strings.Contains(lines, secretToken) || strings.Contains(lines, "s3cret") {
				t.Errorf("%s: the password stands in the dialogue", test.ID)
			}
		}
	}
}

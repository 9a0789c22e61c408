package tlspolicy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"
	"time"

	"unspoof/dns"
)

var now = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// issuer makes certificates under its own.
type issuer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate in DER; a nil issuer signs itself.
func (i *issuer) issue(t testing.TB, name string, ca bool) (*issuer, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IsCA: ca, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	parent, signer := template, key
	if i != nil {
		parent, signer = i.cert, i.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{cert, key}, der
}

// tlsa makes the record that names a certificate.
func tlsa(usage, selector, matching uint8, cert *x509.Certificate) dns.TLSA {
	data := cert.Raw
	if selector == 1 {
		data = cert.RawSubjectPublicKeyInfo
	}
	switch matching {
	case 1:
		sum := sha256.Sum256(data)
		data = sum[:]
	case 2:
		sum := sha512.Sum512(data)
		data = sum[:]
	}
	return dns.TLSA{Usage: usage, Selector: selector, MatchingType: matching, Data: data}
}

func TestVerify(t *testing.T) {
	root, rootDER := (*issuer)(nil).issue(t, "root", true)
	middle, middleDER := root.issue(t, "middle", true)
	leaf, leafDER := middle.issue(t, "mail.example.com", false)
	other, otherDER := (*issuer)(nil).issue(t, "mail.example.com", false)
	chain := [][]byte{leafDER, middleDER, rootDER}
	host := []string{"mail.example.com"}
	for _, tc := range []struct {
		rule    string
		records []dns.TLSA
		chain   [][]byte
		names   []string
		now     time.Time
		want    DANEResult
		reason  string
	}{
		{"no records", nil, chain, host, now, DANENone, ""},
		{"3 1 1", []dns.TLSA{tlsa(3, 1, 1, leaf.cert)}, chain, host, now, DANEMatch, ""},
		{"3 0 1", []dns.TLSA{tlsa(3, 0, 1, leaf.cert)}, chain, host, now, DANEMatch, ""},
		{"3 1 2", []dns.TLSA{tlsa(3, 1, 2, leaf.cert)}, chain, host, now, DANEMatch, ""},
		{"3 0 0", []dns.TLSA{tlsa(3, 0, 0, leaf.cert)}, chain, host, now, DANEMatch, ""},
		{"3 1 0", []dns.TLSA{tlsa(3, 1, 0, leaf.cert)}, chain, host, now, DANEMatch, ""},
		{"usage 3 asks for no name and no date", []dns.TLSA{tlsa(3, 1, 1, leaf.cert)}, chain, []string{"other.example"}, now.Add(99 * time.Hour), DANEMatch, ""},
		{"usage 3 is about the server's own certificate", []dns.TLSA{tlsa(3, 1, 1, middle.cert)}, chain, host, now, DANEMismatch, "no TLSA"},
		{"another certificate", []dns.TLSA{tlsa(3, 1, 1, leaf.cert)}, [][]byte{otherDER}, host, now, DANEMismatch, "no TLSA"},
		{"one of several", []dns.TLSA{tlsa(3, 1, 1, other.cert), tlsa(3, 1, 1, leaf.cert)}, chain, host, now, DANEMatch, ""},
		{"2 0 1 of the root", []dns.TLSA{tlsa(2, 0, 1, root.cert)}, chain, host, now, DANEMatch, ""},
		{"2 1 1 of one between", []dns.TLSA{tlsa(2, 1, 1, middle.cert)}, chain, host, now, DANEMatch, ""},
		{"2 0 1, and the root was not sent", []dns.TLSA{tlsa(2, 0, 1, root.cert)}, chain[:2], host, now, DANEMismatch, "no TLSA"},
		{"2 0 0 holds the root itself", []dns.TLSA{tlsa(2, 0, 0, root.cert)}, chain[:2], host, now, DANEMatch, ""},
		{"usage 2 and another name", []dns.TLSA{tlsa(2, 0, 1, root.cert)}, chain, []string{"mx.example.net"}, now, DANEMismatch, "other names"},
		{"usage 2 and the second name", []dns.TLSA{tlsa(2, 0, 1, root.cert)}, chain, []string{"example.com", "MAIL.example.com."}, now, DANEMatch, ""},
		{"usage 2 and past its date", []dns.TLSA{tlsa(2, 0, 1, root.cert)}, chain, host, now.Add(99 * time.Hour), DANEMismatch, "does not stand under"},
		{"usage 2 and a certificate of another's", []dns.TLSA{tlsa(2, 0, 1, root.cert)}, [][]byte{otherDER, middleDER, rootDER}, host, now, DANEMismatch, "does not stand under"},
		{"usage 1 is not used", []dns.TLSA{tlsa(1, 1, 1, leaf.cert)}, chain, host, now, DANEUnusable, "usage 1"},
		{"usage 0 beside one that fits", []dns.TLSA{tlsa(0, 1, 1, other.cert), tlsa(3, 1, 1, leaf.cert)}, chain, host, now, DANEMatch, ""},
		{"no certificate", []dns.TLSA{tlsa(3, 1, 1, leaf.cert)}, nil, host, now, DANEMismatch, "sent no"},
		{"rubbish", []dns.TLSA{tlsa(3, 1, 1, leaf.cert)}, [][]byte{{1, 2}}, host, now, DANEMismatch, "cannot be read"},
		{"rubbish in between", []dns.TLSA{tlsa(2, 1, 1, middle.cert)}, [][]byte{leafDER, {1, 2}, middleDER}, host, now, DANEMatch, ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			got := Verify(tc.records, tc.chain, tc.names, tc.now)
			if got.Result != tc.want || !strings.Contains(got.Reason, tc.reason) || got.Reason == "" || (got.Record != nil) != (got.Result == DANEMatch) {
				t.Errorf("%+v", got)
			}
		})
	}
	if ok, err := Matches(tlsa(1, 1, 1, leaf.cert), leafDER); !ok || err != nil {
		t.Error("Matches looks at the data alone")
	}
	if _, err := Matches(dns.TLSA{}, []byte("x")); err == nil {
		t.Error("took no certificate")
	}
}

func TestUsable(t *testing.T) {
	digest := make([]byte, 32)
	for _, tc := range []struct {
		r    dns.TLSA
		want string
	}{
		{dns.TLSA{Usage: 3, Selector: 1, MatchingType: 1, Data: digest}, ""},
		{dns.TLSA{Usage: 2, Selector: 0, MatchingType: 2, Data: make([]byte, 64)}, ""},
		{dns.TLSA{Usage: 0, Selector: 1, MatchingType: 1, Data: digest}, "usage 0"},
		{dns.TLSA{Usage: 255, Selector: 1, MatchingType: 1, Data: digest}, "usage 255"},
		{dns.TLSA{Usage: 3, Selector: 2, MatchingType: 1, Data: digest}, "selector 2"},
		{dns.TLSA{Usage: 3, Selector: 1, MatchingType: 3, Data: digest}, "matching type 3"},
		{dns.TLSA{Usage: 3, Selector: 1, MatchingType: 1, Data: digest[:31]}, "32 octets"},
		{dns.TLSA{Usage: 3, Selector: 1, MatchingType: 2, Data: digest}, "64 octets"},
		{dns.TLSA{Usage: 3, Selector: 0, MatchingType: 0, Data: digest}, "no certificate"},
		{dns.TLSA{Usage: 3, Selector: 1, MatchingType: 0, Data: digest}, "no public key"},
		{dns.TLSA{Usage: 3, Selector: 1, MatchingType: 1}, "this one 0"},
	} {
		if got := Usable(tc.r); (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%+v: %q", tc.r, got)
		}
	}
	if got := TLSAName(25, "Mail.Example.com."); got != "_25._tcp.mail.example.com" {
		t.Errorf("%q", got)
	}
}

func FuzzVerify(f *testing.F) {
	f.Fuzz(func(t *testing.T, usage, selector, matching uint8, data, leaf, between []byte) {
		r := dns.TLSA{Usage: usage, Selector: selector, MatchingType: matching, Data: data}
		v := Verify([]dns.TLSA{r}, [][]byte{leaf, between}, []string{"mail.example.com"}, now)
		if v.Reason == "" || v.Result == DANENone {
			t.Errorf("%+v", v)
		}
		if ok, err := Matches(r, leaf); v.Result == DANEMatch && usage == 3 && (!ok || err != nil) {
			t.Errorf("Verify and Matches differ: %+v", v)
		}
	})
}

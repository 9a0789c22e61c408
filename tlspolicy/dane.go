package tlspolicy

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"fmt"
	"slices"
	"strconv"
	"time"

	"unspoof/dns"
)

// Usages of TLSA records (RFC 7218).
const (
	UsagePKIXTA = 0
	UsagePKIXEE = 1
	UsageDANETA = 2
	UsageDANEEE = 3
)

// TLSAName is where the TLSA records of a server stand: "_25._tcp.mail.example.com"
// (RFC 6698 section 3). Where the host is an alias, the name that it leads to is
// tried first, then the alias itself (RFC 7672 section 2.2.2).
func TLSAName(port uint16, host string) string {
	return "_" + strconv.Itoa(int(port)) + "._tcp." + dns.Canonical(host)
}

// Usable says why mail servers cannot use a TLSA record, "" where they can (RFC
// 7672 section 3.1). Records that nobody can use, where there are no others, still
// ask for encryption, with any certificate.
func Usable(r dns.TLSA) string {
	switch {
	case r.Usage == UsagePKIXTA || r.Usage == UsagePKIXEE: // RFC 7672 section 3.1.3
		return fmt.Sprintf("usage %d rests on public authorities, which mail servers don't use for DANE", r.Usage)
	case r.Usage > UsageDANEEE:
		return fmt.Sprintf("usage %d is not known", r.Usage)
	case r.Selector > 1:
		return fmt.Sprintf("selector %d is not known", r.Selector)
	case r.MatchingType > 2:
		return fmt.Sprintf("matching type %d is not known", r.MatchingType)
	case r.MatchingType == 1 && len(r.Data) != sha256.Size:
		return fmt.Sprintf("a SHA-256 digest has 32 octets, this one %d", len(r.Data))
	case r.MatchingType == 2 && len(r.Data) != sha512.Size:
		return fmt.Sprintf("a SHA-512 digest has 64 octets, this one %d", len(r.Data))
	case r.MatchingType == 0 && r.Selector == 0:
		if _, err := x509.ParseCertificate(r.Data); err != nil {
			return "what it holds is no certificate"
		}
	case r.MatchingType == 0:
		if _, err := x509.ParsePKIXPublicKey(r.Data); err != nil {
			return "what it holds is no public key"
		}
	}
	return ""
}

// Matches reports whether a certificate, in DER, is the one that a TLSA record
// names (RFC 6698 section 2.1). It says nothing of names, dates and chains: see
// Verify. The error says that the certificate cannot be read.
func Matches(r dns.TLSA, der []byte) (bool, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return false, fmt.Errorf("tlspolicy: certificate: %w", err)
	}
	return matches(r, cert), nil
}

func matches(r dns.TLSA, cert *x509.Certificate) bool {
	data := cert.Raw
	if r.Selector == 1 {
		data = cert.RawSubjectPublicKeyInfo
	}
	switch r.MatchingType {
	case 1:
		sum := sha256.Sum256(data)
		data = sum[:]
	case 2:
		sum := sha512.Sum512(data)
		data = sum[:]
	}
	return bytes.Equal(r.Data, data) && len(data) > 0
}

// DANEResult is what a server's certificate is worth by its TLSA records.
type DANEResult string

const (
	DANENone     DANEResult = "none"     // there are no TLSA records
	DANEUnusable DANEResult = "unusable" // none that can be used: encryption, but nobody is authenticated
	DANEMatch    DANEResult = "match"    // the server is the one meant
	DANEMismatch DANEResult = "mismatch" // senders that use DANE don't deliver
)

// DANE is the outcome of Verify.
type DANE struct {
	Result DANEResult `json:"result"`
	Record *dns.TLSA  `json:"-"`      // that matched, nil
	Reason string     `json:"reason"` // for people
}

// maxChain bounds the certificates of a server that are looked at.
const maxChain = 16

// Verify judges the certificates that a server sent, in DER, its own first, by the
// TLSA records of its name (RFC 7672 section 3, RFC 7671 section 5). names are those that a certificate
// under a trust anchor must have one of: the host's, and the domain's that mail was
// for (section 3.2.2). now is the time of the connection.
//
// A record of usage 3 takes the certificate whatever its names and dates (section
// 3.1.1). One of usage 2 needs the trust anchor's certificate, in what the server
// sent (section 3.1.2) or in the record; a bare key (2 1 0) that no certificate
// sent has is not looked for. The records must come from an authenticated answer:
// that is for the caller to see to.
func Verify(records []dns.TLSA, chain [][]byte, names []string, now time.Time) DANE {
	if len(records) == 0 {
		return DANE{Result: DANENone, Reason: "there are no TLSA records"}
	}
	usable := slices.DeleteFunc(slices.Clone(records), func(r dns.TLSA) bool { return Usable(r) != "" })
	if len(usable) == 0 {
		return DANE{Result: DANEUnusable, Reason: "no TLSA record can be used: " + Usable(records[0])}
	}
	if len(chain) == 0 {
		return DANE{Result: DANEMismatch, Reason: "the server sent no certificate"}
	}
	var certs []*x509.Certificate
	for i, der := range chain[:min(len(chain), maxChain)] {
		cert, err := x509.ParseCertificate(der)
		if err != nil && i == 0 {
			return DANE{Result: DANEMismatch, Reason: "the server's certificate cannot be read"}
		}
		if err == nil {
			certs = append(certs, cert)
		}
	}
	reason := "no TLSA record fits the certificate"
	for i := range usable {
		r := &usable[i]
		if r.Usage == UsageDANEEE {
			if matches(*r, certs[0]) {
				return DANE{DANEMatch, r, "a TLSA record names this certificate"}
			}
			continue
		}
		switch found, err := underAnchor(*r, certs, names, now); {
		case found && err == nil:
			return DANE{DANEMatch, r, "a TLSA record names the authority of this certificate"}
		case found:
			reason = "a TLSA record names the authority, but " + err.Error()
		}
	}
	return DANE{Result: DANEMismatch, Reason: reason}
}

// underAnchor looks for the trust anchor of a record, and whether the server's
// certificate stands under it, with one of the names and in its time.
func underAnchor(r dns.TLSA, certs []*x509.Certificate, names []string, now time.Time) (found bool, err error) {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range certs {
		if matches(r, c) {
			roots.AddCert(c)
			found = true
		} else {
			between.AddCert(c)
		}
	}
	if r.MatchingType == 0 && r.Selector == 0 && !found {
		c, err := x509.ParseCertificate(r.Data)
		if err != nil {
			return false, nil
		}
		roots.AddCert(c)
		found = true
	}
	if !found {
		return false, nil
	}
	opts := x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	if _, err := certs[0].Verify(opts); err != nil {
		return true, fmt.Errorf("the certificate does not stand under it: %w", err)
	}
	for _, name := range names {
		if certs[0].VerifyHostname(dns.Canonical(name)) == nil {
			return true, nil
		}
	}
	return true, fmt.Errorf("the certificate is for other names")
}

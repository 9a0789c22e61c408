package probe

import (
	"context"
	"crypto/x509"
	"time"

	"unspoof/dns"
	"unspoof/finding"
	"unspoof/tlspolicy"
)

// Transport is what senders that check the way to a domain find: its MTA-STS
// policy and TLSA records beside what the mail exchangers show.
type Transport struct {
	MTASTS   STSPolicy         `json:"mta_sts"`
	Hosts    []HostTransport   `json:"hosts"`
	Findings []finding.Finding `json:"-"`
}

// HostTransport is one mail exchanger.
type HostTransport struct {
	Host string `json:"host"`
	// Policy says whether the MTA-STS policy allows the host: "allowed", "not
	// allowed", "" where there is none.
	Policy string `json:"policy"`
	// Certificate says what is wrong with the certificate for MTA-STS (RFC 8461
	// section 4.2); "" where nothing is, or none was seen.
	Certificate string `json:"certificate_fault"`
	// DANE is "" where no certificate was seen.
	DANE tlspolicy.DANEResult `json:"dane"`
}

// TransportArgs are the parts to compare.
type TransportArgs struct {
	STSArgs
	MX    []string       // every mail exchanger of the domain
	Asked []ServerReport // those that showed certificates
	Now   time.Time
	Roots *x509.CertPool // nil: those of the system
}

// JudgeTransport fetches the policy and compares.
func JudgeTransport(ctx context.Context, args TransportArgs) Transport {
	out := Transport{MTASTS: FetchSTS(ctx, args.STSArgs), Hosts: []HostTransport{}, Findings: []finding.Finding{}}
	domain := dns.Canonical(args.Domain)
	add := func(id, host, fault, query, answer string) {
		out.Findings = append(out.Findings, finding.New(id, map[string]string{"domain": domain, "host": host, "fault": fault},
			finding.Evidence{Query: query, Answer: answer}))
	}
	if out.MTASTS.State == Found {
		add("TLS-108", "", out.MTASTS.Why, "GET "+out.MTASTS.URL, out.MTASTS.Why)
	}
	policy := out.MTASTS.Policy
	// In testing mode mail is delivered all the same (RFC 8461 section 5).
	notAllowed, badCertificate := "TLS-109", "TLS-110"
	if policy.Mode == tlspolicy.Testing {
		notAllowed, badCertificate = "TLS-112", "TLS-113"
	}
	active := out.MTASTS.State == Fine && policy.Mode != tlspolicy.None
	certs := map[string][]*x509.Certificate{}
	for _, s := range args.Asked {
		certs[dns.Canonical(s.Host)] = s.Certificates
	}
	for _, mx := range args.MX {
		host := dns.Canonical(mx)
		h := HostTransport{Host: host}
		if active {
			h.Policy = "allowed"
			if !policy.Allows(host) {
				h.Policy = "not allowed"
				add(notAllowed, host, "", "GET "+out.MTASTS.URL, clean(out.MTASTS.Text))
			}
		}
		if shown := certs[host]; len(shown) > 0 {
			if h.Certificate = webFault(shown, host, args); active && h.Certificate != "" {
				add(badCertificate, host, h.Certificate, "the certificate of "+host, h.Certificate)
			}
			dane := tlspolicy.Verify(tlsaRecords(ctx, args.Resolver, host), der(shown), []string{host, domain}, args.Now)
			if h.DANE = dane.Result; dane.Result == tlspolicy.DANEMismatch {
				add("TLS-111", host, dane.Reason, "TLSA "+tlspolicy.TLSAName(Standard.MX, host), dane.Reason)
			}
		}
		out.Hosts = append(out.Hosts, h)
	}
	return out
}

// webFault says what is wrong with a certificate for a sender that follows
// MTA-STS (RFC 8461 section 4.2).
func webFault(certs []*x509.Certificate, host string, args TransportArgs) string {
	pool := x509.NewCertPool()
	for _, c := range certs[1:] {
		pool.AddCert(c)
	}
	_, err := certs[0].Verify(x509.VerifyOptions{DNSName: host, Roots: args.Roots, Intermediates: pool, CurrentTime: args.Now})
	if err != nil {
		return clean(err.Error())
	}
	return ""
}

func der(certs []*x509.Certificate) [][]byte {
	out := make([][]byte, len(certs))
	for i, c := range certs {
		out[i] = c.Raw
	}
	return out
}

// tlsaRecords asks for those of a server's mail port; what is not authenticated
// is none (RFC 7672 section 2.1).
func tlsaRecords(ctx context.Context, r dns.Resolver, host string) []dns.TLSA {
	a, err := r.Lookup(ctx, dns.Question{Name: tlspolicy.TLSAName(Standard.MX, host), Type: dns.TypeTLSA})
	if err != nil || !a.Authenticated {
		return nil
	}
	var out []dns.TLSA
	for _, rec := range a.Records {
		if rec.TLSA != nil && len(out) < maxTLSA {
			out = append(out, *rec.TLSA)
		}
	}
	return out
}

// maxTLSA bounds the TLSA records of one server that are looked at.
const maxTLSA = 50

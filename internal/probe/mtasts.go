package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"

	"unspoof/dns"
	"unspoof/tlspolicy"
)

const (
	// maxPolicy is the size up to which RFC 8461 section 3.3 has senders read a
	// policy: 64 kilobytes.
	maxPolicy = 64 << 10
	// policyTime bounds the fetch: a minute (RFC 8461 section 3.3).
	policyTime = time.Minute
)

// STSArgs says whose policy to fetch.
type STSArgs struct {
	Domain   string
	Resolver dns.Resolver
	Offline  bool         // fetch nothing
	Client   *http.Client // nil: one that reaches public addresses only and follows nothing
}

// STSPolicy is what is served as the MTA-STS policy of a domain, beside the TXT
// record that announces it.
type STSPolicy struct {
	State  State            `json:"state"` // Fine, Found (announced, but not to be had), Unknown, NotTested (not announced)
	Why    string           `json:"why"`
	URL    string           `json:"url,omitempty"`
	ID     string           `json:"id,omitempty"` // of the record
	Text   string           `json:"text,omitempty"`
	Policy tlspolicy.Policy `json:"-"`
}

// FetchSTS asks DNS whether a domain announces a policy, and fetches it as a
// sender would (RFC 8461 section 3.3). It needs no consent: the policy is there
// to be fetched by anybody.
func FetchSTS(ctx context.Context, args STSArgs) STSPolicy {
	domain := dns.Canonical(args.Domain)
	text, _, err := tlspolicy.DiscoverSTS(ctx, args.Resolver, domain)
	var fault *dns.Error
	switch {
	case errors.As(err, &fault):
		return STSPolicy{State: Unknown, Why: "DNS did not tell whether there is a policy: " + faultWords(err)}
	case err != nil:
		return STSPolicy{State: NotTested, Why: "no policy is announced"}
	}
	record, err := tlspolicy.ParseSTS(text)
	if err != nil {
		return STSPolicy{State: NotTested, Why: "the record that announces it is not valid, so nobody fetches it"}
	}
	out := STSPolicy{ID: record.ID, URL: tlspolicy.STSURL(domain)}
	if args.Offline && args.Client == nil {
		out.State, out.Why = NotTested, "with DNS answered from a file, nothing is fetched"
		return out
	}
	client := args.Client
	if client == nil {
		client = policyClient(args.Resolver)
	}
	ctx, cancel := context.WithTimeout(ctx, policyTime)
	defer cancel()
	out.fetch(ctx, client)
	return out
}

// fetch reads the policy. Whatever the server says wrong is Found; that it can't
// be reached may be our network's fault and stays Unknown.
func (p *STSPolicy) fetch(ctx context.Context, client *http.Client) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL, nil)
	if err != nil {
		p.State, p.Why = Unknown, err.Error()
		return
	}
	resp, err := client.Do(req)
	if err != nil {
		p.State, p.Why = Unknown, clean(err.Error())
		if certificateFault(err) {
			p.State, p.Why = Found, "the certificate of the web server is not right: "+clean(err.Error())
		}
		return
	}
	defer resp.Body.Close()
	p.State = Found
	if resp.StatusCode != http.StatusOK {
		// RFC 8461 section 3.3: redirects must not be followed either.
		p.Why = "the web server answers " + clean(resp.Status)
		return
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind != "text/plain" {
		p.Why = fmt.Sprintf("it is served as %q, not as text/plain", clean(kind))
		return
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPolicy+1))
	switch {
	case err != nil:
		p.State, p.Why = Unknown, "it could not be read to its end: "+clean(err.Error())
		return
	case len(body) > maxPolicy:
		p.Why = "it is larger than the 64 kilobytes that senders read"
		return
	}
	p.Text = string(body)
	if p.Policy, err = tlspolicy.ParsePolicy(p.Text); err != nil {
		p.Why = "it is not valid: " + err.Error()
		return
	}
	p.State, p.Why = Fine, "mode "+string(p.Policy.Mode)
}

// policyClient reaches port 443 of public addresses only, which it has from r: a
// stranger's name leads into nobody's own network, and to no other service. It
// follows no redirect.
func policyClient(r dns.Resolver) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DialContext: dialPublic(r), DisableKeepAlives: true, TLSHandshakeTimeout: dialTime, MaxResponseHeaderBytes: maxPolicy},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func dialPublic(r dns.Resolver) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if port != "443" {
			return nil, fmt.Errorf("port %s is none of the web's, and was not asked", port)
		}
		addrs, err := addresses(ctx, r, strings.TrimSuffix(host, "."))
		if err != nil {
			return nil, err
		}
		err = fmt.Errorf("%s has no public address", host)
		for _, ip := range addrs {
			if !Public(ip) {
				continue
			}
			var conn net.Conn
			d := net.Dialer{Timeout: dialTime}
			if conn, err = d.DialContext(ctx, network, net.JoinHostPort(ip.String(), port)); err == nil {
				return conn, nil
			}
		}
		return nil, err
	}
}

// certificateFault tells a wrong certificate from a connection that failed.
func certificateFault(err error) bool {
	var wrong *tls.CertificateVerificationError
	return errors.As(err, &wrong)
}

// Package probe asks servers themselves what DNS can't tell: whether a mail
// server relays for strangers, lets a login write any address, tells who exists,
// shows the right certificate, ends a message where it should (RFC 5321, RFC
// 3207, RFC 6409); what an MTA-STS policy says (RFC 8461 section 3.3); and until
// when a domain is registered (RFC 9083).
//
// It asks only what the user asked for, and only servers whose owner agreed in
// DNS (Consent). It sends no message but to the recipient that the user named,
// counts each connection and command, and takes its time. It does not guess
// passwords, does not scan ports and does not try to stay unseen.
package probe

import (
	"context"
	"crypto/x509"
	"errors"
	"net/netip"
	"time"

	"unspoof/dns"
	"unspoof/finding"
)

// Args says whom to ask about which domain, and how far the user agreed to go.
type Args struct {
	Domain   string       // the domain whose mail the servers handle
	Servers  []Server     // the first MaxServers are asked, those given twice once
	Resolver dns.Resolver // for consent and addresses
	Now      time.Time    // for consent and certificates

	// Offline lets nothing leave this machine: only loopback is asked.
	Offline bool
	// Stranger says that the servers don't trust the address that they are
	// asked from, though it is one of this machine or network.
	Stranger bool
	// Recipient is the user's own mailbox, the only one that ever gets a message.
	Recipient string
	// Confirm is asked before each message; nil means no.
	Confirm func(what string) bool
	// Login is nil where there is none to try.
	Login *Login
	// Roots are whom certificates may rest on; nil: those of the system.
	Roots *x509.CertPool
}

// Login is one account of the domain. Its password is sent only to servers that
// the user named, inside TLS 1.2 or newer.
type Login struct {
	User, Password string
}

// Server is one to ask.
type Server struct {
	Host  string // name or loopback address
	Ports Ports
	// Named says that the user typed Host; only then may it be this machine.
	Named bool
}

// Ports are where to ask; 0 is nowhere.
type Ports struct {
	MX         uint16 // mail from other servers
	Submission uint16 // mail from own users, with STARTTLS
	SMTPS      uint16 // mail from own users, TLS from the start
}

// Standard are the ports that servers on other machines are asked at
// (RFC 5321 section 4.5.4.2, RFC 6409 section 3.1, RFC 8314 section 3.3).
var Standard = Ports{MX: 25, Submission: 587, SMTPS: 465}

// standard reports that each port is the one that is usual for its kind.
func (p Ports) standard() bool {
	return (p.MX == 0 || p.MX == Standard.MX) && (p.Submission == 0 || p.Submission == Standard.Submission) && (p.SMTPS == 0 || p.SMTPS == Standard.SMTPS)
}

// MaxServers bounds the servers of one domain: more MX hosts than that would
// make the probes an attack by their number.
const MaxServers = 10

// State is what became of a test.
type State string

// The states. Only Found is a fault; NotTested was left out for the reason
// given, Unknown was tried and stays open.
const (
	Found     State = "found"
	Fine      State = "fine"
	NotTested State = "not_tested"
	Unknown   State = "unknown"
)

// TestID names a test, for good.
type TestID string

// The tests.
const (
	OpenRelay        TestID = "open_relay"
	WithoutLogin     TestID = "submission_without_login"
	LoginAnyAddress  TestID = "login_any_address"
	LoginAnyDomain   TestID = "login_any_domain"
	LoginAnyFrom     TestID = "login_any_from"
	VRFY             TestID = "vrfy"
	EXPN             TestID = "expn"
	AuthBeforeTLS    TestID = "auth_before_tls"
	STARTTLS         TestID = "starttls"
	CertificateName  TestID = "certificate_name"
	CertificateDates TestID = "certificate_dates"
	CertificateChain TestID = "certificate_chain"
	OldTLS           TestID = "old_tls"
	Smuggling        TestID = "smuggling"
	CatchAll         TestID = "catch_all"
	OwnEnvelope      TestID = "own_domain_envelope"
	OwnFrom          TestID = "own_domain_from"
	Backscatter      TestID = "accept_then_bounce"
)

// Test is what became of one test at one port.
type Test struct {
	ID      TestID `json:"id"`
	Port    uint16 `json:"port"`
	State   State  `json:"state"`
	Why     string `json:"why"`               // one sentence, may hold text of the server's
	Finding string `json:"finding,omitempty"` // id of its rule where State is Found
	// Dialogue are the lines said ("C: …", "S: …"), cut and without control
	// characters, passwords left out.
	Dialogue []string `json:"dialogue"`

	values map[string]string // for the sentences of the finding
	proof  []string          // the lines that matter; nil: the last of Dialogue
	rule   string            // where it is not the usual one of the test
}

// ServerReport is what one server answered.
type ServerReport struct {
	Host        string  `json:"host"`
	Address     string  `json:"address"` // "" where it was not asked
	Consent     Consent `json:"consent"`
	Tests       []Test  `json:"tests"`
	Connections int     `json:"connections"`
	Commands    int     `json:"commands"`
	// SameAs names the server asked before at the same address and ports, in
	// place of this one.
	SameAs string `json:"same_as,omitempty"`

	// Certificates are those that the MX port showed after STARTTLS, its own
	// first; for comparison with MTA-STS and DANE.
	Certificates []*x509.Certificate `json:"-"`
}

// Report is what all servers of a domain answered.
type Report struct {
	Domain      string            `json:"domain"`
	Servers     []ServerReport    `json:"servers"`
	Connections int               `json:"connections"`
	Commands    int               `json:"commands"`
	Messages    int               `json:"messages"` // handed over and not refused, all to the recipient named
	Left        []string          `json:"left"`     // servers beyond MaxServers, not asked
	Findings    []finding.Finding `json:"-"`        // worst first
}

// Asked reports whether any server was.
func (r Report) Asked() bool { return r.Connections > 0 }

// Open reports that something that was to be tested stays unknown, a missing
// consent included.
func (r Report) Open() bool {
	if len(r.Left) > 0 {
		return true
	}
	for _, s := range r.Servers {
		if !s.Consent.Given() {
			return true
		}
		for _, t := range s.Tests {
			if t.State == Unknown {
				return true
			}
		}
	}
	return false
}

// Run asks each server that consents, one after the other. Its error says that
// args are wrong, or that ctx ended; a server that does not answer is no error
// but tests that stay Unknown.
func Run(ctx context.Context, args Args) (Report, error) {
	rep := Report{Domain: dns.Canonical(args.Domain), Servers: []ServerReport{}, Left: []string{}, Findings: []finding.Finding{}}
	if err := args.Check(); err != nil {
		return rep, err
	}
	asked := map[place]string{}
	seen := map[Server]bool{}
	for _, s := range args.Servers {
		s.Host = dns.Canonical(s.Host)
		if seen[s] {
			continue
		}
		seen[s] = true
		if len(rep.Servers) == MaxServers {
			rep.Left = append(rep.Left, s.Host)
			continue
		}
		one, messages := probeServer(ctx, args, s, asked)
		rep.Servers = append(rep.Servers, one)
		rep.Connections += one.Connections
		rep.Commands += one.Commands
		rep.Messages += messages
		rep.Findings = append(rep.Findings, findings(rep.Domain, one)...)
		if err := ctx.Err(); err != nil {
			return rep, err
		}
	}
	finding.Sort(rep.Findings)
	return rep, nil
}

// place is where a server is asked.
type place struct {
	netip.Addr
	Ports
}

// probeServer asks one server, where it may and it was not asked already.
func probeServer(ctx context.Context, args Args, s Server, asked map[place]string) (ServerReport, int) {
	consent, addr := checkConsent(ctx, args, s)
	out := ServerReport{Host: s.Host, Consent: consent, Tests: []Test{}}
	if !consent.Given() {
		return out, 0
	}
	out.Address = addr.String()
	at := place{addr, s.Ports}
	if out.SameAs = asked[at]; out.SameAs != "" {
		return out, 0
	}
	asked[at] = s.Host
	p := newServer(args, s, addr)
	ctx, cancel := context.WithTimeout(ctx, maxServerTime)
	defer cancel()
	p.run(ctx)
	out.Tests, out.Certificates = p.tests, p.certificates
	out.Connections, out.Commands = p.connections, p.commands
	return out, p.messages
}

// Check says what is wrong with args before anything is asked. A server whose name
// DNS gave may be odd: its report says so.
func (a Args) Check() error {
	if err := dns.CheckName(a.Domain); err != nil {
		return err
	}
	if !plain(a.Domain) || dns.Canonical(a.Domain) == "" {
		return errors.New("probe: the domain is no host name in ASCII")
	}
	if a.Recipient != "" && !mailbox(a.Recipient) {
		return errors.New("probe: the recipient is no plain address")
	}
	if a.Login != nil && (!printable(a.Login.User) || a.Login.User == "") {
		return errors.New("probe: the login's user name holds what cannot be sent")
	}
	for _, s := range a.Servers {
		if !s.Named {
			continue
		}
		if _, err := netip.ParseAddr(s.Host); err != nil && !plain(s.Host) {
			return errors.New("probe: a server's name is no host name in ASCII")
		}
	}
	return nil
}

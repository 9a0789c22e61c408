package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

// authBeforeTLS tells from the first EHLO whether passwords may be sent in clear
// (RFC 4954 section 4 forbids to offer that).
func (p *server) authBeforeTLS(s *session, port uint16) {
	t := Test{ID: AuthBeforeTLS, Port: port, State: Fine, Why: "it offers no login before TLS"}
	if mechanisms, ok := s.extensions["AUTH"]; ok {
		var clear []string
		for _, m := range mechanisms {
			// The others show no password, or only one that is used once.
			if slices.Contains([]string{"PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"}, m) && !slices.Contains(clear, m) {
				clear = append(clear, m)
			}
		}
		t.Why = "the logins that it offers before TLS (" + clean(list(mechanisms)) + ") send no password"
		if len(clear) > 0 {
			t.State, t.Why = Found, "it offers "+list(clear)+" before TLS"
			t.values = map[string]string{"mechanisms": list(clear)}
		}
	}
	p.note(t, s)
}

// starttls tells whether TLS is offered, and then whether it comes about.
func (p *server) starttls(s *session, port uint16) {
	t := Test{ID: STARTTLS, Port: port, State: Fine, Why: "it offers STARTTLS"}
	if s.extensions["STARTTLS"] == nil {
		t.State, t.Why = Found, "it does not offer STARTTLS"
		t.values = map[string]string{"fault": "not offered"}
	} else if err := s.startTLS(p.tlsConfig()); err != nil {
		p.tlsBroken[port] = true
		t.State, t.Why = Unknown, "TLS was begun and broke off: "+clean(err.Error())
		switch {
		case errors.Is(err, errTLSLater):
			t.Why = "it offers STARTTLS, and refuses it for now only: " + clean(err.Error())
		case errors.Is(err, errNoTLS) || tlsFault(err):
			t.State, t.Why = Found, "it offers STARTTLS, but TLS fails: "+clean(err.Error())
			t.values = map[string]string{"fault": "offered, but it fails (" + clean(err.Error()) + ")"}
		}
	}
	p.note(t, s)
}

// tlsFault tells an answer that is no TLS from a connection that got lost, and
// from a server that has no cipher in common with this program, but may have with
// others.
func tlsFault(err error) bool {
	var header tls.RecordHeaderError
	return errors.As(err, &header)
}

// tlsAlert tells that the server itself refused a handshake (RFC 8446 section 6.2),
// from a connection that merely ended.
func tlsAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// certificate looks at what a port shows after STARTTLS.
func (p *server) certificate(ctx context.Context, port uint16) {
	s, err := p.secure(ctx, port)
	if err != nil || s.tls == nil {
		p.note(Test{ID: CertificateName, Port: port, State: Unknown, Why: "TLS did not come about a second time"}, s)
		s.quit()
		return
	}
	p.judgeCertificate(s, port)
	s.quit()
	p.oldTLS(ctx, port)
}

// judgeCertificate notes name, dates and chain apart: each has a fix of its own.
func (p *server) judgeCertificate(s *session, port uint16) {
	certs := s.tls.PeerCertificates
	if len(certs) == 0 {
		p.note(Test{ID: CertificateChain, Port: port, State: Unknown, Why: "it shows no certificate"}, s)
		return
	}
	if port == p.ports.MX {
		p.certificates = certs
	}
	leaf := certs[0]
	shown := []string{"- certificate: " + clean(fmt.Sprintf("for %s, from %s, valid %s to %s", list(names(leaf)), leaf.Issuer, leaf.NotBefore.UTC().Format(time.DateOnly), leaf.NotAfter.UTC().Format(time.DateOnly)))}
	note := func(id TestID, state State, why string) {
		p.note(Test{ID: id, Port: port, State: state, Why: why, Dialogue: slices.Clone(shown), values: map[string]string{"fault": why}}, nil)
	}

	if err := leaf.VerifyHostname(p.host); err != nil && p.byAddress() {
		note(CertificateName, NotTested, "the server was named by its address, so its certificate's name ("+clean(list(names(leaf)))+") was not compared")
	} else if err != nil {
		note(CertificateName, Found, "the certificate is for "+clean(list(names(leaf)))+", not for "+p.host)
	} else {
		note(CertificateName, Fine, "the certificate is for "+p.host)
	}

	at := p.Now
	switch {
	case p.Now.After(leaf.NotAfter):
		note(CertificateDates, Found, "the certificate ended on "+leaf.NotAfter.UTC().Format(time.DateOnly))
		at = leaf.NotAfter.Add(-time.Second)
	case p.Now.Before(leaf.NotBefore):
		note(CertificateDates, Found, "the certificate begins only on "+leaf.NotBefore.UTC().Format(time.DateOnly))
		at = leaf.NotBefore.Add(time.Second)
	default:
		note(CertificateDates, Fine, "the certificate is valid until "+leaf.NotAfter.UTC().Format(time.DateOnly))
	}

	switch err := p.chain(certs, at); {
	case err != nil:
		note(CertificateChain, Found, "no known authority answers for the certificate ("+clean(err.Error())+")")
	default:
		note(CertificateChain, Fine, "a known authority answers for the certificate")
	}
}

// byAddress reports that the server has no name here that a certificate could be
// for.
func (p *server) byAddress() bool {
	_, err := netip.ParseAddr(p.host)
	return err == nil
}

// chain verifies up to a root, at a time when the first certificate was valid.
func (p *server) chain(certs []*x509.Certificate, at time.Time) error {
	pool := x509.NewCertPool()
	for _, c := range certs[1:] {
		pool.AddCert(c)
	}
	_, err := certs[0].Verify(x509.VerifyOptions{Roots: p.Roots, Intermediates: pool, CurrentTime: at})
	return err
}

// maxNames is how many names of a certificate a sentence holds.
const maxNames = 5

func names(c *x509.Certificate) []string {
	var out []string
	add := func(n string) {
		if len(out) < maxNames {
			out = append(out, n)
		}
	}
	for _, n := range c.DNSNames {
		add(n)
	}
	for _, ip := range c.IPAddresses {
		if a, ok := netip.AddrFromSlice(ip); ok {
			add(a.Unmap().String())
		}
	}
	if len(out) == 0 {
		add("no name")
	}
	return out
}

// oldTLS offers nothing newer than TLS 1.1 and looks whether that is taken (RFC
// 8996).
func (p *server) oldTLS(ctx context.Context, port uint16) {
	t := Test{ID: OldTLS, Port: port}
	cfg := p.tlsConfig()
	cfg.MaxVersion = tls.VersionTLS11
	s, err := p.openAs(ctx, port, cfg)
	if err == nil && s.tls == nil {
		err = s.startTLS(cfg)
	}
	switch {
	case s != nil && s.tls != nil:
		t.State, t.Why = Found, "it takes "+tls.VersionName(s.tls.Version)
		t.values = map[string]string{"version": tls.VersionName(s.tls.Version)}
	case s != nil && tlsAlert(s.tlsErr):
		t.State, t.Why = Fine, "it refuses TLS 1.0 and 1.1: "+clean(s.tlsErr.Error())
	case err != nil:
		t.State, t.Why = Unknown, "TLS 1.0 and 1.1 were not clearly refused: "+netWords(err)
	}
	s.quit()
	p.note(t, s)
}

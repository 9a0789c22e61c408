package posture

import (
	"context"
	"errors"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/tlspolicy"
)

// checkTransport asks what DNS says of encryption on the way to the domain.
func (c *checker) checkTransport(ctx context.Context) {
	t := &c.report.Transport
	ask := &part{asker: c.ask, left: transportQuestions}
	// The root is signed: who validates says so of its answer (RFC 4035 section 3.2.3).
	ask.Lookup(ctx, dns.Question{Name: "", Type: dns.TypeSOA})
	c.checkNameServers(ctx, ask)
	if len(c.report.MX) > 0 { // else nothing comes in that could be encrypted
		c.checkSTS(ctx, ask)
		c.checkDANE(ctx, ask)
		c.checkTLSRPT(ctx, ask)
	}
	c.findBIMI(ctx, ask)
	c.listCAA(ctx, ask)
	t.Validated = c.ask.validated()
}

// validated reports that the resolver said of some answer that it checked it.
func (a *asker) validated() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.order {
		select {
		case <-r.done:
			if r.err == nil && r.answer.Authenticated {
				return true
			}
		default: // still under way
		}
	}
	return false
}

// checkSTS looks for the record that announces a policy.
func (c *checker) checkSTS(ctx context.Context, r dns.Resolver) {
	t := &c.report.Transport
	text, _, err := tlspolicy.DiscoverSTS(ctx, r, c.domain)
	ev := c.ask.evidence(dns.TypeTXT, tlspolicy.STSName(c.domain), nil)
	var record tlspolicy.STS
	if err == nil {
		record, err = tlspolicy.ParseSTS(text)
	}
	switch {
	case isFault(err):
		return
	case errors.Is(err, tlspolicy.ErrNoRecord):
		t.MTASTS = No
		c.find("TLS-201", nil, ev)
		return
	case err != nil:
		t.MTASTS = No
		c.find("TLS-202", vars{"fault": faultOf(err)}, ev)
		return
	}
	t.MTASTS, t.STSID = Yes, record.ID
	host := tlspolicy.STSHost(c.domain)
	for _, typ := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
		if a, err := r.Lookup(ctx, dns.Question{Name: host, Type: typ}); err != nil || !a.Void() {
			return
		}
	}
	c.find("TLS-108", vars{"fault": host + " has no address"}, ev, c.ask.evidence(dns.TypeA, host, nil), c.ask.evidence(dns.TypeAAAA, host, nil))
}

// faultOf words a record's fault without the name of the package.
func faultOf(err error) string { return strings.TrimPrefix(err.Error(), "tlspolicy: ") }

// checkTLSRPT looks for the record that asks for reports; it is missed only by
// those who have something to report on.
func (c *checker) checkTLSRPT(ctx context.Context, r dns.Resolver) {
	t := &c.report.Transport
	text, _, err := tlspolicy.DiscoverTLSRPT(ctx, r, c.domain)
	ev := c.ask.evidence(dns.TypeTXT, tlspolicy.TLSRPTName(c.domain), nil)
	var record tlspolicy.TLSRPT
	if err == nil {
		record, err = tlspolicy.ParseTLSRPT(text)
	}
	switch {
	case isFault(err):
	case errors.Is(err, tlspolicy.ErrNoRecord):
		t.TLSRPT = No
		if t.MTASTS == Yes || c.hasDANE() {
			c.find("TLS-203", nil, ev)
		}
	case err != nil:
		t.TLSRPT = No
		c.find("TLS-207", vars{"fault": faultOf(err)}, ev)
	default:
		t.TLSRPT, t.RUA = Yes, record.RUA
	}
}

// hasDANE reports a mail exchanger whose TLSA records have effect, for all that is
// known.
func (c *checker) hasDANE() bool {
	return slices.ContainsFunc(c.report.Transport.Hosts, func(h HostDANE) bool { return h.Usable > 0 && h.Signed != No })
}

// checkDANE asks for the TLSA records of the first mail exchangers (RFC 7672
// section 2.2).
func (c *checker) checkDANE(ctx context.Context, r dns.Resolver) {
	hosts := c.report.MX[:min(len(c.report.MX), maxMXHosts)]
	var without []string
	for _, host := range hosts {
		h, known := c.hostDANE(ctx, r, host)
		if c.report.Transport.Hosts = append(c.report.Transport.Hosts, h); known && len(h.TLSA) == 0 {
			without = append(without, host)
		}
	}
	if slices.ContainsFunc(c.report.Transport.Hosts, func(h HostDANE) bool { return len(h.TLSA) > 0 }) {
		for _, host := range without {
			c.find("TLS-206", vars{"host": host}, c.ask.evidence(dns.TypeTLSA, tlspolicy.TLSAName(25, host), nil))
		}
	}
}

func (c *checker) hostDANE(ctx context.Context, r dns.Resolver, host string) (h HostDANE, known bool) {
	h = HostDANE{Host: host, TLSA: []string{}, Signed: NotKnown, MXSigned: NotKnown}
	if c.mx.Authenticated {
		h.MXSigned = Yes
	} else if c.ask.validated() {
		h.MXSigned = No
	}
	addr, signed := c.ask.address(host)
	// Where the host is an alias, the name that it leads to comes first, then its own
	// (RFC 7672 section 2.2.2).
	bases := []string{host}
	if n := len(addr.Chain); n > 0 && (signed || !c.ask.validated()) {
		bases = []string{addr.Chain[n-1], host}
	}
	for _, base := range bases {
		name := tlspolicy.TLSAName(25, base)
		if dns.CheckName(name) != nil {
			continue
		}
		a, err := r.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeTLSA})
		if err != nil {
			return h, false
		}
		h.Base = base
		if !a.Void() {
			c.judgeTLSA(&h, a, signed)
			break
		}
	}
	return h, h.Base != ""
}

// judgeTLSA reads the TLSA records of a host; signed says that its address came
// authenticated, without which nobody asks for them (RFC 7672 section 2.2.2). That
// the MX records are not signed keeps many senders from nothing: they may use the
// records all the same (RFC 7672 section 2.2.1).
func (c *checker) judgeTLSA(h *HostDANE, a dns.Answer, signed bool) {
	ev := c.ask.evidence(dns.TypeTLSA, tlspolicy.TLSAName(25, h.Base), nil)
	for _, rec := range a.Records {
		if rec.TLSA == nil {
			continue
		}
		h.TLSA = append(h.TLSA, clip(rec.Data(), maxAnswerText))
		if why := tlspolicy.Usable(*rec.TLSA); why != "" {
			c.find("TLS-205", vars{"host": h.Base, "fault": why}, ev)
		} else {
			h.Usable++
		}
	}
	switch {
	case a.Authenticated && signed:
		h.Signed = Yes
	case c.ask.validated():
		h.Signed = No
		if len(h.TLSA) > 0 && !a.Authenticated {
			c.find("TLS-204", vars{"host": h.Base}, ev)
		}
	}
}

// address gives the answer for the address of a host that was asked before, and
// whether it came authenticated.
func (a *asker) address(host string) (answer dns.Answer, signed bool) {
	for _, t := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
		a.mu.Lock()
		r := a.asked[dns.Question{Name: dns.Canonical(host), Type: t}]
		a.mu.Unlock()
		if r == nil {
			continue
		}
		if <-r.done; r.err == nil && !r.answer.Void() {
			return r.answer, r.answer.Authenticated
		}
	}
	return dns.Answer{}, false
}

// listCAA climbs to the first name that has CAA records (RFC 8659 section 3).
func (c *checker) listCAA(ctx context.Context, r dns.Resolver) {
	name := c.domain
	for range maxCAA {
		a, err := r.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeCAA})
		if err != nil {
			return
		}
		for _, rec := range a.Records {
			if rec.CAA != nil {
				c.report.Transport.CAA = append(c.report.Transport.CAA, clip(rec.Data(), maxAnswerText))
			}
		}
		if len(a.Records) > 0 || name == registrable(c.domain) {
			return
		}
		if _, name, _ = strings.Cut(name, "."); name == "" {
			return
		}
	}
}

// findBIMI looks for the record at the default selector; whether its logo is shown
// is each provider's choice.
func (c *checker) findBIMI(ctx context.Context, r dns.Resolver) {
	name := "default._bimi." + c.domain
	a, err := r.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeTXT})
	if err != nil || dns.CheckName(name) != nil {
		return
	}
	for _, rec := range a.Records {
		if text := recordText(rec); strings.HasPrefix(text, "v=BIMI1;") {
			c.report.BIMI = clip(text, maxAnswerText)
		}
	}
}

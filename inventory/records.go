package inventory

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dmarc"
	"unspoof/dns"
	"unspoof/orgdomain"
	"unspoof/sender"
	"unspoof/spf"
)

const (
	// maxOwnRecords bounds the records of the domain's own that its record leads to
	// ("include:_spf.example.com"); ten look-ups are all that receivers make.
	maxOwnRecords = 10
	// maxNamed bounds the networks of a record that stand as senders of their own.
	// What is more than a person can look through is one sender.
	maxNamed = 100
	// maxExchangers bounds the MX records looked at.
	maxExchangers = 20
)

// term is one of the domain's own record, or of a record of its own that this one
// leads to.
type term struct {
	domain  string // whose record it stands in
	text    string
	pass    bool
	denies  bool         // it refuses whom it names
	network netip.Prefix // of ip4 and ip6
	key     string       // of the entity that it lets in
}

// readDMARC takes from the DMARC record what decides alignment.
func (m *merger) readDMARC(ctx context.Context) {
	d, err := dmarc.Discover(ctx, m.ask, m.domain)
	s := DMARCState{At: d.At, OrgDomain: d.OrgDomain, Open: err != nil || d.Fault != nil}
	if d.Record != nil {
		s.StrictSPF, s.StrictDKIM = d.Record.ASPF == dmarc.Strict, d.Record.ADKIM == dmarc.Strict
	}
	if s.OrgDomain == "" {
		s.OrgDomain = orgdomain.OfPSL(m.domain)
	}
	if s.Open {
		m.ask.unanswered("DNS did not answer which DMARC record applies to " + m.domain + ", so alignment was judged as relaxed.")
	}
	m.inv.DMARC = s
}

// readMX takes the hosts that receive for the domain.
func (m *merger) readMX(ctx context.Context) {
	answer, err := m.ask.ask(ctx, m.domain, dns.TypeMX)
	if err != nil {
		return
	}
	m.inv.Absent = answer.RCode == dns.NXDomain
	hosts := []string{}
	for _, r := range answer.Records {
		if r.Host != "" { // null MX (RFC 7505)
			hosts = append(hosts, r.Host)
		}
	}
	slices.Sort(hosts)
	hosts = slices.Compact(hosts)
	for _, h := range hosts[:min(len(hosts), maxExchangers)] {
		id, ok := best(sender.ByMX(h))
		if !ok {
			if id, ok = best(sender.ByHost(h)); !ok {
				id = ofHost(h)
			}
		}
		e := get(m.entities, id)
		e.signal(SignalMX, h, id.confidence, fmt.Sprintf("%s receives the mail of %s (MX). That alone does not show that it sends.", h, m.domain))
		if id.kind == KindHost {
			m.host(ctx, e, h)
		}
		m.exchangers = append(m.exchangers, id.key)
	}
	m.source(FromMX, len(hosts))
}

// host notes the addresses of a host as its own.
func (m *merger) host(ctx context.Context, e *entity, host string) {
	found, target := m.ask.hostAddresses(ctx, host)
	if id, ok := best(sender.ByHost(target)); ok && target != "" && !orgdomain.Below(m.domain, target) {
		e.signal(SignalReverse, target, id.confidence, fmt.Sprintf("%s is another name of %s, which is of %s.", host, target, id.name))
	}
	for _, r := range found {
		a := r.Addr.Unmap()
		e.address(a)
		// The first by key, so that it is the same in every run.
		if old, ok := m.owner[a]; !ok || e.Key < old {
			m.owner[a] = e.Key
		}
	}
}

// readSPF takes who is let in by the domain's record.
func (m *merger) readSPF(ctx context.Context) {
	text, _, err := spf.Discover(ctx, m.ask, m.domain)
	m.inv.SPF.Record = text
	var fault *dns.Error
	switch {
	case errors.Is(err, spf.ErrNoRecord):
		m.inv.SPF.Problem = "There is no SPF record."
		return
	case errors.Is(err, spf.ErrSeveralRecords):
		m.inv.SPF.Problem = "There are several SPF records, which makes all of them void: nobody is let in."
		m.broken, m.inv.SPF.Broken = true, true
		return
	case errors.As(err, &fault):
		m.inv.SPF.Problem, m.inv.SPF.Open = "DNS did not answer whether there is an SPF record.", true
		m.ask.unanswered("DNS did not answer for the TXT records of " + m.domain + ".")
		return
	case err != nil:
		m.inv.SPF.Problem, m.inv.SPF.Broken = "The SPF record cannot be read: "+strings.TrimPrefix(err.Error(), "spf: ")+".", true
		return
	}
	m.records, m.included = map[string]bool{}, map[string]bool{}
	m.readRecord(ctx, m.domain, text, spf.Pass)
	m.source(FromSPF, len(m.terms))
}

// readRecord takes the terms of one record of the domain's own, whose pass is what
// gives says at its place.
func (m *merger) readRecord(ctx context.Context, domain, text string, gives spf.Word) {
	if m.records[domain] || len(m.records) == maxOwnRecords {
		return // a loop, or more than any receiver reads
	}
	m.records[domain] = true
	record, err := spf.Parse(text)
	if err != nil {
		m.broken, m.inv.SPF.Broken = true, true
		m.inv.SPF.Problem = fmt.Sprintf("The SPF record of %s is not valid, so nobody is let in: %s.", domain, strings.TrimPrefix(err.Error(), "spf: "))
		return
	}
	for i := range record.Terms {
		m.readTerm(ctx, domain, &record.Terms[i], gives)
	}
}

func (m *merger) readTerm(ctx context.Context, domain string, t *spf.Term, gives spf.Word) {
	result := t.Result()
	switch {
	case t.Kind == spf.KindRedirect || result == spf.Pass:
		result = gives
	case gives != spf.Pass || m.included[domain]:
		result = spf.Neutral // what an include does not let in, the next terms decide
	}
	into := result == spf.Pass
	tm := term{domain: domain, text: t.Text, pass: into, denies: result == spf.Fail || result == spf.SoftFail}
	switch t.Kind {
	case spf.KindAll:
		return // whom it lets in is asked of the checker
	case spf.KindPTR:
		if into {
			m.warn("The record lets in everybody whose reverse name lies below %s (%s), which names no sender and should go (RFC 7208 section 5.5).", domain, t.Text)
		}
		return
	case spf.KindIP4, spf.KindIP6:
		tm.network = t.Network.Masked()
		m.terms = append(m.terms, tm) // who that is shows when all hosts are known
		return
	case spf.KindMX:
		m.mxTerm(ctx, tm, t)
		return
	case spf.KindA:
		tm.key = m.aTerm(ctx, tm, t)
	case spf.KindInclude, spf.KindRedirect, spf.KindExists:
		name, ok := t.Domain.Name()
		name = dns.Canonical(name)
		if !ok {
			name = strings.ToLower(t.Domain.Text)
		}
		if t.Kind == spf.KindInclude || m.included[domain] {
			m.included[name] = true
		}
		if ok && t.Kind != spf.KindExists && orgdomain.Below(m.domain, name) && m.ownRecord(ctx, name, result) {
			return
		}
		id := ofInclude(name)
		if t.Kind == spf.KindExists && id.kind == KindInclude {
			id.name = clip("exists:" + t.Domain.Text)
		}
		e := get(m.entities, id)
		e.exists = e.exists || t.Kind == spf.KindExists
		e.signal(SignalSPF, name, id.confidence, m.says(tm))
		tm.key = id.key
	default:
		return
	}
	m.terms = append(m.terms, tm)
}

func (m *merger) says(t term) string {
	return fmt.Sprintf("The SPF record of %s has %s.", t.domain, clip(t.text))
}

// ownRecord reads on in a record below the domain; false where the name is an
// alias of somebody else's, or has no record.
func (m *merger) ownRecord(ctx context.Context, name string, gives spf.Word) bool {
	text, answer, err := spf.Discover(ctx, m.ask, name)
	if err != nil || len(answer.Chain) > 0 && !orgdomain.Below(m.domain, answer.Chain[len(answer.Chain)-1]) {
		return false
	}
	m.readRecord(ctx, name, text, gives)
	return true
}

// aTerm gives the sender that an a term lets in.
func (m *merger) aTerm(ctx context.Context, tm term, t *spf.Term) string {
	host := tm.domain
	if t.Domain.Text != "" {
		name, ok := t.Domain.Name()
		if !ok {
			name = t.Domain.Text
		}
		host = dns.Canonical(name)
	}
	id := ofHost(host)
	if !orgdomain.Below(m.domain, host) {
		if hit, ok := best(sender.ByInclude(host)); ok {
			id = hit
		} else if hit, ok := best(sender.ByHost(host)); ok {
			id = hit
		}
	}
	e := get(m.entities, id)
	e.signal(SignalSPF, host, id.confidence, m.says(tm))
	if id.kind == KindHost {
		m.host(ctx, e, host)
		m.around(ctx, e, host, t)
	}
	return id.key
}

// around adds the networks of an a or mx term with a prefix length.
func (m *merger) around(ctx context.Context, e *entity, host string, t *spf.Term) {
	if t.Bits4 == 32 && t.Bits6 == 128 || t.Result() != spf.Pass {
		return
	}
	found, _ := m.ask.hostAddresses(ctx, host)
	for _, r := range found {
		a := r.Addr.Unmap()
		bits := t.Bits6
		if a.Is4() {
			bits = t.Bits4
		}
		if p, err := a.Prefix(bits); err == nil {
			e.Networks = append(e.Networks, p)
		}
	}
}

// mxTerm gives the right to each exchanger.
func (m *merger) mxTerm(ctx context.Context, tm term, t *spf.Term) {
	keys := m.exchangers
	if name, ok := t.Domain.Name(); ok && dns.Canonical(name) != m.domain || t.Domain.Text == "" && tm.domain != m.domain {
		other := tm.domain
		if ok {
			other = dns.Canonical(name)
		}
		answer, err := m.ask.ask(ctx, other, dns.TypeMX)
		if err != nil {
			return
		}
		keys = nil
		for _, r := range answer.Records[:min(len(answer.Records), maxExchangers)] {
			if r.Host == "" {
				continue
			}
			id, ok := best(sender.ByMX(r.Host))
			if !ok {
				id = ofHost(r.Host)
			}
			e := get(m.entities, id)
			if id.kind == KindHost {
				m.host(ctx, e, r.Host)
			}
			keys = append(keys, id.key)
		}
		slices.Sort(keys)
	}
	for _, k := range slices.Compact(slices.Clone(keys)) {
		e := m.entities[k]
		e.signal(SignalSPF, t.Text, sender.Medium, m.says(tm))
		if e.Kind == KindHost {
			m.around(ctx, e, strings.TrimPrefix(k, "host:"), t)
		}
		tm.key = k
		m.terms = append(m.terms, tm)
	}
}

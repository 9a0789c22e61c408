package posture

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/lint"
	"unspoof/sender"
	"unspoof/spf"
)

// ownAddress is a single address that mail of the domain comes from or goes to, and
// that is no well-known service's.
type ownAddress struct {
	netip.Addr
	sends bool   // by SPF
	host  string // of another owner's domain that has it, "" where it is the domain's own
}

// ownAddresses lists those of the mail exchangers, and of the hosts and addresses
// that the SPF record names one by one, but not those of services. What stands
// there as an address, or is a host below the same registrable domain, is taken to
// be the domain's own; other hosts are somebody else's. Own ones come first, then
// IPv4; they are few.
func (c *checker) ownAddresses() []ownAddress {
	var out []ownAddress
	org := cmp.Or(registrable(c.domain), c.domain)
	add := func(a netip.Addr, sends bool, host string) {
		a = a.Unmap()
		if !a.IsValid() || !lint.OfTheInternet(netip.PrefixFrom(a, a.BitLen())) {
			return
		}
		i := slices.IndexFunc(out, func(o ownAddress) bool { return o.Addr == a })
		if i < 0 {
			i, out = len(out), append(out, ownAddress{Addr: a, host: host})
		}
		out[i].sends = out[i].sends || sends
		if host == "" {
			out[i].host = ""
		}
	}
	addHost := func(host string, sends bool) {
		other := host
		if name := dns.Canonical(host); name == org || strings.HasSuffix(name, "."+org) {
			other = ""
		}
		for _, typ := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
			for _, rec := range c.ask.answered(typ, host) {
				add(rec.Addr, sends, other)
			}
		}
	}
	for _, t := range c.passingTerms() {
		name, _ := t.Domain.Name()
		switch {
		case t.Network.IsValid() && t.Network.IsSingleIP():
			add(t.Network.Addr(), true, "")
		case t.Kind == spf.KindA && t.Bits4 == 32 && t.Domain.Text == "":
			addHost(c.domain, true)
		case t.Kind == spf.KindA && t.Bits4 == 32 && len(sender.ByInclude(name)) == 0:
			addHost(name, true)
		}
	}
	mxSends := slices.ContainsFunc(c.passingTerms(), func(t *spf.Term) bool { return t.Kind == spf.KindMX && t.Domain.Text == "" })
	for _, host := range c.report.MX {
		if len(sender.ByMX(host)) == 0 {
			addHost(host, mxSends)
		}
	}
	slices.SortFunc(out, func(a, b ownAddress) int {
		if (a.host == "") != (b.host == "") {
			return cmp.Compare(len(a.host), len(b.host))
		}
		return a.Compare(b.Addr)
	})
	return out[:min(len(out), maxOwnAddresses)]
}

// passingTerms lists those of the domain's own record that let somebody in.
func (c *checker) passingTerms() []*spf.Term {
	if c.spf.record == nil {
		return nil
	}
	return passing(c.spf.record)
}

// passing gives the terms of a record before its all that let somebody in.
func passing(rec *spf.Record) (out []*spf.Term) {
	for i := range rec.Terms {
		t := &rec.Terms[i]
		if t.Kind == spf.KindAll {
			break
		}
		if t.Result() == spf.Pass {
			out = append(out, t)
		}
	}
	return out
}

// answered gives the records of a question that was asked already.
func (a *asker) answered(t dns.Type, name string) []dns.Record {
	a.mu.Lock()
	r := a.asked[dns.Question{Name: dns.Canonical(name), Type: t}]
	a.mu.Unlock()
	if r == nil {
		return nil
	}
	<-r.done
	return r.answer.Records
}

// checkReverse asks whether each own address that sends has a name that leads back
// to it.
func (c *checker) checkReverse(ctx context.Context, own []ownAddress) {
	ask := &part{asker: c.ask, left: reverseQuestions}
	c.reverse = NotKnown
	for _, addr := range own {
		if !addr.sends || addr.host != "" {
			continue
		}
		switch state := c.leadsBack(ctx, ask, addr.Addr); {
		case state == Yes && c.reverse == NotKnown:
			c.reverse = Yes
		case state == No:
			c.reverse = No
			c.find("MX-008", vars{"address": addr.String()}, c.ask.evidence(dns.TypePTR, dns.ReverseName(addr.Addr), nil))
		}
	}
}

// leadsBack asks for the names of an address, and for their addresses.
func (c *checker) leadsBack(ctx context.Context, r dns.Resolver, addr netip.Addr) State {
	name := dns.ReverseName(addr)
	a, err := r.Lookup(ctx, dns.Question{Name: name, Type: dns.TypePTR})
	if err != nil || len(a.Records) > maxReverseNames {
		return NotKnown
	}
	if a.RCode == dns.NXDomain {
		// A file of one zone's records knows nothing of reverse names at all.
		tree := name[strings.LastIndexByte(strings.TrimSuffix(name, ".arpa"), '.')+1:]
		top, err := r.Lookup(ctx, dns.Question{Name: tree, Type: dns.TypeSOA})
		if err != nil || top.RCode == dns.NXDomain {
			return NotKnown
		}
	}
	typ := dns.TypeA
	if addr.Is6() {
		typ = dns.TypeAAAA
	}
	state := No
	for _, rec := range a.Records {
		switch forward, err := r.Lookup(ctx, dns.Question{Name: rec.Host, Type: typ}); {
		case slices.ContainsFunc(forward.Records, func(r dns.Record) bool { return r.Addr == addr }):
			return Yes
		case err != nil:
			state = NotKnown
		}
	}
	return state
}

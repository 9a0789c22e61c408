package posture

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"unspoof/dns"
	"unspoof/spf"
)

// use is a host that the domain rests on.
type use struct{ host, via string }

// checkClaims looks for names that the domain rests on and that nobody seems to
// own: their registrable domain does not exist. A server that is lame or silent,
// or a host that is missing below a domain that exists, is none of these.
func (c *checker) checkClaims(ctx context.Context) {
	ask := &part{asker: c.ask, left: claimQuestions}
	own := registrable(c.domain)
	done := map[string]bool{}
	for _, u := range c.uses(ctx, ask) {
		name := registrable(u.host)
		if name == "" || name == own || done[name+" "+u.via] {
			continue
		}
		done[name+" "+u.via] = true
		q := dns.Question{Name: name, Type: dns.TypeSOA}
		if a, err := ask.Lookup(ctx, q); err != nil || a.RCode != dns.NXDomain || !c.canRegister(ctx, ask, name) {
			continue
		}
		ev := c.ask.evidence(dns.TypeSOA, name, nil)
		c.mu.Lock()
		c.report.Claimable = append(c.report.Claimable, Claim{name, u.host, u.via, ev})
		c.mu.Unlock()
		c.find("NAME-001", vars{"host": u.host, "via": u.via, "name": name}, ev)
	}
}

// registrable gives the domain that somebody would have to register to have the
// host: one label below a suffix at which registries sell names. Suffixes of the
// list's private part (hosting companies') are names like any other. "" where the
// host is no name below a suffix.
func registrable(host string) string {
	host = dns.Canonical(host)
	for name := host; name != ""; {
		suffix, registry := publicsuffix.PublicSuffix(name)
		if !registry && strings.Contains(suffix, ".") {
			_, name, _ = strings.Cut(suffix, ".")
			continue
		}
		below, ok := strings.CutSuffix(host, "."+suffix)
		if !ok || below == "" {
			return ""
		}
		label := below[strings.LastIndexByte(below, '.')+1:]
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return "" // no registry sells such names
		}
		return label + "." + suffix
	}
	return ""
}

// canRegister tells a missing name from one below a top-level domain that is
// missing, too, or misspelt.
func (c *checker) canRegister(ctx context.Context, r dns.Resolver, name string) bool {
	suffix, registry := publicsuffix.PublicSuffix(name)
	if registry {
		return true
	}
	a, err := r.Lookup(ctx, dns.Question{Name: suffix, Type: dns.TypeSOA})
	return err == nil && a.RCode == dns.NoError
}

// uses lists the hosts of other owners, each way of use in a fixed order.
func (c *checker) uses(ctx context.Context, r dns.Resolver) []use {
	var out []use
	for _, b := range c.spf.broken {
		if c.ask.isMissing(dns.TypeTXT, b.host) {
			out = append(out, use{b.host, "SPF " + clip(b.term, 100)})
		}
	}
	out = append(out, c.emptyTerms(c.spf.cost.Tree)...)
	for _, host := range c.report.MX {
		if c.ask.isMissing(dns.TypeA, host) {
			out = append(out, use{host, "MX"})
		}
	}
	for _, host := range c.nameServers {
		out = append(out, use{host, "NS"})
	}
	if c.dmarc.Record != nil && c.dmarc.At == c.domain {
		for _, u := range c.dmarc.Record.RUA {
			out = append(out, use{u.Host, "DMARC rua"})
		}
	}
	return append(out, c.ask.lostAliases()...)
}

// emptyTerms lists the names of a, mx and exists that do not exist, nested ones too.
func (c *checker) emptyTerms(nodes []spf.Node) (out []use) {
	for _, n := range nodes {
		if len(n.Nodes) > 0 {
			out = append(out, c.emptyTerms(n.Nodes)...)
		} else if n.Target != "" && (c.ask.isMissing(dns.TypeA, n.Target) || c.ask.isMissing(dns.TypeMX, n.Target)) {
			out = append(out, use{dns.Canonical(n.Target), "SPF " + clip(n.Term, 100)})
		}
	}
	return out
}

// isMissing reports that a name was asked for and does not exist, aliases aside.
func (a *asker) isMissing(t dns.Type, name string) bool {
	a.mu.Lock()
	r := a.asked[dns.Question{Name: dns.Canonical(name), Type: t}]
	a.mu.Unlock()
	if r == nil {
		return false
	}
	<-r.done
	return r.err == nil && r.answer.RCode == dns.NXDomain && len(r.answer.Chain) == 0
}

// lostAliases lists the targets of aliases met that do not exist.
func (a *asker) lostAliases() (out []use) {
	a.mu.Lock()
	order := slices.Clone(a.order)
	a.mu.Unlock()
	for _, r := range order {
		<-r.done
		if n := len(r.answer.Chain); r.err == nil && r.answer.RCode == dns.NXDomain && n > 0 {
			u := use{r.answer.Chain[n-1], "CNAME at " + r.question.Name}
			if !slices.Contains(out, u) {
				out = append(out, u)
			}
		}
	}
	slices.SortFunc(out, func(x, y use) int { return strings.Compare(x.via+x.host, y.via+y.host) })
	return out
}

// checkNameServers notes who serves the zone, and whether it is signed.
func (c *checker) checkNameServers(ctx context.Context, r dns.Resolver) {
	zone := c.domain
	a, err := r.Lookup(ctx, dns.Question{Name: zone, Type: dns.TypeNS})
	if org := registrable(c.domain); err == nil && a.Void() && org != "" && org != zone {
		zone = org
		a, err = r.Lookup(ctx, dns.Question{Name: zone, Type: dns.TypeNS})
	}
	if err != nil {
		return
	}
	for _, rec := range a.Records[:min(len(a.Records), maxNameServers)] {
		c.nameServers = append(c.nameServers, rec.Host)
	}
	slices.Sort(c.nameServers)
	ds, err := r.Lookup(ctx, dns.Question{Name: zone, Type: dns.TypeDS})
	if err != nil || a.Void() {
		return // no zone of its own that we know of
	}
	c.report.Transport.DNSSEC = stateOf(!ds.Void())
	if ds.Void() {
		c.find("DNS-003", nil, c.ask.evidence(dns.TypeDS, zone, nil))
	}
}

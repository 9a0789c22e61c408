package posture

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/sender"
	"unspoof/spf"

	"unspoof/finding"
)

// probe is a name that nobody publishes: an answer for it comes from a wildcard.
// It is fixed, so that a recorded check replays.
const probe = "unspoof-wildcard-probe."

// checkMX looks at the domain's mail exchangers.
func (c *checker) checkMX(ctx context.Context) {
	c.listMX()
	ev := c.ask.evidence(dns.TypeMX, c.domain, nil)
	for _, host := range c.report.MX[:min(len(c.report.MX), maxMXHosts)] {
		c.checkExchanger(ctx, host, ev)
	}
}

// listMX reads the MX records.
func (c *checker) listMX() {
	if c.mx.err != nil {
		return
	}
	ev := c.ask.evidence(dns.TypeMX, c.domain, nil)
	records := slices.Clone(c.mx.Records)
	slices.SortFunc(records, func(a, b dns.Record) int {
		return cmp.Or(cmp.Compare(a.Pref, b.Pref), cmp.Compare(a.Host, b.Host))
	})
	for _, r := range records {
		if r.Host == "" { // RFC 7505 section 3
			c.report.NullMX = true
			continue
		}
		if !slices.Contains(c.report.MX, r.Host) {
			c.report.MX = append(c.report.MX, r.Host)
		}
		c.service(sender.ByMX(r.Host))
	}
	if c.report.NullMX && len(c.report.MX) > 0 {
		c.find("MX-001", nil, ev)
	}
}

func (c *checker) checkExchanger(ctx context.Context, host string, mx finding.Evidence) {
	for _, t := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
		a, err := c.extras.Lookup(ctx, dns.Question{Name: host, Type: t})
		if err != nil {
			return
		}
		if len(a.Chain) > 0 {
			c.find("MX-005", vars{"host": host}, mx, c.ask.evidence(t, host, nil))
		}
		if !a.Void() {
			return
		}
	}
	f := finding.New("MX-002", vars{"domain": c.domain, "host": host}, mx, c.ask.evidence(dns.TypeA, host, nil), c.ask.evidence(dns.TypeAAAA, host, nil))
	f.What = strings.TrimSuffix(f.What, ".") + c.doubt(ctx, dns.TypeA, host) + "."
	c.add(f)
}

// letsNobodyIn reports an SPF record that does: at every name it guards them all.
func letsNobodyIn(r dns.Record) bool {
	text := recordText(r)
	rec, err := spf.Parse(text)
	if err != nil || !looksLikeSPF(text) {
		return false
	}
	return !slices.ContainsFunc(rec.Terms, func(t spf.Term) bool {
		return t.Kind == spf.KindRedirect || !t.Kind.Modifier() && t.Result() == spf.Pass
	})
}

// checkWildcards looks for answers to made-up names, and words the catch-all
// hint: what DNS shows is never proof.
func (c *checker) checkWildcards(ctx context.Context) {
	name := probe + c.domain
	if dns.CheckName(name) != nil {
		return
	}
	if a, err := c.extras.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeTXT}); err == nil && !a.Void() && !slices.ContainsFunc(a.Records, letsNobodyIn) {
		c.find("DNS-002", nil, c.ask.evidence(dns.TypeTXT, name, nil))
	}
	a, err := c.extras.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeMX})
	wild := err == nil && slices.ContainsFunc(a.Records, func(r dns.Record) bool { return r.Host != "" })
	if wild {
		c.find("MX-004", nil, c.ask.evidence(dns.TypeMX, name, nil))
		c.report.CatchAll = "A hint only: mail to every name below " + c.domain + " is taken in (wildcard MX). Whether every address is taken in as well, only your mail server knows."
		return
	}
	for _, r := range c.mx.Records {
		for _, m := range sender.ByMX(r.Host) {
			if m.Service.Category == "forwarding" && m.Confidence != sender.Low {
				c.report.CatchAll = "A hint only: mail goes to " + m.Service.Name + ", a forwarding service, where taking in every address (catch-all) is a usual setting. DNS cannot tell whether it is on."
				return
			}
		}
	}
}

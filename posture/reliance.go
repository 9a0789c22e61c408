package posture

import (
	"net/url"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/spf"
)

// Reliance is a domain of another owner that the checked one rests on: should its
// registration lapse, somebody else may send, or receive, in its place.
type Reliance struct {
	Name string `json:"name"` // that is registered: "example.net"
	Host string `json:"host"` // below it or the same, that is in use
	Via  string `json:"via"`  // the first use: "SPF include:_spf.example.net", "MX", "NS", "CNAME at www.example.com"
}

// Registrable gives the domain that is registered for a host to be there:
// "example.co.uk" for "mail.example.co.uk", and "github.io" for what its customers
// have below. "" where nobody registers such names.
func Registrable(host string) string { return registrable(host) }

// maxReliances bounds the list, for records made to be long.
const maxReliances = 100

// reliances lists the domains of others in the order in which it matters that they
// stay whose they are, each once; more counts those left out.
func (c *checker) reliances() (list []Reliance, more int) {
	own := registrable(c.domain)
	list = []Reliance{}
	known := map[string]bool{own: true, "": true}
	add := func(host, via string) {
		host = dns.Canonical(host)
		name := registrable(host)
		if strings.Contains(name, "%") || known[name] {
			return
		}
		known[name] = true
		if len(list) == maxReliances {
			more++
			return
		}
		list = append(list, Reliance{name, host, via})
	}
	var records, others []use
	splitTerms(c.spf.cost.Tree, &records, &others)
	for _, u := range records {
		add(u.host, u.via)
	}
	for _, host := range c.nameServers {
		add(host, "NS")
	}
	for _, host := range c.report.MX {
		add(host, "MX")
	}
	for _, u := range c.ask.aliases(own) {
		add(u.host, u.via)
	}
	for _, u := range others {
		add(u.host, u.via)
	}
	if c.dmarc.Record != nil {
		for _, u := range c.dmarc.Record.RUA {
			add(u.Host, "DMARC rua")
		}
	}
	for _, text := range c.report.Transport.RUA {
		if u, err := url.Parse(text); err == nil && u.Host != "" {
			add(u.Hostname(), "TLS-RPT rua")
		} else {
			add(text[strings.LastIndexByte(text, '@')+1:], "TLS-RPT rua")
		}
	}
	return list, more
}

// splitTerms parts the terms of a record, nested ones too: whose record counts as
// one's own, and whose addresses do.
func splitTerms(nodes []spf.Node, records, others *[]use) {
	for _, n := range nodes {
		if n.Target != "" {
			u := use{host: n.Target, via: "SPF " + clip(n.Term, 100)}
			if word := strings.ToLower(strings.TrimLeft(n.Term, "+-~?")); strings.HasPrefix(word, "include:") || strings.HasPrefix(word, "redirect=") {
				*records = append(*records, u)
			} else {
				*others = append(*others, u)
			}
		}
		splitTerms(n.Nodes, records, others)
	}
}

// aliases lists what the aliases lead to that were met at names of a domain, in the
// order of the names.
func (a *asker) aliases(domain string) (out []use) {
	a.mu.Lock()
	order := slices.Clone(a.order)
	a.mu.Unlock()
	for _, r := range order {
		<-r.done
		if name := r.question.Name; r.err != nil || name != domain && !strings.HasSuffix(name, "."+domain) {
			continue
		}
		for _, target := range r.answer.Chain {
			out = append(out, use{host: target, via: "CNAME at " + r.question.Name})
		}
	}
	slices.SortStableFunc(out, func(x, y use) int { return strings.Compare(x.via, y.via) })
	return out
}

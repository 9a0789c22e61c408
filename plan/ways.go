package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/sender"
	"unspoof/spf"
)

// Way is one way out of too many look-ups.
type Way struct {
	// Kind is "dkim" (leave the term out and rely on the service's DKIM),
	// "subdomain" (move the service to a name of its own), "addresses" (name the
	// addresses of own servers), "drop", or "flatten".
	Kind  string `json:"kind"`
	Term  string `json:"term"`  // of the record made; "" where all are concerned
	Saves int    `json:"saves"` // look-ups
	Text  string `json:"text"`  // what to do, a sentence or two
}

// kinds of ways, the one with the least risk first.
var wayOrder = []string{"dkim", "addresses", "subdomain", "drop", "flatten"}

// ways lists what brings the record within its limits: without look-ups first,
// flattening last, since a flattened record goes stale without a word.
func (b *builder) ways(ctx context.Context) {
	record, err := spf.Parse(b.plan.Record.Value)
	if err != nil {
		return
	}
	nodes := b.plan.Cost.Tree
	for i := range record.Terms {
		t := &record.Terms[i]
		n := slices.IndexFunc(nodes, func(n spf.Node) bool { return n.Term == t.Text })
		if n < 0 {
			continue
		}
		b.way(ctx, t, nodes[n].Lookups)
	}
	b.cut(ctx)
	b.plan.Ways = append(b.plan.Ways, Way{Kind: "flatten", Text: "As a last resort, name the addresses behind the includes themselves: unspoof spf flatten makes that record and watches it, because a service changes its addresses without telling you."})
	slices.SortStableFunc(b.plan.Ways, func(x, y Way) int {
		order := slices.Index(wayOrder, x.Kind) - slices.Index(wayOrder, y.Kind)
		if order == 0 && x.Kind != "drop" { // of these, that which loses nobody comes first already
			order = y.Saves - x.Saves
		}
		return order
	})
}

// way gives what can be done about one term.
func (b *builder) way(ctx context.Context, t *spf.Term, saves int) {
	add := func(kind, format string, a ...any) {
		b.plan.Ways = append(b.plan.Ways, Way{Kind: kind, Term: t.Text, Saves: saves, Text: fmt.Sprintf(format, a...)})
	}
	if t.Kind == spf.KindMX && t.Domain.Text == "" {
		if service, own := b.receivedBy(ctx); service != "" {
			if !own {
				add("drop", "Leave out mx: your mail is received by %s, which sends from other hosts than those.", service)
			}
			return // the addresses of others' servers are not to be copied: they change
		}
	}
	if t.Kind == spf.KindA || t.Kind == spf.KindMX {
		if list := b.addressesBehind(ctx, t); list != "" {
			add("addresses", "Name the addresses of your own servers in the place of %s: %s. They cost no look-up; remember to change them when the servers move.", t.Text, list)
		}
		return
	}
	hits := sender.ByInclude(t.Domain.Text)
	if len(hits) == 0 {
		return
	}
	s := hits[0].Service
	switch {
	case s.SPFStatus == "optional" || s.ReturnPath == "no":
		add("dkim", "Leave out %s and set up the DKIM of %s%s: that makes its mail pass DMARC without SPF.", t.Text, s.Name, dkimAdvice(s))
	case s.ReturnPath == "yes" || s.ReturnPath == "partial":
		add("subdomain", "Give %s a return path on a subdomain, %s.%s say, in its settings: then its include belongs there and not here.", s.Name, s.ID, b.plan.Domain)
	case s.Category != "mailbox" && s.Category != "hosting":
		add("subdomain", "Have %s send with a subdomain in the From line, %s.%s say: then its include belongs there and not here.", s.Name, s.ID, b.plan.Domain)
	}
}

// receivedBy names the service at whose hosts the domain's mail is received, ""
// where there is none, and tells whether servers of one's own receive it, too.
func (b *builder) receivedBy(ctx context.Context) (service string, own bool) {
	hosts, _, err := exchangers(ctx, b.resolver, b.plan.Domain)
	if err != nil {
		return "", false
	}
	for _, h := range hosts {
		if hits := sender.ByMX(h); len(hits) > 0 && b.has(hits[0].Service) {
			service = hits[0].Service.Name
		} else {
			own = true
		}
	}
	return service, own
}

// addressesBehind writes the addresses of an a or mx term as terms, "" where
// there are none, or too many, or DNS did not answer for all.
func (b *builder) addressesBehind(ctx context.Context, t *spf.Term) string {
	name := b.plan.Domain
	if t.Domain.Text != "" {
		var ok bool
		if name, ok = t.Domain.Name(); !ok {
			return ""
		}
	}
	if t.Bits4 != 32 || t.Bits6 != 128 {
		return ""
	}
	hosts := []string{name}
	if t.Kind == spf.KindMX {
		answer, err := b.resolver.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeMX})
		if err != nil {
			return ""
		}
		hosts = hosts[:0]
		for _, r := range answer.Records {
			hosts = append(hosts, r.Host)
		}
	}
	var terms []string
	for _, h := range hosts[:min(len(hosts), maxNamed)] {
		for _, typ := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
			answer, err := b.resolver.Lookup(ctx, dns.Question{Name: h, Type: typ})
			if err != nil {
				return ""
			}
			for _, r := range answer.Records {
				if word := "ip4:" + r.Addr.String(); r.Addr.Is4() {
					terms = append(terms, word)
				} else {
					terms = append(terms, "ip6:"+r.Addr.String())
				}
			}
		}
	}
	if len(terms) > maxNamed {
		return ""
	}
	return strings.Join(terms, " ")
}

// cut names the cheapest terms to leave out, but the service where people have
// their mailboxes: nobody can leave that out.
func (b *builder) cut(ctx context.Context) {
	cuts, err := spf.Cuts(ctx, b.resolver, b.plan.Domain, b.plan.Record.Value)
	if err != nil {
		return
	}
	i := slices.IndexFunc(cuts, func(c spf.Cut) bool {
		return !slices.ContainsFunc(c.Terms, func(t spf.CutTerm) bool { return ofMailboxes(t.Term) })
	})
	if i < 0 {
		return
	}
	cut := cuts[i]
	var terms []string
	for _, t := range cut.Terms {
		terms = append(terms, t.Term)
	}
	text := fmt.Sprintf("Without %s the record costs %d look-ups", strings.Join(terms, " and "), cut.Lookups)
	if !cut.Lost.IsZero() {
		text += ", and " + addressesOf(cut.Lost, cut.Unknown) + " may no longer send"
	}
	b.plan.Ways = append(b.plan.Ways, Way{Kind: "drop", Term: strings.Join(terms, " "), Saves: b.plan.Lookups - cut.Lookups, Text: text + "."})
}

// ofMailboxes reports that a term is the include of a service with mailboxes.
func ofMailboxes(term string) bool {
	_, host, _ := strings.Cut(term, ":")
	return slices.ContainsFunc(sender.ByInclude(host), func(m sender.Match) bool { return m.Service.Category == "mailbox" })
}

package whatif

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/inventory"
	"unspoof/spf"
)

// findRisks says what of the planned records can lose mail that nothing given
// shows: keys that go, senders that are told off harder, names below.
func (r *replayer) findRisks(ctx context.Context, records []dns.Record) {
	seen := map[string]bool{}
	for _, rec := range records {
		name := dns.Canonical(rec.Name)
		if seen[name] || rec.Type != dns.TypeTXT && rec.Type != dns.TypeCNAME {
			continue
		}
		seen[name] = true
		selector, domain, isKey := strings.Cut(name, "._domainkey.")
		switch {
		case isKey && selector != "*" && len(seen) <= maxKeys:
			k := r.key(ctx, inventory.Signature{Domain: domain, Selector: selector})
			switch {
			case k.today == keyGood && k.then == keyNone:
				r.risk("The key at %s works today, and would not any more: what is signed with it fails DKIM.", name)
			case k.today == keyGood && k.then == keyOther:
				r.risk("Another key would stand at %s: what is still signed with the old one fails DKIM.", name)
			}
		case name != r.domain && strings.HasSuffix(name, "."+r.domain) && strings.HasPrefix(strings.ToLower(strings.Join(rec.Text, "")), "v=spf1"):
			r.risk("The SPF record of %s changes, too: compare it with unspoof whatif %s.", name, name)
		}
	}
	if r.spf != nil && slices.ContainsFunc(r.spf.Changed, func(c spf.Change) bool { return bySPF(c.Now).Harsher(bySPF(c.Was)) }) {
		r.risk("Receivers that check SPF only would treat some addresses more harshly than today, though none of them may send today.")
	}
}

func (r *replayer) risk(format string, a ...any) {
	r.risks = append(r.risks, fmt.Sprintf(format, a...))
}

package plan

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/inventory"
	"unspoof/sender"
	"unspoof/spf"
)

// receivesToo is said of a mailbox service that is nobody's word among the senders.
const receivesToo = "It receives your mail, and very likely sends it: people write from where they read."

// receivers guards those who take the domain's mail: a mailbox service that is
// neither named nor dropped counts as shut out, a server of one's own is worth a
// word. A valid record of today that does not let the service in says that its
// owner knows; then a word is enough, too.
func (b *builder) receivers(ctx context.Context) {
	if b.plan.Parked {
		return
	}
	hosts, _, err := exchangers(ctx, b.resolver, b.plan.Domain)
	if err != nil {
		b.plan.Unsure = true
		b.warn("DNS did not answer who receives the mail of %s, and so is likely to send it.", b.plan.Domain)
		return
	}
	var own []string
	seen := map[string]bool{}
	for _, h := range hosts {
		service, ok := mailboxes(h)
		if !ok {
			if b.refuses(ctx, h) && !b.drops("host:"+h, h) {
				own = append(own, h)
			}
			continue
		}
		if seen[service.ID] || b.has(service) {
			continue
		}
		seen[service.ID] = true
		out := ShutOut{
			Name: "service:" + service.ID, Owner: service.Name, Terms: []string{}, Ranges: []string{}, Open: true, Why: receivesToo,
			names: []string{service.ID, h},
		}
		switch {
		case slices.ContainsFunc(b.plan.ShutOut, func(s ShutOut) bool { return s.Name == out.Name || s.service == service.ID }):
		case len(b.records) == 1 && len(b.old) == 1 && !b.broken && len(b.todays(service)) == 0:
			if !b.drops(append(out.names, out.Name, out.Owner)...) {
				b.warn("%s receives your mail, and very likely sends it; neither today's record nor this one lets it in. If it sends, name it.", service.Name)
			}
		default:
			b.plan.ShutOut = append(b.plan.ShutOut, out)
		}
	}
	if len(own) > 0 {
		b.warn("%s: your mail is received there, and this record does not let it in. If it sends, too, name it, or say that the exchangers send.", few(own))
	}
}

// exchangedToday reports that today's record lets the exchangers in.
func (b *builder) exchangedToday() bool {
	for _, record := range b.records {
		for i := range record.Terms {
			if t := &record.Terms[i]; t.Kind == spf.KindMX && t.Domain.Text == "" && t.Result() == spf.Pass && !b.drops(termNames(t)...) {
				return true
			}
		}
	}
	return false
}

// mailboxes gives the service whose mailboxes a mail exchanger belongs to.
func mailboxes(host string) (sender.Service, bool) {
	for _, m := range sender.ByMX(host) {
		if m.Confidence != sender.Low && (m.Service.Category == "mailbox" || m.Service.Category == "hosting") {
			return m.Service, true
		}
	}
	return sender.Service{}, false
}

// has reports that the record lets a service in, or says why it need not.
func (b *builder) has(s sender.Service) bool {
	for _, t := range b.terms {
		_, host, _ := strings.Cut(t, ":")
		if host != "" && slices.ContainsFunc(sender.ByInclude(host), func(m sender.Match) bool { return m.Service.ID == s.ID }) {
			return true
		}
	}
	return b.asked[s.ID] || slices.ContainsFunc(b.plan.LeftOut, func(l LeftOut) bool { return l.Service == s.ID })
}

// refuses reports that the record made does not let a host in, for sure.
func (b *builder) refuses(ctx context.Context, host string) bool {
	if b.set == nil {
		return false
	}
	for _, typ := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
		answer, err := b.resolver.Lookup(ctx, dns.Question{Name: host, Type: typ})
		if err != nil {
			continue
		}
		for _, r := range answer.Records {
			if r.Addr.IsValid() && refusal(netip.PrefixFrom(r.Addr, r.Addr.BitLen())) == "" && b.says(inventory.Address{Address: r.Addr}) == inventory.No {
				return true
			}
		}
	}
	return false
}

// exchanging adds those who receive the mail and send it too. Where they are a
// service's, that is its own term: the hosts that it receives at are not those that
// it sends from.
func (b *builder) exchanging(ctx context.Context) error {
	hosts, _, err := exchangers(ctx, b.resolver, b.plan.Domain)
	if err != nil || len(hosts) == 0 {
		b.mx(ctx)
		return nil
	}
	own := false
	for _, h := range hosts {
		hits := sender.ByMX(h)
		if len(hits) == 0 {
			own = true
			continue
		}
		s := hits[0].Service
		if b.asked[s.ID] {
			continue
		}
		before := len(b.terms)
		if err := b.known(ctx, s); err != nil {
			return fmt.Errorf("plan: your mail is received by %s: %s", s.Name, strings.TrimPrefix(err.Error(), "plan: "))
		}
		switch {
		case len(b.terms) > before:
			b.why("Your mail is received by %s (%s): %s stands in the place of mx, since it sends from other hosts than those that receive.", s.Name, h, strings.Join(b.terms[before:], " "))
		case !b.has(s):
			own = true // no include is known
		}
		b.asked[s.ID] = true
	}
	if own || b.exchangedToday() {
		b.mx(ctx)
	}
	return nil
}

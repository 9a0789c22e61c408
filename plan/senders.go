package plan

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"unspoof/inventory"
	"unspoof/orgdomain"
	"unspoof/sender"
	"unspoof/spf"
)

// list adds the senders of an inventory that are not dropped: what lets them in
// today, or what their service documents, or the addresses that were seen. Claims
// are nobody's word but a stranger's and never go in; neither do those that only
// receive.
func (b *builder) list(ctx context.Context, req SPFRequest) error {
	if req.Inventory == nil {
		return nil
	}
	if req.Inventory.Domain != b.plan.Domain {
		return fmt.Errorf("plan: the inventory is of %s, not of %s", clip(req.Inventory.Domain), b.plan.Domain)
	}
	for i := range req.Inventory.Senders {
		s := &req.Inventory.Senders[i]
		if b.drops(senderNames(s)...) || s.Status == inventory.Hinted || s.Status == inventory.Claim {
			continue
		}
		if err := b.sender(ctx, req, s); err != nil {
			return err
		}
	}
	switch n := len(req.Inventory.Claims); {
	case n == 1:
		b.warn("One sender was seen only in mail that nothing proves to be yours; it is not in the record. If it is yours, name it.")
	case n > 1:
		b.warn("%d senders were seen only in mail that nothing proves to be yours; none of them is in the record. If one of them is yours, name it.", n)
	}
	return nil
}

// sender adds one sender of the inventory.
func (b *builder) sender(ctx context.Context, req SPFRequest, s *inventory.Sender) error {
	b.named = true
	switch {
	case s.Kind == inventory.KindKey:
		return nil // DKIM vouches for it; SPF has nothing to name
	case s.Catalogue != nil && b.leaves(ctx, s):
		return nil
	case len(s.Terms) > 0:
		for _, text := range s.Terms {
			if record, err := spf.Parse("v=spf1 " + text); err == nil && len(record.Terms) == 1 && b.drops(termNames(&record.Terms[0])...) {
				continue
			}
			if err := b.keep(ctx, s, text); err != nil {
				return err
			}
		}
		return nil
	case s.Kind == inventory.KindService && s.Catalogue != nil:
		return b.catalogued(ctx, req, s)
	case s.Kind == inventory.KindInclude:
		_, host, _ := strings.Cut(s.Key, ":")
		return b.service(ctx, host)
	case len(s.Networks) > 0:
		return b.networks(s.Networks, nil)
	case len(s.Addresses) > 0:
		return b.seenFrom(s)
	case s.Kind == inventory.KindHost && nameless(s.Name):
		b.plan.Unsure = true
		b.warn("%s sends, and its address is not known, so neither is whether this record lets it in. Name the server in full, or the addresses that the Internet sees of it.", s.Name)
		return nil
	case s.Kind == inventory.KindHost:
		return b.host(ctx, s.Name)
	}
	return nil
}

// nameless reports what a log calls a server and no record can: a name without its
// domain, an address inside, or "the server of the log".
func nameless(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || !strings.Contains(host, ".")
}

// leaves leaves a service out that SPF cannot help. Where that is not sure, what
// today's record lets in of it still counts as shut out.
func (b *builder) leaves(ctx context.Context, s *inventory.Sender) bool {
	service, ok := sender.Find(s.Catalogue.ID)
	if !ok || b.leftOut(service) == "" {
		return false
	}
	b.explainLeftOut(ctx, service)
	if ignored(service) {
		b.spared[s.Key] = true
	} else {
		b.leaving[s.Key] = true
	}
	return true
}

// catalogued adds a service that sends without being let in today. One that gives
// each customer an include of its own has to be named by it; until then it is
// shut out.
func (b *builder) catalogued(ctx context.Context, req SPFRequest, s *inventory.Sender) error {
	service, ok := sender.Find(s.Catalogue.ID)
	if !ok {
		return nil
	}
	for _, typed := range req.Services {
		host, _ := cutFold(strings.TrimSpace(typed), "include:")
		if slices.ContainsFunc(sender.ByInclude(host), func(m sender.Match) bool { return m.Service.ID == service.ID }) {
			return nil // named by hand, with the include that it gave
		}
	}
	if err := b.known(ctx, service); err != nil {
		b.plan.ShutOut = append(b.plan.ShutOut, ShutOut{
			Name: s.Key, Owner: s.Name, Terms: []string{}, Ranges: []string{}, Open: true, Messages: s.Seen.Count,
			Why: strings.TrimPrefix(err.Error(), "plan: ") + ".", names: senderNames(s),
		})
		b.spared[s.Key] = true
	}
	return nil
}

// seenFrom adds the addresses that a sender was seen at. One inside a network says
// only that the mail went another way out.
func (b *builder) seenFrom(s *inventory.Sender) error {
	for _, a := range s.Addresses {
		p := netip.PrefixFrom(a.Address.Unmap(), a.Address.Unmap().BitLen())
		if !p.IsValid() || refusal(p) != "" || b.drops(p.Addr().String()) {
			continue
		}
		if err := b.networks([]netip.Prefix{p}, nil); err != nil {
			return err
		}
	}
	return nil
}

// keep adds a term of today's record.
func (b *builder) keep(ctx context.Context, s *inventory.Sender, text string) error {
	record, err := spf.Parse("v=spf1 " + text)
	if err != nil || len(record.Terms) != 1 {
		b.warn("%s of today's record, by which %s is let in, is not valid and is left out.", clip(text), s.Name)
		return nil
	}
	t := &record.Terms[0]
	name, plain := t.Domain.Name()
	switch {
	case t.Kind == spf.KindIP4, t.Kind == spf.KindIP6:
		if refusal(t.Network.Masked()) != "" {
			return nil // explained where today's record is compared
		}
		return b.networks([]netip.Prefix{t.Network}, nil)
	case t.Kind == spf.KindInclude && plain, t.Kind == spf.KindRedirect && plain:
		if b.missing(ctx, t) {
			return nil // explained where today's record is compared
		}
		if err := b.service(ctx, name); err != nil {
			b.warn("%s of today's record is left out: %s.", t.Text, strings.TrimPrefix(err.Error(), "plan: "))
		}
	case t.Kind == spf.KindA && t.Domain.Text == "" && t.Bits4 == 32 && t.Bits6 == 128:
		b.term("a")
	case t.Kind == spf.KindMX && t.Domain.Text == "" && t.Bits4 == 32 && t.Bits6 == 128:
		b.mx(ctx)
	case t.Kind == spf.KindA && plain && t.Bits4 == 32 && t.Bits6 == 128 && orgdomain.Below(b.plan.Domain, name):
		b.ownHost(name)
	case t.Kind == spf.KindA, t.Kind == spf.KindMX, t.Kind == spf.KindExists, t.Kind == spf.KindInclude:
		b.term(t.String())
	case t.Kind == spf.KindPTR:
		b.warn("%s goes: ptr is slow, and not to be published (RFC 7208 section 5.5). Name the addresses of %s instead.", t.Text, s.Name)
	}
	return nil
}

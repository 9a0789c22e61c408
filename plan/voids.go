package plan

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/spf"
)

// voidAdvice is what is left to do where spareVoids could not.
const voidAdvice = "Take out what has no address at all, and name what has only IPv4 or only IPv6 by its addresses (ip4:, ip6:)."

// spareVoids writes the addresses of hosts in the place of their names, where these
// would be too many empty look-ups: a host with addresses of one family is one for
// each sender of the other (RFC 7208 section 4.6.4).
func (b *builder) spareVoids(ctx context.Context) error {
	if len(b.hosts) == 0 {
		return nil
	}
	cost, err := spf.Measure(ctx, b.resolver, b.plan.Domain, "v=spf1 "+strings.Join(b.terms, " ")+" ~all")
	if err != nil || cost.Voids <= maxVoids {
		return nil // what is not valid is told where the record is read back
	}
	var spared []string
	for _, host := range b.hosts {
		prefixes := b.oneFamily(ctx, host)
		if len(prefixes) == 0 {
			continue
		}
		if err := b.networks(prefixes, nil); err != nil {
			return err
		}
		spared = append(spared, host)
		b.terms = slices.DeleteFunc(b.terms, func(t string) bool { return t == "a:"+host })
		delete(b.seen, "a:"+host)
	}
	if len(spared) > 0 {
		b.why("The addresses of %s stand in the place of their names: a host with only IPv4 or only IPv6 is an empty look-up for senders of the other kind, and more than %d of these make a record invalid (RFC 7208 section 4.6.4). Change them in the record when the servers move.", few(spared), maxVoids)
	}
	return nil
}

// oneFamily gives the addresses of a host that has them in one family only; none
// where DNS does not tell, or they are too many to be written out.
func (b *builder) oneFamily(ctx context.Context, host string) (all []netip.Prefix) {
	families := 0
	for _, typ := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
		answer, err := b.resolver.Lookup(ctx, dns.Question{Name: host, Type: typ})
		if err != nil {
			return nil
		}
		if len(answer.Records) > 0 {
			families++
		}
		for _, r := range answer.Records {
			p := netip.PrefixFrom(r.Addr, r.Addr.BitLen())
			if refusal(p) != "" {
				return nil
			}
			all = append(all, p)
		}
	}
	if families != 1 || len(all) > maxNamed {
		return nil
	}
	return all
}

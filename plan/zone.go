package plan

import (
	"context"
	"fmt"
	"strings"

	"unspoof/dns"
	"unspoof/orgdomain"
)

// maxCuts is how many names are asked for the top of a zone.
const maxCuts = 6

// Zone gives the zone that a domain lies in, to which panels take names as
// relative: the nearest name at or above it with an SOA record (RFC 1034 section
// 4.2.1). Where DNS shows none, or does not answer, it is the organisational
// domain by the public suffix list, where panels usually cut. A nil resolver asks
// nothing.
func Zone(ctx context.Context, resolver dns.Resolver, domain string) string {
	org := orgdomain.OfPSL(domain)
	if org == "" {
		org = domain
	}
	if resolver == nil {
		return org
	}
	name := domain
	for range maxCuts {
		answer, err := resolver.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeSOA})
		if err != nil {
			return org
		}
		if len(answer.Records) > 0 && len(answer.Chain) == 0 {
			return name
		}
		if name == org { // above it are the zones of others
			return org
		}
		_, parent, ok := strings.Cut(name, ".")
		if !ok {
			return org
		}
		name = parent
	}
	return org
}

// missing reports that DNS has no such name, for sure: a slip of whoever typed it,
// very likely.
func missing(ctx context.Context, resolver dns.Resolver, name string) bool {
	answer, err := resolver.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeMX})
	return err == nil && answer.RCode == dns.NXDomain && len(answer.Chain) == 0
}

// aliased says what to do where a record is to be published at a name that is an
// alias: nothing may stand beside a CNAME (RFC 1034 section 3.6.2). "" where it is
// none, for all that DNS says.
func aliased(ctx context.Context, resolver dns.Resolver, name string) string {
	answer, err := resolver.Lookup(ctx, dns.Question{Name: name, Type: dns.TypeTXT})
	if err != nil || len(answer.Chain) == 0 {
		return ""
	}
	return fmt.Sprintf("%s is an alias of %s: change the record there, or take the alias away first. Nothing can stand beside it (RFC 1034 section 3.6.2).", name, dns.Canonical(answer.Chain[0]))
}

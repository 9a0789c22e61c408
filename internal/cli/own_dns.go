package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/forensics"
)

// shownSenders is how many names stand in the question.
const shownSenders = 12

// fromDNS makes the profile from what DNS says of the domains, or of the
// provider of an address, and the question that DNS cannot answer.
func (p *program) fromDNS(ctx context.Context, domains []string, address string, resolver dns.Resolver) (ownMail, error) {
	if address != "" {
		prof, warnings, err := forensics.AddressProfile(ctx, resolver, address)
		if err := p.goOn(warnings, err); err != nil {
			return ownMail{}, err
		}
		return ownMail{profile: prof}, nil // the provider knows what sends; nobody can confirm that
	}
	all := &forensics.Profile{}
	for _, domain := range domains {
		prof, warnings, err := forensics.ProfileFromDNS(ctx, resolver, domain)
		if err := p.goOn(warnings, err); err != nil {
			return ownMail{}, err
		}
		join(all, prof)
	}
	return ownMail{profile: all, question: sendersKnown(all)}, nil
}

// join adds one domain's profile to that of others.
func join(all, one *forensics.Profile) {
	all.Domains = append(all.Domains, one.Domains...)
	all.InboundNames = append(all.InboundNames, one.InboundNames...)
	all.MessageIDDomains = append(all.MessageIDDomains, one.MessageIDDomains...)
	for _, h := range one.OwnHosts {
		if !slices.Contains(all.OwnHosts, h) {
			all.OwnHosts = append(all.OwnHosts, h)
		}
	}
	for _, r := range one.OwnRanges {
		if !slices.Contains(all.OwnRanges, r) {
			all.OwnRanges = append(all.OwnRanges, r)
		}
	}
	for _, s := range one.Services {
		same := func(other forensics.Service) bool { return other.Name == s.Name }
		if !slices.ContainsFunc(all.Services, same) {
			all.Services = append(all.Services, s)
		}
	}
}

// sendersKnown says what DNS names as sending for the domains.
func sendersKnown(prof *forensics.Profile) string {
	names := prof.Senders()
	domains := strings.Join(prof.Domains, ", ")
	if len(names) == 0 {
		return fmt.Sprintf("DNS names nothing that sends mail for %s.", domains)
	}
	more := ""
	if n := len(names) - shownSenders; n > 0 {
		names, more = names[:shownSenders], fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("DNS names these for %s: %s%s.", domains, strings.Join(names, ", "), more)
}

func (p *program) warn(sentences []string) {
	for _, s := range sentences {
		p.complain("%s", s)
	}
}

// goOn tells whether what DNS said is enough to go on with. A silent DNS and a
// domain that is not there are said, and stop nothing: the messages still tell
// something.
func (p *program) goOn(warnings []string, err error) error {
	p.warn(warnings)
	var fault *dns.Error
	switch {
	case errors.As(err, &fault), errors.Is(err, forensics.ErrNoDomain):
		p.complain("%s", strings.TrimPrefix(err.Error(), "forensics: "))
		p.complain("going on with what the messages alone can tell; to say more, write what you know into a profile and give it with --profile FILE")
		return nil
	case err != nil:
		return &helpful{err: err, code: exitUsage}
	}
	return nil
}

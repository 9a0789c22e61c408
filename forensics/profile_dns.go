package forensics

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/orgdomain"
	"unspoof/sender"
	"unspoof/spf"
)

const (
	// maxProfileLookups bounds what reading a profile from DNS may ask. A valid
	// SPF record needs at most ten look-ups and what these lead to.
	maxProfileLookups = 100
	// maxProfileRanges bounds the networks kept; the largest services publish a
	// few hundred.
	maxProfileRanges = 5000
)

// errLookups ends the reading of a record that asks for too much.
var errLookups = errors.New("forensics: the SPF record leads to more than 100 questions; only its beginning was read")

// ErrNoDomain says that a domain does not exist in DNS: misspelt, or lapsed.
var ErrNoDomain = errors.New("does not exist in DNS; check the spelling")

// ProfileFromDNS makes a profile of what DNS tells about a domain: own hosts and
// networks from MX and the domain's own SPF terms, services from its includes.
// Complete stays false until the owner has confirmed that nothing else sends.
//
// The strings are sentences about what was not found or could not be read. The
// error is for a name that is none; or wraps [ErrNoDomain], or a [dns.Error] when
// DNS did not answer: then the profile holds what was known until then, the
// domain at least, for those who go on without the rest.
func ProfileFromDNS(ctx context.Context, r dns.Resolver, domain string) (*Profile, []string, error) {
	name, err := orgdomain.Name(domain)
	if err != nil {
		return nil, nil, fmt.Errorf("forensics: %w", err)
	}
	d := &discovery{resolver: r, domain: name, profile: &Profile{Domains: []string{name}}}
	err = d.read(ctx)
	return d.profile, d.warnings, err
}

// AddressProfile makes a profile for somebody who has an address at a mailbox
// provider and no domain of his own: the provider's hosts and networks, which he
// shares with all its customers. Strings and error are as of [ProfileFromDNS].
func AddressProfile(ctx context.Context, r dns.Resolver, address string) (*Profile, []string, error) {
	local, domain, ok := strings.Cut(strings.Trim(strings.TrimSpace(address), "<>"), "@")
	if !ok || local == "" || strings.Contains(domain, "@") {
		return nil, nil, fmt.Errorf("forensics: %q is not an address; write it like anna@example.com", address)
	}
	name, err := orgdomain.Name(domain)
	if err != nil {
		return nil, nil, fmt.Errorf("forensics: %w", err)
	}
	d := &discovery{resolver: r, domain: name, provider: name, profile: &Profile{
		Address: strings.ToLower(local) + "@" + name, InboundNames: []string{name},
	}}
	err = d.read(ctx)
	return d.profile, d.warnings, err
}

// discovery reads one domain's records.
type discovery struct {
	resolver dns.Resolver
	domain   string
	provider string // name of the one service that all addresses belong to; "": see each term
	profile  *Profile
	warnings []string
	lookups  int
	ranges   int
	seen     map[string]bool // records read, so that a loop ends
}

func (d *discovery) warn(format string, args ...any) {
	d.warnings = append(d.warnings, fmt.Sprintf(format, args...))
}

// read asks for all of it.
func (d *discovery) read(ctx context.Context) error {
	if err := d.readMX(ctx); err != nil {
		return err
	}
	return d.readSPF(ctx)
}

// ask puts one question from the budget.
func (d *discovery) ask(ctx context.Context, name string, t dns.Type) (dns.Answer, error) {
	if d.lookups++; d.lookups > maxProfileLookups {
		return dns.Answer{}, errLookups
	}
	return d.resolver.Lookup(ctx, dns.Question{Name: name, Type: t})
}

// readMX takes hosts that receive for the domain: those with a name of its own as
// own hosts, others as a provider's.
func (d *discovery) readMX(ctx context.Context) error {
	a, err := d.ask(ctx, d.domain, dns.TypeMX)
	if err != nil {
		return fmt.Errorf("forensics: mail servers of %s: %w", d.domain, err)
	}
	if a.RCode == dns.NXDomain {
		return fmt.Errorf("forensics: the domain %s %w", d.domain, ErrNoDomain)
	}
	found := 0
	for _, r := range a.Records {
		if r.Host == "" {
			continue // null MX (RFC 7505)
		}
		found++
		d.receiver(ctx, r.Host)
	}
	if found == 0 {
		d.warn("%s names no server that receives mail for it", d.domain)
	}
	return nil
}

// receiver takes one host that receives for the domain.
func (d *discovery) receiver(ctx context.Context, host string) {
	if d.provider == "" && below(d.domain, host) {
		d.own(ctx, host, "inbound")
		return
	}
	names := []string{orgdomain.OfPSL(host)}
	for _, m := range slices.Concat(sender.ByMX(host), sender.ByHost(host)) {
		if m.Confidence == sender.Low {
			continue
		}
		if d.provider == d.domain {
			d.provider = m.Service.Name
		}
		names = slices.Concat(names, m.Service.ReverseSuffixes, alsoInside(m.Service.ID))
	}
	for _, n := range names {
		if n != "" && !slices.Contains(d.profile.InboundNames, n) {
			d.profile.InboundNames = append(d.profile.InboundNames, n)
		}
	}
}

// readSPF takes what the domain's own record allows.
func (d *discovery) readSPF(ctx context.Context) error {
	d.seen = map[string]bool{}
	err := d.record(ctx, d.domain, d.provider)
	var fault *dns.Error
	switch {
	case errors.Is(err, spf.ErrNoRecord):
		d.warn("%s publishes no SPF record, so DNS does not tell what sends for it", d.domain)
	case errors.Is(err, spf.ErrSeveralRecords):
		d.warn("%s publishes more than one SPF record, which makes all of them void", d.domain)
	case errors.As(err, &fault):
		return fmt.Errorf("forensics: SPF record of %s: %w", d.domain, err)
	case err != nil:
		d.warn("the SPF record of %s cannot be read whole: %v", d.domain, err)
	}
	return nil
}

// own takes the addresses of a host with a name of the domain's own. A name that
// is an alias for somebody else's host is that one's.
func (d *discovery) own(ctx context.Context, host, role string) {
	for _, t := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
		a, err := d.ask(ctx, host, t)
		if err != nil {
			d.warn("the address of %s could not be asked: %v", host, err)
			return
		}
		owner := host
		if n := len(a.Chain); n > 0 {
			owner = a.Chain[n-1]
		}
		for _, r := range a.Records {
			if !below(d.domain, owner) {
				d.addRange(orgdomain.OfPSL(owner), prefixOf(r.Addr))
				continue
			}
			h := Host{Name: host, IP: r.Addr.Unmap(), Role: role}
			if !slices.ContainsFunc(d.profile.OwnHosts, func(o Host) bool { return o.IP == h.IP && o.Name == h.Name }) {
				d.profile.OwnHosts = append(d.profile.OwnHosts, h)
			}
		}
	}
}

// addRange gives a network to a service, "" to the owner himself.
func (d *discovery) addRange(service string, p netip.Prefix) {
	if d.ranges++; d.ranges > maxProfileRanges {
		return
	}
	if service == "" {
		d.profile.OwnRanges = append(d.profile.OwnRanges, p)
		return
	}
	s := d.service(service)
	s.Ranges = append(s.Ranges, p)
}

// service gives the entry of that name, a new one if need be.
func (d *discovery) service(name string) *Service {
	i := slices.IndexFunc(d.profile.Services, func(s Service) bool { return s.Name == name })
	if i < 0 {
		i = len(d.profile.Services)
		d.profile.Services = append(d.profile.Services, Service{Name: name})
	}
	return &d.profile.Services[i]
}

func prefixOf(a netip.Addr) netip.Prefix {
	a = a.Unmap()
	return netip.PrefixFrom(a, a.BitLen())
}

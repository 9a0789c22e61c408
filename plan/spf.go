package plan

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/spf"
)

// ErrTooManyLookups is wrapped where the record would cost more than ten
// look-ups, which makes every check of it a permerror. The plan is given with
// it, to show what costs how much.
var ErrTooManyLookups = errors.New("too many DNS look-ups")

// BuildSPF makes the SPF record for a request. The record is read back by
// spf.Parse, and its cost measured through the resolver; where DNS does not
// answer, a warning says what could not be checked. A nil resolver asks nothing.
//
// Errors name the entry at fault and what to write instead; ErrNoSender is
// wrapped for a request that names nobody for a domain that may be in use. With
// ErrLockOut, ErrTooManyLookups and ErrInUse, of which an error may wrap several,
// the plan is filled, to show what is the matter; with any other it is not.
func BuildSPF(ctx context.Context, req SPFRequest, resolver dns.Resolver) (SPFPlan, error) {
	if resolver == nil {
		resolver = silent{}
	}
	domain, err := domainName("domain", req.Domain)
	if err != nil {
		return SPFPlan{}, err
	}
	b := &builder{
		resolver: resolver,
		plan:     emptySPF(domain),
		seen:     map[string]bool{},
		spared:   map[string]bool{},
		leaving:  map[string]bool{},
		dropped:  map[string]bool{},
		needed:   map[string]bool{},
		asked:    map[string]bool{},
		drop:     req.Drop,
		keys:     &keySetter{resolver: resolver, domain: domain, zone: Zone(ctx, resolver, domain)},
	}
	b.plan.Missing = missing(ctx, resolver, domain)
	b.fetch(ctx)
	if err := b.collect(ctx, req); err != nil {
		return SPFPlan{}, err
	}
	if err := b.empty(ctx, req); err != nil {
		return SPFPlan{}, err
	}
	if err := b.spareVoids(ctx); err != nil {
		return SPFPlan{}, err
	}
	if err := b.write(ctx, req.Policy); err != nil {
		return SPFPlan{}, err
	}
	b.today()
	if text := aliased(ctx, resolver, domain); text != "" {
		b.warn("%s", text)
	}
	if err := b.next(ctx); err != nil {
		return SPFPlan{}, err
	}
	costly := b.measure(ctx)
	b.unchanged()
	b.plan.sound = b.sound(ctx)
	locked := b.guard(ctx, req)
	if locked != nil && !errors.Is(locked, ErrLockOut) {
		return SPFPlan{}, locked
	}
	b.plan.Unsure = b.plan.Unsure || b.plan.Unknown || b.plan.Cost.Incomplete
	return b.plan, errors.Join(b.refused, locked, costly)
}

// builder gathers the terms of one record.
type builder struct {
	resolver dns.Resolver
	plan     SPFPlan
	given    []netip.Prefix  // as they came
	prefixes []netip.Prefix  // merged
	terms    []string        // after the networks: a, mx, include, exists
	hosts    []string        // own servers that stand among the terms by name
	seen     map[string]bool // terms
	named    bool            // somebody sends, whether or not SPF needs a term for it
	spared   map[string]bool // senders of the inventory, by key, that need no term, or were explained
	leaving  map[string]bool // those left out on the catalogue's word alone
	needed   map[string]bool // services, by id, that were seen to need the record
	asked    map[string]bool // services, by id, that the request names
	drop     []string        // as the request has it
	dropped  map[string]bool // entries of drop that name somebody
	old      []string        // the records of today: several count as none, but somebody meant them
	records  []*spf.Record   // what of them can be read
	own      []*spf.Record   // these, and those below the domain to which they lead
	others   [][]string      // the other TXT records of the domain
	answer   int             // octets of today's answer with all of them
	broken   bool            // one of them is not valid
	alones   int             // terms of them that were read alone
	refused  error           // wraps ErrInUse
	keys     *keySetter      // for services that are left out
	set      *spf.Set        // what the record made means; nil where that is not known
}

func (b *builder) why(format string, a ...any) {
	b.plan.Why = append(b.plan.Why, fmt.Sprintf(format, a...))
}

func (b *builder) warn(format string, a ...any) {
	b.plan.Warnings = append(b.plan.Warnings, fmt.Sprintf(format, a...))
}

func (b *builder) term(t string) {
	if !b.seen[t] {
		b.seen[t] = true
		b.terms = append(b.terms, t)
	}
}

// collect turns the request into terms, cheapest to check first: addresses cost
// receivers nothing, includes most.
func (b *builder) collect(ctx context.Context, req SPFRequest) error {
	switch {
	case len(req.Hosts) > maxHosts:
		return fmt.Errorf("plan: %d hosts, at most %d are taken", len(req.Hosts), maxHosts)
	case len(req.Prefixes)+len(req.Addresses) > maxPrefixes:
		return fmt.Errorf("plan: %d addresses and networks, at most %d are taken", len(req.Prefixes)+len(req.Addresses), maxPrefixes)
	case len(req.Services) > maxServices:
		return fmt.Errorf("plan: %d services, at most %d are taken", len(req.Services), maxServices)
	}
	b.named = req.A || req.MX || len(req.Hosts)+len(req.Prefixes)+len(req.Addresses)+len(req.Services) > 0
	b.proven(req.Inventory)
	if err := b.networks(req.Prefixes, req.Addresses); err != nil {
		return err
	}
	if req.A {
		b.term("a")
	}
	for _, h := range req.Hosts {
		if err := b.host(ctx, h); err != nil {
			return err
		}
	}
	for _, s := range req.Services {
		if err := b.service(ctx, s); err != nil {
			return err
		}
	}
	if req.MX {
		if err := b.exchanging(ctx); err != nil {
			return err
		}
	}
	err := b.list(ctx, req)
	b.plan.Parked = !b.named
	return err
}

func (b *builder) networks(prefixes []netip.Prefix, typed []string) error {
	all := []netip.Prefix{}
	for _, p := range prefixes {
		if !p.IsValid() {
			return errors.New("plan: an address is not valid")
		}
		q, note, err := ParsePrefix(p.String())
		if err != nil {
			return err
		}
		if note != "" {
			b.warn("%s", note)
		}
		all = append(all, q)
	}
	for _, text := range typed {
		if len(text) > maxTyped {
			return fmt.Errorf("plan: an address of %d octets, at most %d are taken", len(text), maxTyped)
		}
		p, note, err := ParsePrefix(text)
		if err != nil {
			return err
		}
		if note != "" {
			b.warn("%s", note)
		}
		all = append(all, p)
	}
	for _, p := range all {
		if why := refusal(p); why != "" {
			return fmt.Errorf("plan: %s cannot be published: %s", p, why)
		}
		if p.Addr().Is4() && p.Bits() < wide4 || p.Addr().Is6() && p.Bits() < wide6 {
			b.warn("%s is a very wide network: everybody in it could send as %s. Give only the addresses that send.", p, b.plan.Domain)
		}
	}
	if b.given = append(b.given, all...); len(b.given) > maxPrefixes {
		return fmt.Errorf("plan: over %d addresses and networks; name the networks that they lie in", maxPrefixes)
	}
	return nil
}

// merged joins the networks.
func (b *builder) merged() {
	b.prefixes = merge(b.given)
	if n := len(b.given) - len(b.prefixes); n > 0 {
		b.why("%d of the %d networks given lie inside others or join with them; the record means the same addresses.", n, len(b.given))
	}
}

// write makes the record and reads it back.
func (b *builder) write(ctx context.Context, policy string) error {
	all, err := b.policy(ctx, policy)
	if err != nil {
		return err
	}
	b.merged()
	words := []string{"v=spf1"}
	for _, p := range b.prefixes {
		words = append(words, spf.NetworkTerm(p))
	}
	slices.SortStableFunc(b.terms, func(s, t string) int { return dearness(s) - dearness(t) })
	words = append(append(words, b.terms...), all)
	value := strings.Join(words, " ")
	if _, err := spf.Parse(value); err != nil {
		return fmt.Errorf("plan: the record made is not valid, %q: %w", value, err)
	}
	if b.plan.Record, err = TXT(b.plan.Domain, value); err != nil {
		return err
	}
	b.plan.Record = b.plan.Record.In(b.keys.zone)
	b.size(value)
	return nil
}

// size warns of an answer that the record makes too large for the simplest resolvers,
// alone or with the other TXT records of the domain.
func (b *builder) size(value string) {
	const then = "Above 512, an answer may need a second try over TCP, and some receivers give up (RFC 7208 section 3.4)."
	d := b.plan.Domain
	switch size := answerSize(d, append(slices.Clone(b.others), split(value))...); {
	case answerSize(d, split(value)) > plainAnswer:
		b.warn("The record has %d octets, and its answer %d. %s", len(value), size, then)
	case size > plainAnswer && b.answer <= plainAnswer:
		b.warn("With the %d other TXT records of %s, the answer will have %d octets. %s Take out those that nobody needs any more.", len(b.others), d, size, then)
	}
}

// dearness orders terms: what costs a receiver one question or two goes before
// what leads to further records.
func dearness(term string) int {
	name, _, _ := strings.Cut(term, ":")
	return slices.Index([]string{"a", "mx", "exists", "include"}, name)
}

// measure counts what the record costs a receiver.
func (b *builder) measure(ctx context.Context) error {
	cost, err := spf.Measure(ctx, b.resolver, b.plan.Domain, b.plan.Record.Value)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	if cost.Tree == nil {
		cost.Tree = []spf.Node{}
	}
	b.plan.Cost, b.plan.Lookups, b.plan.Voids = cost, cost.Lookups, cost.Voids
	// Without DNS the sets say no more than the terms do.
	b.set, _ = spf.Sets(ctx, spf.SetArgs{Domain: b.plan.Domain, Record: b.plan.Record.Value, Resolver: b.resolver})
	if cost.Incomplete {
		b.warn("DNS did not answer for everything, so the true number of look-ups may be higher than %d.", cost.Lookups)
	}
	if cost.Voids > maxVoids {
		b.warn("%d terms find nothing in DNS for some senders; more than %d make the record invalid for them (RFC 7208 section 4.6.4). %s", cost.Voids, maxVoids, voidAdvice)
	}
	if cost.Hosts > maxMXHosts {
		b.warn("A mail exchanger term leads to %d hosts; more than %d make the record invalid (RFC 7208 section 4.6.4).", cost.Hosts, maxMXHosts)
	}
	for _, n := range cost.Tree {
		b.rotten(n.Term, []spf.Node{n})
	}
	if cost.Lookups <= maxLookups {
		return nil
	}
	b.ways(ctx)
	var parts []string
	for _, n := range cost.Tree {
		parts = append(parts, fmt.Sprintf("%s costs %d", n.Term, n.Lookups))
	}
	return fmt.Errorf("plan: the record needs %d look-ups where %d are allowed (RFC 7208 section 4.6.4): %s; leave something out, or move a service to a subdomain: %w",
		cost.Lookups, maxLookups, strings.Join(parts, ", "), ErrTooManyLookups)
}

// rotten tells where a check ends in an error for everybody whom no earlier term lets
// in (RFC 7208 section 5.2).
func (b *builder) rotten(term string, nodes []spf.Node) {
	for _, n := range nodes {
		if n.Broken && len(b.plan.Broken) < maxNamed && !slices.Contains(b.plan.Broken, n.Target) {
			b.plan.Broken = append(b.plan.Broken, n.Target)
			b.warn("%s leads to an error (%s). Published like this, the whole record fails for everybody whom no term before it lets in. Ask the support of the service, or leave it out.", term, n.Note[:min(len(n.Note), maxTyped)])
		}
		b.rotten(term, n.Nodes)
	}
}

// silent answers nothing, for plans made without DNS.
type silent struct{}

func (silent) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultOffline}
}

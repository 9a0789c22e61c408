package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/orgdomain"
	"unspoof/sender"
	"unspoof/spf"
)

// Limits of one inventory.
const (
	// MaxGroups is how many different ways of sending (address, signatures, return
	// path) are kept: a large company has some hundreds.
	MaxGroups = 10_000
	// MaxNetworks is how many networks of one sender are given; a record has 64 KiB.
	MaxNetworks = 10_000
	// MaxGiven is how many services, hosts and networks the owner may name, each.
	MaxGiven = 500
	// MaxClaims is how many claims are listed.
	MaxClaims = 200
)

// Args of Build.
type Args struct {
	Domain   string
	Resolver dns.Resolver // needed
	// Sightings of mail, in any order; nil: none. It is read once, to its end.
	Sightings iter.Seq[Sighting]
	Given     Given
}

// Build makes the inventory of a domain: what DNS says today, what the owner
// names, and the sightings, merged. What DNS does not answer is told in
// Inventory.Unknown, and decides nothing.
//
// Memory does not grow with the mail: at most MaxGroups different ways of sending
// are kept of proven mail, and as many of claims; which ones does not hang on the
// order, and a warning says when there were more.
//
// Of the names that stand in mail only those below the domain's organisational
// domain are looked up, and the reverse names of addresses, at most 300.
//
// The error is one of Args, and names the entry at fault; or that of ctx.
func Build(ctx context.Context, args Args) (Inventory, error) {
	if args.Resolver == nil {
		return Inventory{}, errors.New("inventory: no resolver")
	}
	domain, err := domainName(args.Domain)
	if err != nil {
		return Inventory{}, fmt.Errorf("inventory: %w", err)
	}
	m := newMerger(domain, args.Resolver)
	m.readDMARC(ctx)
	if err := m.readGiven(ctx, args.Given); err != nil {
		return Inventory{}, err
	}
	m.readMX(ctx)
	m.inv.Vouched = m.vouched()
	m.tally = newTally(witness{domain, m.inv.DMARC.OrgDomain, m.inv.Vouched})
	if args.Sightings != nil {
		for s := range args.Sightings {
			if ctx.Err() != nil {
				break
			}
			m.tally.add(s)
		}
	}
	m.readSPF(ctx)
	m.readLogHosts(ctx, true)
	m.readNetworks(ctx)
	m.readLogHosts(ctx, false)
	m.readWhole(ctx)
	m.readSelectors(ctx)
	m.assign(ctx)
	m.joinKeys()
	m.assignClaims()
	m.judge(ctx)
	if err := ctx.Err(); err != nil {
		return Inventory{}, fmt.Errorf("inventory: %w", err)
	}
	return m.finish(), nil
}

// merger is one Build.
type merger struct {
	ask     *asker
	checker *spf.Checker
	domain  string
	inv     *Inventory
	tally   *tally

	entities, claims map[string]*entity
	owner            map[netip.Addr]string // of a host → key of its entity
	names            map[netip.Addr]string // confirmed reverse names, "" for none
	exchangers       []string              // keys of the entities that receive
	terms            []term
	records          map[string]bool // of the domain's own, read
	included         map[string]bool // those of them whose refusals decide nothing
	broken           bool            // the SPF record lets nobody in
	checks           map[pair]checked
	open             map[string]bool // domains whose record lets everybody in
	keys             []*Key
	absent, silent   map[Signature]bool // selectors that don't exist, and without an answer
	paths            map[string]identity
	given            []netip.Prefix
	givenHosts       []identity
	warnings         map[string]bool
	unassigned       int
}

func newMerger(domain string, r dns.Resolver) *merger {
	ask := newAsker(r)
	return &merger{
		ask: ask, checker: &spf.Checker{Resolver: ask, Trace: true}, domain: domain,
		inv:      &Inventory{Schema: Schema, Domain: domain},
		entities: map[string]*entity{}, claims: map[string]*entity{},
		owner: map[netip.Addr]string{}, names: map[netip.Addr]string{},
		checks: map[pair]checked{}, open: map[string]bool{},
		absent: map[Signature]bool{}, silent: map[Signature]bool{},
		paths: map[string]identity{}, warnings: map[string]bool{},
	}
}

func (m *merger) warn(format string, a ...any) { m.warnings[fmt.Sprintf(format, a...)] = true }

// source counts what a source in DNS, or the owner, told.
func (m *merger) source(s Source, n int) {
	if n > 0 {
		m.inv.Sources = append(m.inv.Sources, SourceCount{Source: s, Sightings: n, Own: n})
	}
}

// sources in the order of their constants.
var sources = [...]Source{FromSPF, FromMX, FromDKIM, FromOwner, FromMailbox, FromLog, FromBounce, FromReport}

// finish gives the lists their order.
func (m *merger) finish() Inventory {
	inv := m.inv
	inv.Senders, inv.Claims = []Sender{}, []Sender{}
	for _, e := range m.entities {
		inv.Senders = append(inv.Senders, e.Sender)
	}
	slices.SortFunc(inv.Senders, func(a, b Sender) int {
		return cmp.Or(cmp.Compare(urgency(a), urgency(b)), cmp.Compare(b.Seen.Count, a.Seen.Count), strings.Compare(a.Key, b.Key))
	})
	for _, e := range m.claims {
		inv.Claims = append(inv.Claims, e.Sender)
	}
	slices.SortFunc(inv.Claims, func(a, b Sender) int {
		return cmp.Or(cmp.Compare(b.Claimed.Count, a.Claimed.Count), strings.Compare(a.Key, b.Key))
	})
	if n := len(inv.Claims) - MaxClaims; n > 0 {
		inv.Claims = inv.Claims[:MaxClaims]
		m.warn("%d more origins of unproven mail are not listed.", n)
	}
	if inv.Sources == nil {
		inv.Sources = []SourceCount{}
	}
	for _, c := range m.tally.sources {
		inv.Sources = append(inv.Sources, *c)
	}
	slices.SortFunc(inv.Sources, func(a, b SourceCount) int {
		return cmp.Compare(slices.Index(sources[:], a.Source), slices.Index(sources[:], b.Source))
	})
	inv.DKIM.Keys = []Key{}
	for _, k := range m.keys {
		inv.DKIM.Keys = append(inv.DKIM.Keys, *k)
	}
	slices.SortFunc(inv.DKIM.Keys, func(a, b Key) int {
		return cmp.Or(strings.Compare(a.Domain, b.Domain), strings.Compare(a.Selector, b.Selector))
	})
	for _, w := range []struct {
		ways *ways
		what string
	}{{&m.tally.own, "mail of the domain"}, {&m.tally.claims, "unproven mail"}, {&m.tally.handed, "addresses that handed signed mail over"}} {
		if w.ways.dropped {
			m.warn("There were more than %d different ways of sending in the %s; only as many were looked at.", MaxGroups, w.what)
		}
	}
	if m.unassigned > 0 {
		m.warn("%d messages were the domain's own and tell neither a signature nor an address that is known, so they could not be counted to a sender.", m.unassigned)
	}
	inv.SPF.ReturnPaths = []ReturnPath{}
	for _, domain := range slices.Sorted(maps.Keys(m.open)) {
		inv.SPF.ReturnPaths = append(inv.SPF.ReturnPaths, ReturnPath{domain, m.open[domain]})
	}
	inv.Unknown = m.ask.unknown()
	inv.Warnings = sorted(m.warnings, len(m.warnings))
	return *inv
}

// urgency sorts what needs something done to the front.
func urgency(s Sender) int {
	switch {
	case s.Status == Unauthorised:
		return 0
	case s.Passes() == No && s.Status != Hinted:
		return 1
	case s.Status == Undecided || s.Passes() == Unknown && s.Status != Hinted:
		return 2
	case s.Status == Hinted:
		return 4
	}
	return 3
}

// Passes tells whether mail of the sender passes DMARC today: Yes where it aligns in
// one of the two ways, No where it aligns in neither.
func (s Sender) Passes() Answer {
	switch {
	case s.SPF.Aligned == Yes || s.DKIM.Aligned == Yes:
		return Yes
	case s.SPF.Aligned == No && s.DKIM.Aligned == No:
		return No
	}
	return Unknown
}

// readGiven takes what the owner names.
func (m *merger) readGiven(ctx context.Context, g Given) error {
	for _, n := range []int{len(g.Services), len(g.Hosts), len(g.Networks)} {
		if n > MaxGiven {
			return fmt.Errorf("inventory: %d entries given, at most %d of a kind are taken", n, MaxGiven)
		}
	}
	for _, text := range g.Services {
		id, err := givenService(text)
		if err != nil {
			return err
		}
		e := get(m.entities, id)
		e.Given = true
		e.signal(SignalOwner, strings.TrimSpace(text), sender.High, "You named it.")
	}
	for _, text := range g.Hosts {
		host, err := domainName(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("inventory: host: %w", err)
		}
		e := get(m.entities, ofHost(host))
		if !e.Given {
			m.givenHosts = append(m.givenHosts, ofHost(host))
		}
		e.Given = true
		e.signal(SignalOwner, host, sender.High, "You named it.")
		m.host(ctx, e, host)
	}
	for _, p := range g.Networks {
		if !p.IsValid() {
			return errors.New("inventory: a network given is not valid")
		}
		named := p
		if p.Addr().Is4In6() {
			p = netip.PrefixFrom(p.Addr().Unmap(), max(0, p.Bits()-96))
		}
		p = p.Masked()
		if p.Bits() == 0 {
			return fmt.Errorf("inventory: network %s is the whole Internet: name the addresses that are yours", named)
		}
		if p.Bits() < narrowest(p) {
			m.warn("%s is wider than a network of one owner (a /%d at most), so that mail is yours was not taken from its addresses.", p, narrowest(p))
		}
		m.given = append(m.given, p)
		e := get(m.entities, ofNetwork(p))
		if key := m.owner[p.Addr()]; key != "" && p.IsSingleIP() {
			delete(m.entities, "net:"+p.Addr().String())
			e = m.entities[key]
		}
		e.Given = true
		e.signal(SignalOwner, p.String(), sender.High, "You named it.")
		e.Networks = append(e.Networks, p)
		if p.IsSingleIP() {
			e.address(p.Addr())
			m.owner[p.Addr()] = e.Key
		}
	}
	m.source(FromOwner, len(g.Services)+len(g.Hosts)+len(g.Networks))
	return nil
}

// domainName checks a name that the owner typed.
func domainName(text string) (string, error) {
	name, err := orgdomain.Name(text)
	if err != nil {
		return "", errors.New(strings.TrimPrefix(err.Error(), "orgdomain: "))
	}
	return name, nil
}

// givenService finds what the owner means by a name.
func givenService(text string) (identity, error) {
	name := strings.TrimSpace(text)
	if s, ok := sender.Find(name); ok {
		return ofService(sender.Match{Service: s, Confidence: s.Confidence}), nil
	}
	host := strings.TrimPrefix(strings.ToLower(name), "include:")
	if !strings.Contains(host, ".") || len(host) > 253 {
		near := []string{}
		for _, s := range sender.Suggest(name) {
			near = append(near, s.Name)
		}
		if len(near) > 0 {
			return identity{}, fmt.Errorf("inventory: service %q is not known; did you mean %s?", text, strings.Join(near, " or "))
		}
		return identity{}, fmt.Errorf("inventory: service %q is not known; give the include host from its set-up guide", text)
	}
	host, err := domainName(host)
	if err != nil {
		return identity{}, fmt.Errorf("inventory: service: %w", err)
	}
	return ofInclude(host), nil
}

// narrowest is the shortest prefix that stands for one owner, a large company: wider
// networks have customers of their own, whose mail it does not vouch for.
func narrowest(p netip.Prefix) int {
	if p.Addr().Is4() {
		return 16
	}
	return 32
}

// vouched gives the addresses that the owner named, by themselves, as networks, or as
// those of hosts: what comes from there is his. Networks wider than a customer's are
// no such word. Never nil.
func (m *merger) vouched() []netip.Prefix {
	list := []netip.Prefix{}
	for _, p := range m.given {
		if p.Bits() >= narrowest(p) {
			list = append(list, p)
		}
	}
	for _, id := range m.givenHosts {
		for a := range m.entities[id.key].addresses {
			list = append(list, single(a))
		}
	}
	return widest(list)
}

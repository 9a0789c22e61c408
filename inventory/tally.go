package inventory

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"unspoof/orgdomain"
	"unspoof/sender"
)

// tally takes the sightings of mail.
type tally struct {
	domain, org string
	vouched     func(netip.Addr) bool // addresses that the owner named

	own, claims, handed ways // handed: addresses that handed over what was signed
	claimedSelectors    map[Signature]bool
	sources             map[Source]*SourceCount
}

// maxClaimedSelectors bounds the selectors of the domain's own that unverified mail
// names: they are asked for, since one of them may be real.
const maxClaimedSelectors = 200

func newTally(domain, org string, vouched func(netip.Addr) bool) *tally {
	return &tally{domain: domain, org: org, vouched: vouched, claimedSelectors: map[Signature]bool{}, sources: map[Source]*SourceCount{}}
}

func (t *tally) add(s Sighting) {
	from, mailFrom := clean(s.From), clean(s.MailFrom)
	author := from
	if author == "" {
		author = mailFrom // a log tells the return path only
	}
	if !below(t.domain, author) {
		return // mail of somebody else
	}
	v := Volume{Count: max(s.Count, 1), First: s.First.UTC(), Last: s.Last.UTC()}
	if s.First.IsZero() {
		v.First = time.Time{}
	}
	if s.Last.IsZero() {
		v.Last = v.First
	}
	address := s.Address.Unmap().WithZone("")
	if !s.Trusted && !s.Genuine {
		address = netip.Addr{}
	}
	k := way{source: s.Source, from: author}
	own, other := t.verified(s.DKIM)
	if s.Trusted && s.SPF == "pass" {
		k.mailFrom = mailFrom
	}
	if s.Confirmed && address.IsValid() {
		k.name = clean(s.ReverseName)
	}
	aligned := k.mailFrom != "" && t.aligned(k.mailFrom)
	switch {
	case s.Genuine:
		k.proof, k.host = proofGenuine, clean(s.Host)
		if k.host == "" && s.Source == FromLog {
			k.host = unnamed
		}
		if s.Relay {
			k.via = clean(s.Via)
		}
	case s.Trusted && address.IsValid() && t.vouched(address):
		k.proof = proofAddress
	case aligned:
		k.proof = proofSPF
	case len(own) > 0:
		k.proof = proofKey
	}
	k.signed = strings.Join(append(own, other...), " ")
	count := t.count(s.Source, v)
	if k.proof != proofNone {
		count.Own += v.Count
	}
	switch {
	case k.proof == proofNone:
		t.claim(k, address, s.DKIM, v, s.Where)
	case k.proof == proofKey || !s.Trusted:
		// The message is the domain's own; who handed it over, a stranger may have
		// made up, or be: whoever passes signed mail on has addresses without end. So
		// they are counted apart from what the message itself says.
		if address.IsValid() {
			hand := k
			hand.address, hand.mailFrom, hand.from, hand.signed, hand.host = single(address), "", "", strings.Join(own, " "), ""
			t.handed.add(hand, v, s.Where)
			if len(own) == 0 && k.host == "" {
				return // nothing else tells of it
			}
		}
		k.name, k.mailFrom = "", ""
		t.own.add(k, v, s.Where)
	default:
		if address.IsValid() {
			k.address = single(address)
		}
		t.own.add(k, v, s.Where)
	}
}

// claim counts mail that nothing proves.
func (t *tally) claim(k way, address netip.Addr, signatures []Signature, v Volume, where string) {
	k.from = "" // what it claims is not told further
	if k.mailFrom != "" {
		k.mailFrom = orgdomain.OfPSL(k.mailFrom)
	}
	if k.name != "" {
		k.name = orgdomain.OfPSL(k.name)
	}
	if address.IsValid() {
		bits := 24
		if address.Is6() {
			bits = 48
		}
		k.address, _ = address.Prefix(bits)
	}
	t.claims.add(k, v, where)
	for _, s := range signatures {
		d := clean(s.Domain)
		if sel := clean(s.Selector); sel != "" && below(t.domain, d) {
			t.claimedSelectors[Signature{Domain: d, Selector: sel}] = true
		}
	}
	if len(t.claimedSelectors) >= 2*maxClaimedSelectors {
		t.pruneSelectors()
	}
}

// pruneSelectors keeps the first by name, as ways keeps the first by hash.
func (t *tally) pruneSelectors() {
	list := t.selectors()
	for _, s := range list[min(len(list), maxClaimedSelectors):] {
		delete(t.claimedSelectors, s)
	}
}

func (t *tally) selectors() []Signature {
	return slices.SortedFunc(maps.Keys(t.claimedSelectors), func(a, b Signature) int {
		return cmp.Or(cmp.Compare(a.Selector, b.Selector), cmp.Compare(a.Domain, b.Domain))
	})
}

// verified gives the signatures that passed: those of the domain's own, and those
// of services known.
func (t *tally) verified(list []Signature) (own, other []string) {
	for _, s := range list {
		d, sel := clean(s.Domain), clean(s.Selector)
		switch {
		case s.Result != "pass" || d == "" || sel == "":
		case t.aligned(d):
			own = append(own, d+"/"+sel)
		case len(sender.ByHost(d)) > 0 || len(sender.ByDKIM(d)) > 0:
			other = append(other, d+"/"+sel)
		}
	}
	slices.Sort(own)
	slices.Sort(other)
	return slices.Compact(own), slices.Compact(other)
}

// aligned is relaxed alignment (RFC 9989 section 4.4): it tells whose mail it is.
// Whether receivers want more is told for each sender.
func (t *tally) aligned(domain string) bool { return below(t.org, domain) }

func (t *tally) count(source Source, v Volume) *SourceCount {
	c := t.sources[source]
	if c == nil {
		c = &SourceCount{Source: source}
		t.sources[source] = c
	}
	sum := Volume{c.Sightings, c.First, c.Last}.plus(v)
	c.Sightings, c.First, c.Last = sum.Count, sum.First, sum.Last
	return c
}

// clean gives a name as it is compared, "" for what is none.
func clean(name string) string {
	if name == "" {
		return ""
	}
	n, err := orgdomain.Name(name)
	if err != nil {
		return ""
	}
	return n
}

// below reports whether name is domain, or lies below it.
func below(domain, name string) bool {
	return name == domain || domain != "" && strings.HasSuffix(name, "."+domain)
}

func single(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

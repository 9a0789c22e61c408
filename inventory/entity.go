package inventory

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"unspoof/sender"
)

const (
	maxSignals    = 20  // of one sender, strongest first
	maxAddresses  = 100 // of one sender, most used first
	maxForwarders = 20
	maxFrom       = 20
)

// entity is a sender while it is being put together.
type entity struct {
	Sender
	service    *sender.Service
	signals    map[Signal]bool
	from       map[string]bool
	terms      map[string]bool
	pass       bool // a term that is reached lets it in
	denies     bool // a term refuses it
	exists     bool // an exists term stands for it
	cut        bool // its terms lie behind the point where the record breaks
	addresses  map[netip.Addr]*Address
	forwarders map[netip.Addr]*Address
	keys       []*Key
	own        map[way]*seen // mail that was surely the domain's
	handed     map[way]*seen // likewise, which another's key signed
	claimed    map[way]*seen
}

// symbolic reports that a term stands for it which asks DNS anew for each message,
// and that nobody known is behind that.
func (e *entity) symbolic() bool { return e.exists && e.service == nil }

// identity is who a sign points to.
type identity struct {
	key, name  string
	kind       Kind
	service    *sender.Service
	confidence sender.Confidence
}

func ofService(m sender.Match) identity {
	s := m.Service
	return identity{key: "service:" + s.ID, name: s.Name, kind: KindService, service: &s, confidence: m.Confidence}
}

// best gives the service that a name points to. Where several run on the same
// hosts, the one that owns the name is meant, less surely.
func best(hits []sender.Match) (identity, bool) {
	if len(hits) == 0 {
		return identity{}, false
	}
	id := ofService(hits[0])
	if len(hits) > 1 && id.confidence == sender.High {
		id.confidence = sender.Medium
	}
	return id, true
}

func ofInclude(host string) identity {
	if id, ok := best(sender.ByInclude(host)); ok {
		return id
	}
	return identity{key: "include:" + host, name: host, kind: KindInclude, confidence: sender.Medium}
}

func ofHost(host string) identity {
	return identity{key: "host:" + host, name: host, kind: KindHost, confidence: sender.High}
}

func ofNetwork(p netip.Prefix) identity {
	name := p.String()
	if p.IsSingleIP() {
		name = p.Addr().String()
	}
	return identity{key: "net:" + name, name: name, kind: KindNetwork, confidence: sender.Low}
}

func newEntity(id identity) *entity {
	return &entity{
		Sender:  Sender{Key: id.key, Name: clip(id.name), Kind: id.kind},
		service: id.service, signals: map[Signal]bool{}, from: map[string]bool{}, terms: map[string]bool{},
		addresses: map[netip.Addr]*Address{}, forwarders: map[netip.Addr]*Address{},
		own: map[way]*seen{}, handed: map[way]*seen{}, claimed: map[way]*seen{},
	}
}

// get gives the entity of an identity, a new one if need be.
func get(m map[string]*entity, id identity) *entity {
	e := m[id.key]
	if e == nil {
		e = newEntity(id)
		m[id.key] = e
	}
	return e
}

func (e *entity) signal(kind SignalKind, value string, c sender.Confidence, evidence string) {
	e.signals[Signal{Kind: kind, Value: value, Evidence: evidence, Confidence: c}] = true
}

func (e *entity) address(a netip.Addr) *Address {
	a = a.Unmap()
	if e.addresses[a] == nil {
		e.addresses[a] = &Address{Address: a, SPF: Unknown}
	}
	return e.addresses[a]
}

// mail counts a way as this sender's.
func (e *entity) mail(w way, s *seen) {
	e.own[w] = s
	if w.from != "" {
		e.from[w.from] = true
	}
	if w.address.IsValid() {
		a := e.address(w.address.Addr())
		a.Volume = a.Volume.plus(s.Volume)
	}
}

func sum(list ...map[way]*seen) Volume {
	var v Volume
	for _, m := range list {
		for _, s := range m {
			v = v.plus(s.Volume)
		}
	}
	return v
}

// rank of a signal kind, strongest first.
func rank(k SignalKind) int { return slices.Index(SignalKinds(), k) }

// finish turns the sets into ordered lists.
func (e *entity) finish() {
	list := make([]Signal, 0, len(e.signals))
	for s := range e.signals {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Signal) int {
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(weight(b.Confidence), weight(a.Confidence)),
			strings.Compare(a.Value, b.Value), strings.Compare(a.Evidence, b.Evidence))
	})
	e.Signals = list[:min(len(list), maxSignals)]
	e.Confidence = sender.Low
	if len(list) > 0 {
		e.Confidence = list[0].Confidence
	}
	e.Seen, e.Claimed = sum(e.own, e.handed), sum(e.claimed)
	e.From = sorted(e.from, maxFrom)
	e.Terms = sorted(e.terms, len(e.terms))
	e.Networks = widest(e.Networks)
	e.Addresses = mostUsed(e.addresses, maxAddresses)
	e.Forwarders = mostUsed(e.forwarders, maxForwarders)
	e.Selectors = []string{}
	for _, k := range e.keys {
		e.Selectors = append(e.Selectors, k.Selector+"._domainkey."+k.Domain)
	}
	slices.Sort(e.Selectors)
	e.Selectors = slices.Compact(e.Selectors)
}

func weight(c sender.Confidence) int {
	switch c {
	case sender.High:
		return 3
	case sender.Medium:
		return 2
	}
	return 1
}

func sorted(m map[string]bool, limit int) []string {
	list := make([]string, 0, len(m))
	for s := range m {
		list = append(list, s)
	}
	slices.Sort(list)
	return list[:min(len(list), limit)]
}

func mostUsed(m map[netip.Addr]*Address, limit int) []Address {
	list := make([]Address, 0, len(m))
	for _, a := range m {
		list = append(list, *a)
	}
	slices.SortFunc(list, func(a, b Address) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), a.Address.Compare(b.Address))
	})
	return list[:min(len(list), limit)]
}

// widest sorts networks and drops those inside others.
func widest(list []netip.Prefix) []netip.Prefix {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b netip.Prefix) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
	})
	out := []netip.Prefix{}
	for _, p := range list {
		if n := len(out); n > 0 && out[n-1].Overlaps(p) || n == MaxNetworks {
			continue
		}
		out = append(out, p)
	}
	return out
}

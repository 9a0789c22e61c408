package inventory

import (
	"net/netip"
	"slices"
	"strings"

	"unspoof/orgdomain"
	"unspoof/sender"
)

// witness tells what a sighting proves: for Build and for an Attributor alike, so
// that both see the same.
type witness struct {
	domain, org string
	vouched     []netip.Prefix // that the owner named, in order, none inside another
}

// told is a sighting as it counts.
type told struct {
	way
	// address that handed the message over, by the word of somebody trusted.
	address netip.Addr
	own     []string // verified signatures of the domain's, "d/s"
	// loose: the message is the domain's own, and who handed it over is open. A
	// stranger may have made that up, or be it: whoever passes signed mail on has
	// addresses without end.
	loose bool
}

// hear takes a sighting; false where it is mail of another domain.
func (w *witness) hear(s Sighting) (told, bool) {
	from, mailFrom := orgdomain.Tidy(s.From), orgdomain.Tidy(s.MailFrom)
	if from == "" {
		from = mailFrom // a log tells the return path only
	}
	if !orgdomain.Below(w.domain, from) {
		return told{}, false
	}
	t := told{way: way{source: s.Source, from: from}}
	if s.Trusted || s.Genuine {
		t.address = s.Address.Unmap().WithZone("")
	}
	own, other := w.verified(s.DKIM)
	t.own, t.signed = own, strings.Join(slices.Concat(own, other), " ")
	if s.Trusted && s.SPF == "pass" {
		t.mailFrom = mailFrom
	}
	if s.Confirmed && t.address.IsValid() {
		t.name = orgdomain.Tidy(s.ReverseName)
	}
	switch {
	case s.Genuine:
		t.proof, t.host = proofGenuine, orgdomain.Tidy(s.Host)
		if t.host == "" && s.Source == FromLog {
			t.host = unnamed
		}
		if s.Relay {
			t.via = orgdomain.Tidy(s.Via)
			if a, err := netip.ParseAddr(s.Via); err == nil { // a relay known by its address only
				t.via = a.Unmap().WithZone("").String()
			}
		}
	case s.Trusted && t.address.IsValid() && w.vouches(t.address):
		t.proof = proofAddress
	case t.mailFrom != "" && w.aligned(t.mailFrom):
		t.proof = proofSPF
	case len(own) > 0:
		t.proof = proofKey
	}
	t.loose = t.proof == proofKey || t.proof != proofNone && !s.Trusted
	return t, true
}

// unproven is what is left of a way whose only proof was a pass of a record that
// lets everybody in: that of its signatures, or none.
func (w *witness) unproven(k way) way {
	signed := strings.Fields(k.signed)
	if slices.ContainsFunc(signed, func(s string) bool { d, _, _ := strings.Cut(s, "/"); return w.aligned(d) }) {
		k.proof, k.name, k.mailFrom = proofKey, "", ""
		return k
	}
	k.proof, k.mailFrom = proofNone, ""
	return k
}

// vouches reports whether the owner named the address: what comes from there is his,
// since nobody can take part in TCP from an address that isn't his own.
func (w *witness) vouches(a netip.Addr) bool {
	i, exact := slices.BinarySearchFunc(w.vouched, a, func(p netip.Prefix, a netip.Addr) int { return p.Addr().Compare(a) })
	return exact || i > 0 && w.vouched[i-1].Contains(a)
}

// verified gives the signatures that passed: those of the domain's own, and those
// of services known.
func (w *witness) verified(list []Signature) (own, other []string) {
	for _, s := range list {
		d, sel := orgdomain.Tidy(s.Domain), orgdomain.Tidy(s.Selector)
		switch {
		case s.Result != "pass" || d == "" || sel == "":
		case w.aligned(d):
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
func (w *witness) aligned(domain string) bool { return orgdomain.Below(w.org, domain) }

// ofSignature gives the service that signed as itself.
func (w *witness) ofSignature(signed string) (identity, bool) {
	for _, s := range strings.Fields(signed) {
		d, _, _ := strings.Cut(s, "/")
		if w.aligned(d) {
			continue
		}
		if id, ok := best(slices.Concat(sender.ByHost(d), sender.ByDKIM(d))); ok {
			return id, true
		}
	}
	return identity{}, false
}

// claim is a way that nothing proves, as it is counted: what it claims is not told
// further, and of an address only its network, or a botnet would fill the list.
func (k way) claim(address netip.Addr) way {
	k.from, k.proof = "", proofNone
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
	return k
}

// claimant names where unproven mail came from, as far as a stranger can't make
// that up.
func (w *witness) claimant(k way) (identity, SignalKind, string) {
	if id, ok := w.ofSignature(k.signed); ok {
		return id, SignalDKIM, id.name
	}
	if k.mailFrom != "" && !w.aligned(k.mailFrom) {
		if id, ok := best(sender.ByHost(k.mailFrom)); ok {
			return id, SignalReturnPath, k.mailFrom
		}
	}
	if id, ok := best(sender.ByHost(k.name)); ok {
		return id, SignalReverse, k.name
	}
	if k.name != "" {
		return identity{key: "host:" + k.name, name: k.name, kind: KindHost, confidence: sender.Low}, SignalReverse, k.name
	}
	if k.address.IsValid() {
		return ofNetwork(k.address), SignalAddress, k.address.String()
	}
	return identity{key: "net:unknown", name: "not known from where", kind: KindNetwork, confidence: sender.Low}, SignalAddress, ""
}

// relayAddress gives the address of a relay that is known by nothing else, and that
// the world can see.
func relayAddress(via string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(via)
	return a, err == nil && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast()
}

// ofRelay names the host that takes all outgoing mail, which is the one that the
// world sees.
func ofRelay(via string) identity {
	if a, ok := relayAddress(via); ok {
		return ofNetwork(single(a))
	}
	if id, ok := best(sender.ByHost(via)); ok {
		return id
	}
	id := ofHost(via)
	id.confidence = sender.Medium
	return id
}

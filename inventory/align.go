package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"unspoof/sender"
)

// alignSPF tells whether SPF makes mail of the sender the domain's own (RFC 9989
// section 4.4.2): it has to pass for a return path that aligns with the author.
func (m *merger) alignSPF(e *entity) Alignment {
	good, bad := m.returnPaths(e)
	native := e.Kind == KindHost || e.Kind == KindNetwork || e.service != nil && e.service.ReturnPath == "native"
	switch {
	case m.inv.SPF.Open && good == "" && !e.pass:
		return Alignment{Aligned: Unknown, Why: "DNS did not answer for the SPF record."}
	case e.symbolic() && good == "":
		return Alignment{Aligned: Unknown, Why: "The SPF record asks DNS anew for each message whether it may send (exists)."}
	case e.Kind == KindKey:
		return Alignment{Aligned: Unknown, Why: "Only a key is known of it, not from where it sends."}
	case e.Kind == KindHost || e.Kind == KindNetwork:
		return m.alignOwn(e, good)
	case good != "":
		return Alignment{Aligned: Yes, Basis: Observed, Domain: good, Why: fmt.Sprintf("Mail of it was seen with the return path %s, and SPF passed.", good)}
	case bad != "":
		return Alignment{Aligned: No, Basis: Observed, Domain: bad, Why: fmt.Sprintf("The return path of its mail is %s, which is not yours%s.", bad, m.strict(m.inv.DMARC.StrictSPF))}
	case native && e.pass:
		return Alignment{Aligned: Yes, Basis: Published, Domain: m.domain, Why: "It sends with your own address as return path, and the SPF record lets it in."}
	case native && e.cut:
		return Alignment{Aligned: No, Basis: Published, Domain: m.domain, Why: "The SPF record breaks before the term that lets it in."}
	case native:
		return Alignment{Aligned: No, Basis: Published, Domain: m.domain, Why: "It sends with your own address as return path, and the SPF record does not let it in."}
	}
	return m.catalogued(e)
}

// alignOwn is for servers of one's own, which send with the domain as return path.
func (m *merger) alignOwn(e *entity, seen string) Alignment {
	var not, open []string
	for _, a := range e.Addresses {
		switch a.SPF {
		case No:
			not = append(not, a.Address.String())
		case Unknown:
			open = append(open, a.Address.String())
		}
	}
	a := Alignment{Domain: m.domain, Basis: Published}
	if seen != "" {
		a.Domain, a.Basis = seen, Observed
	}
	switch {
	case len(open) > 0:
		return Alignment{Aligned: Unknown, Domain: a.Domain, Why: fmt.Sprintf("DNS did not answer whether the SPF record lets %s in.", and(open[:min(len(open), 3)]))}
	case len(not) > 0 && seen != "" && seen != m.domain:
		a.Aligned, a.Why = Yes, fmt.Sprintf("Its mail was seen with the return path %s, and SPF passed for that.", seen)
	case len(not) > 0:
		a.Aligned, a.Basis, a.Why = No, Published, fmt.Sprintf("The SPF record does not let %s in.", and(not[:min(len(not), 3)]))
	case len(e.Addresses) > 0 || e.pass || m.covered(e) == Yes:
		a.Aligned, a.Why = Yes, "The SPF record lets it in, as long as it sends with an address of yours as return path."
	case m.covered(e) == Unknown:
		return Alignment{Aligned: Unknown, Domain: a.Domain, Why: "DNS did not answer whether the SPF record lets this network in."}
	case len(e.Networks) > 0 && e.Given:
		a.Aligned, a.Why = No, "The SPF record does not let this network in."
	default:
		return Alignment{Aligned: Unknown, Why: "Its address is not known, so neither is whether the SPF record lets it in."}
	}
	return a
}

// returnPaths gives a return path of the sender's that passed and aligned, and one
// that passed and did not; each the most used. Claims have no say: one message of a
// stranger's would decide.
func (m *merger) returnPaths(e *entity) (good, bad string) {
	goods, bads := map[string]int{}, map[string]int{}
	for w, s := range e.own {
		if w.mailFrom == "" {
			continue
		}
		if m.aligns(w.mailFrom, w.from, m.inv.DMARC.StrictSPF) {
			goods[w.mailFrom] += s.Count
		} else {
			bads[w.mailFrom] += s.Count
		}
	}
	return most(goods), most(bads)
}

func most(m map[string]int) string {
	best := ""
	for k, n := range m {
		if best == "" || n > m[best] || n == m[best] && k < best {
			best = k
		}
	}
	return best
}

// aligns is RFC 9989 section 4.4.
func (m *merger) aligns(domain, author string, strict bool) bool {
	if author == "" {
		author = m.domain
	}
	if strict {
		return domain == author
	}
	return m.tally.aligned(domain)
}

func (m *merger) strict(on bool) string {
	if on {
		return ": your DMARC record asks for the very same name"
	}
	return ""
}

// catalogued is what the catalogue says where neither mail nor records do.
func (m *merger) catalogued(e *entity) Alignment {
	if e.service == nil {
		return Alignment{Aligned: Unknown, Why: "It is not in the catalogue, and no mail of it was seen that tells its return path."}
	}
	hint := ""
	if e.service.Confidence == sender.Low || slices.Contains(e.service.Unverified, "return_path") || slices.Contains(e.service.Unverified, "all") {
		hint = " No published source confirms that."
	}
	switch e.service.ReturnPath {
	case "no":
		a := Alignment{Aligned: No, Basis: Catalogued, Why: "Its return path is its own, so SPF never speaks for you. Its DKIM does." + hint}
		if hint != "" {
			a.Aligned = Unknown
		}
		return a
	case "yes":
		return Alignment{Aligned: Unknown, Basis: Catalogued, Why: "It does once a return path below your domain is set up there; whether that is so, no mail has shown." + hint}
	case "partial":
		return Alignment{Aligned: Unknown, Basis: Catalogued, Why: "It can in some of its plans or set-ups only." + hint}
	case "n/a":
		return Alignment{Aligned: Unknown, Basis: Catalogued, Why: "It has no return path of its own: what counts is the server behind it." + hint}
	}
	return Alignment{Aligned: Unknown, Why: "Whether its return path can be yours is not documented, and no mail has shown it."}
}

// alignDKIM tells whether a signature makes mail of the sender the domain's own
// (RFC 9989 section 4.4.1).
func (m *merger) alignDKIM(e *entity) Alignment {
	signed := map[string]int{} // domains of keys that work and aligned
	other := map[string]int{}  // domains that signed and don't align
	lost := map[*Key]bool{}    // keys that signed and don't work today
	unsigned, total := 0, 0
	for w, s := range e.own {
		total += s.Count
		ok := false
		for _, k := range m.keysOf(w.signed) {
			switch {
			case k.State != KeyWorks:
				lost[k] = true
			case m.aligns(k.Domain, w.from, m.inv.DMARC.StrictDKIM):
				signed[k.Domain] += s.Count
				ok = true
			default:
				other[k.Domain] += s.Count
			}
		}
		// A log shows no signature, and a bounce may have lost it.
		if !ok && (w.source == FromMailbox || w.source == FromReport) {
			unsigned += s.Count
		}
	}
	for w, s := range e.own {
		for _, sig := range strings.Fields(w.signed) {
			if d, _, _ := strings.Cut(sig, "/"); !m.tally.aligned(d) {
				other[d] += s.Count
			}
		}
	}
	if d := most(signed); d != "" {
		why := fmt.Sprintf("Mail of it was seen with a verified signature of %s.", d)
		if unsigned > 0 {
			why += fmt.Sprintf(" %d of %s had none that counts.", unsigned, messages(total))
		}
		return Alignment{Aligned: Yes, Basis: Observed, Domain: d, Why: why}
	}
	for _, k := range e.keys {
		if k.State == KeyUnknown {
			return Alignment{Aligned: Unknown, Domain: k.Domain, Why: k.Problem}
		}
	}
	if k := firstKey(lost); k != nil {
		return Alignment{Aligned: No, Basis: Published, Domain: k.Domain, Why: fmt.Sprintf("It signed with the selector %s, and that key does not work today. %s", k.Selector, k.Problem)}
	}
	if d := most(other); d != "" {
		return Alignment{Aligned: No, Basis: Observed, Domain: d, Why: fmt.Sprintf("It signs as %s, which does not count as yours%s.", d, m.strict(m.inv.DMARC.StrictDKIM))}
	}
	return m.alignKeys(e, unsigned)
}

func firstKey(set map[*Key]bool) *Key {
	list := []*Key{}
	for k := range set {
		list = append(list, k)
	}
	if len(list) == 0 {
		return nil
	}
	return slices.MinFunc(list, byName)
}

func byName(a, b *Key) int {
	return cmp.Or(strings.Compare(a.Domain, b.Domain), strings.Compare(a.Selector, b.Selector))
}

// alignKeys judges by the keys in DNS, where no signature was seen.
func (m *merger) alignKeys(e *entity, unsigned int) Alignment {
	keys := slices.Clone(e.keys)
	slices.SortFunc(keys, byName)
	for _, k := range keys {
		if k.State != KeyWorks || !m.aligns(k.Domain, m.domain, m.inv.DMARC.StrictDKIM) {
			continue
		}
		if unsigned > 0 {
			return Alignment{Aligned: No, Basis: Observed, Domain: k.Domain, Why: fmt.Sprintf("Its key is published (selector %s), but %s of it had no signature of yours.", k.Selector, messages(unsigned))}
		}
		return Alignment{Aligned: Yes, Basis: Published, Domain: k.Domain, Why: fmt.Sprintf("Its key is published (selector %s). Whether it signs, only a message can show.", k.Selector)}
	}
	if len(keys) > 0 {
		k := keys[0]
		return Alignment{Aligned: No, Basis: Published, Domain: k.Domain, Why: fmt.Sprintf("Its key (selector %s) does not work. %s", k.Selector, k.Problem)}
	}
	switch {
	case unsigned > 0:
		return Alignment{Aligned: No, Basis: Observed, Why: fmt.Sprintf("%s of it had no signature of yours.", capital(messages(unsigned)))}
	case e.service != nil && len(e.service.Selectors) > 0 && m.allAbsent(e.service):
		return Alignment{Aligned: No, Basis: Published, Why: "None of the selectors that it uses has a key in DNS."}
	case e.service != nil:
		return Alignment{Aligned: Unknown, Why: "It gives each customer selectors of his own, or they are not known; only a message can show whether it signs as you."}
	}
	return Alignment{Aligned: Unknown, Why: "No key is known to be its own, and no mail of it was seen that tells."}
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// allAbsent reports whether every selector of a service is known, and missing. Where
// the catalogue has no source for them, nothing follows.
func (m *merger) allAbsent(s *sender.Service) bool {
	if s.Confidence == sender.Low || slices.Contains(s.Unverified, "selectors") || m.inv.DKIM.Wildcard {
		return false
	}
	return !slices.ContainsFunc(s.Selectors, func(sel string) bool {
		return strings.Contains(sel, "{") || !m.absent[Signature{Domain: m.domain, Selector: strings.ToLower(sel)}]
	})
}

package plan

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"unspoof/inventory"
	"unspoof/sender"
)

// With adds the services and own servers of an inventory that a signature of
// the domain does not vouch for yet, but for those that drop names, and notes which
// sign already; nil adds nothing. What is beyond the limits is left out, and said.
func (r DKIMRequest) With(list *inventory.Inventory, drop ...string) DKIMRequest {
	if list == nil {
		return r
	}
	r.Services, r.OwnServers, r.Others = slices.Clone(r.Services), slices.Clone(r.OwnServers), slices.Clone(r.Others)
	r.signs = map[string]State{}
	for i := range list.Senders {
		s := &list.Senders[i]
		if s.Status == inventory.Hinted || slices.ContainsFunc(drop, func(d string) bool { return meant(d, senderNames(s)) }) {
			continue
		}
		r.note(s)
		if s.DKIM.Aligned == inventory.Yes {
			continue
		}
		switch {
		case s.Catalogue != nil:
			r.Services = append(r.Services, s.Catalogue.ID)
		case s.Kind == inventory.KindInclude:
			r.Others = append(r.Others, strings.TrimPrefix(s.Key, "include:"))
		case s.Kind == inventory.KindHost, s.Kind == inventory.KindNetwork:
			r.OwnServers = append(r.OwnServers, servers(s)...)
		}
	}
	r.Services = r.first(r.Services, maxServices, "services")
	r.Others = r.first(r.Others, maxServices, "services")
	r.OwnServers = r.first(r.OwnServers, maxHosts, "servers")
	return r
}

// first keeps a list to its limit.
func (r *DKIMRequest) first(list []string, most int, what string) []string {
	var once []string
	for _, s := range list {
		if !slices.Contains(once, s) {
			once = append(once, s)
		}
	}
	if len(once) <= most {
		return once
	}
	r.warnings = append(slices.Clone(r.warnings), fmt.Sprintf("Of %d %s, the first %d are in the plan of DKIM.", len(once), what, most))
	return once[:most]
}

// note keeps what the inventory shows of a sender's signatures.
func (r *DKIMRequest) note(s *inventory.Sender) {
	state := NotKnown
	switch {
	case s.DKIM.Aligned == inventory.Yes:
		state = Met
	case s.DKIM.Aligned == inventory.No && s.DKIM.Basis == inventory.Observed:
		state = NotMet
	}
	if s.Catalogue != nil {
		r.signs[s.Catalogue.ID] = state
		return
	}
	for _, n := range append(servers(s), strings.TrimPrefix(s.Key, "include:")) {
		r.signs[n] = state
	}
}

// servers names a sender's own servers: by name, else by the networks and addresses
// that it has.
func servers(s *inventory.Sender) (names []string) {
	if s.Kind == inventory.KindHost {
		if name, err := domainName("server", s.Name); err == nil {
			return []string{name}
		}
	}
	if s.Kind != inventory.KindHost && s.Kind != inventory.KindNetwork {
		return nil
	}
	for _, p := range s.Networks {
		if p.IsSingleIP() {
			names = append(names, p.Addr().String())
		} else {
			names = append(names, p.String())
		}
	}
	if len(names) > 0 {
		return names
	}
	for _, a := range s.Addresses {
		if a.Address.IsValid() && refusal(netip.PrefixFrom(a.Address.Unmap(), a.Address.Unmap().BitLen())) == "" {
			names = append(names, a.Address.Unmap().String())
		}
	}
	return names
}

// seen is what the inventory shows of one that signs.
func (k *keySetter) seen(name string) State {
	if s := k.signs[name]; s != "" {
		return s
	}
	return NotKnown
}

// seenAll is the same of several: one that does not sign decides, and one that is
// not known leaves it open.
func (k *keySetter) seenAll(names []string) State {
	all := Met
	for _, n := range names {
		switch k.seen(n) {
		case NotMet:
			return NotMet
		case NotKnown:
			all = NotKnown
		}
	}
	return all
}

// other says how a service that nobody knows here comes to sign.
func (k *keySetter) other(host string) DKIMSetup {
	s := DKIMSetup{Kind: SetupOther, Name: host, Keys: []DKIMKey{}, Steps: []string{}, Ask: []string{}, Docs: []string{}, Seen: k.seen(host)}
	s.ask()
	s.steps(k.domain)
	return s
}

// ownServers says how one's own servers come to sign.
func (k *keySetter) ownServers(ctx context.Context, names []string) (DKIMSetup, error) {
	var hosts []string
	for _, n := range names {
		host := strings.TrimSpace(n)
		if _, _, err := ParsePrefix(host); err != nil {
			if host, err = domainName("server", n); err != nil {
				return DKIMSetup{}, err
			}
		}
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	s := DKIMSetup{Kind: SetupOwn, Name: few(hosts), Seen: k.seenAll(hosts), Type: "TXT", Keys: []DKIMKey{}, Ask: []string{}, Docs: []string{}}
	if s.Seen == Met {
		s.Steps = []string{fmt.Sprintf("Nothing: the inventory has their mail signed as %s.", k.domain)}
		return s, nil
	}
	usual := inventory.SigningOf(ctx, k.resolver, k.domain, sender.Service{Selectors: []string{"default", "mail", "dkim"}})
	k.unsure = k.unsure || usual.Fault
	for _, key := range usual.Keys {
		if key.Key != nil && key.Theirs == inventory.Unknown { // it works, and may be anybody's
			s.Keys = append(s.Keys, k.key(key))
		}
	}
	if len(s.Keys) > 0 {
		s.Note = "The key under " + s.Keys[0].Selector + " may be that of your servers: see with unspoof inspect what a message of theirs is signed with."
	}
	s.Ask = append(s.Ask, "the selector that the servers sign under, if they sign already: the header DKIM-Signature of a message from them has it after s=")
	s.Steps = []string{
		fmt.Sprintf("See with unspoof inspect whether a message from %s to yourself passes with d=%s already: then nothing is left to do.", few(hosts), k.domain),
		fmt.Sprintf("Make a key with a selector that was never used, the year say: unspoof dkim keygen --domain %s --selector NAME --out keys. The private key stays on the servers that sign.", k.domain),
		"Publish the record that it prints, and wait until every name server shows it and the time to live of what was there is over.",
		"Have the servers sign: with OpenDKIM, rspamd, or what your mail server brings along; d= is " + k.domain + ", s= the selector.",
		"Send a message to yourself and see with unspoof inspect that it passes.",
		"Change the key once a year: publish a new one under a new selector, sign with it, and a week after the last mail with the old one publish that with an empty p=.",
	}
	return s, nil
}

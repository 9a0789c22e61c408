package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/inventory"
	"unspoof/sender"
)

// DKIMRequest names what is to sign for a domain.
type DKIMRequest struct {
	Domain   string
	Services []string // catalogue ids or names
	// OwnServers are names or addresses of the owner's own mail servers, which sign
	// with keys of their own.
	OwnServers []string
}

// With adds the services and own servers of an inventory that a signature of
// the domain does not vouch for yet; nil adds nothing.
func (r DKIMRequest) With(list *inventory.Inventory) DKIMRequest {
	if list == nil {
		return r
	}
	r.Services, r.OwnServers = slices.Clone(r.Services), slices.Clone(r.OwnServers)
	for _, s := range list.Senders {
		if s.Status == inventory.Hinted || s.DKIM.Aligned == inventory.Yes {
			continue
		}
		switch {
		case s.Catalogue != nil:
			r.Services = append(r.Services, s.Catalogue.ID)
		case s.Kind == inventory.KindHost:
			r.OwnServers = append(r.OwnServers, s.Name)
		}
	}
	return r
}

// DKIMPlan is the answer to a DKIMRequest: one set-up a service or server, in the
// order asked for.
type DKIMPlan struct {
	Domain string      `json:"domain"` // in A-labels
	Setups []DKIMSetup `json:"setups"`
	Unsure bool        `json:"unsure"` // DNS did not answer everything
}

// DKIMSetup is how one service, or one's own servers, come to sign for the
// domain.
type DKIMSetup struct {
	Service string `json:"service"` // id in the catalogue, "" for own servers
	Name    string `json:"name"`    // for people
	// Type of the records, "CNAME", "TXT" or "NS"; "" where it is not known, or
	// the service offers several.
	Type string    `json:"type"`
	Keys []DKIMKey `json:"keys"`
	// Steps are what to do, in order, each a sentence.
	Steps []string `json:"steps"`
	// Ask lists, in words, what only the service or the server can tell.
	Ask  []string `json:"ask"`
	Docs []string `json:"docs"` // guides of the service
	Note string   `json:"note"` // what else its users should know, ""
	// Unsure says that no published source confirms what is known of it.
	Unsure bool `json:"unsure,omitempty"`
}

// Signs says whether a key of the set-up is published that signatures can be
// checked with: Met where all of its named selectors have one, or, where the
// service names none, never.
func (s DKIMSetup) Signs() State {
	state := NotKnown
	for _, k := range s.Keys {
		switch k.Published {
		case Met:
			return Met // services publish spare selectors; one that works is enough
		case NotMet:
			state = NotMet
		}
	}
	return state
}

// DKIMKey is one selector and its record.
type DKIMKey struct {
	Selector string `json:"selector"` // "" where the service tells it
	Name     string `json:"name"`     // owner of the record, "" where the service tells it
	// Record is the whole record where it is the same for every customer, or
	// follows from the domain; else its fields are empty, and Like shows what it
	// looks like, with {words} for what only the service can tell.
	Record Record `json:"record"`
	Like   string `json:"like,omitempty"`
	// Published tells whether DNS has a usable key there today.
	Published State  `json:"published"`
	Today     string `json:"today,omitempty"` // what DNS has there: a CNAME's target or a key's text
}

// SetUpDKIM tells what to publish and do so that each service and server signs
// for the domain. No value is invented: what only the service knows is asked for
// in words. A nil resolver asks nothing of DNS.
//
// Errors name the service that is not known.
func SetUpDKIM(ctx context.Context, req DKIMRequest, resolver dns.Resolver) (DKIMPlan, error) {
	domain, err := domainName("domain", req.Domain)
	if err != nil {
		return DKIMPlan{}, err
	}
	switch {
	case len(req.Services) > maxServices:
		return DKIMPlan{}, fmt.Errorf("plan: %d services, at most %d are taken", len(req.Services), maxServices)
	case len(req.OwnServers) > maxHosts:
		return DKIMPlan{}, fmt.Errorf("plan: %d servers, at most %d are taken", len(req.OwnServers), maxHosts)
	}
	if resolver == nil {
		resolver = silent{}
	}
	k := &keySetter{resolver: resolver, domain: domain, zone: Zone(ctx, resolver, domain)}
	out := DKIMPlan{Domain: domain, Setups: []DKIMSetup{}}
	seen := map[string]bool{}
	for _, typed := range req.Services {
		s, err := service(typed)
		if err != nil {
			return DKIMPlan{}, err
		}
		if !seen[s.ID] {
			seen[s.ID] = true
			out.Setups = append(out.Setups, k.setUp(ctx, s))
		}
	}
	if len(req.OwnServers) > 0 {
		setup, err := k.ownServers(ctx, req.OwnServers)
		if err != nil {
			return DKIMPlan{}, err
		}
		out.Setups = append(out.Setups, setup)
	}
	out.Unsure = k.unsure
	return out, nil
}

// service finds a service by its name, or by an include host that is its own.
func service(typed string) (sender.Service, error) {
	if len(typed) > maxTyped {
		return sender.Service{}, fmt.Errorf("plan: a service of %d octets, at most %d are taken", len(typed), maxTyped)
	}
	text := strings.TrimSpace(typed)
	if s, ok := sender.Find(text); ok {
		return s, nil
	}
	if hits := sender.ByInclude(text); len(hits) == 1 && hits[0].Exact {
		return hits[0].Service, nil
	}
	var near []string
	for _, s := range sender.Suggest(text) {
		near = append(near, s.Name)
	}
	return sender.Service{}, fmt.Errorf("plan: service %q is not known%s", typed, didYouMean(near))
}

type keySetter struct {
	resolver     dns.Resolver
	domain, zone string
	unsure       bool
}

// setUp says how a service of the catalogue comes to sign.
func (k *keySetter) setUp(ctx context.Context, s sender.Service) DKIMSetup {
	out := DKIMSetup{
		Service: s.ID, Name: s.Name, Type: map[string]string{"cname": "CNAME", "txt": "TXT", "ns": "NS"}[s.DKIMRecord],
		Keys: []DKIMKey{}, Steps: []string{}, Ask: []string{}, Docs: append([]string{}, s.Docs...), Note: s.Notes,
		Unsure: s.Confidence == sender.Low || slices.Contains(s.Unverified, "dkim") || slices.Contains(s.Unverified, "selectors") || slices.Contains(s.Unverified, "all"),
	}
	for _, selector := range s.Selectors {
		out.Keys = append(out.Keys, k.key(ctx, s, selector))
	}
	if len(out.Keys) == 0 && s.DKIMPattern != "" && out.Type == "CNAME" {
		out.Keys = append(out.Keys, DKIMKey{Like: strings.ReplaceAll(s.DKIMPattern, " | ", " or "), Published: NotKnown})
	}
	out.ask()
	out.steps(k.domain)
	return out
}

// ask lists what has to come from the service, in words.
func (s *DKIMSetup) ask() {
	switch {
	case s.Type == "":
		s.Ask = append(s.Ask, fmt.Sprintf("which records %s wants: whether CNAME or TXT, their names and their values", s.Name))
		return
	case len(s.Keys) == 0:
		s.Ask = append(s.Ask, fmt.Sprintf("the selector that %s signs with, and the value of its %s record", s.Name, s.Type))
		return
	}
	for _, key := range s.Keys {
		word := placeholder(key.Selector)
		switch {
		case key.Published == Met || key.Record.Value != "":
		case key.Selector == "" || word != "":
			s.want("the selector that %s gives you, and the value of its %s record", s.Name, s.Type)
		case s.Type == "TXT":
			s.want("the public key that %s shows for %s", s.Name, key.Selector)
		default:
			s.want("the target that %s shows for %s", s.Name, key.Selector)
		}
	}
}

func (s *DKIMSetup) want(format string, a ...any) {
	if text := fmt.Sprintf(format, a...); !slices.Contains(s.Ask, text) {
		s.Ask = append(s.Ask, text)
	}
}

// steps says what to do, in order.
func (s *DKIMSetup) steps(domain string) {
	if s.Signs() == Met {
		s.Steps = append(s.Steps, fmt.Sprintf("A key for it is published already. Send a message with %s to yourself and see with unspoof inspect that it signs with d=%s.", s.Name, domain))
		return
	}
	s.Steps = append(s.Steps, fmt.Sprintf("In the settings of %s, add %s as a domain to send from, and have DKIM switched on for it.", s.Name, domain))
	whole := len(s.Keys) > 0 && !slices.ContainsFunc(s.Keys, func(k DKIMKey) bool { return k.Record.Value == "" })
	switch {
	case whole:
		s.Steps = append(s.Steps, "Publish the records; compare them with what the service shows, and believe the service where they differ.")
	case s.Type == "NS":
		s.Steps = append(s.Steps, "Publish the NS records that it shows: they hand the names of its keys over to the service.")
	case s.Type == "":
		s.Steps = append(s.Steps, "Publish the records that it shows, at exactly the names that it shows.")
	default:
		s.Steps = append(s.Steps, fmt.Sprintf("Publish the %s records that it shows, at exactly the names that it shows.", s.Type))
	}
	s.Steps = append(s.Steps,
		fmt.Sprintf("Press its button to verify, if it has one. Then send a message with %s to yourself and see with unspoof inspect that it signs with d=%s.", s.Name, domain))
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
	s := DKIMSetup{Name: few(hosts), Type: "TXT", Keys: []DKIMKey{}, Ask: []string{}, Docs: []string{}}
	for _, selector := range []string{"default", "mail", "dkim"} {
		if key := k.published(ctx, DKIMKey{Selector: selector, Name: selector + "._domainkey." + k.domain}); key.Published == Met {
			key.Published = NotKnown // whose it is
			s.Keys = append(s.Keys, key)
		}
	}
	if len(s.Keys) > 0 {
		s.Note = "The key under " + s.Keys[0].Selector + " may be that of your servers: see with unspoof inspect what a message of theirs is signed with."
	}
	s.Ask = append(s.Ask, "the selector that the servers sign under, if they sign already: the header DKIM-Signature of a message from them has it after s=")
	s.Steps = []string{
		fmt.Sprintf("See with unspoof inspect whether a message from them to yourself passes with d=%s already: then nothing is left to do.", k.domain),
		fmt.Sprintf("Make a key with a selector that was never used, the year say: unspoof dkim keygen --domain %s --selector NAME --out keys. The private key stays on the servers that sign.", k.domain),
		"Publish the record that it prints, and wait until every name server shows it and the time to live of what was there is over.",
		"Have the servers sign: with OpenDKIM, rspamd, or what your mail server brings along; d= is " + k.domain + ", s= the selector.",
		"Send a message to yourself and see with unspoof inspect that it passes.",
		"Change the key once a year: publish a new one under a new selector, sign with it, and a week after the last mail with the old one publish that with an empty p=.",
	}
	return s, nil
}

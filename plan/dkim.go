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
	// Others are services that the catalogue does not know, by include host.
	Others []string

	signs    map[string]State // what an inventory shows of them, by id, name or address
	warnings []string
}

// DKIMPlan is the answer to a DKIMRequest: one set-up a service or server, in the
// order asked for.
type DKIMPlan struct {
	Domain  string      `json:"domain"`  // in A-labels
	Missing bool        `json:"missing"` // DNS has no such name: misspelt, very likely
	Setups  []DKIMSetup `json:"setups"`
	Unsure  bool        `json:"unsure"` // DNS did not answer everything
	// Warnings say whom the plan leaves out.
	Warnings []string `json:"warnings"`
}

// SetupKind says whose set-up it is.
type SetupKind string

const (
	SetupService SetupKind = "service" // of the catalogue
	SetupOther   SetupKind = "other"   // a service that the catalogue does not know
	SetupOwn     SetupKind = "own"     // one's own servers
)

// DKIMSetup is how one service, or one's own servers, come to sign for the
// domain.
type DKIMSetup struct {
	Kind    SetupKind `json:"kind"`
	Service string    `json:"service"` // id in the catalogue, "" for others
	Name    string    `json:"name"`    // for people
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
	Unsure bool `json:"unconfirmed"`
	// Seen says whether the inventory has it sign as the domain.
	Seen State `json:"seen"`

	silent bool // DNS did not answer for one of the keys
}

// Signs says whether it signs as the domain: by the inventory, else Met where a
// key of the set-up is published that signatures can be checked with.
func (s DKIMSetup) Signs() State {
	if s.Seen == Met || s.Seen == NotMet {
		return s.Seen // a key that is published and not used signs nothing
	}
	state := s.Seen
	for _, k := range s.Keys {
		switch k.Published {
		case Met:
			return Met // services publish spare selectors; one that works is enough
		case NotMet:
			state = NotMet
		}
	}
	if state == "" {
		state = NotKnown
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
	Fault     string `json:"fault,omitempty"` // why that is no use, a sentence
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
	case len(req.Others) > maxServices:
		return DKIMPlan{}, fmt.Errorf("plan: %d services, at most %d are taken", len(req.Others), maxServices)
	}
	if resolver == nil {
		resolver = silent{}
	}
	k := &keySetter{resolver: resolver, domain: domain, zone: Zone(ctx, resolver, domain), signs: req.signs}
	out := DKIMPlan{Domain: domain, Missing: missing(ctx, resolver, domain), Setups: []DKIMSetup{}, Warnings: append([]string{}, req.warnings...)}
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
	for _, typed := range req.Others {
		host, err := domainName("service", typed)
		if err != nil {
			return DKIMPlan{}, err
		}
		if !seen["include:"+host] {
			seen["include:"+host] = true
			out.Setups = append(out.Setups, k.other(host))
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
	signs        map[string]State // see DKIMRequest
}

// setUp says how a service of the catalogue comes to sign.
func (k *keySetter) setUp(ctx context.Context, s sender.Service) DKIMSetup {
	signing := inventory.SigningOf(ctx, k.resolver, k.domain, s)
	out := DKIMSetup{
		Kind: SetupService, Seen: k.seen(s.ID), Service: s.ID, Name: s.Name, Type: signing.Type, Keys: k.keys(s, signing),
		Steps: []string{}, Ask: []string{}, Docs: append([]string{}, s.Docs...), Note: s.Notes, Unsure: signing.Unsure, silent: signing.Fault,
	}
	k.unsure = k.unsure || signing.Fault
	out.ask()
	out.steps(k.domain)
	return out
}

// ask lists what has to come from the service, in words.
func (s *DKIMSetup) ask() {
	switch {
	case s.Seen == Met:
		return
	case s.Type == "":
		s.Ask = append(s.Ask, fmt.Sprintf("which records %s wants: whether CNAME or TXT, their names and their values", s.Name))
		return
	case len(s.Keys) == 0:
		s.Ask = append(s.Ask, fmt.Sprintf("the selector that %s signs with, and the value of its %s record", s.Name, s.Type))
		return
	}
	for _, key := range s.Keys {
		switch {
		case key.Published == Met || key.Record.Value != "":
		case key.Selector == "" || len(inventory.Missing(key.Selector)) > 0:
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
	if s.Seen == Met {
		s.Steps = append(s.Steps, fmt.Sprintf("Nothing: the inventory has its mail signed as %s.", domain))
		return
	}
	published := slices.ContainsFunc(s.Keys, func(k DKIMKey) bool { return k.Published == Met })
	if s.Seen == NotMet && published {
		s.Steps = append(s.Steps, fmt.Sprintf("A key for it is published already, and its mail was seen without a signature of %s: have DKIM switched on for the domain in the settings of %s.", domain, s.Name))
		return
	}
	if published {
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

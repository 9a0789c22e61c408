package probe

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"unspoof/dns"
	"unspoof/finding"
)

// RegistrationState says whether somebody has registered a domain.
type RegistrationState string

// The states.
const (
	Registered       RegistrationState = "registered"
	Unregistered     RegistrationState = "unregistered" // the registry says so, and DNS, too
	RegistrationOpen RegistrationState = "unknown"
	// RegistrationNotTested is that of names whose registry has no RDAP.
	RegistrationNotTested RegistrationState = "not_tested"
)

const (
	maxEntities    = 50 // of an answer that are looked at
	maxEntityDepth = 3  // an abuse contact stands in its registrar
	// soon is how long before its end a registration is worth a warning: what is
	// renewed by itself is renewed before.
	soon = 30 * 24 * time.Hour
	// soonOthers is that of domains of others, who renew in their own time.
	soonOthers = 7 * 24 * time.Hour
)

// Words of state (RFC 8056 section 2).
const (
	redemption         = "redemption period"
	pendingDelete      = "pending delete"
	transferByHolder   = "client transfer prohibited"
	transferByRegistry = "server transfer prohibited"
	holdByHolder       = "client hold"
	holdByRegistry     = "server hold"
)

// Registration is what the registry says of a domain (RFC 9083 section 5.3).
type Registration struct {
	Name      string            `json:"name"` // the domain that was asked about
	User      string            `json:"user"` // what relies on it: "SPF include:…"; "" for the domain itself
	State     RegistrationState `json:"state"`
	Why       string            `json:"why"`
	Created   *time.Time        `json:"created"`
	Expires   *time.Time        `json:"expires"` // null where the registry does not say
	Status    []string          `json:"status"`
	Registrar string            `json:"registrar"`
	Abuse     []string          `json:"abuse"` // whom to tell of misuse: addresses and telephone numbers
	Server    string            `json:"server"`
}

// Ask asks about a domain, by the very name that is registered (posture.Registrable).
func (r *RDAP) Ask(ctx context.Context, name string) Registration {
	out := Registration{Name: dns.Canonical(name), State: RegistrationOpen, Status: []string{}, Abuse: []string{}}
	if !plain(out.Name) {
		out.Why = "it is no host name in ASCII"
		return out
	}
	base, err := r.server(ctx, out.Name)
	if errors.Is(err, errNoServer) {
		out.State = RegistrationNotTested
	}
	if err != nil {
		out.Why = clean(err.Error())
		return out
	}
	out.Server = base
	var doc rdapDomain
	err = r.get(ctx, base+"domain/"+out.Name, &doc) // RFC 9082 section 3.1.3
	switch {
	case errors.Is(err, errNotThere):
		r.absent(ctx, &out)
	case err != nil:
		out.Why = clean(err.Error())
	case !strings.EqualFold(strings.TrimSuffix(doc.Name, "."), out.Name):
		out.Why = "the registry answers about another name"
	default:
		out.read(doc)
	}
	return out
}

// absent asks DNS, too: some registries know only part of their names.
func (r *RDAP) absent(ctx context.Context, out *Registration) {
	a, err := r.Resolver.Lookup(ctx, dns.Question{Name: out.Name, Type: dns.TypeNS})
	switch {
	case err != nil:
		out.Why = "the registry knows no such domain, and DNS did not answer"
	case a.RCode != dns.NXDomain:
		out.Why = "the registry knows no such domain, but DNS does"
	default:
		out.State, out.Why = Unregistered, "neither the registry nor DNS knows it"
	}
}

type rdapDomain struct {
	Name     string       `json:"ldhName"`
	Status   []string     `json:"status"`
	Events   []rdapEvent  `json:"events"`
	Entities []rdapEntity `json:"entities"`
}

type rdapEvent struct {
	Action string `json:"eventAction"`
	Date   string `json:"eventDate"`
}

type rdapEntity struct {
	Roles    []string          `json:"roles"`
	Card     []json.RawMessage `json:"vcardArray"` // RFC 7095
	Entities []rdapEntity      `json:"entities"`
}

// maxStatus bounds the words of state that are kept; RFC 8056 has about thirty.
const maxStatus = 40

func (g *Registration) read(doc rdapDomain) {
	g.State, g.Why = Registered, "registered"
	for _, s := range doc.Status {
		if len(g.Status) < maxStatus {
			g.Status = append(g.Status, strings.ToLower(clean(s)))
		}
	}
	for _, e := range doc.Events {
		at, err := time.Parse(time.RFC3339, e.Date)
		if err != nil {
			continue
		}
		switch e.Action { // RFC 9083 section 10.2.3
		case "expiration":
			g.Expires = &at
			g.Why = "registered until " + at.UTC().Format(time.DateOnly)
		case "registration":
			g.Created = &at
		}
	}
	switch {
	case slices.Contains(g.Status, holdByRegistry):
		g.Why += "; the registry keeps it out of DNS (server hold)"
	case slices.Contains(g.Status, holdByHolder):
		g.Why += "; its registrar keeps it out of DNS (client hold), as for an unpaid bill or an address that was not confirmed"
	}
	g.contacts(doc.Entities, 0)
}

func (g *Registration) contacts(entities []rdapEntity, depth int) {
	if depth == maxEntityDepth {
		return
	}
	for i, e := range entities {
		if i == maxEntities {
			return
		}
		card := readCard(e.Card)
		if slices.Contains(e.Roles, "registrar") && g.Registrar == "" {
			g.Registrar = strings.Join(card["fn"], " ")
		}
		if slices.Contains(e.Roles, "abuse") {
			for _, c := range append(card["email"], card["tel"]...) {
				if c = strings.TrimPrefix(c, "tel:"); c != "" && !slices.Contains(g.Abuse, c) && len(g.Abuse) < maxEntities {
					g.Abuse = append(g.Abuse, c)
				}
			}
		}
		g.contacts(e.Entities, depth+1)
	}
}

// readCard reads the text properties of a jCard: ["vcard", [[name, {}, type,
// value], …]] (RFC 7095 section 3.3).
func readCard(raw []json.RawMessage) map[string][]string {
	out := map[string][]string{}
	if len(raw) < 2 {
		return out
	}
	var properties [][]json.RawMessage
	if json.Unmarshal(raw[1], &properties) != nil {
		return out
	}
	for i, p := range properties {
		var name, value string
		if i == maxEntities || len(p) < 4 || json.Unmarshal(p[0], &name) != nil || json.Unmarshal(p[3], &value) != nil {
			continue
		}
		name = strings.ToLower(name)
		out[name] = append(out[name], clean(value))
	}
	return out
}

// Findings are those of one registration, for the domain that relies on it.
func (g Registration) Findings(domain string, now time.Time) []finding.Finding {
	var out []finding.Finding
	add := func(id string, values map[string]string) {
		values["name"], values["domain"], values["user"] = g.Name, domain, g.User
		out = append(out, finding.New(id, values, finding.Evidence{Query: "RDAP domain " + g.Name, Server: g.Server, Answer: g.Why}))
	}
	if g.State == Unregistered {
		// That the domain itself does not exist is a finding of DNS already.
		if g.User != "" {
			add("REG-001", map[string]string{})
		}
		return out
	}
	if g.State != Registered {
		return out
	}
	var lapsed []string
	for _, word := range []string{redemption, pendingDelete} {
		if slices.Contains(g.Status, word) {
			lapsed = append(lapsed, word)
		}
	}
	own, limit := g.User == "", soonOthers
	if own {
		limit = soon
	}
	past := g.Expires != nil && g.Expires.Before(now)
	date, ends := "", "ends on "
	if past {
		ends = "ended on "
	}
	if g.Expires != nil {
		date = g.Expires.UTC().Format(time.DateOnly)
	}
	switch {
	case len(lapsed) > 0 && own:
		add("REG-004", map[string]string{"status": strings.Join(lapsed, ", ")})
	case len(lapsed) > 0:
		add("REG-006", map[string]string{"status": "has lapsed (" + strings.Join(lapsed, ", ") + ")"})
	case past && !own:
		add("REG-006", map[string]string{"status": ends + date})
	case g.Expires != nil && g.Expires.Before(now.Add(limit)) && own:
		add("REG-002", map[string]string{"ends": ends + date})
	case g.Expires != nil && g.Expires.Before(now.Add(limit)):
		add("REG-003", map[string]string{"date": date})
	}
	// Country domains have ways of their own to lock.
	top := g.Name[strings.LastIndexByte(g.Name, '.')+1:]
	if own && len(top) > 2 && len(g.Status) > 0 && !slices.Contains(g.Status, transferByHolder) && !slices.Contains(g.Status, transferByRegistry) {
		add("REG-005", map[string]string{})
	}
	return out
}

package profile

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"unspoof/forensics"
)

// batvForm is the one layout of a tagged address that is understood (key
// number, day of expiry, hash; draft-levine-smtp-batv-01).
const batvForm = "prvs=KDDDSSSSSS=local@domain"

// reader collects warnings while the file is read.
type reader struct {
	warnings []string
}

func (r *reader) warn(format string, args ...any) {
	r.warnings = append(r.warnings, fmt.Sprintf(format, args...))
}

func (r *reader) profile(n *yaml.Node) (*forensics.Profile, error) {
	p := new(forensics.Profile)
	err := object(n, "the profile", map[string]field{
		"domains":                list(&p.Domains, domain),
		"address":                as(&p.Address, lower),
		"mailboxes":              list(&p.Mailboxes, lower),
		"aliases":                names(&p.Aliases),
		"catch_all":              as(&p.CatchAll, lower),
		"own_hosts":              list(&p.OwnHosts, ownHost),
		"own_ranges":             list(&p.OwnRanges, prefix),
		"inbound_names":          list(&p.InboundNames, domain),
		"esps":                   list(&p.Services, service),
		"known_client_networks":  list(&p.KnownClients, prefix),
		"profile_complete":       as(&p.Complete, truth),
		"message_id_domains":     list(&p.MessageIDDomains, lower),
		"signs_everything_since": as(&p.SignsEverythingSince, moment),
		"spf_history":            list(&p.SPFHistory, spfPeriod),
		"dkim_keys":              list(&p.DKIMKeys, dkimKey),
		"batv":                   func(n *yaml.Node) error { return r.batv(n, p) },
		"seal_keys":              list(&p.SealKeys, sealKey),
		"events":                 list(&p.Events, event),
		"outbound_log":           func(n *yaml.Node) error { return outboundLog(n, p) },
		"inbound_log":            list(&p.Inbound, inboundEntry),
		"dns":                    func(*yaml.Node) error { return nil }, // read by dns/dnsfile
	})
	if err != nil {
		return nil, err
	}
	return p, r.check(n, p)
}

// check holds what belongs together against each other.
func (r *reader) check(n *yaml.Node, p *forensics.Profile) error {
	if len(p.Domains) == 0 && p.Address == "" {
		return errorAt(n, "neither \"domains\" nor \"address\" is given; write: domains: [your-domain]")
	}
	if p.Address != "" && !strings.Contains(p.Address, "@") {
		return errorAt(n, "\"address\" must be a whole address, such as anna@example.com")
	}
	slices.SortStableFunc(p.SPFHistory, func(a, b forensics.SPFPeriod) int { return a.From.Compare(b.From) })
	if log := p.Log; log != nil {
		if !log.To.After(log.From) {
			return errorAt(n, "outbound_log: \"covers\" must have a \"from\" and a later \"to\"")
		}
		if len(log.Paths) == 0 {
			r.warn("outbound_log covers no paths, so nothing can be concluded from a message that is missing in it; " +
				"write for example: covers: {…, paths: [own]}")
		}
		for _, path := range log.Paths {
			known := path == "own" || slices.ContainsFunc(p.Services, func(s forensics.Service) bool { return s.Name == path })
			if !known {
				r.warn("outbound_log covers a path that is neither \"own\" nor the name of a service under \"esps\"")
			}
		}
	}
	return nil
}

func ownHost(n *yaml.Node, h *forensics.Host) error {
	return object(n, "own_hosts", map[string]field{
		"name": as(&h.Name, domain),
		"ip":   as(&h.IP, address),
		"role": as(&h.Role, role),
	})
}

func role(n *yaml.Node, dst *string) error {
	if err := lower(n, dst); err != nil {
		return err
	}
	if !slices.Contains([]string{"", "inbound", "outbound", "web"}, *dst) {
		return errorAt(n, "must be inbound, outbound or web")
	}
	return nil
}

func service(n *yaml.Node, s *forensics.Service) error {
	return object(n, "esps", map[string]field{
		"name":     as(&s.Name, lower),
		"ranges":   list(&s.Ranges, prefix),
		"selector": as(&s.Selector, lower),
		"accounts": list(&s.Accounts, text),
	})
}

func spfPeriod(n *yaml.Node, s *forensics.SPFPeriod) error {
	return object(n, "spf_history", map[string]field{
		"from":   as(&s.From, moment),
		"record": as(&s.Record, text),
	})
}

func dkimKey(n *yaml.Node, k *forensics.DKIMKey) error {
	return object(n, "dkim_keys", map[string]field{
		"selector":         as(&k.Selector, lower),
		"from":             as(&k.From, moment),
		"removed_from_dns": as(&k.Removed, moment),
		"record":           as(&k.Record, text),
	})
}

func (r *reader) batv(n *yaml.Node, p *forensics.Profile) error {
	b := new(forensics.BATV)
	form := batvForm
	err := object(n, "batv", map[string]field{
		"active_since":   as(&b.ActiveSince, moment),
		"key_id":         as(&b.KeyID, number),
		"secret_hex":     as(&b.Secret, secret),
		"form":           as(&form, text),
		"validity_days":  as(&b.ValidityDays, number),
		"exempt_senders": list(&b.Exempt, lower),
	})
	if err != nil {
		return err
	}
	if form != batvForm {
		r.warn("batv: only the form %q is understood; tags are not used as evidence", batvForm)
		return nil
	}
	p.BATV = b
	return nil
}

// maxSealKey is the highest number of a key, minSealSecret the shortest secret, as
// in package envelope.
const maxSealKey, minSealSecret = 999, 16

func sealKey(n *yaml.Node, k *forensics.SealKey) error {
	if err := object(n, "seal_keys", map[string]field{
		"key_id":     as(&k.ID, number),
		"secret_hex": as(&k.Secret, secret),
	}); err != nil {
		return err
	}
	switch {
	case k.ID > maxSealKey:
		return errorAt(n, "\"key_id\" must be 0 to %d", maxSealKey)
	case len(k.Secret) < minSealSecret:
		return errorAt(n, "\"secret_hex\" must be given and have %d hexadecimal digits or more", 2*minSealSecret)
	}
	return nil
}

func event(n *yaml.Node, e *forensics.Event) error {
	return object(n, "events", map[string]field{
		"time":    as(&e.Time, moment),
		"type":    as(&e.Type, eventType),
		"account": as(&e.Account, text),
	})
}

func eventType(n *yaml.Node, dst *forensics.EventType) error {
	var s string
	if err := lower(n, &s); err != nil {
		return err
	}
	known := []forensics.EventType{
		forensics.PasswordChanged, forensics.SPFPublished, forensics.DKIMPublished,
		forensics.DMARCPublished, forensics.ScriptRemoved,
	}
	*dst = forensics.EventType(s)
	if !slices.Contains(known, *dst) {
		return errorAt(n, "unknown event; known are %q", known)
	}
	return nil
}

func outboundLog(n *yaml.Node, p *forensics.Profile) error {
	log := new(forensics.OutboundLog)
	p.Log = log
	return object(n, "outbound_log", map[string]field{
		"covers": func(n *yaml.Node) error {
			return object(n, "covers", map[string]field{
				"from":  as(&log.From, moment),
				"to":    as(&log.To, moment),
				"paths": list(&log.Paths, lower),
			})
		},
		"entries": list(&log.Entries, sent),
	})
}

func sent(n *yaml.Node, s *forensics.Sent) error {
	return object(n, "entries", map[string]field{
		"message_id": as(&s.MessageID, text),
		"time":       as(&s.Time, moment),
		"user":       as(&s.User, text),
		"client_ip":  as(&s.ClientIP, address),
		"recipients": list(&s.Recipients, text),
	})
}

func inboundEntry(n *yaml.Node, e *forensics.InboundEntry) error {
	return object(n, "inbound_log", map[string]field{
		"queue_id":  as(&e.QueueID, text),
		"time":      as(&e.Time, moment),
		"client":    as(&e.Client, lower),
		"client_ip": as(&e.ClientIP, address),
		"from":      as(&e.From, text),
		"to":        as(&e.To, text),
		"result":    as(&e.Result, text),
	})
}

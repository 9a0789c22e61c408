package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unspoof/dmarc"
	"unspoof/dns"
)

// maxReports is how many addresses for reports are taken: receivers have to
// serve two (RFC 9990 section 4), and each costs a look-up.
const maxReports = 10

// notInLocal are characters that stand in no address without quotes (RFC 5322 section
// 3.2.3), or in no URI as they are (RFC 3986 section 2).
const notInLocal = "(),:;[] \"<>\\^`{|}"

// reserved is written otherwise in a list of addresses (RFC 9989 section 4.6,
// RFC 6068 section 2).
var reserved = strings.NewReplacer("!", "%21", "%", "%25", "?", "%3F", "&", "%26", "#", "%23")

// mailURIs turns mail addresses, with or without "mailto:", into the URIs of a
// record.
func mailURIs(addresses []string) ([]string, error) {
	if len(addresses) > maxReports {
		return nil, fmt.Errorf("plan: %d addresses for reports, at most %d are taken", len(addresses), maxReports)
	}
	var uris []string
	for _, a := range addresses {
		if len(a) > maxTyped {
			return nil, fmt.Errorf("plan: an address for reports of %d octets, at most %d are taken", len(a), maxTyped)
		}
		address, _ := cutFold(strings.TrimSpace(a), "mailto:")
		local, host, _ := strings.Cut(address, "@")
		domain, err := dmarc.Domain(host)
		if err != nil || !printable(local) || strings.ContainsAny(local, notInLocal) || slices.Contains(strings.Split(local, "."), "") {
			return nil, fmt.Errorf("plan: %q is no mail address for reports; write it as dmarc@example.com", a)
		}
		uris = append(uris, "mailto:"+reserved.Replace(local)+"@"+domain)
	}
	return uris, nil
}

func printable(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Destination is an address that reports are wanted at, and whether they come.
type Destination struct {
	Tag string `json:"tag"` // "rua", "ruf"
	dmarc.Destination
	Fault string `json:"fault,omitempty"` // why it is not known
}

// Destinations asks whether the addresses of a DMARC record of domain agree to
// get its reports, the first ten; a nil record has none. The list is never nil.
func Destinations(ctx context.Context, resolver dns.Resolver, domain string, rec *dmarc.Record) []Destination {
	all := []Destination{}
	if rec == nil {
		return all
	}
	for _, list := range []struct {
		tag  string
		uris []dmarc.URI
	}{{"rua", rec.RUA}, {"ruf", rec.RUF}} {
		for _, u := range list.uris[:min(len(list.uris), maxReports-len(all))] {
			d, err := dmarc.CheckDestination(ctx, resolver, domain, u)
			entry := Destination{Tag: list.tag, Destination: d}
			if err != nil {
				entry.Fault = err.Error()
			}
			all = append(all, entry)
		}
	}
	return all
}

// consents adds what hosts that do not agree would have to publish (RFC 9990
// section 4), each once.
func (m *dmarcMaker) consents() {
	asked := map[string]bool{}
	for _, d := range m.plan.Destinations {
		switch {
		case asked[d.URI.Host]:
		case d.Fault != "":
			m.plan.Unsure = true
			m.warn("DNS did not answer whether %s accepts reports on %s.", d.URI.Host, m.plan.Domain)
		case !d.Agreed:
			consent, err := TXT(d.Query, "v=DMARC1")
			if err != nil {
				continue // a name of two long domains that DNS cannot hold
			}
			m.plan.Consent = append(m.plan.Consent, consent)
			m.warn("%s belongs to others and does not say that it wants your reports, so none would come: it has to publish a record first (RFC 9990 section 4).", d.URI.Host)
		}
		asked[d.URI.Host] = true
	}
}

package dmarc

import (
	"context"
	"fmt"
	"strings"

	"unspoof/dns"
	"unspoof/orgdomain"
)

// Destination is a reporting address, and whether its domain agrees to get the
// reports of another (RFC 9990 section 4).
type Destination struct {
	URI      URI  `json:"uri"`
	External bool `json:"external"` // the address belongs to another organisation
	// Agreed: not external, or the other domain publishes its consent. Without it
	// receivers send nothing there.
	Agreed bool   `json:"agreed"`
	Query  string `json:"query,omitempty"` // where consent was looked for
	Server string `json:"server,omitempty"`
}

// CheckDestination tells whether reports on domain may be sent to u; at most one
// question is asked. An error is a fault of DNS, wrapped.
//
// Whether the address is another organisation's is told by the public suffix
// list, where receivers may walk the tree: the same for all but rare domains, and
// at no cost.
func CheckDestination(ctx context.Context, r dns.Resolver, domain string, u URI) (Destination, error) {
	d := Destination{URI: u}
	if orgdomain.SameOrg(domain, u.Host) {
		d.Agreed = true
		return d, nil
	}
	d.External = true
	d.Query = domain + "._report._dmarc." + u.Host
	if _, err := orgdomain.Name(d.Query); err != nil {
		return d, nil // too long a name: nobody can have published there
	}
	answer, err := r.Lookup(ctx, dns.Question{Name: d.Query, Type: dns.TypeTXT})
	if err != nil {
		return d, fmt.Errorf("dmarc: consent of %s: %w", u.Host, err)
	}
	d.Server = answer.Server
	for _, record := range answer.Records {
		if orgdomain.IsPolicyRecord(strings.Join(record.Text, "")) {
			d.Agreed = true
		}
	}
	return d, nil
}

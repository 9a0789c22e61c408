package plan

import (
	"context"
	"errors"

	"unspoof/dns"
)

// ErrInUse is wrapped where a domain that is to be parked shows use in DNS, and
// the request does not confirm that it sends nothing.
var ErrInUse = errors.New("DNS shows the domain in use")

// ParkedRequest names a domain that sends and receives no mail.
type ParkedRequest struct {
	Domain string
	// Confirmed says that the domain is unused, whatever DNS shows.
	Confirmed bool
	// Reports are mail addresses for DMARC reports; nil keeps those of today.
	Reports []string
}

// ParkedPlan is the pack of records that locks a domain: SPF -all, DMARC
// p=reject, null MX (RFC 7505) and a revoked wildcard key (RFC 6376 section
// 3.6.1).
type ParkedPlan struct {
	Domain string `json:"domain"` // in A-labels
	Zone   string `json:"zone"`   // to which the names in the forms are relative
	Steps  []Step `json:"steps"`
	// Use is what in DNS shows that the domain is, or was, in use; each a
	// sentence.
	Use      []string `json:"use"`
	Unsure   bool     `json:"unsure"` // DNS did not answer everything
	Warnings []string `json:"warnings"`
}

// BuildParked makes the pack. ErrInUse is wrapped, and the plan given with it to
// show what is lost, where DNS shows use, or does not tell, and the request does
// not confirm. A nil resolver asks nothing of DNS.
func BuildParked(ctx context.Context, req ParkedRequest, resolver dns.Resolver) (ParkedPlan, error) {
	return ParkedPlan{}, errors.New("plan: BuildParked is not written yet")
}

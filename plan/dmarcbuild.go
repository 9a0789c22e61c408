package plan

import (
	"context"
	"errors"

	"unspoof/dmarc"
	"unspoof/dns"
)

// DMARCRequest says what a domain's DMARC record is to ask for.
type DMARCRequest struct {
	Domain string
	// Policy is p; "" takes the next rung of the ladder.
	Policy dmarc.Policy
	// Subdomain and NonExistent are sp and np; "" leaves them to follow p (RFC
	// 9989 section 4.7). Only together with Policy.
	Subdomain   dmarc.Policy
	NonExistent dmarc.Policy
	Test        bool // t=y
	// Reports are mail addresses for the daily reports, with or without
	// "mailto:"; nil keeps those of today's record, or takes dmarc@ the domain.
	Reports []string
	Parked  bool // the domain sends nothing: p=reject at once
}

// DMARCPlan is the answer to a DMARCRequest.
type DMARCPlan struct {
	Domain string `json:"domain"` // in A-labels
	// Record is what was asked for, or that of the next rung. It is empty where
	// today's is to stay; Why tells.
	Record Record `json:"record"`
	Today  string `json:"today"` // the record published at this very domain now, ""
	// Unsure says that DNS did not answer everything.
	Unsure bool `json:"unsure"`
	// Destinations are the addresses that reports go to, and whether they agree.
	Destinations []Destination `json:"destinations"`
	// Consent is what the domains of other organisations have to publish before
	// they get reports (RFC 9990 section 4).
	Consent  []Record `json:"consent"`
	Ladder   []Rung   `json:"ladder"`
	Why      []string `json:"why"`
	Warnings []string `json:"warnings"`
}

// Destination is an address that reports are wanted at, and whether they come.
type Destination struct {
	Tag string `json:"tag"` // "rua", "ruf"
	dmarc.Destination
	Fault string `json:"fault,omitempty"` // why it is not known
}

// BuildDMARC makes the DMARC record for a request, and the ladder to p=reject
// with where the domain stands on it. A policy of today is never weakened by the
// ladder; where the request does so, a warning says it. A nil resolver asks
// nothing of DNS.
func BuildDMARC(ctx context.Context, req DMARCRequest, resolver dns.Resolver) (DMARCPlan, error) {
	return DMARCPlan{}, errors.New("plan: BuildDMARC is not written yet")
}

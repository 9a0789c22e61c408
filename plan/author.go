package plan

import (
	"context"
	"errors"

	"unspoof/dns"
)

// Request is everything said about one domain: who sends, and what is wanted.
type Request struct {
	// SPF says who sends, its Domain is the domain, its Drop who may be shut out.
	SPF     SPFRequest
	Reports []string // mail addresses for reports; see DMARCRequest
	// STSID is the id of a new MTA-STS policy; "" leaves MTA-STS out. See
	// STSRequest.
	STSID string
}

// Authoring is the whole plan for one domain: its records in the order in which
// to publish them, each compared with what is there, and the single next step.
type Authoring struct {
	Domain string `json:"domain"` // in A-labels
	Zone   string `json:"zone"`   // to which the names in the forms are relative
	Parked bool   `json:"parked"`
	Steps  []Step `json:"steps"`
	// Next is the ID of the single next step, "" where nothing is left to do;
	// NextWhy says why it is this one.
	Next    string `json:"next"`
	NextWhy string `json:"next_why"`

	SPF    SPFPlan     `json:"spf"`
	DKIM   DKIMPlan    `json:"dkim"`
	DMARC  DMARCPlan   `json:"dmarc"`
	STS    *STSPlan    `json:"mta_sts,omitempty"`
	TLSRPT *TLSRPTPlan `json:"tls_rpt,omitempty"`
	Pack   *ParkedPlan `json:"parked_pack,omitempty"` // of a parked domain
	Unsure bool        `json:"unsure"`                // DNS did not answer everything
}

// Author makes the whole plan. The errors are those of BuildSPF: with ErrLockOut
// and ErrTooManyLookups the plan is filled, and its next step is to settle that.
func Author(ctx context.Context, req Request, resolver dns.Resolver) (Authoring, error) {
	return Authoring{}, errors.New("plan: Author is not written yet")
}

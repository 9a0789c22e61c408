package plan

import (
	"context"
	"errors"

	"unspoof/dns"
)

// DKIMRequest names what is to sign for a domain.
type DKIMRequest struct {
	Domain   string
	Services []string // catalogue ids or names
	// OwnServers are names of the owner's own mail servers, which sign with keys
	// of their own.
	OwnServers []string
}

// DKIMPlan is the answer to a DKIMRequest: one set-up a service or server, in the
// order asked for.
type DKIMPlan struct {
	Domain string      `json:"domain"` // in A-labels
	Setups []DKIMSetup `json:"setups"`
}

// DKIMSetup is how one service, or one's own servers, come to sign for the
// domain.
type DKIMSetup struct {
	Service string `json:"service"` // id in the catalogue, "" for own servers
	Name    string `json:"name"`    // for people
	// Type of the records, "CNAME", "TXT" or "NS"; "" where it is not known.
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
func SetUpDKIM(ctx context.Context, req DKIMRequest, resolver dns.Resolver) (DKIMPlan, error) {
	return DKIMPlan{}, errors.New("plan: DKIM set-up is not written yet")
}

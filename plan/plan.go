// Package plan makes the records that a domain should publish, valid and within
// every limit, in each form that a DNS host wants, with the reasons.
package plan

import "net/netip"

// SPFRequest says who sends for a domain.
type SPFRequest struct {
	Domain   string
	Hosts    []string // names of own servers: a:
	MX       bool     // the domain's mail exchangers send too
	Prefixes []netip.Prefix
	Services []string // catalogue ids, names, or include hosts
	// Policy is "softfail" (~all), "fail" (-all), "neutral" (?all), or "" for
	// the recommended one.
	Policy string
}

// Forms are one record as different DNS hosts want it typed.
type Forms struct {
	Panel  string `json:"panel"`  // value only, no quotes
	Quoted string `json:"quoted"` // character-strings of at most 255 octets, quoted
	Zone   string `json:"zone"`   // a zone-file line
}

// Record is one record to publish.
type Record struct {
	Name  string `json:"name"` // owner, no final dot
	Type  string `json:"type"` // "TXT"
	Value string `json:"value"`
	Forms Forms  `json:"forms"`
}

// SPFPlan is the answer to an SPFRequest.
type SPFPlan struct {
	Record   Record   `json:"record"`
	Lookups  int      `json:"lookups"` // worst case, of 10
	Voids    int      `json:"voids"`
	Why      []string `json:"why"`      // why this policy, what each service needs
	Warnings []string `json:"warnings"` // what may be locked out, what is unsure
	DMARC    Record   `json:"dmarc"`    // what to publish next
	DMARCWhy string   `json:"dmarc_why"`
}

// Package plan makes the records that a domain should publish, valid and within
// every limit, in each form that a DNS host wants, with the reasons.
//
// It publishes nothing. What it asks of DNS is what is there today: the cost of
// the records included, and what a new record would shut out.
package plan

import (
	"net/netip"

	"unspoof/inventory"
	"unspoof/spf"
)

// SPFRequest says who sends for a domain. One that names nobody is refused with
// ErrNoSender unless it says Parked, or nothing in DNS speaks for use.
type SPFRequest struct {
	Domain   string
	A        bool     // the domain's own address sends: a
	Hosts    []string // names of own servers: a:
	MX       bool     // the domain's mail exchangers send too
	Prefixes []netip.Prefix
	// Addresses are networks as people type them; see ParsePrefix. What had to be
	// put right stands in Warnings.
	Addresses []string
	Services  []string // catalogue ids, names, or include hosts
	Parked    bool     // the domain sends nothing; not together with senders
	// Confirmed says that a Parked domain is unused, whatever DNS shows.
	Confirmed bool
	// Policy is "softfail" (~all), "fail" (-all), "neutral" (?all), or "": today's
	// -all stays, else it is softfail for a domain that sends.
	Policy string
	// Inventory adds its senders to those named here, but for those dropped; nil: no
	// inventory.
	Inventory *inventory.Inventory
	// Drop names senders that may be shut out: a term of today's record
	// ("include:mailer.example", "ip4:192.0.2.7") or its host or address, a
	// service, or a sender of the inventory.
	Drop []string
}

// Limits on a request. SPF's own are far below; these keep nonsense cheap.
const (
	maxHosts    = 50
	maxPrefixes = 200
	maxServices = 50
	maxTyped    = 300 // octets of one entry
	maxLookups  = 10  // RFC 7208 section 4.6.4
	maxVoids    = 2   // RFC 7208 section 4.6.4
	maxMXHosts  = 10  // RFC 7208 section 4.6.4
)

// Forms are one record as different DNS hosts want it typed.
type Forms struct {
	Panel  string `json:"panel"`  // value only, no quotes
	Quoted string `json:"quoted"` // character-strings of at most 255 octets, quoted
	Zone   string `json:"zone"`   // a zone-file line
	// Label is the name for panels that add the zone themselves: "@", "_dmarc".
	// See Record.In.
	Label string `json:"label,omitempty"`
	// Priority is for panels that have a field for it: "0" of a null MX.
	Priority string `json:"priority,omitempty"`
}

// Record is one record to publish.
type Record struct {
	Name  string `json:"name"` // owner, no final dot
	Type  string `json:"type"` // "TXT", "CNAME", "MX"
	Value string `json:"value"`
	Forms Forms  `json:"forms"`
}

// SPFPlan is the answer to an SPFRequest.
type SPFPlan struct {
	Domain  string   `json:"domain"`  // in A-labels
	Missing bool     `json:"missing"` // DNS has no such name: misspelt, very likely
	Record  Record   `json:"record"`
	Parked  bool     `json:"parked"`  // the request names nobody who sends
	Lookups int      `json:"lookups"` // worst case, of 10
	Voids   int      `json:"voids"`   // worst case, of 2
	Cost    spf.Cost `json:"cost"`    // where the look-ups go
	// Broken are the hosts, the first ten, at which a check of the record ends in an
	// error: an include that has no record, or none that can be read. It is not to be
	// published before that is cleared up (RFC 7208 section 5.2).
	Broken []string `json:"broken"`
	Today  string   `json:"today"` // the SPF record published now, ""
	// Unknown says that DNS did not answer which record there is today, so that
	// Today and Lost tell nothing.
	Unknown bool `json:"today_unknown"`
	// Unsure says that DNS did not answer everything: that, what the record costs,
	// who receives the mail, or whether someone seen is let in.
	Unsure bool `json:"unsure"`
	// Use is what in DNS shows a domain in use that is to be parked; each a sentence.
	Use []string `json:"use"`
	// Lost are the terms of today's record that let somebody in whom the new one
	// shuts out, as written.
	Lost []string `json:"lost"`
	// ShutOut is the same by sender, with those seen in the inventory; LeftOut are
	// services named that need no term.
	ShutOut []ShutOut `json:"shut_out"`
	LeftOut []LeftOut `json:"left_out"`
	// Diff is what changes from today's record to the new one, address by address;
	// nil without a record of today that can be read.
	Diff     *spf.Difference `json:"diff,omitempty"`
	Ways     []Way           `json:"ways"`     // out of too many look-ups
	Why      []string        `json:"why"`      // why this policy, what each service needs
	Warnings []string        `json:"warnings"` // what may be locked out, what is unsure
	// DMARC is what to publish next; empty where the domain's record of today is to
	// stay. DMARCWhy says why in either case.
	DMARC    Record `json:"dmarc"`
	DMARCWhy string `json:"dmarc_why"`

	published []string // the records of today, which may be several
	sound     bool     // there is one, it can be read and keeps to the limits
}

// emptySPF is a plan without anything in it: lists are never nil.
func emptySPF(domain string) SPFPlan {
	return SPFPlan{
		Domain: domain, Cost: spf.Cost{Tree: []spf.Node{}}, Broken: []string{}, Use: []string{}, Lost: []string{},
		ShutOut: []ShutOut{}, LeftOut: []LeftOut{}, Ways: []Way{}, Why: []string{}, Warnings: []string{},
	}
}

package plan

import "errors"

// ErrLockOut is wrapped where the new record shuts out senders that may send
// today, or were seen, and the request does not name them in Drop. The plan is
// given with it; its ShutOut lists them.
var ErrLockOut = errors.New("senders would be shut out")

// ShutOut is one sender whose mail the new record no longer lets in.
type ShutOut struct {
	Name  string `json:"name"`  // what Drop takes: the term of today's record, or the sender in the inventory
	Owner string `json:"owner"` // the service or network behind it, "" where not known
	// Terms of today's record that let it in, as written.
	Terms []string `json:"terms"`
	// Addresses is how many addresses lose their right, in digits: of IPv6 it can
	// be over 64 bits. "" where they cannot be counted (macros, DNS silent).
	Addresses string   `json:"addresses"`
	Ranges    []string `json:"ranges"` // of these, at most the first few
	// Messages is how many were seen from there, 0 where none or nobody looked.
	Messages int  `json:"messages"`
	Dropped  bool `json:"dropped"` // the request says so
}

// LeftOut is a service that is named and needs no term: SPF cannot make its mail
// pass DMARC.
type LeftOut struct {
	Service string    `json:"service"` // id in the catalogue
	Name    string    `json:"name"`
	Why     string    `json:"why"`
	DKIM    DKIMSetup `json:"dkim"` // what does
}

// Way is one way out of too many look-ups.
type Way struct {
	// Kind is "drop", "dkim", "subdomain" or "flatten", the cheapest and safest
	// first.
	Kind  string `json:"kind"`
	Term  string `json:"term"`  // of the record made
	Saves int    `json:"saves"` // look-ups
	Text  string `json:"text"`  // what to do, a sentence or two
}

package spf

import (
	"context"
	"errors"

	"unspoof/dns"
)

// Cut is a way to bring a record within the limits: own terms to remove, or to move
// to the record of a subdomain that the mail then is sent from.
type Cut struct {
	Terms []CutTerm `json:"terms"`
	// Lookups and Voids are what the record costs without them.
	Lookups int `json:"lookups"`
	Voids   int `json:"voids"`
	// Lost counts the addresses that may send now (limits aside) and could no
	// longer; Gained those that could then. Unknown is true where a term's senders
	// hang on the message, so that more are lost.
	Lost    Tally `json:"lost"`
	Gained  Tally `json:"gained"`
	Unknown bool  `json:"unknown"`
}

// CutTerm is a term of a cut.
type CutTerm struct {
	Term    string `json:"term"`
	Span    Span   `json:"span"`
	Lookups int    `json:"lookups"` // that it alone saves
	Voids   int    `json:"voids"`   // of the worse family
	// Lost counts the addresses that nothing else in the record lets in.
	Lost Tally `json:"lost"`
}

// Cuts gives the cheapest ways to bring a record within the limits of RFC 7208
// section 4.6.4, the best first, none where it is within them: none of them can
// be had with fewer terms without losing more addresses, or the other way round.
// All ways are tried where the record has up to 20 terms that need DNS; beyond
// that one way is given that need not be the best. The error is a *SyntaxError in
// record.
func Cuts(ctx context.Context, r dns.Resolver, domain, record string) ([]Cut, error) {
	return nil, errors.New("spf: not built yet")
}

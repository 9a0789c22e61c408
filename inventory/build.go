package inventory

import (
	"context"
	"errors"
	"iter"

	"unspoof/dns"
)

// Args of Build.
type Args struct {
	Domain   string
	Resolver dns.Resolver // needed
	// Sightings of mail, in any order; nil: none. It is read once, and stops early
	// only when ctx ends.
	Sightings iter.Seq[Sighting]
	Given     Given
}

// Build makes the inventory of a domain: what DNS says today, what the owner
// names, and the sightings, merged. What DNS does not answer is told in
// Inventory.Unknown, and decides nothing.
//
// Memory does not grow with the mail: at most MaxGroups different ways of sending
// are kept of proven mail, and as many of claims; which ones does not hang on the
// order, and a warning says when there were more.
//
// The error is one of Args, or that of ctx.
func Build(ctx context.Context, args Args) (Inventory, error) {
	return Inventory{}, errors.New("inventory: not built yet")
}

// Parse reads the JSON form of an Inventory, as `unspoof inventory --json` prints
// it, at most 32 MiB. What it gives, encoded again, is the same text. The error
// names the field at fault: another schema, a domain that is none, a list that is
// too long, a word that is not known.
func Parse(data []byte) (Inventory, error) {
	return Inventory{}, errors.New("inventory: not built yet")
}

// MaxGroups is how many different ways of sending (address, signatures, return
// path) are kept: a large company has some hundreds.
const MaxGroups = 10_000

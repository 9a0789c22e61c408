package spf

import (
	"context"
	"errors"

	"unspoof/dns"
)

// DriftArgs says which snapshot to compare with what DNS says now.
type DriftArgs struct {
	Snapshot Snapshot
	Resolver dns.Resolver // required
}

// Drifted is what has changed since a record was flattened.
type Drifted struct {
	Domain  string `json:"domain"`
	Changed bool   `json:"changed"` // something below has
	// Unknown is true where DNS did not answer, so that more may have changed.
	Unknown   bool             `json:"unknown"`
	Terms     []DriftedTerm    `json:"terms"`     // all flattened ones
	Published []DriftedPublish `json:"published"` // all that was to be published
}

// DriftedTerm is what has become of a flattened term.
type DriftedTerm struct {
	Term    string  `json:"term"`
	Changed bool    `json:"changed"`
	Gained  []Range `json:"gained"` // that it lets in now, the flattened record does not
	Lost    []Range `json:"lost"`   // that the flattened record still lets in
	// Why says what else is different: a record is gone, or holds a macro now; or
	// why it isn't known.
	Why     string          `json:"why,omitempty"`
	Unknown bool            `json:"unknown,omitempty"`
	Sources []DriftedSource `json:"sources"` // those that changed
}

// DriftedSource is an answer that is another than in the snapshot.
type DriftedSource struct {
	Name   string  `json:"name"`
	Type   string  `json:"type"`
	Gained []Range `json:"gained"` // that it lists now
	Lost   []Range `json:"lost"`
	Why    string  `json:"why"` // "new", "gone", "lists other addresses", "changed"
}

// DriftedPublish is a record as it was to be published, and as it is.
type DriftedPublish struct {
	Name    string `json:"name"`
	Changed bool   `json:"changed"`
	Want    string `json:"want"`
	Have    string `json:"have"` // "" where there is none
	Why     string `json:"why,omitempty"`
	Unknown bool   `json:"unknown,omitempty"`
}

// Drift asks again for all that a flattened record was made from, and for what was
// published, and says what is different in effect. Answers that changed without
// any effect on the addresses are no change. The error says that the snapshot
// can't be used.
func Drift(ctx context.Context, a DriftArgs) (Drifted, error) {
	return Drifted{}, errors.New("spf: not built yet")
}

// ParseSnapshot reads the JSON of a Snapshot, of at most 16 MiB.
func ParseSnapshot(data []byte) (Snapshot, error) {
	return Snapshot{}, errors.New("spf: not built yet")
}

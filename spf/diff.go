package spf

// Difference is what changes from one set to another.
type Difference struct {
	Changes          // as receivers see it, with limits
	Equal   Equality `json:"equal"` // of that reading
	// Written is the same for what the records would say without limits.
	Written      Changes  `json:"as_written"`
	WrittenEqual Equality `json:"as_written_equal"`
	// SymbolicGained and SymbolicLost are the symbolic terms that only the new,
	// or only the old set has: kind and name, with the qualifier that counts.
	SymbolicGained []SymbolicChange `json:"symbolic_gained"`
	SymbolicLost   []SymbolicChange `json:"symbolic_lost"`
}

// Changes are ranges whose result changes, in ascending order, IPv4 first.
// Adjoining ranges with the same way there are one.
type Changes struct {
	Gained  []Change `json:"gained"`  // pass that was none
	Lost    []Change `json:"lost"`    // pass that is none
	Changed []Change `json:"changed"` // between other results
}

// Change is a range whose result changes.
type Change struct {
	Range Range `json:"range"`
	Count Count `json:"count"`
	// Via is the term of the set's own record that is responsible: of the old
	// record for what is lost, else of the new one; "" where none of its terms
	// decides. Domain is that of the record to which an include or redirect of
	// that text leads, Path the terms from there on to the one that decides.
	Via    string   `json:"via"`
	Domain string   `json:"domain,omitempty"`
	Path   []string `json:"path,omitempty"`
	Was    Word     `json:"was"`
	Now    Word     `json:"now"`
	// Conditional is true where symbolic terms may decide before, in either set.
	Conditional bool `json:"conditional,omitempty"`
}

// SymbolicChange is a symbolic term that one of two sets has.
type SymbolicChange struct {
	Kind   Kind    `json:"kind"`
	Spec   string  `json:"spec"`
	Result Word    `json:"result,omitempty"` // where it matches
	Via    string  `json:"via"`              // the term of the set's own record
	Ranges []Range `json:"ranges"`           // the clients for whom it may be asked
}

// Equality is whether two sets mean the same.
type Equality string

// The answers. Symbolic terms are taken to be alike when their kind, name and
// effect are; where that doesn't settle it, or something is Unknown or a
// TempError in either set, the answer is that it can't be told.
const (
	Same      Equality = "same"      // for every client and message
	Different Equality = "different" // for some client, whatever the message
	CannotSay Equality = "unknown"
)

// Diff says what changes from old to new.
func Diff(old, new *Set) Difference {
	return Difference{}
}

// Equal reports whether two sets mean the same under a reading.
func Equal(a, b *Set, reading Reading) Equality {
	return CannotSay
}

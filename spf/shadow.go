package spf

// Shadow is a term of a record that could go.
type Shadow struct {
	Term string `json:"term"` // as written
	Span Span   `json:"span"`
	// Reached is false where no client at all comes as far as the term.
	Reached bool `json:"reached"`
	// Shadowed is true where the term decides nothing, since terms before it, in
	// By, decide all that it would match. Else it decides, but terms after it,
	// in By, would decide the same.
	Shadowed bool `json:"shadowed"`
	// By are terms of the record as written, in its order; at most ten.
	By []string `json:"by"`
}

// Shadows gives the terms of the set's own record that could be removed, each
// alone, without a change in what the record says as written (removing two that
// stand in for each other would be one). A term that matches nobody, such as an
// include of a record without a pass, is not among them: nothing shadows it.
// What can't be told for symbolic terms is left out.
func (s *Set) Shadows() []Shadow {
	return nil
}

// ownTerm is what Shadows keeps of a term.
type ownTerm struct{}

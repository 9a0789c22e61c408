package spf

// Pool is ranges under a name, such as those of a service that anybody can rent.
type Pool struct {
	Name   string
	Ranges []Range // in any order, overlapping or not
}

// Overlap is what a set lets pass of a pool.
type Overlap struct {
	Name   string  `json:"name"`
	Ranges []Range `json:"ranges"` // in ascending order
	Tally
	Via []string `json:"via"` // the terms of the set's own record that let them pass
}

// Overlap gives for each pool of which a set lets addresses pass as written what
// they are. What is behind symbolic terms counts. Pools without overlap are left
// out; the others keep their order.
func (s *Set) Overlap(pools []Pool) []Overlap {
	return nil
}

package spf

import "slices"

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
	var pass []int // ranges of the set
	for i := range s.Ranges {
		if s.Ranges[i].Result == Pass {
			pass = append(pass, i)
		}
	}
	out := []Overlap{}
	for _, p := range pools {
		o := Overlap{Name: p.Name, Ranges: []Range{}, Via: []string{}}
		named := map[int]bool{} // own terms
		i := 0
		for _, q := range Merge(p.Ranges) {
			for i < len(pass) && s.Ranges[pass[i]].Range.To.Less(q.From) {
				i++
			}
			for k := i; k < len(pass); k++ {
				r := &s.Ranges[pass[k]]
				if q.To.Less(r.Range.From) {
					break
				}
				o.add(r, q)
				if own := s.Own(r.Source); !named[own] {
					named[own] = true
					o.Via = append(o.Via, s.Sources[own].Term)
				}
			}
		}
		if len(o.Ranges) > 0 {
			out = append(out, o)
		}
	}
	return out
}

// add notes what a range of the set has of one of the pool.
func (o *Overlap) add(r *SetRange, q Range) {
	both := r.Range
	if both.From.Less(q.From) {
		both.From = q.From
	}
	if q.To.Less(both.To) {
		both.To = q.To
	}
	o.Ranges = appendRange(o.Ranges, both)
	o.Tally.add(both)
}

// Merge sorts ranges, IPv4 first, and makes one of those that touch or overlap.
// The list given stays as it is; ranges whose ends are swapped or of two
// families are left out.
func Merge(ranges []Range) []Range {
	sorted := slices.Clone(ranges)
	sorted = slices.DeleteFunc(sorted, func(r Range) bool {
		return !r.From.IsValid() || r.From.BitLen() != r.To.BitLen() || r.To.Less(r.From)
	})
	slices.SortFunc(sorted, func(a, b Range) int { return a.From.Compare(b.From) })
	out := sorted[:0]
	for _, r := range sorted {
		n := len(out)
		if n > 0 && (!out[n-1].To.Less(r.From) || out[n-1].To.Next() == r.From) {
			if out[n-1].To.Less(r.To) {
				out[n-1].To = r.To
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

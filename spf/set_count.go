package spf

// Of gives the ranges with a result under a reading, adjoining ones merged.
// Those with symbolic terms before them are among them.
func (s *Set) Of(w Word, reading Reading) []Range {
	var out []Range
	for i := range s.Ranges {
		if r := &s.Ranges[i]; r.Word(reading) == w {
			out = appendRange(out, r.Range)
		}
	}
	return out
}

// appendRange appends r, which comes after all others, and merges it with the
// last where they touch.
func appendRange(list []Range, r Range) []Range {
	if n := len(list); n > 0 && list[n-1].To.Next() == r.From {
		list[n-1].To = r.To
		return list
	}
	return append(list, r)
}

// Count counts the addresses with a result under a reading.
func (s *Set) Count(w Word, reading Reading) (t Tally) {
	for i := range s.Ranges {
		if r := &s.Ranges[i]; r.Word(reading) == w {
			t.add(r.Range)
		}
	}
	return t
}

// Owner is a term of the set's own record and the addresses that pass by it.
type Owner struct {
	Term   string `json:"term"`             // as written
	Source int    `json:"source"`           // in Set.Sources
	Domain string `json:"domain,omitempty"` // of the record that an include or redirect leads to
	Tally
	// Records splits the addresses by the record that holds the deciding term.
	Records []Share `json:"records"`
	// Symbolic lists terms by which more may pass, depending on the message; in
	// Set.Symbolic.
	Symbolic []int `json:"symbolic"`
}

// Share is what one record adds.
type Share struct {
	Domain string `json:"domain"`
	Tally
}

// Owners says through whom addresses may send under a reading: one entry for
// each term of the set's own record that lets any pass, in the order of the
// record.
func (s *Set) Owners(reading Reading) []Owner {
	return nil
}

package spftext

import (
	"strings"

	"unspoof/spf"
)

// Sum is what passes, or no longer does, by one term. Its JSON is part of the
// answers of both doors.
type Sum struct {
	Via      string    `json:"via"`              // the term as written; "" for the end of the record
	Domain   string    `json:"domain,omitempty"` // of an include or redirect
	Services []string  `json:"services"`         // that this is known to belong to
	Gained   spf.Tally `json:"gained"`
	Lost     spf.Tally `json:"lost"`
}

// Sums adds up, as receivers see it, what is gained and lost by the term that is
// responsible, in the order in which the terms first appear; never nil. Addresses
// that no client has (see Mapped) don't count.
func Sums(d *spf.Difference) []Sum {
	sums := []Sum{}
	place := map[string]int{}
	of := func(c *spf.Change) *Sum {
		i, ok := place[c.Via]
		if !ok {
			i = len(sums)
			place[c.Via] = i
			sums = append(sums, Sum{Via: c.Via, Domain: c.Domain, Services: Services(c.Domain)})
		}
		return &sums[i]
	}
	for i := range d.Gained {
		if c := &d.Gained[i]; !Mapped(c.Range) {
			add(&of(c).Gained, c)
		}
	}
	for i := range d.Lost {
		if c := &d.Lost[i]; !Mapped(c.Range) {
			add(&of(c).Lost, c)
		}
	}
	return sums
}

func add(t *spf.Tally, c *spf.Change) {
	if c.Range.From.Is4() {
		t.IPv4 = t.IPv4.Plus(c.Count)
	} else {
		t.IPv6 = t.IPv6.Plus(c.Count)
	}
}

// Through names the term of a sum, with the services behind it.
func (s Sum) Through() string {
	switch {
	case s.Via == "":
		return "the end of the record"
	case len(s.Services) > 0:
		return s.Via + " (" + strings.Join(s.Services, " or ") + ")"
	}
	return s.Via
}

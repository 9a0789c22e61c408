package spftext

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"unspoof/dns"
	"unspoof/spf"
)

// Sets is all that is told of the addresses of a record. Its JSON is the answer of
// both doors, behind the number of the schema.
type Sets struct {
	Problems []string `json:"problems"` // sentences; with any, receivers ignore the record
	MaySend  MaySend  `json:"may_send"`
	Owners   []Owner  `json:"owners"` // as written
	// Shadows are terms that could go, each alone; Shared what lies in the ranges of
	// services that are included, whose other customers send from them.
	Shadows []spf.Shadow `json:"shadows"`
	Shared  []Shared     `json:"shared"`
	*spf.Set
}

// MaySend counts who may send, by both readings, without addresses that no client
// has.
type MaySend struct {
	WithLimits spf.Tally `json:"with_limits"`
	AsWritten  spf.Tally `json:"as_written"`
}

// Owner is a term by which addresses may send.
type Owner struct {
	spf.Owner
	Services []string `json:"services"` // that the include is known to belong to
}

// Describe works out all that is told of a set. Problems are what is known to be
// wrong with the record so far; an error to everybody is added where there is none
// yet. The resolver is asked for the records of services that the set includes; what
// it can't answer shares nothing. The error is that of ctx.
func Describe(ctx context.Context, resolver dns.Resolver, set *spf.Set, problems []string) (Sets, error) {
	out := Sets{Problems: append([]string{}, problems...), Owners: []Owner{}, Shadows: needless(set), Set: set}
	if cause, all := Broken(set); all && len(problems) == 0 {
		out.Problems = append(out.Problems, "To everybody the record is an error: "+cause)
	}
	var err error
	if out.Shared, err = sharedWith(ctx, resolver, set); err != nil {
		return Sets{}, err
	}
	counted := Countable(set)
	out.MaySend = MaySend{counted.Count(spf.Pass, spf.WithLimits), counted.Count(spf.Pass, spf.AsWritten)}
	for _, o := range counted.Owners(spf.AsWritten) {
		out.Owners = append(out.Owners, Owner{o, Services(o.Domain)})
	}
	return out, nil
}

// mapped4 are IPv4 addresses in the form of IPv6: receivers take such a client for
// one with IPv4 (RFC 7208 section 5), so that no mail comes from there.
var mapped4 = netip.MustParsePrefix("::ffff:0:0/96")

// Mapped reports whether a range is of IPv4 addresses in the form of IPv6, which no
// client has.
func Mapped(r spf.Range) bool { return mapped4.Contains(r.From) && mapped4.Contains(r.To) }

// Countable gives a set for counting, without the ranges that no client has.
func Countable(set *spf.Set) *spf.Set {
	c := *set
	c.Ranges = nil
	for i := range set.Ranges {
		if !Mapped(set.Ranges[i].Range) {
			c.Ranges = append(c.Ranges, set.Ranges[i])
		}
	}
	return &c
}

// Broken gives the cause for which the record is an error, or is none, to some
// clients, "" where it is to nobody; all is true where it is to everybody.
func Broken(set *spf.Set) (cause string, all bool) {
	all = true
	for i := range set.Ranges {
		switch r := &set.Ranges[i]; r.Result {
		case spf.PermError, spf.None:
			if cause == "" {
				cause = Path(set, r.Source)
			}
		default:
			all = false
		}
	}
	return cause, all && cause != ""
}

// Path names the terms that lead to a source of a set; the last one decides.
func Path(set *spf.Set, source int) string {
	path := set.Path(source)
	terms := make([]string, 0, len(path))
	for _, src := range path {
		switch {
		case src.Term != "":
			terms = append(terms, src.Term)
		case src.Cause == "":
			terms = append(terms, "(no term matches)")
		}
		if src.Cause != "" {
			terms = append(terms, "("+src.Cause+")")
		}
	}
	return strings.Join(terms, " > ")
}

// needless gives the terms that could go, but for an all that only says what the end
// of every record says: it shows that this is meant.
func needless(set *spf.Set) []spf.Shadow {
	return slices.DeleteFunc(set.Shadows(), func(s spf.Shadow) bool { return s.Reached && !s.Shadowed && len(s.By) == 0 })
}

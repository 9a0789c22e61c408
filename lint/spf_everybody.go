package lint

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"unspoof/spf"
)

// Networks of all addresses that mail can come from, of each family (RFC 4291
// section 2.4 for IPv6: what is given out today), and what of them is as good as
// everybody: half.
var (
	unicast6 = netip.MustParsePrefix("2000::/3")
	half4    = spf.RangeOf(netip.MustParsePrefix("0.0.0.0/1")).Count()
	half6    = spf.RangeOf(netip.MustParsePrefix("2000::/4")).Count()
)

// Everybody reports whether a set lets everybody send: half of the IPv4 addresses
// or of the IPv6 addresses in use, or more. term is the way to the term that does
// it, through includes: "include:a.example > +all"; where it takes several terms
// of the set's own record, that is said instead, and own is "".
func Everybody(s *spf.Set) (own, term string, yes bool) {
	if !openToAll(s.Of(spf.Pass, spf.AsWritten)) {
		return "", "", false
	}
	by := map[int][]spf.Range{} // sources of the set's own record
	for i := range s.Ranges {
		if r := &s.Ranges[i]; r.Result == spf.Pass {
			by[s.Own(r.Source)] = append(by[s.Own(r.Source)], r.Range)
		}
	}
	for i := range s.Sources {
		if !openToAll(spf.Merge(by[i])) {
			continue
		}
		// Name the term by which most of them come.
		best, most := i, spf.Count{}
		for k := range s.Ranges {
			if r := &s.Ranges[k]; r.Result == spf.Pass && s.Own(r.Source) == i && r.Range.Count().Compare(most) > 0 {
				best, most = r.Source, r.Range.Count()
			}
		}
		return s.Sources[i].Term, wayTo(s, best), true
	}
	return "", together, true
}

// maxBroken bounds how often a record is read anew without a term that is an error:
// as often as receivers look names up for one (RFC 7208 section 4.6.4).
const maxBroken = 10

// EverybodyOnceMended is Everybody for the set that spf.Sets gave of args; and where
// terms of its own record are errors, that stop receivers today, also for what the
// other terms let in: once the errors are mended, they do. Whether it is so already,
// Everybody says. The record is read anew for each error, at most ten times, and
// args.Resolver is asked anew. Where that is cut off, by ctx say, yes is false.
func EverybodyOnceMended(ctx context.Context, args spf.SetArgs, set *spf.Set) (own, term string, yes bool) {
	args.Record = set.Record // the published one, where args has none
	for range maxBroken {
		if own, term, yes = Everybody(set); yes {
			return own, term, yes
		}
		broken := brokenTerms(set)
		words := strings.Fields(args.Record)
		rest := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(broken, w) })
		if len(rest) == len(words) {
			return "", "", false
		}
		args.Record = strings.Join(rest, " ")
		var err error
		if set, err = spf.Sets(ctx, args); err != nil {
			return "", "", false
		}
	}
	return Everybody(set)
}

// brokenTerms gives the terms of the set's own record that are errors to some client.
func brokenTerms(s *spf.Set) (terms []string) {
	for i := range s.Ranges {
		if r := &s.Ranges[i]; r.Result == spf.PermError {
			if term := s.Sources[s.Own(r.Source)].Term; term != "" && !slices.Contains(terms, term) {
				terms = append(terms, term)
			}
		}
	}
	return terms
}

// together names no term, but all.
const together = "its networks together"

// openToAll reports whether merged ranges hold half of a family.
func openToAll(ranges []spf.Range) bool {
	var four, six spf.Count
	u := spf.RangeOf(unicast6)
	for _, r := range ranges {
		if r.From.Is4() {
			four = four.Plus(r.Count())
			continue
		}
		if r.From.Less(u.From) {
			r.From = u.From
		}
		if u.To.Less(r.To) {
			r.To = u.To
		}
		if !r.To.Less(r.From) {
			six = six.Plus(r.Count())
		}
	}
	return four.Compare(half4) >= 0 || six.Compare(half6) >= 0
}

// wayTo names the terms that lead to a source, the last one decides.
func wayTo(s *spf.Set, source int) string {
	var terms []string
	for _, src := range s.Path(source) {
		if src.Term != "" {
			terms = append(terms, src.Term)
		}
	}
	return strings.Join(terms, " > ")
}

package spf_test

import (
	"slices"
	"testing"

	"unspoof/spf"
)

// TestPlantedFaultIsFound moves one end of one range by one address, as an
// off-by-one in the walk would, and wants the property tests to see it.
func TestPlantedFaultIsFound(t *testing.T) {
	cache := spf.NewCache(0)
	planted := 0
	for n := uint64(0); planted < 2000; n++ {
		tr := newTrial(n, cache)
		s, _, err := tr.sets()
		if err != nil {
			t.Fatal(err)
		}
		var at []int // places where a sure result changes
		for i := 1; i < len(s.Ranges); i++ {
			a, b := &s.Ranges[i-1], &s.Ranges[i]
			sure := len(a.Unless())+len(b.Unless()) == 0 && a.Result != spf.Unknown && b.Result != spf.Unknown
			if sure && a.Limited != b.Limited && a.Range.To.Next() == b.Range.From {
				at = append(at, i)
			}
		}
		if len(at) == 0 {
			continue
		}
		good := *s
		good.Ranges = slices.Clone(s.Ranges)
		k := at[tr.IntN(len(at))]
		switch a, b := &s.Ranges[k-1].Range, &s.Ranges[k].Range; {
		case b.From != b.To && (a.From == a.To || tr.oneIn(2)):
			a.To, b.From = b.From, b.From.Next()
		case a.From != a.To:
			a.To, b.From = a.To.Prev(), a.To
		default:
			continue // two single addresses
		}
		planted++
		r := referee{set: s, resolver: tr.oldDNS, cache: cache}
		ips := samples(s)
		if r.faults(ips, false) == nil {
			t.Fatalf("trial %d: not seen that %s is shifted\n%s", n, s.Ranges[k].Range, tr.describe())
		}
		// The same fault in one of two sets is a difference, and none if the ranges
		// of the difference were the good set's.
		d := spf.Diff(&good, s)
		if d.Equal == spf.Same || d.None() && len(d.Unknown) == 0 {
			t.Fatalf("trial %d: %s is shifted, and the sets are %s: %+v", n, s.Ranges[k].Range, d.Equal, d.Changes)
		}
		none := spf.Diff(&good, &good)
		if differs(&good, s, ips, spf.WithLimits, &none.Changes) == nil {
			t.Fatalf("trial %d: a difference that is left out is not seen", n)
		}
	}
}

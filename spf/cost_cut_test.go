package spf_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"unspoof/spf"
)

func TestCuts(t *testing.T) {
	zone := "v4.example A 192.0.2.1\nboth.example A 192.0.2.2\nboth.example AAAA 2001:db8::2\n" +
		repeat(9, "s#.example TXT v=spf1 a:both.example ip4:198.51.100.# -all\n") +
		"big.example TXT v=spf1 include:s1.example include:s2.example ip4:203.0.113.0/24 -all\n" +
		"macro.example TXT v=spf1 exists:%{i}.x.example a:both.example a:both.example a:both.example -all\n" +
		"wide.example TXT v=spf1 a:both.example a:both.example a:both.example a:both.example ip4:198.51.0.0/16 -all\n" +
		"over.example TXT v=spf1 mx -all\n" + repeat(9, "over.example MX 1 m#.example\n") + "over.example MX 1 both.example\nover.example MX 2 v4.example\n"
	for _, c := range []struct{ name, record, want string }{
		{"within the limits", "include:big.example -all", ""},
		{"names that are gone go first, for nothing", "a:g1.example a:g2.example a:g3.example include:big.example -all", "a:g1.example: 7/2, -0"},
		{"fewer terms, or fewer addresses", "include:big.example include:s3.example include:s4.example include:s5.example include:s6.example -all", "include:big.example: 8/0, -258 | include:s3.example include:s4.example: 9/0, -2"},
		{"what others let in is not lost", "include:wide.example include:big.example include:s3.example include:s4.example -all", "include:s3.example include:s4.example: 10/0, -0 | include:big.example: 9/0, -256"},
		{"a loop must go", "include:example.com mx:over.example a:both.example -all", "include:example.com mx:over.example: 1/0, -0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cuts, err := spf.Cuts(t.Context(), parseZone(t, zone), "example.com", "v=spf1 "+c.record)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, cut := range cuts {
				var terms []string
				for _, term := range cut.Terms {
					terms = append(terms, term.Term)
				}
				got = append(got, fmt.Sprintf("%s: %d/%d, -%s", strings.Join(terms, " "), cut.Lookups, cut.Voids, cut.Lost.IPv4))
			}
			if s := strings.Join(got, " | "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
		})
	}
}

// TestCutsMayLetInByMessage: whom a term keeps out that goes, one that hangs on the
// message may let in.
func TestCutsMayLetInByMessage(t *testing.T) {
	z := parseZone(t, "h.example A 192.0.2.1\nh.example AAAA 2001:db8::1\nbig.example TXT v=spf1"+strings.Repeat(" a:h.example", 9)+" -all\n")
	for record, want := range map[string]bool{
		"-include:big.example exists:%{i}.x.example": true,
		"include:big.example exists:%{i}.x.example":  false,
		"exists:%{i}.x.example -include:big.example": false,
		"-include:big.example a:h.example":           false,
	} {
		cuts, err := spf.Cuts(t.Context(), z, "example.com", "v=spf1 "+record+" -all")
		if err != nil || len(cuts) == 0 {
			t.Fatalf("%s: %d cuts, %v", record, len(cuts), err)
		}
		for _, cut := range cuts {
			if len(cut.Terms) == 1 && strings.HasSuffix(cut.Terms[0].Term, "include:big.example") && cut.Unknown != want {
				t.Errorf("%s: %+v", record, cut)
			}
		}
	}
}

// TestCutsLeaveTheQuestionForNames: the PTR question of %{p} is made once, by the
// first term that is left, also where the one that made it goes.
func TestCutsLeaveTheQuestionForNames(t *testing.T) {
	z := parseZone(t, "h.example A 192.0.2.1\nh.example AAAA 2001:db8::1\nnames.example TXT v=spf1 exists:%{p}.y.example -all\n")
	for n := 7; n <= 10; n++ {
		record := "v=spf1 include:names.example exists:%{p}.x.example" + strings.Repeat(" a:h.example", n) + " -all"
		cuts, err := spf.Cuts(t.Context(), z, "example.com", record)
		if err != nil || len(cuts) == 0 {
			t.Fatalf("%d hosts: %d cuts, %v", n, len(cuts), err)
		}
		for _, cut := range cuts {
			rest := []byte(record)
			for _, term := range cut.Terms {
				copy(rest[term.Span.Start:], strings.Repeat(" ", len(term.Term)))
				if saves := map[string]int{"include:names.example": 2}; term.Lookups != max(1, saves[term.Term]) {
					t.Errorf("%d hosts: %s saves %d", n, term.Term, term.Lookups)
				}
			}
			cost, err := spf.Measure(t.Context(), z, "example.com", string(rest))
			if err != nil || cost.Lookups != cut.Lookups || !cost.Within() {
				t.Errorf("%d hosts: %+v leaves %d look-ups", n, cut, cost.Lookups)
			}
		}
	}
}

// TestCutsAreRight: over random worlds, each cut is within the limits as measured
// anew, with no term too many, and loses and gains what a check says.
func TestCutsAreRight(t *testing.T) {
	seen, counted := 0, 0
	for seed := uint64(0); seed < 4000; seed++ {
		w := world{Rand: rand.New(rand.NewPCG(3, seed)), plain: true, calm: seed%3 != 0}
		w.fill()
		record := w.record()
		cuts, err := spf.Cuts(context.Background(), w.zone, "example.test", record)
		if err != nil {
			continue
		}
		for _, cut := range cuts {
			seen++
			rest := []byte(record)
			for _, term := range cut.Terms {
				if record[term.Span.Start:term.Span.End] != term.Term {
					t.Fatalf("seed %d: span of %+v", seed, term)
				}
				copy(rest[term.Span.Start:], strings.Repeat(" ", len(term.Term)))
			}
			for _, term := range cut.Terms { // put back, the record is over a limit again
				again := slices.Clone(rest)
				copy(again[term.Span.Start:], term.Term)
				cost, err := spf.Measure(context.Background(), w.zone, "example.test", string(again))
				if err != nil || !cost.Loop && cost.Hosts <= 10 && inTree(cost.Tree) {
					t.Fatalf("seed %d: %s could stay: %s", seed, term.Term, record)
				}
			}
			cost, err := spf.Measure(context.Background(), w.zone, "example.test", string(rest))
			if err != nil || !cost.WithinUnlisted() || cost.Lookups > cut.Lookups || cost.Voids > cut.Voids {
				t.Fatalf("seed %d: %+v leaves %d, %d of %s", seed, cut, cost.Lookups, cost.Voids, record)
			}
			before, err := spf.Measure(context.Background(), w.zone, "example.test", record)
			if err == nil && !before.Loop && before.Hosts <= 10 && !broken(before.Tree) {
				counted++
				checkLoss(t, w.zone, record, string(rest), cut)
			}
		}
	}
	if counted < 100 {
		t.Errorf("only %d cuts, %d of them counted", seen, counted)
	}
}

// inTree reports whether a client that nothing matches stays within the limits.
func inTree(tree []spf.Node) bool {
	lookups, voids4, voids6 := 0, 0, 0
	for _, n := range tree {
		lookups, voids4, voids6 = lookups+n.Lookups, voids4+n.VoidsIPv4, voids6+n.VoidsIPv6
	}
	return lookups <= 10 && voids4 <= 2 && voids6 <= 2
}

// checkLoss compares what a cut says to lose and gain with the sets of both
// records.
func checkLoss(t *testing.T, z zone, record, rest string, cut spf.Cut) {
	t.Helper()
	var sets [2]*spf.Set
	for i, text := range []string{record, rest} {
		var err error
		if sets[i], err = spf.Sets(context.Background(), spf.SetArgs{Domain: "example.test", Record: text, Resolver: z}); err != nil {
			t.Fatal(err)
		}
	}
	d := spf.Diff(sets[0], sets[1]).Written
	for what, list := range map[string][]spf.Change{"lost": d.Lost, "gained": d.Gained} {
		var sum spf.Tally
		for _, c := range list {
			one := spf.Tally{IPv6: c.Count}
			if c.Range.From.Is4() {
				one = spf.Tally{IPv4: c.Count}
			}
			sum = sum.Plus(one)
		}
		said := cut.Lost
		if what == "gained" {
			said = cut.Gained
		}
		if sum != said {
			t.Fatalf("%s: %s %s and %s, by the sets %s and %s", record, what, said.IPv4, said.IPv6, sum.IPv4, sum.IPv6)
		}
	}
}

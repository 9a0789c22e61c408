package spf_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"unspoof/spf"
)

// costSpace is smallSpace, and an address in each network that holds none of it
// otherwise.
var costSpace = append([]netip.Addr{
	netip.MustParseAddr("10.0.0.9"), netip.MustParseAddr("2001:db8::30"), netip.MustParseAddr("2001:db8::1:0:0:0"),
}, smallSpace...)

// TestNoClientCostsMoreThanMeasured: over small random zones, no client takes more
// look-ups or voids than the worst case, and some client takes as many.
func TestNoClientCostsMoreThanMeasured(t *testing.T) {
	reached := 0
	worlds := 6000
	for seed := range worlds {
		w := world{Rand: rand.New(rand.NewPCG(1, uint64(seed))), plain: seed%3 != 0, calm: seed%4 == 0}
		w.fill()
		record := w.zone["example.test"].records[16][0].Text[0]
		cost, err := spf.Measure(context.Background(), w.zone, "example.test", record)
		if err != nil {
			continue
		}
		if cost.Loop || open(cost.Tree) {
			continue
		}
		lookups, voids4, voids6 := 0, 0, 0
		for _, ip := range costSpace {
			for m := range uint64(2) {
				c := spf.Checker{Resolver: message{w.zone, ip, m * uint64(seed)}, MaxLookups: 1000, MaxVoids: 1000}
				r := c.Check(context.Background(), spf.Args{IP: ip, MailFrom: "ann@example.test", HELO: "helo.test"})
				lookups = max(lookups, r.Lookups)
				if ip.Is4() {
					voids4 = max(voids4, r.Voids)
				} else {
					voids6 = max(voids6, r.Voids)
				}
			}
		}
		told := fmt.Sprintf("seed %d: %d look-ups, %d/%d voids; measured %d, %d/%d, hanging %d: %s\n%s", seed, lookups, voids4, voids6, cost.Lookups, cost.VoidsIPv4, cost.VoidsIPv6, cost.Hanging, record, dump(w.zone))
		if lookups > cost.Lookups || !cost.Incomplete && (voids4 > cost.VoidsIPv4+cost.Hanging || voids6 > cost.VoidsIPv6+cost.Hanging) {
			t.Fatal("a client costs more: " + told)
		}
		if cost.Incomplete || cost.Hanging > 0 || cost.AtMost || broken(cost.Tree) {
			continue
		}
		if reached++; lookups != cost.Lookups || voids4 != cost.VoidsIPv4 || voids6 != cost.VoidsIPv6 {
			t.Fatal("no client costs as much: " + told)
		}
	}
	if reached < worlds/10 {
		t.Errorf("only %d of %d worlds can show that the worst case is reached", reached, worlds)
	}
}

// open reports that the tree leads to a record that hangs on the message, so that
// its cost can't be known.
func open(tree []spf.Node) bool {
	for _, n := range tree {
		if n.Hanging > 0 && n.Nodes == nil && leads(n.Term) || open(n.Nodes) {
			return true
		}
	}
	return false
}

func leads(term string) bool {
	return strings.Contains(term, "include:") || strings.HasPrefix(term, "redirect=")
}

// broken reports that a term ends the check with an error.
func broken(tree []spf.Node) bool {
	for _, n := range tree {
		if n.Nodes == nil && n.Note != "" && !strings.HasPrefix(n.Note, "nothing is there") && (leads(n.Term) || !strings.HasPrefix(n.Note, "not a name")) || broken(n.Nodes) {
			return true
		}
	}
	return false
}

func dump(z zone) string {
	var b strings.Builder
	for name, n := range z {
		for _, list := range n.records {
			for _, r := range list {
				fmt.Fprintf(&b, "%s %s %s %s%s\n", name, r.Type, r.Addr, r.Host, strings.Join(r.Text, "|"))
			}
		}
	}
	return b.String()
}

// TestCostAndSetsAgreeOnTheLimits: who costs more than the limits is a permerror in
// the sets, an exists that finds nothing being a void in both.
func TestCostAndSetsAgreeOnTheLimits(t *testing.T) {
	over, listed := 0, 0
	for seed := range 6000 {
		w := world{Rand: rand.New(rand.NewPCG(2, uint64(seed))), plain: seed%3 != 0}
		w.fill()
		record := w.zone["example.test"].records[16][0].Text[0]
		if rest, ok := strings.CutPrefix(record, "v=spf1"); ok && seed%2 != 0 {
			record = "v=spf1 exists:%{i}.nobody.test exists:%{l}.nobody.test" + rest
		}
		cost, err := spf.Measure(t.Context(), w.zone, "example.test", record)
		if err != nil || cost.Incomplete || cost.AtMost || cost.Loop || cost.Hosts > 10 || cost.Broken > 0 ||
			cost.Hanging > cost.Unlisted || strings.Contains(fmt.Sprint(cost.Tree), "%{v}") { // which sets fill in
			continue
		}
		set, err := spf.Sets(t.Context(), spf.SetArgs{Domain: "example.test", Record: record, Resolver: w.zone})
		if err != nil || set.Incomplete != "" {
			continue
		}
		strikes := false
		for i := range set.Ranges {
			r := &set.Ranges[i]
			strikes = strikes || r.Limited == spf.PermError && r.Result != spf.PermError
		}
		if strikes == cost.WithinUnlisted() {
			t.Fatalf("seed %d: the limits strike: %v; %d look-ups, %d voids and %d unlisted: %s\n%s", seed, strikes, cost.Lookups, cost.Voids, cost.Unlisted, record, dump(w.zone))
		}
		if strikes {
			over++
		}
		if cost.Within() && strikes {
			listed++
		}
	}
	if over < 100 || listed == 0 {
		t.Errorf("only %d worlds are over a limit, %d for an exists", over, listed)
	}
}

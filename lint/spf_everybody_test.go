package lint

import (
	"testing"

	"unspoof/spf"
)

// TestEverybodyOnceMended holds that terms that are errors hide nobody behind them.
func TestEverybodyOnceMended(t *testing.T) {
	w := zone(t, `
open TXT "v=spf1 +all"
half TXT "v=spf1 ip4:0.0.0.0/1 -all"
@ TXT "v=spf1 include:none.example.com +all"
`)
	for record, want := range map[string]string{
		"v=spf1 mx +all":      "+all",
		"v=spf1 mx -all":      "",
		"v=spf1 ip4: mx +all": "+all",
		"v=spf1 mx ip4: -all": "",
		"v=spf1 INCLUDE:none.example.com include:open.example.com -all":                                               "include:open.example.com > +all",
		"v=spf1 include:none.example.com include:half.example.com -all":                                               "include:half.example.com > ip4:0.0.0.0/1",
		"v=spf1 include:n1.example.com include:n2.example.com include:n3.example.com include:n4.example.com foo +all": "+all",
		"v=spf1 redirect=none.example.com":                                                                            "",
		"":                                                                                                            "+all", // the published one
	} {
		args := spf.SetArgs{Domain: "example.com", Record: record, Resolver: w}
		set, err := spf.Sets(t.Context(), args)
		if err != nil {
			t.Fatal(err)
		}
		if _, term, yes := EverybodyOnceMended(t.Context(), args, set); term != want || yes != (want != "") {
			t.Errorf("%q: %q, %v, want %q", record, term, yes, want)
		}
	}
}

package spf_test

import (
	"strings"
	"testing"

	"unspoof/spf"
)

// TestSnapshotKnowsWhatWasMadeOfIt: so that flattening anew never takes a flattened
// record for the one with the includes.
func TestSnapshotKnowsWhatWasMadeOfIt(t *testing.T) {
	snapshot := func(record, made string) spf.Snapshot {
		return spf.Snapshot{Schema: 1, Domain: "example.com", Record: "v=spf1 " + record, Publish: []spf.Published{{Name: "example.com", Text: "v=spf1 " + made}}}
	}
	s := snapshot("include:esp.example mx -all", "ip4:192.0.2.0/24 -all")
	for text, want := range map[string][2]bool{
		"v=spf1 ip4:192.0.2.0/24 -all":                       {true, true},
		"V=SPF1  +IP4:192.0.2.0/24  -ALL":                    {true, true},
		"v=spf1 include:esp.example mx -all":                 {false, false},
		"v=spf1 include:new.example -all":                    {false, false},
		"v=spf1 ip4:192.0.2.0/24 include:new.example -all":   {false, true},
		"v=spf1 ip4:192.0.2.0/24: -all":                      {false, false},
		"v=spf1 include:esp.example ip4:198.51.100.1 a -all": {false, false},
	} {
		if got := [2]bool{s.MadeInto(text), s.Remains(text)}; got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	for i := range 9 {
		next := snapshot("include:esp.example mx -all", "ip4:192.0.2."+string(rune('0'+i))+" -all")
		next.Follow(&s)
		s = next
	}
	if len(s.Earlier) != 5 || s.Earlier[0] != "v=spf1 ip4:192.0.2.7 -all" || !s.MadeInto("v=spf1 ip4:192.0.2.5 -all") || s.MadeInto("v=spf1 ip4:192.0.2.1 -all") {
		t.Errorf("%q", s.Earlier)
	}
	other := snapshot("include:other.example -all", "ip4:192.0.2.0/24 -all")
	if other.Follow(&s); len(other.Earlier) != 0 {
		t.Errorf("of another record: %q", other.Earlier)
	}
	if made := snapshot(strings.TrimPrefix(s.Publish[0].Text, "v=spf1 "), "-all"); made.MadeInto(made.Record) {
		t.Error("the record itself was made of nothing")
	}
}

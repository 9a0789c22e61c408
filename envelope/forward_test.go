package envelope

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParseSRS(t *testing.T) {
	for _, tc := range []struct {
		rule, address string
		want          SRS
	}{
		{"one forwarder", "SRS0=ab12=XY=example.com=ada@fwd.example", SRS{0, "ada@example.com", "fwd.example", "fwd.example", "ab12", "XY"}},
		{"other separators", "SRS0+ab12=XY=example.com=ada@fwd.example", SRS{0, "ada@example.com", "fwd.example", "fwd.example", "ab12", "XY"}},
		{"lower case", "srs0-ab12=xy=example.com=ada@fwd.example", SRS{0, "ada@example.com", "fwd.example", "fwd.example", "ab12", "xy"}},
		{"equals signs in the mailbox", "SRS0=ab12=XY=example.com=prvs=1786000000=ada@fwd.example", SRS{0, "prvs=1786000000=ada@example.com", "fwd.example", "fwd.example", "ab12", "XY"}},
		{"two forwarders", "SRS1=cd34=fwd.example==ab12=XY=example.com=ada@next.example", SRS{1, "ada@example.com", "fwd.example", "next.example", "cd34", "XY"}},
		{"two forwarders, other separators", "SRS1+cd34=fwd.example=+ab12=XY=example.com=ada@next.example", SRS{1, "ada@example.com", "fwd.example", "next.example", "cd34", "XY"}},
		{"a mailbox that needs quotes", `"SRS0=ab12=XY=example.com=ada l"@fwd.example`, SRS{0, `"ada l"@example.com`, "fwd.example", "fwd.example", "ab12", "XY"}},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got, ok := ParseSRS(tc.address); !ok || got != tc.want {
				t.Errorf("got %+v, %v", got, ok)
			}
		})
	}
	for _, none := range []string{
		"", "ada@example.com", "srs0@example.com", "SRS0=@x.example", "SRS0=a=b=c@x.example", "SRS0=a=b==d@x.example", "SRS0=a=b=c=@x.example",
		"SRS2=a=b=c=d@x.example", "SRS0a=b=c=d@x.example", "SRS1=a=fwd.example=ab=cd=e=f@x.example", "SRS1=a@x.example", "SRS1=a=b@x.example", "SRS1=a==@x.example", "SRS1=a=b=@x.example",
		"SRS0=a=b=" + strings.Repeat("c", maxAddress) + "=d@x.example",
	} {
		if got, ok := ParseSRS(none); ok {
			t.Errorf("%.50q is read as %+v", none, got)
		}
	}
}

func TestSRSDay(t *testing.T) {
	// 2026-11-22 is day 20779 of Unix time, 299 modulo 1024: digits 9 and 11.
	for _, tc := range []struct{ stamp, want string }{
		{"JL", "2026-11-22"},
		{"jk", "2026-11-21"},
		{"JM", "2024-02-03"}, // tomorrow's number: the one 1024 days before
		{"J1", ""}, {"", ""}, {"JLL", ""},
	} {
		got, ok := SRS{Stamp: tc.stamp}.Day(date(t, "2026-11-22 15:00"))
		if ok != (tc.want != "") || ok && got.Format("2006-01-02") != tc.want {
			t.Errorf("%q: %v, %v; want %s", tc.stamp, got, ok, tc.want)
		}
	}
}

func TestVERPRecipients(t *testing.T) {
	for _, tc := range []struct{ rule, address, want string }{
		{"plus", "list+ada=example.com@lists.example", "[ada@example.com]"},
		{"hyphens", "list-return-12-ada=example.com@lists.example", "[return-12-ada@example.com 12-ada@example.com ada@example.com]"},
		{"a token before", "bounces+991-ab12-ada=example.com@mail.example", "[991-ab12-ada@example.com ab12-ada@example.com ada@example.com]"},
		{"a recipient with plus", "list+ada+x=example.com@lists.example", "[ada+x@example.com x@example.com]"},
		{"hyphen in the domain", "list+ada=my-firm.example@lists.example", "[ada@my-firm.example]"},
		{"an equals sign in front", "list+a=b+ada=example.com@lists.example", "[ada@example.com]"},
		{"no prefix", "ada=example.com@lists.example", "[]"},
		{"no domain", "list+ada=x@lists.example", "[]"},
		{"no recipient", "list+=example.com@lists.example", "[]"},
		{"a tag", "prvs=1786000000=a-b@example.com", "[]"},
		{"a tag that looks like one", "prvs=1786000000=list-a=example.com@example.com", "[]"},
		{"a rewritten address", "SRS0+ab=cd=example.com=a-b=x.example@fwd.example", "[]"},
		{"no address", "list+ada=example.com", "[]"},
	} {
		if got := fmt.Sprint(VERPRecipients(tc.address)); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.rule, got, tc.want)
		}
	}
	if got := VERPRecipients(strings.Repeat("a-", 400) + "b=example.com@x.example"); len(got) != maxRecipients || slices.Contains(got, "") {
		t.Errorf("got %d recipients", len(got))
	}
}

package posture

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// nine is a domain whose SPF record includes nine names, the last of which lets
// everybody in, at a depth that leaves a quick check too few questions for all.
func nine(last string) (zone, domain string) {
	var b strings.Builder
	top := "v=spf1"
	for i := range 9 {
		top += fmt.Sprintf(" include:s%d.x.example", i)
	}
	b.WriteString("a.b.c.d.many.example. MX 10 mail.many.example.\na.b.c.d.many.example. TXT \"" + top + " -all\"\n")
	for i := range 8 {
		fmt.Fprintf(&b, "s%d.x.example. TXT \"v=spf1 ip4:192.0.2.%d -all\"\n", i, i+1)
	}
	b.WriteString("s8.x.example. TXT \"" + last + "\"\n_dmarc.many.example. TXT \"v=DMARC1; p=reject; rua=mailto:d@many.example\"\n")
	return b.String(), "a.b.c.d.many.example"
}

func quickly(t *testing.T, zone, domain string, s *Shared) Report {
	t.Helper()
	r, err := Check(t.Context(), Args{Domain: domain, Resolver: view(t, zone), Quick: true, Shared: s})
	if err != nil {
		t.Fatal(err)
	}
	sane(t, r)
	return r
}

func TestWhatAQuickCheckDidNotReadIsNotKnown(t *testing.T) {
	zone, domain := nine("v=spf1 +all")
	r := quickly(t, zone, domain, nil)
	if r.Verdict.Exposure != Undecided || !strings.Contains(r.Verdict.Sentence, "not everything was asked") || !strings.Contains(r.Verdict.Sentence, "--full") {
		t.Errorf("%+v", r.Verdict)
	}
	if g := r.Grade; g.Letter != "" || !strings.Contains(g.Reason, "not everything was asked") {
		t.Errorf("%+v", g)
	}
	if !strings.Contains(r.Next.Text, "--full") || len(r.NotAsked) == 0 {
		t.Errorf("%+v, not asked %q", r.Next, r.NotAsked)
	}
	if full := check(t, zone, domain); full.Verdict.Exposure != Anyone {
		t.Errorf("full: %+v", full.Verdict)
	}
	zone, domain = nine("v=spf1 ip4:192.0.2.99 -all")
	if full := check(t, zone, domain); full.Verdict.Exposure != Protected || full.Grade.Letter == "" {
		t.Errorf("full: %+v, %+v", full.Verdict, full.Grade)
	}
	// Without a policy, what SPF says does not matter.
	if r := quickly(t, strings.Replace(zone, "p=reject", "p=none", 1), domain, nil); r.Verdict.Exposure != Anyone {
		t.Errorf("p=none: %+v", r.Verdict)
	}
}

// TestReportsDoNotHangOnWhatWasCheckedBefore: with all of the records in Shared,
// some, or none, a report is the same but for who was asked.
func TestReportsDoNotHangOnWhatWasCheckedBefore(t *testing.T) {
	zone, domain := nine("v=spf1 +all")
	zone += "near.example. MX 10 mail.many.example.\nnear.example. TXT \"v=spf1 include:s7.x.example include:s8.x.example -all\"\n"
	alone := quickly(t, zone, domain, &Shared{})
	for _, before := range [][]string{{domain}, {"near.example"}, {"near.example", domain, "near.example"}} {
		shared := &Shared{}
		for _, other := range before {
			quickly(t, zone, other, shared)
		}
		r := quickly(t, zone, domain, shared)
		r.Questions = alone.Questions
		got, _ := json.Marshal(r)
		want, _ := json.Marshal(alone)
		if string(got) != string(want) {
			t.Errorf("after %q:\n%s\nalone:\n%s", before, got, want)
		}
	}
}

func TestIncludeWithoutAnAnswerIsNotKnown(t *testing.T) {
	const includes = basis + "@ TXT \"v=spf1 include:a.example include:b.example -all\"\na.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\nb.example. TXT \"v=spf1 include:c.example -all\"\nc.example. TXT \"v=spf1 -all\"\n"
	for _, tc := range []struct {
		rule, zone, bad string
		want            Exposure
	}{
		{"an include", includes + goodDMARC, "TXT a.example", Undecided},
		{"an include below another", includes + goodDMARC, "TXT c.example", Undecided},
		{"quarantine", includes + "_dmarc TXT \"v=DMARC1; p=quarantine\"\n", "TXT a.example", Undecided},
		{"a redirect", basis + "@ TXT \"v=spf1 redirect=a.example\"\na.example. TXT \"v=spf1 -all\"\n" + goodDMARC, "TXT a.example", Undecided},
		{"no policy in force", includes + "_dmarc TXT \"v=DMARC1; p=none\"\n", "TXT a.example", Anyone},
		{"another term lets everybody in", basis + "@ TXT \"v=spf1 include:a.example +all\"\n" + goodDMARC, "TXT a.example", Anyone},
		{"a term that lets nobody in", basis + "@ TXT \"v=spf1 -include:a.example -all\"\n" + goodDMARC, "TXT a.example", Protected},
		{"behind an error, where no receiver comes", basis + "@ TXT \"v=spf1 include:gone.example include:a.example -all\"\n" + goodDMARC, "TXT a.example", Protected},
		{"before an error", basis + "@ TXT \"v=spf1 include:a.example include:gone.example -all\"\n" + goodDMARC, "TXT a.example", Undecided},
	} {
		for _, quick := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, quick %v", tc.rule, quick), func(t *testing.T) {
				r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: faulty{view(t, tc.zone), []string{tc.bad}}, Quick: quick})
				if err != nil {
					t.Fatal(err)
				}
				if r.Verdict.Exposure != tc.want || (tc.want == Undecided) != (r.Grade.Letter == "") {
					t.Errorf("%+v, %+v", r.Verdict, r.Grade)
				}
				if tc.want == Undecided && (!strings.Contains(r.Verdict.Sentence, "DNS did not answer") || r.Grade.Reason == "") {
					t.Errorf("%+v, %+v", r.Verdict, r.Grade)
				}
			})
		}
	}
}

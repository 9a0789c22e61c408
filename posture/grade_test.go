package posture

import (
	"testing"

	"unspoof/finding"
)

func TestGrade(t *testing.T) {
	p := func(s string) string {
		return "_dmarc TXT \"v=DMARC1; " + s + "; rua=mailto:d@example.com\"\n"
	}
	for _, tc := range []struct{ rule, zone, want string }{
		{"all in order", basis + goodSPF + goodDMARC, "A"},
		{"quarantine", basis + goodSPF + p("p=quarantine"), "B"},
		{"none", basis + goodSPF + p("p=none"), "D"},
		{"no DMARC", basis + goodSPF, "D"},
		{"nothing", basis, "E"},
		{"everybody passes", basis + "@ TXT \"v=spf1 +all\"\n" + goodDMARC, "E"},
		{"everybody passes, and no DMARC", basis + "@ TXT \"v=spf1 +all\"\n", "F"},
		{"parked and locked", "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 -all\"\n" + goodDMARC, "A"},
		{"no such name", "x.example. A 192.0.2.1\n", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			g := check(t, tc.zone, "example.com").Grade
			sum := fullPoints
			for _, d := range g.Deductions {
				sum -= d.Points
				if d.What == "" || d.ID == "" {
					t.Errorf("%+v", d)
				}
			}
			if g.Letter != tc.want || (g.Letter == "") != (g.Reason != "") || g.Letter != "" && g.Points != max(0, sum) {
				t.Errorf("%+v, want %s", g, tc.want)
			}
		})
	}
}

func TestNoGradeWithoutAnswers(t *testing.T) {
	for _, bad := range []string{"", "TXT example.com", "TXT _dmarc.example.com", "MX example.com"} {
		r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: faulty{view(t, basis+goodSPF+goodDMARC), []string{bad}}})
		if err != nil {
			t.Fatal(err)
		}
		if g := r.Grade; g.Letter != "" || g.Reason == "" || !g.AtBest {
			t.Errorf("%q fails: %+v", bad, g)
		}
	}
	r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: faulty{view(t, basis+goodSPF+goodDMARC), []string{"TXT _mta-sts.example.com"}}})
	if err != nil || r.Grade.Letter != "A" || !r.Grade.AtBest {
		t.Errorf("%+v, %v", r.Grade, err)
	}
}

// TestGradeOnlyFalls: a finding more never makes the grade better, whatever it is.
func TestGradeOnlyFalls(t *testing.T) {
	var all []finding.Finding
	for _, r := range finding.Rules() {
		all = append(all, finding.New(r.ID, nil))
	}
	for i := range all {
		for j := range all {
			one, two := GradeOf(all[i:i+1]), GradeOf([]finding.Finding{all[i], all[j]})
			if two.Points > one.Points || two.Letter < one.Letter {
				t.Fatalf("%s: %+v, with %s: %+v", all[i].ID, one, all[j].ID, two)
			}
		}
	}
	last := GradeOf(nil)
	if last.Letter != "A" || last.Points != 100 {
		t.Errorf("%+v", last)
	}
	for i := range all {
		g := GradeOf(all[:i])
		if g.Points > last.Points {
			t.Errorf("after %d findings: %+v", i, g)
		}
		last = g
	}
	if last.Letter != "F" || last.Points != 0 {
		t.Errorf("%+v", last)
	}
}

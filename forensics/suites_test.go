package forensics_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"unspoof/bounce"
	"unspoof/dns/dnsfile"
	"unspoof/forensics"
	"unspoof/internal/profile"
	"unspoof/internal/testdata"
)

type truth struct {
	File, Verdict, Subtype, Account, Report string
	Bounce                                  bool
	T0                                      string
	Reasons                                 []string
}

// TestSuitesScenarios judges each scenario message and holds the answer against
// the stated truth.
func TestSuitesScenarios(t *testing.T) {
	dir := testdata.Dir(t, "bounces/scenarios")
	data, err := os.ReadFile(filepath.Join(dir, "truth.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Messages []truth }
	if err := yaml.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "profile.yaml")
	p, _, err := profile.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	view, err := dnsfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	judge := forensics.NewJudge(p, view)
	for _, want := range all.Messages {
		name := strings.TrimSuffix(filepath.Base(want.File), ".eml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(want.File)))
			if err != nil {
				t.Fatal(err)
			}
			got := judge.Judge(t.Context(), bounce.Parse(data))
			compareTruth(t, got, want)
		})
	}
}

func compareTruth(t *testing.T, got forensics.Judgement, want truth) {
	t.Helper()
	check := func(what string, got, want any) {
		t.Helper()
		if got != want {
			t.Errorf("%s = %v, want %v", what, got, want)
		}
	}
	check("verdict", string(got.Verdict), want.Verdict)
	check("subtype", string(got.Subtype), want.Subtype)
	check("bounce", got.Bounce, want.Bounce)
	check("account", got.Account, want.Account)
	check("report", got.Report, want.Report)
	t0 := ""
	if !got.T0.IsZero() {
		t0 = got.T0.UTC().Format(time.RFC3339)
	}
	check("t0", t0, want.T0)
	for _, code := range want.Reasons {
		if !slices.ContainsFunc(got.Reasons, func(r forensics.Reason) bool { return r.Code == code }) {
			t.Errorf("reason %s is missing", code)
		}
	}
	if t.Failed() {
		t.Logf("rule %s, confidence %s: %s", got.Rule, got.Confidence, got.Sentence)
		for _, r := range got.Reasons {
			t.Logf("  %s %s: %s [%s] %s", r.Code, r.Strength, r.Text, r.Where, r.Line)
		}
	}
}

package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"unspoof/internal/cli"
	"unspoof/internal/testdata"
)

// TestSuitesDKIMVerify runs the command line over the verification cases, each
// with its own DNS file and clock.
func TestSuitesDKIMVerify(t *testing.T) {
	lists, err := filepath.Glob(filepath.Join(testdata.Dir(t, "dkim"), "*", "cases.yml"))
	if err != nil || len(lists) == 0 {
		t.Fatalf("no list of cases (%v)", err)
	}
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			t.Fatal(err)
		}
		var suite struct {
			Cases []struct {
				Name, File string
				Now        int64
				TXT        map[string][][]string
				ServFail   []string `yaml:"servfail"`
				Expect     []struct{ D, S, Verdict string }
			}
		}
		if err := yaml.Unmarshal(text, &suite); err != nil {
			t.Fatal(err)
		}
		for _, c := range suite.Cases {
			t.Run(c.Name, func(t *testing.T) {
				if c.TXT == nil {
					c.TXT = map[string][][]string{}
				}
				answers, err := yaml.Marshal(map[string]any{"txt": c.TXT, "servfail": c.ServFail})
				if err != nil {
					t.Fatal(err)
				}
				zone := filepath.Join(t.TempDir(), "dns.yml")
				if err := os.WriteFile(zone, answers, 0o600); err != nil {
					t.Fatal(err)
				}
				var stdout, stderr bytes.Buffer
				cli.Run(context.Background(), cli.Env{
					Args:  []string{"dkim", "verify", filepath.Join(filepath.Dir(list), c.File), "--dns", zone, "--now", strconv.FormatInt(c.Now, 10), "--json"},
					Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" },
				})
				var got struct {
					Results []struct{ Domain, Selector, Result, Reason string }
				}
				if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
					t.Fatalf("%v: %s", err, stderr.String())
				}
				if len(got.Results) != len(c.Expect) {
					t.Fatalf("%d results, want %d", len(got.Results), len(c.Expect))
				}
				for i, want := range c.Expect {
					r := got.Results[i]
					right := map[string]bool{
						"pass": r.Result == "pass", "nonpass": r.Result != "pass", "temperror": r.Result == "temperror", "either": true,
					}[want.Verdict]
					if !right || r.Reason == "" {
						t.Errorf("%s %s: %s (%s), want %s", r.Domain, r.Selector, r.Result, r.Reason, want.Verdict)
					}
				}
			})
		}
	}
}

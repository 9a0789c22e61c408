package dkim_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"unspoof/dkim"
	"unspoof/dns"
	"unspoof/internal/testdata"
)

// suiteCase is one case of a cases.yml.
type suiteCase struct {
	Name     string                `yaml:"name"`
	File     string                `yaml:"file"`
	Now      int64                 `yaml:"now"`
	TXT      map[string][][]string `yaml:"txt"`
	ServFail []string              `yaml:"servfail"`
	Expect   []suiteExpectation    `yaml:"expect"`
}

type suiteExpectation struct {
	Domain   string    `yaml:"d"`
	Selector string    `yaml:"s"`
	Verdict  string    `yaml:"verdict"`
	Code     dkim.Word `yaml:"code"`
	Reason   string    `yaml:"reason"`
}

// TestSuites runs every case of every index file in the folders of the suites.
func TestSuites(t *testing.T) {
	indexes, err := filepath.Glob(filepath.Join(testdata.Dir(t, "dkim"), "*", "*.yml"))
	if err != nil || len(indexes) == 0 {
		t.Fatalf("no index file (%v)", err)
	}
	var verdicts, right, words, rightWords int
	for _, index := range indexes {
		text, err := os.ReadFile(index)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Cases []suiteCase `yaml:"cases"`
		}
		if err := yaml.Unmarshal(text, &file); err != nil {
			t.Fatal(index, err)
		}
		for _, c := range file.Cases {
			t.Run(filepath.Base(filepath.Dir(index))+"/"+c.Name, func(t *testing.T) {
				verdicts++
				results := c.run(t, filepath.Dir(index))
				if len(results) != len(c.Expect) {
					t.Fatalf("%d signatures, want %d", len(results), len(c.Expect))
				}
				for i, want := range c.Expect {
					got := results[i]
					t.Logf("%s %q (want %s %q)", got.Result, got.Reason, want.Code, want.Reason)
					if got.Domain != want.Domain || got.Selector != want.Selector {
						t.Errorf("d=%q s=%q, want %q and %q", got.Domain, got.Selector, want.Domain, want.Selector)
					}
					if !want.meets(got.Result) {
						t.Errorf("%s (%s), want %s", got.Result, got.Reason, want.Verdict)
					}
					if want.Verdict != "either" {
						words++
						if got.Result == want.Code {
							rightWords++
						} else {
							t.Logf("word %s, preferred is %s", got.Result, want.Code)
						}
					}
				}
				if !t.Failed() {
					right++
				}
			})
		}
	}
	t.Logf("%d of %d cases right; the word is the preferred one for %d of %d", right, verdicts, rightWords, words)
	if 100*rightWords < 95*words {
		t.Error("fewer than 95 % of the words are the preferred ones")
	}
}

func (e suiteExpectation) meets(w dkim.Word) bool {
	switch e.Verdict {
	case "either":
		return true
	case "nonpass":
		return w != dkim.Pass && w != dkim.TempError
	}
	return string(w) == e.Verdict
}

func (c suiteCase) run(t *testing.T, dir string) []dkim.SignatureResult {
	msg, err := os.ReadFile(filepath.Join(dir, c.File))
	if err != nil {
		t.Fatal(err)
	}
	z := zone{txt: map[string][][]string{}}
	for name, records := range c.TXT {
		z.txt[dns.Canonical(name)] = records
	}
	z.servfail = c.ServFail
	v := dkim.Verifier{Resolver: z}
	res, err := v.Verify(context.Background(), dkim.Args{Message: msg, Now: time.Unix(c.Now, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return res.Results
}

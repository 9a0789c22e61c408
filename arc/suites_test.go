package arc_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"unspoof/arc"
	"unspoof/internal/testdata"
)

// suite is one document of a file of validation tests.
type suite struct {
	Description string `yaml:"description"`
	// Tests is a mapping in which some names stand twice, with different tests.
	Tests yaml.Node         `yaml:"tests"`
	TXT   map[string]string `yaml:"txt-records"`
}

type suiteTest struct {
	Message string `yaml:"message"`
	CV      string `yaml:"cv"`
}

// either are cases that the suite's notes call disputed or liberal.
var either = map[string]bool{
	"cv_fail_i1_as_cv_fail": true, "cv_fail_i2_as2_fail": true, "cv_fail_i2_as1_fail": true,
	"ams_fields_c_na": true, "ams_fields_h_empty": true,
}

// TestSuites runs every validation test of every file of that form in the folder.
func TestSuites(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testdata.Dir(t, "arc"), "*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no file of tests (%v)", err)
	}
	count, right := 0, 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte("\n    cv:")) {
			continue // tests of sealing
		}
		for d := yaml.NewDecoder(bytes.NewReader(text)); ; {
			var s suite
			if err := d.Decode(&s); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(file, err)
			}
			for i := 0; i+1 < len(s.Tests.Content); i += 2 {
				name := s.Tests.Content[i].Value
				var test suiteTest
				if err := s.Tests.Content[i+1].Decode(&test); err != nil {
					t.Fatal(file, name, err)
				}
				t.Run(name, func(t *testing.T) {
					count++
					res, err := arc.Verify(context.Background(), arc.Args{
						Message:  []byte(strings.ReplaceAll(test.Message, "\n", "\r\n")),
						Resolver: zone(s.TXT), Now: time.Unix(1_484_000_000, 0),
					})
					if err != nil {
						t.Fatal(err)
					}
					want := arc.Word(strings.ToLower(test.CV))
					if want == "" {
						want = arc.None
					}
					t.Logf("%s: %s (want %s)", res.Result, res.Reason, want)
					if res.Result != want && !either[name] {
						t.Errorf("%s (%s), want %s", res.Result, res.Reason, want)
						return
					}
					right++
				})
			}
		}
	}
	t.Logf("%d of %d right", right, count)
	if count == 0 {
		t.Error("no test found")
	}
}

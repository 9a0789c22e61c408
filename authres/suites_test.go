package authres

import (
	"maps"
	"os"
	"strings"
	"testing"

	"unspoof/internal/testdata"

	"go.yaml.in/yaml/v3"
)

func TestSuites(t *testing.T) {
	text, err := os.ReadFile(testdata.Dir(t, "authres/cases.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var suite struct {
		Parse []struct {
			Name, Value, ID, Version string
			Valid                    bool
			Results                  []suiteResult
		}
		Write []struct {
			Name  string
			Input struct {
				ID, Method, Result, Reason, Comment string
				Props                               map[string]string
			}
			Not []string `yaml:"output_must_not_contain"`
		}
	}
	if err := yaml.Unmarshal(text, &suite); err != nil {
		t.Fatal(err)
	}
	if len(suite.Parse) == 0 || len(suite.Write) == 0 {
		t.Fatal("no cases in the suite")
	}
	for _, tc := range suite.Parse {
		t.Run(tc.Name, func(t *testing.T) {
			f, err := Parse(tc.Value)
			if (err == nil) != tc.Valid {
				t.Fatalf("valid %v, but Parse says %v", tc.Valid, err)
			}
			if !tc.Valid {
				return
			}
			if f.ID != tc.ID || len(f.Results) != len(tc.Results) || tc.Version != "" && tc.Version != "1" || f.Version != 1 {
				t.Fatalf("got %+v", f)
			}
			for i, want := range tc.Results {
				want.compare(t, f.Results[i])
			}
			if written, err := f.Format(); err != nil {
				t.Error(err)
			} else if again, err := Parse(written); err != nil || !equal(f, again) {
				t.Errorf("written as %q, read back as %+v, %v", written, again, err)
			}
		})
	}
	for _, tc := range suite.Write {
		t.Run(tc.Name, func(t *testing.T) {
			want := suiteResult{tc.Input.Method, tc.Input.Result, strings.Map(blankLines, tc.Input.Reason), tc.Input.Props}
			r := Result{Method: want.Method, Result: want.Result, Reason: tc.Input.Reason, Comment: tc.Input.Comment}
			for k, v := range want.Props {
				ptype, name, _ := strings.Cut(k, ".")
				r.Props = append(r.Props, Property{ptype, name, v})
			}
			out, err := Field{ID: tc.Input.ID, Results: []Result{r}}.Format()
			if err != nil {
				t.Fatal(err)
			}
			for _, not := range tc.Not {
				if strings.Contains(out, not) {
					t.Errorf("%q is in %q", not, out)
				}
			}
			f, err := Parse(out)
			if err != nil || len(f.Results) != 1 {
				t.Fatalf("%q is read back as %+v, %v", out, f, err)
			}
			want.compare(t, f.Results[0])
		})
	}
	t.Logf("%d cases to read, %d to write", len(suite.Parse), len(suite.Write))
}

func blankLines(r rune) rune {
	if r == '\r' || r == '\n' {
		return ' '
	}
	return r
}

type suiteResult struct {
	Method, Result, Reason string
	Props                  map[string]string
}

func (want suiteResult) compare(t *testing.T, r Result) {
	t.Helper()
	props := map[string]string{}
	for _, p := range r.Props {
		props[p.Type+"."+p.Name] = p.Value
	}
	if r.Method != want.Method || r.Result != want.Result || r.Reason != want.Reason || !maps.Equal(props, want.Props) {
		t.Errorf("got %+v, want %+v", r, want)
	}
}

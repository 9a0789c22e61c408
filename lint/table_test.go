package lint

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"unspoof/finding"
)

// entry is one record of the tables in testdata.
type entry struct {
	Name     string   `yaml:"name"`
	Record   string   `yaml:"record"`
	Records  []string `yaml:"records"` // several at one name
	Strings  []string `yaml:"strings"` // one, in character-strings
	At       string   `yaml:"at"`      // where it was found
	Selector string   `yaml:"selector"`
	Want     string   `yaml:"want"`   // all ids, sorted
	Mended   string   `yaml:"mended"` // "" where only the owner can mend it
	After    string   `yaml:"after"`  // ids that the mended record still has
}

// unfilled matches a {word} of a rule that nothing was put in for; a macro is none.
var unfilled = regexp.MustCompile(`(^|[^%$])\{[a-z]+\}`)

var linters = map[Kind]func(context.Context, Args) Report{KindSPF: SPF, KindDKIM: DKIM, KindDMARC: DMARC}

// now is when selectors are judged in these tests.
var now = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// keys expands ${name} by the keys of testdata/keys.txt.
func keys(t testing.TB) *strings.Replacer {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "keys.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var pairs []string
	for line := range strings.Lines(string(data)) {
		if name, text, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok && name != "#" {
			pairs = append(pairs, "${"+name+"}", text)
		}
	}
	return strings.NewReplacer(pairs...)
}

func table(t testing.TB, name string) []entry {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var list []entry
	if err := yaml.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	expand := keys(t)
	for i := range list {
		e := &list[i]
		e.Record, e.Mended = expand.Replace(e.Record), expand.Replace(e.Mended)
		for k := range e.Records {
			e.Records[k] = expand.Replace(e.Records[k])
		}
		for k := range e.Strings {
			e.Strings[k] = expand.Replace(e.Strings[k])
		}
	}
	return list
}

func (e *entry) args() Args {
	a := Args{Domain: "example.com", Selector: "sel", Name: e.At, Time: now}
	if e.Selector != "" {
		a.Selector = e.Selector
	}
	switch {
	case e.Strings != nil:
		a.Strings = [][]string{e.Strings}
	case e.Records != nil:
		a.Strings = Text(e.Records...)
	default:
		a.Strings = Text(e.Record)
	}
	return a
}

func ids(list []finding.Finding) string {
	var out []string
	for _, f := range list {
		out = append(out, f.ID)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// TestBadRecords holds that each mistake is found, nothing else is, that the record
// put right is the one expected, and that it is clean.
func TestBadRecords(t *testing.T) {
	count := 0
	for kind, lint := range linters {
		for _, e := range append(table(t, string(kind)+"_bad"), table(t, string(kind)+"_hand")...) {
			count++
			t.Run(string(kind)+"/"+e.Name, func(t *testing.T) {
				r := lint(t.Context(), e.args())
				if got := ids(r.Findings); got != e.Want {
					t.Errorf("findings %s, want %s", got, e.Want)
				}
				if r.Mended != e.Mended {
					t.Errorf("mended %s\n  want %s", r.Mended, e.Mended)
				}
				whole(t, r)
				if r.Mended == "" {
					return
				}
				a := e.args()
				a.Name, a.Strings = "", Text(r.Mended)
				again := lint(t.Context(), a)
				if got := ids(again.Findings); got != e.After {
					t.Errorf("the mended record %s has findings %q, want %q", r.Mended, got, e.After)
				}
				if again.Mended != "" {
					t.Errorf("the mended record is mended again: %s", again.Mended)
				}
			})
		}
	}
	if count < 120 {
		t.Errorf("only %d bad records", count)
	}
}

// TestGoodRecords holds that nothing is found in records that are as they should be.
func TestGoodRecords(t *testing.T) {
	count := 0
	for kind, lint := range linters {
		for _, e := range table(t, string(kind)+"_good") {
			count++
			r := lint(t.Context(), e.args())
			if len(r.Findings) > 0 || r.Mended != "" || len(r.Records) != 1 {
				t.Errorf("%s: %v, %s", r.Records, ids(r.Findings), r.Mended)
			}
		}
	}
	if count < 60 {
		t.Errorf("only %d good records", count)
	}
}

// whole holds for every report.
func whole(t testing.TB, r Report) {
	t.Helper()
	for i, f := range r.Findings {
		if f.ID == "" || f.What == "" || f.RFC == "" || strings.ContainsAny(f.Why, "{}") || f.Evidence == nil {
			t.Errorf("%s is not complete: %+v", f.ID, f)
		}
		if !strings.Contains(strings.Join(r.Records, ""), "{") && unfilled.MatchString(f.What+f.Why+f.Fix) {
			t.Errorf("%s has a word not filled in: %s %s", f.ID, f.What, f.Fix)
		}
		if p := f.Place; p != nil && (p.Span.Start < 0 || p.Span.End < p.Span.Start || p.Span.End > len(p.Text) || !slices.Contains(r.Records, p.Text)) {
			t.Errorf("%s: no place: %+v", f.ID, p)
		}
		if f.Mended != "" && f.Mended != r.Mended {
			t.Errorf("%s: mended %q, the report %q", f.ID, f.Mended, r.Mended)
		}
		if i > 0 && !r.Findings[i-1].Severity.AtLeast(f.Severity) {
			t.Error("not the worst first")
		}
	}
	if r.Records == nil || r.Findings == nil || r.Unanswered == nil {
		t.Error("a list is null")
	}
}

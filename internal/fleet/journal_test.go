package fleet

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"unspoof/finding"
	"unspoof/posture"
)

var began = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func openJournal(t *testing.T, path, options, list string) *Journal {
	t.Helper()
	j, err := OpenJournal(JournalArgs{Path: path, Options: options, List: list, Now: began})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func TestWhatIsDoneIsNotAskedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	const n = 3000
	ctx, stop := context.WithCancel(t.Context())
	var first, second asked
	begun := openJournal(t, path, "quick", "x")
	_, err := Run(ctx, Args{Lists: lists(list(n)), Journal: begun, Each: func(Result) error { return nil },
		Check: func(ctx context.Context, domain string) (posture.Report, error) {
			if domain == "d1500.example" {
				stop()
			}
			if ctx.Err() != nil {
				return posture.Report{}, ctx.Err()
			}
			return first.check(ctx, domain)
		}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if _, err := OpenJournal(JournalArgs{Path: path, Options: "quick", Now: began}); !errors.Is(err, ErrLocked) && runtime.GOOS != "windows" {
		t.Errorf("a second run: %v", err)
	}
	begun.Close()
	j := openJournal(t, path, "quick", "x")
	if j.Len() == 0 || j.Len() > len(first.names) || j.ListChanged || !j.Begun.Equal(began) {
		t.Errorf("%d done of %d asked, %+v", j.Len(), len(first.names), j)
	}
	done := j.Len()
	got, sum, err := gather(t, Args{Lists: lists(list(n)), Journal: j, Check: second.check})
	if want := strings.Fields(list(n)); err != nil || !slices.Equal(got, want) {
		t.Errorf("%d results, %v", len(got), err)
	}
	if sum.Kept != done || len(second.names) != n-done || sum.Left != 0 {
		t.Errorf("%+v, %d asked again, %d done before", sum, len(second.names), done)
	}
	// A third run asks nothing.
	var third asked
	got, sum, err = gather(t, Args{Lists: lists(list(n)), Journal: openJournal(t, path, "quick", "x"), Check: third.check})
	if err != nil || len(got) != n || sum.Kept != n || len(third.names) != 0 {
		t.Errorf("%d results, %+v, %d asked, %v", len(got), sum, len(third.names), err)
	}
}

// journalOf runs once over the domains and gives the journal's path.
func journalOf(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal")
	check := func(_ context.Context, domain string) (posture.Report, error) {
		r := report(domain)
		if strings.HasPrefix(domain, "silent") {
			r.Unanswered = append(r.Unanswered, finding.Evidence{Query: "TXT " + domain, Answer: "timeout"})
		}
		return r, nil
	}
	if _, _, err := gather(t, Args{Lists: lists(text), Journal: openJournal(t, path, "quick", "x"), Check: check, Concurrency: 1}); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestJournalMendsWhatIsDamaged(t *testing.T) {
	const text = "a.example\nb.example\nc.example\n"
	for _, tc := range []struct {
		rule   string
		damage func(string) string
		again  []string
	}{
		{"nothing", func(s string) string { return s }, nil},
		{"the last line is torn", func(s string) string { return s[:len(s)-40] }, []string{"c.example"}},
		{"the last line lacks its end only", func(s string) string { return s[:len(s)-1] }, []string{"c.example"}},
		{"a line in the middle is spoilt", func(s string) string { return strings.Replace(s, `{"domain":"b.example",`, `{"domain":"b.exam#le"`, 1) }, []string{"b.example"}},
		{"a report is spoilt", func(s string) string {
			return strings.Replace(s, `"report":{"domain":"b.example"`, `"report":{"domain":b.example"`, 1)
		}, []string{"b.example"}},
		{"a report is another's", func(s string) string {
			return strings.Replace(s, `"report":{"domain":"b.example"`, `"report":{"domain":"x.example"`, 1)
		}, []string{"b.example"}},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			path := journalOf(t, text)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(tc.damage(string(before))), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, again := range [][]string{tc.again, nil} { // the second time all is whole
				var a asked
				got, _, err := gather(t, Args{Lists: lists(text), Journal: openJournal(t, path, "quick", "x"), Check: a.check})
				if err != nil || len(got) != 3 || !slices.Equal(a.names, again) {
					t.Errorf("%q, asked %q, want %q, %v", got, a.names, again, err)
				}
			}
		})
	}
}

func TestDomainsWithOpenQuestionsAreAskedAgain(t *testing.T) {
	const text = "a.example\nsilent.example\n"
	var a asked
	got, sum, err := gather(t, Args{Lists: lists(text), Journal: openJournal(t, journalOf(t, text), "quick", "x"), Check: a.check})
	if err != nil || len(got) != 2 || sum.Kept != 1 || !slices.Equal(a.names, []string{"silent.example"}) {
		t.Errorf("%q, %+v, asked %q, %v", got, sum, a.names, err)
	}
}

func TestAnotherListIsNoticed(t *testing.T) {
	j := openJournal(t, journalOf(t, "a.example\nb.example\nc.example\n"), "quick", "y")
	if !j.ListChanged {
		t.Error("not noticed")
	}
	var a asked
	got, sum, err := gather(t, Args{Lists: lists("new.example\nb.example\n"), Journal: j, Check: a.check})
	if err != nil || !slices.Equal(got, []string{"new.example", "b.example"}) || !slices.Equal(a.names, []string{"new.example"}) {
		t.Errorf("%q, asked %q, %v", got, a.names, err)
	}
	if sum != (Summary{Domains: 2, Kept: 1, Left: 2}) {
		t.Errorf("%+v", sum)
	}
}

func TestJournalRefusesWhatIsNone(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, tc := range []struct{ rule, path, want string }{
		{"a list", write("list", "a.example\n"), "holds no reports"},
		{"a text without end", write("torn", `{"journal":1`), "holds no reports"},
		{"the JSON of check", write("json", `{"schema":1,"domains":[]}`+"\n"), "holds no reports"},
		{"a later version", write("later", `{"journal":2}`+"\n"), "version 2"},
		{"a folder", folder, "is a directory"},
		{"other options", journalOf(t, "a.example\n"), "other options"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			before, _ := os.ReadFile(tc.path)
			_, err := OpenJournal(JournalArgs{Path: tc.path, Options: "full", Now: began})
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(tc.want, "options") != errors.Is(err, ErrOptions) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if after, _ := os.ReadFile(tc.path); string(after) != string(before) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestJournalThatCannotBeWrittenEndsTheRun(t *testing.T) {
	j := openJournal(t, filepath.Join(t.TempDir(), "journal"), "quick", "")
	j.Close()
	if _, _, err := gather(t, Args{Lists: lists(list(10)), Journal: j, Check: (&asked{}).check}); err == nil || !strings.Contains(err.Error(), "journal could not be written") {
		t.Errorf("got %v", err)
	}
}

func FuzzPast(f *testing.F) {
	f.Add([]byte(`{"journal":1,"options":"quick"}` + "\n" + `{"domain":"a.example","open":0,"report":{"domain":"a.example"}}` + "\n{"))
	f.Add([]byte(`{"schema":1,"domains":[{"domain":"a.example"},{"domain":"b.example","findings":[{}]}],"skipped":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := OpenBaseline(path); err == nil {
			if _, _, err := b.compare(report("a.example")); err != nil && !errors.Is(err, ErrQuick) {
				t.Error(err)
			}
			b.Close()
		}
		if j, err := OpenJournal(JournalArgs{Path: path, Now: began}); err == nil {
			j.find("a.example")
			if err := j.add(report("b.example"), nil); err != nil {
				t.Error(err)
			}
			j.Close()
			if again, err := OpenJournal(JournalArgs{Path: path, Now: began}); err != nil {
				t.Errorf("what was written can't be read: %v", err)
			} else {
				if _, ok := again.find("b.example"); !ok {
					t.Error("what was written is not found")
				}
				again.Close()
			}
		}
	})
}

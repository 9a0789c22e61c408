package fleet

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unspoof/finding"
	"unspoof/posture"
)

// found makes a finding; what tells two of a rule apart.
func found(id string, severity finding.Severity, what string) finding.Finding {
	return finding.Finding{ID: id, Severity: severity, What: what, Evidence: []finding.Evidence{}}
}

func TestChanges(t *testing.T) {
	a := found("SPF-001", finding.Serious, "a")
	weak := found("SPF-001", finding.Minor, "a")
	more := found("SPF-001", finding.Serious, "11 look-ups")
	b := found("DMARC-001", finding.Critical, "b")
	with := func(e posture.Exposure, list ...finding.Finding) posture.Report {
		r := report("a.example", list...)
		r.Verdict.Exposure = e
		return r
	}
	silent := with(posture.Anyone)
	silent.Unanswered = []finding.Evidence{{Query: "TXT a.example", Answer: "timeout"}}
	short := with(posture.Anyone)
	short.NotAsked = []string{"TXT spf.example"}
	for _, tc := range []struct {
		rule     string
		was, now posture.Report
		want     Kind
		lists    string // of findings new, gone, worse, better, open
	}{
		{"nothing", with(posture.Anyone, a, b), with(posture.Anyone, b, a), Same, ""},
		{"another sentence of the same rule", with(posture.Anyone, a), with(posture.Anyone, more), Same, ""},
		{"a new one", with(posture.Anyone, a), with(posture.Anyone, a, b), Worse, "new DMARC-001"},
		{"a second of the rule", with(posture.Anyone, a), with(posture.Anyone, a, more), Worse, "new SPF-001"},
		{"one is gone", with(posture.Anyone, a, b), with(posture.Anyone, b), Better, "gone SPF-001"},
		{"one of two of the rule is gone", with(posture.Anyone, a, more), with(posture.Anyone, more), Better, "gone SPF-001"},
		{"one new, one gone", with(posture.Anyone, a), with(posture.Anyone, b), Mixed, "new DMARC-001 gone SPF-001"},
		{"graver", with(posture.Anyone, weak), with(posture.Anyone, a), Worse, "worse SPF-001"},
		{"lighter", with(posture.Anyone, a), with(posture.Anyone, weak), Better, "better SPF-001"},
		{"exposure worse", with(posture.Protected), with(posture.Partly), Worse, ""},
		{"exposure better", with(posture.Anyone), with(posture.Protected), Better, ""},
		{"exposure not known now", with(posture.Anyone), with(posture.Undecided), Same, ""},
		{"exposure not known then", with(posture.Undecided), with(posture.Anyone), Same, ""},
		{"silence is not gone", with(posture.Anyone, a), silent, Same, "open SPF-001"},
		{"nor is what was not asked", with(posture.Anyone, a), short, Same, "open SPF-001"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			c := compare(tc.was, tc.now)
			var lists []string
			for _, l := range []struct {
				word string
				list []finding.Finding
			}{{"new", c.New}, {"gone", c.Gone}, {"worse", c.Worse}, {"better", c.Better}, {"open", c.Open}} {
				if len(l.list) > 0 {
					lists = append(lists, l.word+" "+ids(l.list))
				}
			}
			if got := strings.Join(lists, " "); c.Kind != tc.want || got != tc.lists {
				t.Errorf("%s, %q; want %s, %q", c.Kind, got, tc.want, tc.lists)
			}
		})
	}
}

// against runs over the text with a baseline, and gives the kinds of change.
func against(t *testing.T, b *Baseline, text string, quick bool) (kinds map[string]Kind, sum Summary, err error) {
	t.Helper()
	kinds = map[string]Kind{}
	sum, err = Run(t.Context(), Args{Lists: lists(text), Baseline: b, Each: func(r Result) error {
		kinds[r.Domain] = r.Change.Kind
		return nil
	}, Check: func(_ context.Context, domain string) (posture.Report, error) {
		r := report(domain)
		if strings.HasPrefix(domain, "worse") {
			r.Findings = append(r.Findings, found("SPF-001", finding.Serious, "x"))
		}
		r.Quick = quick
		return r, nil
	}})
	return kinds, sum, err
}

func TestBaselineIsAJournalOrTheJSON(t *testing.T) {
	const before = "a.example\nworse.example\ndropped.example\n"
	var document strings.Builder
	w := NewJSON(&document, JSONArgs{Schema: 1, Lists: true})
	w.Skip(Skipped{"list", 3, "x", "is none"})
	for _, d := range strings.Fields(before) {
		if err := w.Write(Result{Domain: d, Report: report(d)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "json")
	if err := os.WriteFile(path, []byte(document.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"JSON": path, "journal": journalOf(t, before)} {
		t.Run(name, func(t *testing.T) {
			b, err := OpenBaseline(path)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			kinds, sum, err := against(t, b, "a.example\nworse.example\nfresh.example\n", true)
			if err != nil || kinds["a.example"] != Same || kinds["worse.example"] != Worse || kinds["fresh.example"] != First {
				t.Errorf("%v, %v", kinds, err)
			}
			if b.Len() != 3 || sum != (Summary{Domains: 3, Missing: 1}) {
				t.Errorf("%d, %+v", b.Len(), sum)
			}
			if _, _, err := against(t, b, "a.example\n", false); !errors.Is(err, ErrQuick) {
				t.Errorf("a full check against a quick one: %v", err)
			}
		})
	}
}

func TestBaselineRefusesWhatIsNone(t *testing.T) {
	for _, tc := range []struct{ rule, text, want string }{
		{"nothing", "", "holds no reports"},
		{"a list", "a.example\n", "holds no reports"},
		{"another JSON", `{"schema":1,"senders":[]}`, "holds no reports"},
		{"a list of other things", `{"schema":1,"domains":["a.example"]}`, "is damaged"},
		{"what is no JSON", `{"schema":1,"domains":[{"domain":x}]}`, "is damaged"},
		{"domains without a name", `{"schema":1,"domains":[{}]}`, "holds no reports"},
		{"a later schema", `{"schema":2,"domains":[]}`, "schema 2"},
		{"cut in a report", `{"schema":1,"domains":[{"domain":"a.example"},{"dom`, "ends in the middle"},
		{"cut between reports", `{"schema":1,"domains":[{"domain":"a.example"}`, "ends in the middle"},
		{"cut before the end", `{"schema":1,"domains":[{"domain":"a.example"}]`, "ends in the middle"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, []byte(tc.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenBaseline(path); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

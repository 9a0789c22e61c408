package fleet

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"unspoof/finding"
	"unspoof/posture"
)

// same changes nothing, for text that is clean.
func same(s string) string { return s }

func TestCellsThatASpreadsheetWouldRunAreDefused(t *testing.T) {
	for _, tc := range []struct{ cell, want string }{
		{"", ""}, {"plain", "plain"}, {"v=spf1 mx -all", "v=spf1 mx -all"}, {"v=DMARC1; p=reject; rua=mailto:d@example.com", "v=DMARC1; p=reject; rua=mailto:d@example.com"},
		{"a-b", "a-b"}, {"x + y", "x + y"},
		{"=1+1", "'=1+1"}, {"+1", "'+1"}, {"-1", "'-1"}, {"@SUM(A1)", "'@SUM(A1)"},
		{" =1", "' =1"}, {"\t=1", "'\t=1"}, {"\tx=", "'\tx="}, {"\rx=", "'\rx="}, {"\u00a0=1", "'\u00a0=1"},
		{`"=1`, `'"=1`}, {`" =1`, `'" =1`}, {"'=1", "''=1"}, {"“=1", "'“=1"},
		{"＝1", "'＝1"}, {"＋1", "'＋1"}, {"－1", "'－1"}, {"＠x", "'＠x"},
		{"x;=1", "x;'=1"}, {`x; "=1`, `x;' "=1`}, {"=1;=2;x", "'=1;'=2;x"},
		{"=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"},
	} {
		if got := defuse(tc.cell); got != tc.want {
			t.Errorf("defuse(%q) = %q, want %q", tc.cell, got, tc.want)
		}
	}
}

func FuzzDefuse(f *testing.F) {
	f.Add("=1")
	f.Add(" \"x;+1")
	f.Fuzz(func(t *testing.T, cell string) {
		got := defuse(cell)
		if strings.ReplaceAll(got, "'", "") != strings.ReplaceAll(cell, "'", "") {
			t.Errorf("%q became %q", cell, got)
		}
		for _, part := range strings.Split(got, ";") { // as a spreadsheet begins them
			if part != "" && strings.ContainsRune(formula, []rune(part)[0]) {
				t.Errorf("%q still runs: %q", cell, got)
			}
		}
	})
}

func hostile() Result {
	r := report("a.example", found("SPF-003", finding.Serious, "[click](http://evil.example) {0} =x"))
	r.SPF, r.DMARC, r.MX, r.Services = "=HYPERLINK(\"http://evil.example\")", "v=DMARC1;=1,2\"", []string{"-x.example", "b.example"}, []string{"+x", "@y"}
	return Result{Domain: r.Domain, List: "my lists/a.txt", Line: 7, Report: r}
}

func TestCSV(t *testing.T) {
	var b strings.Builder
	w := NewCSV(&b, same)
	changed := hostile()
	changed.Change = &Change{Kind: Worse, New: changed.Report.Findings, Gone: []finding.Finding{found("MX-001", finding.Minor, "")}}
	unchanged := Result{Domain: "b.example", Report: report("b.example"), Change: &Change{Kind: Same}}
	for _, r := range []Result{hostile(), changed, unchanged} {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil || len(rows) != 3 || !slices.Equal(rows[0], Columns) {
		t.Fatalf("%q, %v", rows, err)
	}
	cell := func(row int, column string) string { return rows[row][slices.Index(Columns, column)] }
	for _, tc := range []struct {
		row          int
		column, want string
	}{
		{1, "domain", "a.example"}, {1, "change", ""}, {1, "exposure", "anyone"}, {1, "high", "1"}, {1, "critical", "0"}, {1, "findings", "SPF-003"},
		{1, "spf", `'=HYPERLINK("http://evil.example")`}, {1, "dmarc", `v=DMARC1;'=1,2"`}, {1, "mx", "'-x.example b.example"}, {1, "services", "'+x;' @y"},
		{2, "change", "worse"}, {2, "new", "SPF-003"}, {2, "gone", "MX-001"},
	} {
		if got := cell(tc.row, tc.column); got != tc.want {
			t.Errorf("row %d, %s: %q, want %q", tc.row, tc.column, got, tc.want)
		}
	}
}

func TestCSVIsCleaned(t *testing.T) {
	var b strings.Builder
	w := NewCSV(&b, func(s string) string { return strings.ReplaceAll(s, "=", "!") })
	if err := errors.Join(w.Write(hostile()), w.Close()); err != nil {
		t.Fatal(err)
	}
	if rows := strings.SplitN(b.String(), "\n", 2); strings.Contains(rows[1], "=") {
		t.Error(rows[1])
	}
}

func TestJSONDocument(t *testing.T) {
	for _, tc := range []struct {
		rule    string
		args    JSONArgs
		results []Result
		want    string
	}{
		{"nothing", JSONArgs{Schema: 1}, nil, `{"schema":1,"domains":[]}`},
		{"nothing of a list", JSONArgs{Schema: 1, Lists: true}, nil, `{"schema":1,"domains":[],"skipped":[],"skipped_count":0}`},
	} {
		var b strings.Builder
		w := NewJSON(&b, tc.args)
		if err := w.Close(); err != nil || b.String() != tc.want+"\n" {
			t.Errorf("%s: %s, %v", tc.rule, b.String(), err)
		}
	}
	for _, indent := range []bool{false, true} {
		var b strings.Builder
		w := NewJSON(&b, JSONArgs{Schema: 1, Indent: indent, Lists: true})
		unchanged := Result{Report: report("b.example"), Change: &Change{Kind: Same}}
		changed := Result{Report: report("c.example"), Change: first(report("c.example"))}
		for _, r := range []Result{hostile(), unchanged, changed} {
			if err := w.Write(r); err != nil {
				t.Fatal(err)
			}
		}
		for range maxNoted + 5 {
			w.Skip(Skipped{"list", 3, "x", "is none"})
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Schema  int
			Domains []struct {
				posture.Report
				Change *Change
			}
			Skipped []struct {
				List string
				Line int
			}
			Count int `json:"skipped_count"`
		}
		if err := json.Unmarshal([]byte(b.String()), &doc); err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		if doc.Schema != 1 || len(doc.Domains) != 2 || doc.Domains[0].Domain != "a.example" || doc.Domains[0].Change != nil || doc.Domains[1].Change.Kind != First {
			t.Errorf("%+v", doc)
		}
		if len(doc.Skipped) != maxNoted || doc.Count != maxNoted+5 || doc.Skipped[0].Line != 3 {
			t.Errorf("%d skipped of %d", len(doc.Skipped), doc.Count)
		}
	}
}

// sarifLog is what readers of the tests look at.
type sarifLog struct {
	Schema  string `json:"$schema"`
	Version string
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name, Version string
				Rules         []sarifRule
			}
		}
		Results     []sarifResult
		Invocations []sarifInvocation
	}
}

func TestSARIF(t *testing.T) {
	var b strings.Builder
	w := NewSARIF(&b, SARIFArgs{Version: "1.2.3", Folder: "/work"})
	changed := hostile()
	changed.Domain, changed.List = "c.example", "-"
	gone, graver := found("MX-001", finding.Moderate, ""), found("MX-002", finding.Serious, "")
	changed.Change = &Change{Kind: Mixed, New: changed.Report.Findings, Gone: []finding.Finding{gone, found("OLD-001", finding.Minor, "")}, Worse: []finding.Finding{graver}}
	unknown := Result{Domain: "d.example", Report: report("d.example")}
	unknown.Report.Verdict.Exposure = posture.Undecided
	unchanged := Result{Domain: "b.example", List: "/elsewhere/l.txt", Line: 1, Report: report("b.example", gone), Change: &Change{
		Kind: Same, same: []finding.Finding{gone}, Open: []finding.Finding{found("MX-003", "", "x")}, Records: []RecordChange{{"spf", "a", "b"}}}}
	for _, r := range []Result{hostile(), changed, unknown, unchanged} {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	w.Skip(Skipped{"list", 3, "x{y}", "is none"})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal([]byte(b.String()), &log); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 {
		t.Fatalf("%+v", log)
	}
	run := log.Runs[0]
	if d := run.Tool.Driver; d.Name != "unspoof" || d.Version != "1.2.3" || len(d.Rules) != len(finding.Rules()) {
		t.Errorf("%s %s, %d rules", d.Name, d.Version, len(d.Rules))
	}
	var states []string
	prints := map[string]bool{}
	for _, r := range run.Results {
		states = append(states, r.RuleID+" "+r.Baseline+" "+r.Level)
		if i := r.RuleIndex; (i == nil) != (r.RuleID == "OLD-001") || i != nil && run.Tool.Driver.Rules[*i].ID != r.RuleID {
			t.Errorf("%s has index %v", r.RuleID, i)
		}
		if strings.Contains(r.Message.Text, "](") || strings.Contains(strings.ReplaceAll(r.Message.Text, "{{", ""), "{") {
			t.Errorf("message %q", r.Message.Text)
		}
		for _, print := range r.Fingerprints {
			if prints[print] {
				t.Errorf("fingerprint of %s twice", r.RuleID)
			}
			prints[print] = true
		}
	}
	want := []string{"SPF-003  error", "SPF-003 new error", "MX-002 updated error", "MX-001 absent warning", "OLD-001 absent note", "MX-001 unchanged warning", "MX-003 unchanged note"}
	if !slices.Equal(states, want) {
		t.Errorf("got %q, want %q", states, want)
	}
	l := run.Results[0].Locations[0]
	if l.Logical[0].Full != "a.example" || l.Physical.Artifact.URI != "my%20lists/a.txt" || l.Physical.Region.StartLine != 7 {
		t.Errorf("%+v", l)
	}
	if l := run.Results[1].Locations[0].Physical.Artifact; l.URI != "stdin" || l.Description == nil {
		t.Errorf("%+v", l)
	}
	for _, rule := range run.Tool.Driver.Rules {
		if !slices.Equal(rule.Property.Tags, []string{"security"}) || strings.ContainsAny(rule.Short.Text, "<>{}") {
			t.Errorf("%+v", rule)
		}
	}
	if notes := run.Invocations[0].Notes; len(notes) != 3 || !strings.Contains(notes[2].Message.Text, "x{{y}}") || notes[0].Locations[0].Logical[0].Name != "d.example" ||
		notes[1].Message.Text != `b.example: spf was "a" and is "b".` {
		t.Errorf("%+v", notes)
	}
}

// full takes no more.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestWritersTellWhatCouldNotBeWritten(t *testing.T) {
	for name, w := range map[string]Writer{
		"JSON": NewJSON(&full{100}, JSONArgs{Schema: 1}), "CSV": NewCSV(&full{100}, same), "SARIF": NewSARIF(&full{100}, SARIFArgs{Version: "1"}),
	} {
		for range 3 {
			w.Write(hostile())
		}
		if err := w.Close(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

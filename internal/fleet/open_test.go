package fleet

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unspoof/finding"
	"unspoof/posture"
)

func asks(query string) finding.Evidence { return finding.Evidence{Query: query, Answer: "x"} }

func TestWhatHangsOnAnOpenQuestionIsNotNew(t *testing.T) {
	dmarc := finding.New("DMARC-001", map[string]string{"domain": "a.example"}, asks("TXT _dmarc.a.example"))
	spf := finding.New("SPF-007", map[string]string{"count": "12"}, asks("TXT a.example"))
	silent := func(query string, list ...finding.Finding) posture.Report {
		r := report("a.example", list...)
		r.Unanswered = []finding.Evidence{{Query: query, Answer: "timeout"}}
		return r
	}
	for _, tc := range []struct {
		rule             string
		was, now         posture.Report
		added, gone, any int // new, gone, open
	}{
		{"the policy did not answer then", silent("TXT _dmarc.a.example"), report("a.example", dmarc), 0, 0, 1},
		{"nor does SPF hang on it", silent("TXT _dmarc.a.example"), report("a.example", spf), 1, 0, 0},
		{"an include did not answer then", silent("TXT spf.example"), report("a.example", dmarc, spf), 1, 0, 1},
		{"the domain did not answer then", silent("MX a.example"), report("a.example", dmarc, spf), 0, 0, 2},
		{"an include does not answer now", report("a.example", dmarc, spf), silent("TXT spf.example"), 0, 1, 1},
		{"neither then nor now", silent("TXT spf.example"), silent("TXT spf.example", spf), 1, 0, 0},
		{"another case", silent("TXT _DMARC.a.example"), report("a.example", dmarc), 0, 0, 1},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if c := compare(tc.was, tc.now); len(c.New) != tc.added || len(c.Gone) != tc.gone || len(c.Open) != tc.any {
				t.Errorf("new %v, gone %v, open %v", ids(c.New), ids(c.Gone), ids(c.Open))
			}
		})
	}
}

// nights runs over a.example night after night, each compared with the journal of
// the one before.
func nights(t *testing.T, reports ...posture.Report) (changes []*Change) {
	t.Helper()
	before := ""
	for _, r := range reports {
		path := filepath.Join(t.TempDir(), "journal")
		args := Args{
			Lists: lists("a.example\n"), Journal: openJournal(t, path, "quick", ""),
			Check: func(context.Context, string) (posture.Report, error) { return r, nil },
			Each:  func(r Result) error { changes = append(changes, r.Change); return nil },
		}
		if before != "" {
			b, err := OpenBaseline(before)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			args.Baseline = b
		}
		if _, err := Run(t.Context(), args); err != nil {
			t.Fatal(err)
		}
		args.Journal.Close()
		before = path
	}
	return changes
}

func TestANightOfSilenceMakesNothingNew(t *testing.T) {
	known := finding.New("DMARC-001", nil, asks("TXT _dmarc.a.example"))
	added := finding.New("DMARC-008", map[string]string{"host": "x"}, asks("TXT _dmarc.a.example"))
	silent := report("a.example")
	silent.Unanswered = []finding.Evidence{{Query: "TXT _dmarc.a.example", Answer: "timeout"}}
	changes := nights(t, report("a.example", known), silent, silent, report("a.example", known, added))
	last := changes[3]
	if ids(last.New) != "DMARC-008" || len(last.Open) != 0 || last.Kind != Worse {
		t.Errorf("%+v", last)
	}
	if ids(changes[1].Open) != "DMARC-001" || ids(changes[2].Open) != "DMARC-001" {
		t.Errorf("%+v, %+v", changes[1], changes[2])
	}
}

func TestRecordsThatChangedAreTold(t *testing.T) {
	was := report("a.example")
	was.SPF, was.DMARC, was.Policy, was.MX = "v=spf1 -all", "v=DMARC1; p=reject", "reject", []string{"a", "b"}
	now := was
	now.MX = []string{"b", "a"}
	if c := compare(was, now); c.Kind != Same || len(c.Records) != 0 {
		t.Errorf("order: %+v", c)
	}
	now.MX, now.SPF, now.Services = []string{"mx.attacker.example"}, "v=spf1 ip4:198.51.100.0/24 -all", []string{"X"}
	c := compare(was, now)
	want := []RecordChange{{"spf", was.SPF, now.SPF}, {"mx", "a, b", "mx.attacker.example"}, {"services", "", "X"}}
	if c.Kind != Other || !slices.Equal(c.Records, want) || !(Result{Change: c}).Shown() {
		t.Errorf("%+v", c)
	}
	now.Unanswered = []finding.Evidence{{Query: "MX a.example", Answer: "timeout"}, {Query: "TXT _dmarc.a.example", Answer: "timeout"}}
	now.MX, now.DMARC, now.Policy = nil, "", ""
	if c := compare(was, now); !slices.Equal(c.Records, want[:1]) {
		t.Errorf("silence: %+v", c.Records)
	}
}

func TestFindingsArePairedByWhatTheyAreAbout(t *testing.T) {
	broken := func(host, fault string) finding.Finding {
		return finding.New("SPF-012", map[string]string{"host": host, "term": "include:" + host, "fault": fault, "hint": ""}, asks("TXT a.example"), asks("TXT "+host))
	}
	for _, tc := range []struct {
		rule      string
		was, now  []finding.Finding
		new, gone int
	}{
		{"another fault of the same include", []finding.Finding{broken("x.example", "NODATA")}, []finding.Finding{broken("x.example", "NXDOMAIN")}, 0, 0},
		{"another include", []finding.Finding{broken("x.example", "NODATA")}, []finding.Finding{broken("y.example", "NODATA")}, 1, 1},
		{"one of two", []finding.Finding{broken("x.example", "a"), broken("y.example", "a")}, []finding.Finding{broken("y.example", "b")}, 0, 1},
	} {
		if c := compare(report("a.example", tc.was...), report("a.example", tc.now...)); len(c.New) != tc.new || len(c.Gone) != tc.gone {
			t.Errorf("%s: %+v", tc.rule, c)
		}
	}
	one, two := broken("x.example", "NODATA"), broken("y.example", "NODATA")
	print := func(f finding.Finding) string { return fingerprint("a.example", f, map[string]int{}) }
	if print(one) == print(two) || print(one) != print(broken("x.example", "NXDOMAIN")) {
		t.Error("a fingerprint is not what it is about")
	}
	met := map[string]int{}
	if fingerprint("a.example", two, met); fingerprint("a.example", one, met) != print(one) {
		t.Error("a fingerprint hangs on the findings before it")
	}
	for _, rule := range finding.Rules() { // every sentence can be read back
		if _, told := subject(finding.New(rule.ID, nil)); !told {
			t.Errorf("%s: %q", rule.ID, rule.What)
		}
	}
}

func TestBaselineOfChangesIsRefused(t *testing.T) {
	for _, indent := range []bool{false, true} {
		var b strings.Builder
		w := NewJSON(&b, JSONArgs{Schema: 1, Indent: indent, Partial: true})
		if err := errors.Join(w.Write(Result{Report: report("a.example"), Change: first(report("a.example"))}), w.Close()); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "json")
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenBaseline(path); !errors.Is(err, ErrPartial) {
			t.Errorf("got %v for %s", err, b.String())
		}
	}
	if _, err := OpenBaseline(os.DevNull); !errors.Is(err, ErrNoFile) {
		t.Errorf("got %v", err)
	}
}

func TestQuickAndFullAreToldApartAtOnce(t *testing.T) {
	b, err := OpenBaseline(journalOf(t, "a.example\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Comparable(true); err != nil {
		t.Error(err)
	}
	if err := b.Comparable(false); !errors.Is(err, ErrQuick) {
		t.Errorf("got %v", err)
	}
}

// silentPipe gives a list and then nothing, without an end.
type silentPipe struct {
	text *strings.Reader
	done chan struct{}
}

func (p silentPipe) Read(b []byte) (int, error) {
	if n, _ := p.text.Read(b); n > 0 {
		return n, nil
	}
	<-p.done
	return 0, errors.New("closed")
}

func TestAnErrorDoesNotWaitForTheList(t *testing.T) {
	p := silentPipe{strings.NewReader("a.example\nb.example\n"), make(chan struct{})}
	defer close(p.done)
	stop := errors.New("stop")
	sum, err := Run(t.Context(), Args{Lists: []List{{"-", p}}, Check: (&asked{}).check, Each: func(Result) error { return stop }})
	if !errors.Is(err, stop) || sum.Domains != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestUTF16IsNamedOnce(t *testing.T) {
	for _, text := range []string{"\xff\xfea\x00.\x00e\x00\n\x00b\x00\n\x00", "\xfe\xff\x00a\x00\n", "a\x00.\x00e\x00\n\x00"} {
		if got, sum, err := gather(t, Args{Lists: lists(text), Check: (&asked{}).check}); !errors.Is(err, ErrUTF16) || len(got) > 0 || sum.Skipped > 0 {
			t.Errorf("%q: %q, %+v, %v", text, got, sum, err)
		}
	}
}

func TestSARIFNamesLists(t *testing.T) {
	s := NewSARIF(&strings.Builder{}, SARIFArgs{Folder: "/work/here"})
	for list, want := range map[string]string{
		"": "arguments", "-": "stdin", "my list%20ü.txt": "my%20list%2520%C3%BC.txt", "c:x.txt": "./c:x.txt", "/work/here/d/l": "d/l", "d/../l": "l",
		"../l": "file:///work/l", "/tmp/a b": "file:///tmp/a%20b", "/dev/fd/63": "file:///dev/fd/63",
	} {
		if got := s.artifact(list).URI; got != want {
			t.Errorf("%q: %s, want %s", list, got, want)
		}
	}
}

func TestSARIFLeavesOutWhatIsLess(t *testing.T) {
	var b strings.Builder
	s := NewSARIF(&b, SARIFArgs{Least: finding.Minor})
	r := report("a.example", found("SPF-001", finding.Minor, "x"), found("SPF-017", finding.Info, "y"))
	if err := errors.Join(s.Write(Result{Domain: "a.example", Line: 1, Report: r}), s.Close()); err != nil {
		t.Fatal(err)
	}
	if s.Results() != 1 || !strings.Contains(b.String(), "Left out are findings that are less than low: 1.") {
		t.Errorf("%d in %s", s.Results(), b.String()[len(b.String())-400:])
	}
}

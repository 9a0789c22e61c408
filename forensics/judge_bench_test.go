package forensics_test

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"

	"unspoof/forensics"
)

// BenchmarkJudge judges the cases in turn with one Judge, as over a mailbox. Its
// log holds 100,000 entries.
func BenchmarkJudge(b *testing.B) {
	cases, judge := benchmarkJudge(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		judge.Judge(b.Context(), cases[i%len(cases)].notice)
	}
}

func BenchmarkNewJudge(b *testing.B) {
	p, view := baseProfile(b)
	longLog(p)
	b.ReportAllocs()
	for b.Loop() {
		forensics.NewJudge(p, view)
	}
}

func benchmarkJudge(b *testing.B) ([]judgeCase, *forensics.Judge) {
	p, view := baseProfile(b)
	longLog(p)
	return loadCases(b), forensics.NewJudge(p, view)
}

func longLog(p *forensics.Profile) {
	for i := range 100_000 {
		p.Log.Entries = append(p.Log.Entries, forensics.Sent{
			MessageID: fmt.Sprintf("<l%d@firm.example>", i), Time: p.Log.From, User: "ada",
			ClientIP: netip.MustParseAddr("198.51.100.140"), Recipients: []string{"kim@shop.example"},
		})
	}
}

// TestJudgeConcurrently gives the race detector one Judge and many users, who must
// get the answers of a lonely one.
func TestJudgeConcurrently(t *testing.T) {
	p, view := baseProfile(t)
	cases := loadCases(t)
	judge := forensics.NewJudge(p, view)
	want := make([]forensics.Judgement, len(cases))
	for i, c := range cases {
		want[i] = forensics.NewJudge(p, view).Judge(t.Context(), c.notice)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i, c := range cases {
				got := judge.Judge(t.Context(), c.notice)
				if got.Verdict != want[i].Verdict || got.Subtype != want[i].Subtype || got.Confidence != want[i].Confidence {
					t.Errorf("%s: %s/%s, alone %s/%s", c.name, got.Verdict, got.Subtype, want[i].Verdict, want[i].Subtype)
				}
			}
		})
	}
	wg.Wait()
}

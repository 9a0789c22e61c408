package forensics_test

import (
	"os"
	"path/filepath"
	"testing"

	"unspoof/bounce"
	"unspoof/forensics"
	"unspoof/internal/testdata"
)

// TestSuitesCorpus judges every bounce of the corpus for a profile that has
// nothing to do with it: each gets a whole answer, and none is called genuine or
// compromised.
func TestSuitesCorpus(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testdata.Dir(t, "bounces/eml"), "*.eml"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	p, view := baseProfile(t)
	judge := forensics.NewJudge(p, view)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := judge.Judge(t.Context(), bounce.Parse(data))
			checkManners(t, got)
			if got.Verdict == forensics.Genuine || got.Verdict == forensics.Compromised {
				t.Errorf("%s/%s", got.Verdict, got.Subtype)
			}
			if testing.Verbose() || t.Failed() {
				explain(t, got)
			}
		})
	}
}

package bounce_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"

	"unspoof/bounce"
	"unspoof/internal/testdata"
)

// TestSuitesScenarios checks what the scenarios say about the notices alone.
func TestSuitesScenarios(t *testing.T) {
	truth := testdata.Dir(t, "bounces/scenarios/truth.yaml")
	raw, err := os.ReadFile(truth)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Messages []struct {
			File   string
			Bounce bool
		}
	}
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	for _, m := range doc.Messages {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(truth), m.File))
		if err != nil {
			t.Fatal(err)
		}
		n := bounce.Parse(data)
		if n.Bounce != m.Bounce {
			t.Errorf("%s: bounce %v, want %v (%s)", m.File, n.Bounce, m.Bounce, n.Kind)
		}
		t.Log(m.File, n.Kind, n.Recipients, n.ReportingMTA, n.Original.Returned, n.Original.HeaderLine, n.Refusal, n.Warnings)
	}
}

package bounce_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"unspoof/bounce"
	"unspoof/internal/testdata"
)

// indexEntry is one message of the index; its fields are compared as JSON has
// them.
type indexEntry struct {
	File       string         `yaml:"file"`
	Kind       string         `yaml:"kind"`
	Bounce     bool           `yaml:"bounce"`
	Recipients []any          `yaml:"recipients"`
	Status     []any          `yaml:"status"`
	Action     []any          `yaml:"action"`
	MTA        any            `yaml:"reporting_mta"`
	Original   map[string]any `yaml:"original"`
	ARF        map[string]any `yaml:"arf"`
}

// TestSuitesBounces compares every message of the index, field by field.
func TestSuitesBounces(t *testing.T) {
	index := testdata.Dir(t, "bounces/index.yaml")
	raw, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Messages []indexEntry }
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	must := map[string]bool{"bounce": true, "kind": true, "original.subject": true, "original.message_id": true}
	right := map[string]int{}
	for _, e := range doc.Messages {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(index), e.File))
		if err != nil {
			t.Fatal(err)
		}
		got := flatten(t, bounce.Parse(data))
		for field, want := range e.fields() {
			if reflect.DeepEqual(got[field], want) {
				right[field]++
				continue
			}
			t.Logf("%s: %s is %v, want %v", e.File, field, show(got[field]), show(want))
			right[field] += 0
		}
		if _, ok := got["arf.feedback_type"]; ok && e.ARF == nil {
			t.Errorf("%s: has arf, want none", e.File)
		}
	}
	total := len(doc.Messages)
	var names []string
	for f := range right {
		names = append(names, f)
	}
	sort.Strings(names)
	for _, f := range names {
		of := total
		if strings.HasPrefix(f, "arf.") {
			of = arfCount(doc.Messages)
		}
		t.Logf("%-28s %d of %d", f, right[f], of)
		if must[f] && right[f] != of || right[f]*100 < 95*of {
			t.Errorf("%s: right on %d of %d messages", f, right[f], of)
		}
	}
}

func arfCount(list []indexEntry) int {
	n := 0
	for _, e := range list {
		if e.ARF != nil {
			n++
		}
	}
	return n
}

func (e indexEntry) fields() map[string]any {
	m := map[string]any{
		"kind": e.Kind, "bounce": e.Bounce, "recipients": e.Recipients, "status": e.Status, "action": e.Action, "reporting_mta": e.MTA,
	}
	for k, v := range e.Original {
		if n, ok := v.(int); ok {
			v = float64(n)
		}
		m["original."+k] = v
	}
	for k, v := range e.ARF {
		m["arf."+k] = v
	}
	return m
}

// flatten gives the JSON of a notice as field path and value.
func flatten(t *testing.T, n *bounce.Notice) map[string]any {
	t.Helper()
	b, err := json.Marshal(n.View())
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	for _, sub := range []string{"original", "arf"} {
		if o, ok := m[sub].(map[string]any); ok {
			for k, v := range o {
				m[sub+"."+k] = v
			}
		}
	}
	return m
}

func show(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

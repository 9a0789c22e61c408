package dnsfile

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/internal/testdata"
)

// Every conformance file that carries DNS data is readable, in the number of
// parts that it states.
func TestSuitesAreRead(t *testing.T) {
	tests := []struct {
		path string
		docs int
	}{
		{"spf/rfc7208-tests.yml", 16},
		{"spf/rfc7208-tests.json", 16},
		{"dkim/gen/cases.yml", 93},
		{"dkim/rfc/cases.yml", 5},
		{"dmarc/evaluate.yml", 76},
		{"bounces/scenarios/profile.yaml", 1},
		{"../bench/spf-workload.json", 1},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			path := testdata.Dir(t, tt.path)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			docs, err := Documents(filepath.Base(path), data)
			if err != nil {
				t.Fatal(err)
			}
			if len(docs) != tt.docs {
				t.Errorf("%d documents, want %d", len(docs), tt.docs)
			}
			var rest map[string]any
			if err := docs[0].Decode(&rest); err != nil || len(rest) == 0 {
				t.Errorf("Decode: %v, %d keys", err, len(rest))
			}
		})
	}
}

// The YAML and the JSON of the SPF suite say the same.
func TestSuitesYAMLAndJSONAgree(t *testing.T) {
	read := func(path string) []*section {
		data, err := os.ReadFile(testdata.Dir(t, path))
		if err != nil {
			t.Fatal(err)
		}
		s, err := read(path, data)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	y, j := read("spf/rfc7208-tests.yml"), read("spf/rfc7208-tests.json")
	for i := range y {
		if y[i].label != j[i].label {
			t.Fatalf("scenario %d: %q and %q", i, y[i].label, j[i].label)
		}
		for name, o := range y[i].owners {
			if other := j[i].owners[name]; other == nil || !sameOwner(o, other) {
				t.Errorf("%s: %s: YAML %+v, JSON %+v", y[i].label, name, o, other)
			}
		}
		if len(y[i].owners) != len(j[i].owners) {
			t.Errorf("%s: %d names and %d", y[i].label, len(y[i].owners), len(j[i].owners))
		}
	}
}

func TestSuitesClashIsNamed(t *testing.T) {
	_, err := Open(testdata.Dir(t, "spf/rfc7208-tests.yml"))
	if err == nil || !strings.Contains(err.Error(), `"e1.example.com" in document 5 (ALL mechanism syntax) at line`) {
		t.Errorf("Open of the whole suite: %v", err)
	}
}

func TestSuitesProfile(t *testing.T) {
	v, err := Open(testdata.Dir(t, "bounces/scenarios/profile.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []dns.Question{
		{Name: "brand.example", Type: dns.TypeTXT},
		{Name: "mx.brand.example", Type: dns.TypeA},
		{Name: "5.2.0.192.in-addr.arpa", Type: dns.TypePTR},
	} {
		if a, err := v.Lookup(context.Background(), q); err != nil || a.Void() {
			t.Errorf("%v: %+v, %v", q, a, err)
		}
	}
}

package dnsfile

import (
	"os"
	"strings"
	"testing"
)

// Every example of docs/dns-files.md is readable as it stands there.
func TestDocumentedExamplesAreRead(t *testing.T) {
	text, err := os.ReadFile("../../docs/dns-files.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i, section := range strings.Split(string(text), "\n## ") {
		var example []string
		for _, line := range strings.Split(section, "\n") {
			if code, ok := strings.CutPrefix(line, "    "); ok {
				example = append(example, code)
			}
		}
		if len(example) == 0 || strings.HasPrefix(example[0], "unspoof ") {
			continue
		}
		n++
		if _, err := Parse("example", []byte(strings.Join(example, "\n")+"\n")); err != nil {
			t.Errorf("section %d: %v", i, err)
		}
	}
	if n != 5 {
		t.Errorf("%d examples, want 5", n)
	}
}

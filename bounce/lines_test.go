package bounce_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"unspoof/bounce"
)

// TestHeaderLine checks that each line of an original that corresponds to a line
// of the notice is that line.
func TestHeaderLine(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	mapped := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n := bounce.Parse(data)
		if n.Original.HeaderLine == 0 {
			continue
		}
		mapped++
		lines := bytes.Split(data, []byte("\n"))
		if bytes.IndexByte(data, '\n') < 0 {
			lines = bytes.Split(data, []byte("\r"))
		}
		for _, f := range n.Original.Header.Fields {
			at := f.Line + n.Original.HeaderLine
			if at > len(lines) || !bytes.Contains(lines[at-1], []byte(f.Name+":")) {
				t.Errorf("%s: %s is line %d of the original, not line %d of the notice", filepath.Base(file), f.Name, f.Line, at)
			}
		}
	}
	if mapped < 40 {
		t.Errorf("only %d originals have lines of the notice", mapped)
	}
}

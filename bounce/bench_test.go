package bounce_test

import (
	"bytes"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"testing"

	"unspoof/bounce"
	"unspoof/internal/testdata"
)

// corpus gives the messages in a folder.
func corpus(tb testing.TB, dir string) [][]byte {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil {
		tb.Fatal(err)
	}
	var out [][]byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, b)
	}
	if len(out) == 0 {
		tb.Fatalf("no messages in %s", dir)
	}
	return out
}

// BenchmarkParse reads each message of the corpus once an iteration; msgs/s is
// what one core does.
func BenchmarkParse(b *testing.B) {
	msgs := corpus(b, testdata.Dir(b, "bounces/eml"))
	size := 0
	for _, m := range msgs {
		size += len(m)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, m := range msgs {
			bounce.Parse(m)
		}
	}
	b.ReportMetric(float64(b.N*len(msgs))/b.Elapsed().Seconds(), "msgs/s")
}

// BenchmarkFloor is what the standard library needs to split the same messages
// into header and body, and nothing else.
func BenchmarkFloor(b *testing.B) {
	msgs := corpus(b, testdata.Dir(b, "bounces/eml"))
	b.ReportAllocs()
	for b.Loop() {
		for _, m := range msgs {
			msg, err := mail.ReadMessage(bytes.NewReader(m))
			if err != nil {
				continue
			}
			if _, err := io.Copy(io.Discard, msg.Body); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N*len(msgs))/b.Elapsed().Seconds(), "msgs/s")
}

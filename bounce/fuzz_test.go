package bounce_test

import (
	"testing"

	"unspoof/bounce"
)

func FuzzBounce(f *testing.F) {
	for _, m := range corpus(f, "testdata") {
		f.Add(m)
	}
	for _, h := range hostile {
		f.Add([]byte(h.make(500)))
	}
	f.Fuzz(func(t *testing.T, m []byte) {
		if err := sound(bounce.Parse(m), m); err != nil {
			t.Fatal(err)
		}
	})
}

package intake_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"unspoof/internal/intake"
)

// FuzzMessages reads anything as an upload and as a stream: every step has a
// message or an error with a sentence, and the two ways give as many messages.
func FuzzMessages(f *testing.F) {
	for _, s := range []string{one, two, mbox, squeezed(mbox), "", "From ", "From x\n", "PK\x03\x04", "PK\x05\x06", "\x1f\x8b", "%PDF"} {
		f.Add([]byte(s))
	}
	f.Add([]byte(packed(f, "a.eml", one, "b.mbox", mbox)))
	f.Add([]byte(packed(f, "in.zip", packed(f, "a.eml", one), "a.gz", squeezed(one))))
	f.Add([]byte(squeezed(squeezed(squeezed(one)))))
	f.Fuzz(func(t *testing.T, data []byte) {
		given := func(args intake.Args) (n int) {
			for item, err := range intake.Messages(context.Background(), args) {
				var e *intake.Error
				switch {
				case err == nil && item.File == "":
					t.Error("a message without a name")
				case err == nil:
					n++
				case !errors.As(err, &e) || e.File == "" || e.Problem == "":
					t.Errorf("an error without a sentence: %#v", err)
				}
			}
			return n
		}
		upload := intake.Upload{Name: "up", Data: bytes.NewReader(data), Size: int64(len(data))}
		a := given(intake.Args{Uploads: []intake.Upload{upload}})
		b := given(intake.Args{Paths: []string{"-"}, Stdin: bytes.NewReader(data)})
		if a != b {
			t.Errorf("%d messages of the upload, %d of the stream", a, b)
		}
	})
}

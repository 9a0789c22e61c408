package bounce_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"unspoof/bounce"
	"unspoof/internal/testdata"
)

// mutants is how many damaged messages each corpus gives.
const mutants = 10_000

// maxTime is far more than a mutant may take: the slowest takes milliseconds, so
// that only a runaway is caught, on a busy machine too.
const maxTime = 5 * time.Second

func TestMutants(t *testing.T) {
	mutate(t, "testdata")
}

// TestSuitesMutants does the same to the messages of the index.
func TestSuitesMutants(t *testing.T) {
	mutate(t, testdata.Dir(t, "bounces/eml"))
}

// mutate damages the messages of a folder in every way that transport, storage
// and forgers do. The seed is fixed.
func mutate(t *testing.T, dir string) {
	t.Helper()
	msgs := corpus(t, dir)
	rnd := rand.New(rand.NewPCG(2, 4711))
	n := mutants
	if testing.Short() {
		n /= 10
	}
	for i := range n {
		m := bytes.Clone(msgs[i%len(msgs)])
		for range 1 + rnd.IntN(3) {
			m = damage(rnd, m, msgs[rnd.IntN(len(msgs))])
		}
		start := time.Now()
		err := try(m)
		if took := time.Since(start); took > maxTime {
			err = fmt.Errorf("took %v", took)
		}
		if err != nil {
			t.Fatalf("mutant %d: %v\n%.2000q", i, err, m)
		}
	}
}

// try parses a message and checks what holds for any.
func try(m []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return sound(bounce.Parse(m), m)
}

// sound checks what holds for the notice of any message.
func sound(n *bounce.Notice, m []byte) error {
	o := &n.Original
	switch {
	case n.Kind == "" || o.Returned == "":
		return fmt.Errorf("kind %q, returned %q", n.Kind, o.Returned)
	case n.Bounce && n.Kind != bounce.DSNFailed && n.Kind != bounce.NonstandardFailed && n.Kind != bounce.ProviderJSON:
		return fmt.Errorf("%s is a bounce", n.Kind)
	case len(o.Text) > 16<<10:
		return fmt.Errorf("text of %d octets", len(o.Text))
	case n.Refusal != nil && (len(n.Refusal.Text) > 500 || n.Refusal.Class == ""):
		return fmt.Errorf("refusal %+v", n.Refusal)
	case len(n.Warnings) > 50:
		return fmt.Errorf("%d warnings", len(n.Warnings))
	case o.Returned == bounce.ReturnedNone && (o.HasFrom || o.Raw != nil):
		return fmt.Errorf("nothing returned, but %q", o.From)
	}
	for _, w := range n.Warnings {
		if w.Offset < 0 || w.Text == "" {
			return fmt.Errorf("warning %+v", w)
		}
	}
	for _, f := range n.Header.Fields {
		if f.Offset+len(f.Raw) > len(m) || f.Line < 1 {
			return fmt.Errorf("field %q at %d, line %d", f.Name, f.Offset, f.Line)
		}
	}
	for _, f := range o.Header.Fields {
		if f.Offset+len(f.Raw) > len(o.Raw) || !bytes.Equal(o.Raw[f.Offset:f.Offset+len(f.Raw)], f.Raw) {
			return fmt.Errorf("original's field %q is not at %d", f.Name, f.Offset)
		}
	}
	return nil
}

// damage changes one thing.
func damage(rnd *rand.Rand, m, other []byte) []byte {
	if len(m) == 0 {
		return bytes.Clone(other)
	}
	at := rnd.IntN(len(m))
	end := min(len(m), at+rnd.IntN(200))
	switch rnd.IntN(12) {
	case 0: // cut off
		return m[:at]
	case 1: // the start is lost
		return m[at:]
	case 2: // an octet changed
		m[at] = byte(rnd.IntN(256))
	case 3: // bits flipped
		for range 20 {
			m[rnd.IntN(len(m))] ^= 1 << rnd.IntN(8)
		}
	case 4: // a line is lost
		lines := bytes.SplitAfter(m, []byte("\n"))
		k := rnd.IntN(len(lines))
		return bytes.Join(append(lines[:k:k], lines[k+1:]...), nil)
	case 5: // a line comes twice
		lines := bytes.SplitAfter(m, []byte("\n"))
		k := rnd.IntN(len(lines))
		return bytes.Join(append(lines[:k+1:k+1], lines[k:]...), nil)
	case 6: // two messages run into each other
		return append(m[:at:at], other[rnd.IntN(len(other)+1):]...)
	case 7: // a delimiter is damaged
		if i := bytes.Index(m[at:], []byte("--")); i >= 0 {
			m[at+i+rnd.IntN(2)] = 'x'
		}
	case 8: // a stretch is lost
		return append(m[:at:at], m[end:]...)
	case 9: // a stretch comes many times
		return append(m[:end:end], bytes.Repeat(m[at:end], 1+rnd.IntN(20))...)
	case 10: // line ends changed
		if rnd.IntN(2) == 0 {
			return bytes.ReplaceAll(m, []byte("\n"), []byte("\r\n"))
		}
		return bytes.ReplaceAll(m, []byte("\n"), []byte("\r"))
	case 11: // indentation lost
		return bytes.ReplaceAll(m, []byte("\n\t"), []byte("\n"))
	}
	return m
}

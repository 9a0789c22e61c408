package mbox

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const sep = "From a@b.example Thu Jul 10 16:31:43 2014\n"

// read gives all messages of a mailbox.
func read(t testing.TB, r *Reader) []string {
	t.Helper()
	var out []string
	for {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		out = append(out, string(b))
		if len(out) > 1000 {
			t.Fatal("no end")
		}
	}
}

func TestNext(t *testing.T) {
	for _, tc := range []struct {
		name    string
		variant Variant
		in      string
		want    []string
	}{
		{"two messages", Auto, sep + "A: 1\n\nx\n\n" + sep + "A: 2\n\ny\n\n", []string{"A: 1\n\nx\n", "A: 2\n\ny\n"}},
		{"no final line end", Auto, sep + "A: 1\n\nx", []string{"A: 1\n\nx"}},
		{"no blank line at the end", Auto, sep + "A: 1\n\nx\n", []string{"A: 1\n\nx\n"}},
		{"CRLF", Auto, "From a Thu Jul 10 16:31:43 2014\r\nA: 1\r\n\r\nx\r\n\r\nFrom b Thu Jul 10 16:31:44 2014\r\nA: 2\r\n\r\n", []string{"A: 1\r\n\r\nx\r\n", "A: 2\r\n\r\n"}},
		{"an empty message", Auto, sep + "\n" + sep + "A: 2\n\n", []string{"\n", "A: 2\n\n"}},
		{"leading blank lines", Auto, "\n\n" + sep + "A: 1\n\nx\n", []string{"A: 1\n\nx\n"}},
		{"byte order mark", Auto, "\ufeff" + sep + "A: 1\n\nx\n", []string{"A: 1\n\nx\n"}},
		{"dates of many programs", Auto,
			"From MAILER-DAEMON Fri Jan 1 00:0:00 2015\nA: 1\n\nx\n\nFrom - Tue Jan  2 10:00:00 2024\nA: 2\n\nx\n\n" +
				"From 1735@xxx Mon Jan 01 00:00:00 +0000 2024\nA: 3\n\nx\n\nFrom a b c Mon, 01 Jan 2024 00:00:00 +0100 (CET)\nA: 4\n\nx\n",
			[]string{"A: 1\n\nx\n", "A: 2\n\nx\n", "A: 3\n\nx\n", "A: 4\n\nx\n"}},
		{"an address alone separates before a header", Auto, "From a@b.example\nA: 1\n\nx\n\nFrom c@d.example\nA: 2\n\nFrom e@f.example\nno header\n", []string{"A: 1\n\nx\n", "A: 2\n\nFrom e@f.example\nno header\n"}},
		{"a sentence does not separate", Auto, sep + "A: 1\n\nx\n\nFrom Monday Jan 5 10:00 2015 we were all there\nFrom here on\n", []string{"A: 1\n\nx\n\nFrom Monday Jan 5 10:00 2015 we were all there\nFrom here on\n"}},
		{"a separator needs a blank line before it", Auto, sep + "A: 1\n\nx\n" + sep + "y\n", []string{"A: 1\n\nx\n" + sep + "y\n"}},
		{"a header is no place for a separator", Auto, sep + "A: 1\n" + sep + "B: 1\n\nx\n", []string{"A: 1\n" + sep + "B: 1\n\nx\n"}},
		{"mboxrd takes one mark off", MboxRD, sep + "A: 1\n\n>From x\n>>From y\n>>>From z\n> From q\n>>>\n", []string{"A: 1\n\nFrom x\n>From y\n>>From z\n> From q\n>>>\n"}},
		{"mboxo takes the first mark only", MboxO, sep + "A: 1\n\n>From x\n>>From y\n", []string{"A: 1\n\nFrom x\n>>From y\n"}},
		{"mboxcl takes the first mark", MboxCL, sep + "Content-Length: 16\n\n>From x\n>>From y\n", []string{"Content-Length: 16\n\nFrom x\n>>From y\n"}},
		{"mboxcl2 marks nothing", MboxCL2, sep + "Content-Length: 8\n\n>From x\n\n" + sep + "A: 2\n\n", []string{"Content-Length: 8\n\n>From x\n", "A: 2\n\n"}},
		{"a marked line at the start of a body", Auto, sep + "A: 1\n\n>From x\n", []string{"A: 1\n\nFrom x\n"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, src := range []io.Reader{strings.NewReader(tc.in), iotest.OneByteReader(strings.NewReader(tc.in)), iotest.DataErrReader(strings.NewReader(tc.in))} {
				r := NewReader(src)
				r.Variant = tc.variant
				if got := read(t, r); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", tc.want) {
					t.Errorf("got  %q\nwant %q", got, tc.want)
				}
			}
		})
	}
}

func TestContentLength(t *testing.T) {
	body := "one\n\n" + sep + "Subject: inside\n\ntwo\n"
	long := strings.Repeat("x", 100_000) + "\n"
	length := func(n int) string { return fmt.Sprintf("Content-Length: %d\n\n", n) }
	for _, tc := range []struct {
		name string
		in   string
		want []string
	}{
		{"a right length holds a separator back", sep + length(len(body)) + body + "\n" + sep + "A: 2\n\ny\n", []string{length(len(body)) + body, "A: 2\n\ny\n"}},
		{"a right length at the end", sep + length(len(body)) + body, []string{length(len(body)) + body}},
		{"behind an unmarked separator nothing is unmarked", sep + length(len(body)) + body + "\n" + sep + "A: 2\n\n>From y\n", []string{length(len(body)) + body, "A: 2\n\n>From y\n"}},
		{"a length too long is not believed", sep + length(len(body)+7) + body + "\n" + sep + "A: 2\n\ny\n", []string{length(len(body)+7) + "one\n", "Subject: inside\n\ntwo\n", "A: 2\n\ny\n"}},
		{"a length beyond the end is not believed", sep + length(9999) + body, []string{length(9999) + "one\n", "Subject: inside\n\ntwo\n"}},
		{"a length inside a line is not believed", sep + length(30) + body + "\n" + sep + "A: 2\n\ny\n", []string{length(30) + "one\n", "Subject: inside\n\ntwo\n", "A: 2\n\ny\n"}},
		{"a length too short is not believed", sep + length(2) + body, []string{length(2) + "one\n", "Subject: inside\n\ntwo\n"}},
		{"no length is believed after a wrong one", sep + length(2) + "x\nz\n\n" + sep + length(len(body)) + body, []string{length(2) + "x\nz\n", length(len(body)) + "one\n", "Subject: inside\n\ntwo\n"}},
		{"a wrong length over long lines", sep + length(150_000) + "x\n\n" + sep + "A: 2\n\n" + long + long + "\n" + sep + "A: 3\n\n", []string{length(150_000) + "x\n", "A: 2\n\n" + long + long, "A: 3\n\n"}},
		{"nonsense", sep + "Content-Length: -5\nContent-Length: 99999999999999999999\nContent-Length: x\n\nx\n", []string{"Content-Length: -5\nContent-Length: 99999999999999999999\nContent-Length: x\n\nx\n"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := read(t, NewReader(strings.NewReader(tc.in))); fmt.Sprintf("%.400q", got) != fmt.Sprintf("%.400q", tc.want) || len(strings.Join(got, "")) != len(strings.Join(tc.want, "")) {
				t.Errorf("got  %.300q\nwant %.300q", got, tc.want)
			}
		})
	}
}

func TestNotMbox(t *testing.T) {
	for _, in := range []string{"Subject: x\n\nbody\n", "From here on it is prose\nand more\n", "\x1f\x8b\x08", "PK\x03\x04", "hello", "From ", "<html>"} {
		_, err := NewReader(strings.NewReader(in)).Next()
		if !errors.Is(err, ErrNotMbox) {
			t.Errorf("%q: %v, want ErrNotMbox", in, err)
		}
	}
	for _, in := range []string{"", "\n\n"} {
		if _, err := NewReader(strings.NewReader(in)).Next(); !errors.Is(err, io.EOF) {
			t.Errorf("%q: %v, want io.EOF", in, err)
		}
	}
}

func TestLimit(t *testing.T) {
	long := strings.Repeat("y", 300_000)
	r := NewReader(strings.NewReader(sep + "A: 1\n\n" + long + "\n" + long + "\n\n" + sep + "A: 2\n\nz\n"))
	r.Limit = 100
	b, err := r.Next()
	if err != nil || len(b) != 100 || r.Lost() != 600_009-100 {
		t.Errorf("first message: %d octets, %d lost, %v", len(b), r.Lost(), err)
	}
	b, err = r.Next()
	if err != nil || string(b) != "A: 2\n\nz\n" || r.Lost() != 0 || r.Number() != 2 || r.Offset() != int64(len(sep))+600_010-1+0 {
		t.Errorf("second message: %q, lost %d, number %d, offset %d, %v", b, r.Lost(), r.Number(), r.Offset(), err)
	}
}

func TestOffsets(t *testing.T) {
	in := "\n" + sep + "A: 1\n\nx\n\n" + sep + "A: 2\n\nx\n"
	r := NewReader(strings.NewReader(in))
	for i := 1; ; i++ {
		_, err := r.Next()
		if err != nil {
			break
		}
		if r.Number() != i || !strings.HasPrefix(in[r.Offset():], sep) {
			t.Errorf("message %d: number %d, offset %d", i, r.Number(), r.Offset())
		}
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("disk gone")
	r := NewReader(io.MultiReader(strings.NewReader(sep+"A: 1\n\nx"), iotest.ErrReader(broken)))
	b, err := r.Next()
	if err != nil || string(b) != "A: 1\n\nx" {
		t.Errorf("what was read: %q, %v", b, err)
	}
	for range 2 {
		if _, err = r.Next(); !errors.Is(err, broken) {
			t.Errorf("then: %v", err)
		}
	}
}

// TestLongLine reads a line of 50 MB in pieces.
func TestLongLine(t *testing.T) {
	size := int64(50 << 20)
	if testing.Short() {
		size = 5 << 20
	}
	r := NewReader(io.MultiReader(strings.NewReader(sep+"A: 1\n\n"), io.LimitReader(endless('x'), size), strings.NewReader("\n\n"+sep+"A: 2\n\n")))
	r.Limit = 1 << 20
	b, err := r.Next()
	if err != nil || len(b) != 1<<20 || r.Lost() != size+8-1<<20 {
		t.Errorf("%d octets, lost %d, %v", len(b), r.Lost(), err)
	}
	if b, err = r.Next(); err != nil || string(b) != "A: 2\n\n" {
		t.Errorf("next: %q, %v", b, err)
	}
}

// endless is a reader of one octet for ever.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func FuzzMbox(f *testing.F) {
	f.Add(sep+"A: 1\n\nx\n\n"+sep+"Content-Length: 4\n\n>From\n", 0)
	f.Add("From a@b.example\r\nA: 1\r\n\r\n>>From x\r\n", 1)
	f.Add(sep+"Content-Length: 50\n\none\n\n"+sep+"two\n\nthree\n", 100)
	f.Fuzz(func(t *testing.T, in string, limit int) {
		r := NewReader(strings.NewReader(in))
		r.Limit = limit % 1_000_000
		total := 0
		last := int64(-1)
		for {
			b, err := r.Next()
			if err != nil {
				break
			}
			if r.Offset() <= last || r.Offset() >= int64(len(in)) || !strings.HasPrefix(in[r.Offset():], "From ") {
				t.Fatalf("offset %d after %d", r.Offset(), last)
			}
			last = r.Offset()
			if r.Limit > 0 && len(b) > r.Limit {
				t.Fatalf("%d octets over the limit", len(b))
			}
			if total += len(b); total > len(in) {
				t.Fatal("more came out than went in")
			}
		}
	})
}

package dkim

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestBodyCanonicalisation(t *testing.T) {
	for _, c := range []struct{ name, body, simple, relaxed string }{
		{"empty", "", "\r\n", ""},
		{"one line end", "\r\n", "\r\n", ""},
		{"many line ends", "\r\n\r\n\r\n", "\r\n", ""},
		{"white space alone", " \t", " \t\r\n", ""},
		{"a line of white space", " \t \r\n", " \t \r\n", ""},
		{"RFC 6376 section 3.4.5", " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"},
		{"no line end", "a", "a\r\n", "a\r\n"},
		{"white space at the end", "a \t ", "a \t \r\n", "a\r\n"},
		{"empty lines between", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n"},
		{"lines of white space between", "a\r\n \t\r\nb\r\n \r\n", "a\r\n \t\r\nb\r\n \r\n", "a\r\n\r\nb\r\n"},
		{"white space at the start", " \ta\r\n", " \ta\r\n", " a\r\n"},
		{"a tab", "a\tb\r\n", "a\tb\r\n", "a b\r\n"},
		{"bare LF", "a\nb\n\n", "a\r\nb\r\n", "a\r\nb\r\n"},
		{"white space before a bare LF", "a \n", "a \r\n", "a\r\n"},
		{"bare CR", "a\rb\r\n", "a\rb\r\n", "a\rb\r\n"},
		{"bare CR at the end", "a\r", "a\r\r\n", "a\r\r\n"},
		{"CR CR LF", "a\r\r\n", "a\r\r\n", "a\r\r\n"},
		{"white space, CR", "a \r b\r\n", "a \r b\r\n", "a \r b\r\n"},
		{"LF CR", "a\n\rb\n", "a\r\n\rb\r\n", "a\r\n\rb\r\n"},
		{"other controls", "a\x00 \x0b\x0c b\r\n", "a\x00 \x0b\x0c b\r\n", "a\x00 \x0b\x0c b\r\n"},
		{"8 bit", "\xa0 \xa0  \xff\r\n", "\xa0 \xa0  \xff\r\n", "\xa0 \xa0 \xff\r\n"},
		{"dots", ".\r\n..\r\n", ".\r\n..\r\n", ".\r\n..\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, form := range []struct {
				c    Canonicalization
				want string
			}{{Simple, c.simple}, {Relaxed, c.relaxed}} {
				if got := string(canonicalBody([]byte(c.body), form.c)); got != form.want {
					t.Errorf("%s: %q, want %q", form.c, got, form.want)
				}
				for n := 1; n <= 4; n++ {
					if got := string(inPieces([]byte(c.body), form.c, n)); got != form.want {
						t.Errorf("%s in pieces of %d: %q, want %q", form.c, n, got, form.want)
					}
				}
			}
		})
	}
}

// inPieces canonicalises a body given n octets at a time.
func inPieces(body []byte, c Canonicalization, n int) []byte {
	var out bytes.Buffer
	b := bodyCanon{out: &out, relaxed: c == Relaxed}
	for len(body) > 0 {
		k := min(n, len(body))
		b.Write(body[:k])
		body = body[k:]
	}
	b.finish()
	return out.Bytes()
}

// slowCanon is the canonicaliser as the RFC words it, by whole lines.
func slowCanon(body []byte, c Canonicalization) []byte {
	var lines []string
	text := strings.ReplaceAll(strings.ReplaceAll(string(body), "\r\n", "\n"), "\n", "\r\n")
	for text != "" {
		line, rest, _ := strings.Cut(text, "\r\n")
		if c == Relaxed { // section 3.4.4
			line = strings.TrimRight(line, " \t")
			var b strings.Builder
			for i := 0; i < len(line); i++ {
				if !isWSP(line[i]) {
					b.WriteByte(line[i])
				} else if i == 0 || !isWSP(line[i-1]) {
					b.WriteByte(' ')
				}
			}
			line = b.String()
		}
		lines = append(lines, line)
		text = rest
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 0 && c == Relaxed {
		return []byte{}
	}
	return []byte(strings.Join(lines, "\r\n") + "\r\n")
}

func TestBodyCanonicalisationAsTheRFCWordsIt(t *testing.T) {
	const alphabet = "ab   \t\t\r\n\r\n\n\r\x00\xa0"
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		body := make([]byte, rnd.IntN(60))
		for i := range body {
			body[i] = alphabet[rnd.IntN(len(alphabet))]
		}
		for _, c := range []Canonicalization{Simple, Relaxed} {
			want := slowCanon(body, c)
			if got := canonicalBody(body, c); !bytes.Equal(got, want) {
				t.Fatalf("%s of %q: %q, want %q", c, body, got, want)
			}
			if got := inPieces(body, c, 1+rnd.IntN(9)); !bytes.Equal(got, want) {
				t.Fatalf("%s of %q in pieces: %q, want %q", c, body, got, want)
			}
		}
	}
}

func TestHeaderCanonicalisation(t *testing.T) {
	for _, c := range []struct{ name, raw, simple, relaxed string }{
		{"RFC 6376 section 3.4.5", "A: X\r\n", "A: X\r\n", "a:X\r\n"},
		{"folded", "B : Y\t\r\n\tZ  \r\n", "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n"},
		{"empty", "X:\r\n", "X:\r\n", "x:\r\n"},
		{"white space alone", "X: \t\r\n \r\n", "X: \t\r\n \r\n", "x:\r\n"},
		{"two colons", "X: a: b\r\n", "X: a: b\r\n", "x:a: b\r\n"},
		{"bare LF", "X: a\n b\n", "X: a\r\n b\r\n", "x:a b\r\n"},
		{"no line end", "X: a", "X: a\r\n", "x:a\r\n"},
		{"a bare CR", "X: a\rb\r\n", "X: a\rb\r\n", "x:a\rb\r\n"},
		{"8 bit", "X: \xc3\xa4  \xa0\r\n", "X: \xc3\xa4  \xa0\r\n", "x:\xc3\xa4 \xa0\r\n"},
		{"space before a fold", "X: a \r\n  b\r\n", "X: a \r\n  b\r\n", "x:a b\r\n"},
		{"a control octet", "X: a\x00 b\r\n", "X: a\x00 b\r\n", "x:a\x00 b\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, form := range []struct {
				c    Canonicalization
				want string
			}{{Simple, c.simple}, {Relaxed, c.relaxed}} {
				if got := string(AppendField([]byte("before"), []byte(c.raw), form.c)); got != "before"+form.want {
					t.Errorf("%s: %q, want %q", form.c, got, form.want)
				}
			}
		})
	}
}

func TestUnsignedFieldLosesOnlyItsValue(t *testing.T) {
	for _, c := range []struct{ field, want string }{
		{"DKIM-Signature: a=x; b=AB\r\n CD ; c=simple\r\n", "DKIM-Signature: a=x; b=; c=simple"},
		{"DKIM-Signature: a=x; b = AB\r\n", "DKIM-Signature: a=x; b ="},
		{"DKIM-Signature: bh=b; b=A; x=b=\r\n", "DKIM-Signature: bh=b; b=; x=b="},
		{"DKIM-Signature:\tc=relaxed;  b=A;\r\n\ta=x\r\n", "dkim-signature:c=relaxed; b=; a=x"},
	} {
		s, _ := parseSignature([]byte(c.field), DKIM)
		s.HeaderCanon = Simple
		if strings.Contains(c.field, "relaxed") {
			s.HeaderCanon = Relaxed
		}
		if got := string(s.AppendUnsigned(nil)); got != c.want {
			t.Errorf("%q: %q, want %q", c.field, got, c.want)
		}
	}
}

func TestBodyHashStopsWhereItIsAsked(t *testing.T) {
	body := []byte(strings.Repeat("a line  of text \r\n", 500))
	canonical := canonicalBody(body, Relaxed)
	b := newBodyHash(Relaxed)
	limits := []int64{0, 5, 5, int64(len(canonical)), 2047, 2048, 2049, int64(len(canonical)) + 1, 1 << 62, -1}
	for _, l := range limits {
		b.want(l)
	}
	b.canon.Write(body)
	b.finish()
	for _, l := range limits {
		sum, ok := b.at(l)
		n := min(max(l, 0), int64(len(canonical)))
		if l < 0 {
			n = int64(len(canonical))
		}
		want := newBodyHash(Simple)
		want.Write(canonical[:n])
		want.hash.Sum(want.whole[:0])
		if ok != (l <= int64(len(canonical))) || ok && sum != want.whole {
			t.Errorf("l=%d: %x, %v", l, sum, ok)
		}
	}
	if sum, size := BodyDigest(nil, Relaxed, 0); size != 0 || sum == [32]byte{} {
		t.Errorf("l=0 of an empty body: %x, %d", sum, size)
	}
}

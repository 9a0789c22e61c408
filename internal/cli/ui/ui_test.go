package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
)

// hostile are texts by which mail has taken over terminals or readers.
var hostile = []string{
	"\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\", "\x1b[201~rm -rf\n",
	"a\rb", "a\nb", "a\tb", "a\bb", "a\x00b", "\x7f", "\u009b2J", "\u0085", "\u2028", "\u2029",
	"\u202egnp.exe", "\u2066x\u2069", "\u200f", "\u061c", "\u200b\u200d\ufeff", "\u00ad", "\U000e0041", "\ue000", "\xff\xfe\x80", "\ufff9",
	strings.Repeat("\x1b", 1000), "\xed\xa0\x80",
}

func harmless(t *testing.T, shown string) {
	t.Helper()
	for _, r := range shown {
		if r != '\n' && r != ' ' && r != 0xfffd && !unicode.IsPrint(r) {
			t.Errorf("%q reaches the terminal in %q", r, shown)
			return
		}
	}
}

func TestCleanTakesAwayWhatATerminalObeys(t *testing.T) {
	for _, s := range hostile {
		got := Clean(s)
		harmless(t, got)
		if strings.Contains(got, "\n") {
			t.Errorf("%q becomes more than one line: %q", s, got)
		}
	}
}

func TestCleanKeepsWhatPeopleWrite(t *testing.T) {
	for _, s := range []string{"", "plain", "Zürich – 5 €", "Уведомление", "邮件退回", "メール", "café́", "a “b” …", "שלום", "😀"} {
		if got := Clean(s); got != s {
			t.Errorf("Clean(%q) = %q", s, got)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		harmless(t, Clean(s))
		harmless(t, Cut(Clean(s), 10))
	})
}

func TestNoArgumentReachesTheTerminalUncleaned(t *testing.T) {
	for _, colour := range []bool{false, true} {
		for _, s := range hostile {
			var b bytes.Buffer
			o := &Out{w: &b, width: 60, colour: colour}
			o.Line("%s %v %s", s, errors.New(s), o.As(Red, s))
			o.Text("  - ", "%s and %q", s, s)
			o.Heading("%s", s)
			o.Raw(2, s)
			o.Table(2, [][]any{{s, 3, o.As(Dim, s)}, {errors.New(s), []string{s}, s}})
			text := b.String()
			for _, style := range []Style{Bold, Dim, Red} {
				text = strings.ReplaceAll(text, "\x1b["+string(style)+"m", "")
			}
			harmless(t, strings.ReplaceAll(text, "\x1b[0m", ""))
		}
	}
}

func TestJSONMeansTheSameAndIsHarmless(t *testing.T) {
	for _, s := range hostile {
		var b bytes.Buffer
		enc := json.NewEncoder(JSON(&b))
		if err := enc.Encode(map[string]string{"v": s}); err != nil {
			t.Fatal(err)
		}
		harmless(t, b.String())
		var back map[string]string
		if err := json.Unmarshal(b.Bytes(), &back); err != nil {
			t.Fatalf("%q: %v", b.String(), err)
		}
		if back["v"] != strings.ToValidUTF8(s, "\ufffd") && len(strings.ToValidUTF8(s, "")) == len(s) {
			t.Errorf("%q comes back as %q", s, back["v"])
		}
	}
}

func TestJSONHoldsRunesThatAreCutInTwo(t *testing.T) {
	var b bytes.Buffer
	w := JSON(&b)
	for _, c := range []byte("\"é\u202e😀\U000e0041\"") {
		if _, err := w.Write([]byte{c}); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := b.String(), `"é\u202e😀\udb40\udc41"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTextFoldsUnderItsLead(t *testing.T) {
	var b bytes.Buffer
	o := &Out{w: &b, width: 20}
	o.Text("- ", "one two three four five %s", "averyveryverylongwordthatstands")
	want := "- one two three four\n  five\n  averyveryverylongwordthatstands\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestTableCountsColumnsNotOctets(t *testing.T) {
	var b bytes.Buffer
	o := &Out{w: &b, width: 60}
	o.Table(0, [][]any{{"邮件", "x"}, {"ab", "y"}, {"é", "z"}})
	if want := "邮件  x\nab    y\né     z\n"; b.String() != want {
		t.Errorf("got\n%s want\n%s", b.String(), want)
	}
}

func TestBarShowsAnythingAboveZero(t *testing.T) {
	for _, c := range []struct {
		n, most int
		want    string
	}{{0, 10, ""}, {1, 1000, "▏"}, {10, 10, "████"}, {5, 10, "██"}, {3, 0, ""}} {
		if got := Bar(c.n, c.most, 4); got != c.want {
			t.Errorf("Bar(%d, %d) = %q, want %q", c.n, c.most, got, c.want)
		}
	}
}

func TestNoColourInAPipe(t *testing.T) {
	o := NewOut(io.Discard, func(string) string { return "" })
	if got := o.As(Red, "x"); got != "x" {
		t.Errorf("got %q", got)
	}
}

func TestTheFirstErrorEndsTheOutput(t *testing.T) {
	o := NewOut(brokenPipe{}, func(string) string { return "" })
	o.Line("a")
	o.Line("b")
	if !errors.Is(o.Err(), io.ErrClosedPipe) {
		t.Errorf("got %v", o.Err())
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestDataIsAsItIsInAPipeAndCleanOnATerminal(t *testing.T) {
	const mail = "Subject: \x1b[2Jhello\r\n\r\ntext without end"
	var pipe, terminal bytes.Buffer
	for _, w := range []io.Writer{Data(&pipe), &cleaner{&terminal}} {
		if n, err := io.WriteString(w, mail); n != len(mail) || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	if pipe.String() != mail {
		t.Errorf("in a pipe %q", pipe.String())
	}
	if want := "Subject: \ufffd[2Jhello\n\ntext without end"; terminal.String() != want {
		t.Errorf("on a terminal %q, want %q", terminal.String(), want)
	}
}

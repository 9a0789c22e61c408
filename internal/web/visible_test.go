package web

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestVisible(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain text stays", "a <b> & ü 漢 🎉", "a <b> & ü 漢 🎉"},
		{"line ends and tabs stay", "a\n\tb", "a\n\tb"},
		{"carriage return goes", "a\r\nb", "a\nb"},
		{"escape sequence", "\x1b[31mred", "[U+001B][31mred"},
		{"nul, bell, delete", "\x00\a\x7f", "[U+0000][U+0007][U+007F]"},
		{"C1 control", "\u0085", "[U+0085]"},
		{"right to left override", "exe\u202etxt", "exe[U+202E]txt"},
		{"isolates and marks", "\u2066\u2069\u200e\u200f\u061c", "[U+2066][U+2069][U+200E][U+200F][U+061C]"},
		{"joiners and zero width", "pay\u200bpal\u200d\ufeff\u2060\u00ad", "pay[U+200B]pal[U+200D][U+FEFF][U+2060][U+00AD]"},
		{"line separators", "\u2028\u2029", "[U+2028][U+2029]"},
		{"tags", "\U000e0041", "[U+E0041]"},
		{"fillers", "\u3164\u115f", "[U+3164][U+115F]"},
		{"no UTF-8", "a\xffb\xc3", "a\ufffdb\ufffd"},
		{"emoji selector stays", "❤\ufe0f", "❤\ufe0f"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(visible([]byte(tt.in))); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestDefang(t *testing.T) {
	tests := []struct{ in, want string }{
		{"no link", "no link"},
		{"http://a.example/x", "http[://]a.example/x"},
		{"see HTTPS://a.example", "see HTTPS[://]a.example"},
		{"ftp://a http://b", "ftp[://]a http[://]b"},
		{"hxxp://a hxxps://b[.]c http://d", "hxxp://a hxxps://b[.]c http[://]d"},
		{"://", "[://]"},
		{"", ""},
	}
	for _, tt := range tests {
		if got := defang(tt.in); got != tt.want {
			t.Errorf("defang(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzVisible(f *testing.F) {
	f.Add("a\u202eb\x00\xff")
	f.Add("http://x.example\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		out := string(visible([]byte(s)))
		if !utf8.ValidString(out) {
			t.Errorf("%q is no UTF-8", out)
		}
		for _, r := range out {
			if r != '\n' && r != '\t' && hides(r) {
				t.Errorf("%q still holds U+%04X", out, r)
			}
		}
		for _, before := range strings.SplitAfter(defang(s), "://") {
			scheme, ok := strings.CutSuffix(strings.ToLower(before), "://")
			if ok && !strings.HasSuffix(scheme, "[") && !strings.HasSuffix(scheme, "hxxp") && !strings.HasSuffix(scheme, "hxxps") {
				t.Errorf("%q still holds a link", defang(s))
			}
		}
	})
}

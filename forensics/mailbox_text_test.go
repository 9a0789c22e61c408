package forensics

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPlainTextHidesNothingAndMovesNothing(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"text stays", "Grüße, 你好", "Grüße, 你好"},
		{"blanks are joined and trimmed", " a \t\r\n  b ", "a b"},
		{"escape sequences lose their escape", "a\x1b[31mb\x07", "a[31mb"},
		{"C1 controls go", "a\u009bb", "ab"},
		{"bidirectional marks go", "a\u202etxt.exe\u202c\u2066b\u2069", "atxt.exeb"},
		{"zero-width characters go", "pay\u200bpal\ufeff", "paypal"},
		{"tags and variation selectors go", "a\U000E0041\ufe0fb", "ab"},
		{"line separators are blanks", "a\u2028b", "a b"},
		{"fillers are blanks", "a\u3164\u3164b", "a b"},
		{"piles of marks are cut", "a" + strings.Repeat("\u0301", 50), "a" + strings.Repeat("\u0301", 3)},
		{"broken UTF-8 is made visible", "a\xffb", "a\ufffdb"},
		{"long text is cut between characters", strings.Repeat("ü", 100), strings.Repeat("ü", 18) + "…"},
		{"text of exactly the limit is whole", strings.Repeat("x", 40), strings.Repeat("x", 40)},
		{"nothing", "", ""},
	} {
		got := plainText(c.in, 40)
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzPlainText(f *testing.F) {
	f.Add("a\u202eb", 10)
	f.Add(strings.Repeat("\u0301", 90), 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = max(4, min(limit, 500))
		got := plainText(s, limit)
		if len(got) > limit || !utf8.ValidString(got) {
			t.Errorf("%q: %d octets of %d", got, len(got), limit)
		}
		for _, r := range got {
			if isHiddenRune(r) || r != ' ' && isBlankRune(r) {
				t.Errorf("%q holds %U", got, r)
			}
		}
		if again := plainText(got, limit); again != got {
			t.Errorf("%q becomes %q", got, again)
		}
	})
}

func TestScriptOf(t *testing.T) {
	for in, want := range map[string]string{
		"Your account is limited": "Latin",
		"Ваш аккаунт заблокирован https://a.example": "Cyrillic",
		"您的帐户":   "Han",
		"アカウント":  "Kana",
		"1234 !": "",
		"":       "",
	} {
		got := ""
		if i := scriptOf(in); i >= 0 {
			got = scripts[i].name
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

package message

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestDecodeWords(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "Hello world", "Hello world"},
		{"B", "=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"},
		{"Q", "=?iso-8859-1?q?Gr=FC=DFe_an_alle?=", "Grüße an alle"},
		{"space between words goes", "=?utf-8?q?a?= =?utf-8?q?b?=", "ab"},
		{"fold between words goes", "=?utf-8?q?a?=\t =?utf-8?q?b?= c", "ab c"},
		{"text between words stays", "=?utf-8?q?a?= and =?utf-8?q?b?=", "a and b"},
		{"words of two charsets", "=?iso-8859-1?q?=E4?= =?utf-8?q?=C3=A4?=", "ää"},
		{"a character cut in two", "=?utf-8?B?w7w=?= =?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "üü"},
		{"ISO 2022-JP", "=?ISO-2022-JP?B?GyRCJEskYyE8JHMbKEI=?=", "にゃーん"},
		{"too much padding", "=?ISO-2022-JP?B?GyRCJEskYyE8JHMbKEI==?=", "にゃーん"},
		{"no padding", "=?utf-8?B?R3LDvMOfZQ?=", "Grüße"},
		{"a language", "=?utf-8*de?q?Gr=C3=BC=C3=9Fe?=", "Grüße"},
		{"an unknown charset", "=?x-none?q?Gr=FC=DFe?=", "Grüße"},
		{"a question mark not encoded", "=?utf-8?q?what?_is?=", "what? is"},
		{"space not encoded", "=?utf-8?q?a b?=", "a b"},
		{"a broken word stays", "=?utf-8?q?a", "=?utf-8?q?a"},
		{"an unknown encoding stays", "=?utf-8?x?a?=", "=?utf-8?x?a?="},
		{"a lone equals sign stays", "=?utf-8?q?a=zz=?=", "a=zz="},
		{"words touch text", "a=?utf-8?q?b?=c", "abc"},
		{"an empty word", "=?US-ASCII?Q??= x", " x"},
		{"raw UTF-8", "Grüße", "Grüße"},
		{"raw Latin-1", "Gr\xfc\xdfe", "Grüße"},
		{"raw ISO 2022-JP", "\x1b$B$K$c!<$s\x1b(B", "にゃーん"},
		{"encoded line ends become spaces", "=?utf-8?q?a=0D=0Ab?=", "a  b"},
		{"koi8-r", "=?koi8-r?B?8NLJ18XU?=", "Привет"},
		{"gb2312", "=?gb2312?B?xOO6ww==?=", "你好"},
		{"euc-kr", "=?euc-kr?B?vsiz5w==?=", "안녕"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := DecodeWords(tc.in); got != tc.want {
				t.Errorf("%q gives %q, want %q", tc.in, got, tc.want)
			}
		})
	}
}

func TestDecodeCharset(t *testing.T) {
	for _, tc := range []struct{ charset, in, want string }{
		{"utf-8", "ä", "ä"},
		{"us-ascii", "\xe4", "ä"},
		{"\"ISO-8859-15\"", "\xa4", "€"},
		{"windows-1251", "\xcf", "П"},
		{"cp1252", "\x80", "€"},
		{"cp932", "\x82\xa0", "あ"},
		{"utf-16le", "a\x00", "a"},
		{"unicode-1-1-utf-7", "Hi +AOQ-! 1 +- 1", "Hi ä! 1 + 1"},
		{"utf-7", "+", "+"},
		{"hz-gb-2312", "~{<:Ky~}", "己所"},
		{"iso-2022-kr", "\xe4", "ä"},
		{"nonsense", "\xe4", "ä"},
		{strings.Repeat("x", 1000), "a", "a"},
		{"utf-8", "a\xffb", "aÿb"},
	} {
		if got := DecodeCharset(tc.charset, []byte(tc.in)); got != tc.want {
			t.Errorf("%s: %q gives %q, want %q", tc.charset, tc.in, got, tc.want)
		}
	}
}

func TestParseAddresses(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"bare", "a@b.example", "|a|b.example"},
		{"angle", "<a@b.example>", "|a|b.example"},
		{"name", "Anna Brand <a@b.example>", "Anna Brand|a|b.example"},
		{"quoted name with comma", `"Brand, Anna" <a@b.example>, c@d.example`, "Brand, Anna|a|b.example;|c|d.example"},
		{"quotes inside quotes", `"A \"x\" B" <a@b.example>`, `A "x" B|a|b.example`},
		{"encoded name", "=?utf-8?q?J=C3=BCrgen?= <a@b.example>", "Jürgen|a|b.example"},
		{"comment as name", "a@b.example (Anna (really) B)", "Anna (really) B|a|b.example"},
		{"group", "Team: a@b.example, C <c@d.example>; e@f.example", "|a|b.example;C|c|d.example;|e|f.example"},
		{"empty group", "undisclosed-recipients:;", ""},
		{"route", "<@x.example,@y.example:a@b.example>", "|a|b.example"},
		{"quoted local part", `"a b"@c.example`, "|a b|c.example"},
		{"UTF-8", "用户@例え.example", "|用户|例え.example"},
		{"a name alone", "MAILER-DAEMON", "|MAILER-DAEMON|"},
		{"a name and nothing", "MAILER-DAEMON <>", ""},
		{"nothing", "", ""},
		{"unclosed bracket", "Anna <a@b.example", "Anna|a|b.example"},
		{"unclosed quote", `"Anna <a@b.example>`, "Anna|a|b.example"},
		{"unclosed comment", "a@b.example (Anna", "Anna|a|b.example"},
		{"address behind words", "Anna a@b.example", "Anna|a|b.example"},
		{"two at signs", "a@b@c.example", "|a@b|c.example"},
		{"empty members", ",, a@b.example ,,", "|a|b.example"},
		{"trailing dot", "a@b.example.", "|a|b.example"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			for _, a := range ParseAddresses(tc.in) {
				got = append(got, a.Name+"|"+a.Local+"|"+a.Domain)
			}
			if g := strings.Join(got, ";"); g != tc.want {
				t.Errorf("%q gives %s, want %s", tc.in, g, tc.want)
			}
		})
	}
	if n := len(ParseAddresses(strings.Repeat("a@b.example,", 5000))); n != maxAddresses {
		t.Errorf("%d addresses", n)
	}
}

func TestParseDate(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"Mon, 3 Jun 2024 10:00:05 +0200", "2024-06-03T08:00:05Z"},
		{"Mon, 3 Jun 2024 10:00:05 +0200 (CEST)", "2024-06-03T08:00:05Z"},
		{"3 Jun 2024 10:00 GMT", "2024-06-03T10:00:00Z"},
		{"Mon, 03 Jun 24 10:00:05 EST", "2024-06-03T15:00:05Z"},
		{"Thu, 1 Jan 98 00:00:00 -0000", "1998-01-01T00:00:00Z"},
		{"3 Jun 2024 10:00:05", "2024-06-03T10:00:05Z"},
		{"Mon Jun  3 10:00:05 2024", "2024-06-03T10:00:05Z"},
		{"Mon Jun  3 10:00:05 2024 +0200", "2024-06-03T08:00:05Z"},
		{"Fri Jan 1 00:0:00 2015", "2015-01-01T00:00:00Z"},
		{"2024-06-03T10:00:05Z", "2024-06-03T10:00:05Z"},
		{"2024-06-03T10:00:05.678+02:00", "2024-06-03T08:00:05Z"},
		{"Mon, 3-Jun-2024 10:00:05 JST", "2024-06-03T01:00:05Z"},
		{"Mon, 3 June 2024 10:00:05 UTC", "2024-06-03T10:00:05Z"},
		{"(comment) 3 (x) Jun 2024", "2024-06-03T00:00:00Z"},
		{"", ""},
		{"yesterday", ""},
		{"32 Jun 2024 10:00:00 GMT", ""},
		{"3 Foo 2024", ""},
		{"3 Jun 2024 10:99:00", ""},
		{"3 Jun 1 10:00:00", "2001-06-03T10:00:00Z"},
	} {
		got, ok := ParseDate(tc.in)
		s := ""
		if ok {
			s = got.UTC().Format(time.RFC3339)
		}
		if s != tc.want {
			t.Errorf("%q gives %q, want %q", tc.in, s, tc.want)
		}
	}
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"=?utf-8?B?R3LDvMOfZQ==?=", "=?a?q?=", "a =?x?Q?_=41?= b", "\x1b$B$K\x1b(B", "=?utf-7?q?+AOQ-?="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := DecodeWords(s)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n") || len(got) > 8*len(s)+8 {
			t.Fatalf("%q gives %q", s, got)
		}
	})
}

func FuzzAddresses(f *testing.F) {
	for _, s := range []string{`"a" <b@c>, d (e) ; f: g;`, "<<<", `"\`, "(((", "a@b@c,,", "=?utf-8?q?a?= <@x:b@c>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, a := range ParseAddresses(s) {
			if a.Local == "" && a.Domain == "" || len(a.String()) > len(s)+1 {
				t.Fatalf("%q gives %+v", s, a)
			}
		}
		ParseDate(s)
		Param(s, "name")
	})
}

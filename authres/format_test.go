package authres

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFormat(t *testing.T) {
	one := func(r Result) Field { return Field{ID: "mx.example", Results: []Result{r}} }
	prop := func(value string) Field {
		return one(Result{Method: "spf", Result: "pass", Props: []Property{{"smtp", "mailfrom", value}}})
	}
	for _, tc := range []struct {
		rule string
		f    Field
		want string
	}{
		{"nothing checked", Field{ID: "mx.example"}, "mx.example; none"},
		{"version 1 is not said", Field{ID: "mx.example", Version: 1}, "mx.example; none"},
		{"version 2 is", Field{ID: "mx.example", Version: 2}, "mx.example 2; none"},
		{"a name that needs quotes", Field{ID: "mx example"}, `"mx example"; none`},
		{"all parts in order", one(Result{Method: "dkim", Version: 1, Result: "fail", Comment: "c", Reason: "r s", Props: []Property{{"header", "d", "x"}}}), `mx.example; dkim/1=fail (c) reason="r s" header.d=x`},
		{"a property without a type", one(Result{Method: "dmarc", Result: "fail", Props: []Property{{"", "action", "none"}}}), "mx.example; dmarc=fail action=none"},
		{"an address", prop("a@b.example"), "mx.example; spf=pass smtp.mailfrom=a@b.example"},
		{"a domain as an address", prop("@b.example"), "mx.example; spf=pass smtp.mailfrom=@b.example"},
		{"nothing behind the at sign", prop("a@"), `mx.example; spf=pass smtp.mailfrom="a@"`},
		{"two at signs", prop("a@b@c"), `mx.example; spf=pass smtp.mailfrom="a@b@c"`},
		{"no value", prop(""), `mx.example; spf=pass smtp.mailfrom=""`},
		{"base64", prop("a/b+c="), `mx.example; spf=pass smtp.mailfrom="a/b+c="`},
		{"IPv6", prop("2001:db8::1"), `mx.example; spf=pass smtp.mailfrom="2001:db8::1"`},
		{"UTF-8", prop("ü@bücher.example"), "mx.example; spf=pass smtp.mailfrom=ü@bücher.example"},
		{"a quotation mark", prop(`a" ; dkim=pass (`), `mx.example; spf=pass smtp.mailfrom="a\" ; dkim=pass ("`},
		{"a backslash at the end", prop(`a\`), `mx.example; spf=pass smtp.mailfrom="a\\"`},
		{"a result in a domain", prop("a.example;dkim=pass"), `mx.example; spf=pass smtp.mailfrom="a.example;dkim=pass"`},
		{"a comment in a domain", prop("a(b"), `mx.example; spf=pass smtp.mailfrom="a(b"`},
		{"a line end", prop("a\r\nX-Evil: 1"), `mx.example; spf=pass smtp.mailfrom="a  X-Evil: 1"`},
		{"a NUL", prop("a.example\x00.b.example"), `mx.example; spf=pass smtp.mailfrom="a.example?.b.example"`},
		{"octets that are no UTF-8", prop("a\xff\xfe"), `mx.example; spf=pass smtp.mailfrom="a??"`},
		{"line ends of Unicode", prop("a\u0085b\u2028c\u2029d"), `mx.example; spf=pass smtp.mailfrom="a?b?c?d"`},
		{"a parenthesis in a comment", one(Result{Method: "spf", Result: "fail", Comment: `a) ; dkim=pass (\`}), `mx.example; spf=fail (a\) ; dkim=pass \(\\)`},
		{"a line end in a comment", one(Result{Method: "spf", Result: "fail", Comment: "a\r\n\r\nb"}), `mx.example; spf=fail (a    b)`},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			got, err := tc.f.Format()
			if got = strings.ReplaceAll(got, "\r\n\t", " "); err != nil || got != tc.want {
				t.Errorf("got %q, %v; want %q", got, err, tc.want)
			}
		})
	}
}

func TestFormatRefuses(t *testing.T) {
	for _, tc := range []struct {
		rule string
		f    Field
	}{
		{"no name", Field{}},
		{"a line end in the name", Field{ID: "a\r\nb"}},
		{"a name without an end", Field{ID: strings.Repeat("a", maxText+1)}},
		{"no method", Field{ID: "a", Results: []Result{{Result: "pass"}}}},
		{"no result", Field{ID: "a", Results: []Result{{Method: "spf"}}}},
		{"a method that is two", Field{ID: "a", Results: []Result{{Method: "spf=pass; dkim", Result: "pass"}}}},
		{"a result that is two", Field{ID: "a", Results: []Result{{Method: "spf", Result: "pass; dkim=pass"}}}},
		{"a version below zero", Field{ID: "a", Results: []Result{{Method: "spf", Result: "pass", Version: -1}}}},
		{"a property with a blank", Field{ID: "a", Results: []Result{{Method: "spf", Result: "pass", Props: []Property{{"smtp", "a b", "c"}}}}}},
		{"a type with a dot", Field{ID: "a", Results: []Result{{Method: "spf", Result: "pass", Props: []Property{{"smtp.x", "a", "c"}}}}}},
		{"a property that would be the reason", Field{ID: "a", Results: []Result{{Method: "spf", Result: "pass", Props: []Property{{"", "reason", "c"}}}}}},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got, err := tc.f.Format(); !errors.Is(err, ErrWrite) || got != "" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestFormatFoldsAndCuts(t *testing.T) {
	long := strings.Repeat("ü", maxText)
	f := Field{ID: "mx.example"}
	for range 20 {
		f.Results = append(f.Results, Result{Method: "dkim", Result: "fail", Reason: long, Comment: long + ")", Props: []Property{{"header", "d", strings.Repeat("a.", 600)}, {"header", "s", "x"}}})
	}
	got, err := f.Format()
	if err != nil || !utf8.ValidString(got) {
		t.Fatalf("%v, %q", err, got)
	}
	for line := range strings.SplitSeq(Name+": "+got, "\r\n") {
		if len(line) > 998 || strings.TrimSpace(line) == "" {
			t.Errorf("a line of %d octets", len(line)) // RFC 5322 section 2.1.1
		}
	}
	back, err := Parse(got)
	if err != nil || len(back.Results) != 20 {
		t.Fatalf("%+v, %v", back, err)
	}
	r := back.Results[0]
	for _, s := range []string{r.Reason, r.Comment, r.Props[0].Value} {
		if len(s) > maxText || len(s) < maxText-8 || !strings.HasSuffix(s, "...") {
			t.Errorf("cut to %d octets: %q", len(s), s)
		}
	}
}

// FuzzFormat: whatever stands in the values, exactly what was given is read
// back.
func FuzzFormat(f *testing.F) {
	f.Add("mx.example", "dkim", "fail", "a\r\nb", "c) (d", "header", "d", `x" ; dkim=pass`)
	f.Add("mx example", "x-y", "pass", "", "\\", "", "action", "a@b")
	f.Add("ü", "none", "none", "\x00", "((", "smtp", "mailfrom", "<@a:b@c>")
	f.Add("1", "spf", "pass", `\"`, `\)`, "policy", "reason", "\xff")
	f.Fuzz(func(t *testing.T, id, method, result, reason, comment, ptype, name, value string) {
		in := Field{ID: id, Version: 1, Results: []Result{
			{Method: "first", Result: "pass", Props: []Property{}},
			{Method: method, Result: result, Reason: reason, Comment: comment, Props: []Property{{ptype, name, value}}},
			{Method: "last", Result: "pass", Props: []Property{}},
		}}
		out, err := in.Format()
		if err != nil {
			return
		}
		if strings.ContainsAny(strings.ReplaceAll(out, "\r\n\t", " "), "\r\n\x00\t") || !utf8.ValidString(out) {
			t.Fatalf("octets that break out: %q", out)
		}
		back, err := Parse(out)
		if err != nil {
			t.Fatalf("%q is not read back: %v", out, err)
		}
		want := in
		r := &want.Results[1]
		r.Method, r.Result, r.Reason, r.Comment = strings.ToLower(method), strings.ToLower(result), clean(reason), clean(comment)
		r.Props = []Property{{strings.ToLower(ptype), strings.ToLower(name), clean(value)}}
		if !reflect.DeepEqual(back, want) {
			t.Errorf("%q\nis read back as %+v\nwant %+v", out, back, want)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"example.org 1; none", "a; spf=pass (x (y) \\)) smtp.mailfrom=\"q w\"@b.example; dkim/1=fail reason=\"x\" header.b=a/b=",
		"a;b=c;", "(((", `a; b=c reason="`, "a 2 ; x=y z.w=;", "a; b=c d . e = f", "a; b=c action=none\r\n\theader.from=x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got, err := Parse(value)
		if err != nil {
			return
		}
		if len(got.Results) > maxResults {
			t.Errorf("%d results", len(got.Results))
		}
		written, err := got.Format()
		if err != nil {
			if clean(got.ID) == got.ID {
				t.Fatalf("%+v: %v", got, err)
			}
			return
		}
		again, err := Parse(written)
		if err != nil {
			t.Fatalf("written as %q: %v", written, err)
		}
		if twice, err := again.Format(); err != nil || twice != written {
			t.Errorf("written as %q, then as %q, %v", written, twice, err)
		}
	})
}

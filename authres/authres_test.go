package authres

import (
	"reflect"
	"strings"
	"testing"
)

// equal compares fields as Format and Parse keep them.
func equal(a, b Field) bool { return reflect.DeepEqual(a, b) }

// brief gives a field as "id: method=result reason [comment] type.name=value …".
func brief(f Field) string {
	var out []string
	for _, r := range f.Results {
		s := r.Method + "=" + r.Result
		if r.Reason != "" {
			s += " reason " + r.Reason
		}
		if r.Comment != "" {
			s += " [" + r.Comment + "]"
		}
		for _, p := range r.Props {
			s += " " + p.Type + "." + p.Name + "=" + p.Value
		}
		out = append(out, s)
	}
	return f.ID + ": " + strings.Join(out, "; ")
}

func TestParse(t *testing.T) {
	for _, tc := range []struct{ rule, value, want string }{
		{"none", "mx.example; none", "mx.example: "},
		{"none in capitals, with comments", "(a) mx.example (b) ; (c) NONE (d)", "mx.example: "},
		{"none and a final semicolon", "mx.example; none;", "mx.example: "},
		{"quoted name of the server", `"mx of example"; none`, "mx of example: "},
		{"name in UTF-8", "mx.bücher.example; none", "mx.bücher.example: "},
		{"words in any case", "mx.example; DKIM=Pass Header.D=Example.COM", "mx.example: dkim=pass header.d=Example.COM"},
		{"comments are no results", "mx.example; spf=fail (dkim=pass; dmarc=pass) smtp.mailfrom=a.example", "mx.example: spf=fail [dkim=pass; dmarc=pass] smtp.mailfrom=a.example"},
		{"comments nest", "mx.example; spf=fail (a (b) c) smtp.helo=x", "mx.example: spf=fail [a (b) c] smtp.helo=x"},
		{"quoted pairs in comments", `mx.example; spf=fail (a \) ; dkim=pass) smtp.helo=x`, "mx.example: spf=fail [a ) ; dkim=pass] smtp.helo=x"},
		{"quotes mean nothing in comments", `mx.example; spf=fail (") smtp.helo=x`, `mx.example: spf=fail ["] smtp.helo=x`},
		{"parentheses mean nothing in quotes", `mx.example; spf=fail reason="(" smtp.helo=x`, "mx.example: spf=fail reason ( smtp.helo=x"},
		{"semicolons mean nothing in quotes", `mx.example; dkim=fail header.d="x; dkim=pass header.d=y"`, "mx.example: dkim=fail header.d=x; dkim=pass header.d=y"},
		{"quoted pairs in quotes", `mx.example; dkim=fail reason="a \" b \\ c"`, `mx.example: dkim=fail reason a " b \ c`},
		{"folds in quotes go", "mx.example; dkim=fail reason=\"a\r\n\tb\"", "mx.example: dkim=fail reason a\tb"},
		{"an address with a quoted local part", `mx.example; spf=pass smtp.mailfrom="a b"@c.example`, "mx.example: spf=pass smtp.mailfrom=a b@c.example"},
		{"an address without a local part", "mx.example; dkim=pass header.i=@c.example", "mx.example: dkim=pass header.i=@c.example"},
		{"values that lack quotes", "mx.example; dkim=pass header.b=aB/c+d== policy.iprev=2001:db8::1 smtp.mailfrom=<>", "mx.example: dkim=pass header.b=aB/c+d== policy.iprev=2001:db8::1 smtp.mailfrom=<>"},
		{"no value", "mx.example; spf=none smtp.mailfrom=; dkim=none", "mx.example: spf=none smtp.mailfrom=; dkim=none"},
		{"reason behind the properties", "mx.example; dkim=fail header.d=x reason=expired", "mx.example: dkim=fail reason expired header.d=x"},
		{"property without a type", "mx.example; dmarc=fail action=none header.from=x", "mx.example: dmarc=fail .action=none header.from=x"},
		{"no blanks", "mx.example;spf=pass(ok)smtp.helo=x;dkim=none", "mx.example: spf=pass [ok] smtp.helo=x; dkim=none"},
		{"unknown methods stay", "mx.example; x-foo-1=maybe x-y.z_1=2", "mx.example: x-foo-1=maybe x-y.z_1=2"},
		{"comments everywhere", "(1)mx.example(2);(3)spf(4)/(5)1(6)=(7)pass(8)smtp(9).(10)helo(11)=(12)x(13);(14)", "mx.example: spf=pass [8] smtp.helo=x"},
		{"a method called none", "mx.example; none=pass", "mx.example: none=pass"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			f, err := Parse(tc.value)
			if err != nil || brief(f) != tc.want {
				t.Fatalf("got %q, %v; want %q", brief(f), err, tc.want)
			}
			written, err := f.Format()
			if err != nil {
				t.Fatal(err)
			}
			again, err := Parse(written)
			if want := strings.ReplaceAll(tc.want, "\t", " "); err != nil || brief(again) != want {
				t.Errorf("written as %q, read back as %q, %v", written, brief(again), err)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct {
		rule, value, want string
		at                int
	}{
		{"nothing", "", "no name of the server", 0},
		{"a comment only", "(x)", "no name of the server", 3},
		{"an empty name", `""; none`, "no name of the server", 0},
		{"no name", "; spf=pass", "no name of the server", 0},
		{"no results", "mx.example", "neither results nor none", 10},
		{"a semicolon only", "mx.example;", "neither results nor none", 11},
		{"two semicolons", "mx.example;; spf=pass", "no method", 11},
		{"a result in place of the name", "spf=pass; dkim=pass", "neither a version", 3},
		{"a name in two words", "mx example; none", "neither a version", 3},
		{"version 0", "mx.example 0; none", "neither a version", 11},
		{"version beyond all", "mx.example 99999999999; none", "neither a version", 11},
		{"none among results", "mx.example; spf=pass; none", "none does not stand", 22},
		{"results behind none", "mx.example; none; spf=pass", "none does not stand", 18},
		{"none twice", "mx.example; none; none", "none does not stand", 18},
		{"no result", "mx.example; spf", "no equals sign", 15},
		{"nothing behind the sign", "mx.example; spf=", "no result", 16},
		{"no version of the method", "mx.example; spf/=pass", "no version", 16},
		{"no value", "mx.example; spf=pass smtp.mailfrom", "no equals sign", 34},
		{"no property name", "mx.example; spf=pass smtp.=x", "no name of the property", 21},
		{"two quoted strings are one value", `mx.example; spf=pass smtp.helo="x"smtp.mailfrom="y"()`, "", -1},
		{"no blank before a property", "mx.example; spf=pass;spf=pass.x=y", "no blank", 29},
		{"two reasons", "mx.example; spf=pass reason=a reason=b", "a second reason", 30},
		{"an open comment", "mx.example; spf=pass (a (b)", "comment does not close", 21},
		{"an open comment by a backslash", `mx.example; spf=pass (a \)`, "comment does not close", 21},
		{"an open quoted string", `mx.example; spf=pass reason="a`, "quoted string does not close", 28},
		{"a parenthesis too many", "mx.example; spf=pass smtp.helo=x) dkim=pass", "no value may hold", 32},
		{"a NUL", "mx.example; spf=pass smtp.helo=x\x00y", "no value may hold", 32},
		{"a NUL in quotes", "mx.example; spf=pass reason=\"\x00\"", "control character", 29},
		{"too long", strings.Repeat("a", maxValue+1), "longer than 64 KiB", maxValue},
		{"too many results", "mx.example" + strings.Repeat("; a=b", maxResults+1), "more than 200 results", 1012},
		{"too many properties", "mx.example; a=b" + strings.Repeat(" a.b=c", maxResults+1), "more than 200 properties", 1216},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			f, err := Parse(tc.value)
			if tc.at < 0 { // read as one value, as readers of unquoted values must
				if err != nil || len(f.Results[0].Props) != 1 {
					t.Errorf("got %+v, %v", f, err)
				}
				return
			}
			syntax, ok := err.(*SyntaxError)
			if !ok || !strings.Contains(syntax.Text, tc.want) || syntax.Offset != tc.at {
				t.Errorf("got %v, want %q at %d", err, tc.want, tc.at)
			}
		})
	}
}

func TestProp(t *testing.T) {
	f, err := Parse("mx.example; dkim=pass header.d=a.example header.d=b.example")
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := f.Results[0].Prop("header", "d"); v != "a.example" || !ok {
		t.Errorf("got %q, %v", v, ok)
	}
	if v, ok := f.Results[0].Prop("smtp", "d"); v != "" || ok {
		t.Errorf("got %q, %v", v, ok)
	}
}

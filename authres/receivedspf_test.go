package authres

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestParseReceivedSPF(t *testing.T) {
	for _, tc := range []struct {
		rule, value string
		want        ReceivedSPF
	}{
		{"a result only", "none", ReceivedSPF{"none", "", []Pair{}}},
		{"all of the grammar", `Pass (mx.example.com: ok) receiver=mx.example.com; client-ip="2001:db8::1"; envelope-from="a@b.example"; helo=x.example;`,
			ReceivedSPF{"pass", "mx.example.com: ok", []Pair{{"receiver", "mx.example.com"}, {"client-ip", "2001:db8::1"}, {"envelope-from", "a@b.example"}, {"helo", "x.example"}}}},
		{"values that lack quotes", "softfail (x) client-ip=2001:db8::1; envelope-from=<a@b.example>", ReceivedSPF{"softfail", "x", []Pair{{"client-ip", "2001:db8::1"}, {"envelope-from", "<a@b.example>"}}}},
		{"blanks for semicolons", "pass (x) client-ip=192.0.2.1 helo=y", ReceivedSPF{"pass", "x", []Pair{{"client-ip", "192.0.2.1"}, {"helo", "y"}}}},
		{"pairs in a comment are none", "fail (client-ip=192.0.2.1; helo=y) helo=z", ReceivedSPF{"fail", "client-ip=192.0.2.1; helo=y", []Pair{{"helo", "z"}}}},
		{"pairs in quotes are none", `fail problem="x; helo=y"; helo=z`, ReceivedSPF{"fail", "", []Pair{{"problem", "x; helo=y"}, {"helo", "z"}}}},
		{"folds", "fail\r\n\t(a\r\n b)\r\n\thelo=z", ReceivedSPF{"fail", "a b", []Pair{{"helo", "z"}}}},
		{"words of old drafts", "unknown", ReceivedSPF{"unknown", "", []Pair{}}},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			got, err := ParseReceivedSPF(tc.value)
			if err != nil || !reflect.DeepEqual(got, tc.want) {
				t.Fatalf("got %+v, %v", got, err)
			}
			written, err := got.Format()
			if err != nil {
				t.Fatal(err)
			}
			if again, err := ParseReceivedSPF(written); err != nil || !reflect.DeepEqual(again, tc.want) {
				t.Errorf("written as %q, read back as %+v, %v", written, again, err)
			}
		})
	}
	for _, bad := range []string{"", "(x)", "=x", "pass (x", "pass helo", `pass helo="x`, "pass =x", "pass(x)helo=a)", "pass\x00", strings.Repeat("x", maxValue+1), "pass" + strings.Repeat(" a=b", maxResults+1)} {
		var syntax *SyntaxError
		if got, err := ParseReceivedSPF(bad); !errors.As(err, &syntax) {
			t.Errorf("%.40q: got %+v, %v", bad, got, err)
		}
	}
	r := ReceivedSPF{Pairs: []Pair{{"helo", "a"}, {"helo", "b"}}}
	if v, ok := r.Get("helo"); v != "a" || !ok {
		t.Errorf("Get: %q, %v", v, ok)
	}
	if _, ok := r.Get("receiver"); ok {
		t.Error("Get finds what is not there")
	}
}

func TestFormatReceivedSPF(t *testing.T) {
	r := ReceivedSPF{"fail", "a) (b\r\nc", []Pair{{"client-ip", "192.0.2.1"}, {"envelope-from", `x"; helo=y`}, {"helo", ".x"}, {"problem", ""}, {"mechanism", "a=b"}}}
	const want = "fail (a\\) \\(b  c) client-ip=192.0.2.1;\r\n\tenvelope-from=\"x\\\"; helo=y\"; helo=\".x\"; problem=\"\"; mechanism=\"a=b\""
	if got, err := r.Format(); err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	for _, bad := range []ReceivedSPF{{}, {Result: "a b"}, {Result: "pass", Pairs: []Pair{{"a=b; c", "d"}}}} {
		if got, err := bad.Format(); !errors.Is(err, ErrWrite) {
			t.Errorf("%+v is written as %q, %v", bad, got, err)
		}
	}
}

func FuzzReceivedSPF(f *testing.F) {
	f.Add(`pass (a (b)) client-ip=192.0.2.1; envelope-from="a\"b@c"; helo=x`)
	f.Add("Fail;;x=y z=;")
	f.Fuzz(func(t *testing.T, value string) {
		got, err := ParseReceivedSPF(value)
		if err != nil {
			return
		}
		written, err := got.Format()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseReceivedSPF(written)
		if err != nil {
			t.Fatalf("written as %q: %v", written, err)
		}
		if twice, err := again.Format(); err != nil || twice != written {
			t.Errorf("written as %q, then as %q, %v", written, twice, err)
		}
	})
}

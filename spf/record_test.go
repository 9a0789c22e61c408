package spf_test

import (
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"unspoof/spf"
)

func TestParseGivesATree(t *testing.T) {
	text := "v=spf1  -IP4:192.0.2.0/24 a:%{L2r-+}%%.x.example.com./25//64 x.y-z=%{c}  redirect=_spf.example.com "
	got, err := spf.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want := &spf.Record{Text: text, Terms: []spf.Term{
		{Kind: spf.KindIP4, Name: "ip4", Text: "-IP4:192.0.2.0/24", Span: spf.Span{8, 25}, Qualifier: "-", Network: netip.MustParsePrefix("192.0.2.0/24")},
		{Kind: spf.KindA, Name: "a", Text: "a:%{L2r-+}%%.x.example.com./25//64", Span: spf.Span{26, 60}, Qualifier: "+", Bits4: 25, Bits6: 64,
			Domain: spf.MacroString{Text: "%{L2r-+}%%.x.example.com.", Span: spf.Span{28, 53}, Parts: []spf.Part{
				{Text: "%{L2r-+}", Span: spf.Span{28, 36}, Macro: &spf.Macro{Letter: "l", Keep: 2, Reverse: true, Delimiters: "-+", URLEscape: true}},
				{Text: "%%", Span: spf.Span{36, 38}, Literal: "%"},
				{Text: ".x.example.com.", Span: spf.Span{38, 53}, Literal: ".x.example.com."},
			}}},
		{Kind: spf.KindUnknown, Name: "x.y-z", Text: "x.y-z=%{c}", Span: spf.Span{61, 71},
			Domain: spf.MacroString{Text: "%{c}", Span: spf.Span{67, 71}, Parts: []spf.Part{{Text: "%{c}", Span: spf.Span{67, 71}, Macro: &spf.Macro{Letter: "c"}}}}},
		{Kind: spf.KindRedirect, Name: "redirect", Text: "redirect=_spf.example.com", Span: spf.Span{73, 98},
			Domain: spf.MacroString{Text: "_spf.example.com", Span: spf.Span{82, 98}, Parts: []spf.Part{{Text: "_spf.example.com", Span: spf.Span{82, 98}, Literal: "_spf.example.com"}}}},
	}}
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); d != "" {
		t.Error(d)
	}
	for _, term := range got.Terms {
		if text[term.Span.Start:term.Span.End] != term.Text {
			t.Errorf("span of %q is %q", term.Text, text[term.Span.Start:term.Span.End])
		}
	}
	if name, ok := got.Find(spf.KindRedirect).Domain.Name(); name != "_spf.example.com" || !ok {
		t.Errorf("name %q, %t", name, ok)
	}
	if _, ok := got.Find(spf.KindA).Domain.Name(); ok {
		t.Error("a name with a macro is no fixed name")
	}
	if got.Find(spf.KindAll) != nil || got.Terms[0].Result() != spf.Fail || got.Terms[3].Result() != "" {
		t.Error("Find or Result")
	}
	b, err := json.Marshal(got.Terms[0])
	if err != nil || string(b) != `{"kind":"ip4","name":"ip4","text":"-IP4:192.0.2.0/24","span":{"start":8,"end":25},"qualifier":"-","network":"192.0.2.0/24"}` {
		t.Errorf("%s %v", b, err)
	}
}

func TestRecordString(t *testing.T) {
	for in, want := range map[string]string{
		"v=spf1":          "v=spf1",
		"V=SPF1   +ALL  ": "v=spf1 all",
		"v=spf1 IP4:192.0.2.1/32 ip4:192.0.2.1/31": "v=spf1 ip4:192.0.2.1 ip4:192.0.2.1/31",
		"v=spf1 ip6:2001:DB8:0:0::1/128":           "v=spf1 ip6:2001:db8::1",
		"v=spf1 ip6:::ffff:192.0.2.1/96":           "v=spf1 ip6:::ffff:192.0.2.1/96",
		"v=spf1 a/32//128 ~mx/24 ?a:b.example//64": "v=spf1 a ~mx/24 ?a:b.example//64",
		"v=spf1 REDIRECT=%{D}.b.example X.Y=":      "v=spf1 redirect=%{D}.b.example X.Y=",
		"v=spf1 ptr ptr:b.example. exists:%{i}":    "v=spf1 ptr ptr:b.example. exists:%{i}",
	} {
		r, err := spf.Parse(in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
		} else if r.String() != want {
			t.Errorf("%q: %q, want %q", in, r.String(), want)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct {
		text     string
		at       string // the bytes at fault
		section  string
		expected string // part of it
		hint     string // part of it
	}{
		{"", "", "4.5", `"v=spf1"`, ""},
		{"v=spf2 all", "v=spf2", "4.5", `"v=spf1"`, ""},
		{"v=spf1all", "v=spf1all", "4.5", `"v=spf1"`, ""},
		{" v=spf1 -all", "", "4.5", `"v=spf1"`, "remove"},
		{`"v=spf1 -all"`, `"v=spf1`, "4.5", `"v=spf1"`, "remove"},
		{"v=spf1\t-all", "v=spf1\t-all", "4.5", `"v=spf1"`, ""},
		{"v=spf1 mx ip4: -all", ":", "5.6", "IPv4 address", "without a space"},
		{"v=spf1 ip4", "", "5.6", "IPv4 address", "after the colon"},
		{"v=spf1 ip4:192.0.2", "192.0.2", "5.6", "four numbers", ""},
		{"v=spf1 ip4:192.0.2.256", "192.0.2.256", "5.6", "0 to 255", ""},
		{"v=spf1 ip4:192.0.02.1", "192.0.02.1", "5.6", "0 to 255", ""},
		{"v=spf1 ip4:192.0.2.1.", "192.0.2.1.", "5.6", "0 to 255", ""},
		{"v=spf1 ip4:192.0.2.1/", "/", "5.6", "/0 to /32", ""},
		{"v=spf1 ip4:192.0.2.1/33", "/33", "5.6", "/0 to /32", ""},
		{"v=spf1 ip4:192.0.2.1/01", "/01", "5.6", "/0 to /32", ""},
		{"v=spf1 ip4:192.0.2.1/4294967296", "/4294967296", "5.6", "/0 to /32", ""},
		{"v=spf1 ip4:192.0.2.1//32", "//32", "5.6", "/0 to /32", ""},
		{"v=spf1 ip4:2001:db8::1", "2001:db8::1", "5.6", "IPv4", ""},
		{"v=spf1 ip6:192.0.2.1", "192.0.2.1", "5.6", "IPv6", ""},
		{"v=spf1 ip6:fe80::1%eth0", "fe80::1%eth0", "5.6", "IPv6", ""},
		{"v=spf1 ip6:2001:db8::/129", "/129", "5.6", "0 to 128", ""},
		{"v=spf1 ip6:", ":", "5.6", "IPv6 address", "without a space"},
		{"v=spf1 all:x", ":x", "5.1", `nothing after "all"`, ""},
		{"v=spf1 include", "", "5.2", `":" and a domain name`, ""},
		{"v=spf1 include:", "", "5.2", "not nothing", ""},
		{"v=spf1 exists/24", "/24", "5.7", `":" and a domain name`, ""},
		{"v=spf1 include:b.example/24", "/24", "5.2", "no prefix length", "only a, mx"},
		{"v=spf1 a:192.0.2.1", "192.0.2.1", "7.1", "not an address", "write ip4:192.0.2.1"},
		{"v=spf1 a:192.0.2.1/24", "192.0.2.1", "7.1", "not an address", "write ip4:192.0.2.1"},
		{"v=spf1 a:localhost", "localhost", "7.1", "two labels", ""},
		{"v=spf1 a:%{d}com", "com", "7.1", "at the end", ""},
		{"v=spf1 a:%{d}.", ".", "7.1", "at the end", ""},
		{"v=spf1 a:b.example-", "example-", "7.1", "at the end", ""},
		{"v=spf1 a:b.123", "123", "7.1", "at the end", ""},
		{"v=spf1 a:b.example..", ".", "7.1", "at the end", ""},
		{"v=spf1 a/", "/", "5.3", `":" and a domain name`, ""},
		{"v=spf1 a//129", "/129", "5.3", "0 to 128", ""},
		{"v=spf1 mx/24/64", "/64", "5.4", "/0 to /32", "//"},
		{"v=spf1 a:b.example/24/64", "/64", "5.3", "/0 to /32", "//"},
		{"v=spf1 a:b.example/24/24", "/24", "5.3", "no prefix length", "only a, mx"},
		{"v=spf1 a:b\x7f.example", "\x7f", "7.1", "visible ASCII", ""},
		{"v=spf1 a:bü.example", "\xc3", "7.1", "visible ASCII", ""},
		{"v=spf1 exists:%{x}", "%{x", "7.1", "macro letter", ""},
		{"v=spf1 exists:%{c}", "%{c}", "7.1", "not c, r or t", ""},
		{"v=spf1 exists:%{d0}", "%{d0", "7.1", "other than 0", ""},
		{"v=spf1 exists:%{d2", "%{d2", "7.1", `"}"`, ""},
		{"v=spf1 exists:%{dr2}", "%{dr2", "7.1", `"}"`, ""},
		{"v=spf1 exists:%{", "%{", "7.1", "macro letter", ""},
		{"v=spf1 exists:%", "%", "7.1", `"%%"`, ""},
		{"v=spf1 exists:%(d)", "%(", "7.1", `"%%"`, ""},
		{"v=spf1 exists:50%.b.example", "%.", "7.1", `"%%"`, ""},
		{"v=spf1 redirect:b.example", "redirect", "4.6.1", "mechanism", `write "="`},
		{"v=spf1 ~redirect=b.example", "~", "4.6.1", "no sign", ""},
		{"v=spf1 redirect=", "", "6.1", "not nothing", ""},
		{"v=spf1 redirect=a.example redirect=b.example", "redirect=b.example", "6", "no second redirect=", ""},
		{"v=spf1 exp=a.example -all EXP=b.example", "EXP=b.example", "6", "no second exp=", ""},
		{"v=spf1 1up=x", "1up", "4.6.1", "starts with a letter", ""},
		{"v=spf1 =x", "", "4.6.1", "starts with a letter", ""},
		{"v=spf1 x=%", "%", "7.1", `"%%"`, ""},
		{"v=spf1 x=\x01", "\x01", "7.1", "visible ASCII", ""},
		{"v=spf1 ipv4:192.0.2.1", "ipv4", "4.6.1", "mechanism", "did you mean ip4?"},
		{"v=spf1 ~al", "al", "4.6.1", "mechanism", "did you mean all?"},
		{"v=spf1 -", "", "4.6.1", "mechanism", ""},
		{"v=spf1 --all", "-all", "4.6.1", "mechanism", ""},
		{"v=spf1 all.", "all.", "4.6.1", "mechanism", ""},
		{"v=spf1 192.0.2.1", "192.0.2.1", "4.6.1", "mechanism", ""},
		{"v=spf1 redirection:b.example", "redirection", "4.6.1", "mechanism", ""},
	} {
		_, err := spf.Parse(c.text)
		var e *spf.SyntaxError
		if !errors.As(err, &e) {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if at := c.text[e.Span.Start:e.Span.End]; at != c.at {
			t.Errorf("%q: fault at %q, want %q (%v)", c.text, at, c.at, err)
		}
		if e.Section != c.section || !strings.Contains(e.Expected, c.expected) || !strings.Contains(e.Hint, c.hint) || c.hint == "" && e.Hint != "" {
			t.Errorf("%q: %v", c.text, err)
		}
		if !strings.HasPrefix(err.Error(), "spf: ") || !strings.Contains(err.Error(), "RFC 7208 section "+c.section) {
			t.Errorf("message %q", err)
		}
	}
}

func TestValidSyntax(t *testing.T) {
	for _, terms := range []string{
		"a:.example", "a:foo:bar/baz.example.com", "a:b.xn--zckzah", "a:b.1-a", "a:b.e.", "a/0//0", "a//0", "mx/32//128", "mx:b.example/8",
		"exists:%{d}%%", "exists:a%_", "exists:%-", "exists:%{D1r.-+,/_=}", "exists:%{l}.{x}.b.example", "a:%{d}/24", "a:%{d2/}/24//64",
		"ip4:0.0.0.0/0", "ip6:::/0", "ip6:::", "ip6:::192.0.2.1", "ip6:1:2:3:4:5:6:7:8/64",
		"x=", "x_1.-=%{c}%{r}%{t}", "all=no", "v=spf1", "include=b.example", "+all +all", "?exists:" + strings.Repeat("x", 64) + ".example",
	} {
		if _, err := spf.Parse("v=spf1 " + terms); err != nil {
			t.Error(err)
		}
	}
	if _, err := spf.Parse("v=spf1 " + strings.Repeat("a ", 32764)); err != nil {
		t.Error(err)
	}
	if _, err := spf.Parse("v=spf1 " + strings.Repeat("a ", 32765)); err == nil {
		t.Error("a record of 65537 octets was read")
	}
}

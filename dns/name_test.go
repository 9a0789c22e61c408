package dns

import (
	"net/netip"
	"strings"
	"testing"
)

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"": "", ".": "", "Example.COM.": "example.com", "example.com": "example.com", "ex.": "ex",
		"a..": "a.", "ÄÖ.Example": "ÄÖ.example", "\xff\x00A": "\xff\x00a",
	} {
		if got := Canonical(in); got != want {
			t.Errorf("Canonical(%q) = %q, want %q", in, got, want)
		}
	}
	name := "mail.example.com."
	if n := testing.AllocsPerRun(10, func() { Canonical(name) }); n != 0 {
		t.Errorf("%v allocations for a canonical name", n)
	}
}

func TestCheckName(t *testing.T) {
	label := strings.Repeat("a", 63)
	longest := strings.Repeat(label+".", 3) + strings.Repeat("b", 61)
	for _, ok := range []string{"", ".", "a", "a.", label, longest, longest + ".", "foo:bar/baz.example", "\x00\xff .x"} {
		if err := CheckName(ok); err != nil {
			t.Errorf("CheckName(%q) = %v", ok, err)
		}
	}
	for bad, want := range map[string]error{
		"a..b": errEmptyLabel, "..": errEmptyLabel, ".a": errEmptyLabel, "a..": errEmptyLabel,
		label + "a": errLongLabel, "x." + label + "a": errLongLabel, longest + "b": errLongName,
	} {
		if err := CheckName(bad); err != want {
			t.Errorf("CheckName(%q) = %v, want %v", bad, err, want)
		}
	}
}

func TestReverseName(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.1":          "1.2.0.192.in-addr.arpa",
		"::ffff:192.0.2.1":   "1.2.0.192.in-addr.arpa",
		"2001:db8::567:89ab": "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
	} {
		a := netip.MustParseAddr(in)
		if got := ReverseName(a); got != want {
			t.Errorf("ReverseName(%s) = %s, want %s", in, got, want)
		}
		if back, ok := reverseAddr(strings.ToUpper(want) + "."); !ok || back != a.Unmap() {
			t.Errorf("reverseAddr(%s) = %v, %v", want, back, ok)
		}
	}
	if got := ReverseName(netip.Addr{}); got != "" {
		t.Errorf("ReverseName of nothing = %q", got)
	}
	v6 := ReverseName(netip.IPv6Unspecified())
	for _, name := range []string{
		"", "example.com", "2.0.192.in-addr.arpa", "in-addr.arpa", "1.2.0.300.in-addr.arpa", "::1.in-addr.arpa",
		v6[2:], "g" + v6[1:], "0-" + v6[2:], "ip6.arpa",
	} {
		if a, ok := reverseAddr(name); ok {
			t.Errorf("reverseAddr(%q) = %v", name, a)
		}
	}
}

func TestEscapes(t *testing.T) {
	for raw, escaped := range map[string]string{"a.b": "a.b.", `a\b`: `a\092b.`, "\xc4 ": `\196\032.`, "": ".", "a.b.": "a.b."} {
		if got := escapeName(raw); got != escaped {
			t.Errorf("escapeName(%q) = %q, want %q", raw, got, escaped)
		}
	}
	for in, want := range map[string]string{
		`\065b.example.`: "ab.example", `a\.b.`: `a\046b`, `a\046b.`: `a\046b`, `\\.`: `\`, `x\`: "x", `\1`: "1", `\;\ .`: "; ",
	} {
		if got := unescapeName(in); got != want {
			t.Errorf("unescapeName(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Unescape(`v=spf1 \"\; A\.\255\`); got != "v=spf1 \"; A.\xff" {
		t.Errorf("Unescape = %q", got)
	}
}

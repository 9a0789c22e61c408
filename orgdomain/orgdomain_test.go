package orgdomain

import (
	"errors"
	"strings"
	"testing"
)

func TestOfPSL(t *testing.T) {
	for _, tc := range []struct{ rule, name, want string }{
		{"the domain itself", "example.com", "example.com"},
		{"subdomain", "a.b.mail.example.com", "example.com"},
		{"suffix of two labels", "mail.example.co.uk", "example.co.uk"},
		{"a suffix is its own", "co.uk", "co.uk"},
		{"a top-level domain is its own", "com", "com"},
		{"unlisted top-level domain", "a.mail.example", "mail.example"},
		{"wildcard rule of the list", "a.b.ck", "a.b.ck"},
		{"exception rule of the list", "x.www.ck", "www.ck"},
		{"private suffix", "me.github.io", "me.github.io"},
		{"below a private suffix", "x.me.github.io", "me.github.io"},
		{"case and final dot", "Mail.EXAMPLE.com.", "example.com"},
		{"U-label", "post.Bücher.example", "xn--bcher-kva.example"},
		{"A-label", "post.xn--bcher-kva.example", "xn--bcher-kva.example"},
		{"U-label suffix", "a.b.公司.cn", "b.xn--55qx5d.cn"},
		{"underscore", "_dmarc.example.com", "example.com"},
		{"IPv4", "192.0.2.1", "192.0.2.1"},
		{"address literal", "[192.0.2.1]", "[192.0.2.1]"},
		{"IPv6 literal", "[IPv6:2001:DB8::1]", "[ipv6:2001:db8::1]"},
		{"empty", "", ""},
		{"root", ".", ""},
		{"leading dot", ".example.com", ".example.com"},
		{"one host name", "localhost", "localhost"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got := OfPSL(tc.name); got != tc.want {
				t.Errorf("OfPSL(%q) = %q, want %q", tc.name, got, tc.want)
			}
		})
	}
}

func TestSameOrg(t *testing.T) {
	for _, tc := range []struct {
		rule, a, b string
		want       bool
	}{
		{"same name", "example.com", "EXAMPLE.com.", true},
		{"parent and child", "example.com", "a.example.com", true},
		{"siblings", "a.example.com", "b.example.com", true},
		{"siblings below a suffix", "a.co.uk", "b.co.uk", false},
		{"string ending is not enough", "example.com", "notexample.com", false},
		{"U-label and A-label", "bücher.example", "x.xn--bcher-kva.example", true},
		{"empty names belong to nobody", "", "", false},
		{"addresses belong to nobody", "192.0.2.1", "192.0.2.1", false},
		{"a suffix and itself", "co.uk", "co.uk", true},
		{"a suffix and what is below", "co.uk", "a.co.uk", false},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got := SameOrg(tc.a, tc.b); got != tc.want {
				t.Errorf("SameOrg(%q, %q) = %v", tc.a, tc.b, got)
			}
		})
	}
}

func TestName(t *testing.T) {
	long := strings.Repeat("a", 63)
	for _, tc := range []struct{ rule, name, want string }{
		{"lower case", "Example.COM", "example.com"},
		{"final dot", "example.com.", "example.com"},
		{"blanks around", " example.com\n", "example.com"},
		{"U-label", "BÜCHER.example", "xn--bcher-kva.example"},
		{"ideographic full stop", "例え。example", "xn--r8jz45g.example"},
		{"longest label", long + ".example", long + ".example"},
		{"underscore", "_dmarc.example.com", "_dmarc.example.com"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got, err := Name(tc.name); got != tc.want || err != nil {
				t.Errorf("Name(%q) = %q, %v, want %q", tc.name, got, err, tc.want)
			}
		})
	}
	for _, tc := range []struct{ rule, name, why string }{
		{"empty", "", "empty"},
		{"root", ".", "empty"},
		{"empty label", "a..example", "nothing between"},
		{"leading dot", ".example", "nothing between"},
		{"two final dots", "example..", "nothing between"},
		{"long label", long + "a.example", "longer than 63"},
		{"long name", strings.Repeat("a.", 127) + "example", "longer than 253"},
		{"huge", strings.Repeat("a", 1<<20), "longer than 253"},
		{"mail address", "me@example.com", "after the @"},
		{"link", "https://example.com/", "host name alone"},
		{"IPv4 address", "192.0.2.1", "IP address"},
		{"IPv6 address", "2001:db8::1", "IP address"},
		{"literal", "[192.0.2.1]", "IP address"},
		{"space inside", "exam ple.com", "other than letters"},
		{"NUL", "a\x00.example", "other than letters"},
		{"escape", `a\.b.example`, "other than letters"},
		{"bad UTF-8", "\xff.example", "not UTF-8"},
		{"bidi control", "exa\u202emple.example", "A-labels"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			got, err := Name(tc.name)
			if !errors.Is(err, ErrName) || !strings.Contains(err.Error(), tc.why) || got != "" {
				t.Errorf("Name(%.40q) = %q, %v, want an error with %q", tc.name, got, err, tc.why)
			}
		})
	}
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"example.com", "a..b", "Bücher.example", "xn--", "[IPv6:::1]", "。。", "co.uk", "\xff", "a.b.c.d.e.f.g.h.i"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := Name(s)
		if err == nil {
			if again, err := Name(n); again != n || err != nil {
				t.Errorf("Name(%q) = %q, and of that %q, %v", s, n, again, err)
			}
			if org := OfPSL(n); n != org && !strings.HasSuffix(n, "."+org) {
				t.Errorf("OfPSL(%q) = %q", n, org)
			}
			if !SameOrg(s, n) {
				t.Errorf("%q and %q are of different organisations", s, n)
			}
		}
		OfPSL(s)
	})
}

package spf_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"unspoof/spf"
)

func TestIdentity(t *testing.T) {
	open := "example.com TXT v=spf1 +all\nmail.example.net TXT v=spf1 ip4:192.0.2.1 -all\n"
	for _, c := range []checkCase{
		{name: "a domain alone is one", from: "example.com", zone: open, want: spf.Pass},
		{name: "a final dot", from: "user@example.com.", zone: open, want: spf.Pass},
		{name: "the last @ counts", from: `"a@b.example"@example.com`, zone: open, want: spf.Pass},
		{name: "a source route is ignored", from: "@a.example,@b.example:user@example.com", zone: open, want: spf.Pass},
		{name: "no route without a colon", from: "@example.com", zone: open, want: spf.Pass},
		{name: "an empty domain", from: "user@", zone: open, want: spf.None, cause: "no domain"},
		{name: "a root domain", from: "user@.", zone: open, want: spf.None, cause: "no domain"},
		{name: "two final dots", from: "user@example.com..", zone: open, want: spf.None, cause: "not a valid domain name"},
		{name: "an IPv6 literal", from: "user@[IPv6:2001:db8::1]", zone: open, want: spf.None, cause: "is an address"},
		{name: "one label", from: "user@localhost", zone: open, want: spf.None, cause: "one label"},
		{name: "a name of 254 octets", from: "user@" + strings.Repeat("a.", 125) + "test", zone: open, want: spf.None, cause: "not a valid"},
		{name: "an endless address", from: strings.Repeat("x", 600) + "@example.com", zone: open, want: spf.None, cause: "longer"},
		{name: "an IPv4-mapped address is IPv4", ip: "::ffff:192.0.2.1", zone: "example.com TXT v=spf1 ip4:192.0.2.1 -all", want: spf.Pass},
		{name: "U-labels become A-labels", from: "user@bücher.example", zone: "xn--bcher-kva.example TXT v=spf1 a:%{o} -all\nxn--bcher-kva.example A 192.0.2.1", want: spf.Pass},
		{name: "and capitals in them small", from: "user@BÜCHER.example", zone: "xn--bcher-kva.example TXT v=spf1 +all", want: spf.Pass},
		{name: "with an underscore", from: "user@_x.bücher.example", zone: "_x.xn--bcher-kva.example TXT v=spf1 +all", want: spf.Pass},
		{name: "octets that are no UTF-8", from: "user@b\xfccher.example", zone: open, want: spf.None, cause: "not a valid domain name"},
		{name: "HELO with U-labels", helo: "mail.bücher.example", zone: "example.com TXT v=spf1 a:%{h} -all\nmail.xn--bcher-kva.example A 192.0.2.1", want: spf.Pass},
		{name: "HELO that is no name", helo: "\xff\xfe", zone: "example.com TXT v=spf1 a:%{h}.example.com ~all", want: spf.SoftFail, voids: -1},
		{name: "HELO too long to be true", helo: strings.Repeat("x.", 600), zone: "example.com TXT v=spf1 a:%{h}.example.com ~all\nunknown.example.com A 192.0.2.1", want: spf.Pass},
		{name: "a local part that is not ASCII matches no macro", from: "jürgen@example.com", zone: "example.com TXT v=spf1 exists:%{l}.example.com exists:%{S}.example.com ?all", want: spf.Neutral, lookups: 2, voids: -1},
		{name: "not as the target of redirect either", from: "jürgen@example.com", zone: "example.com TXT v=spf1 redirect=%{l}.example.com", want: spf.PermError},
		{name: "other terms still match", from: "jürgen@example.com", zone: "example.com TXT v=spf1 exists:%{l}.example.com exists:%{o} -all\nexample.com A 127.0.0.2", want: spf.Pass, mechanism: "exists:%{o}"},
		{name: "in an explanation it is masked", from: "jürgen@example.com", zone: "example.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT %{l} may not", want: spf.Fail, explanation: "j??rgen may not"},
	} {
		t.Run(c.name, c.run)
	}
}

func TestNullReversePathMeansHELO(t *testing.T) {
	z := parseZone(t, "mail.example.net TXT v=spf1 exists:%{l}.%{o} -all\npostmaster.mail.example.net A 127.0.0.2\nexample.net TXT v=spf1 +all")
	checker := spf.Checker{Resolver: z}
	for helo, want := range map[string]spf.Word{
		"mail.example.net": spf.Pass, "MAIL.example.net.": spf.Pass, "": spf.None, "[192.0.2.1]": spf.None, "mail": spf.None,
	} {
		r := checker.Check(context.Background(), spf.Args{IP: netip.MustParseAddr("192.0.2.1"), HELO: helo})
		if r.Result != want {
			t.Errorf("HELO %q: %s (%s), want %s", helo, r.Result, r.Cause, want)
		}
	}
}

package spf_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"unspoof/spf"
)

// expansion gives what a domain-spec expands to, from the trace.
func expansion(t *testing.T, spec string, a spf.Args) string {
	t.Helper()
	z := parseZone(t, "mail.sales.example.com TXT v=spf1 exists:"+spec+" ?all\n"+
		"7.113.0.203.in-addr.arpa PTR other.example.net\n7.113.0.203.in-addr.arpa PTR mx.mail.sales.example.com\n"+
		"mx.mail.sales.example.com A 203.0.113.7\nother.example.net A 203.0.113.7\n")
	r := (&spf.Checker{Resolver: z, Trace: true}).Check(context.Background(), a)
	for _, s := range r.Trace {
		if s.Expansion != "" {
			return s.Expansion
		}
	}
	return ""
}

func TestMacros(t *testing.T) {
	v4 := spf.Args{IP: netip.MustParseAddr("203.0.113.7"), MailFrom: "two-part+tag@mail.sales.example.com", HELO: "gw.example.org"}
	v6 := v4
	v6.IP = netip.MustParseAddr("2001:db8::cb01")
	for _, c := range []struct {
		spec string
		args spf.Args
		want string
	}{
		{"%{s}", v4, "two-part+tag@mail.sales.example.com"},
		{"%{o}", v4, "mail.sales.example.com"},
		{"%{d}", v4, "mail.sales.example.com"},
		{"%{d4}", v4, "mail.sales.example.com"},
		{"%{d9999999999999999999}", v4, "mail.sales.example.com"},
		{"%{d3}", v4, "sales.example.com"},
		{"%{d1}", v4, "com"},
		{"%{dr}", v4, "com.example.sales.mail"},
		{"%{d2r}", v4, "sales.mail"},
		{"%{D2R}", v4, "sales.mail"},
		{"%{l}", v4, "two-part+tag"},
		{"%{l-}", v4, "two.part+tag"},
		{"%{l-+}", v4, "two.part.tag"},
		{"%{lr-+}", v4, "tag.part.two"},
		{"%{l1r-}", v4, "two"},
		{"%{l1-}", v4, "part+tag"},
		{"%{l2/=,_}", v4, "two-part+tag"},
		{"%{h}", v4, "gw.example.org"},
		{"%{i}", v4, "203.0.113.7"},
		{"%{ir}.%{v}.x", v4, "7.113.0.203.in-addr.x"},
		{"%{ir}.%{v}.x", v6, "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.x"},
		{"%{i3}.x", v6, "b.0.1.x"},
		{"%{p}", v4, "mx.mail.sales.example.com"},
		{"%{p2}.x", v4, "example.com.x"},
		{"%{p}.x", v6, "unknown.x"},
		{"%{L}.x", v4, "two-part%2Btag.x"},
		{"%{S}.x", v4, "two-part%2Btag%40mail.sales.example.com.x"},
		{"a%%b%_c%-d.%{o1}", v4, "a%b c%20d.com"},
	} {
		got := expansion(t, c.spec, c.args)
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.spec, got, c.want)
		}
	}
}

func TestTruncationRemovesWholeLabels(t *testing.T) {
	args := spf.Args{IP: netip.MustParseAddr("203.0.113.7"), MailFrom: "u@mail.sales.example.com"}
	specs := []string{
		strings.Repeat("%{o}.", 10) + "xx.%{o}",
		strings.Repeat("a.%{o}.", 2000) + "x.example", // far more than a name holds
	}
	for n := range 20 { // lengths from below to above 253, with and without a final dot
		specs = append(specs, "%{o1}."+strings.Repeat("aaaaaaaaa.", 23)+strings.Repeat("b", n+1)+".example.com.")
		specs = append(specs, "%{o1}."+strings.Repeat("aaaaaaaaa.", 23)+strings.Repeat("b", n+1)+".example.com")
	}
	for _, spec := range specs {
		got := expansion(t, spec, args)
		full := strings.TrimSuffix(strings.NewReplacer("%{o}", "mail.sales.example.com", "%{o1}", "com").Replace(spec), ".")
		cut := len(full) - len(got)
		switch {
		case !strings.HasSuffix(full, got) || len(got) > 253:
			t.Errorf("%.30s…: %d octets %q", spec, len(got), got)
		case cut > 0 && (full[cut-1] != '.' || len(full)-1-strings.LastIndexByte(full[:cut-1], '.') <= 253):
			t.Errorf("%.30s…: cut to %d octets, not at the first label that makes it fit", spec, len(got))
		}
	}
}

func TestValidatedNamePrefersTheDomain(t *testing.T) {
	ptr := "1.2.0.192.in-addr.arpa PTR z.example.org\n1.2.0.192.in-addr.arpa PTR sub.example.com\n1.2.0.192.in-addr.arpa PTR example.com\n"
	addr := func(names string) (s string) {
		for n := range strings.FieldsSeq(names) {
			s += n + " A 192.0.2.1\n"
		}
		return s
	}
	for _, c := range []checkCase{
		{name: "the domain itself first", zone: ptr + addr("z.example.org sub.example.com example.com"), explanation: "example.com"},
		{name: "then one below it", zone: ptr + addr("z.example.org sub.example.com"), explanation: "sub.example.com"},
		{name: "then any", zone: ptr + addr("z.example.org"), explanation: "z.example.org"},
		{name: "then unknown", zone: ptr, explanation: "unknown"},
		{name: "unknown when DNS fails", zone: "1.2.0.192.in-addr.arpa FAULT timeout", explanation: "unknown"},
	} {
		c.zone += "\nexample.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT %{p}"
		c.want, c.lookups, c.voids = spf.Fail, -1, -1
		t.Run(c.name, c.run)
	}
}

func TestExplanations(t *testing.T) {
	from := "example.com TXT v=spf1 -all exp=e.example.com\n"
	for _, c := range []checkCase{
		{name: "strings are joined", zone: from + "e.example.com TXT No |mail |from %{i}.", explanation: "No mail from 192.0.2.1."},
		{name: "all macros", zone: from + "e.example.com TXT %{c} %{r} %{t} %{h} %%%_%-", explanation: "192.0.2.1 unknown 0 mail.example.net % %20"},
		{name: "a bad macro: none", zone: from + "e.example.com TXT see %{x}"},
		{name: "a bad end: none", zone: from + "e.example.com TXT see %"},
		{name: "not ASCII: none", zone: from + "e.example.com TXT siehe Größe"},
		{name: "a tab: none", zone: from + "e.example.com TXT a\tb"},
		{name: "two records: none", zone: from + "e.example.com TXT a\ne.example.com TXT b"},
		{name: "DNS fails: none", zone: from + "e.example.com FAULT servfail"},
		{name: "a target with macros", zone: "example.com TXT v=spf1 -all exp=%{l}.example.com\nuser.example.com TXT hello %{l}", explanation: "hello user"},
		{name: "a target that can't be asked: none", from: strings.Repeat("x", 64) + "@example.com", zone: "example.com TXT v=spf1 -all exp=%{l}.example.com"},
		{name: "of the redirect's target", zone: from[:len(from)-len("-all exp=e.example.com\n")] + "redirect=b.example.com exp=e.example.com\nb.example.com TXT v=spf1 -all\ne.example.com TXT no"},
		{name: "not of an included record", zone: "example.com TXT v=spf1 include:b.example.com -all\nb.example.com TXT v=spf1 -all exp=e.example.com\ne.example.com TXT no"},
		{name: "cut to fit a reply", zone: from + "e.example.com TXT " + strings.Repeat("x", 1000), explanation: strings.Repeat("x", 400)},
		{name: "cut within a macro", zone: from + "e.example.com TXT " + strings.Repeat("%{o}", 1000), explanation: strings.Repeat("example.com", 37)[:400]},
		{name: "the client can't break the line", from: "a\r\n250 ok\x1b[0m@example.com", zone: from + "e.example.com TXT %{l}", explanation: "a??250 ok?[0m"},
	} {
		c.want = spf.Fail
		t.Run(c.name, c.run)
	}
	z := parseZone(t, from+"e.example.com TXT %{t} at %{r}")
	args := checkCase{}.args()
	args.Time, args.Receiver = time.Unix(1700000000, 0), "mx.example.org"
	if r := (&spf.Checker{Resolver: z}).Check(context.Background(), args); r.Explanation != "1700000000 at mx.example.org" {
		t.Errorf("explanation %q", r.Explanation)
	}
	z = parseZone(t, "example.com TXT v=spf1 ~all exp=e.example.com\ne.example.com TXT no")
	if r := (&spf.Checker{Resolver: z}).Check(context.Background(), args); r.Explanation != "" {
		t.Errorf("explanation %q without a fail", r.Explanation)
	}
}

package spf_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/spf"
)

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"v=spf1", "v=spf1 -all", "v=spf1 a/24//64 mx:b.example/8 ptr ?exists:%{ir}.%{v}.b.example ~all",
		"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ip6:::ffff:192.0.2.1 redirect=%{d2}.example exp=e.example x.y=%{c}%%",
		"v=spf1 a:foo:bar/baz.example.com/24//64 include:b.example.", "v=spf1 ip4: a:192.0.2.1 %{", "V=SPF1  +IP4:1.2.3.4/032",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := spf.Parse(text)
		checked := (&spf.Checker{Resolver: txt{text}}).Check(context.Background(), checkCase{}.args())
		var e *spf.SyntaxError
		if errors.As(err, &e) {
			if e.Span.Start < 0 || e.Span.Start > e.Span.End || e.Span.End > len(text) || e.Expected == "" || e.Section == "" {
				t.Fatalf("%+v", e)
			}
			if checked.Result != spf.PermError && checked.Result != spf.None {
				t.Fatalf("%s, but %v", checked.Result, err)
			}
			return
		}
		if strings.Contains(checked.Cause, "syntax") {
			t.Fatalf("parsed, but %s", checked.Cause)
		}
		end := len("v=spf1")
		for _, term := range r.Terms {
			if text[term.Span.Start:term.Span.End] != term.Text || strings.Trim(text[end:term.Span.Start], " ") != "" || term.Span.Start == end {
				t.Fatalf("term %+v after byte %d", term, end)
			}
			end = term.Span.End
			var parts string
			for _, p := range term.Domain.Parts {
				parts += p.Text
				if text[p.Span.Start:p.Span.End] != p.Text {
					t.Fatalf("part %+v", p)
				}
			}
			if parts != term.Domain.Text {
				t.Fatalf("parts %q of %q", parts, term.Domain.Text)
			}
		}
		plain := r.String()
		again, err := spf.Parse(plain)
		if err != nil || again.String() != plain || len(again.Terms) != len(r.Terms) {
			t.Fatalf("%q became %q: %v", text, plain, err)
		}
		for i, term := range again.Terms {
			if old := r.Terms[i]; term.Kind != old.Kind || term.Result() != old.Result() || term.Network != old.Network || term.Domain.Text != old.Domain.Text {
				t.Fatalf("%+v became %+v", old, term)
			}
		}
	})
}

// FuzzMacro compares the expansion with a plain reading of section 7.3.
func FuzzMacro(f *testing.F) {
	for _, s := range []string{"%{l}.%{o}", "%{ir}.%{v}.x", "%{l2r-+}%%%_%-.x", "%{S}.%{H1}.x", "%{d99}.%{dr}.%{p}"} {
		f.Add(s, "two-part+tag", "gw.example.org", true)
		f.Add(s, "a..b", "x y=z/", false)
	}
	f.Fuzz(func(t *testing.T, spec, local, helo string, v4 bool) {
		if strings.ContainsAny(spec, " \x00") || local == "" || strings.HasPrefix(local, "@") || helo == "" || len(local) > 200 || len(helo) > 200 || !ascii(local) || !ascii(helo) {
			return
		}
		values := map[string]string{"s": local + "@example.com", "l": local, "o": "example.com", "d": "example.com", "h": strings.TrimSuffix(helo, "."),
			"p": "unknown", "i": "192.0.2.1", "v": "in-addr"}
		args := spf.Args{IP: netip.MustParseAddr("192.0.2.1"), MailFrom: local + "@example.com", HELO: helo}
		if !v4 {
			args.IP = netip.MustParseAddr("2001:db8::1")
			values["i"], values["v"] = "2.0.0.1.0.d.b.8"+strings.Repeat(".0", 23)+".1", "ip6"
		}
		r := (&spf.Checker{Resolver: txt{"v=spf1 exists:" + spec}, Trace: true}).Check(context.Background(), args)
		rec, err := spf.Parse("v=spf1 exists:" + spec)
		if err != nil || r.Result == spf.PermError {
			return
		}
		var full string
		for _, p := range rec.Terms[0].Domain.Parts {
			full += p.Literal
			if p.Macro != nil {
				full += naive(p.Macro, values[p.Macro.Letter])
			}
		}
		full = strings.TrimSuffix(full, ".")
		got := full
		if strings.Contains(spec, "%") {
			got = r.Trace[1].Expansion // step 0 is the look-up of the record
		}
		if got != full && (len(full) <= 253 || len(got) <= 253 && !strings.HasSuffix(full, "."+got)) {
			t.Fatalf("%q gives %q, want %q", spec, got, full)
		}
	})
}

func ascii(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) }

func naive(m *spf.Macro, value string) string {
	delims := m.Delimiters
	if delims == "" {
		delims = "."
	}
	var parts []string
	last := 0
	for i, c := range value {
		if strings.ContainsRune(delims, c) {
			parts = append(parts, value[last:i])
			last = i + 1
		}
	}
	parts = append(parts, value[last:])
	if m.Reverse {
		slices.Reverse(parts)
	}
	if m.Keep > 0 && m.Keep < len(parts) {
		parts = parts[len(parts)-m.Keep:]
	}
	value = strings.Join(parts, ".")
	if !m.URLEscape {
		return value
	}
	var b strings.Builder
	for _, c := range []byte(value) {
		if strings.IndexByte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + strings.ToUpper(string("0123456789abcdef"[c>>4])+string("0123456789abcdef"[c&15])))
		}
	}
	return b.String()
}

// FuzzCheck runs checks over a small zone of the fuzzer's making.
func FuzzCheck(f *testing.F) {
	f.Add("include:b.example.com -all", "a mx redirect=c.example.com", "ptr exists:%{p}.example.com ~all", "%{c} is %{p}", "u@example.com", "c.example.com", uint32(0xc0000201), false)
	f.Add("redirect=b.example.com", "include:c.example.com exp=e.example.com -all", "include:example.com", "%{l}\n", "", "b.example.com", uint32(1), true)
	f.Add("a:e.example.com//0 mx:none.example.com exists:x.%{d} exp=e.example.com -all", "", "+all", "x", "@a:b@example.com", "x", uint32(0), true)
	f.Fuzz(func(t *testing.T, a, b, c, exp, from, helo string, ip uint32, v6 bool) {
		z := zone{}
		for name, text := range map[string]string{"example.com": a, "b.example.com": b, "c.example.com": c} {
			n := z.at(name)
			n.add(name, dns.Record{Type: dns.TypeTXT, Text: []string{"v=spf1 " + text}})
			n.add(name, dns.Record{Type: dns.TypeA, Addr: netip.MustParseAddr("192.0.2.1")})
			n.add(name, dns.Record{Type: dns.TypeMX, Host: "b.example.com"})
			n.add(name, dns.Record{Type: dns.TypeMX, Host: "none.example.com"})
		}
		z.at("e.example.com").add("e.example.com", dns.Record{Type: dns.TypeTXT, Text: []string{exp}})
		z.at("e.example.com").add("e.example.com", dns.Record{Type: dns.TypeAAAA, Addr: netip.MustParseAddr("2001:db8::1")})
		z.at("1.2.0.192.in-addr.arpa").add("1.2.0.192.in-addr.arpa", dns.Record{Type: dns.TypePTR, Host: "c.example.com"})
		z.at("t.example.com").rest = dns.FaultTimeout

		args := spf.Args{IP: netip.AddrFrom4([4]byte{byte(ip >> 24), byte(ip >> 16), byte(ip >> 8), byte(ip)}), MailFrom: from, HELO: helo}
		if v6 {
			args.IP = netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 12: byte(ip >> 24), 13: byte(ip >> 16), 14: byte(ip >> 8), 15: byte(ip)})
		}
		cache := spf.NewCache(1)
		var first spf.Result
		for i, checker := range []spf.Checker{{}, {Trace: true}, {Cache: cache}, {Cache: cache, Trace: true}} {
			count := &counter{Resolver: z}
			checker.Resolver = count
			r := checker.Check(context.Background(), args)
			if r.Lookups > 10 || r.Voids > 3 || r.Voids == 3 && r.Result != spf.PermError || count.n > 1+10*11+11+1 {
				t.Fatalf("%s after %d look-ups, %d voids, %d questions", r.Result, r.Lookups, r.Voids, count.n)
			}
			if !printable(r.Explanation) || len(r.Explanation) > 400 || r.Explanation != "" && r.Result != spf.Fail || !printable(r.Sentence(args)) || r.Sentence(args) == "" {
				t.Fatalf("%q, %q", r.Explanation, r.Sentence(args))
			}
			r.Trace = nil
			if i == 0 {
				first = r
			} else if r.Result != first.Result || r.Explanation != first.Explanation || r.Lookups != first.Lookups || r.Voids != first.Voids || r.Mechanism != first.Mechanism || r.Cause != first.Cause || r.Record != first.Record {
				t.Fatalf("%+v, at first %+v", r, first)
			}
		}
	})
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

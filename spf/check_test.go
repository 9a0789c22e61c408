package spf_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/spf"
)

// checkCase is one check over a zone. Empty wants aren't compared, negative ones
// want 0.
type checkCase struct {
	name string
	zone string
	ip   string // default 192.0.2.1
	from string // default user@example.com
	helo string // default mail.example.net

	want           spf.Word
	lookups, voids int
	mechanism      string
	cause          string // part of it
	explanation    string
}

func (c checkCase) args() spf.Args {
	a := spf.Args{IP: netip.MustParseAddr("192.0.2.1"), MailFrom: "user@example.com", HELO: "mail.example.net"}
	if c.ip != "" {
		a.IP = netip.MustParseAddr(c.ip)
	}
	if c.from != "" {
		a.MailFrom = c.from
	}
	if c.helo != "" {
		a.HELO = c.helo
	}
	return a
}

// run checks anew, from a cache and with a trace; all must agree.
func (c checkCase) run(t *testing.T) {
	t.Helper()
	z := parseZone(t, c.zone)
	cache := spf.NewCache(16)
	for _, checker := range []spf.Checker{
		{Resolver: z}, {Resolver: z, Trace: true}, {Resolver: z, Cache: cache}, {Resolver: z, Cache: cache, Trace: true},
	} {
		r := checker.Check(context.Background(), c.args())
		if r.Result != c.want {
			t.Errorf("result %s (cause %q), want %s", r.Result, r.Cause, c.want)
		}
		if c.lookups != 0 && r.Lookups != max(c.lookups, 0) {
			t.Errorf("%d look-ups, want %d", r.Lookups, max(c.lookups, 0))
		}
		if c.voids != 0 && r.Voids != max(c.voids, 0) {
			t.Errorf("%d voids, want %d", r.Voids, max(c.voids, 0))
		}
		if c.mechanism != "" && r.Mechanism != c.mechanism {
			t.Errorf("mechanism %q, want %q", r.Mechanism, c.mechanism)
		}
		if !strings.Contains(r.Cause, c.cause) {
			t.Errorf("cause %q lacks %q", r.Cause, c.cause)
		}
		if r.Explanation != c.explanation {
			t.Errorf("explanation %q, want %q", r.Explanation, c.explanation)
		}
		if failed := r.Cause != ""; failed != (r.Result == spf.None || r.Result == spf.TempError || r.Result == spf.PermError) {
			t.Errorf("cause %q with result %s", r.Cause, r.Result)
		}
		if r.Sentence(c.args()) == "" {
			t.Error("no sentence")
		}
		if checker.Trace {
			checkTrace(t, z, r)
		}
		if t.Failed() {
			for _, s := range r.Trace {
				t.Logf("%+v", s)
			}
			return
		}
	}
}

// checkTrace tries what holds for every trace.
func checkTrace(t *testing.T, z zone, r spf.Result) {
	t.Helper()
	lookups, texts := 0, map[string]string{}
	for _, s := range r.Trace {
		if s.Lookups < lookups {
			t.Errorf("look-ups go back from %d to %d", lookups, s.Lookups)
		}
		lookups = s.Lookups
		if s.Section == "" || s.Domain == "" {
			t.Errorf("step without section or domain: %+v", s)
		}
		if s.Record != "" {
			texts[s.Domain] = s.Record
		}
		if s.Term != "" && s.Result != spf.PermError && texts[s.Domain][s.Span.Start:s.Span.End] != s.Term {
			t.Errorf("the span of %q is %q", s.Term, texts[s.Domain][s.Span.Start:s.Span.End])
		}
	}
	if lookups > r.Lookups {
		t.Errorf("trace counts %d look-ups, result %d", lookups, r.Lookups)
	}
}

func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(format, "#", fmt.Sprint(i)))
	}
	return b.String()
}

func TestLimits(t *testing.T) {
	hosts := repeat(20, "a#.example.com A 198.51.100.1\n") + repeat(20, "m#.example.com MX 1 a#.example.com\n")
	for _, c := range []checkCase{
		{name: "ten terms are allowed", zone: "example.com TXT v=spf1" + repeat(10, " a:a#.example.com") + " -all\n" + hosts,
			want: spf.Fail, lookups: 10, mechanism: "-all"},
		{name: "the eleventh is a permerror", zone: "example.com TXT v=spf1" + repeat(11, " mx:m#.example.com") + " -all\n" + hosts,
			want: spf.PermError, lookups: 10, mechanism: "mx:m10.example.com", cause: "more than 10 terms"},
		{name: "ip4, ip6, all and modifiers don't count", zone: "example.com TXT v=spf1" + repeat(40, " ip4:198.51.100.# ip6:2001:db8::#") + " x=y -all", want: spf.Fail, lookups: -1},
		{name: "redirect counts", zone: "example.com TXT v=spf1" + repeat(10, " a:a#.example.com") + " redirect=r.example.com\nr.example.com TXT v=spf1 +all\n" + hosts,
			want: spf.PermError, lookups: 10, mechanism: "redirect=r.example.com"},
		{name: "redirect as the tenth is allowed", zone: "example.com TXT v=spf1" + repeat(9, " a:a#.example.com") + " redirect=r.example.com\nr.example.com TXT v=spf1 +all\n" + hosts,
			want: spf.Pass, lookups: 10, mechanism: "+all"},
		{name: "terms of included records count", zone: "example.com TXT v=spf1 include:i.example.com a:a0.example.com -all\ni.example.com TXT v=spf1" + repeat(9, " a:a#.example.com") + "\n" + hosts,
			want: spf.PermError, lookups: 10},
		{name: "terms after a match don't", zone: "example.com TXT v=spf1 a:a0.example.com +all" + repeat(20, " a:a#.example.com") + "\n" + hosts,
			want: spf.Pass, lookups: 1},
		{name: "%{p} counts once", zone: "example.com TXT v=spf1 exists:%{p}.example.com exists:%{p}.example.com -all\nunknown.example.com AAAA 2001:db8::1",
			want: spf.Fail, lookups: 3, voids: 2},
		{name: "%{p} over the limit", zone: "example.com TXT v=spf1" + repeat(9, " a:a#.example.com") + " exists:%{p}.example.com -all\n" + hosts,
			want: spf.PermError, lookups: 10},
		{name: "%{p} after ptr is free", zone: "example.com TXT v=spf1 ptr exists:%{p}.example.com -all\n1.2.0.192.in-addr.arpa PTR a0.example.com\nunknown.example.com A 127.0.0.2\n" + hosts,
			want: spf.Pass, lookups: 2, mechanism: "exists:%{p}.example.com"},
		{name: "ten mail exchangers are allowed", zone: "example.com TXT v=spf1 mx -all\n" + repeat(10, "example.com MX # a#.example.com\n") + hosts,
			want: spf.Fail, lookups: 1},
		{name: "eleven are a permerror, though the first matches", zone: "example.com TXT v=spf1 mx -all\n" + repeat(11, "example.com MX # a#.example.com\n") + "a0.example.com A 192.0.2.1\n" + hosts,
			want: spf.PermError, cause: "11 mail exchangers"},
		{name: "the tenth name of a PTR answer is used", zone: "example.com TXT v=spf1 ptr -all\n" + repeat(9, "1.2.0.192.in-addr.arpa PTR a#.example.com\n") + "1.2.0.192.in-addr.arpa PTR me.example.com\nme.example.com A 192.0.2.1\n" + hosts,
			want: spf.Pass, lookups: 1},
		{name: "the eleventh is ignored", zone: "example.com TXT v=spf1 ptr -all\n" + repeat(10, "1.2.0.192.in-addr.arpa PTR a#.example.com\n") + "1.2.0.192.in-addr.arpa PTR me.example.com\nme.example.com A 192.0.2.1\n" + hosts,
			want: spf.Fail, lookups: 1},
	} {
		t.Run(c.name, c.run)
	}
}

func TestVoids(t *testing.T) {
	for _, c := range []checkCase{
		{name: "two are allowed", zone: "example.com TXT v=spf1 a:x.example.com exists:y.example.com -all", want: spf.Fail, lookups: 2, voids: 2},
		{name: "three are a permerror", zone: "example.com TXT v=spf1 a:x.example.com mx:y.example.com exists:z.example.com +all",
			want: spf.PermError, voids: 3, mechanism: "exists:z.example.com", cause: "more than 2 terms"},
		{name: "the third as the last term", zone: "example.com TXT v=spf1 a:x.example.com mx:y.example.com a:z.example.com", want: spf.PermError},
		{name: "across records", zone: "example.com TXT v=spf1 a:x.example.com include:i.example.com +all\ni.example.com TXT v=spf1 a:y.example.com a:z.example.com -all", want: spf.PermError, voids: 3},
		{name: "no data for the client's family is void", zone: "example.com TXT v=spf1 a mx:m.example.com -all\nexample.com AAAA 2001:db8::1\nm.example.com MX 1 example.com", want: spf.Fail, voids: 2},
		{name: "the other family does not matter", ip: "2001:db8::2", zone: "example.com TXT v=spf1 a mx:m.example.com -all\nexample.com AAAA 2001:db8::1\nm.example.com MX 1 example.com", want: spf.Fail, voids: -1},
		{name: "an mx term counts once, whatever its hosts", zone: "example.com TXT v=spf1 mx -all\n" + repeat(5, "example.com MX # h#.example.com\n"), want: spf.Fail, lookups: 1, voids: 1},
		{name: "exists asks for A, also for IPv6", ip: "2001:db8::2", zone: "example.com TXT v=spf1 exists:x.example.com -all\nx.example.com AAAA 2001:db8::2", want: spf.Fail, voids: 1},
		{name: "no PTR record is void", zone: "example.com TXT v=spf1 ptr -all", want: spf.Fail, voids: 1},
		{name: "names that the client's side chose are not", zone: "example.com TXT v=spf1 ptr -all\n" + repeat(5, "1.2.0.192.in-addr.arpa PTR h#.example.com\n"), want: spf.Fail, voids: -1},
		{name: "nor is the first question", zone: "example.org TXT v=spf1 -all", want: spf.None, lookups: -1, voids: -1, cause: "does not exist"},
		{name: "nor an explanation", zone: "example.com TXT v=spf1 a:x.example.com a:y.example.com -all exp=z.example.com", want: spf.Fail, voids: 2},
		{name: "nor a name that can't be asked", zone: "example.com TXT v=spf1 a:x..example.com a:y..example.com a:z..example.com -all", want: spf.Fail, lookups: 3, voids: -1},
		{name: "an included name that is not there", zone: "example.com TXT v=spf1 include:i.example.com -all", want: spf.PermError, lookups: 1, voids: 1, cause: "include: asks for a record that is not there: i.example.com does not exist"},
	} {
		t.Run(c.name, c.run)
	}
}

func TestLoops(t *testing.T) {
	for _, c := range []checkCase{
		{name: "include of itself", zone: "example.com TXT v=spf1 include:example.com -all", want: spf.PermError, lookups: 10},
		{name: "redirect to itself", zone: "example.com TXT v=spf1 redirect=example.com", want: spf.PermError, lookups: 10},
		{name: "includes of each other", zone: "example.com TXT v=spf1 include:b.example.com -all\nb.example.com TXT v=spf1 include:example.com -all", want: spf.PermError, lookups: 10},
		{name: "redirects to each other", zone: "example.com TXT v=spf1 redirect=b.example.com\nb.example.com TXT v=spf1 redirect=example.com", want: spf.PermError, lookups: 10},
		{name: "include that redirects back", zone: "example.com TXT v=spf1 include:b.example.com -all\nb.example.com TXT v=spf1 redirect=example.com", want: spf.PermError, lookups: 10},
		{name: "a forest of includes", zone: "example.com TXT v=spf1" + repeat(30, " include:example.com"), want: spf.PermError, lookups: 10},
		{name: "alias of itself", zone: "example.com TXT v=spf1 a:b.example.com -all\nb.example.com CNAME b.example.com", want: spf.TempError},
		{name: "a loop that a match cuts short", zone: "example.com TXT v=spf1 ip4:192.0.2.1 include:example.com -all", want: spf.Pass, lookups: -1},
	} {
		t.Run(c.name, c.run)
	}
}

func TestResults(t *testing.T) {
	for _, c := range []checkCase{
		{name: "the sign of the term decides", zone: "example.com TXT v=spf1 ~ip4:192.0.2.0/24 -all", want: spf.SoftFail, mechanism: "~ip4:192.0.2.0/24"},
		{name: "names and signs in any case", zone: "example.com TXT V=SPF1 IP4:198.51.100.1 InClude:I.example.COM ?ALL\ni.example.com TXT v=spf1 ?IP4:192.0.2.1", want: spf.Neutral, mechanism: "?ALL"},
		{name: "no term matches", zone: "example.com TXT v=spf1 ip4:198.51.100.1", want: spf.Neutral},
		{name: "several records", zone: "example.com TXT v=spf1 -all\nexample.com TXT v=spf1 +all", want: spf.PermError, cause: "2 SPF records"},
		{name: "records of other kinds are ignored", zone: "example.com TXT v=spf10 +all\nexample.com TXT v=spf1|x\nexample.com TXT v=spf1 -all\nexample.com TXT spf2.0/pra +all", want: spf.Fail},
		{name: "a version split over strings", zone: "example.com TXT v|=s||pf1| -a|ll", want: spf.Fail, mechanism: "-all"},
		{name: "a version alone", zone: "example.com TXT v=sp|f1", want: spf.Neutral},
		{name: "DNS fails for the record", zone: "example.com FAULT servfail", want: spf.TempError, cause: "no answer from DNS for TXT example.com: servfail"},
		{name: "DNS fails for a host", zone: "example.com TXT v=spf1 a:b.example.com +all\nb.example.com FAULT timeout", want: spf.TempError, mechanism: "a:b.example.com"},
		{name: "DNS fails for an include", zone: "example.com TXT v=spf1 include:b.example.com +all\nb.example.com FAULT timeout", want: spf.TempError},
		{name: "DNS fails for a redirect", zone: "example.com TXT v=spf1 redirect=b.example.com\nb.example.com FAULT timeout", want: spf.TempError},
		{name: "DNS fails for PTR: no match", zone: "example.com TXT v=spf1 ptr -all\n1.2.0.192.in-addr.arpa FAULT timeout", want: spf.Fail},
		{name: "DNS fails for a PTR name: the next one", zone: "example.com TXT v=spf1 ptr -all\n1.2.0.192.in-addr.arpa PTR a.example.com\n1.2.0.192.in-addr.arpa PTR b.example.com\na.example.com FAULT timeout\nb.example.com A 192.0.2.1", want: spf.Pass},
		{name: "a name that DNS can't be asked is not there", zone: "example.com TXT v=spf1 a:b.example.com -all\nb.example.com FAULT name", want: spf.Fail},
		{name: "an error after the match still counts", zone: "example.com TXT v=spf1 +all include", want: spf.PermError, cause: "syntax error"},
		{name: "an error in a record that is not reached does not", zone: "example.com TXT v=spf1 +all include:b.example.com\nb.example.com TXT v=spf1 x", want: spf.Pass},
		{name: "include of none", zone: "example.com TXT v=spf1 include:b.example.com +all\nb.example.com A 192.0.2.1", want: spf.PermError, cause: "b.example.com has no SPF record"},
		{name: "redirect to none", zone: "example.com TXT v=spf1 redirect=b.example.com\nb.example.com A 192.0.2.1", want: spf.PermError, cause: "b.example.com has no SPF record"},
		{name: "redirect beside all is ignored", zone: "example.com TXT v=spf1 redirect=b.example.com ?all", want: spf.Neutral, lookups: -1},
		{name: "redirect with a macro to one label", zone: "example.com TXT v=spf1 redirect=%{d1}", want: spf.PermError, cause: "not a full domain name"},
		{name: "include with a macro to one label", zone: "example.com TXT v=spf1 include:%{d1}", want: spf.PermError, cause: "not a full domain name"},
		{name: "a redirect inside an include", zone: "example.com TXT v=spf1 include:b.example.com -all\nb.example.com TXT v=spf1 redirect=c.example.com\nc.example.com TXT v=spf1 ip4:192.0.2.1", want: spf.Pass, lookups: 2, mechanism: "include:b.example.com"},
		{name: "the current domain of an included record", zone: "example.com TXT v=spf1 include:b.example.com -all\nb.example.com TXT v=spf1 a\nb.example.com A 192.0.2.1", want: spf.Pass},
		{name: "the current domain after an include", zone: "example.com TXT v=spf1 include:b.example.com a -all\nb.example.com TXT v=spf1 ip4:198.51.100.1\nexample.com A 192.0.2.1", want: spf.Pass, mechanism: "a"},
		{name: "an alias of the record", zone: "example.com CNAME b.example.org\nb.example.org TXT v=spf1 a -all\nb.example.org A 192.0.2.1", want: spf.Pass},
		{name: "null MX", zone: "example.com TXT v=spf1 mx -all\nexample.com MX 0 .", want: spf.Fail, voids: -1},
		{name: "mx prefix for IPv6", ip: "2001:db8:1::9", zone: "example.com TXT v=spf1 mx/8//48 -all\nexample.com MX 0 b.example.com\nb.example.com AAAA 2001:db8:1:2::3", want: spf.Pass},
		{name: "mx prefix for IPv4 is not that for IPv6", ip: "2001:db8:1::9", zone: "example.com TXT v=spf1 mx/8 -all\nexample.com MX 0 b.example.com\nb.example.com AAAA 2001:db8:1:2::3", want: spf.Fail},
		{name: "an answer with addresses of the other family", zone: "example.com TXT v=spf1 a//0 -all\nexample.com AAAA ::c000:201", want: spf.Fail},
		{name: "ip6 never matches IPv4", zone: "example.com TXT v=spf1 ip6:::/0 ip6:::ffff:192.0.2.1 -all", want: spf.Fail},
		{name: "ip4 never matches IPv6", ip: "2001:db8::1", zone: "example.com TXT v=spf1 ip4:0.0.0.0/0 -all", want: spf.Fail},
		{name: "a zone of an address is no part of it", ip: "fe80::1%eth0", zone: "example.com TXT v=spf1 ip6:fe80::1 -all", want: spf.Pass},
		{name: "ptr is case-blind and whole-label", zone: "example.com TXT v=spf1 ptr:Example.ORG -all\n1.2.0.192.in-addr.arpa PTR badexample.org\n1.2.0.192.in-addr.arpa PTR A.eXample.org\nbadexample.org A 192.0.2.1\na.example.org A 192.0.2.1", want: spf.Pass},
		{name: "ptr wants the address back", zone: "example.com TXT v=spf1 ptr -all\n1.2.0.192.in-addr.arpa PTR example.com\nexample.com A 198.51.100.1", want: spf.Fail},
	} {
		t.Run(c.name, c.run)
	}
}

func TestPrefixLengths(t *testing.T) {
	for bits := range 129 {
		p := netip.PrefixFrom(netip.MustParseAddr("2001:db8:a5a5:a5a5:a5a5:a5a5:a5a5:a5a5"), bits)
		z := parseZone(t, fmt.Sprintf("example.com TXT v=spf1 ip6:%s -all", p))
		checkPrefix(t, z, p)
	}
	for bits := range 33 {
		p := netip.PrefixFrom(netip.MustParseAddr("203.0.113.165"), bits)
		checkPrefix(t, parseZone(t, fmt.Sprintf("example.com TXT v=spf1 ip4:%s -all", p)), p)
		checkPrefix(t, parseZone(t, fmt.Sprintf("example.com TXT v=spf1 a/%d -all\nexample.com A %s", bits, p.Addr())), p)
	}
}

// checkPrefix flips each bit of the address in turn.
func checkPrefix(t *testing.T, z zone, p netip.Prefix) {
	t.Helper()
	checker := spf.Checker{Resolver: z}
	for i := range p.Addr().BitLen() {
		b := p.Addr().AsSlice()
		b[i/8] ^= 0x80 >> (i % 8)
		addr, _ := netip.AddrFromSlice(b)
		want := spf.Fail
		if p.Contains(addr) {
			want = spf.Pass
		}
		r := checker.Check(context.Background(), spf.Args{IP: addr, MailFrom: "user@example.com"})
		if r.Result != want {
			t.Errorf("%s in %s: %s, want %s", addr, p, r.Result, want)
		}
	}
}

func TestCheckerOptions(t *testing.T) {
	z := parseZone(t, "example.com TXT v=spf1 a:x.example.com a:y.example.com a:z.example.com -all")
	args := checkCase{}.args()
	if r := (&spf.Checker{Resolver: z, MaxVoids: 3}).Check(context.Background(), args); r.Result != spf.Fail {
		t.Errorf("3 voids allowed: %s", r.Result)
	}
	if r := (&spf.Checker{Resolver: z, MaxVoids: -1}).Check(context.Background(), args); r.Result != spf.PermError || r.Voids != 1 {
		t.Errorf("no void allowed: %s, %d voids", r.Result, r.Voids)
	}
	if r := (&spf.Checker{Resolver: z, MaxLookups: 1}).Check(context.Background(), args); r.Result != spf.PermError || r.Lookups != 1 {
		t.Errorf("1 look-up allowed: %s, %d look-ups", r.Result, r.Lookups)
	}
	if r := (&spf.Checker{}).Check(context.Background(), args); r.Result != spf.TempError || r.Cause == "" {
		t.Errorf("no resolver: %s", r.Result)
	}
	if r := (&spf.Checker{Resolver: z}).Check(context.Background(), spf.Args{MailFrom: "user@example.com"}); r.Result != spf.None || r.Cause == "" {
		t.Errorf("no address: %s", r.Result)
	}
}

// counter counts questions and ends ctx after some.
type counter struct {
	dns.Resolver
	n      int
	after  int
	cancel func()
}

func (c *counter) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if c.n++; c.n == c.after {
		c.cancel()
	}
	return c.Resolver.Lookup(context.Background(), q) // looks not at ctx
}

func TestQuestionsAreBounded(t *testing.T) {
	// The dearest record that the limits of section 4.6.4 allow.
	z := parseZone(t, "example.com TXT v=spf1"+repeat(9, " mx:m#.example.com")+" -all exp=%{p}.example.com\n"+
		repeat(9, "m#.example.com MX 0 h0.example.com\nm#.example.com MX 1 h1.example.com\nm#.example.com MX 2 h2.example.com\nm#.example.com MX 3 h3.example.com\nm#.example.com MX 4 h4.example.com\n"+
			"m#.example.com MX 5 h5.example.com\nm#.example.com MX 6 h6.example.com\nm#.example.com MX 7 h7.example.com\nm#.example.com MX 8 h8.example.com\nm#.example.com MX 9 h9.example.com\n")+
		repeat(10, "h#.example.com A 198.51.100.1\n1.2.0.192.in-addr.arpa PTR h#.example.com\n"))
	c := &counter{Resolver: z}
	r := (&spf.Checker{Resolver: c}).Check(context.Background(), checkCase{}.args())
	if r.Result != spf.Fail || c.n != 1+9*11+11+1 {
		t.Errorf("%s after %d questions", r.Result, c.n)
	}
	c.n = 0
	r = (&spf.Checker{Resolver: &counter{Resolver: parseZone(t, "example.com TXT v=spf1 redirect=example.com")}, MaxLookups: 1 << 30}).Check(context.Background(), checkCase{}.args())
	if r.Result != spf.PermError || !strings.Contains(r.Cause, "250 DNS questions") {
		t.Errorf("without a limit on terms: %s, %s", r.Result, r.Cause)
	}
}

func TestTimeIsUp(t *testing.T) {
	for _, text := range []string{
		"a:a.example.com a:b.example.com +all", "mx:a.example.com +all", "ptr +all", "exists:%{p}.example.com +all",
		"include:b.example.com +all", "redirect=b.example.com",
	} {
		z := parseZone(t, "example.com TXT v=spf1 "+text+"\na.example.com A 198.51.100.1\na.example.com MX 1 a.example.com\n"+
			"b.example.com TXT v=spf1 +all\n1.2.0.192.in-addr.arpa PTR example.com")
		for after := 1; after <= 2; after++ {
			ctx, cancel := context.WithCancel(context.Background())
			c := &counter{Resolver: z, after: after, cancel: cancel}
			r := (&spf.Checker{Resolver: c}).Check(ctx, checkCase{}.args())
			if c.n == after && r.Result == spf.Pass {
				continue // the last question was the one that ended it
			}
			if r.Result != spf.TempError || !strings.Contains(r.Cause, "canceled") {
				t.Errorf("%s, cancelled at question %d: %s, %q", text, after, r.Result, r.Cause)
			}
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	z := parseZone(t, "example.com TXT v=spf1 +all")
	if r := (&spf.Checker{Resolver: z}).Check(ctx, checkCase{}.args()); r.Result != spf.TempError {
		t.Errorf("cancelled before: %s", r.Result)
	}
}

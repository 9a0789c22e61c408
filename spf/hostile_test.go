package spf_test

import (
	"context"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/spf"
)

func TestHostileAnswers(t *testing.T) {
	many := make([]string, 30000)
	for i := range many {
		many[i] = "ip4:198.51.100.1 "
	}
	for _, c := range []struct {
		name string
		txt  txt
		want spf.Word
	}{
		{"a record of the greatest length", txt{"v=spf1 " + strings.Repeat("a ", 32764)}, spf.PermError},
		{"a longer one", txt{"v=spf1 " + strings.Repeat("a ", 40000)}, spf.PermError},
		{"a longer one in many strings", append(txt{"v=spf1 "}, many...), spf.PermError},
		{"a record without strings", txt{}, spf.None},
		{"a record of empty strings", make(txt, 10000), spf.None},
		{"many empty strings before the version", append(make(txt, 10000), "v=spf1 -all"), spf.Fail},
		{"macros without end", txt{"v=spf1 exists:" + strings.Repeat("%{s}", 16000)}, spf.PermError},
		{"macros of names that IDNA refuses", txt{"v=spf1 -exists:" + strings.Repeat("%{h}", 16000)}, spf.PermError},
		{"spaces without end", txt{"v=spf1" + strings.Repeat(" ", 60000) + "-all"}, spf.Fail},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := spf.Args{
				IP:       netip.MustParseAddr("2001:db8::1"),
				MailFrom: strings.Repeat("a.", 240) + "@example.com",
				HELO:     strings.Repeat("\u00fc\u0660\u06f0.", 70), // digits of two kinds
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for _, trace := range []bool{false, true} {
				r := (&spf.Checker{Resolver: c.txt, Trace: trace}).Check(context.Background(), args)
				if r.Result != c.want {
					t.Errorf("%s (%.200s), want %s", r.Result, r.Cause, c.want)
				}
				if len(r.Cause) > 1000 || len(r.Sentence(args)) > 1200 || len(r.Mechanism) > 1<<16 {
					t.Errorf("a cause of %d octets, a sentence of %d", len(r.Cause), len(r.Sentence(args)))
				}
			}
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 32<<20 { // for inputs of half a megabyte at most
				t.Errorf("took %d octets", n)
			}
		})
	}
}

func TestManyRecords(t *testing.T) {
	z := parseZone(t, "example.com TXT v=spf1 a ~all")
	n := z.at("example.com")
	for i := range 5000 {
		n.add("example.com", dns.Record{Type: dns.TypeTXT, Text: []string{"x"}})
		n.add("example.com", dns.Record{Type: dns.TypeA, Addr: netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)})})
	}
	r := (&spf.Checker{Resolver: z, Trace: true}).Check(context.Background(), checkCase{}.args())
	if r.Result != spf.SoftFail {
		t.Errorf("%s: %s", r.Result, r.Cause)
	}
	for _, s := range r.Trace {
		if len(s.Answer) > 2000 {
			t.Errorf("an answer of %d octets: %.100s", len(s.Answer), s.Answer)
		}
	}
	n.add("example.com", dns.Record{Type: dns.TypeA, Addr: netip.MustParseAddr("192.0.2.1")})
	if r := (&spf.Checker{Resolver: z}).Check(context.Background(), checkCase{}.args()); r.Result != spf.Pass {
		t.Errorf("the last of 5001 addresses: %s", r.Result)
	}
}

func TestTraceIsBounded(t *testing.T) {
	z := parseZone(t, "example.com TXT v=spf1"+strings.Repeat(" ip4:198.51.100.1", 3000)+" include:b.example.com -all\nb.example.com TXT v=spf1"+strings.Repeat(" ip4:198.51.100.1", 500)+" a:c.example.com ?all\nc.example.com A 192.0.2.1")
	r := (&spf.Checker{Resolver: z, Trace: true}).Check(context.Background(), checkCase{}.args())
	if r.Result != spf.Pass || len(r.Trace) > 1000 {
		t.Errorf("%s with %d steps", r.Result, len(r.Trace))
	}
	if last := r.Trace[len(r.Trace)-1]; !strings.Contains(last.Note, "left out") {
		t.Errorf("last step %+v", last)
	}
}

// odd answers with what no resolver should.
type odd struct{ dns.Answer }

func (o odd) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	if q.Type == dns.TypeTXT {
		return txt{"v=spf1 a mx ptr exists:%{p}.example.com ~all"}.Lookup(context.Background(), q)
	}
	return o.Answer, nil
}

func TestOddAnswers(t *testing.T) {
	for name, records := range map[string][]dns.Record{
		"records without data":    {{}, {}},
		"addresses of no family":  {{Type: dns.TypeA, Addr: netip.Addr{}}},
		"IPv4-mapped addresses":   {{Type: dns.TypeAAAA, Addr: netip.MustParseAddr("::ffff:192.0.2.1")}},
		"names that are no names": {{Host: strings.Repeat("x", 300)}, {Host: "a..b"}, {Host: "\x00"}, {Host: "ü.example"}},
	} {
		for _, ip := range []string{"192.0.2.1", "2001:db8::1"} {
			c := spf.Checker{Resolver: odd{dns.Answer{Records: records}}, Trace: true}
			r := c.Check(context.Background(), spf.Args{IP: netip.MustParseAddr(ip), MailFrom: "u@example.com"})
			if r.Result != spf.Pass || r.Mechanism != "exists:%{p}.example.com" {
				t.Errorf("%s: %s at %s (%s)", name, r.Result, r.Mechanism, r.Cause)
			}
		}
	}
}

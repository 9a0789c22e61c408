package spf_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/spf"
)

// said renders a set: a line a range, with what is not the same everywhere.
func said(s *spf.Set) string {
	var b strings.Builder
	for i := range s.Ranges {
		r := &s.Ranges[i]
		fmt.Fprintf(&b, "%s %s", r.Range, r.Result)
		if r.Limited != r.Result {
			fmt.Fprintf(&b, "/%s", r.Limited)
		}
		for _, src := range s.Path(r.Source) {
			fmt.Fprintf(&b, " %s", src.Term)
		}
		if len(r.Unless()) > 0 {
			fmt.Fprintf(&b, " unless%v %v %v", r.Unless(), r.May(spf.AsWritten), r.May(spf.WithLimits))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const setZone = `
pass.test TXT v=spf1 ip4:192.0.2.0/24 -all
soft.test TXT v=spf1 -ip4:192.0.2.0/25 ip4:192.0.2.0/24 ~all
broken.test TXT v=spf1 ip4:192.0.2.0/33 -all
loop.test TXT v=spf1 ip4:192.0.2.1 include:loop.test -all
twice.test TXT v=spf1 -all
twice.test TXT v=spf1 ~all
down.test FAULT timeout
h.test A 192.0.2.1
h.test AAAA 2001:db8::1
h4.test A 192.0.2.4
mx.test MX 10 none.test
mx.test MX 20 h4.test
mx.test MX 30 h.test
half.test MX 10 h.test
half.test MX 20 down.test
in-addr.test TXT v=spf1 ip4:192.0.2.9 -all
ip6.test TXT v=spf1 ip6:2001:db8::9 -all
denies.test TXT v=spf1 -all
listed.test TXT v=spf1 exists:%{i}.list.test -all
`

func TestSets(t *testing.T) {
	z := parseZone(t, setZone)
	eleven := z.at("eleven.test")
	for range 11 {
		eleven.add("eleven.test", dns.Record{Type: dns.TypeMX, Host: "h.test"})
	}
	const fail4, fail6 = "0.0.0.0/0 fail -all\n", "::/0 fail -all\n"
	for _, c := range []struct{ name, record, want string }{
		{"all qualifiers, the first match wins", "v=spf1 -ip4:10.0.0.0/9 ip4:10.0.0.0/8 ?ip4:0.0.0.0/1 ~all",
			"0.0.0.0-9.255.255.255 neutral ?ip4:0.0.0.0/1\n10.0.0.0/9 fail -ip4:10.0.0.0/9\n10.128.0.0/9 pass ip4:10.0.0.0/8\n" +
				"11.0.0.0-127.255.255.255 neutral ?ip4:0.0.0.0/1\n128.0.0.0/1 softfail ~all\n::/0 softfail ~all\n"},
		{"neutral is the end of every record", "v=spf1", "0.0.0.0/0 neutral \n::/0 neutral \n"},
		{"an include matches where its record passes", "v=spf1 ?include:soft.test -all",
			"0.0.0.0-192.0.2.127 fail -all\n192.0.2.128/25 neutral ?include:soft.test ip4:192.0.2.0/24\n192.0.3.0-255.255.255.255 fail -all\n" + fail6},
		{"a redirect's results stay", "v=spf1 ip4:192.0.2.255 redirect=soft.test",
			"0.0.0.0-192.0.1.255 softfail redirect=soft.test ~all\n192.0.2.0/25 fail redirect=soft.test -ip4:192.0.2.0/25\n" +
				"192.0.2.128-192.0.2.254 pass redirect=soft.test ip4:192.0.2.0/24\n192.0.2.255 pass ip4:192.0.2.255\n" +
				"192.0.3.0-255.255.255.255 softfail redirect=soft.test ~all\n::/0 softfail redirect=soft.test ~all\n"},
		{"no redirect beside all", "v=spf1 redirect=soft.test -all", fail4 + fail6},
		{"a broken include breaks the check for whomever nothing before matches", "v=spf1 ip4:192.0.2.0/24 include:broken.test -all",
			"0.0.0.0-192.0.1.255 permerror include:broken.test ip4:192.0.2.0/33\n192.0.2.0/24 pass ip4:192.0.2.0/24\n" +
				"192.0.3.0-255.255.255.255 permerror include:broken.test ip4:192.0.2.0/33\n::/0 permerror include:broken.test ip4:192.0.2.0/33\n"},
		{"a loop is a permerror", "v=spf1 include:loop.test -all",
			"0.0.0.0-192.0.2.0 permerror include:loop.test include:loop.test \n192.0.2.1 pass include:loop.test ip4:192.0.2.1\n" +
				"192.0.2.2-255.255.255.255 permerror include:loop.test include:loop.test \n::/0 permerror include:loop.test include:loop.test \n"},
		{"a host may have one family", "v=spf1 a:h4.test//64 -all",
			"0.0.0.0-192.0.2.3 fail -all\n192.0.2.4 pass a:h4.test//64\n192.0.2.5-255.255.255.255 fail -all\n" + fail6},
		{"what DNS does not answer is not known", "v=spf1 ip4:192.0.2.0/24 a:down.test -all",
			"0.0.0.0-192.0.1.255 temperror a:down.test\n192.0.2.0/24 pass ip4:192.0.2.0/24\n192.0.3.0-255.255.255.255 temperror a:down.test\n::/0 temperror a:down.test\n"},
		{"hosts before one that fails still match", "v=spf1 mx:half.test -all",
			"0.0.0.0-192.0.2.0 temperror mx:half.test\n192.0.2.1 pass mx:half.test\n192.0.2.2-255.255.255.255 temperror mx:half.test\n" +
				"::-2001:db8:: temperror mx:half.test\n2001:db8::1 pass mx:half.test\n2001:db8::2-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff temperror mx:half.test\n"},
		{"the eleventh look-up is reached by those that nothing matches before", "v=spf1 a:h.test a:h.test a:h.test a:h.test a:h.test a:h.test a:h.test a:h.test a:h.test a:h.test a:h4.test ip4:192.0.2.9 -all",
			"0.0.0.0-192.0.2.0 fail/permerror -all\n192.0.2.1 pass a:h.test\n192.0.2.2/31 fail/permerror -all\n192.0.2.4 pass/permerror a:h4.test\n" +
				"192.0.2.5-192.0.2.8 fail/permerror -all\n192.0.2.9 pass/permerror ip4:192.0.2.9\n192.0.2.10-255.255.255.255 fail/permerror -all\n" +
				"::-2001:db8:: fail/permerror -all\n2001:db8::1 pass a:h.test\n2001:db8::2-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fail/permerror -all\n"},
		{"voids count by family", "v=spf1 a:h4.test a:h4.test a:h4.test -all",
			"0.0.0.0-192.0.2.3 fail -all\n192.0.2.4 pass a:h4.test\n192.0.2.5-255.255.255.255 fail -all\n::/0 fail/permerror -all\n"},
		{"a void host of an mx counts for those after it", "v=spf1 mx:mx.test a:none.test a:none.test ip4:192.0.2.9 -all",
			"0.0.0.0-192.0.2.0 fail/permerror -all\n192.0.2.1 pass mx:mx.test\n192.0.2.2/31 fail/permerror -all\n192.0.2.4 pass mx:mx.test\n" +
				"192.0.2.5-192.0.2.8 fail/permerror -all\n192.0.2.9 pass/permerror ip4:192.0.2.9\n192.0.2.10-255.255.255.255 fail/permerror -all\n" +
				"::-2001:db8:: fail/permerror -all\n2001:db8::1 pass mx:mx.test\n2001:db8::2-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fail/permerror -all\n"},
		{"eleven hosts are too many, even for a match", "v=spf1 mx:eleven.test//0 ~all",
			"0.0.0.0-192.0.2.0 softfail/permerror ~all\n192.0.2.1 pass/permerror mx:eleven.test//0\n192.0.2.2-255.255.255.255 softfail/permerror ~all\n::/0 pass/permerror mx:eleven.test//0\n"},
		{"an exists without the message is settled", "v=spf1 -exists:h.test all", "0.0.0.0/0 fail -exists:h.test\n::/0 fail -exists:h.test\n"},
		{"%{v} and %{d} are known", "v=spf1 include:%{v}.test a:%{d} -all",
			"0.0.0.0-192.0.2.8 fail -all\n192.0.2.9 pass include:%{v}.test ip4:192.0.2.9\n192.0.2.10-255.255.255.255 fail -all\n" +
				"::-2001:db8::8 fail -all\n2001:db8::9 pass include:%{v}.test ip6:2001:db8::9\n2001:db8::a-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fail -all\n"},
		{"behind a term that depends on the message", "v=spf1 ip4:192.0.2.0/24 exists:%{i}.x.test -all",
			"0.0.0.0-192.0.1.255 fail -all unless[0] [pass] [pass]\n192.0.2.0/24 pass ip4:192.0.2.0/24\n192.0.3.0-255.255.255.255 fail -all unless[0] [pass] [pass]\n::/0 fail -all unless[0] [pass] [pass]\n"},
		{"such a term in an include", "v=spf1 ~include:listed.test -all",
			"0.0.0.0/0 fail -all unless[0] [softfail] [softfail]\n::/0 fail -all unless[0] [softfail] [softfail]\n"},
		{"three that find nothing are too many", "v=spf1 exists:%{i}.x.test exists:%{i}.y.test exists:%{l}.z.test ?all",
			"0.0.0.0/0 neutral/permerror ?all unless[0 1 2] [pass] [neutral pass]\n::/0 neutral/permerror ?all unless[0 1 2] [pass] [neutral pass]\n"},
		{"ptr is never settled", "v=spf1 ptr -all", "0.0.0.0/0 fail -all unless[0] [pass] [pass]\n::/0 fail -all unless[0] [pass] [pass]\n"},
		{"a redirect that depends on the message", "v=spf1 ip4:0.0.0.0/0 redirect=%{l}.test",
			"0.0.0.0/0 pass ip4:0.0.0.0/0\n::/0 unknown redirect=%{l}.test unless[0] [fail neutral pass permerror softfail] [fail neutral pass permerror softfail]\n"},
		{"a record that is broken", "v=spf1 ip4:192.0.2.300 -all", "0.0.0.0/0 permerror ip4:192.0.2.300\n::/0 permerror ip4:192.0.2.300\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := spf.Sets(context.Background(), spf.SetArgs{Domain: home, Record: c.record, Resolver: z})
			if err != nil {
				t.Fatal(err)
			}
			if got := said(s); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			if s.Incomplete != "" || s.Symbolic == nil || s.Domain != home || s.Record != c.record {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestSetsOfWhatIsPublished(t *testing.T) {
	z := parseZone(t, setZone)
	for domain, want := range map[string]spf.Word{
		"h.test": spf.None, "gone.test": spf.None, "twice.test": spf.PermError, "down.test": spf.TempError, "broken.test": spf.PermError, "pass.test.": spf.Fail,
	} {
		s, err := spf.Sets(context.Background(), spf.SetArgs{Domain: domain, Resolver: z})
		if err != nil {
			t.Fatal(err)
		}
		if r := s.Ranges[0]; r.Result != want || s.Sources[r.Source].Cause == "" && want != spf.Fail {
			t.Errorf("%s: %+v because %q, want %s", domain, r, s.Sources[r.Source].Cause, want)
		}
	}
	for _, domain := range []string{"", "one", "[192.0.2.1]"} {
		if _, err := spf.Sets(context.Background(), spf.SetArgs{Domain: domain, Resolver: z}); !errors.Is(err, spf.ErrDomain) {
			t.Errorf("domain %q: %v", domain, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := spf.Sets(ctx, spf.SetArgs{Domain: "pass.test", Resolver: z}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the caller gave up: %v", err)
	}
}

func TestSetsWithoutDomain(t *testing.T) {
	z := parseZone(t, setZone)
	for record, complete := range map[string]bool{
		"v=spf1 a:h.test include:pass.test ip4:192.0.2.1 exists:%{i}.x.test -all": true,
		"v=spf1 a -all":               false,
		"v=spf1 mx -all":              false,
		"v=spf1 a:x.%{d} -all":        false,
		"v=spf1 include:%{o} -all":    false,
		"v=spf1 -all a redirect=%{d}": true,
	} {
		s, err := spf.Sets(context.Background(), spf.SetArgs{Record: record, Resolver: z})
		if err != nil || (s.Incomplete == "") != complete {
			t.Errorf("%s: incomplete %q, %v", record, s.Incomplete, err)
		}
	}
}

func TestSymbolic(t *testing.T) {
	z := parseZone(t, setZone)
	s, err := spf.Sets(context.Background(), spf.SetArgs{Domain: "EXAMPLE.test", Resolver: z,
		Record: "v=spf1 ip4:128.0.0.0/1 -include:listed.test ?a:%{l}.%{d}/24 redirect=%{s}.test"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, sym := range s.Symbolic {
		got = append(got, fmt.Sprint(sym.Kind, " ", sym.Spec, " ", sym.Result, " ", sym.Ranges, " ", s.Sources[s.Own(sym.Source)].Term))
	}
	want := []string{
		"exists %{i}.list.test fail [0.0.0.0/1 ::/0] -include:listed.test",
		"a %{l}.example.test/24 neutral [0.0.0.0/1 ::/0] ?a:%{l}.%{d}/24",
		"redirect %{s}.test  [0.0.0.0/1 ::/0] redirect=%{s}.test",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

// TestSetsAreBounded reads what is made to be endless.
func TestSetsAreBounded(t *testing.T) {
	z := zone{}
	add := func(name, text string) { z.at(name).add(name, dns.Record{Type: dns.TypeTXT, Text: []string{text}}) }
	for i := range 60 {
		next := fmt.Sprintf("n%d.test", i+1)
		add(fmt.Sprintf("n%d.test", i), "v=spf1 include:"+next+" include:"+next+" ip4:10.0.0."+fmt.Sprint(i)+" -all")
		add(fmt.Sprintf("deep%d.test", i), fmt.Sprintf("v=spf1 ip4:10.0.%d.1 include:deep%d.test ?all", i, i+1))
	}
	add("n60.test", "v=spf1 -all")
	add("deep60.test", "v=spf1 -all")
	add("symbols.test", "v=spf1"+strings.Repeat(" exists:%{i}.x.test", 500)+" -all")
	add("long.test", "v=spf1 exists:%{i}."+strings.Repeat("%{d}.", 6000)+"test -all")
	add("macros.test", "v=spf1"+strings.Repeat(" exists:%{d}.%{d}.%{d}.%{d}.%{d}.%{d}.%{d}.%{d}.test", 1000)+" -all")
	for i := range 200 {
		host := fmt.Sprintf("h%d.test", i)
		n := z.at(host)
		for k := range 4000 {
			n.add(host, dns.Record{Type: dns.TypeA, Addr: addr4(uint32(k*400 + i*2))})
		}
	}
	var hosts strings.Builder
	for i := range 200 {
		fmt.Fprintf(&hosts, " a:h%d.test", i)
	}
	add("hosts.test", "v=spf1"+hosts.String()+" -all")
	for _, domain := range []string{"n0.test", "deep0.test", "symbols.test", "long.test", "macros.test", "hosts.test"} {
		s, err := spf.Sets(context.Background(), spf.SetArgs{Domain: domain, Resolver: z})
		if err != nil || s.Incomplete == "" || len(s.Ranges) > 2_000_000 {
			t.Errorf("%s: incomplete %q, %d ranges, %v", domain, s.Incomplete, len(s.Ranges), err)
		}
		if d := spf.Equal(s, s, spf.AsWritten); d != spf.CannotSay {
			t.Errorf("%s: what was not read is %s", domain, d)
		}
		s.Shadows()
	}
}

func addr4(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

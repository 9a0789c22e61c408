package dns

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	mdns "github.com/miekg/dns"
)

var sameAddr = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// fault gives the kind of fault in err, "" for none.
func fault(t *testing.T, err error) FaultKind {
	t.Helper()
	var e *Error
	if err != nil && !errors.As(err, &e) {
		t.Fatalf("%v is not an *Error", err)
	}
	if e == nil {
		return ""
	}
	return e.Kind
}

const soa = "example.com. 600 IN SOA ns.example.com. admin.example.com. 1 2 3 4 300"

func TestClientReadsAnswers(t *testing.T) {
	const m = time.Minute
	tests := []struct {
		name    string
		rcode   int
		records []string
		typ     Type
		want    Answer
	}{
		{"addresses", 0, []string{"www.example.com. 60 A 192.0.2.1", "www.example.com. 120 A 192.0.2.2"}, TypeA,
			Answer{Records: []Record{{Name: "www.example.com", Type: TypeA, TTL: m, Addr: addr("192.0.2.1")},
				{Name: "www.example.com", Type: TypeA, TTL: 2 * m, Addr: addr("192.0.2.2")}}, TTL: m}},
		{"IPv6", 0, []string{"www.example.com. 60 AAAA 2001:db8::1"}, TypeAAAA,
			Answer{Records: []Record{{Name: "www.example.com", Type: TypeAAAA, TTL: m, Addr: addr("2001:db8::1")}}, TTL: m}},
		{"owner in capitals", 0, []string{"WWW.Example.COM. 60 PTR Host.Example.COM."}, TypePTR,
			Answer{Records: []Record{{Name: "www.example.com", Type: TypePTR, TTL: m, Host: "host.example.com"}}, TTL: m}},
		{"null MX, RFC 7505", 0, []string{"www.example.com. 60 MX 0 ."}, TypeMX,
			Answer{Records: []Record{{Name: "www.example.com", Type: TypeMX, TTL: m}}, TTL: m}},
		{"character-strings apart, octets raw", 0, []string{`www.example.com. 60 TXT "a\"b\\" "\200\000;" ""`}, TypeTXT,
			Answer{Records: []Record{{Name: "www.example.com", Type: TypeTXT, TTL: m, Text: []string{`a"b\`, "\xc8\x00;", ""}}}, TTL: m}},
		{"a dot inside a label is no dot between", 0, []string{`www.example.com. 60 PTR mail\.example.org.`}, TypePTR,
			Answer{Records: []Record{{Name: "www.example.com", Type: TypePTR, TTL: m, Host: `mail\046example.org`}}, TTL: m}},
		{"TTL with the top bit set is zero, RFC 2181 section 8", 0, []string{"www.example.com. 2147483648 A 192.0.2.1"}, TypeA,
			Answer{Records: []Record{{Name: "www.example.com", Type: TypeA, Addr: addr("192.0.2.1")}}}},
		{"records of others are not looked at", 0, []string{"www.example.com. 60 A 192.0.2.1", "bank.example. 60 A 203.0.113.9"}, TypeA,
			Answer{Records: []Record{{Name: "www.example.com", Type: TypeA, TTL: m, Addr: addr("192.0.2.1")}}, TTL: m}},
		{"NXDOMAIN, RFC 2308 section 5", 3, []string{"--", soa}, TypeA, Answer{RCode: NXDomain, TTL: 5 * m}},
		{"NODATA", 0, []string{"--", soa}, TypeA, Answer{TTL: 5 * m}},
		{"NODATA, SOA with a lower TTL", 0, []string{"--", strings.Replace(soa, "600", "60", 1)}, TypeA, Answer{TTL: m}},
		{"NODATA without SOA is not to be kept", 0, nil, TypeA, Answer{}},
		{"SOA of somebody else does not count", 3, []string{"--", "org. 600 IN SOA a. b. 1 2 3 4 300"}, TypeA, Answer{RCode: NXDomain}},
		{"alias", 0, []string{"www.example.com. 30 CNAME a.example.org.", "a.example.org. 60 A 192.0.2.1"}, TypeA,
			Answer{Records: []Record{{Name: "a.example.org", Type: TypeA, TTL: m, Addr: addr("192.0.2.1")}}, Chain: []string{"a.example.org"}, TTL: m / 2}},
		{"aliases in any order", 0, []string{"b.example.org. 60 A 192.0.2.1", "a.example.org. 20 CNAME b.example.org.", "www.example.com. 30 CNAME a.example.org."}, TypeA,
			Answer{Records: []Record{{Name: "b.example.org", Type: TypeA, TTL: m, Addr: addr("192.0.2.1")}}, Chain: []string{"a.example.org", "b.example.org"}, TTL: m / 3}},
		{"alias asked for itself", 0, []string{"www.example.com. 60 CNAME a.example.org."}, TypeCNAME,
			Answer{Records: []Record{{Name: "www.example.com", Type: TypeCNAME, TTL: m, Host: "a.example.org"}}, TTL: m}},
		{"alias to nothing, RFC 6604", 3, []string{"www.example.com. 30 CNAME gone.example.com.", "--", soa}, TypeA,
			Answer{RCode: NXDomain, Chain: []string{"gone.example.com"}, TTL: m / 2}},
		{"type without a field", 0, []string{`www.example.com. 60 HINFO a b`}, Type(13),
			Answer{Records: []Record{{Name: "www.example.com", Type: 13, TTL: m}}, TTL: m}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := serve(t, says(tt.rcode, tt.records...))
			q := Question{"www.Example.com.", tt.typ}
			tt.want.Server = server
			got, err := client(t, server).Lookup(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got, sameAddr, cmpopts.EquateEmpty()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestClientFaults(t *testing.T) {
	loop := says(0, "www.example.com. 60 CNAME a.example.com.", "a.example.com. 60 CNAME www.example.com.")
	step := func(w mdns.ResponseWriter, req *mdns.Msg) { // one alias an answer, without end
		name := req.Question[0].Name
		w.WriteMsg(message(req, 0, name+" 60 CNAME x"+name))
	}
	referral := func(w mdns.ResponseWriter, req *mdns.Msg) {
		m := message(req, 0, "--", "com. 60 NS ns.example.")
		m.RecursionAvailable = false
		w.WriteMsg(m)
	}
	upward := func(w mdns.ResponseWriter, req *mdns.Msg) {
		m := message(req, 0)
		m.RecursionAvailable = false
		w.WriteMsg(m)
	}
	wrongTCP := func(w mdns.ResponseWriter, req *mdns.Msg) {
		m := message(req, 0)
		m.Truncated = true
		w.WriteMsg(m)
	}
	tests := []struct {
		name   string
		server mdns.HandlerFunc
		want   FaultKind
	}{
		{"silence", silent, FaultTimeout},
		{"SERVFAIL", says(2), FaultServFail},
		{"REFUSED", says(5), FaultRefused},
		{"a code that nobody knows", says(15), FaultServFail},
		{"FORMERR without EDNS too", says(1), FaultServFail},
		{"lame: a referral", referral, FaultRefused},
		{"lame: nothing, from a server that does not look further", upward, FaultRefused},
		{"alias loop in one answer", loop, FaultMalformed},
		{"alias chain over many answers", step, FaultMalformed},
		{"NXDOMAIN with records", says(3, "www.example.com. 60 A 192.0.2.1"), FaultMalformed},
		{"a record without data, which is no null MX", says(0, `www.example.com. 60 A \# 0`), FaultMalformed},
		{"truncated over TCP too", wrongTCP, FaultMalformed},
	}
	for _, tt := range tests {
		inBubble(t, tt.name, func(t *testing.T) {
			c := piped(t, Config{}, tt.server)
			_, err := c.Lookup(t.Context(), Question{"www.example.com", TypeA})
			if got := fault(t, err); got != tt.want {
				t.Errorf("%v: kind %q, want %q", err, got, tt.want)
			}
			if !strings.Contains(err.Error(), c.servers[0]) {
				t.Errorf("%v does not name the server", err)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		_, err := client(t, "127.0.0.1:1").Lookup(t.Context(), Question{"www.example.com", TypeA})
		if got := fault(t, err); got != FaultNetwork {
			t.Errorf("%v: kind %q", err, got)
		}
	})
}

func TestClientRejectsNamesUnasked(t *testing.T) {
	server := serve(t, func(mdns.ResponseWriter, *mdns.Msg) { t.Error("asked") })
	c := client(t, server)
	for _, name := range []string{"a..example", ".example", "example..", strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 127) + "example"} {
		if _, err := c.Lookup(t.Context(), Question{name, TypeA}); fault(t, err) != FaultName {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestClientTriesServersInTurn(t *testing.T) {
	good := says(0, "www.example.com. 60 A 192.0.2.1")
	lame := func(w mdns.ResponseWriter, req *mdns.Msg) {
		m := message(req, 0, "--", "com. 60 NS ns.example.")
		m.RecursionAvailable = false
		w.WriteMsg(m)
	}
	for name, first := range map[string]mdns.HandlerFunc{"silent": silent, "SERVFAIL": says(2), "REFUSED": says(5), "lame": lame} {
		inBubble(t, name, func(t *testing.T) {
			c := piped(t, Config{}, first, good)
			for range 2 {
				a, err := c.Lookup(t.Context(), Question{"www.example.com", TypeA})
				if err != nil || a.Server != c.servers[1] {
					t.Fatalf("%+v, %v", a, err)
				}
			}
			if c.preferred.Load() != 1 {
				t.Error("the server that answered is not the first to be asked next time")
			}
		})
	}
}

func TestClientAsksSilentServersTwice(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		var n atomic.Int64
		c := piped(t, Config{}, func(w mdns.ResponseWriter, req *mdns.Msg) {
			if n.Add(1) == 2 {
				w.WriteMsg(message(req, 0, "www.example.com. 60 A 192.0.2.1"))
			}
		})
		if _, err := c.Lookup(t.Context(), Question{"www.example.com", TypeA}); err != nil {
			t.Error(err)
		}
		if _, err := c.Lookup(t.Context(), Question{"www.example.com", TypeA}); fault(t, err) != FaultTimeout || n.Load() != 4 {
			t.Errorf("%v, asked %d times", err, n.Load())
		}
	})
}

func TestClientAsksOnWhereTheServerStopped(t *testing.T) {
	server := serve(t, func(w mdns.ResponseWriter, req *mdns.Msg) {
		if req.Question[0].Name == "www.example.com." {
			w.WriteMsg(message(req, 0, "www.example.com. 60 CNAME a.example.org."))
			return
		}
		w.WriteMsg(message(req, 0, "a.example.org. 30 A 192.0.2.1"))
	})
	a, err := client(t, server).Lookup(t.Context(), Question{"www.example.com", TypeA})
	if err != nil || len(a.Records) != 1 || a.TTL != 30*time.Second || !cmp.Equal(a.Chain, []string{"a.example.org"}) {
		t.Errorf("%+v, %v", a, err)
	}
}

// took checks that a call lasts exactly so long.
func took(t *testing.T, want time.Duration, call func()) {
	t.Helper()
	start := time.Now()
	if call(); time.Since(start) != want {
		t.Errorf("took %v, want %v", time.Since(start), want)
	}
}

func TestClientEndsWithTheContext(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		c := piped(t, Config{}, silent, silent)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		took(t, 20*time.Millisecond, func() {
			if _, err := c.Lookup(ctx, Question{"example.com", TypeA}); fault(t, err) != FaultCanceled {
				t.Errorf("canceled: %v", err)
			}
		})
		ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		took(t, 20*time.Millisecond, func() {
			if _, err := c.Lookup(ctx, Question{"example.com", TypeA}); fault(t, err) != FaultTimeout {
				t.Errorf("deadline: %v", err)
			}
		})
	})
}

func TestClientWaitsAsLongAsItSays(t *testing.T) {
	for _, tc := range []struct {
		rule string
		cfg  Config
		want time.Duration
	}{
		{"two servers, each twice", Config{Timeout: time.Second}, 4 * time.Second},
		{"total bounds everything", Config{Timeout: 10 * time.Second, Total: 100 * time.Millisecond}, 100 * time.Millisecond},
		{"total ends the second round", Config{Timeout: time.Second, Total: 3500 * time.Millisecond}, 3500 * time.Millisecond},
		{"by default", Config{}, 8 * time.Second},
	} {
		inBubble(t, tc.rule, func(t *testing.T) {
			c := piped(t, tc.cfg, silent, silent)
			took(t, tc.want, func() {
				if _, err := c.Lookup(t.Context(), Question{"example.com", TypeA}); fault(t, err) != FaultTimeout {
					t.Error(err)
				}
			})
		})
	}
}

func TestNewClientChecksItsConfiguration(t *testing.T) {
	for _, cfg := range []Config{
		{}, {Servers: []string{"ns.example.com"}}, {Servers: []string{"192.0.2.1:99999"}}, {Servers: []string{"192.0.2.1:0"}},
		{Servers: []string{"192.0.2.1"}, Timeout: -1}, {Servers: []string{"192.0.2.1"}, Total: -1},
	} {
		if _, err := NewClient(cfg); err == nil {
			t.Errorf("%+v: taken", cfg)
		}
	}
	c, err := NewClient(Config{Servers: []string{"192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:54"}})
	want := []string{"192.0.2.1:53", "192.0.2.1:5353", "[2001:db8::1]:53", "[2001:db8::1]:53", "[2001:db8::1]:54"}
	if err != nil || !cmp.Equal(c.servers, want) {
		t.Errorf("%v, %v", c, err)
	}
}

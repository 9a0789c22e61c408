package spf_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"unspoof/dns"
	"unspoof/spf"
)

// txt answers every TXT question with one record.
type txt []string

func (s txt) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	a := dns.Answer{}
	if q.Type == dns.TypeTXT {
		a.Records = []dns.Record{{Type: dns.TypeTXT, Text: s}}
	}
	return a, nil
}

func TestCacheTellsLikeTextsApart(t *testing.T) {
	// One set: every record lies at the same hash.
	cache := spf.NewCache(1)
	args := checkCase{}.args()
	texts := map[string]spf.Word{}
	for i := range 10 {
		texts[fmt.Sprintf("v=spf1 ip4:198.51.100.%d -all", i)] = spf.Fail
		texts[fmt.Sprintf("v=spf1 ip4:198.51.100.%d +all", i)] = spf.Pass
		texts[fmt.Sprintf("v=spf1 ip4:198.51.100.%d ip4:192.0.2.1 ?all", i)] = spf.Pass
	}
	for range 3 {
		for text, want := range texts {
			for _, strs := range []txt{{text}, {text[:12], text[12:]}, {text[:12], "", text[12:]}, {text}} {
				if r := (&spf.Checker{Resolver: strs, Cache: cache}).Check(context.Background(), args); r.Result != want || r.Record != text {
					t.Fatalf("%q: %s of record %q", strs, r.Result, r.Record)
				}
			}
		}
	}
}

func TestCacheKeepsNoErrors(t *testing.T) {
	cache := spf.NewCache(0)
	for range 3 {
		if r := (&spf.Checker{Resolver: txt{"v=spf1 nothing"}, Cache: cache}).Check(context.Background(), checkCase{}.args()); r.Result != spf.PermError {
			t.Error(r.Result)
		}
	}
}

func TestCacheOfManyAtOnce(t *testing.T) {
	cache := spf.NewCache(8)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 2000 {
				ip, want := (i*7+g)%40, spf.Fail
				if ip == 1 {
					want = spf.Pass
				}
				c := spf.Checker{Resolver: txt{fmt.Sprintf("v=spf1 ip4:192.0.2.%d -all", ip)}, Cache: cache}
				if r := c.Check(context.Background(), checkCase{}.args()); r.Result != want {
					t.Errorf("192.0.2.%d: %s", ip, r.Result)
				}
			}
		})
	}
	wg.Wait()
}

func TestChecksAllocateLittle(t *testing.T) {
	z := parseZone(t, "example.com TXT v=spf1 include:a.example.com include:b.example.com ?all\n"+
		"a.example.com TXT v=spf1"+repeat(20, " ip4:198.51.100.#")+" ip6:2001:db8::/32| -all\nb.example.com TXT v=spf1 ip4:192.0.2.0/24 -all")
	args := checkCase{}.args()
	ctx := context.Background()
	for name, c := range map[string]struct {
		checker spf.Checker
		most    float64
	}{
		"cached": {spf.Checker{Resolver: z, Cache: spf.NewCache(0)}, 0},
		"anew":   {spf.Checker{Resolver: z}, 6}, // one for the record in two strings; the race detector empties pools
	} {
		if n := testing.AllocsPerRun(100, func() { c.checker.Check(ctx, args) }); n > c.most {
			t.Errorf("%s: %v allocations, want at most %v", name, n, c.most)
		}
	}
}

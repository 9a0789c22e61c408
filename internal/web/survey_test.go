package web

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"unspoof/dns"
)

// moody counts questions, and answers none while it is silent.
type moody struct {
	dns.Resolver
	asked  atomic.Int64
	silent atomic.Bool
}

func (m *moody) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	m.asked.Add(1)
	if m.silent.Load() {
		return silent{}.Lookup(ctx, q)
	}
	return m.Resolver.Lookup(ctx, q)
}

// The questions ask DNS once, say when that was, and ask again when told to.
func TestWhatWasFoundIsKeptAndHasItsAge(t *testing.T) {
	s := newShop(t, shopZone)
	m := &moody{Resolver: s.resolver}
	s.resolver = m
	clock := s.now()
	s.now = func() time.Time { return clock }
	asks := func(target string) (page string, asked bool) {
		before := m.asked.Load()
		page = s.pageAt(t, target, 200)
		return page, m.asked.Load() > before
	}
	const first, second = "/wizard?domain=shop.example", "/wizard?domain=shop.example&q=servers"
	asks(first)
	clock = clock.Add(9 * time.Minute)
	page, asked := asks(second)
	if asked || !strings.Contains(page, "As DNS had it on 5 Mar, 20:00.") {
		t.Errorf("asked again: %v", asked)
	}
	w := s.get(second + "&anew=yes")
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || strings.Contains(got, "anew") || !strings.Contains(got, "q=servers") {
		t.Fatalf("status %d to %q", w.Code, got)
	}
	if page, asked = asks(w.Header().Get("Location")); !asked || !strings.Contains(page, "As DNS had it on 5 Mar, 20:09.") {
		t.Errorf("told to ask again: %v", asked)
	}
	clock = clock.Add(surveyAge)
	if _, asked = asks(second); !asked {
		t.Error("what is too old is shown")
	}
	// A domain's own name in capitals, and another domain, are told apart from it.
	asks("/inventory?domain=idle.example")
	s.get("/inventory?domain=idle.example&anew=yes")
	if _, asked = asks("/inventory?domain=SHOP.example"); asked {
		t.Error("what was found for another domain went, too")
	}
}

// Silence is no answer: it is not kept long, and no page makes a finding of it.
func TestSilenceIsNotKept(t *testing.T) {
	s := newShop(t, shopZone)
	m := &moody{Resolver: s.resolver}
	m.silent.Store(true)
	s.resolver = m
	clock := s.now()
	s.now = func() time.Time { return clock }
	for target, never := range map[string]string{
		"/inventory?domain=shop.example":                   "These may send as you today",
		"/wizard?domain=shop.example":                      "DNS shows none of these",
		"/wizard?domain=shop.example&parked=yes":           "looks as if it was in use",
		"/record?domain=shop.example&addresses=192.0.2.80": "Add one <b>TXT</b> record",
	} {
		page := s.pageAt(t, target, 200)
		if !strings.Contains(page, "DNS did not answer") || strings.Contains(page, never) {
			t.Errorf("%s says %q, or not that DNS was silent:\n%s", target, never, page)
		}
	}
	m.silent.Store(false)
	clock = clock.Add(surveyRetry)
	if page := s.pageAt(t, "/inventory?domain=shop.example", 200); !strings.Contains(page, "Microsoft 365") {
		t.Error("DNS answers again, and the page does not show it")
	}
}

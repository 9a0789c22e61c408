package forensics

import (
	"net/netip"
	"testing"
	"time"
)

var march = time.Date(2025, 3, 4, 2, 0, 0, 0, time.UTC)

func entries(user, ip string, days ...int) (out []Sent) {
	for _, d := range days {
		out = append(out, Sent{User: user, ClientIP: netip.MustParseAddr(ip), Time: march.AddDate(0, 0, -d)})
	}
	return out
}

func TestSession(t *testing.T) {
	office := netip.MustParsePrefix("198.51.100.128/25")
	for _, c := range []struct {
		name    string
		clients []netip.Prefix
		log     []Sent
		ip      string
		want    session
	}{
		{"no address recorded", []netip.Prefix{office}, nil, "", sessionOpen},
		{"declared network", []netip.Prefix{office}, nil, "198.51.100.200", sessionOwn},
		{"outside the declared networks", []netip.Prefix{office}, nil, "203.0.113.5", sessionForeign},
		{"a private address says nothing", []netip.Prefix{office}, nil, "10.1.2.3", sessionOpen},
		{"an intruder of three days is no habit", []netip.Prefix{office}, entries("ada", "203.0.113.5", 0, 1, 3), "203.0.113.5", sessionForeign},
		{"in use for two weeks", []netip.Prefix{office}, entries("ada", "203.0.113.9", 0, 14), "203.0.113.5", sessionOwn},
		{"another user's habit", []netip.Prefix{office}, entries("ben", "203.0.113.9", 0, 14), "203.0.113.5", sessionForeign},
		{"nothing declared, no log", nil, nil, "203.0.113.5", sessionOpen},
		{"nothing declared, four messages from elsewhere", nil, entries("ada", "192.0.2.1", 20, 10, 5, 2), "203.0.113.5", sessionOpen},
		{"nothing declared, five messages from elsewhere", nil, entries("ada", "192.0.2.1", 20, 15, 10, 5, 2), "203.0.113.5", sessionNew},
		{"messages from elsewhere that came later", nil, entries("ada", "192.0.2.1", -1, -2, -3, -4, -5), "203.0.113.5", sessionOpen},
		{"IPv6 by its /48", nil, entries("ada", "2001:db8:1:2::1", 0, 20), "2001:db8:1:9::7", sessionOwn},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := NewJudge(&Profile{KnownClients: c.clients, Log: &OutboundLog{Entries: c.log}}, nil)
			var ip netip.Addr
			if c.ip != "" {
				ip = netip.MustParseAddr(c.ip)
			}
			if got := j.session("ada", ip, march); got != c.want {
				t.Errorf("session = %d, want %d", got, c.want)
			}
		})
	}
}

func TestLogCovers(t *testing.T) {
	log := &OutboundLog{From: march, To: march.AddDate(0, 0, 10), Paths: []string{"own"}}
	for _, c := range []struct {
		name string
		log  *OutboundLog
		path string
		at   time.Time
		want bool
	}{
		{"its first moment", log, "own", march, true},
		{"its end is outside", log, "own", log.To, false},
		{"before", log, "own", march.Add(-time.Second), false},
		{"another path", log, "letters.example", march.Add(time.Hour), false},
		{"no time known", log, "own", time.Time{}, false},
		{"no log", nil, "own", march, false},
	} {
		if got := c.log.covers(c.path, c.at); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	c := newCache[int, int]()
	for i := range 5 * maxCached {
		c.put(i, i)
	}
	if n := len(c.young) + len(c.older); n > maxCached {
		t.Errorf("%d entries, at most %d", n, maxCached)
	}
	last := 5*maxCached - 1
	if v, ok := c.get(last); !ok || v != last {
		t.Error("the newest entry is lost")
	}
	if _, ok := c.get(0); ok {
		t.Error("the oldest entry is still there")
	}
}

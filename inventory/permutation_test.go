package inventory

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func asJSON(t testing.TB, inv Inventory) string {
	t.Helper()
	b, err := json.Marshal(inv)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// random makes a sighting of parts that meet each other often.
func random(r *rand.Rand) Sighting {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	s := Sighting{
		Source:  []Source{FromMailbox, FromLog, FromBounce, FromReport}[r.IntN(4)],
		Trusted: r.IntN(4) > 0, Genuine: r.IntN(4) == 0, Confirmed: r.IntN(2) == 0, Count: r.IntN(4),
		ReverseName: pick("", "mail.example.com", "o1.sendgrid.net", "mail-7.google.com", "host.isp.example"),
		HELO:        pick("", "mail.example.com"),
		From:        pick("example.com", "example.com", "news.example.com", "example.org", ""),
		MailFrom:    pick("example.com", "bounce.example.com", "mail.sendgrid.net", "other.example", ""),
		SPF:         pick("pass", "pass", "fail", ""),
		Host:        pick("", "mail", "mail.example.com", "erp.example.com"),
		Via:         pick("", "smtp.sendgrid.net", "198.51.100.3", "10.0.0.5", "2001:db8::7"), Relay: r.IntN(3) == 0,
		Where: pick("a.mbox#1", "a.mbox#2", "b.eml", ""),
	}
	if r.IntN(5) > 0 {
		s.Address = ip(pick("203.0.113.7", "203.0.113.200", "192.0.2.25", "192.0.2.99", "198.51.100.3", "233.252.0.1", "233.252.0.2", "::ffff:192.0.2.25", "2001:db8::1"))
	}
	if r.IntN(5) > 0 {
		s.First = day.Add(time.Duration(r.IntN(500)) * time.Hour)
		if r.IntN(2) == 0 {
			s.Last = s.First.Add(time.Hour)
		}
	}
	for range r.IntN(3) {
		s.DKIM = append(s.DKIM, Signature{pick("example.com", "news.example.com", "sendgrid.net", "mcsv.net", "evil.example"), pick("google", "own", "k1", "gone", "kl"), pick("pass", "pass", "fail", "")})
	}
	return s
}

// TestAnyOrderGivesTheSameInventory is the property that everything here is built
// for: what is merged hangs on the sightings, never on their order.
func TestAnyOrderGivesTheSameInventory(t *testing.T) {
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 4))
		list := make([]Sighting, 5+r.IntN(60))
		for i := range list {
			list[i] = random(r)
		}
		given := Given{Services: []string{"mailchimp", "spf.shop.example"}, Hosts: []string{"erp.example.com"}}
		want := asJSON(t, build(t, world, given, list...))
		for range 4 {
			r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			slices.Reverse(given.Services)
			if got := asJSON(t, build(t, world, given, list...)); got != want {
				t.Fatalf("seed %d: another order gave another inventory:\n%s\n%s", seed, want, got)
			}
		}
	}
}

// TestSplitCountsAddUp: one sighting of many messages is as good as many of one.
func TestSplitCountsAddUp(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	var many, one []Sighting
	for range 40 {
		s := random(r)
		n := 1 + r.IntN(5)
		for range n {
			s.Count = 1
			many = append(many, s)
		}
		s.Count = n
		one = append(one, s)
	}
	if asJSON(t, build(t, world, Given{}, many...)) != asJSON(t, build(t, world, Given{}, one...)) {
		t.Error("counts do not add up")
	}
}

package inventory

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"unspoof/dns/dnsfile"
)

func TestAttributor(t *testing.T) {
	open, err := dnsfile.Parse("zone", []byte("example.com. TXT \"v=spf1 +all\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	shut, err := dnsfile.Parse("zone", []byte("example.com. TXT \"v=spf1 ip4:192.0.2.10 -all\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	inv := Inventory{Domain: "example.com", DMARC: DMARCState{OrgDomain: "example.com"}, Vouched: []netip.Prefix{netip.MustParsePrefix("192.0.2.10/32")}, Senders: []Sender{
		{Key: "host:mail.example.com", Kind: KindHost, Given: true, Addresses: []Address{{Address: netip.MustParseAddr("192.0.2.10")}}},
		{Key: "net:198.51.100.0/24", Kind: KindNetwork, Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}},
		{Key: "net:198.51.100.8/29", Kind: KindNetwork, Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.8/29")}},
		{Key: "service:letters", Kind: KindService, Selectors: []string{"k1._domainkey.example.com"}},
	}}
	key := []Signature{{Domain: "example.com", Selector: "k1", Result: "pass"}}
	tests := []struct {
		name string
		open bool
		s    Sighting
		want Attribution
	}{
		{"another domain's", false, Sighting{From: "other.example"}, Attribution{Other: true}},
		{"nothing proves it", false, Sighting{From: "example.com"}, Attribution{}},
		{"an address that is hearsay", false, Sighting{From: "example.com", Address: netip.MustParseAddr("192.0.2.10")}, Attribution{}},
		{"an address that the owner named", false, Sighting{From: "example.com", Trusted: true, Address: netip.MustParseAddr("192.0.2.10")}, Attribution{Sender: "host:mail.example.com", Own: true}},
		{"a verified signature", false, Sighting{From: "example.com", DKIM: key}, Attribution{Sender: "service:letters", Own: true}},
		{"a claimed signature", false, Sighting{From: "example.com", DKIM: []Signature{{Domain: "example.com", Selector: "k1"}}}, Attribution{}},
		{"a return path that passed", false, Sighting{MailFrom: "example.com", Trusted: true, SPF: "pass", Address: netip.MustParseAddr("198.51.100.9")}, Attribution{Sender: "net:198.51.100.8/29", Own: true}},
		{"a pass of a record that lets everybody in", true, Sighting{MailFrom: "example.com", Trusted: true, SPF: "pass", Address: netip.MustParseAddr("198.51.100.9")}, Attribution{Sender: "net:198.51.100.0/24"}},
		{"a pass of a stranger's name", false, Sighting{From: "example.com", MailFrom: "stranger.example", Trusted: true, SPF: "pass", Address: netip.MustParseAddr("203.0.113.9")}, Attribution{}},
		{"the log of an own host", false, Sighting{From: "example.com", Genuine: true, Host: "mail"}, Attribution{Sender: "host:mail.example.com", Own: true}},
		{"a relay known by its address", false, Sighting{From: "example.com", Genuine: true, Host: "mail", Via: "198.51.100.9", Relay: true}, Attribution{Sender: "net:198.51.100.8/29", Own: true}},
		{"a genuine message of nobody known", false, Sighting{From: "www.example.com", Genuine: true}, Attribution{Own: true}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			r := shut
			if tc.open {
				r = open
			}
			if got := inv.Attributor(t.Context(), r).Of(tc.s); got != tc.want {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
		})
	}
}

// TestAttributorSeesWhatBuildSaw: what one sighting proves is the same to both, and
// so is who sent it.
func TestAttributorSeesWhatBuildSaw(t *testing.T) {
	zone := world + "open.example.com. TXT \"v=spf1 +all\"\nwide.example.com. A 198.51.100.200\n"
	zone = strings.Replace(zone, "a:web.example.com", "a:web.example.com a:wide.example.com/16", 1)
	r := view(t, zone)
	for seed := range uint64(1500) {
		s := random(rand.New(rand.NewPCG(seed, 11)))
		if seed%3 == 0 && s.MailFrom != "" {
			s.MailFrom = "open.example.com"
		}
		if seed%5 == 0 {
			s.Host = ""
		}
		given := []Given{{}, {Hosts: []string{"wide.example.com"}}, {Hosts: []string{"erp.example.com"}, Services: []string{"sendgrid"}}, {Networks: []netip.Prefix{netip.MustParsePrefix("198.51.0.0/15")}}}[seed%4]
		inv := build(t, zone, given, s)
		own, total := 0, 0
		for _, c := range inv.Sources {
			if c.Source == s.Source {
				own, total = c.Own, c.Sightings
			}
		}
		parsed, err := Parse([]byte(asJSON(t, inv)))
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range []*Inventory{&inv, &parsed} {
			at := one.Attributor(t.Context(), r).Of(s)
			if at.Other != (total == 0) || at.Own != (own > 0) {
				t.Fatalf("seed %d: %+v\nBuild counts %d of %d as the domain's, the attributor says %+v", seed, s, own, total, at)
			}
			if at.Other {
				continue
			}
			if !at.Own {
				for _, x := range append(one.Senders, one.Claims...) {
					if x.Claimed.Count > 0 && x.Key != at.Sender {
						t.Fatalf("seed %d: %+v\nclaimed of %s, and the attributor says %+v", seed, s, x.Key, at)
					}
				}
				continue
			}
			seen := map[string]bool{}
			for _, x := range one.Senders {
				if x.Seen.Count > 0 {
					seen[x.Key] = true
				}
			}
			if at.Sender != "" && !seen[at.Sender] || at.Sender == "" && len(seen) > 0 && s.Source != FromBounce {
				t.Fatalf("seed %d: %+v\nseen of %v, and the attributor says %+v", seed, s, seen, at)
			}
		}
	}
}

func TestAttributorOfBuilt(t *testing.T) {
	exim := Sighting{Source: FromLog, Genuine: true, MailFrom: "example.com", Count: 4}
	relayed := Sighting{Source: FromLog, Genuine: true, MailFrom: "example.com", Host: "web", Via: "in-v3.mailjet.com", Relay: true, Count: 9}
	passed := func(from, address string) Sighting {
		return Sighting{Source: FromMailbox, Trusted: true, Address: ip(address), From: "example.com", MailFrom: from, SPF: "pass"}
	}
	const open = "news.example.com. TXT \"v=spf1 +all\"\n"
	for _, c := range []struct {
		name  string
		zone  string
		given Given
		seen  []Sighting
		of    Sighting
		want  Attribution
	}{
		{"a pass for a subdomain that lets everybody in", open, Given{}, nil, passed("news.example.com", "233.252.0.1"), Attribution{}},
		{"the same, seen by Build: a claim", open, Given{}, []Sighting{passed("news.example.com", "233.252.0.1")}, passed("news.example.com", "233.252.0.1"), Attribution{Sender: "net:233.252.0.0/24"}},
		{"a neighbour of a host that the owner named", "big.example.com. A 198.51.100.7\n", Given{Hosts: []string{"big.example.com"}}, nil,
			Sighting{Source: FromMailbox, Trusted: true, Address: ip("198.51.200.1"), From: "example.com"}, Attribution{}},
		{"the log of a server that names nobody", "", Given{}, []Sighting{exim}, exim, Attribution{Sender: "host:unnamed", Own: true}},
		{"the same, where the owner named one host", "", Given{Hosts: []string{"erp.example.com"}}, []Sighting{exim}, exim, Attribution{Sender: "host:erp.example.com", Own: true}},
		{"the same, where he named two", "", Given{Hosts: []string{"erp.example.com", "web.example.com"}}, []Sighting{exim}, exim, Attribution{Sender: "host:unnamed", Own: true}},
		{"a server that hands its mail to a relay service", "", Given{}, []Sighting{relayed}, relayed, Attribution{Sender: "service:mailjet", Own: true}},
		{"unproven mail, by where it came from", "", Given{}, []Sighting{{Source: FromMailbox, Trusted: true, Address: ip("233.252.0.1"), From: "example.com"}},
			Sighting{Source: FromMailbox, Trusted: true, Address: ip("233.252.0.9"), From: "example.com"}, Attribution{Sender: "net:233.252.0.0/24"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv := build(t, strings.Replace(world, "a:web.example.com", "a:web.example.com a:big.example.com/16", 1)+c.zone, c.given, c.seen...)
			if got := inv.Attributor(t.Context(), view(t, world+c.zone)).Of(c.of); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

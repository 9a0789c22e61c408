package inventory

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// TestStrangersMakeNoSender: whatever a stranger can write leaves the list of
// senders as it is without his mail.
func TestStrangersMakeNoSender(t *testing.T) {
	want := fmt.Sprint(keys(build(t, world, Given{}).Senders))
	evil := ip("233.252.0.66")
	for _, c := range []struct {
		name  string
		zone  string
		mail  Sighting
		claim string // key of the claim, "" for none
	}{
		{"a forged From", "", Sighting{Source: FromMailbox, Trusted: true, Address: evil, From: "example.com"}, "net:233.252.0.0/24"},
		{"a HELO of the domain's", "", Sighting{Source: FromMailbox, Trusted: true, Address: evil, HELO: "mail.example.com", From: "example.com"}, "net:233.252.0.0/24"},
		{"a Received line that nobody of one's own wrote", "", Sighting{Source: FromMailbox, Address: ip("192.0.2.25"), From: "example.com"}, "net:unknown"},
		{"a host name in a message", "", Sighting{Source: FromMailbox, Trusted: true, Address: evil, Host: "evil.example.com", From: "example.com"}, "net:233.252.0.0/24"},
		{"a relay in a message", "", Sighting{Source: FromMailbox, Trusted: true, Address: evil, Via: "smtp.sendgrid.net", Relay: true, From: "example.com"}, "net:233.252.0.0/24"},
		{"a signature that was not verified", "", Sighting{Source: FromMailbox, Trusted: true, Address: evil, From: "example.com", DKIM: []Signature{{"example.com", "google", ""}}}, "net:233.252.0.0/24"},
		{"a signature that failed", "", Sighting{Source: FromMailbox, Trusted: true, Address: evil, From: "example.com", DKIM: []Signature{{"example.com", "google", "fail"}}}, "net:233.252.0.0/24"},
		{"a good signature of his own", "", Sighting{Source: FromMailbox, Trusted: true, Address: evil, From: "example.com", DKIM: []Signature{{"evil.example", "s", "pass"}}}, "net:233.252.0.0/24"},
		{"a good signature of a name that ends alike", "", Sighting{Source: FromMailbox, Trusted: true, Address: evil, From: "example.com", DKIM: []Signature{{"notexample.com", "s", "pass"}}}, "net:233.252.0.0/24"},
		{"a return path of his own that passed", "", Sighting{Source: FromMailbox, Trusted: true, Address: evil, From: "example.com", MailFrom: "evil.example", SPF: "pass"}, "net:233.252.0.0/24"},
		{"a return path of the domain that failed", "", Sighting{Source: FromMailbox, Trusted: true, Address: evil, From: "example.com", MailFrom: "example.com", SPF: "fail"}, "net:233.252.0.0/24"},
		{"a pass that nobody of one's own saw", "", Sighting{Source: FromMailbox, Address: evil, From: "example.com", MailFrom: "example.com", SPF: "pass"}, "net:unknown"},
		{"an account of his at a service", "", Sighting{Source: FromMailbox, Trusted: true, Address: evil, From: "example.com", DKIM: []Signature{{"sendgrid.net", "s", "pass"}}}, "service:sendgrid"},
		{"a reverse name that does not lead back", "", Sighting{Source: FromMailbox, Trusted: true, Address: ip("198.51.100.99"), ReverseName: "mail.example.com", From: "example.com"}, "net:198.51.100.0/24"},
		{"a subdomain that lets everybody in", "open.example.com. TXT \"v=spf1 +all\"\n",
			Sighting{Source: FromMailbox, Trusted: true, Address: evil, From: "open.example.com", MailFrom: "open.example.com", SPF: "pass"}, "net:233.252.0.0/24"},
		{"a bounce that forensics did not find genuine", "", Sighting{Source: FromBounce, From: "example.com", Address: evil}, "net:unknown"},
		// A stranger who got a genuine message can return it with any hop he likes.
		{"a hop invented in the bounce of a genuine message", "", Sighting{Source: FromBounce, Genuine: true, From: "example.com", Address: evil}, ""},
		{"mail of another domain", "", Sighting{Source: FromMailbox, Trusted: true, Address: evil, From: "example.org"}, ""},
		{"a From that is no name", "", Sighting{Source: FromMailbox, Trusted: true, Address: evil, From: "example.com\x00"}, ""},
		{"a From above the domain", "", Sighting{Source: FromMailbox, Trusted: true, Address: evil, From: "com"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv := build(t, world+c.zone, Given{}, c.mail)
			if got := fmt.Sprint(keys(inv.Senders)); got != want {
				t.Errorf("senders %s; want %s", got, want)
			}
			for _, s := range inv.Senders {
				if s.Seen.Count > 0 && c.mail.Source != FromBounce {
					t.Errorf("%s counts as seen", s.Key)
				}
				if a := fmt.Sprint(s.Addresses, s.Networks); strings.Contains(a, evil.String()) {
					t.Errorf("%s has the stranger's address", s.Key)
				}
			}
			if c.claim == "" && len(inv.Claims) > 0 {
				t.Errorf("claims %v; want none", keys(inv.Claims))
			}
			if c.claim != "" {
				s := find(t, inv.Claims, c.claim)
				if s.Proof == "" || s.Status != Claim || s.Authorised != Unknown {
					t.Errorf("claim %+v; want it to say what would prove it", s)
				}
			}
		})
	}
}

// TestReplayIsNoAddress: signed mail that strangers pass on shows the key, and never
// makes their addresses ours.
func TestReplayIsNoAddress(t *testing.T) {
	inv := build(t, world, Given{}, ours(nil), ours(func(s *Sighting) {
		s.Address, s.MailFrom, s.SPF = ip("233.252.0.66"), "list.example", "pass"
	}))
	s := find(t, inv.Senders, "service:google-workspace")
	if s.Seen.Count != 2 || len(s.Addresses) != 1 || len(s.Forwarders) != 1 || s.Forwarders[0].Address != ip("233.252.0.66") {
		t.Errorf("seen %d, addresses %v, forwarders %v; want the replay among the forwarders", s.Seen.Count, s.Addresses, s.Forwarders)
	}
	for _, o := range inv.Senders {
		for _, st := range o.Setup {
			if strings.Contains(st.Value, "233.252.0.66") {
				t.Errorf("%s: a step would let the stranger in: %+v", o.Key, st)
			}
		}
	}
}

// TestFloodIsBounded: a botnet costs a fixed amount, pushes no proven sender out,
// and what is kept does not hang on the order.
func TestFloodIsBounded(t *testing.T) {
	var flood []Sighting
	for i := range 2*MaxGroups + 500 {
		flood = append(flood, Sighting{Source: FromMailbox, Trusted: true, First: day, From: fmt.Sprintf("x%d.example.com", i), Address: netip.AddrFrom4([4]byte{100, byte(i >> 8), byte(i), 9})})
	}
	flood = append(flood, ours(nil))
	a := build(t, world, Given{}, flood...)
	if s := find(t, a.Senders, "service:google-workspace"); s.Seen.Count != 1 {
		t.Error("the flood hid what is proven")
	}
	if len(a.Claims) != MaxClaims || !slices.ContainsFunc(a.Warnings, func(s string) bool { return strings.Contains(s, "more than 10000 different ways") }) {
		t.Errorf("%d claims, warnings %q; want a bound that is said", len(a.Claims), a.Warnings)
	}
	slices.Reverse(flood)
	if b := build(t, world, Given{}, flood...); asJSON(t, a) != asJSON(t, b) {
		t.Error("another order gave another inventory")
	}
}

func keys(list []Sender) []string {
	out := []string{}
	for _, s := range list {
		out = append(out, s.Key)
	}
	slices.Sort(out)
	return out
}

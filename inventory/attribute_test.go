package inventory

import (
	"net/netip"
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
	inv := Inventory{Domain: "example.com", DMARC: DMARCState{OrgDomain: "example.com"}, Senders: []Sender{
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
		{"a pass of a record that lets everybody in", true, Sighting{MailFrom: "example.com", Trusted: true, SPF: "pass", Address: netip.MustParseAddr("198.51.100.9")}, Attribution{}},
		{"a pass of a stranger's name", false, Sighting{From: "example.com", MailFrom: "stranger.example", Trusted: true, SPF: "pass", Address: netip.MustParseAddr("203.0.113.9")}, Attribution{}},
		{"the log of an own host", false, Sighting{From: "example.com", Genuine: true, Host: "mail"}, Attribution{Sender: "host:mail.example.com", Own: true}},
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

package inventory_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"unspoof/dns/dnsfile"
	"unspoof/inventory"
)

func ExampleBuild() {
	zone, err := dnsfile.Parse("example", []byte(`
example.com.      MX  10 mail.example.com.
example.com.      TXT "v=spf1 mx include:_spf.google.com ~all"
mail.example.com. A   192.0.2.25
_spf.google.com.  TXT "v=spf1 ip4:203.0.113.0/24 ~all"
shop.example.com. A   192.0.2.80
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	inv, err := inventory.Build(context.Background(), inventory.Args{
		Domain: "example.com", Resolver: zone,
		Given: inventory.Given{Hosts: []string{"shop.example.com"}},
		Sightings: slices.Values([]inventory.Sighting{{
			Source: inventory.FromMailbox, Trusted: true, From: "example.com",
			Address: netip.MustParseAddr("192.0.2.25"), MailFrom: "example.com", SPF: "pass",
		}}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range inv.Senders {
		fmt.Printf("%s: %s, SPF %s, DKIM %s\n", s.Name, s.Status, s.SPF.Aligned, s.DKIM.Aligned)
	}
	// Output:
	// shop.example.com: by-hand, SPF no, DKIM unknown
	// mail.example.com: in-use, SPF yes, DKIM no
	// Google Workspace: unseen, SPF yes, DKIM no
}

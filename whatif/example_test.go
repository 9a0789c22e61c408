package whatif_test

import (
	"context"
	"fmt"
	"net/netip"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/whatif"
)

// What becomes of a forged message once a policy is published.
func ExampleJudge() {
	today, err := dnsfile.Parse("today", []byte("example.com. TXT \"v=spf1 ip4:192.0.2.10 ~all\"\n"))
	if err != nil {
		panic(err)
	}
	planned, err := dns.ParseZone("planned", []byte("_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n"))
	if err != nil {
		panic(err)
	}
	table, err := whatif.Judge(context.Background(), whatif.TableArgs{
		Message:  whatif.Message{IP: netip.MustParseAddr("203.0.113.9"), MailFrom: "boss@example.com", From: "boss@example.com"},
		Resolver: today, Records: planned,
	})
	if err != nil {
		panic(err)
	}
	for _, row := range table.Rows {
		fmt.Println(row.Receiver, row.Before.Fate, "→", row.After.Fate)
	}
	// Output:
	// spf-only marked → marked
	// rfc7489 marked → refused
	// rfc9989 marked → refused
}

package dns_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
)

// Faults, names that do not exist and names without the type are three
// different things.
func ExampleResolver() {
	view, err := dnsfile.Parse("example", []byte(`{"txt": {"example.com": "v=spf1 -all"}, "servfail": ["broken.example"]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	var r dns.Resolver = dns.Cached(view)
	for _, name := range []string{"example.com", "com", "nobody.example", "broken.example"} {
		a, err := r.Lookup(context.Background(), dns.Question{Name: name, Type: dns.TypeTXT})
		var fault *dns.Error
		switch {
		case errors.As(err, &fault):
			fmt.Println(name, "is an open question:", fault.Kind)
		case a.RCode == dns.NXDomain:
			fmt.Println(name, "does not exist")
		case a.NoData():
			fmt.Println(name, "has no TXT record")
		default:
			fmt.Println(name, "says", a.Records[0].Text)
		}
	}
	// Output:
	// example.com says [v=spf1 -all]
	// com has no TXT record
	// nobody.example does not exist
	// broken.example is an open question: servfail
}

func ExampleNewClient() {
	client, err := dns.NewClient(dns.Config{Servers: []string{"192.0.2.53", "2001:db8::53"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = dns.Cached(client) // nothing is sent before the first Lookup
	_, err = dns.NewClient(dns.Config{Servers: []string{"ns.example.com"}})
	fmt.Println(err)
	// Output:
	// dns: server "ns.example.com": an address was expected, such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53
}

func ExampleReverseName() {
	fmt.Println(dns.ReverseName(netip.MustParseAddr("192.0.2.10")))
	// Output: 10.2.0.192.in-addr.arpa
}

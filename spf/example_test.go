package spf_test

import (
	"context"
	"fmt"
	"net/netip"

	"unspoof/dns"
	"unspoof/spf"
)

// published is DNS with a TXT record for each of a few names.
type published map[string]string

func (p published) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	text, ok := p[q.Name]
	if !ok || q.Type != dns.TypeTXT {
		return dns.Answer{RCode: dns.NXDomain}, nil
	}
	return dns.Answer{Records: []dns.Record{{Name: q.Name, Type: q.Type, Text: []string{text}}}}, nil
}

func ExampleChecker_Check() {
	checker := spf.Checker{Resolver: published{
		"example.com":      "v=spf1 include:_spf.example.net -all",
		"_spf.example.net": "v=spf1 ip4:192.0.2.0/24 ?all",
	}}
	for _, ip := range []string{"192.0.2.25", "203.0.113.5"} {
		args := spf.Args{IP: netip.MustParseAddr(ip), HELO: "mail.example.org", MailFrom: "ann@example.com"}
		r := checker.Check(context.Background(), args)
		fmt.Println(r.Result, r.Lookups, r.Mechanism)
		fmt.Println(r.Sentence(args))
	}
	// Output:
	// pass 1 include:_spf.example.net
	// 192.0.2.25 may send for example.com: the term "include:_spf.example.net" of its record covers this address.
	// fail 1 -all
	// 203.0.113.5 may not send for example.com: the record ends in -all and no term before it names this address.
}

func ExampleParse() {
	r, err := spf.Parse("v=spf1 mx/24 ~all")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range r.Terms {
		fmt.Println(t.Kind, t.Result(), t.Span, t.Kind.Section())
	}
	_, err = spf.Parse("v=spf1 mx ip4: -all")
	fmt.Println(err)
	// Output:
	// mx pass {7 12} 5.4
	// all softfail {13 17} 5.1
	// spf: "ip4:" at byte 13: expected an IPv4 address after "ip4:" (RFC 7208 section 5.6); write the address directly after the colon, without a space: ip4:192.0.2.1
}

func ExampleMeasure() {
	resolver := published{"_spf.example.net": "v=spf1 exists:%{i}.ok.example.net ?all"}
	cost, err := spf.Measure(context.Background(), resolver, "example.com", "v=spf1 include:_spf.example.net -all")
	fmt.Println(cost.Lookups, cost.Voids, err)
	// Output: 2 0 <nil>
}

func ExampleDiscover() {
	resolver := published{"example.com": "v=spf1 -all"}
	record, _, err := spf.Discover(context.Background(), resolver, "example.com")
	fmt.Println(record, err)
	_, _, err = spf.Discover(context.Background(), resolver, "example.net")
	fmt.Println(err)
	// Output:
	// v=spf1 -all <nil>
	// spf: example.net: no SPF record
}

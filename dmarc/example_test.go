package dmarc_test

import (
	"context"
	"fmt"

	"unspoof/dmarc"
	"unspoof/dns/dnsfile"
)

func ExampleParse() {
	r, err := dmarc.Parse("v=DMARC1; p=reject; sp=none; rua=mailto:dmarc@example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, tag, _ := r.For(dmarc.Below)
	fmt.Printf("mail from subdomains: %s, by %s\n", p, tag)
	for _, n := range r.Notes {
		fmt.Println(n.Code+":", n.Text)
	}
	// Output:
	// mail from subdomains: none, by sp
	// sp-weaker: subdomains are protected less (none) than the domain (reject)
}

func ExampleEvaluate() {
	zone, err := dnsfile.Parse("zone", []byte(`txt: {_dmarc.example.com: ["v=DMARC1; p=reject; sp=quarantine"]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r := dmarc.Evaluate(context.Background(), dmarc.Args{
		From:     []string{"Accounts <billing@mail.example.com>"},
		SPF:      dmarc.SPF{Domain: "bounce.example.net", Result: "pass"},
		Resolver: zone,
	})
	fmt.Println(r.Verdict, r.Applied)
	for _, why := range r.Reasons {
		fmt.Println("-", why.Text)
	}
	// Output:
	// fail quarantine
	// - example.com asks for quarantine for its subdomains (sp=quarantine)
	// - spf passes for "bounce.example.net", which is not aligned with mail.example.com: it would take an organisational domain in common
}

func ExampleCompare() {
	zone, err := dnsfile.Parse("zone", []byte(`txt: {_dmarc.example.com: ["v=DMARC1; p=reject; pct=20"]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	c := dmarc.Compare(context.Background(), dmarc.Args{Domain: "example.com", Resolver: zone})
	for _, d := range c.Differences {
		fmt.Println(d.Text)
	}
	// Output:
	// pct=20 makes RFC 7489 apply reject to 20 % of the mail that fails and quarantine to the rest; RFC 9989 ignores it
}

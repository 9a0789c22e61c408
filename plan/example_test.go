package plan_test

import (
	"context"
	"fmt"

	"unspoof/plan"
)

func ExampleBuildSPF() {
	p, err := plan.BuildSPF(context.Background(), plan.SPFRequest{
		Domain:    "example.com",
		MX:        true,
		Addresses: []string{"192.0.2.0/25", "192.0.2.128/25"},
		Services:  []string{"Google Workspace"},
	}, nil) // nil: nothing is asked of DNS
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Record.Forms.Zone)
	fmt.Println(p.DMARC.Forms.Zone)
	// Output:
	// example.com. 3600 IN TXT "v=spf1 ip4:192.0.2.0/24 mx include:_spf.google.com ~all"
	// _dmarc.example.com. 3600 IN TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com"
}

func ExampleBuildDMARC() {
	p, err := plan.BuildDMARC(context.Background(), plan.DMARCRequest{Domain: "example.com", Policy: "reject", Reports: []string{"dmarc@example.com"}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Record.Forms.Label, p.Record.Value)
	// Output: _dmarc v=DMARC1; p=reject; rua=mailto:dmarc@example.com
}

func ExampleBuildParked() {
	p, err := plan.BuildParked(context.Background(), plan.ParkedRequest{Domain: "unused.example", Confirmed: true}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range p.Steps {
		fmt.Println(s.Record.Forms.Zone)
	}
	// Output:
	// _dmarc.unused.example. 3600 IN TXT "v=DMARC1; p=reject"
	// unused.example. 3600 IN TXT "v=spf1 -all"
	// *._domainkey.unused.example. 3600 IN TXT "v=DKIM1; p="
	// unused.example. 3600 IN MX 0 .
}

package posture_test

import (
	"context"
	"fmt"

	"unspoof/dns/dnsfile"
	"unspoof/posture"
)

func ExampleCheck() {
	zone, err := dnsfile.Parse("example.zone", []byte(`
example.com. MX 10 mail.example.com.
example.com. TXT "v=spf1 mx -all"
mail.example.com. A 192.0.2.25
mail.example.com. AAAA 2001:db8::25
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := posture.Check(context.Background(), posture.Args{Domain: "example.com", Resolver: zone})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Verdict.Sentence)
	fmt.Println(r.Next.Name, "TXT", r.Next.Record)
	// Output:
	// Anyone can send as example.com, because it has no DMARC record, and nothing else protects the From line that people see.
	// _dmarc.example.com TXT v=DMARC1; p=none; rua=mailto:dmarc@example.com
}

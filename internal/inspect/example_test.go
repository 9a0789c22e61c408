package inspect_test

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"unspoof/dns/dnsfile"
	"unspoof/internal/inspect"
)

func ExampleInspect() {
	zone, err := dnsfile.Parse("zone", []byte(`
bank.example. 300 TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.bank.example. 300 TXT "v=DMARC1; p=reject; rua=mailto:dmarc@bank.example"
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := inspect.Inspect(context.Background(), inspect.Args{
		Message: []byte("From: The Bank <info@bank.example>\r\nSubject: your account\r\n\r\ntext\r\n"),
		IP:      netip.MustParseAddr("203.0.113.7"), HELO: "pc.example", MailFrom: "info@bank.example", HasMailFrom: true,
		Resolver: zone, Now: time.Unix(1_800_000_000, 0),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Sender)
	// Output:
	// Nothing shows that bank.example sent this. It asks receivers to refuse such mail. It was handed over by 203.0.113.7, which calls itself pc.example.
}

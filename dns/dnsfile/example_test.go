package dnsfile_test

import (
	"context"
	"fmt"
	"os"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
)

func ExampleParse() {
	view, err := dnsfile.Parse("zone", []byte(`
$ORIGIN example.com.
@    300 TXT "v=spf1 a:mail -all"
mail 300 A   192.0.2.10
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := view.Lookup(context.Background(), dns.Question{Name: "mail.example.com", Type: dns.TypeA})
	fmt.Println(a.Records[0].Addr, a.TTL, a.Server, err)
	// Output: 192.0.2.10 5m0s file zone <nil>
}

// A recording stands in for the resolver that it was made with.
func ExampleRecorder() {
	live, err := dnsfile.Parse("live", []byte(`{"txt": {"example.com": "v=spf1 -all"}}`)) // or a dns.Client
	if err != nil {
		fmt.Println(err)
		return
	}
	rec := dnsfile.NewRecorder(live)
	rec.Lookup(context.Background(), dns.Question{Name: "example.com", Type: dns.TypeTXT})
	rec.WriteTo(os.Stdout)
	// Output:
	// {
	//  "format": "unspoof-dns",
	//  "schema": 1,
	//  "answers": [
	//   {
	//    "name": "example.com",
	//    "type": "TXT",
	//    "rcode": "NOERROR",
	//    "records": [
	//     {
	//      "name": "example.com",
	//      "type": "TXT",
	//      "text": [
	//       "v=spf1 -all"
	//      ]
	//     }
	//    ],
	//    "server": "file live"
	//   }
	//  ]
	// }
}

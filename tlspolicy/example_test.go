package tlspolicy_test

import (
	"fmt"

	"unspoof/tlspolicy"
)

func ExampleParsePolicy() {
	p, err := tlspolicy.ParsePolicy("version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n")
	fmt.Println(p.Mode, p.MaxAge, p.Allows("mail.example.com"), p.Allows("mail.example.net"), err)
	// Output: enforce 168h0m0s true false <nil>
}

func ExampleSTS() {
	fmt.Println(tlspolicy.STSName("example.com"), tlspolicy.STS{ID: "20260301"})
	fmt.Println(tlspolicy.TLSRPTName("example.com"), tlspolicy.TLSRPT{RUA: []string{"mailto:tls@example.com"}})
	// Output:
	// _mta-sts.example.com v=STSv1; id=20260301;
	// _smtp._tls.example.com v=TLSRPTv1; rua=mailto:tls@example.com;
}

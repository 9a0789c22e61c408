package fleet_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"unspoof/dns/dnsfile"
	"unspoof/internal/fleet"
	"unspoof/posture"
)

func ExampleRun() {
	zone, err := dnsfile.Parse("zone", []byte(`
a.example. MX 0 .
a.example. TXT "v=spf1 -all"
_dmarc.a.example. TXT "v=DMARC1; p=reject"
b.example. MX 10 mail.b.example.
mail.b.example. A 192.0.2.1
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	sum, err := fleet.Run(context.Background(), fleet.Args{
		Lists: []fleet.List{{Name: "my.txt", Reader: strings.NewReader("a.example\nnot a domain\nb.example\n")}},
		Check: func(ctx context.Context, domain string) (posture.Report, error) {
			return posture.Check(ctx, posture.Args{Domain: domain, Resolver: zone, Quick: true})
		},
		Each: func(r fleet.Result) error {
			_, err := fmt.Println(r.Domain, r.Report.Verdict.Exposure)
			return err
		},
		Skip: func(s fleet.Skipped) { fmt.Fprintf(os.Stdout, "line %d %s\n", s.Line, s.Reason) },
	})
	fmt.Println(sum.Domains, sum.Skipped, err)
	// Output:
	// a.example protected
	// line 2 is more than a domain; write one name a line
	// b.example anyone
	// 2 1 <nil>
}

package spftext_test

import (
	"context"
	"fmt"

	"unspoof/dns/dnsfile"
	"unspoof/internal/spftext"
	"unspoof/spf"
)

func Example() {
	view, err := dnsfile.Parse("zone", []byte(`_spf.google.com. 300 TXT "v=spf1 ip4:198.51.100.0/24 ~all"`))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	const record = "v=spf1 ip4:198.51.100.7 include:_spf.google.com -all"
	set, err := spf.Sets(ctx, spf.SetArgs{Domain: "example.com", Record: record, Resolver: view})
	if err != nil {
		fmt.Println(err)
		return
	}
	told, err := spftext.Describe(ctx, view, set, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(spftext.Addresses(told.MaySend.AsWritten), "may send.")
	for _, o := range told.Owners {
		fmt.Println(o.Term, o.IPv4, o.Services)
	}
	for _, s := range told.Shared {
		fmt.Println("shared with others:", spftext.Addresses(s.Tally), "by", s.Via)
	}
	// Output:
	// 256 IPv4 addresses may send.
	// ip4:198.51.100.7 1 []
	// include:_spf.google.com 255 [Google Workspace]
	// shared with others: 256 IPv4 addresses by [include:_spf.google.com ip4:198.51.100.7]
}

package spf_test

import (
	"context"
	"fmt"

	"unspoof/spf"
)

func ExampleSets() {
	resolver := published{"_spf.example.net": "v=spf1 ip4:198.51.100.0/24 -all"}
	set, err := spf.Sets(context.Background(), spf.SetArgs{
		Domain: "example.com", Record: "v=spf1 ip4:192.0.2.8/29 include:_spf.example.net ~all", Resolver: resolver,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, owner := range set.Owners(spf.WithLimits) {
		fmt.Println(owner.Term, owner.IPv4, owner.IPv6)
	}
	for _, r := range set.Of(spf.Pass, spf.WithLimits) {
		fmt.Println(r)
	}
	// Output:
	// ip4:192.0.2.8/29 8 0
	// include:_spf.example.net 256 0
	// 192.0.2.8/29
	// 198.51.100.0/24
}

func ExampleDiff() {
	var sets []*spf.Set
	for _, record := range []string{"v=spf1 ip4:192.0.2.0/24 -all", "v=spf1 ip4:192.0.2.0/25 ip4:198.51.100.7 -all"} {
		set, err := spf.Sets(context.Background(), spf.SetArgs{Domain: "example.com", Record: record, Resolver: published{}})
		if err != nil {
			fmt.Println(err)
			return
		}
		sets = append(sets, set)
	}
	d := spf.Diff(sets[0], sets[1])
	for _, c := range d.Gained {
		fmt.Println("gained", c.Range, c.Count, c.Via)
	}
	for _, c := range d.Lost {
		fmt.Println("lost", c.Range, c.Count, c.Via)
	}
	fmt.Println(d.Equal)
	// Output:
	// gained 198.51.100.7 1 ip4:198.51.100.7
	// lost 192.0.2.128/25 128 ip4:192.0.2.0/24
	// different
}

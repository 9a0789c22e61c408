package spf_test

import (
	"context"
	"fmt"

	"unspoof/spf"
)

func ExampleFlatten() {
	resolver := published{
		"example.com":  "v=spf1 include:esp.example ip4:192.0.2.1 -all",
		"esp.example":  "v=spf1 ip4:198.51.100.0/25 include:more.example ~all",
		"more.example": "v=spf1 ip4:198.51.100.128/25 exists:%{i}.list.example ~all",
	}
	f, err := spf.Flatten(context.Background(), spf.FlattenArgs{Domain: "example.com", Resolver: resolver, All: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Publish[0].Text)
	fmt.Println(f.Before.Lookups, "look-ups before,", f.After.Lookups, "now")
	// Output:
	// v=spf1 ip4:198.51.100.0/24 exists:%{i}.list.example ip4:192.0.2.1 -all
	// 3 look-ups before, 1 now
}

func ExampleDrift() {
	resolver := published{
		"example.com": "v=spf1 include:esp.example -all",
		"esp.example": "v=spf1 ip4:198.51.100.0/25 ~all",
	}
	f, err := spf.Flatten(context.Background(), spf.FlattenArgs{Domain: "example.com", Resolver: resolver, All: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	resolver["example.com"] = f.Publish[0].Text
	resolver["esp.example"] = "v=spf1 ip4:198.51.100.0/24 ~all"
	d, err := spf.Drift(context.Background(), spf.DriftArgs{Snapshot: f.Snapshot, Resolver: resolver})
	fmt.Println(d.Changed, d.Terms[0].Term, d.Terms[0].Gained, d.Terms[0].Lost, err)
	// Output: true include:esp.example [198.51.100.128/25] [] <nil>
}

func ExampleCuts() {
	resolver := published{"esp.example": "v=spf1 a:gone1.example a:gone2.example a:gone3.example ip4:192.0.2.1 -all"}
	cuts, err := spf.Cuts(context.Background(), resolver, "example.com", "v=spf1 include:esp.example ip4:192.0.2.0/24 -all")
	for _, c := range cuts {
		fmt.Println(c.Terms[0].Term, "saves", c.Terms[0].Lookups, "and loses", c.Lost.IPv4, "addresses")
	}
	fmt.Println(err)
	// Output:
	// include:esp.example saves 4 and loses 0 addresses
	// <nil>
}

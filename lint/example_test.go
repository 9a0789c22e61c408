package lint_test

import (
	"context"
	"fmt"

	"unspoof/lint"
)

func ExampleSPF() {
	r := lint.SPF(context.Background(), lint.Args{
		Strings: lint.Text("v=spf1 include=_spf.google.com ip4: 192.0.2.1 -al"),
	})
	for _, f := range r.Findings {
		at := f.Place.Span
		fmt.Printf("%s %q\n", f.ID, f.Place.Text[at.Start:at.End])
	}
	fmt.Println(r.Mended)
	// Output:
	// SPF-025 "include=_spf.google.com"
	// SPF-026 "ip4: 192.0.2.1"
	// SPF-031 "-al"
	// v=spf1 include:_spf.google.com ip4:192.0.2.1 -all
}

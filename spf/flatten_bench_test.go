package spf_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/spf"
)

// adjoining is a record of 400 includes that hold 10,000 ranges, 27 in each of 19
// by 20 that 20 more include. They lie side by side, so that a few networks cover
// them; those of large don't, and no record could hold them.
func adjoining(b *testing.B) (zone, string) {
	b.Helper()
	var own, text strings.Builder
	own.WriteString("v=spf1")
	for g := range 20 {
		fmt.Fprintf(&own, " include:g%d.example", g)
		fmt.Fprintf(&text, "g%d.example TXT v=spf1", g)
		for i := range 19 {
			fmt.Fprintf(&text, " include:i%d.example", g*20+i)
		}
		text.WriteString(" -all\n")
		for i := range 19 {
			fmt.Fprintf(&text, "i%d.example TXT v=spf1", g*20+i)
			for r := range 27 {
				n := (g*20+i)*27 + r
				fmt.Fprintf(&text, " ip4:%d.%d.%d.0/24", 10+n>>16, n>>8&255, n&255)
			}
			text.WriteString(" ~all\n")
		}
	}
	own.WriteString(" -all")
	return parseZone(b, text.String()), own.String()
}

func BenchmarkMeasureLarge(b *testing.B) {
	z := large(0)
	record := z[home].records[dns.TypeTXT][0].Text[0]
	b.ReportAllocs()
	for b.Loop() {
		cost, err := spf.Measure(context.Background(), z, home, record)
		if err != nil || cost.Lookups != 400 {
			b.Fatal(cost.Lookups, err)
		}
	}
}

func BenchmarkFlattenLarge(b *testing.B) {
	z, record := adjoining(b)
	b.ReportAllocs()
	for b.Loop() {
		f, err := spf.Flatten(context.Background(), spf.FlattenArgs{Domain: "example.com", Record: record, Resolver: z, All: true})
		if err != nil || !f.After.Within() {
			b.Fatal(err)
		}
	}
}

func BenchmarkFlattenTooLarge(b *testing.B) {
	z := large(0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := spf.Flatten(context.Background(), spf.FlattenArgs{Domain: home, Resolver: z, All: true}); !errors.Is(err, spf.ErrTooLarge) {
			b.Fatal(err)
		}
	}
}

func BenchmarkCutsLarge(b *testing.B) {
	z := large(0)
	record := z[home].records[dns.TypeTXT][0].Text[0]
	b.ReportAllocs()
	for b.Loop() {
		if cuts, err := spf.Cuts(context.Background(), z, home, record); err != nil || len(cuts) == 0 {
			b.Fatal(err)
		}
	}
}

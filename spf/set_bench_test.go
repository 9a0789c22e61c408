package spf_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/spf"
)

// large makes a record of 400 includes with 10,000 networks in all. Of those of
// a salted one, one in twenty are others.
func large(salt int) zone {
	z := zone{}
	var own strings.Builder
	own.WriteString("v=spf1")
	for i := range 400 {
		name := fmt.Sprintf("s%d.test", i)
		own.WriteString(" include:" + name)
		var b strings.Builder
		b.WriteString("v=spf1")
		for k := range 25 {
			n := (i*25 + k) * 7919 % 10000
			third := n * 4 % 200
			if salt > 0 && n%20 == 0 {
				third += salt
			}
			if k%5 == 4 {
				fmt.Fprintf(&b, " ip6:2001:db8:%x:%x::/64", n, third)
			} else {
				fmt.Fprintf(&b, " ip4:%d.%d.%d.0/%d", 20+n/250, n%250, third, 22+k%3)
			}
		}
		b.WriteString(" ~all")
		z.at(name).add(name, dns.Record{Type: dns.TypeTXT, Text: []string{b.String()}})
	}
	own.WriteString(" -all")
	z.at(home).add(home, dns.Record{Type: dns.TypeTXT, Text: []string{own.String()}})
	return z
}

func sets(t testing.TB, z dns.Resolver) *spf.Set {
	t.Helper()
	s, err := spf.Sets(context.Background(), spf.SetArgs{Domain: home, Resolver: z})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func BenchmarkSets(b *testing.B) {
	z := large(0)
	b.ReportAllocs()
	for b.Loop() {
		sets(b, z)
	}
}

// BenchmarkSetsFloor is what can't be saved: to ask, to parse each network, and
// to sort them.
func BenchmarkSetsFloor(b *testing.B) {
	z := large(0)
	b.ReportAllocs()
	for b.Loop() {
		networks(b, z)
	}
}

func networks(b *testing.B, z zone) []netip.Prefix {
	var list []netip.Prefix
	for i := range 400 {
		a, err := z.Lookup(context.Background(), dns.Question{Name: fmt.Sprintf("s%d.test", i), Type: dns.TypeTXT})
		if err != nil {
			b.Fatal(err)
		}
		for term := range strings.FieldsSeq(a.Records[0].Text[0]) {
			if len(term) > 4 && term[:2] == "ip" {
				p, err := netip.ParsePrefix(term[4:])
				if err != nil {
					b.Fatal(err)
				}
				list = append(list, p)
			}
		}
	}
	slices.SortFunc(list, netip.Prefix.Compare)
	return list
}

func BenchmarkDiff(b *testing.B) {
	old, new := sets(b, large(0)), sets(b, large(1))
	b.ReportAllocs()
	for b.Loop() {
		if d := spf.Diff(old, new); len(d.Written.Gained) < 200 || len(d.Written.Lost) < 200 || d.WrittenEqual != spf.Different {
			b.Fatal(d.WrittenEqual, len(d.Written.Gained), len(d.Written.Lost))
		}
	}
}

// BenchmarkDiffFloor is to go through both lists of ranges once.
func BenchmarkDiffFloor(b *testing.B) {
	old, new := sets(b, large(0)), sets(b, large(1))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for i, j := 0, 0; i < len(old.Ranges) && j < len(new.Ranges); n++ {
			switch c := old.Ranges[i].Range.To.Compare(new.Ranges[j].Range.To); {
			case c < 0:
				i++
			case c > 0:
				j++
			default:
				i++
				j++
			}
		}
		if n < len(old.Ranges) {
			b.Fatal(n)
		}
	}
}

func BenchmarkShadows(b *testing.B) {
	s := sets(b, large(0))
	b.ReportAllocs()
	for b.Loop() {
		s.Shadows()
	}
}

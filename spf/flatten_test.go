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

// basics are what most cases lead to.
const basics = `esp.example TXT v=spf1 ip4:198.51.100.0/25 include:deep.example ~all
deep.example TXT v=spf1 ip4:198.51.100.128/25 ip6:2001:db8::/32 -all
mail.example.com A 192.0.2.1
mail.example.com AAAA 2001:db8:1::1
example.com MX 1 mail.example.com
`

func TestFlattenAll(t *testing.T) {
	for _, c := range []struct{ name, record, zone, want string }{
		{"an include, nested", "include:esp.example -all", "", "ip4:198.51.100.0/24 ip6:2001:db8::/32 -all"},
		{"hosts of both families", "a:mail.example.com mx ~all", "", "ip4:192.0.2.1 ip6:2001:db8:1::1 ~all"},
		{"prefix lengths of hosts", "mx/24//64 -all", "", "ip4:192.0.2.0/24 ip6:2001:db8:1::/64 -all"},
		{"qualifiers", "-include:esp.example ~a:mail.example.com ?ip4:192.0.2.9 +all", "", "-ip4:198.51.100.0/24 -ip6:2001:db8::/32 ~ip4:192.0.2.1 ?ip4:192.0.2.9 all"},
		{"a redirect brings its own end", "ip4:192.0.2.9 redirect=r.example", "r.example TXT v=spf1 ?ip4:192.0.2.8/31 ip4:192.0.2.0/28 -all", "ip4:192.0.2.9 ?ip4:192.0.2.8 ip4:192.0.2.0/28 -all"},
		{"a redirect without effect", "ip4:192.0.2.9 -all redirect=r.example", "r.example TXT v=spf1 +all", "ip4:192.0.2.9 -all"},
		{"a redirect inside of an include", "include:i.example -all", "i.example TXT v=spf1 -ip4:198.51.100.7 redirect=esp.example", "ip4:198.51.100.0/30 ip4:198.51.100.4/31 ip4:198.51.100.6 ip4:198.51.100.8/29 ip4:198.51.100.16/28 ip4:198.51.100.32/27 ip4:198.51.100.64/26 ip4:198.51.100.128/25 ip6:2001:db8::/32 -all"},
		{"what an include denies does not match", "include:i.example ip4:192.0.2.0/24 -all", "i.example TXT v=spf1 -ip4:192.0.2.0/25 ip4:192.0.2.0/24 -all", "ip4:192.0.2.0/24 -all"},
		{"what was decided may be covered again", "-ip4:192.0.2.5 include:i.example -all", "i.example TXT v=spf1 ip4:192.0.2.4 ip4:192.0.2.6/31 -all", "-ip4:192.0.2.5 ip4:192.0.2.4/30 -all"},
		{"an end that says the same", "ip4:192.0.2.1 -include:deep.example -all", "", "ip4:192.0.2.1 -all"},
		{"shadowed and redundant terms", "ip4:192.0.2.0/25 ip4:192.0.2.7 ip4:192.0.2.128/25 -ip4:192.0.2.9 include:esp.example ip4:198.51.100.3 ~all a", "", "ip4:192.0.2.0/24 ip4:198.51.100.0/24 ip6:2001:db8::/32 ~all"},
		{"a host that is gone", "a:gone.example.com mx -all", "", "ip4:192.0.2.1 ip6:2001:db8:1::1 -all"},
		{"exists that is always true", "exists:mail.example.com include:esp.example", "", "ip4:0.0.0.0/0 ip6:::/0"},
		{"a macro stays in its place", "include:esp.example ~exists:%{i}.x.example -a:mail.example.com +all", "", "ip4:198.51.100.0/24 ip6:2001:db8::/32 ~exists:%{i}.x.example -ip4:192.0.2.1 all"},
		{"a macro of an include comes out of it", "?include:i.example -all", "i.example TXT v=spf1 ip4:192.0.2.8 exists:%{i}.%{d2}.%{d}.%{o} ip4:192.0.2.9 ptr ~all", "?ip4:192.0.2.8 ?exists:%{i}.i.example.i.example.%{o} ?ip4:192.0.2.9 ?ptr:i.example -all"},
		{"one after a denial can't", "include:i.example include:esp.example -all", "i.example TXT v=spf1 -ip4:192.0.2.8 exists:%{i}.x.example -all", "include:i.example ip4:198.51.100.0/24 ip6:2001:db8::/32 -all"},
		{"nor one that denies", "include:o.example -all", "o.example TXT v=spf1 ip4:192.0.2.7 include:i.example ~all\ni.example TXT v=spf1 -exists:%{i}.x.example ip4:192.0.2.8 -all", "ip4:192.0.2.7 include:i.example -all"},
		{"nor %{p}, which prefers the current domain", "include:i.example -all", "i.example TXT v=spf1 exists:%{p}.x.example -all", "include:i.example -all"},
		{"a term twice", "include:i.example exists:%{i}.x.example -exists:%{i}.x.example mx -all", "i.example TXT v=spf1 exists:%{i}.x.example", "exists:%{i}.x.example ip4:192.0.2.1 ip6:2001:db8:1::1 -all"},
		{"what is broken stays", "mx include:none.example -all", "", "ip4:192.0.2.1 ip6:2001:db8:1::1 include:none.example -all"},
		{"a loop stays", "mx include:l.example -all", "l.example TXT v=spf1 include:l.example -all", "ip4:192.0.2.1 ip6:2001:db8:1::1 include:l.example -all"},
		{"explanations and unknown modifiers stay", "exp=e.example.com mx x=%{i} -all", "", "ip4:192.0.2.1 ip6:2001:db8:1::1 -all exp=e.example.com x=%{i}"},
		{"a redirect to an explanation stays", "mx redirect=r.example", "r.example TXT v=spf1 -all exp=e.example", "ip4:192.0.2.1 ip6:2001:db8:1::1 redirect=r.example"},
		{"nothing to do", "ip4:192.0.2.1  +ip4:192.0.2.9 exists:%{i}.x.example -all", "", "ip4:192.0.2.1  +ip4:192.0.2.9 exists:%{i}.x.example -all"},
	} {
		t.Run(c.name, func(t *testing.T) {
			z := parseZone(t, basics+c.zone)
			f, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "Example.com.", Record: "v=spf1 " + c.record, Resolver: z, All: true})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimPrefix(f.Publish[0].Text, "v=spf1 "); got != c.want || len(f.Publish) != 1 {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if f.Changed != (c.want != c.record) || f.Domain != "example.com" {
				t.Errorf("changed %t, domain %s", f.Changed, f.Domain)
			}
		})
	}
}

func TestFlattenAsFewAsNeeded(t *testing.T) {
	z := parseZone(t, basics+repeat(9, "s#.example TXT v=spf1 ip4:203.0.113.# ip6:2001:db8:#::/48 -all\n")+"big.example TXT v=spf1 include:s1.example include:s2.example include:s3.example -all\n")
	record := "v=spf1 a:gone.example include:big.example include:s4.example include:s5.example include:s6.example include:s7.example include:s8.example include:s9.example -all"
	f, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Record: record, Resolver: z})
	if err != nil {
		t.Fatal(err)
	}
	if f.Before.Lookups != 11 || len(f.Replaced) != 1 || f.Replaced[0].Term != "a:gone.example" || !f.After.Within() || f.After.Lookups != 10 {
		t.Errorf("%+v", f.Replaced)
	}
	f, err = spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Record: record + " mx", Resolver: z, Only: []string{"BIG.example.", "include:s5.example"}})
	if err != nil || len(f.Replaced) != 2 || f.Replaced[0].Saves != 4 || len(f.Replaced[0].Ranges) != 2 || f.After.Lookups != 6 {
		t.Errorf("%v: %+v", err, f.Replaced)
	}
	// A record within the limits is left alone.
	record = "v=spf1 include:big.example -all"
	f, err = spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Record: record, Resolver: z})
	if err != nil || f.Changed || f.Publish[0].Text != record || len(f.Kept) != 1 || len(f.Cuts) != 0 {
		t.Errorf("%v: %+v", err, f)
	}
	// Where the dearest one does not fit, others may do.
	z = parseZone(t, repeat(9, "s#.example TXT v=spf1 ip4:203.0.113.# -all\n")+"wide.example TXT v=spf1 include:s1.example include:s2.example include:s3.example"+scattered(3000))
	record = "v=spf1 include:wide.example include:s4.example include:s5.example include:s6.example include:s7.example include:s8.example include:s9.example ptr -all"
	f, err = spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Record: record, Resolver: z})
	if err != nil || len(f.Replaced) != 1 || f.Replaced[0].Term != "include:s4.example" || f.Kept[0].Why != "its addresses would not fit" || f.After.Lookups != 10 {
		t.Errorf("%v: %+v %+v", err, f.Replaced, f.Kept)
	}
	// A record too long for an answer, and over the limit by what finds nothing.
	_, err = spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Record: "v=spf1 a:g1.example a:g2.example a:g3.example" + scattered(3000), Resolver: z})
	if !errors.Is(err, spf.ErrTooLarge) {
		t.Error(err)
	}
}

func TestFlattenSplits(t *testing.T) {
	var esp strings.Builder
	for i := range 100 {
		fmt.Fprintf(&esp, " ip4:198.51.%d.%d", i, i)
	}
	z := parseZone(t, "_spf1.example.com TXT v=spf1 -all\n_spf3.example.com CNAME other.example.com\nother.example.com TXT x\n"+
		"example.com TXT "+strings.Repeat("x", 200)+"\nexample.com TXT v=spf1 ip4:192.0.2.1 ~include:esp.example -all\nesp.example TXT v=spf1"+esp.String())
	f, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Resolver: z, All: true})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i, p := range f.Publish {
		names = append(names, p.Name)
		// RFC 7208 section 3.4: the answer fits in 512 octets, the other TXT record with it.
		if limit := 512 - map[bool]int{true: 213}[i == 0]; p.Octets > limit {
			t.Errorf("%s: %d octets, at most %d fit", p.Name, p.Octets, limit)
		}
		for _, s := range p.Strings {
			if len(s) > 255 || s != strings.TrimSpace(s) {
				t.Errorf("string %q", s)
			}
		}
		if strings.Join(p.Strings, "") != p.Text {
			t.Errorf("strings %q", p.Strings)
		}
	}
	if got := strings.Join(names, " "); got != "example.com _spf2.example.com _spf4.example.com _spf5.example.com _spf6.example.com" {
		t.Error(got)
	}
	if f.After.Lookups != len(names)-1 || strings.Count(f.Publish[0].Text, " ~include:_spf") != len(names)-1 {
		t.Errorf("%d look-ups: %s", f.After.Lookups, f.Publish[0].Text)
	}
}

// scattered is n addresses that can't be merged.
func scattered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " ip4:10.%d.%d.1", i>>8, i&255)
	}
	return b.String()
}

func TestFlattenRefuses(t *testing.T) {
	var fault *dns.Error
	var syntax *spf.SyntaxError
	for _, c := range []struct {
		name string
		args spf.FlattenArgs
		zone string
		want any
	}{
		{"too many addresses", spf.FlattenArgs{Record: "v=spf1 include:b.example -all", All: true}, "b.example TXT v=spf1" + scattered(3000), spf.ErrTooLarge},
		{"words that can't move", spf.FlattenArgs{Record: "v=spf1 " + repeat(30, "exists:%{i}."+strings.Repeat("x", 60)+".#.example.com ") + "-all", All: true}, "", spf.ErrTooLarge},
		{"more look-ups before what may take the rest", spf.FlattenArgs{Record: "v=spf1 include:b.example include:%{l}.example.com -all", All: true}, "b.example TXT v=spf1" + scattered(100), spf.ErrTooLarge},
		{"no such term", spf.FlattenArgs{Record: "v=spf1 mx -all", Only: []string{"esp.example"}}, "", spf.ErrNotFlattened},
		{"a term that hangs on the message", spf.FlattenArgs{Record: "v=spf1 exists:%{i}.x.example -all", Only: []string{"exists:%{i}.x.example"}}, "", spf.ErrNotFlattened},
		{"a term that is broken", spf.FlattenArgs{Record: "v=spf1 include:none.example -all", Only: []string{"none.example"}}, "", spf.ErrNotFlattened},
		{"no record", spf.FlattenArgs{}, "", spf.ErrNoRecord},
		{"two records", spf.FlattenArgs{}, "example.com TXT v=spf1 a\nexample.com TXT v=spf1 mx", spf.ErrSeveralRecords},
		{"no domain", spf.FlattenArgs{Domain: "localhost", Record: "v=spf1 -all"}, "", spf.ErrDomain},
		{"a broken record", spf.FlattenArgs{Record: "v=spf1 ip4:"}, "", &syntax},
		{"DNS does not answer", spf.FlattenArgs{Record: "v=spf1 include:b.example -all"}, "b.example FAULT timeout", &fault},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.args.Domain == "" {
				c.args.Domain = "example.com"
			}
			c.args.Resolver = parseZone(t, c.zone)
			_, err := spf.Flatten(t.Context(), c.args)
			switch want := c.want.(type) {
			case error:
				if !errors.Is(err, want) {
					t.Errorf("%v", err)
				}
			default:
				if !errors.As(err, want) {
					t.Errorf("%v", err)
				}
			}
		})
	}
}

func TestFlattenSaysWhatItDropped(t *testing.T) {
	z := parseZone(t, basics)
	f, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Resolver: z, All: true,
		Record: "v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.7 include:esp.example -ip4:198.51.100.7 exists:%{i}.x.example ?exists:%{i}.x.example -ip4:203.0.113.1 -all a redirect=esp.example"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range f.Dropped {
		got = append(got, d.Term+": "+d.Why)
	}
	want := []string{
		"a: nothing comes to it: it stands after all",
		"redirect=esp.example: nothing comes to it: the record has an all",
		"ip4:192.0.2.7: its addresses are in ip4:192.0.2.0/24",
		"-ip4:198.51.100.7: terms before it decide about all its addresses",
		"?exists:%{i}.x.example: the same term stands before it",
		"-ip4:203.0.113.1: the end of the record says the same",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	if want := "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 ip6:2001:db8::/32 exists:%{i}.x.example -all"; f.Publish[0].Text != want {
		t.Error(f.Publish[0].Text)
	}
}

func TestFlattenStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := spf.Flatten(ctx, spf.FlattenArgs{Domain: "example.com", Record: "v=spf1 mx -all", Resolver: parseZone(t, basics)}); err == nil {
		t.Error("no error")
	}
}

// TestPlantedFaultIsCaught: the check of TestFlattenAgreesWithEvaluation sees a
// network that is one bit too wide.
func TestPlantedFaultIsCaught(t *testing.T) {
	z := parseZone(t, "example.test TXT v=spf1 include:esp.test -all\nesp.test TXT v=spf1 ip4:10.0.0.0/30 ip6:2001:db8::/127 ~all")
	f, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.test", Resolver: z, All: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, difference := sameForAll(z, flattenedZone{z, f.Publish}, 1); difference != "" {
		t.Fatal(difference)
	}
	for _, wrong := range [][2]string{{"/30", "/29"}, {"/30", "/31"}, {"/127", "/126"}, {"/127", "/128"}, {"-all", "~all"}} {
		planted := f.Publish[0]
		planted.Strings = []string{strings.Replace(planted.Text, wrong[0], wrong[1], 1)}
		if _, difference := sameForAll(z, flattenedZone{z, []spf.Published{planted}}, 1); difference == "" {
			t.Errorf("%s for %s was not seen", wrong[1], wrong[0])
		}
	}
}

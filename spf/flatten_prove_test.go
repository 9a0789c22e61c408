package spf

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"unspoof/dns"
)

// onlyTXT is DNS that has records and nothing else.
type onlyTXT map[string]string

func (z onlyTXT) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	text, ok := z[q.Name]
	if !ok || q.Type != dns.TypeTXT {
		return dns.Answer{RCode: dns.NXDomain}, nil
	}
	return dns.Answer{Records: []dns.Record{{Type: q.Type, Text: []string{text}}}}, nil
}

// TestProofRefusesFaults: whatever goes wrong while a record is written, prove
// sees that it means something else.
func TestProofRefusesFaults(t *testing.T) {
	z := onlyTXT{
		"example.com":  "v=spf1 include:esp.example ?exists:%{i}.x.example include:m.example ~all",
		"esp.example":  "v=spf1 ip4:192.0.2.0/24 -ip4:198.51.100.7 ip4:198.51.100.0/24 ip6:2001:db8::/32 -all",
		"m.example":    "v=spf1 exists:%{l}.y.example ip4:203.0.113.0/28 -all",
		"none.example": "v=spf1 -all",
	}
	for _, c := range []struct{ was, now string }{
		{"192.0.2.0/24", "192.0.2.0/23"},
		{"192.0.2.0/24", "192.0.2.0/25"},
		{"ip6:2001:db8::/32", "ip6:2001:db8::/33"},
		{"ip4:192.0.2.0/24 ", ""},
		{"ip4:203.0.113.0/28", "?ip4:203.0.113.0/28"},
		{" ?exists", " ~exists"},
		{" ?exists:%{i}.x.example", ""},
		{"?exists:%{i}.x.example exists:%{l}.y.example", "exists:%{l}.y.example ?exists:%{i}.x.example"},
		{"exists:%{l}.y.example ip4:203.0.113.0/28", "ip4:203.0.113.0/28 exists:%{l}.y.example"},
		{"exists:%{l}.y", "exists:%{s}.y"},
		{"~all", "-all"},
		{" ~all", ""},
		{"~all", "redirect=none.example"},
	} {
		f, err := begin(t.Context(), FlattenArgs{Domain: "example.com", Resolver: z, All: true})
		if err == nil {
			err = f.choose(FlattenArgs{All: true})
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := f.prove(t.Context()); err != nil {
			t.Fatal("without a fault: ", err)
		}
		text := f.out.Publish[0].Text
		wrong := strings.Replace(text, c.was, c.now, 1)
		if wrong == text {
			t.Fatalf("%q is not in %s", c.was, text)
		}
		f.out.Publish[0] = publish("example.com", wrong)
		if err := f.prove(t.Context()); !errors.Is(err, ErrNotEqual) {
			t.Errorf("%v: %s", err, wrong)
		}
	}
}

// TestProofRefusesWrongClaims: when the claims are wrong themselves, so that what
// is written agrees with them, prove still sees it.
func TestProofRefusesWrongClaims(t *testing.T) {
	z := onlyTXT{
		"example.com":      "v=spf1 include:esp.example ?exists:%{i}.x.example include:m.example include:deny.example a:%{o} ~all",
		"esp.example":      "v=spf1 ip4:192.0.2.0/24 -ip4:198.51.100.7 ip4:198.51.100.0/24 ip6:2001:db8::/32 -all",
		"m.example":        "v=spf1 exists:%{l}.y.example ip4:203.0.113.0/28 include:a%%{i}.example ptr -all",
		"deny.example":     "v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.4 exists:%{s}.%{d}.z.example include:left%%{i}.example -all",
		"left%{i}.example": "v=spf1 -exists:%{i}.q.example ip4:100.64.0.1 -all",
		"other.example":    "v=spf1 +all",
		"a%{i}.example":    "v=spf1 ip4:203.0.113.64 mx:%{l}.example -all",
		"a192.0.2.example": "v=spf1 +all",
	}
	net := func(text string) (nets [2][]span) {
		p := netip.MustParsePrefix(text)
		nets[familyOf(p.Addr())] = []span{spanOf(p)}
		return nets
	}
	text := func(list []claim, has string) *claim {
		i := slices.IndexFunc(list, func(c claim) bool { return strings.Contains(c.text, has) })
		if i < 0 {
			t.Fatalf("no claim keeps %s", has)
		}
		return &list[i]
	}
	nets := func(list []claim, holds string) *claim {
		i := slices.IndexFunc(list, func(c claim) bool { return !empty(shared(c.nets, net(holds))) })
		return &list[i]
	}
	swap := func(list []claim, a, b *claim) []claim { *a, *b = *b, *a; return list }
	without := func(list []claim, c *claim) []claim {
		return slices.DeleteFunc(slices.Clone(list), func(d claim) bool {
			return d.text == c.text && d.spec == c.spec && d.own == c.own && empty(minus(d.nets, c.nets)) && empty(minus(c.nets, d.nets))
		})
	}
	for _, c := range []struct {
		name  string
		plant func(list []claim) []claim
	}{
		{"a network too wide", func(l []claim) []claim { nets(l, "192.0.2.0/24").nets = net("192.0.2.0/23"); return l }},
		{"a network too narrow", func(l []claim) []claim { nets(l, "203.0.113.0/28").nets = net("203.0.113.0/29"); return l }},
		{"a network of the other family", func(l []claim) []claim { nets(l, "2001:db8::/32").nets = net("2001:db8::/33"); return l }},
		{"a network lost", func(l []claim) []claim { return without(l, nets(l, "203.0.113.64/32")) }},
		{"a network too many", func(l []claim) []claim { return slices.Insert(l, 3, claim{word: Pass, nets: net("100.64.0.9/32")}) }},
		{"what is denied let in", func(l []claim) []claim { return slices.Insert(l, 0, claim{word: Pass, nets: net("198.51.100.7/32")}) }},
		{"a word", func(l []claim) []claim { nets(l, "203.0.113.0/28").word = Neutral; return l }},
		{"a kept term's word", func(l []claim) []claim { text(l, "%{l}.y").word = Fail; return l }},
		{"a kept term lost", func(l []claim) []claim { return without(l, text(l, "%{l}.y")) }},
		{"a kept term too many", func(l []claim) []claim {
			return slices.Insert(l, 0, claim{word: Pass, text: "exists:%{h}.x.example", spec: "exists:\x00%{h}.x.example"})
		}},
		{"kept terms in another order", func(l []claim) []claim { return swap(l, text(l, "%{i}.x"), text(l, "%{l}.y")) }},
		{"a network before a kept term", func(l []claim) []claim { return swap(l, nets(l, "203.0.113.0/28"), text(l, "%{i}.x")) }},
		{"another macro", func(l []claim) []claim {
			text(l, "%{l}.y").text = "exists:%{s}.y.example"
			return l
		}},
		{"another macro, said to be right", func(l []claim) []claim {
			c := text(l, "%{l}.y")
			c.text, c.spec = "exists:%{s}.y.example", "exists:\x00%{s}.y.example"
			return l
		}},
		{"a name not quoted", func(l []claim) []claim {
			c := text(l, "%%")
			c.text = strings.ReplaceAll(c.text, "%%", "%")
			return l
		}},
		{"the domain of another record", func(l []claim) []claim { text(l, "deny.example.z").text = "exists:%{s}.%{d}.z.example"; return l }},
		{"ptr of another domain", func(l []claim) []claim { text(l, "ptr").text = "ptr"; return l }},
		{"an include of another", func(l []claim) []claim { text(l, "include:left").text = "include:other.example"; return l }},
		{"an include of another, said to be right", func(l []claim) []claim {
			c := text(l, "include:left")
			c.text, c.spec = "include:other.example", "include:other.example"
			return l
		}},
		{"%{o} resolved", func(l []claim) []claim { c := text(l, "%{o}"); c.text, c.spec = "a", "a:example.com/32/128"; return l }},
		{"another end", func(l []claim) []claim {
			l[slices.IndexFunc(l, func(c claim) bool { return c.all })].word = Fail
			return l
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := begin(t.Context(), FlattenArgs{Domain: "example.com", Resolver: z, All: true})
			if err == nil {
				err = f.choose(FlattenArgs{All: true})
			}
			write := func() {
				t.Helper()
				groups, err := f.unfold.compose(f.list, false)
				if err != nil {
					t.Fatal(err)
				}
				text, _ := lay(groups, nil).texts(nil)
				f.out.Publish = []Published{publish("example.com", text)}
			}
			if err != nil {
				t.Fatal(err)
			}
			write()
			right := f.out.Publish[0].Text
			if err := f.prove(t.Context()); err != nil {
				t.Fatalf("without a fault: %v: %s", err, right)
			}
			f.list = c.plant(slices.Clone(f.list))
			if write(); f.out.Publish[0].Text == right {
				t.Fatal("nothing was planted: ", right)
			}
			if err := f.prove(t.Context()); !errors.Is(err, ErrNotEqual) {
				t.Errorf("%v\nright %s\nwrong %s", err, right, f.out.Publish[0].Text)
			}
		})
	}
}

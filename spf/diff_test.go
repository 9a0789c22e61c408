package spf_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"unspoof/spf"
)

func TestDiff(t *testing.T) {
	d := spf.Diff(setOf(t, "v=spf1 ip4:192.0.2.0/24 a:h.test exists:%{i}.old.test ~all"), setOf(t, "v=spf1 include:soft.test ip4:198.51.100.0/24 exists:%{i}.new.test -all"))
	got, err := json.Marshal(d)
	const changes = `"gained":[{"range":"198.51.100.0/24","count":256,"via":"ip4:198.51.100.0/24","was":"softfail","now":"pass","conditional":true}],` +
		`"lost":[{"range":"192.0.2.0/25","count":128,"via":"ip4:192.0.2.0/24","was":"pass","now":"fail","conditional":true},` +
		`{"range":"2001:db8::1","count":1,"via":"a:h.test","was":"pass","now":"fail","conditional":true}],` +
		`"changed":[{"range":"0.0.0.0-192.0.1.255","count":3221225984,"via":"-all","was":"softfail","now":"fail","conditional":true},` +
		`{"range":"192.0.3.0-198.51.99.255","count":104030464,"via":"-all","was":"softfail","now":"fail","conditional":true},` +
		`{"range":"198.51.101.0-255.255.255.255","count":969710336,"via":"-all","was":"softfail","now":"fail","conditional":true},` +
		`{"range":"::-2001:db8::","count":42540766411282592856903984951653826561,"via":"-all","was":"softfail","now":"fail","conditional":true},` +
		`{"range":"2001:db8::2-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff","count":297741600509655870606470622480114384894,"via":"-all","was":"softfail","now":"fail","conditional":true}],"unknown":[]`
	const want = `{` + changes + `,"equal":"unknown","as_written":{` + changes + `},"as_written_equal":"unknown",` +
		`"symbolic_gained":[{"kind":"exists","spec":"%{i}.new.test","result":"pass","via":"exists:%{i}.new.test","ranges":["0.0.0.0-192.0.2.127","192.0.3.0-198.51.99.255","198.51.101.0-255.255.255.255","::/0"]}],` +
		`"symbolic_lost":[{"kind":"exists","spec":"%{i}.old.test","result":"pass","via":"exists:%{i}.old.test","ranges":["0.0.0.0-192.0.1.255","192.0.3.0-255.255.255.255","::-2001:db8::","2001:db8::2-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]}]}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s\nwant %s (%v)", got, want, err)
	}
}

func TestDiffNamesTheWay(t *testing.T) {
	d := spf.Diff(setOf(t, "v=spf1 -all"), setOf(t, "v=spf1 include:soft.test -all"))
	if len(d.Gained) != 1 || d.Gained[0].Via != "include:soft.test" || d.Gained[0].Domain != "soft.test" || len(d.Gained[0].Path) != 1 || d.Gained[0].Path[0] != "ip4:192.0.2.0/24" {
		t.Errorf("%+v", d.Gained)
	}
}

// TestDiffKnowsNothingFromSilence: that DNS does not answer takes nobody's right to
// send away.
func TestDiffKnowsNothingFromSilence(t *testing.T) {
	for _, c := range []struct {
		rule, old, new string
		want           string // of the lists and symbolic terms
		via            string // of what is not known
	}{
		{"the new record does not tell", "v=spf1 ip4:192.0.2.1 -all", "v=spf1 include:down.test ip4:192.0.2.1 -all", "0 gained 0 lost 0 changed 4 unknown 0 0", "include:down.test"},
		{"the old record did not", "v=spf1 include:down.test -all", "v=spf1 ip4:192.0.2.1 -all", "0 gained 0 lost 0 changed 4 unknown 0 0", "include:down.test"},
		{"what is known is told", "v=spf1 ip4:192.0.2.1 ip4:192.0.2.3 -all", "v=spf1 ip4:192.0.2.1 -ip4:192.0.2.3 a:down.test -all", "0 gained 1 lost 0 changed 4 unknown 0 0", "a:down.test"},
		{"neither tells", "v=spf1 a:down.test -all", "v=spf1 a:down.test ~all", "0 gained 0 lost 0 changed 0 unknown 0 0", ""},
		{"a symbolic term may be behind", "v=spf1 exists:%{i}.x.test -all", "v=spf1 a:down.test -all", "0 gained 0 lost 0 changed 2 unknown 0 0", "a:down.test"},
		{"it is not, for some", "v=spf1 exists:%{i}.x.test -all", "v=spf1 -ip4:192.0.2.1 a:down.test -all", "0 gained 0 lost 0 changed 3 unknown 0 1", "a:down.test"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			d := spf.Diff(setOf(t, c.old), setOf(t, c.new))
			if got := fmt.Sprintf("%d gained %d lost %d changed %d unknown %d %d", len(d.Gained), len(d.Lost), len(d.Changed), len(d.Unknown), len(d.SymbolicGained), len(d.SymbolicLost)); got != c.want {
				t.Errorf("got %s, want %s: %+v", got, c.want, d)
			}
			if len(d.Unknown) > 0 && d.Unknown[0].Via != c.via {
				t.Errorf("through %q, want %q", d.Unknown[0].Via, c.via)
			}
		})
	}
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		name, a, b      string
		limits, written spf.Equality
	}{
		{"split networks", "v=spf1 ip4:192.0.2.0/24 -all", "v=spf1 ip4:192.0.2.128/25 ip4:192.0.2.0/25 -all", spf.Same, spf.Same},
		{"flattened", "v=spf1 include:pass.test -all", "v=spf1 ip4:192.0.2.0/24 -all", spf.Same, spf.Same},
		{"another end", "v=spf1 ~all", "v=spf1 -all", spf.Different, spf.Different},
		{"one address more", "v=spf1 ip4:192.0.2.0/31 -all", "v=spf1 ip4:192.0.2.0 -all", spf.Different, spf.Different},
		{"only the limits differ", "v=spf1 a:none.test a:none.test a:none.test -all", "v=spf1 -all", spf.Different, spf.Same},
		{"DNS does not answer", "v=spf1 a:down.test -all", "v=spf1 a:down.test -all", spf.CannotSay, spf.CannotSay},
		{"it answers for what differs", "v=spf1 ip4:192.0.2.1 a:down.test -all", "v=spf1 ~ip4:192.0.2.1 a:down.test -all", spf.Different, spf.Different},
		{"alike symbolic terms", "v=spf1 exists:%{i}.X.test ip4:192.0.2.1 -all", "v=spf1 exists:%{i}.x.test ip4:192.0.2.1/32 -all", spf.Same, spf.Same},
		{"asked twice", "v=spf1 ptr ptr:example.test -all", "v=spf1 ptr -all", spf.Same, spf.Same},
		{"in an include that only passes", "v=spf1 include:listed.test -all", "v=spf1 exists:%{i}.list.test -all", spf.Same, spf.Same},
		{"with another effect", "v=spf1 ?include:listed.test -all", "v=spf1 exists:%{i}.list.test -all", spf.CannotSay, spf.CannotSay},
		{"of another name", "v=spf1 exists:%{i}.x.test -all", "v=spf1 exists:%{i}.y.test -all", spf.CannotSay, spf.CannotSay},
		{"in another order", "v=spf1 exists:%{i}.x.test ?exists:%{i}.y.test -all", "v=spf1 ?exists:%{i}.y.test exists:%{i}.x.test -all", spf.CannotSay, spf.CannotSay},
		{"%{p} prefers names below the domain whose record it is", "v=spf1 exists:%{p}.x.test -all", "v=spf1 redirect=names.test", spf.CannotSay, spf.CannotSay},
		{"and wherever else", "v=spf1 redirect=names.test", "v=spf1 include:names.test -all", spf.Same, spf.Same},
		{"no match in common", "v=spf1 -exists:%{i}.x.test ~all", "v=spf1 exists:%{i}.x.test ?all", spf.Different, spf.Different},
		{"whatever it says", "v=spf1 exists:%{i}.x.test +all", "v=spf1 +all", spf.Same, spf.Same},
		{"the same redirect", "v=spf1 ip4:192.0.2.1 redirect=%{l}.test", "v=spf1 ip4:192.0.2.1/32 redirect=%{l}.test", spf.CannotSay, spf.Same},
		{"the limits may strike first", "v=spf1 exists:%{i}.x.test a:none.test a:none.test -all", "v=spf1 exists:%{i}.x.test -all", spf.CannotSay, spf.Same},
		{"the same, included", "v=spf1 include:unless.test ip4:192.0.2.1 -all", "v=spf1 include:unless.test ip4:192.0.2.1 -all", spf.Same, spf.Same},
		{"a symbolic term that lets the record go on", "v=spf1 include:unless.test ip4:192.0.2.1 -all", "v=spf1 include:unless.test ?ip4:192.0.2.1 -all", spf.CannotSay, spf.CannotSay},
	} {
		t.Run(c.name, func(t *testing.T) {
			z := parseZone(t, setZone+"unless.test TXT v=spf1 -exists:%{i}.bad.test ip4:192.0.2.1 -all\nnames.test TXT v=spf1 exists:%{p}.x.test -all\n")
			sets := make([]*spf.Set, 2)
			for i, record := range []string{c.a, c.b} {
				var err error
				if sets[i], err = spf.Sets(context.Background(), spf.SetArgs{Domain: home, Record: record, Resolver: z}); err != nil {
					t.Fatal(err)
				}
			}
			for _, pair := range [][2]*spf.Set{{sets[0], sets[1]}, {sets[1], sets[0]}} {
				if got := spf.Equal(pair[0], pair[1], spf.WithLimits); got != c.limits {
					t.Errorf("with limits %s, want %s", got, c.limits)
				}
				if got := spf.Equal(pair[0], pair[1], spf.AsWritten); got != c.written {
					t.Errorf("as written %s, want %s", got, c.written)
				}
			}
		})
	}
}

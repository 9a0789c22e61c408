package spf_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"unspoof/dns"
	"unspoof/spf"
)

// flattened gives a snapshot of a record with all flattened, and the zone with it
// published.
func flattened(t *testing.T, text string) (spf.Snapshot, zone) {
	t.Helper()
	z := parseZone(t, text)
	f, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Resolver: z, All: true, Time: time.Unix(1700000000, 0).UTC()})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(f.Snapshot)
	if err != nil {
		t.Fatal(err)
	}
	s, err := spf.ParseSnapshot(data)
	if err != nil {
		t.Fatal(err)
	}
	z = maps.Clone(z)
	for _, p := range f.Publish {
		n := &node{records: map[dns.Type][]dns.Record{}, fault: map[dns.Type]dns.FaultKind{}}
		if old := z[p.Name]; old != nil {
			n.records = maps.Clone(old.records)
		}
		n.records[dns.TypeTXT] = []dns.Record{{Name: p.Name, Type: dns.TypeTXT, Text: p.Strings}}
		z[p.Name] = n
	}
	return s, z
}

const drifting = basics + `example.com TXT v=spf1 mx include:esp.example include:i.example -all
i.example TXT v=spf1 exists:%{i}.x.example ip4:203.0.113.1 ~all
`

func TestDrift(t *testing.T) {
	for _, c := range []struct {
		name, zone, replaced string
		changed, unknown     bool
		want                 string
	}{
		{name: "nothing"},
		{name: "a nested record gains a network", replaced: "deep.example", zone: "deep.example TXT v=spf1 ip4:198.51.100.128/25 ip4:203.0.113.0/28 ip6:2001:db8::/32 -all", changed: true,
			want: "include:esp.example +[203.0.113.0/28] -[] TXT deep.example lists other addresses +[203.0.113.0/28] -[]"},
		{name: "and loses one", replaced: "deep.example", zone: "deep.example TXT v=spf1 ip6:2001:db8::/33 -all", changed: true,
			want: "include:esp.example +[] -[198.51.100.128/25 2001:db8:8000::/33] TXT deep.example lists other addresses +[] -[198.51.100.128/25 2001:db8:8000::/33]"},
		{name: "networks that move without effect", replaced: "deep.example", zone: "deep.example TXT v=spf1 ip4:198.51.100.128/26 ip4:198.51.100.192/26 ip6:2001:db8::/32 ~all"},
		{name: "a host moves", replaced: "mail.example.com", zone: "mail.example.com A 192.0.2.2\nmail.example.com AAAA 2001:db8:1::1", changed: true,
			want: "mx +[192.0.2.2] -[192.0.2.1] A mail.example.com lists other addresses +[192.0.2.2] -[192.0.2.1]"},
		{name: "a record is gone", replaced: "deep.example", changed: true,
			want: "include:esp.example +[] -[198.51.100.0/24 2001:db8::/32] (deep.example: no SPF record) TXT deep.example lists other addresses +[] -[198.51.100.128/25 2001:db8::/32]"},
		{name: "a macro comes", replaced: "deep.example", zone: "deep.example TXT v=spf1 ip4:198.51.100.128/25 ip6:2001:db8::/32 exists:%{i}.y.example -all", changed: true,
			want: "include:esp.example +[] -[] (the same addresses are decided about in another order, or what depends on the message has changed) TXT deep.example changed +[] -[]"},
		{name: "DNS does not answer", replaced: "deep.example", zone: "deep.example FAULT timeout", unknown: true,
			want: "include:esp.example +[] -[] (no answer: timeout) unknown"},
		{name: "what is published is not what was made", replaced: "example.com", zone: "example.com TXT v=spf1 mx -all\nexample.com MX 1 mail.example.com", changed: true,
			want: "example.com: it is another record than was made"},
		{name: "nothing is published", replaced: "example.com", zone: "example.com MX 1 mail.example.com", changed: true,
			want: "example.com: no SPF record"},
		{name: "what is published is the record that was flattened", replaced: "example.com", zone: "example.com TXT v=spf1 mx include:esp.example  include:i.example -all\nexample.com MX 1 mail.example.com", changed: true,
			want: "example.com: it is still the record that was flattened"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, z := flattened(t, drifting)
			if c.replaced != "" {
				delete(z, c.replaced)
			}
			maps.Copy(z, parseZone(t, c.zone))
			d, err := spf.Drift(t.Context(), spf.DriftArgs{Snapshot: s, Resolver: z})
			if err != nil || d.Changed != c.changed || d.Unknown != c.unknown || len(d.Terms) != 3 {
				t.Fatalf("%v: %+v", err, d)
			}
			var got []string
			for _, term := range d.Terms {
				if !term.Changed && !term.Unknown {
					continue
				}
				line := fmt.Sprintf("%s +%v -%v", term.Term, term.Gained, term.Lost)
				if term.Why != "" {
					line += " (" + strings.NewReplacer("spf: ", "", "dns: ", "").Replace(term.Why) + ")"
				}
				if term.Unknown {
					line = strings.Split(line, " (")[0] + " (no answer: timeout) unknown"
				}
				for _, s := range term.Sources {
					line += fmt.Sprintf(" %s %s %s +%v -%v", s.Type, s.Name, s.Why, s.Gained, s.Lost)
				}
				got = append(got, line)
			}
			for _, p := range d.Published {
				if p.Changed || p.Unknown {
					got = append(got, p.Name+": "+p.Why)
				}
			}
			if s := strings.Join(got, "\n"); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
		})
	}
}

func TestSnapshotSaysWhereRangesCameFrom(t *testing.T) {
	z := parseZone(t, drifting)
	for _, n := range z {
		for typ, list := range n.records {
			for i := range list {
				n.records[typ][i].TTL = 300 * time.Second
			}
		}
	}
	s, _ := flattened(t, drifting)
	var got []string
	for _, term := range s.Terms {
		for _, source := range term.Sources {
			got = append(got, fmt.Sprintf("%s: %s %s %v", term.Term, source.Type, source.Name, source.Ranges))
		}
	}
	want := []string{
		"mx: MX example.com []",
		"mx: A mail.example.com [192.0.2.1]",
		"mx: AAAA mail.example.com [2001:db8:1::1]",
		"include:esp.example: TXT esp.example [198.51.100.0/25]",
		"include:esp.example: TXT deep.example [198.51.100.128/25 2001:db8::/32]",
		"include:i.example: TXT i.example [203.0.113.1]",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Error(strings.Join(got, "\n"))
	}
	if s.Taken.Unix() != 1700000000 || s.Domain != "example.com" || len(s.Terms[2].Parts) != 2 || s.Terms[2].Parts[0].Term != "exists:%{i}.x.example" {
		t.Errorf("%+v", s)
	}
}

func TestParseSnapshotRefuses(t *testing.T) {
	s, _ := flattened(t, drifting)
	good, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{`{"schema":1`, `{"schema":2`},
		{`"domain":"example.com"`, `"domain":"localhost"`},
		{`"record":"v=spf1 mx`, `"record":"v=spf1 mx:`},
		{`"term":"mx"`, `"term":"ip4:192.0.2.1"`},
		{`"term":"mx"`, `"term":"mx mx"`},
		{`"term":"mx"`, `"term":"a:192.0.2.1"`},
		{`"result":"pass"`, `"result":"passed"`},
		{`"198.51.100.0/24"`, `"198.51.100.0/33"`},
		{`"198.51.100.0/24"`, `"198.51.100.9-198.51.100.1"`},
		{`"198.51.100.0/24"`, `null`},
		{`"publish":[`, `"publish":[],"x":[`},
	} {
		bad := strings.Replace(string(good), c[0], c[1], 1)
		if bad == string(good) {
			t.Fatalf("%s is not in %s", c[0], good)
		}
		if _, err := spf.ParseSnapshot([]byte(bad)); !errors.Is(err, spf.ErrSnapshot) {
			t.Errorf("%s: %v", c[1], err)
		}
	}
	for _, bad := range []string{"", "null", "[]", "{}", strings.Repeat(" ", 17<<20)} {
		if _, err := spf.ParseSnapshot([]byte(bad)); !errors.Is(err, spf.ErrSnapshot) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

package spf_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/spf"
)

// texts is DNS that has one record at each name, picked by the name's length, and
// two addresses everywhere.
type texts []string

func (z texts) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	a := dns.Answer{}
	switch q.Type {
	case dns.TypeTXT:
		if strings.HasPrefix(q.Name, "_spf") || len(z) == 0 {
			return dns.Answer{RCode: dns.NXDomain}, nil
		}
		a.Records = []dns.Record{{Type: q.Type, Text: []string{z[len(q.Name)%len(z)]}}}
	case dns.TypeMX:
		a.Records = []dns.Record{{Type: q.Type, Host: "m." + q.Name}}
	case dns.TypeA:
		a.Records = addresses(q, smallSpace[len(q.Name)%8]).Records
	}
	return a, nil
}

func FuzzFlatten(f *testing.F) {
	f.Add("include:b.test mx -all", "v=spf1 ip4:10.0.0.0/30 -ip4:10.0.0.7 redirect=cc.test", "v=spf1 a:x.test ~all")
	f.Add("?include:b.test exists:%{i}.x.test redirect=cc.test", "v=spf1 -a exists:%{d2r}.%{l}.test ip6:2001:db8::/31 +all", "v=spf1 include:b.test exp=x.test")
	f.Add(strings.Repeat("-ip4:10.0.0.1/31 ip4:10.0.0.0/29 ", 9)+"ptr -all", "v=spf1 include:dd.test", "")
	f.Fuzz(func(t *testing.T, record, one, two string) {
		if len(record)+len(one)+len(two) > 4000 {
			return
		}
		z := texts{one, two}
		out, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.test", Record: "v=spf1 " + record, Resolver: z, All: true})
		cuts, cutErr := spf.Cuts(t.Context(), z, "example.test", "v=spf1 "+record)
		if cutErr == nil && err == nil && len(cuts) != len(out.Cuts) {
			t.Fatalf("%d and %d cuts", len(cuts), len(out.Cuts))
		}
		if err != nil {
			return
		}
		for _, p := range out.Publish {
			if _, err := spf.Parse(p.Text); err != nil || strings.Join(p.Strings, "") != p.Text {
				t.Fatalf("%v: %+v", err, p)
			}
		}
		was := flattenedZone{z, []spf.Published{{Name: "example.test", Strings: []string{"v=spf1 " + record}}}}
		if _, difference := sameForAll(was, flattenedZone{z, out.Publish}, 1); difference != "" {
			t.Fatalf("%s\n%s\n%+v", difference, record, out.Publish)
		}
		data, err := json.Marshal(out.Snapshot)
		if err != nil {
			t.Fatal(err)
		}
		s, err := spf.ParseSnapshot(data)
		if err != nil {
			t.Fatal(err)
		}
		d, err := spf.Drift(t.Context(), spf.DriftArgs{Snapshot: s, Resolver: flattenedZone{z, out.Publish}})
		if err != nil || d.Changed {
			t.Fatalf("%v: %+v", err, d)
		}
	})
}

func FuzzParseSnapshot(f *testing.F) {
	f.Add([]byte(`{"schema":1,"domain":"example.com","record":"v=spf1 mx -all","publish":[{"name":"example.com","text":"v=spf1 -all","strings":[],"octets":0}],"ttl":0,"terms":[{"term":"mx","parts":[{"result":"pass","ranges":["192.0.2.1","2001:db8::-2001:db8::5"]},{"result":"fail","term":"ptr"}],"sources":[{"name":"example.com","type":"MX","ttl":1,"ranges":["192.0.2.0/24"]}]}]}`))
	f.Add([]byte(`{"schema":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := spf.ParseSnapshot(data)
		if err != nil {
			return
		}
		d, err := spf.Drift(t.Context(), spf.DriftArgs{Snapshot: s, Resolver: texts{"v=spf1 ip4:10.0.0.1 -all"}})
		if err == nil && (len(d.Terms) != len(s.Terms) || len(d.Published) != len(s.Publish)) {
			t.Fatalf("%+v", d)
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := spf.ParseSnapshot(again); err != nil {
			t.Fatalf("%v: %s", err, again)
		}
	})
}

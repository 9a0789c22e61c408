package spf_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"unspoof/dns"
	"unspoof/spf"
)

// TestFlattenKeepsTheSendersDomain: %{o} is the domain of the mail, another one for
// those who include the record or redirect to it.
func TestFlattenKeepsTheSendersDomain(t *testing.T) {
	z := parseZone(t, basics+"example.com A 192.0.2.7\nother.example A 203.0.113.7\nother.example TXT v=spf1 redirect=example.com\n"+
		"i.example TXT v=spf1 a:%{o} ip4:192.0.2.9 -all\nexample.com TXT v=spf1 a:%{o} include:i.example mx:%{d} -all")
	f, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Resolver: z, All: true})
	if err != nil {
		t.Fatal(err)
	}
	if want := "v=spf1 a:%{o} ip4:192.0.2.1 ip4:192.0.2.9 ip6:2001:db8:1::1 -all"; f.Publish[0].Text != want {
		t.Errorf("got  %s\nwant %s", f.Publish[0].Text, want)
	}
	for _, from := range []string{"ann@example.com", "ann@other.example"} {
		for _, ip := range []string{"192.0.2.7", "203.0.113.7", "192.0.2.9", "192.0.2.1"} {
			args := checkCase{ip: ip, from: from}.args()
			was := (&spf.Checker{Resolver: z}).Check(t.Context(), args)
			now := (&spf.Checker{Resolver: flattenedZone{z, f.Publish}}).Check(t.Context(), args)
			if was.Result != now.Result {
				t.Errorf("%s from %s: %s, flattened %s", from, ip, was.Result, now.Result)
			}
		}
	}
	cost, err := spf.Measure(t.Context(), z, "example.com", "v=spf1 a:x.%{o} -all")
	if err != nil || !cost.OwnMail || cost.Voids != 1 {
		t.Errorf("%v: %+v", err, cost)
	}
	if cost, _ := spf.Measure(t.Context(), z, "example.com", "v=spf1 mx:%{d} -all"); cost.OwnMail {
		t.Error("%{d} is the same for all")
	}
}

// TestFlattenTellsLargeAnswers: what is to be published and takes more than 512
// octets is told (RFC 7208 section 3.4), in one record or in parts.
func TestFlattenTellsLargeAnswers(t *testing.T) {
	z := parseZone(t, "small.example TXT v=spf1 ip4:203.0.113.1 -all\nesp.example TXT v=spf1"+scattered(400)+" -all\n")
	for record, want := range map[string]string{
		"v=spf1 include:small.example ~all": "",
		"v=spf1 include:small.example " + strings.TrimSpace(repeat(9, " exists:%{i}.a-name-of-some-length.and-then-some.sender#.example")) + " ~all": "The TXT records of example.com take an answer",
		"v=spf1 include:esp.example ~all": "records, ",
	} {
		f, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Record: record, Resolver: z, All: true})
		told := len(f.Warnings) == 1 && strings.Contains(f.Warnings[0], want)
		if err != nil || !f.Changed || told == (want == "") {
			t.Errorf("%s: %v, %d records: %q", record, err, len(f.Publish), f.Warnings)
		}
	}
}

// TestFlattenNeverLeavesTheLimits: what is within the limits stays so.
func TestFlattenNeverLeavesTheLimits(t *testing.T) {
	z := parseZone(t, repeat(9, "s#.example TXT v=spf1 ip4:203.0.113.# -all\n")+"esp.example TXT v=spf1"+scattered(100)+" -all\n")
	includes := strings.TrimSpace(repeat(9, " exists:%{i}.#.example"))
	record := "v=spf1" + scattered(150) + " " + includes + " -all"
	f, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Record: record, Resolver: z})
	if err != nil || f.Changed || len(f.Publish) != 1 || f.Publish[0].Text != record || !f.After.Within() || len(f.Kept) != 9 || len(f.Snapshot.Terms) != 0 {
		t.Errorf("%v: %+v", err, f)
	}
	if len(f.Warnings) != 1 || !strings.Contains(f.Warnings[0], "ask again by TCP") {
		t.Errorf("%q", f.Warnings)
	}
	f, err = spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Record: "v=spf1" + scattered(40) + " -all", Resolver: z})
	if err != nil || f.Changed || len(f.Warnings) != 1 || !strings.Contains(f.Warnings[0], "section 3.4") {
		t.Errorf("%v: %q", err, f.Warnings)
	}
	record = "v=spf1 include:esp.example" + scattered(150) + " " + includes + " -all"
	for _, args := range []spf.FlattenArgs{{All: true}, {Only: []string{"esp.example"}}} {
		args.Domain, args.Record, args.Resolver = "example.com", record, z
		if f, err := spf.Flatten(t.Context(), args); !errors.Is(err, spf.ErrTooLarge) {
			t.Errorf("%v: %d to %d look-ups", err, f.Before.Lookups, f.After.Lookups)
		}
	}
	// Over the limits for terms that can't be flattened: nothing is made worse.
	record = "v=spf1" + scattered(150) + " " + repeat(11, "exists:%{i}.#.example ") + "-all"
	f, err = spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Record: record, Resolver: z})
	if err != nil || f.Changed || f.After.Lookups != 11 {
		t.Errorf("%v: %d look-ups", err, f.After.Lookups)
	}
}

// TestFlattenQuotesNames: a fixed name with an octet that a domain-spec can't hold
// is written so that it stays fixed (RFC 7208 section 7.1).
func TestFlattenQuotesNames(t *testing.T) {
	for _, c := range []struct{ record, inner, want string }{
		{"include:a%%{i}.example -all", "ip4:192.0.2.1 ptr -all", "ip4:192.0.2.1 ptr:a%%{i}.example -all"},
		{"include:a%%{i}.example -all", "exists:%{l}.%{d} -all", "exists:%{l}.a%%{i}.example -all"},
		{"include:a%%{i}.example -all", "ip4:192.0.2.1 include:deny%%{i}.example -all", "ip4:192.0.2.1 include:deny%%{i}.example -all"},
		{"include:a%_b.example -all", "ip4:192.0.2.1 ptr -all", "ip4:192.0.2.1 ptr:a%_b.example -all"},
		{"include:a%-b.example -all", "ip4:192.0.2.1 exists:%{i}.%{D} -all", "ip4:192.0.2.1 exists:%{i}.a%%2520b.example -all"},
	} {
		z := zone{}
		for _, name := range []string{"a%{i}.example", "a b.example", "a%20b.example"} {
			z.at(name).add(name, dns.Record{Type: dns.TypeTXT, Text: []string{"v=spf1 " + c.inner}})
		}
		z.at("deny%{i}.example").add("deny%{i}.example", dns.Record{Type: dns.TypeTXT, Text: []string{"v=spf1 -exists:%{i}.x.example ip4:192.0.2.2 -all"}})
		f, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Record: "v=spf1 " + c.record, Resolver: z, All: true})
		if err != nil || f.Publish[0].Text != "v=spf1 "+c.want {
			t.Errorf("%s: %v\ngot  %+v\nwant %s", c.record, err, f.Publish, c.want)
		}
	}
}

// TestFlattenUnderAWildcard: the names of parts are those that nothing stands at but
// what stands everywhere.
func TestFlattenUnderAWildcard(t *testing.T) {
	base := "example.com TXT v=spf1 include:esp.example -all\nesp.example TXT v=spf1" + scattered(90) + " -all\n"
	flatten := func(r dns.Resolver) (string, error) {
		f, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Resolver: r, All: true})
		var names []string
		for _, p := range f.Publish {
			names = append(names, p.Name)
		}
		return strings.Join(names, " "), err
	}
	z := parseZone(t, base+"_spf1.example.com TXT v=spf1 -all\n_spf2.example.com CNAME gone.example.com\n")
	for name, c := range map[string]struct{ r dns.Resolver }{
		"no wildcard":              {z},
		"a wildcard with text":     {wild{z, dns.Answer{Records: []dns.Record{{Type: dns.TypeTXT, Text: []string{"x"}}}}}},
		"a wildcard that is alias": {wild{z, dns.Answer{RCode: dns.NXDomain, Chain: []string{"far.example.com"}}}},
	} {
		got, err := flatten(c.r)
		if want := "example.com _spf3.example.com _spf4.example.com"; err != nil || got != want {
			t.Errorf("%s: %v: %s, want %s", name, err, got, want)
		}
	}
	full := parseZone(t, base+repeat(100, "_spf#.example.com TXT v=spf1 -all\n"))
	if _, err := flatten(full); !errors.Is(err, spf.ErrNames) || errors.Is(err, spf.ErrTooLarge) || !strings.Contains(err.Error(), "0 are free") {
		t.Error(err)
	}
}

// wild answers for all names below example.com that are not there.
type wild struct {
	zone
	answer dns.Answer
}

func (w wild) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if q.Type == dns.TypeTXT && w.zone[key(q.Name)] == nil && strings.HasSuffix(q.Name, ".example.com") {
		return w.answer, nil
	}
	return w.zone.Lookup(ctx, q)
}

func TestFlattenIsNotRefusedNeedlessly(t *testing.T) {
	z := parseZone(t, basics+"denied.example TXT v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -ip4:192.0.2.4 -a:nx.example exists:%{i}.x.example ?all\n"+
		"soft.example TXT v=spf1 ip4:192.0.2.1 ?ip4:192.0.2.9 ~all exp=x.example\nhard.example TXT v=spf1 ip4:192.0.2.1 -all exp=x.example\n")
	for record, want := range map[string]string{
		"include:denied.example -all":                        "ip4:192.0.2.0/24 ip6:2001:db8::/32 exists:%{i}.x.example -all",
		"redirect=soft.example":                              "ip4:192.0.2.1 ?ip4:192.0.2.9 ~all",
		"-ip4:192.0.2.3 redirect=soft.example exp=y.example": "-ip4:192.0.2.3 ip4:192.0.2.1 ?ip4:192.0.2.9 ~all exp=y.example",
		"redirect=hard.example":                              "redirect=hard.example",
	} {
		f, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Record: "v=spf1 " + record, Resolver: z, All: true})
		if err != nil || f.Publish[0].Text != "v=spf1 "+want {
			t.Errorf("%s: %v\ngot  %+v\nwant %s", record, err, f.Publish, want)
		}
	}
}

func TestFlattenSaysHowToInstall(t *testing.T) {
	z := parseZone(t, "example.com TXT v=spf1 include:_spf1.example.com include:_spf9.example.com include:_spf.example.com -all\n"+
		"_spf1.example.com TXT v=spf1 ip4:192.0.2.1 -all\n_spf9.example.com TXT v=spf1 ip4:192.0.2.2 -all\n_spf.example.com TXT v=spf1 ip4:192.0.2.3 -all\n"+
		"esp.example TXT v=spf1"+scattered(70)+" -all\n")
	r := aged{z, map[string]time.Duration{"example.com": 2 * time.Hour, "esp.example": 20 * time.Minute}}
	f, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Record: "v=spf1 include:esp.example -all", Resolver: r, All: true})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%v, %d; remove %v after %d", f.Install.Order, f.Install.TTL, f.Install.Remove, f.Install.RemoveAfter)
	if want := "[_spf2.example.com _spf3.example.com example.com], 1200; remove [_spf1.example.com _spf9.example.com] after 7200"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for ttl, want := range map[time.Duration]int{0: 3600, time.Second: 300, 48 * time.Hour: 3600} {
		f, err := spf.Flatten(t.Context(), spf.FlattenArgs{Domain: "example.com", Record: "v=spf1 include:esp.example -all", Resolver: aged{z, map[string]time.Duration{"esp.example": ttl}}, All: true})
		if err != nil || f.Install.TTL != want {
			t.Errorf("%v: %d, want %d", err, f.Install.TTL, want)
		}
	}
}

// aged is a zone with TTLs.
type aged struct {
	zone
	ttl map[string]time.Duration
}

func (a aged) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	out, err := a.zone.Lookup(ctx, q)
	out.TTL = a.ttl[key(q.Name)]
	return out, err
}

// TestDriftInventsNothing: what there is too much of to read is not known, and takes
// no room from the other terms.
func TestDriftInventsNothing(t *testing.T) {
	s, z := flattened(t, drifting)
	forest := "deep.example TXT v=spf1" + repeat(9, " include:f1.example") + " include:f1.example ip4:198.51.100.128/25 ip6:2001:db8::/32 -all\n" +
		"f1.example TXT v=spf1" + strings.Repeat(" include:f2.example", 10) + " -all\nf2.example TXT v=spf1" + strings.Repeat(" exists:x.f3.example", 10) + " -all\n"
	for name, n := range parseZone(t, forest) {
		z[name] = n
	}
	d, err := spf.Drift(t.Context(), spf.DriftArgs{Snapshot: s, Resolver: z})
	if err != nil || d.Changed || !d.Unknown {
		t.Fatalf("%v: %+v", err, d)
	}
	for _, term := range d.Terms {
		if term.Changed || term.Unknown != (term.Term == "include:esp.example") || len(term.Gained)+len(term.Lost) > 0 {
			t.Errorf("%+v", term)
		}
		if term.Unknown && !strings.Contains(term.Why, "too much to read") {
			t.Error(term.Why)
		}
	}
}

func TestMeasureTellsWhatIsBrokenAndOpen(t *testing.T) {
	z := parseZone(t, basics+"l.example TXT v=spf1 include:l.example -all\nbad.example TXT v=spf1 ipv4:1 -all")
	for _, c := range []struct {
		record      string
		broken      int
		open        bool
		voids, most int
	}{
		{"include:esp.example -all", 0, false, 0, 0},
		{"include:none.example mx -all", 1, false, 1, 1},
		{"include:l.example include:bad.example redirect=none.example", 3, false, 1, 1},
		{"exists:%{i}.x.example a:nx.example ptr -all", 0, false, 1, 3},
		{"include:%{l}.example -all", 0, true, 0, 1},
		{"redirect=%{l}.example", 0, true, 0, 1},
		{"ip4:192.0.2.1 -all", 0, false, 0, 0},
	} {
		cost, err := spf.Measure(t.Context(), z, "example.com", "v=spf1 "+c.record)
		if err != nil || cost.Broken != c.broken || cost.Open != c.open || cost.Voids != c.voids || cost.VoidsAtMost != c.most || cost.Tree == nil {
			t.Errorf("%s: %v: %+v", c.record, err, cost)
		}
		if n := slices.IndexFunc(cost.Tree, func(n spf.Node) bool { return n.Broken }); c.broken > 0 != (n >= 0) && c.record[0] != 'i' {
			t.Errorf("%s: %+v", c.record, cost.Tree)
		}
	}
}

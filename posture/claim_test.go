package posture

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestClaimable(t *testing.T) {
	// net and com exist, for something stands below them.
	const there = "there.net. A 192.0.2.9\nsub.there.com. A 192.0.2.9\n"
	for _, tc := range []struct{ rule, zone, want string }{
		{"nothing", goodSPF, ""},
		{"include", "@ TXT \"v=spf1 include:_spf.gone.net ~all\"\n", "gone.net by SPF include:_spf.gone.net"},
		{"redirect", "@ TXT \"v=spf1 redirect=gone.net\"\n", "gone.net by SPF redirect=gone.net"},
		{"below another's include", "@ TXT \"v=spf1 include:spf.there.net ~all\"\nspf.there.net. TXT \"v=spf1 include:gone.net -all\"\n", "gone.net by SPF include:spf.there.net"},
		{"a", "@ TXT \"v=spf1 a:mail.gone.net ~all\"\n", "gone.net by SPF a:mail.gone.net"},
		{"a below an include", "@ TXT \"v=spf1 include:spf.there.net ~all\"\nspf.there.net. TXT \"v=spf1 a:mail.gone.net -all\"\n", "gone.net by SPF a:mail.gone.net"},
		{"mx", "@ TXT \"v=spf1 mx:gone.net ~all\"\n", "gone.net by SPF mx:gone.net"},
		{"mail exchanger", "@ MX 20 mx.gone.net.\n", "gone.net by MX"},
		{"name server", "@ NS ns.gone.net.\n@ NS ns.there.net.\n", "gone.net by NS"},
		{"reports", "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@gone.net\"\n", "gone.net by DMARC rua"},
		{"alias of the DMARC record", "_dmarc CNAME x.gone.net.\n", "gone.net by CNAME at _dmarc.example.com"},
		{"alias of a key", "default._domainkey CNAME k.gone.net.\n", "gone.net by CNAME at default._domainkey.example.com"},
		{"alias of the MTA-STS policy host", "_mta-sts TXT \"v=STSv1; id=1\"\nmta-sts CNAME x.gone.net.\n", "gone.net by CNAME at mta-sts.example.com"},
		{"country with a second level", "@ MX 20 mx.gone.co.uk.\nthere.co.uk. A 192.0.2.1\n", "gone.co.uk by MX"},
		{"the host is missing, its domain is not", "@ TXT \"v=spf1 include:_spf.there.net a:x.there.com ~all\"\n@ MX 20 mx.there.net.\n", ""},
		{"own names", "@ TXT \"v=spf1 include:gone.example.com ~all\"\n", ""},
		{"below a top-level domain that is missing", "@ TXT \"v=spf1 include:a.invalidtld ~all\"\n", ""},
		{"a suffix itself", "@ TXT \"v=spf1 include:com ~all\"\n", ""},
		{"a host of a company that others rent below", "@ TXT \"v=spf1 include:mine.herokuapp.com ~all\"\nother.herokuapp.com. A 192.0.2.1\n", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r := check(t, basis+there+tc.zone, "example.com")
			var got []string
			for _, c := range r.Claimable {
				got = append(got, c.Name+" by "+c.Via)
				if c.Evidence.Answer != "NXDOMAIN" || c.Host == "" {
					t.Errorf("%+v", c)
				}
			}
			slices.Sort(got)
			if strings.Join(slices.Compact(got), "; ") != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if slices.Contains(findingIDs(r), "NAME-001") != (tc.want != "") {
				t.Errorf("findings %v", findingIDs(r))
			}
			sane(t, r)
		})
	}
}

func TestSilenceIsNotClaimable(t *testing.T) {
	zone := basis + "@ TXT \"v=spf1 include:_spf.gone.net ~all\"\nthere.net. A 192.0.2.9\n"
	for _, bad := range []string{"SOA gone.net", "TXT _spf.gone.net"} {
		r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: faulty{view(t, zone), []string{bad}}})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Claimable) > 0 {
			t.Errorf("%s fails: %+v", bad, r.Claimable)
		}
	}
}

func TestExposure(t *testing.T) {
	const services = "spf.protection.outlook.com. TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\nrelay.mailchannels.net. TXT \"v=spf1 ip4:203.0.113.0/24 -all\"\nservers.mcsv.net. TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\n"
	for _, tc := range []struct{ rule, spf, parts string }{
		{"no record", "", ""},
		{"nobody", "v=spf1 -all", ""},
		{"one address", "v=spf1 ip4:192.0.2.1 -all", "addresses 1"},
		{"a /24", "v=spf1 ip4:192.0.2.0/24 -all", "addresses 10"},
		{"a /16 and the same again", "v=spf1 ip4:192.0.0.0/16 ip4:192.0.2.0/24 -all", "addresses 20"},
		{"IPv6", "v=spf1 ip6:2001:db8::/32 -all", "networks6 5"},
		{"one IPv6 address", "v=spf1 ip6:2001:db8::1 -all", "networks6 0"},
		{"everybody", "v=spf1 +all", "everyone 100, addresses 40, networks6 10"},
		{"a service with mailboxes", "v=spf1 include:spf.protection.outlook.com -all", "addresses 10, shared 4"},
		{"servers that many customers share", "v=spf1 include:relay.mailchannels.net -all", "addresses 10, shared 15"},
		{"refused by a qualifier", "v=spf1 -ip4:192.0.2.0/24 -include:spf.protection.outlook.com ?ip4:192.0.2.0/24 -all", ""},
		{"ptr", "v=spf1 ptr -all", "open-ended 5"},
		{"exists of the message", "v=spf1 exists:%{i}.x.example.com -all", "open-ended 5"},
		{"past the limit of look-ups all the same", "v=spf1 " + strings.Repeat("a:mail.example.com ", 11) + "ip4:192.0.2.0/24 -all", "addresses 10, networks6 0"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			zone := basis + services
			if tc.spf != "" {
				zone += "@ TXT \"" + tc.spf[:len(tc.spf)/2] + "\" \"" + tc.spf[len(tc.spf)/2:] + "\"\n"
			}
			e := check(t, zone, "example.com").Exposure
			if e == nil {
				t.Fatal("no score")
			}
			var parts []string
			sum := 0
			for _, p := range e.Parts {
				parts = append(parts, fmt.Sprintf("%s %d", p.What, p.Points))
				sum += p.Points
				if p.Why == "" {
					t.Errorf("%+v", p)
				}
			}
			if strings.Join(parts, ", ") != tc.parts || e.Points != min(100, sum) || e.AtLeast {
				t.Errorf("%+v, want %s", e, tc.parts)
			}
		})
	}
	r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: faulty{view(t, basis+goodSPF), []string{"TXT example.com"}}})
	if err != nil || r.Exposure != nil {
		t.Errorf("DNS does not answer: %+v, %v", r.Exposure, err)
	}
	r, err = Check(t.Context(), Args{Domain: "example.com", Resolver: faulty{view(t, basis+"@ TXT \"v=spf1 include:x.example ~all\"\n"), []string{"TXT x.example"}}})
	if err != nil || r.Exposure == nil || !r.Exposure.AtLeast {
		t.Errorf("a part does not answer: %+v, %v", r.Exposure, err)
	}
}

// TestExposureOnlyGrows: one permission more never lowers the score.
func TestExposureOnlyGrows(t *testing.T) {
	zone := basis + "spf.protection.outlook.com. TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\nrelay.mailchannels.net. TXT \"v=spf1 ip4:203.0.113.0/24 ip6:2001:db8:7::/48 -all\"\nservers.mcsv.net. TXT \"v=spf1 ip4:198.18.0.0/15 -all\"\nthere.net. A 192.0.2.1\n"
	permissions := []string{
		"ip4:192.0.2.1", "ip4:198.51.100.0/25", "ip4:10.0.0.0/8", "ip6:2001:db8::/32", "a:mail.example.com", "mx", "mx/20", "ptr",
		"exists:%{i}.x.example.com", "include:spf.protection.outlook.com", "include:relay.mailchannels.net", "include:servers.mcsv.net", "ip4:0.0.0.0/1", "+all",
	}
	score := func(terms []string) int {
		r := check(t, zone+"@ TXT \"v=spf1 "+strings.Join(terms, " ")+" ~all\"\n", "example.com")
		return r.Exposure.Points
	}
	terms := []string{"-ip4:192.0.2.0/28"}
	for seed := range 60 {
		var have []string
		last := score(terms)
		for k := range 6 {
			p := permissions[(seed*7+k*k*5+k)%len(permissions)]
			at := (seed + k) % (len(have) + 1)
			have = slices.Insert(have, at, p)
			got := score(append(slices.Clone(have), terms...))
			if got < last {
				t.Errorf("%v: %d, before %s %d", have, got, p, last)
			}
			last = got
		}
	}
}

func TestRegistrable(t *testing.T) {
	for host, want := range map[string]string{
		"a.b.example.com": "example.com", "example.com.": "example.com", "x.example.co.uk": "example.co.uk", "co.uk": "", "com": "", "": "", ".": "",
		"mine.herokuapp.com": "herokuapp.com", "herokuapp.com": "herokuapp.com", "x.github.io": "github.io", "a.invalidtld": "a.invalidtld", "..": "",
		"_secureserver.net": "", "_spf.a_b.net": "", "_spf.a-b.net": "a-b.net",
	} {
		if got := registrable(host); got != want {
			t.Errorf("%q: %q, want %q", host, got, want)
		}
	}
}

func FuzzRegistrable(f *testing.F) {
	f.Add("a.b.herokuapp.com")
	f.Add("..co.uk")
	f.Fuzz(func(t *testing.T, host string) {
		if name := registrable(host); name != "" && !strings.HasSuffix("."+strings.ToLower(host), "."+strings.ToLower(name)) && !strings.HasSuffix(host, ".") {
			t.Errorf("%q: %q", host, name)
		}
	})
}

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
		{"a host of mx", "@ TXT \"v=spf1 mx:there.net ~all\"\nthere.net. MX 10 mx.gone.net.\n", "gone.net by SPF mx:there.net"},
		{"reports of encryption", "_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:t@gone.net,https://r.lost.net/x\"\n", "gone.net by TLS-RPT rua; lost.net by TLS-RPT rua"},
		{"an alias that every name has", "* CNAME app.gone.net.\n", "gone.net by CNAME at default._domainkey.example.com and 20 other names"},
		{"a suffix that is not for anybody", "@ TXT \"v=spf1 a:mail.gone.gov a:mail.gone.gov.uk a:x.gone.ac.uk ~all\"\n", ""},
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
			ids := findingIDs(r)
			if slices.ContainsFunc(ids, func(id string) bool { return strings.HasPrefix(id, "NAME-") }) != (tc.want != "") {
				t.Errorf("findings %v", ids)
			}
			sane(t, r)
		})
	}
}

// TestOneFindingAName: however often it is used, with the fix where it can be done.
func TestOneFindingAName(t *testing.T) {
	for _, tc := range []struct{ rule, zone, id, fix string }{
		{"own", "@ TXT \"v=spf1 include:_spf.gone.net a:x.gone.net ~all\"\n@ MX 20 mx.gone.net.\n", "NAME-001", "Take _spf.gone.net out"},
		{"nested", "@ TXT \"v=spf1 include:spf.there.net ~all\"\nspf.there.net. TXT \"v=spf1 include:gone.net -all\"\n", "NAME-002", "tell the owner of what include:spf.there.net leads to"},
		{"both", "@ MX 20 mx.gone.net.\n@ TXT \"v=spf1 include:spf.there.net ~all\"\nspf.there.net. TXT \"v=spf1 a:gone.net -all\"\n", "NAME-001", "wherever it stands"},
		{"reports, and nothing else", "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@gone.net\"\n_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:t@gone.net\"\n", "NAME-003", "Take the address out"},
		{"reports, and mail", "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@gone.net\"\n@ MX 20 mx.gone.net.\n", "NAME-001", "wherever it stands"},
		{"every name an alias", "* CNAME app.gone.net.\n", "NAME-001", "Take app.gone.net out"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r := check(t, basis+tc.zone, "example.com")
			n := 0
			for _, f := range r.Findings {
				if !strings.HasPrefix(f.ID, "NAME-") {
					continue
				}
				if n++; f.ID != tc.id || !strings.Contains(f.Fix, tc.fix) {
					t.Errorf("%+v", f)
				}
			}
			if n != 1 {
				t.Errorf("%d findings: %v", n, findingIDs(r))
			}
		})
	}
}

// TestReportsAreNotWorthAnInclude: who reads reports does not send.
func TestReportsAreNotWorthAnInclude(t *testing.T) {
	const there = basis + "there.net. A 192.0.2.9\n"
	reports := check(t, there+goodSPF+"_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@gone.net\"\n", "example.com")
	include := check(t, there+"@ TXT \"v=spf1 mx include:gone.net ~all\"\n"+goodDMARC, "example.com")
	if reports.Grade.Points-include.Grade.Points < 40 {
		t.Errorf("%+v\n%+v", reports.Grade, include.Grade)
	}
	if reports.Verdict.Exposure != Protected || !strings.Contains(reports.Next.Text, "Reports on example.com go to gone.net") {
		t.Errorf("%+v, %+v", reports.Verdict, reports.Next)
	}
}

// TestAZoneFileDoesNotKnowTheWorld: a file of one zone, as exported, misses all
// other names, which tells nothing of them.
func TestAZoneFileDoesNotKnowTheWorld(t *testing.T) {
	zone := "$ORIGIN example.com.\n@ SOA ns h 1 1 1 1 1\n@ NS ns.provider.net.\n@ MX 1 aspmx.l.google.com.\n@ TXT \"v=spf1 include:_spf.google.com ~all\"\n" +
		"_dmarc TXT \"v=DMARC1; p=none; rua=mailto:x@vendor.net\"\ns1._domainkey CNAME s1.sendgrid.net.\n"
	r := check(t, zone, "example.com")
	holdsIDs(t, r, "", "NAME-001 NAME-002 NAME-003 DNS-003 DMARC-008")
	if len(r.Claimable) > 0 || r.Transport.DNSSEC != NotKnown {
		t.Errorf("%+v, DNSSEC %s", r.Claimable, r.Transport.DNSSEC)
	}
	for _, f := range r.Findings {
		if (f.ID == "MX-002" || f.ID == "SPF-012") && !strings.Contains(f.What, "nothing is known of .com") {
			t.Errorf("%s: %s", f.ID, f.What)
		}
	}
}

func TestKeysOfAZoneWhoseParentIsSilent(t *testing.T) {
	zone := registries + "$ORIGIN example.com.\n@ SOA ns h 1 1 1 1 1\n@ NS ns\n"
	if r := check(t, zone, "example.com"); r.Transport.DNSSEC != No || !slices.Contains(findingIDs(r), "DNS-003") {
		t.Errorf("without keys: %s", r.Transport.DNSSEC)
	}
	r := check(t, zone+"@ DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==\n", "example.com")
	if holdsIDs(t, r, "", "DNS-003"); r.Transport.DNSSEC != NotKnown {
		t.Errorf("with keys: %s", r.Transport.DNSSEC)
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
	for _, zone := range []string{basis, basis + "@ TXT \"v=spf1 ip4:\"\n", basis + goodSPF + "@ TXT \"v=spf1 -all\"\n"} {
		if r := check(t, zone, "example.com"); r.Exposure != nil {
			t.Errorf("no usable record, yet a score: %+v", r.Exposure)
		}
	}
	if err != nil || r.Exposure == nil || !r.Exposure.AtLeast {
		t.Errorf("a part does not answer: %+v, %v", r.Exposure, err)
	}
}

// TestExposureOnlyGrows: one permission more never lowers the score.
func TestExposureOnlyGrows(t *testing.T) {
	zone := basis + "spf.protection.outlook.com. TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\nrelay.mailchannels.net. TXT \"v=spf1 ip4:203.0.113.0/24 ip6:2001:db8:7::/48 -all\"\nservers.mcsv.net. TXT \"v=spf1 ip4:198.18.0.0/15 -all\"\nthere.net. A 192.0.2.1\n"
	permissions := []string{
		"ip4:192.0.2.1", "ip4:198.51.100.0/25", "ip4:10.0.0.0/8", "ip6:2001:db8::/32", "a:mail.example.com", "mx", "mx/20", "a:mail.example.com/1", "mx/2", "a/3", "mx/32//3", "ptr",
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

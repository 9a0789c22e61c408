package plan

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/spf"
)

// world is what DNS holds in these tests.
const world = `
$ORIGIN example.com.
@        MX 10 mail
@        A 192.0.2.80
mail     A 192.0.2.25
mail     AAAA 2001:db8::25
v4only   A 192.0.2.26
text     TXT "hello"
$ORIGIN .
_spf.google.com.            TXT "v=spf1 include:_n1.example.net include:_n2.example.net ~all"
_n1.example.net.            TXT "v=spf1 ip4:198.51.100.0/24 ~all"
_n2.example.net.            TXT "v=spf1 ip4:203.0.113.0/24 ~all"
spf.protection.outlook.com. TXT "v=spf1 ip4:198.51.100.0/24 -all"
spf.mailjet.com.            TXT "v=spf1 ip4:198.51.100.0/24 -all"
zohomail.eu.                TXT "v=spf1 ip4:198.51.100.0/24 -all"
spf.au.exclaimer.net.       TXT "v=spf1 ip4:198.51.100.0/24 -all"
spf.service.example.        TXT "v=spf1 ip4:198.51.100.0/24 -all"
_spf.aruba.it.              TXT "v=spf1 ip4:198.51.100.0/24 -all"
null.example.               MX 0 .
typo.example.               MX 10 mial.example.com.
old.example.                TXT "v=spf1 ip4:192.0.2.0/25 ip4:203.0.113.9 a:mail.example.com include:spf.service.example ~all"
two.example.                TXT "v=spf1 -all"
two.example.                TXT "v=spf1 mx -all"
broken.example.             TXT "v=spf1 ip4: -all"
_dmarc.reject.example.      TXT "v=DMARC1; p=reject"
_dmarc.none.example.        TXT "v=DMARC1; p=none; rua=mailto:x@none.example"
`

func resolver(t testing.TB, zone string) dns.Resolver {
	t.Helper()
	v, err := dnsfile.Parse("test", []byte(zone))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func prefixes(list ...string) (out []netip.Prefix) {
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

func TestRecord(t *testing.T) {
	dnsView := resolver(t, world)
	for _, tc := range []struct {
		rule string
		req  SPFRequest
		want string
	}{
		{"nobody sends: parked", SPFRequest{Parked: true, Confirmed: true}, "v=spf1 -all"},
		{"mail exchangers", SPFRequest{MX: true}, "v=spf1 mx ~all"},
		{"own address", SPFRequest{A: true}, "v=spf1 a ~all"},
		{"order: ip4, ip6, a, mx, include", SPFRequest{Services: []string{"Google Workspace"}, MX: true, A: true, Hosts: []string{"mail.example.com"}, Prefixes: prefixes("2001:db8::/32", "192.0.2.1/32")},
			"v=spf1 ip4:192.0.2.1 ip6:2001:db8::/32 a a:mail.example.com mx include:_spf.google.com ~all"},
		{"the domain as a host is a", SPFRequest{Hosts: []string{"Example.COM."}}, "v=spf1 a ~all"},
		{"things given twice stand once", SPFRequest{Hosts: []string{"mail.example.com", "MAIL.example.com"}, Services: []string{"google", "_spf.google.com", "include:_spf.google.com"}},
			"v=spf1 a:mail.example.com include:_spf.google.com ~all"},
		{"halves are joined", SPFRequest{Prefixes: prefixes("192.0.2.128/25", "192.0.2.0/25")}, "v=spf1 ip4:192.0.2.0/24 ~all"},
		{"networks inside others go", SPFRequest{Addresses: []string{"192.0.2.9", "192.0.2.0/24", "2001:db8:1::1", "2001:db8::/32"}}, "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all"},
		{"host bits are cut off", SPFRequest{Addresses: []string{"192.0.2.77/24"}}, "v=spf1 ip4:192.0.2.0/24 ~all"},
		{"IPv6 in its short form", SPFRequest{Addresses: []string{"2001:0DB8:0:0::1"}}, "v=spf1 ip6:2001:db8::1 ~all"},
		{"families swapped are put right", SPFRequest{Addresses: []string{"ip4:2001:db8::1", "ip6:192.0.2.1"}}, "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 ~all"},
		{"IPv4 in IPv6 is IPv4", SPFRequest{Addresses: []string{"::ffff:192.0.2.1"}}, "v=spf1 ip4:192.0.2.1 ~all"},
		{"fail as asked", SPFRequest{MX: true, Policy: "fail"}, "v=spf1 mx -all"},
		{"neutral as asked", SPFRequest{MX: true, Policy: "neutral"}, "v=spf1 mx ?all"},
		{"softfail for a parked domain as asked", SPFRequest{Parked: true, Confirmed: true, Policy: "softfail"}, "v=spf1 ~all"},
		{"service whose include is useless is left out (K-06)", SPFRequest{MX: true, Services: []string{"mailchimp"}}, "v=spf1 mx ~all"},
		{"only such services: not parked", SPFRequest{Services: []string{"mailchimp"}}, "v=spf1 ~all"},
		{"the include of such a service is left out too", SPFRequest{MX: true, Services: []string{"servers.mcsv.net"}}, "v=spf1 mx ~all"},
		{"region by host", SPFRequest{Services: []string{"zohomail.eu"}}, "v=spf1 include:zohomail.eu ~all"},
		{"placeholder filled in", SPFRequest{Services: []string{"spf.au.exclaimer.net"}}, "v=spf1 include:spf.au.exclaimer.net ~all"},
		{"macros of a known service", SPFRequest{Services: []string{"%{i}.spf.hc1234-56.iphmx.com", "%{i}._ip.%{h}._ehlo.%{d}._spf.vali.email"}},
			"v=spf1 exists:%{i}.spf.hc1234-56.iphmx.com include:%{i}._ip.%{h}._ehlo.%{d}._spf.vali.email ~all"},
		{"unknown include with a record", SPFRequest{Services: []string{"spf.service.example"}}, "v=spf1 include:spf.service.example ~all"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			tc.req.Domain = "example.com"
			p, err := BuildSPF(t.Context(), tc.req, dnsView)
			if err != nil {
				t.Fatal(err)
			}
			if p.Record.Value != tc.want {
				t.Errorf("got  %s\nwant %s", p.Record.Value, tc.want)
			}
			if _, err := spf.Parse(p.Record.Value); err != nil {
				t.Error(err)
			}
			if p.Record.Name != "example.com" || p.Record.Type != "TXT" || len(p.Why) == 0 {
				t.Errorf("got %+v", p)
			}
		})
	}
}

func TestErrorsNameTheFix(t *testing.T) {
	dnsView := resolver(t, world)
	for _, tc := range []struct {
		rule string
		req  SPFRequest
		want string
	}{
		{"no domain", SPFRequest{Domain: " "}, "it is empty"},
		{"domain is an address", SPFRequest{Domain: "me@example.com"}, "after the @"},
		{"underscore too many (K-05)", SPFRequest{Services: []string{"_secureserver.net"}}, "did you mean secureserver.net?"},
		{"underscore missing (K-05)", SPFRequest{Services: []string{"spf.perfora.net"}}, "did you mean _spf.perfora.net?"},
		{"include among the hosts", SPFRequest{Hosts: []string{"include:_secureserver.net"}}, "belongs to the services"},
		{"include host among the hosts", SPFRequest{Hosts: []string{"_spf.google.com"}}, "Google Workspace"},
		{"misspelt include among the hosts", SPFRequest{Hosts: []string{"_secureserver.net"}}, "did you mean secureserver.net?"},
		{"near an include, and not in DNS", SPFRequest{Services: []string{"_spf.gogle.com"}}, "did you mean _spf.google.com?"},
		{"include known not to exist", SPFRequest{Services: []string{"_spf.mimecast.com"}}, "does not exist; Mimecast uses"},
		{"address among the hosts", SPFRequest{Hosts: []string{"192.0.2.1"}}, "give it with the addresses"},
		{"host that is none", SPFRequest{Hosts: []string{"my server"}}, "other than letters"},
		{"misspelt service", SPFRequest{Services: []string{"mailchmp"}}, "did you mean Intuit Mailchimp?"},
		{"unknown service", SPFRequest{Services: []string{"Uncle Bob's mailer"}}, "give the include host"},
		{"region missing", SPFRequest{Services: []string{"Zoho Mail"}}, "zohomail.eu"},
		{"placeholder missing", SPFRequest{Services: []string{"Exclaimer"}}, "your region in its include"},
		{"values of the customer's own", SPFRequest{Services: []string{"HubSpot"}}, "copy it from its settings"},
		{"braces left in", SPFRequest{Services: []string{"spf.{region}.exclaimer.net"}}, "fill in"},
		{"braces left in beside a macro", SPFRequest{Services: []string{"%{i}.spf.hc{id}.iphmx.com"}}, "fill in"},
		{"macro that is none", SPFRequest{Services: []string{"%{q}.spf.hc1.iphmx.com"}}, "not valid"},
		{"macros of nobody known", SPFRequest{Services: []string{"%{i}.example.net"}}, "other than letters"},
		{"include without a record", SPFRequest{Services: []string{"text.example.com"}}, "no SPF record"},
		{"include of nothing", SPFRequest{Services: []string{"nothing.example.org"}}, "no SPF record"},
		{"empty ip4 (K-07)", SPFRequest{Addresses: []string{"ip4:"}}, "empty ip4"},
		{"no address", SPFRequest{Addresses: []string{"192.0.2"}}, "write it like"},
		{"zone index", SPFRequest{Addresses: []string{"fe80::1%eth0"}}, "write it like"},
		{"private address", SPFRequest{Addresses: []string{"10.1.2.3"}}, "inside networks only"},
		{"private network as a prefix", SPFRequest{Prefixes: prefixes("192.168.0.0/16")}, "inside networks only"},
		{"loopback", SPFRequest{Addresses: []string{"::1"}}, "the machine itself"},
		{"unique local IPv6", SPFRequest{Addresses: []string{"fd00::1"}}, "inside networks only"},
		{"everything", SPFRequest{Addresses: []string{"0.0.0.0/0"}}, "anyone could send"},
		{"everything of IPv6", SPFRequest{Addresses: []string{"::/0"}}, "anyone could send"},
		{"all of IPv4 in IPv6", SPFRequest{Addresses: []string{"::ffff:0:0/90"}}, "holds all of IPv4"},
		{"a network around a private one", SPFRequest{Addresses: []string{"8.0.0.0/6"}}, "inside networks only"},
		{"invalid prefix", SPFRequest{Prefixes: []netip.Prefix{{}}}, "not valid"},
		{"policy pass", SPFRequest{MX: true, Policy: "pass"}, "anyone"},
		{"unknown policy", SPFRequest{MX: true, Policy: "hardfail"}, "none of softfail"},
		{"too many hosts", SPFRequest{Hosts: make([]string, maxHosts+1)}, "at most"},
		{"too many services", SPFRequest{Services: make([]string, maxServices+1)}, "at most"},
		{"huge entry", SPFRequest{Services: []string{strings.Repeat("x", 1<<20)}}, "at most"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if tc.req.Domain == "" {
				tc.req.Domain = "example.com"
			}
			p, err := BuildSPF(t.Context(), tc.req, dnsView)
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), "plan: ") {
				t.Errorf("got %v (%s), want an error with %q", err, p.Record.Value, tc.want)
			}
			if err != nil && strings.Count(err.Error(), "plan:") != 1 {
				t.Errorf("prefix not once: %v", err)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	dnsView := resolver(t, world)
	for _, tc := range []struct {
		rule string
		req  SPFRequest
		want string // "" or a part; "!x" must be missing
	}{
		{"a sender is warned of lock-out (R-053)", SPFRequest{MX: true}, "Everything that sends"},
		{"a parked domain is not", SPFRequest{Parked: true, Confirmed: true}, "!Everything that sends"},
		{"-all for a sender (K-15)", SPFRequest{MX: true, Policy: "fail"}, "forwarded mail"},
		{"?all", SPFRequest{MX: true, Policy: "neutral"}, "says nothing"},
		{"host bits", SPFRequest{Addresses: []string{"192.0.2.77/24"}}, "the network is 192.0.2.0/24"},
		{"host bits of a prefix", SPFRequest{Prefixes: prefixes("192.0.2.77/24")}, "the network is 192.0.2.0/24"},
		{"families swapped", SPFRequest{Addresses: []string{"ip4:2001:db8::1"}}, "other family"},
		{"wide network", SPFRequest{Addresses: []string{"198.0.0.0/9"}}, "very wide"},
		{"host without address", SPFRequest{Hosts: []string{"text.example.com"}}, "has no address"},
		{"host that does not exist", SPFRequest{Hosts: []string{"ghost.example.com"}}, "does not exist"},
		{"host with an address", SPFRequest{Hosts: []string{"v4only.example.com"}}, "!has no address"},
		{"no MX", SPFRequest{Domain: "old.example", MX: true}, "no MX records"},
		{"null MX", SPFRequest{Domain: "null.example", MX: true}, "takes no mail"},
		{"an exchanger without an address", SPFRequest{Domain: "typo.example", MX: true}, "mial.example.com does not exist in DNS, so it lets nobody in"},
		{"low confidence", SPFRequest{Services: []string{"Aruba.it"}}, "no confirmed source"},
		{"unknown include", SPFRequest{Services: []string{"spf.service.example"}}, "no service known here"},
		{"voids", SPFRequest{Hosts: []string{"x1.example.com", "x2.example.com", "x3.example.com"}}, "3 terms find nothing"},
		{"who is shut out as asked", SPFRequest{Domain: "old.example", Addresses: []string{"192.0.2.0/24"}, Hosts: []string{"mail.example.com"}, Drop: []string{"203.0.113.9", "spf.service.example"}}, "ip4:203.0.113.9 (1 IPv4 address) is shut out, as asked"},
		{"replace, not add", SPFRequest{Domain: "old.example", MX: true}, "not beside it"},
		{"several records today", SPFRequest{Domain: "two.example", MX: true}, "several SPF records"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if tc.req.Domain == "" {
				tc.req.Domain = "example.com"
			}
			p, err := BuildSPF(t.Context(), tc.req, dnsView)
			if err != nil && !errors.Is(err, ErrLockOut) {
				t.Fatal(err)
			}
			want, missing := strings.CutPrefix(tc.want, "!")
			if got := strings.Join(p.Warnings, "\n"); strings.Contains(got, want) == missing {
				t.Errorf("warnings:\n%s\nwant %q", got, tc.want)
			}
		})
	}
}

func TestWhy(t *testing.T) {
	dnsView := resolver(t, world)
	for _, tc := range []struct {
		rule string
		req  SPFRequest
		want string
	}{
		{"softfail", SPFRequest{MX: true}, "~all and not -all"},
		{"parked", SPFRequest{Parked: true, Confirmed: true}, "sends no mail"},
		{"mailchimp gets DKIM advice (K-06)", SPFRequest{Services: []string{"mailchimp"}}, "k2 and k3"},
		{"selectors are named", SPFRequest{Services: []string{"Microsoft 365"}}, "CNAME records at selector1._domainkey, selector2._domainkey"},
		{"set up by CNAMEs", SPFRequest{Services: []string{"SendGrid"}}, "gets no term"},
		{"on a subdomain", SPFRequest{Services: []string{"Amazon SES"}}, "on the subdomain"},
		{"today's record is broken", SPFRequest{Domain: "broken.example", MX: true}, "not valid"},
		{"networks joined", SPFRequest{Addresses: []string{"192.0.2.0/24", "192.0.2.1"}}, "1 of the 2 networks"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if tc.req.Domain == "" {
				tc.req.Domain = "example.com"
			}
			p, err := BuildSPF(t.Context(), tc.req, dnsView)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(p.Why, "\n"); !strings.Contains(got, tc.want) {
				t.Errorf("why:\n%s\nwant %q", got, tc.want)
			}
		})
	}
}

func TestServiceWhoseIncludeIsGone(t *testing.T) {
	p, err := BuildSPF(t.Context(), SPFRequest{Domain: "example.com", Services: []string{"Fastmail"}}, resolver(t, world))
	if err != nil || !slices.Equal(p.Broken, []string{"spf.messagingengine.com"}) {
		t.Fatalf("%v: broken %q", err, p.Broken)
	}
	if !slices.ContainsFunc(p.Warnings, func(w string) bool { return strings.Contains(w, "before you publish") }) {
		t.Errorf("no warning in %q", p.Warnings)
	}
}

func TestCost(t *testing.T) {
	p, err := BuildSPF(t.Context(), SPFRequest{Domain: "example.com", MX: true, Hosts: []string{"mail.example.com"}, Services: []string{"google", "office 365"}}, resolver(t, world))
	if err != nil || p.Lookups != 6 || p.Voids != 0 || len(p.Cost.Tree) != 4 {
		t.Errorf("%v: %d look-ups, %d voids, %+v", err, p.Lookups, p.Voids, p.Cost.Tree)
	}
	many := world
	for _, n := range strings.Split("abcdefghij", "") {
		many += "inc-" + n + ".service.example. TXT \"v=spf1 a:mail.example.com -all\"\n"
	}
	req := SPFRequest{Domain: "example.com"}
	for _, n := range strings.Split("abcdef", "") {
		req.Services = append(req.Services, "inc-"+n+".service.example")
	}
	p, err = BuildSPF(t.Context(), req, resolver(t, many))
	if !errors.Is(err, ErrTooManyLookups) || !strings.Contains(err.Error(), "12 look-ups") || p.Lookups != 12 || p.Record.Value == "" {
		t.Errorf("%v: %+v", err, p)
	}
}

func TestWithoutDNS(t *testing.T) {
	p, err := BuildSPF(t.Context(), SPFRequest{Domain: "example.com", MX: true, Services: []string{"google"}}, nil)
	if err != nil || p.Record.Value != "v=spf1 mx include:_spf.google.com ~all" || p.Lookups != 2 {
		t.Fatalf("%v, %+v", err, p)
	}
	if got := strings.Join(p.Warnings, "\n"); !strings.Contains(got, "may be higher than 2") {
		t.Error(got)
	}
}

func TestNextDMARC(t *testing.T) {
	dnsView := resolver(t, world)
	for _, tc := range []struct {
		rule        string
		req         SPFRequest
		value, name string
		why         string
	}{
		{"a sender watches first", SPFRequest{Domain: "example.com", MX: true}, "v=DMARC1; p=none; rua=mailto:dmarc@example.com", "_dmarc.example.com", "daily reports"},
		{"a parked domain refuses at once", SPFRequest{Domain: "example.com", Parked: true, Confirmed: true}, "v=DMARC1; p=reject", "_dmarc.example.com", "sends nothing"},
		{"a policy is never weakened", SPFRequest{Domain: "reject.example", MX: true}, "", "", "keep it"},
		{"p=none stays: the ladder says what is next", SPFRequest{Domain: "none.example", MX: true}, "", "", "dmarc build"},
		{"parked: none becomes reject, reports go on", SPFRequest{Domain: "none.example", Parked: true}, "v=DMARC1; p=reject; rua=mailto:x@none.example", "_dmarc.none.example", "sends nothing"},
		{"the parent's policy covers it", SPFRequest{Domain: "mail.reject.example", MX: true}, "", "", "covers this name already"},
		{"U-labels", SPFRequest{Domain: "Bücher.example"}, "v=DMARC1; p=reject", "_dmarc.xn--bcher-kva.example", "sends nothing"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			p, err := BuildSPF(t.Context(), tc.req, dnsView)
			if err != nil {
				t.Fatal(err)
			}
			if p.DMARC.Value != tc.value || p.DMARC.Name != tc.name || !strings.Contains(p.DMARCWhy, tc.why) {
				t.Errorf("got %+v, %q", p.DMARC, p.DMARCWhy)
			}
		})
	}
}

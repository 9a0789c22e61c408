package forensics_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/forensics"
)

func zone(t testing.TB, records string) dns.Resolver {
	t.Helper()
	view, err := dnsfile.Parse("zone.yaml", []byte("dns:\n"+records))
	if err != nil {
		t.Fatal(err)
	}
	return view
}

func TestProfileFromDNS(t *testing.T) {
	for _, c := range []struct {
		name, zone string
		hosts      string // name=ip…
		ranges     string // own
		services   string // name[ranges]…
		inbound    string
		warning    string // a part of it; "": no warning
	}{
		{"own hosts by mx, a and addresses", `
  TXT: {firm.example: "v=spf1 mx a:www.firm.example ip4:198.51.100.10 ip6:2001:db8:10::/64 -all"}
  MX: {firm.example: [[10, "mx.firm.example"]]}
  A: {mx.firm.example: 198.51.100.5, www.firm.example: 198.51.100.20}
  AAAA: {mx.firm.example: "2001:db8::5"}`,
			"[mx.firm.example=198.51.100.5 mx.firm.example=2001:db8::5 www.firm.example=198.51.100.20]",
			"[198.51.100.10/32 2001:db8:10::/64]", "[]", "[]", ""},
		{"an include is a service, with its networks", `
  TXT:
    firm.example: "v=spf1 include:_spf.letters.example -all"
    _spf.letters.example: "v=spf1 ip4:192.0.2.0/28 include:b.letters.example ?all"
    b.letters.example: "v=spf1 ip4:192.0.2.64/28 ~all"
  MX: {firm.example: [[10, "mx.firm.example"]]}
  A: {mx.firm.example: 198.51.100.5}`,
			"[mx.firm.example=198.51.100.5]", "[]", "[letters.example[192.0.2.0/28 192.0.2.64/28]]", "[]", ""},
		{"a service of the catalogue gets its name", `
  TXT:
    firm.example: "v=spf1 include:_spf.google.com ~all"
    _spf.google.com: "v=spf1 ip4:192.0.2.0/24 ~all"
  MX: {firm.example: [[1, "aspmx.l.google.com"]]}`,
			"[]", "[]", "[Google Workspace[192.0.2.0/24]]", "[google.com googlemail.com]", ""},
		{"an include of one's own is part of the record", `
  TXT:
    firm.example: "v=spf1 include:_spf.firm.example -all"
    _spf.firm.example: "v=spf1 ip4:198.51.100.10 -all"
  MX: {firm.example: [[10, "mx.firm.example"]]}
  A: {mx.firm.example: 198.51.100.5}`,
			"[mx.firm.example=198.51.100.5]", "[198.51.100.10/32]", "[]", "[]", ""},
		{"somebody else's exchanger is no host of mine", `
  TXT: {firm.example: "v=spf1 mx -all"}
  MX: {firm.example: [[10, "mx.hoster.example"]]}
  A: {mx.hoster.example: 192.0.2.9}`,
			"[]", "[]", "[hoster.example[192.0.2.9/32]]", "[hoster.example]", ""},
		{"a name of mine that is an alias for somebody else's host", `
  TXT: {firm.example: "v=spf1 a:mail.firm.example -all"}
  MX: {firm.example: [[10, "mail.firm.example"]]}
  CNAME: {mail.firm.example: box.hoster.example}
  A: {box.hoster.example: 192.0.2.9}`,
			"[]", "[]", "[hoster.example[192.0.2.9/32 192.0.2.9/32]]", "[]", ""},
		{"terms that don't pass are not senders", `
  TXT: {firm.example: "v=spf1 ?ip4:192.0.2.1 ~ip4:192.0.2.2 -ip4:192.0.2.3 ip4:198.51.100.10 -all"}
  MX: {firm.example: [[0, ""]]}`,
			"[]", "[198.51.100.10/32]", "[]", "[]", "no server that receives"},
		{"everybody", `
  TXT: {firm.example: "v=spf1 +all"}
  MX: {firm.example: [[10, "mx.firm.example"]]}
  A: {mx.firm.example: 198.51.100.5}`, "[mx.firm.example=198.51.100.5]", "[]", "[]", "[]", "allows everybody"},
		{"macros cannot be listed", `
  TXT: {firm.example: "v=spf1 exists:%{i}._spf.firm.example -all"}
  MX: {firm.example: [[10, "mx.firm.example"]]}
  A: {mx.firm.example: 198.51.100.5}`, "[mx.firm.example=198.51.100.5]", "[]", "[]", "[]", "cannot be listed"},
		{"no record", `
  MX: {firm.example: [[10, "mx.firm.example"]]}
  A: {mx.firm.example: 198.51.100.5}`, "[mx.firm.example=198.51.100.5]", "[]", "[]", "[]", "no SPF record"},
		{"two records", `
  TXT: {firm.example: [["v=spf1 -all"], ["v=spf1 ~all"]]}
  MX: {firm.example: [[10, "mx.firm.example"]]}
  A: {mx.firm.example: 198.51.100.5}`, "[mx.firm.example=198.51.100.5]", "[]", "[]", "[]", "more than one"},
		{"a record that includes itself", `
  TXT: {firm.example: "v=spf1 include:firm.example ip4:198.51.100.10 -all"}
  MX: {firm.example: [[10, "mx.firm.example"]]}
  A: {mx.firm.example: 198.51.100.5}`, "[mx.firm.example=198.51.100.5]", "[198.51.100.10/32]", "[]", "[]", ""},
		{"a service whose record is gone", `
  TXT: {firm.example: "v=spf1 include:_spf.gone.example ip4:198.51.100.10 -all"}
  MX: {firm.example: [[10, "mx.firm.example"]]}
  A: {mx.firm.example: 198.51.100.5}`, "[mx.firm.example=198.51.100.5]", "[198.51.100.10/32]", "[gone.example[]]", "[]", "could not be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, warnings, err := forensics.ProfileFromDNS(t.Context(), zone(t, c.zone), "Firm.example.")
			if err != nil {
				t.Fatal(err)
			}
			var hosts, services []string
			for _, h := range p.OwnHosts {
				hosts = append(hosts, h.Name+"="+h.IP.String())
			}
			for _, s := range p.Services {
				services = append(services, s.Name+fmt.Sprint(s.Ranges))
			}
			for _, x := range []struct{ what, got, want string }{
				{"hosts", fmt.Sprint(hosts), c.hosts},
				{"ranges", fmt.Sprint(p.OwnRanges), c.ranges},
				{"services", fmt.Sprint(services), c.services},
				{"inbound", fmt.Sprint(p.InboundNames), c.inbound},
			} {
				if x.got != x.want {
					t.Errorf("%s = %s, want %s", x.what, x.got, x.want)
				}
			}
			all := strings.Join(warnings, "\n")
			if c.warning == "" && all != "" || !strings.Contains(all, c.warning) {
				t.Errorf("warnings = %q, want %q", all, c.warning)
			}
			if p.Complete || !slices.Equal(p.Domains, []string{"firm.example"}) {
				t.Errorf("complete %v, domains %v", p.Complete, p.Domains)
			}
		})
	}
}

func TestProfileFromDNSErrors(t *testing.T) {
	for _, c := range []struct {
		name, domain, says string
		resolver           dns.Resolver
		fault              bool
	}{
		{"no such domain", "typo.example", "does not exist", zone(t, "  A: {x.example: 192.0.2.1}"), false},
		{"DNS is silent", "firm.example", "timeout", failing{}, true},
		{"an address instead of a domain", "ada@firm.example", "give the part after the @", failing{}, false},
		{"nothing", "", "empty", failing{}, false},
	} {
		_, _, err := forensics.ProfileFromDNS(t.Context(), c.resolver, c.domain)
		var fault *dns.Error
		if err == nil || !strings.Contains(err.Error(), c.says) || errors.As(err, &fault) != c.fault {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestProfileFromDNSBudget: a record that leads to ever more includes ends.
func TestProfileFromDNSBudget(t *testing.T) {
	var b strings.Builder
	b.WriteString("  MX: {firm.example: [[10, mx.firm.example]]}\n  A: {mx.firm.example: 198.51.100.5}\n  TXT:\n    firm.example: \"v=spf1 include:n0.deep.example -all\"\n")
	for i := range 500 {
		fmt.Fprintf(&b, "    n%d.deep.example: \"v=spf1 include:n%d.deep.example include:n%d.deep.example -all\"\n", i, 2*i+1, 2*i+2)
	}
	rec := &asked{next: zone(t, b.String())}
	_, warnings, err := forensics.ProfileFromDNS(t.Context(), rec, "firm.example")
	if err != nil || len(rec.questions) > 110 || !strings.Contains(strings.Join(warnings, " "), "more than 100") {
		t.Errorf("%d questions, warnings %q, error %v", len(rec.questions), warnings, err)
	}
}

func TestAddressProfile(t *testing.T) {
	r := zone(t, `
  MX: {bigpost.example: [[5, "mx.l.google.com"]]}
  TXT:
    bigpost.example: "v=spf1 redirect=_spf.bigpost.example"
    _spf.bigpost.example: "v=spf1 ip4:192.0.2.0/24 ~all"`)
	p, warnings, err := forensics.AddressProfile(t.Context(), r, " <Me@Bigpost.example> ")
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	if p.Address != "me@bigpost.example" || len(p.Domains) > 0 || len(p.OwnHosts) > 0 || len(p.OwnRanges) > 0 || p.Complete {
		t.Errorf("%+v", p)
	}
	if got := fmt.Sprint(p.InboundNames); got != "[bigpost.example google.com googlemail.com]" {
		t.Error(got)
	}
	if len(p.Services) != 1 || p.Services[0].Name != "Google Workspace" || fmt.Sprint(p.Services[0].Ranges) != "[192.0.2.0/24]" {
		t.Errorf("%+v", p.Services)
	}
	for _, bad := range []string{"", "me", "@x.example", "a@b@c.example", "a@192.0.2.1"} {
		if _, _, err := forensics.AddressProfile(t.Context(), r, bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestSendersAreNamedOnceEach(t *testing.T) {
	p := forensics.Profile{
		Services: []forensics.Service{{Name: "esp.example"}, {Name: "esp.example"}, {}},
		OwnHosts: []forensics.Host{
			{Name: "mail.example.com", IP: netip.MustParseAddr("192.0.2.10")},
			{Name: "web.example.com"}, {IP: netip.MustParseAddr("192.0.2.7")}, {},
		},
		OwnRanges: []netip.Prefix{netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("198.51.100.0/28")},
	}
	want := []string{"esp.example", "mail.example.com (192.0.2.10)", "web.example.com", "192.0.2.7", "198.51.100.0/28"}
	if got := p.Senders(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

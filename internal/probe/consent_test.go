package probe

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
)

var today = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// net is a zone with the example's server, the reverse name of its address, and
// what else a case adds.
func testZone(t *testing.T, more string) dns.Resolver {
	t.Helper()
	v, err := dnsfile.Parse("zone", []byte(`
mail.example.com. 60 IN A 9.9.9.9
9.9.9.9.in-addr.arpa. 60 IN PTR mail.example.com.
other.example.com. 60 IN A 9.9.9.8
8.9.9.9.in-addr.arpa. 60 IN PTR victim.example.net.
nopointer.example.com. 60 IN A 9.9.9.7
inner.example.com. 60 IN A 10.0.0.1
duckdns.org. 60 IN A 9.9.9.6
6.9.9.9.in-addr.arpa. 60 IN PTR duckdns.org.
self.example.com. 60 IN A 127.0.0.1
docs.example.com. 60 IN A 192.0.2.1
`+more))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func consentTXT(at, host, expires string) string {
	return fmt.Sprintf("%s. 60 IN TXT \"v=unspoof1; probe=%s; expires=%s\"\n", at, host, expires)
}

func TestConsent(t *testing.T) {
	org := "_unspoof-consent.example.com"
	for _, c := range []struct {
		name, host, zone string
		named            bool
		want             ConsentState
		why              string
	}{
		{"the domain agrees", "mail.example.com", consentTXT(org, "mail.example.com", "2026-12-01"), false, ConsentGiven, "9.9.9.9"},
		{"the host agrees", "mail.example.com", consentTXT("_unspoof-consent.mail.example.com", "mail.example.com", "2026-12-01"), false, ConsentGiven, ""},
		{"in any case", "Mail.Example.COM", consentTXT(org, "MAIL.example.com", "2026-12-01"), false, ConsentGiven, ""},
		{"until the end of the last day", "mail.example.com", consentTXT(org, "mail.example.com", "2026-11-22"), false, ConsentGiven, ""},
		{"one of several", "mail.example.com", consentTXT(org, "old.example.com", "2026-12-01") + consentTXT(org, "mail.example.com", "2026-12-01"), false, ConsentGiven, ""},
		{"nobody agrees", "mail.example.com", "", false, ConsentMissing, "nobody has agreed"},
		{"nobody agrees, though typed", "mail.example.com", "", true, ConsentMissing, ""},
		{"for another host", "mail.example.com", consentTXT(org, "other.example.com", "2026-12-01"), false, ConsentMissing, ""},
		{"at a stranger's domain", "mail.example.com", consentTXT("_unspoof-consent.evil.example", "mail.example.com", "2026-12-01"), false, ConsentMissing, ""},
		{"by an alias", "mail.example.com", org + ". 60 IN CNAME claimed.saas.example.\n" + consentTXT("claimed.saas.example", "mail.example.com", "2026-12-01"), false, ConsentInvalid, "alias"},
		{"by a wildcard's alias", "mail.example.com", "*.example.com. 60 IN CNAME claimed.saas.example.\n" + consentTXT("claimed.saas.example", "mail.example.com", "2026-12-01"), false, ConsentInvalid, "alias"},
		{"no host name", "mail*1.example.com", "", false, ConsentInvalid, "no host name"},
		{"over", "mail.example.com", consentTXT(org, "mail.example.com", "2026-11-21"), false, ConsentExpired, "ended on 2026-11-21"},
		{"for too long", "mail.example.com", consentTXT(org, "mail.example.com", "2027-11-21"), false, ConsentInvalid, "90 days"},
		{"without an end", "mail.example.com", org + ". 60 IN TXT \"v=unspoof1; probe=mail.example.com\"\n", false, ConsentInvalid, "expires="},
		{"with what is not known", "mail.example.com", org + ". 60 IN TXT \"v=unspoof1; probe=mail.example.com; expires=2026-12-01; tests=tls\"\n", false, ConsentInvalid, "not known"},
		{"the address is a stranger's", "other.example.com", consentTXT(org, "other.example.com", "2026-12-01"), false, ConsentAddress, "reverse name"},
		{"the address has no name", "nopointer.example.com", consentTXT(org, "nopointer.example.com", "2026-12-01"), false, ConsentAddress, ""},
		{"the address is private", "inner.example.com", consentTXT(org, "inner.example.com", "2026-12-01"), true, ConsentAddress, "no public address"},
		{"the address is an example", "docs.example.com", consentTXT(org, "docs.example.com", "2026-12-01"), false, ConsentAddress, ""},
		{"this machine by a stranger's MX", "self.example.com", consentTXT(org, "self.example.com", "2026-12-01"), false, ConsentAddress, "no public address"},
		{"this machine, typed", "self.example.com", "", true, ConsentLoopback, ""},
		{"this machine by address, typed", "127.0.0.1", "", true, ConsentLoopback, ""},
		{"this machine by address, from DNS", "127.0.0.1", "", false, ConsentAddress, ""},
		{"another by address", "9.9.9.9", consentTXT(org, "9.9.9.9", "2026-12-01"), true, ConsentAddress, ""},
		{"a name whose customers could agree", "duckdns.org", consentTXT("_unspoof-consent.duckdns.org", "duckdns.org", "2026-12-01"), false, ConsentInvalid, "no domain that somebody can register"},
		{"no address", "gone.example.com", consentTXT(org, "gone.example.com", "2026-12-01"), false, ConsentAddress, "no address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ip := checkConsent(context.Background(), Args{Resolver: testZone(t, c.zone), Now: today}, Server{Host: c.host, Ports: Standard, Named: c.named})
			if got.State != c.want || !strings.Contains(got.Why, c.why) || got.Given() != ip.IsValid() {
				t.Errorf("%+v, %v", got, ip)
			}
			if got.State == ConsentMissing {
				if rec, err := parseConsent(got.Record); err != nil || rec.host != dns.Canonical(c.host) || got.Name != org {
					t.Errorf("proposes %q at %s", got.Record, got.Name)
				}
			}
		})
	}
}

func TestAConsentInAFileCountsForNothing(t *testing.T) {
	zone := testZone(t, consentTXT("_unspoof-consent.example.com", "mail.example.com", "2026-12-01"))
	got, ip := checkConsent(context.Background(), Args{Resolver: zone, Now: today, Offline: true}, Server{Host: "mail.example.com", Ports: Standard})
	if got.Given() || ip.IsValid() {
		t.Errorf("%+v", got)
	}
}

func TestAConsentCoversMailPortsOnly(t *testing.T) {
	zone := testZone(t, consentTXT("_unspoof-consent.example.com", "mail.example.com", "2026-12-01"))
	for ports, want := range map[Ports]bool{{MX: 22}: false, {MX: 587}: false, {MX: 25}: true, {Submission: 587}: true, {SMTPS: 465}: true, {MX: 25, SMTPS: 22}: false} {
		got, _ := checkConsent(context.Background(), Args{Resolver: zone, Now: today}, Server{Host: "mail.example.com", Ports: ports, Named: true})
		if got.Given() != want {
			t.Errorf("%+v: %+v", ports, got)
		}
	}
}

func TestEachServerIsAskedOnce(t *testing.T) {
	t.Parallel()
	f := &fake{}
	at := f.start(t)
	zone := testZone(t, "a.example.com. 60 IN A 127.0.0.1\nb.example.com. 60 IN A 127.0.0.1\n")
	ports := Ports{MX: at.Port()}
	rep, err := Run(t.Context(), Args{Domain: "example.com", Resolver: zone, Now: today, Offline: true,
		Servers: []Server{{"a.example.com", ports, true}, {"A.example.com.", ports, true}, {"b.example.com", ports, true}}})
	if err != nil || len(rep.Servers) != 2 || rep.Servers[1].SameAs != "a.example.com" || rep.Servers[1].Connections != 0 || len(rep.Servers[0].Tests) == 0 {
		t.Errorf("%+v, %v", rep, err)
	}
}

func TestServersThatAreNotAskedAreNamed(t *testing.T) {
	a := Args{Domain: "example.com", Resolver: testZone(t, ""), Now: today, Servers: []Server{{Host: "mail*1.example.com", Ports: Standard}}}
	for i := range MaxServers + 1 {
		a.Servers = append(a.Servers, Server{Host: fmt.Sprintf("mx%d.example.com", i), Ports: Standard})
	}
	rep, err := Run(context.Background(), a)
	if err != nil || !rep.Open() || len(rep.Servers) != MaxServers || len(rep.Left) != 2 || rep.Servers[0].Consent.State != ConsentInvalid {
		t.Errorf("%+v, %v", rep, err)
	}
}

// silent never answers.
type silent struct{}

func (silent) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultTimeout}
}

func TestWithoutDNSNothingIsAsked(t *testing.T) {
	rep, err := Run(context.Background(), Args{Domain: "example.com", Resolver: silent{}, Now: today, Servers: []Server{{Host: "mail.example.com", Ports: Standard}}})
	if err != nil || rep.Asked() || !rep.Open() || rep.Servers[0].Consent.State != ConsentUnknown {
		t.Errorf("%+v, %v", rep, err)
	}
}

func TestRunRefusesWhatCouldEndACommand(t *testing.T) {
	for name, a := range map[string]Args{
		"domain":    {Domain: "a\r\nb.example"},
		"host":      {Domain: "d.example", Servers: []Server{{Host: "a>\r\nDATA", Named: true}}},
		"recipient": {Domain: "d.example", Recipient: "a>\r\nDATA@d.example"},
		"quoted":    {Domain: "d.example", Recipient: `"a b"@d.example`},
		"user":      {Domain: "d.example", Login: &Login{User: "a\x00b"}},
	} {
		if _, err := Run(context.Background(), a); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestPublic(t *testing.T) {
	for ip, want := range map[string]bool{
		"9.9.9.9": true, "2620:fe::fe": true, "127.0.0.1": false, "10.1.2.3": false, "192.168.0.1": false, "172.16.0.1": false, "169.254.1.1": false, "100.64.0.1": false,
		"0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false, "::1": false, "fe80::1": false, "fc00::1": false, "::ffff:10.0.0.1": false, "::ffff:9.9.9.9": true,
		"200::1": false, "300::7": false, "5f00::1": false, "4000::1": false, "::ffff:0:7f00:1": false, "100:0:0:1::1": false, "fe00::1": false, "400::1": false, "2001:2::1": false,
		"2001:20::1": false, "2001::1": false, "192.88.99.1": false, "2001:4860:4860::8888": true, "2a00:1450::1": true, "3fff::1": false,
		"64:ff9b::a00:1": false, "2002:a00:1::": false, "2001:db8::1": false, "::": false, "ff02::1": false, "::10.0.0.1": false,
	} {
		if got := Public(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s: %v", ip, got)
		}
	}
}

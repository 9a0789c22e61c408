package posture

import (
	"slices"
	"strings"
	"testing"
)

// transportZone is a domain with two mail exchangers, and more lines of "dns".
func transportZone(more string) string {
	return `dns:
  MX: {example.com: [[10, mx1.example.com], [20, mx2.example.com]]}
  A: {mx1.example.com: 192.0.2.1, mx2.example.com: 192.0.2.2, mta-sts.example.com: 192.0.2.3}
  NS: {example.com: ns.example.com}
` + more
}

const digest = "0b9fa5a59eed715c26c1020c711b4f6ec42d58b0015e14337a39dad301c5afc3"

func TestTransport(t *testing.T) {
	both := `  TLSA:
    _25._tcp.mx1.example.com: 3 1 1 ` + digest + `
    _25._tcp.mx2.example.com: 3 1 1 ` + digest + "\n"
	for _, tc := range []struct {
		rule, more, want, missing string
		holds                     func(Transport) bool
	}{
		{"nothing", "", "TLS-201", "DNS-003 TLS-203 TLS-204 TLS-206", func(t Transport) bool {
			return t.MTASTS == No && t.TLSRPT == No && t.DNSSEC == NotKnown && !t.Validated && len(t.Hosts) == 2 && t.Hosts[0].Signed == NotKnown
		}},
		{"MTA-STS", "  TXT: {_mta-sts.example.com: v=STSv1; id=7}\n", "TLS-203", "TLS-201 TLS-202 TLS-108", func(t Transport) bool { return t.MTASTS == Yes && t.STSID == "7" }},
		{"MTA-STS with reports", "  TXT: {_mta-sts.example.com: v=STSv1; id=7, _smtp._tls.example.com: \"v=TLSRPTv1; rua=mailto:t@example.com\"}\n", "", "TLS-203 TLS-201", func(t Transport) bool {
			return t.TLSRPT == Yes && slices.Equal(t.RUA, []string{"mailto:t@example.com"})
		}},
		{"MTA-STS record that is none", "  TXT: {_mta-sts.example.com: v=STSv1; id=2026-03-01}\n", "TLS-202", "TLS-201 TLS-108", func(t Transport) bool { return t.MTASTS == No }},
		{"two MTA-STS records", "  TXT: {_mta-sts.example.com: [[v=STSv1; id=1], [v=STSv1; id=2]]}\n", "TLS-202", "TLS-201", nil},
		{"TLS-RPT record that is none", "  TXT: {_smtp._tls.example.com: \"v=TLSRPTv1; rua=t@example.com\"}\n", "TLS-207", "TLS-203", nil},
		{"MTA-STS does not answer", "  TXT: {_mta-sts.example.com: SERVFAIL}\n", "", "TLS-201 TLS-202 TLS-203", func(t Transport) bool { return t.MTASTS == NotKnown }},
		{"DANE, signed", both + "  authenticated: .\n", "TLS-203", "TLS-204 TLS-205 TLS-206", func(t Transport) bool {
			return t.Validated && t.Hosts[0].Signed == Yes && t.Hosts[0].Usable == 1
		}},
		{"DANE, not signed, and the resolver validates", both + "  authenticated: [_mta-sts.example.com]\n", "TLS-204", "", func(t Transport) bool { return t.Hosts[0].Signed == No }},
		{"DANE, and the address is not signed", both + "  authenticated: [_tcp.mx1.example.com, _tcp.mx2.example.com]\n", "", "TLS-204", func(t Transport) bool { return t.Hosts[0].Signed == No }},
		{"DANE of a domain whose own zone is not signed", both + "  authenticated: [mx1.example.com, mx2.example.com]\n", "TLS-203", "TLS-204", func(t Transport) bool {
			return t.Hosts[0].Signed == Yes && t.Hosts[0].MXSigned == No && t.Hosts[0].Usable == 1
		}},
		{"DANE without effect asks for no reports", both + "  authenticated: [_mta-sts.example.com]\n", "TLS-204", "TLS-203", nil},
		{"DANE, and nobody says who validates", both, "", "TLS-204", func(t Transport) bool { return !t.Validated && t.Hosts[0].Signed == NotKnown }},
		{"DANE of one exchanger", "  TLSA: {_25._tcp.mx1.example.com: 3 1 1 " + digest + "}\n  authenticated: .\n", "TLS-206", "TLS-204", nil},
		{"DANE that nobody can use", "  TLSA: {_25._tcp.mx1.example.com: 1 1 1 " + digest + "}\n  authenticated: .\n", "TLS-205", "", func(t Transport) bool { return t.Hosts[0].Usable == 0 }},
		{"DANE does not answer", "  TLSA: {_25._tcp.mx1.example.com: 3 1 1 " + digest + ", _25._tcp.mx2.example.com: SERVFAIL}\n  authenticated: .\n", "", "TLS-206", nil},
		{"signed zone", "  DS: {example.com: 1 13 2 " + digest + "}\n", "", "DNS-003", func(t Transport) bool { return t.DNSSEC == Yes }},
		{"DS does not answer", "  DS: {example.com: TIMEOUT}\n", "", "DNS-003", func(t Transport) bool { return t.DNSSEC == NotKnown }},
		{"CAA", "  CAA: {example.com: 0 issue \"ca.example\"}\n", "", "", func(t Transport) bool { return slices.Equal(t.CAA, []string{`0 issue "ca.example"`}) }},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r := check(t, transportZone(tc.more), "example.com")
			holdsIDs(t, r, tc.want, tc.missing)
			if tc.holds != nil && !tc.holds(r.Transport) {
				t.Errorf("%+v", r.Transport)
			}
		})
	}
}

// TestDANEBehindAnAlias: what a mail exchanger leads to comes first (RFC 7672 section
// 2.2.2).
func TestDANEBehindAnAlias(t *testing.T) {
	zone := func(tlsa, signed string) string {
		return "dns:\n  MX: {example.com: [[10, mx.example.com]]}\n  CNAME: {mx.example.com: host.example.net}\n  A: {host.example.net: 192.0.2.1}\n" +
			"  TLSA: {_25._tcp." + tlsa + ": 3 1 1 " + digest + "}\n  authenticated: " + signed + "\n"
	}
	for _, tc := range []struct{ rule, tlsa, signed, base string }{
		{"below the target", "host.example.net", ".", "host.example.net"},
		{"below the alias", "mx.example.com", ".", "mx.example.com"},
		{"below the target, which is not signed", "host.example.net", "_mta-sts.example.com", "mx.example.com"},
	} {
		h := check(t, zone(tc.tlsa, tc.signed), "example.com").Transport.Hosts[0]
		if h.Base != tc.base || (h.Usable == 1) != (tc.signed == ".") || h.Host != "mx.example.com" {
			t.Errorf("%s: %+v", tc.rule, h)
		}
	}
}

func holdsIDs(t *testing.T, r Report, want, missing string) {
	t.Helper()
	ids := findingIDs(r)
	for _, id := range strings.Fields(want) {
		if !slices.Contains(ids, id) {
			t.Errorf("findings %v, want %s", ids, id)
		}
	}
	for _, id := range strings.Fields(missing) {
		if slices.Contains(ids, id) {
			t.Errorf("findings %v, want no %s", ids, id)
		}
	}
	sane(t, r)
}

func TestPolicyHostWithoutAddress(t *testing.T) {
	zone := basis + "_mta-sts TXT \"v=STSv1; id=1\"\n"
	holdsIDs(t, check(t, zone, "example.com"), "TLS-108", "TLS-201")
	holdsIDs(t, check(t, zone+"mta-sts AAAA 2001:db8::1\n", "example.com"), "", "TLS-108")
}

func TestTransportOfADomainWithoutMail(t *testing.T) {
	r := check(t, "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 -all\"\n"+goodDMARC, "example.com")
	holdsIDs(t, r, "", "TLS-201 TLS-203")
	if r.Transport.MTASTS != NotKnown {
		t.Errorf("%+v", r.Transport)
	}
}

func TestBIMI(t *testing.T) {
	const record = "v=BIMI1; l=https://example.com/logo.svg; a="
	r := check(t, basis+"default._bimi TXT \""+record+"\"\n", "example.com")
	if r.BIMI != record {
		t.Errorf("%q", r.BIMI)
	}
}

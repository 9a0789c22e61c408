//go:build e2e

package fleet_test

import (
	"fmt"
	"strings"

	"unspoof/posture"
)

// kind is one way in which domains of the fleet are set up, and what a check
// must say of it. In zone and the sentences, @ is the domain.
type kind struct {
	name    string
	zone    string // records under the domain
	want    posture.Exposure
	finding string // an id that must be among the findings; "" none in particular
}

// kinds repeat through the fleet: good and bad, parked, with includes that all
// share and such as lead nowhere.
var kinds = []kind{
	{"protected", `
@ MX 10 mail
mail A 192.0.2.25
@ TXT "v=spf1 mx include:spf.shared.example ~all"
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@%[1]s"
`, posture.Protected, ""},
	{"watched only", `
@ MX 10 mail
mail A 192.0.2.25
@ TXT "v=spf1 include:spf.shared.example include:bulk.shared.example ~all"
_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@%[1]s"
`, posture.Anyone, "DMARC-003"},
	{"nothing published", `
@ MX 10 mx.shared.example.
@ A 192.0.2.80
`, posture.Anyone, "DMARC-001"},
	{"parked and locked", `
@ MX 0 .
@ TXT "v=spf1 -all"
_dmarc TXT "v=DMARC1; p=reject"
`, posture.Protected, ""},
	{"parked and open", `
@ A 192.0.2.80
@ TXT "v=spf1 -all"
`, posture.Anyone, "DMARC-001"},
	{"quarantine", `
@ MX 10 mx.shared.example.
@ TXT "v=spf1 mx include:bulk.shared.example -all"
@ TXT "site-verification=abcdefgh"
_dmarc TXT "v=DMARC1; p=quarantine; rua=mailto:d@reports.example"
`, posture.Partly, ""},
	{"lets everybody in", `
@ MX 10 mail
mail A 192.0.2.25
mail AAAA 2001:db8::25
@ TXT "v=spf1 mx +all"
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@%[1]s"
`, posture.Anyone, "SPF-004"},
	{"an include that leads nowhere", `
@ MX 10 mx.shared.example.
@ TXT "v=spf1 include:spf.shared.example include:gone.shared.example ~all"
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@%[1]s"
`, posture.Protected, "SPF-012"},
}

// costly makes a check ask as much as it may: a web site without MX, policies
// looked for in vain, and includes that nobody shares.
var costly = []kind{{"costly", `
@ AAAA 2001:db8::80
@ TXT "v=spf1 include:i1.%[1]s include:i2.%[1]s include:i3.%[1]s include:i4.%[1]s include:i5.%[1]s include:i6.%[1]s include:i7.%[1]s include:i8.%[1]s include:i9.%[1]s ~all"
i1 TXT "v=spf1 ip4:192.0.2.1 ip4:198.51.100.0/28 -all"
i2 TXT "v=spf1 ip4:192.0.2.2 ip4:198.51.100.0/28 -all"
i3 TXT "v=spf1 ip4:192.0.2.3 ip4:198.51.100.0/28 -all"
i4 TXT "v=spf1 ip4:192.0.2.4 ip4:198.51.100.0/28 -all"
i5 TXT "v=spf1 ip4:192.0.2.5 ip4:198.51.100.0/28 -all"
i6 TXT "v=spf1 ip4:192.0.2.6 ip4:198.51.100.0/28 -all"
i7 TXT "v=spf1 ip4:192.0.2.7 ip4:198.51.100.0/28 -all"
i8 TXT "v=spf1 ip4:192.0.2.8 ip4:198.51.100.0/28 -all"
i9 TXT "v=spf1 ip4:192.0.2.9 ip4:198.51.100.0/28 -all"
`, posture.Anyone, "DMARC-001"}}

const zoneHead = "$TTL 3600\n@ SOA ns.shared.example. admin.shared.example. 1 7200 900 86400 300\n@ NS ns.shared.example.\n"

// shared are the zones that the fleet leans on. Whatever is not there below
// example. does not exist.
var shared = map[string]string{
	"example": zoneHead,
	"shared.example": zoneHead + `
ns A 192.0.2.53
mx A 192.0.2.26
mx AAAA 2001:db8::26
spf TXT "v=spf1 include:a.shared.example include:b.shared.example ip4:192.0.2.0/26 ~all"
a TXT "v=spf1 ip4:198.51.100.0/25 ip4:203.0.113.0/27 ~all"
b TXT "v=spf1 ip6:2001:db8:1::/48 ~all"
bulk TXT "v=spf1 ip4:198.51.100.128/25 ip4:203.0.113.64/27 ip6:2001:db8:2::/48 ~all"
`,
	"reports.example": zoneHead + "*._report._dmarc TXT \"v=DMARC1\"\n",
}

// fleetOf makes n domains with their zones; the i-th is of kinds[i%len(kinds)].
func fleetOf(n int, kinds []kind) (domains []string, zones map[string]string) {
	zones = map[string]string{}
	for name, text := range shared {
		zones[name] = text
	}
	for i := range n {
		domain := fmt.Sprintf("d%05d.example", i)
		text := kinds[i%len(kinds)].zone
		if strings.Contains(text, "%[1]s") {
			text = fmt.Sprintf(text, domain)
		}
		zones[domain] = zoneHead + text
		domains = append(domains, domain)
	}
	return domains, zones
}

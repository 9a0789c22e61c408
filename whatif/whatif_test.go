package whatif

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"unspoof/inventory"
)

var (
	ownServer = inventory.Sighting{Source: inventory.FromLog, Genuine: true, Trusted: true, Count: 100, Address: netip.MustParseAddr("192.0.2.10"), HELO: "mail.example.com", From: "example.com", MailFrom: "example.com", Host: "mail.example.com"}
	letters   = inventory.Sighting{Source: inventory.FromMailbox, Trusted: true, Count: 40, Address: netip.MustParseAddr("198.51.100.3"), HELO: "out.letters.example", From: "example.com", MailFrom: "example.com", SPF: "pass"}
	shop      = inventory.Sighting{Source: inventory.FromMailbox, Trusted: true, Count: 7, Address: netip.MustParseAddr("203.0.113.80"), HELO: "shop.host.example", From: "example.com", MailFrom: "shop.host.example", DKIM: []inventory.Signature{{Domain: "example.com", Selector: "k1", Result: "pass"}}}
	forged    = inventory.Sighting{Source: inventory.FromBounce, Trusted: true, Count: 500, Address: netip.MustParseAddr("203.0.113.200"), HELO: "pc", From: "example.com", MailFrom: "example.com", SPF: "fail"}
)

func TestReplay(t *testing.T) {
	all := []inventory.Sighting{ownServer, letters, shop, forged}
	const reject = "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n"
	tests := []struct {
		name, records string
		mail          []inventory.Sighting
		want          Sum
	}{
		{"nothing planned changes nothing", "", all, Sum{Own: 147, Unproven: 500}},
		{"reject stops what is forged and keeps what is aligned", reject, all, Sum{Own: 147, Unproven: 500, Stopped: 500}},
		{
			"a sender dropped from SPF is lost", "example.com. TXT \"v=spf1 ip4:192.0.2.10 -all\"\n" + reject, all,
			Sum{Own: 147, Lost: 40, Unproven: 500, Stopped: 500},
		},
		{
			"a key revoked loses what it signs", "k1._domainkey.example.com. TXT \"v=DKIM1; p=\"\n" + reject, all,
			Sum{Own: 147, Lost: 7, Unproven: 500, Stopped: 500},
		},
		{
			"another key may or may not have been used", "k1._domainkey.example.com. TXT \"v=DKIM1; k=ed25519; p=/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=\"\n" + reject, all,
			Sum{Own: 147, AtRisk: 7, Unproven: 500, Stopped: 500},
		},
		{
			"strict alignment loses nothing of the domain itself", "_dmarc.example.com. TXT \"v=DMARC1; p=reject; aspf=s; adkim=s\"\n", all,
			Sum{Own: 147, Unproven: 500, Stopped: 500},
		},
		{"test mode takes a rung off", "_dmarc.example.com. TXT \"v=DMARC1; p=quarantine; t=y\"\n", all, Sum{Own: 147, Unproven: 500}},
		{"+all lets the forged in", "example.com. TXT \"v=spf1 +all\"\n" + reject, all, Sum{Own: 147, Unproven: 500, Through: 500}},
		{"mail of another domain is nobody's business here", reject, []inventory.Sighting{{Source: inventory.FromBounce, From: "other.example", MailFrom: "other.example"}}, Sum{}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			today := view(t, zone)
			rep, err := Replay(t.Context(), Args{
				Domain: "example.com", Resolver: today, Records: records(t, tc.records),
				Inventory: listed(t, today, tc.mail, inventory.Given{}), Sightings: each(tc.mail),
			})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, rep.Sum); d != "" {
				t.Errorf("-want +got\n%s\n%+v", d, rep)
			}
		})
	}
}

func TestLostMailComesFirstWithItsReason(t *testing.T) {
	today := view(t, zone)
	mail := []inventory.Sighting{ownServer, letters, shop, forged}
	rep, err := Replay(t.Context(), Args{
		Domain: "example.com", Resolver: today, Inventory: listed(t, today, mail, inventory.Given{}), Sightings: each(mail),
		Records: records(t, "example.com. TXT \"v=spf1 ip4:192.0.2.10 -all\"\n_dmarc.example.com. TXT \"v=DMARC1; p=quarantine\"\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	first := rep.Own[0]
	if first.Key != "include:_spf.letters.example" || first.Receivers[2].Worse != 40 || first.Receivers[2].After[Spam] != 40 || first.Receivers[0].After[Refused] != 40 || first.Why == "" {
		t.Errorf("%+v", first)
	}
	if rep.SPF == nil || len(rep.SPF.Lost) != 1 || len(rep.SPF.Gained) != 0 {
		t.Errorf("%+v", rep.SPF)
	}
	if len(rep.Unproven) != 1 || rep.Unproven[0].Receivers[2].After[Spam] != 500 {
		t.Errorf("%+v", rep.Unproven)
	}
}

// A log does not say whether a message was signed, so a sender that is left with
// nothing but its signature is at risk, not lost.
func TestALogDoesNotTellOfSignatures(t *testing.T) {
	today := view(t, zone)
	signed := ownServer
	signed.Source, signed.Count = inventory.FromMailbox, 1
	signed.DKIM = []inventory.Signature{{Domain: "example.com", Selector: "k1", Result: "pass"}}
	mail := []inventory.Sighting{ownServer, signed}
	rep, err := Replay(t.Context(), Args{
		Domain: "example.com", Resolver: today, Inventory: listed(t, today, mail, inventory.Given{}), Sightings: each(mail),
		Records: records(t, "example.com. TXT \"v=spf1 -all\"\n_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n"),
	})
	if err != nil || rep.Sum.AtRisk != 100 || rep.Sum.Lost != 0 {
		t.Errorf("%+v, %v", rep.Sum, err)
	}
}

// A key that is not there today: what it signed fails, unless its sender has
// another key by now.
func TestASignatureIsJudgedByTheKeyOfToday(t *testing.T) {
	old := shop
	old.DKIM = []inventory.Signature{{Domain: "example.com", Selector: "old", Result: "pass"}}
	today := view(t, zone)
	rep, err := Replay(t.Context(), Args{
		Domain: "example.com", Resolver: today, Inventory: listed(t, today, []inventory.Sighting{old}, inventory.Given{}), Sightings: each([]inventory.Sighting{old}),
		Records: records(t, "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n"),
	})
	if err != nil || rep.Sum.Lost != 7 {
		t.Errorf("%+v, %v", rep.Sum, err)
	}
}

// Selectors that strangers make up must not use up what is asked about one's own.
func TestStrangersDontHideALostKey(t *testing.T) {
	today := view(t, zone)
	var mail []inventory.Sighting
	for i := range 1500 {
		mail = append(mail, inventory.Sighting{Source: inventory.FromMailbox, Trusted: true, From: "example.com", MailFrom: "x.example", Address: forged.Address,
			DKIM: []inventory.Signature{{Domain: "example.com", Selector: fmt.Sprintf("s%d", i)}}})
	}
	mail = append(mail, shop)
	rep, err := Replay(t.Context(), Args{
		Domain: "example.com", Resolver: today, Inventory: listed(t, today, mail, inventory.Given{}), Sightings: each(mail),
		Records: records(t, "*._domainkey.example.com. TXT \"v=DKIM1; p=\"\nk1._domainkey.example.com. TXT \"v=DKIM1; p=\"\n_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n"),
	})
	if err != nil || rep.Sum.Lost != 7 || len(rep.Notes) != 0 {
		t.Errorf("%+v, %v, %v", rep.Sum, rep.Notes, err)
	}
}

func TestAKeyThatDNSDoesNotTellIsNotLost(t *testing.T) {
	quiet := view(t, "zonedata:\n  example.com:\n  - SPF: v=spf1 -all\n  _dmarc.example.com:\n  - TXT: v=DMARC1; p=none\n  k1._domainkey.example.com:\n  - TIMEOUT\n")
	rep, err := Replay(t.Context(), Args{
		Domain: "example.com", Resolver: quiet, Inventory: inventory.Inventory{Domain: "example.com", DMARC: inventory.DMARCState{OrgDomain: "example.com"}},
		Sightings: each([]inventory.Sighting{shop}), Records: records(t, "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n"),
	})
	if err != nil || rep.Sum.Lost != 0 || rep.Sum.AtRisk != 7 || len(rep.Notes) == 0 {
		t.Errorf("%+v, %v, %v", rep.Sum, rep.Notes, err)
	}
}

func TestPolicyChange(t *testing.T) {
	const watch = "_dmarc.example.com. TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\n"
	half := strings.Replace(watch, "p=none", "p=reject; pct=50", 1)
	tests := []struct {
		name, records    string
		weaker, stricter bool
	}{
		{"to reject", "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n", false, true},
		{"the record taken away", "_dmarc.example.com. TXT \"\"\n", true, false},
		{"subdomains first", "_dmarc.example.com. TXT \"v=DMARC1; p=none; sp=reject\"\n", false, true},
		{"strict alignment while nothing is refused", "_dmarc.example.com. TXT \"v=DMARC1; p=none; adkim=s\"\n", false, false},
		{"strict alignment with a policy", "_dmarc.example.com. TXT \"v=DMARC1; p=quarantine; adkim=s\"\n", false, true},
		{"broken by a lost semicolon", "_dmarc.example.com. TXT \"v=DMARC1 p=none\"\n", true, false},
		{"for half of the mail", half, false, true},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			rep, err := Replay(t.Context(), Args{Domain: "example.com", Resolver: view(t, zone), Records: records(t, tc.records)})
			if err != nil || rep.DMARC == nil || rep.DMARC.Weaker != tc.weaker || rep.DMARC.Stricter != tc.stricter {
				t.Errorf("%+v, %v", rep.DMARC, err)
			}
		})
	}
	for name, tc := range map[string]struct {
		before, after    string
		weaker, stricter bool
	}{
		"for fewer messages":                {strings.Replace(half, "pct=50", "pct=100", 1), half, true, false},
		"for all of them":                   {half, strings.Replace(half, "; pct=50", "", 1), false, true},
		"a harder policy for fewer of them": {strings.Replace(watch, "p=none", "p=quarantine", 1), half, false, true},
		"for fewer, of no policy":           {watch, strings.Replace(watch, "p=none", "p=none; pct=5", 1), false, false},
	} {
		rep, err := Replay(t.Context(), Args{Domain: "example.com", Resolver: view(t, "example.com. TXT \"v=spf1 -all\"\n"+tc.before), Records: records(t, tc.after)})
		if err != nil || rep.DMARC == nil || rep.DMARC.Weaker != tc.weaker || rep.DMARC.Stricter != tc.stricter {
			t.Errorf("%s: %+v, %v", name, rep.DMARC, err)
		}
	}
}

func TestRisks(t *testing.T) {
	tests := []struct {
		name, records string
		risks         int
	}{
		{"none", "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n", 0},
		{"a key revoked", "k1._domainkey.example.com. TXT \"v=DKIM1; p=\"\n", 1},
		{"a key added", "k2._domainkey.example.com. TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n", 0},
		{"the record of a name below", "old.example.com. TXT \"v=spf1 -all\"\n", 1},
		{"told off harder", "_spf.letters.example. TXT \"v=spf1 ip4:198.51.100.0/28 -all\"\nexample.com. TXT \"v=spf1 ip4:192.0.2.10 -ip4:203.0.113.0/24 include:_spf.letters.example -all\"\n", 0},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			rep, err := Replay(t.Context(), Args{Domain: "example.com", Resolver: view(t, zone), Records: records(t, tc.records)})
			if err != nil || len(rep.Risks) != tc.risks {
				t.Errorf("%v, %v", rep.Risks, err)
			}
		})
	}
	soft := view(t, "example.com. TXT \"v=spf1 ip4:192.0.2.10 ~all\"\n")
	rep, err := Replay(t.Context(), Args{Domain: "example.com", Resolver: soft, Records: records(t, "example.com. TXT \"v=spf1 ip4:192.0.2.10 -all\"\n")})
	if err != nil || len(rep.Risks) != 1 {
		t.Errorf("%v, %v", rep.Risks, err)
	}
}

// A flood of forged mail does not push the owner's out.
func TestCollectorKeepsOwnMail(t *testing.T) {
	var c Collector
	for i := range maxWays + 10 {
		c.Add(inventory.Sighting{Source: inventory.FromMailbox, From: "example.com", MailFrom: fmt.Sprintf("x%d.example", i)})
	}
	c.Add(shop)
	found := false
	for s := range c.All() {
		found = found || len(s.DKIM) > 0
	}
	if own, rest := c.Dropped(); !found || own != 0 || rest != 10 {
		t.Errorf("found %v, dropped %d and %d", found, own, rest)
	}
}

// Reasons name what stands in mail, so they are counted within a bound.
func TestReasonsOfStrangersAreBounded(t *testing.T) {
	r := newReplayer("example.com", Args{Domain: "example.com", Resolver: view(t, zone), Inventory: inventory.Inventory{Domain: "example.com", DMARC: inventory.DMARCState{OrgDomain: "example.com"}}})
	for i := range 3 * maxWhys {
		r.add(t.Context(), inventory.Sighting{Source: inventory.FromMailbox, From: "example.com", MailFrom: fmt.Sprintf("x%d.example", i), Address: forged.Address})
	}
	for _, c := range r.sums {
		if c.count != 3*maxWhys || len(c.whys) > maxWhys {
			t.Errorf("%d messages, %d reasons", c.count, len(c.whys))
		}
	}
}

func TestSilenceOfDNSIsUnknown(t *testing.T) {
	today := view(t, "txt:\n  x.example: y\n")
	quiet := view(t, "servfail: [example.com, _dmarc.example.com]\n")
	rep, err := Replay(t.Context(), Args{
		Domain: "example.com", Resolver: quiet, Inventory: listed(t, today, nil, inventory.Given{}), Sightings: each([]inventory.Sighting{ownServer}),
	})
	if err != nil || rep.Sum.Lost != 0 || rep.Sum.AtRisk != 0 || len(rep.Notes) == 0 {
		t.Fatalf("%+v, %v", rep, err)
	}
	if got := rep.Own[0].Receivers[2].After[Unknown]; got != 100 {
		t.Errorf("%d of 100 unknown: %+v", got, rep.Own[0])
	}
}

package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"unspoof/inventory"
)

// guardWorld has domains whose senders are easily forgotten.
const guardWorld = world + `
bounce.gun.example.  MX 10 feedback-smtp.eu-west-1.amazonses.com.
bounce.gun.example.  TXT "v=spf1 include:amazonses.com ~all"
gun.example.         TXT "v=spf1 mx include:mailgun.org ~all"
gun.example.         MX 10 mail.example.com.
fresh.example.       MX 10 mail.example.com.
amazonses.com.       TXT "v=spf1 ip4:203.0.113.128/26 -all"
mailgun.org.         TXT "v=spf1 ip4:203.0.113.64/26 ~all"
servers.mcsv.net.    TXT "v=spf1 ip4:205.201.128.0/20 -all"
shop.example.        MX 0 shop-example.mail.protection.outlook.com.
shop-example.mail.protection.outlook.com. A 198.51.100.1
told.example.        MX 0 shop-example.mail.protection.outlook.com.
told.example.        TXT "v=spf1 ip4:192.0.2.9 -all"
mixed.example.       MX 0 shop-example.mail.protection.outlook.com.
mixed.example.       TXT "v=spf1 mx -all"
plus.example.        TXT "v=spf1 include:spf.service.example +all"
own.example.         TXT "v=spf1 redirect=_spf.own.example"
_spf.own.example.    TXT "v=spf1 ip4:192.0.2.9 include:_spf2.own.example -all"
_spf2.own.example.   TXT "v=spf1 include:mailgun.org -all"
except.example.      TXT "v=spf1 -ip4:192.0.2.9 ip4:192.0.2.0/24 ~all"
h1.six.example.      A 192.0.2.11
h2.six.example.      A 192.0.2.12
h3.six.example.      A 192.0.2.13
torn.example.        TXT "v=spf1 ip4:192.0.2.999 -all"
two.example.         TXT "v=spf1 ip4:192.0.2.9 -all"
two.example.         TXT "v=spf1 ~all"
maybe.example.       TXT "v=spf1 ip4:192.0.2.9 ?include:spf.service.example ?ip4:203.0.113.5 -all"
`

// TestNobodyIsForgotten states what is kept or asked about beyond what the request
// names.
func TestNobodyIsForgotten(t *testing.T) {
	inbound := inventory.Sender{Key: "host:in.example.net", Name: "in.example.net", Kind: inventory.KindHost, Status: inventory.Hinted, Addresses: []inventory.Address{seen("203.0.113.77", 0)}}
	for _, tc := range []struct {
		rule string
		req  SPFRequest
		want string
		out  []string // shut out and not dropped
		says string   // in reasons and warnings
	}{
		{"the subdomain that a service is set up on", SPFRequest{Domain: "bounce.gun.example", Services: []string{"amazon-ses"}}, "v=spf1 include:amazonses.com ~all", nil, "the same"},
		{"a published include at the top", SPFRequest{Domain: "gun.example", MX: true, Services: []string{"mailgun"}}, "v=spf1 mx include:mailgun.org ~all", nil, "stays, because today's record has it"},
		{"an include of a record of one's own", SPFRequest{Domain: "own.example", Addresses: []string{"192.0.2.9"}, Services: []string{"mailgun"}}, "v=spf1 ip4:192.0.2.9 include:mailgun.org -all", nil, "stays, because today's record has it"},
		{"let go by its term", SPFRequest{Domain: "gun.example", MX: true, Services: []string{"mailgun"}, Drop: []string{"include:mailgun.org"}}, "v=spf1 mx ~all", nil, "is shut out, as asked"},
		{"left out where nothing is published", SPFRequest{Domain: "fresh.example", MX: true, Services: []string{"mailgun"}}, "v=spf1 mx ~all", nil, "on the subdomain"},
		{"a mailbox service that receives", SPFRequest{Domain: "shop.example", Services: []string{"mailchimp"}}, "v=spf1 ~all", []string{"service:microsoft-365"}, ""},
		{"dropped by its name", SPFRequest{Domain: "shop.example", Services: []string{"mailchimp"}, Drop: []string{"Microsoft 365"}}, "v=spf1 ~all", nil, "as asked"},
		{"named", SPFRequest{Domain: "shop.example", Services: []string{"microsoft-365"}}, "v=spf1 include:spf.protection.outlook.com ~all", nil, ""},
		{"not let in today either: a word", SPFRequest{Domain: "told.example", Addresses: []string{"192.0.2.9"}}, "v=spf1 ip4:192.0.2.9 -all", nil, "very likely sends it"},
		{"a server of one's own that receives: a word", SPFRequest{Domain: "example.com", Addresses: []string{"192.0.2.99"}}, "v=spf1 ip4:192.0.2.99 ~all", nil, "mail.example.com: your mail is received there"},
		{"the exchangers of a service are its include", SPFRequest{Domain: "shop.example", MX: true}, "v=spf1 include:spf.protection.outlook.com ~all", nil, "stands in the place of mx"},
		{"and mx stays where today's record has it", SPFRequest{Domain: "mixed.example", MX: true}, "v=spf1 mx include:spf.protection.outlook.com -all", nil, "stands in the place of mx"},
		{"who merely receives was not seen to send", SPFRequest{Domain: "fresh.example", MX: true, Inventory: &inventory.Inventory{Domain: "fresh.example", Senders: []inventory.Sender{inbound}}}, "v=spf1 mx ~all", nil, ""},
		{"no advice to keep +all", SPFRequest{Domain: "plus.example", MX: true, Services: []string{"spf.service.example"}}, "v=spf1 mx include:spf.service.example ~all", nil, "lets everybody in (+all)"},
		{"who is kept out by a term", SPFRequest{Domain: "except.example", Addresses: []string{"192.0.2.0/24"}}, "v=spf1 ip4:192.0.2.0/24 ~all", nil, "keeps 192.0.2.9 out (-ip4:192.0.2.9), and this one lets it in by ip4:192.0.2.0/24"},
		{"the neutral that -all would refuse", SPFRequest{Domain: "maybe.example", Addresses: []string{"192.0.2.9"}, Policy: "fail"}, "v=spf1 ip4:192.0.2.9 -all", nil, "?ip4:203.0.113.5: today's record says nothing sure"},
		{"-all stays, and where ~all is to be had is said", SPFRequest{Domain: "maybe.example", Addresses: []string{"192.0.2.9"}}, "v=spf1 ip4:192.0.2.9 -all", nil, "--policy softfail"},
		{"-all of the record redirected to stays", SPFRequest{Domain: "own.example", Addresses: []string{"192.0.2.9"}, Services: []string{"mailgun"}}, "v=spf1 ip4:192.0.2.9 include:mailgun.org -all", nil, "-all stays"},
		{"-all of a record that breaks stays", SPFRequest{Domain: "torn.example", Addresses: []string{"192.0.2.9"}}, "v=spf1 ip4:192.0.2.9 -all", nil, "-all stays"},
		{"one of two records has no -all", SPFRequest{Domain: "two.example", Addresses: []string{"192.0.2.9"}}, "v=spf1 ip4:192.0.2.9 ~all", nil, ""},
		{"three hosts without IPv6 are named by address", SPFRequest{Domain: "six.example", Hosts: []string{"h1.six.example", "h2.six.example", "h3.six.example"}}, "v=spf1 ip4:192.0.2.11 ip4:192.0.2.12/31 ~all", nil, "stand in the place of their names"},
		{"and where today's record has them by name", SPFRequest{Domain: "six.example", Hosts: []string{"h1.six.example"}, Inventory: &inventory.Inventory{Domain: "six.example", Senders: []inventory.Sender{
			{Key: "host:h2.six.example", Name: "h2.six.example", Kind: inventory.KindHost, Status: inventory.InUse, Terms: []string{"a:h2.six.example", "a:h3.six.example"}}}}}, "v=spf1 ip4:192.0.2.11 ip4:192.0.2.12/31 ~all", nil, "stand in the place of their names"},
		{"two of them need not", SPFRequest{Domain: "six.example", Hosts: []string{"h1.six.example", "h2.six.example"}}, "v=spf1 a:h1.six.example a:h2.six.example ~all", nil, ""},
		{"-all goes where softfail is asked for", SPFRequest{Domain: "maybe.example", Addresses: []string{"192.0.2.9"}, Policy: "softfail"}, "v=spf1 ip4:192.0.2.9 ~all", nil, "ends in -all; this one does not"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			p, err := BuildSPF(t.Context(), tc.req, resolver(t, guardWorld))
			var out []string
			for _, s := range p.ShutOut {
				if !s.Dropped {
					out = append(out, s.Name)
				}
			}
			if p.Record.Value != tc.want || !slices.Equal(out, tc.out) || errors.Is(err, ErrLockOut) != (len(tc.out) > 0) || len(tc.out) == 0 && err != nil {
				t.Errorf("%q, shut out %q: %v", p.Record.Value, out, err)
			}
			if said := strings.Join(append(p.Why, p.Warnings...), "\n"); !strings.Contains(said, tc.says) || strings.Contains(said, "ends in +all; this one does not. To keep") {
				t.Errorf("said:\n%s", said)
			}
		})
	}
}

// TestDropMeansNoMore: an address or a term means that, a key or a name the sender.
func TestDropMeansNoMore(t *testing.T) {
	farm := inventory.Sender{
		Key: "host:farm.example.com", Name: "farm.example.com", Kind: inventory.KindHost, Status: inventory.InUse,
		Addresses: []inventory.Address{seen("203.0.113.1", 100), seen("203.0.113.2", 100), seen("203.0.113.3", 100)},
	}
	both := inventory.Sender{Key: "host:mail.example.com", Name: "mail.example.com", Kind: inventory.KindHost, Status: inventory.InUse, Terms: []string{"ip4:192.0.2.99", "mx"}}
	zone := world + "example.com. TXT \"v=spf1 mx ip4:192.0.2.99 ~all\"\n"
	for _, tc := range []struct {
		rule, drop string
		list       inventory.Sender
		want       string
		dropped    string
	}{
		{"an address", "203.0.113.1", farm, "v=spf1 ip4:192.0.2.99 ip4:203.0.113.2/31 mx ~all", "203.0.113.1"},
		{"a term", "ip4:192.0.2.99", both, "v=spf1 mx ~all", "ip4:192.0.2.99"},
		{"the address of a term", "192.0.2.99", both, "v=spf1 mx ~all", "ip4:192.0.2.99"},
		{"the name of the sender", "farm.example.com", farm, "v=spf1 ip4:192.0.2.99 mx ~all", "host:farm.example.com"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			req := SPFRequest{Domain: "example.com", MX: true, Drop: []string{tc.drop}, Inventory: listed(tc.list)}
			if tc.list.Key == farm.Key {
				req.Addresses = []string{"192.0.2.99"}
			}
			p, err := BuildSPF(t.Context(), req, resolver(t, zone))
			if err != nil || p.Record.Value != tc.want {
				t.Errorf("%q, %v", p.Record.Value, err)
			}
			if len(p.ShutOut) != 1 || p.ShutOut[0].Name != tc.dropped || !p.ShutOut[0].Dropped {
				t.Errorf("%+v", p.ShutOut)
			}
		})
	}
}

// TestSeenToNeedTheRecord: what mail has shown goes before what the catalogue says.
func TestSeenToNeedTheRecord(t *testing.T) {
	sends := cataloguedSender(t, "mailchimp", inventory.Sender{Status: inventory.InUse, Addresses: []inventory.Address{seen("205.201.128.9", 500)},
		SPF: inventory.Alignment{Aligned: inventory.Yes, Basis: inventory.Observed, Domain: "example.com"}})
	p, err := BuildSPF(t.Context(), SPFRequest{Domain: "example.com", MX: true, Services: []string{"mailchimp"}, Inventory: listed(sends)}, resolver(t, guardWorld))
	if err != nil || p.Record.Value != "v=spf1 mx include:servers.mcsv.net ~all" {
		t.Errorf("%q, %v", p.Record.Value, err)
	}
	sends.SPF = inventory.Alignment{}
	sends.Addresses[0].SPF = inventory.Yes // today, by what goes
	p, err = BuildSPF(t.Context(), SPFRequest{Domain: "example.com", MX: true, Inventory: listed(sends)}, resolver(t, guardWorld))
	if !errors.Is(err, ErrLockOut) || p.Record.Value != "v=spf1 mx ~all" {
		t.Errorf("let in today, and left out by the catalogue alone: %q, %v", p.Record.Value, err)
	}
}

// TestNothingToChange: only a record that works is one that nothing is to be done
// about.
func TestNothingToChange(t *testing.T) {
	zone := "big.example. TXT \"v=spf1 include:b1.example include:b2.example include:b3.example ~all\"\n"
	for _, b := range []string{"b1", "b2", "b3"} {
		zone += b + ".example. TXT \"v=spf1 include:c1.example include:c2.example include:c3.example ~all\"\n"
	}
	for _, c := range []string{"c1", "c2", "c3"} {
		zone += c + ".example. TXT \"v=spf1 ip4:203.0.113.1 ~all\"\n"
	}
	a, err := Author(t.Context(), Request{SPF: SPFRequest{Domain: "big.example", Services: []string{"b1.example", "b2.example", "b3.example"}}}, resolver(t, zone))
	step, _ := a.Step("spf")
	if !errors.Is(err, ErrTooManyLookups) || !step.Open() || a.Next != "spf" || strings.Contains(strings.Join(step.Why, " "), "nothing needs to change") {
		t.Errorf("%v: %+v, next %q", err, step, a.Next)
	}

	said := strings.Join(step.Do, " ")
	if i := slices.IndexFunc(step.Before, func(c Condition) bool { return c.ID == "within-limits" }); i < 0 || step.Before[i].State != NotMet || !strings.Contains(said, "spf flatten") {
		t.Errorf("the ways out are part of the step: %+v", step)
	}
	torn := "torn.example. TXT \"v=spf1 ip4:192.0.2.9 include:spf.torn.service.example ~all\"\nspf.torn.service.example. TXT \"v=spf1 ip4:203.0.113.1 include:gone.service.example -all\"\n"
	req := SPFRequest{Domain: "torn.example", Addresses: []string{"192.0.2.9"}, Services: []string{"spf.torn.service.example"}}
	a, err = Author(t.Context(), Request{SPF: req}, resolver(t, torn))
	step, _ = a.Step("spf")
	if err != nil || !slices.Equal(a.SPF.Broken, []string{"gone.service.example"}) || !step.Open() || a.Next != "spf" || strings.Contains(strings.Join(step.Why, " "), "nothing needs to change") {
		t.Errorf("an error further down: %v, %q, next %q: %+v", err, a.SPF.Broken, a.Next, step)
	}
	many := "many.example. TXT \"v=spf1 mx ~all\"\n"
	for i := range 12 {
		many += fmt.Sprintf("many.example. MX 10 m%d.many.example.\nm%d.many.example. A 192.0.2.%d\n", i, i, i+1)
	}
	a, err = Author(t.Context(), Request{SPF: SPFRequest{Domain: "many.example", MX: true}}, resolver(t, many))
	if err != nil || a.Next != "spf" || !strings.Contains(a.NextWhy, "leads to 12 hosts") {
		t.Errorf("%v: next %q, %s", err, a.Next, a.NextWhy)
	}
	again := "again.example. MX 10 mail.example.com.\nmail.example.com. A 192.0.2.25\nagain.example. TXT \"v=spf1 mx ip4:192.0.2.9 ~all\"\n"
	a, err = Author(t.Context(), Request{SPF: SPFRequest{Domain: "again.example", MX: true, Addresses: []string{"192.0.2.9"}}}, resolver(t, again))
	step, _ = a.Step("spf")
	if err != nil || step.Open() || step.Record.Value != "" || len(step.Warnings) > 0 || !strings.Contains(strings.Join(step.Why, " "), "means the same") {
		t.Errorf("only written otherwise: %v: %+v", err, step)
	}
}

package inventory

import (
	"strings"
	"testing"
)

// Terms that do not let in what they name are no senders, and nothing admits what the
// owner refuses.
func TestTermsThatLetNobodyIn(t *testing.T) {
	inv := build(t, `example.com. TXT "v=spf1 -ip4:192.0.2.66 ?include:spf.mailjet.com exists:%{i}.l.example.com ~a:web.example.com redirect=_spf.example.com"
_spf.example.com. TXT "v=spf1 -ip4:198.51.100.4 include:_in.example.com -all"
_in.example.com. TXT "v=spf1 -ip4:198.51.100.9 ip4:198.51.100.0/28 ?all"
web.example.com. A 192.0.2.80
spf.mailjet.com. TXT "v=spf1 ip4:203.0.113.128/25 ~all"
`, Given{})
	for _, c := range []struct {
		key    string
		status Status
		listed bool
		word   string // of the sentence
		steps  int
	}{
		{"net:192.0.2.66", Hinted, true, "refuses it: -ip4:192.0.2.66", 0},
		{"host:web.example.com", Hinted, true, "refuses it: ~a:web.example.com", 0},
		{"net:198.51.100.4", Hinted, true, "refuses it", 0},
		{"net:198.51.100.9", Hinted, true, "does not let it in", 1}, // an include's refusal decides nothing
		{"service:mailjet", Hinted, true, "does not let it in", 1},
		{"net:198.51.100.0/28", Unseen, false, "may send", 2},
		{"include:%{i}.l.example.com", Unseen, false, "may send", 1},
	} {
		s := find(t, inv.Senders, c.key)
		if s.Status != c.status || s.Listed() != c.listed || !strings.Contains(s.Sentence, c.word) || len(s.Setup) != c.steps {
			t.Errorf("%s: %s, listed %v: %s %+v", c.key, s.Status, s.Listed(), s.Sentence, s.Setup)
		}
		for _, st := range s.Setup {
			if s.Listed() && st.Kind != StepConfirm || strings.Contains(st.Value, "%{i}") {
				t.Errorf("%s: a step that admits: %+v", c.key, st)
			}
		}
	}
	if name := find(t, inv.Senders, "include:%{i}.l.example.com").Name; name != "exists:%{i}.l.example.com" {
		t.Errorf("name %q", name)
	}
	// Named by hand, what the record refuses is not simply let in beside that.
	inv = build(t, "example.com. TXT \"v=spf1 -a:web.example.com -all\"\nweb.example.com. A 192.0.2.80\n", Given{Hosts: []string{"web.example.com"}})
	for _, st := range find(t, inv.Senders, "host:web.example.com").Setup {
		if st.Kind == StepSPF {
			t.Errorf("%+v", st)
		}
	}
}

// What makes the whole record worthless is told as data.
func TestRecordsThatAreWorthless(t *testing.T) {
	for _, c := range []struct {
		name, zone                string
		absent, broken, everybody bool
	}{
		{"good", "example.com. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n", false, false, false},
		{"none", "example.com. TXT x\n", false, false, false},
		{"no such domain", "example.net. TXT x\n", true, false, false},
		{"several", "example.com. TXT \"v=spf1 -all\"\nexample.com. TXT \"v=spf1 mx -all\"\n", false, true, false},
		{"not valid", "example.com. TXT \"v=spf1 ipv4:192.0.2.1 -all\"\n", false, true, false},
		{"a loop", "example.com. TXT \"v=spf1 include:example.com -all\"\n", false, true, false},
		{"an include that is missing", "example.com. TXT \"v=spf1 include:gone.example -all\"\n", false, true, false},
		{"everybody", "example.com. TXT \"v=spf1 mx +all\"\n", false, false, true},
		{"everybody, by networks", "example.com. TXT \"v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all\"\n", false, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv := build(t, c.zone, Given{})
			if inv.Absent != c.absent || inv.SPF.Broken != c.broken || inv.SPF.Everybody != c.everybody {
				t.Errorf("absent %v, %+v", inv.Absent, inv.SPF)
			}
			if (c.broken || c.everybody) && inv.SPF.Problem == "" {
				t.Error("no sentence about it")
			}
		})
	}
}

// One message of a stranger's changes nothing that is said of a sender.
func TestClaimsDecideNothing(t *testing.T) {
	for _, given := range []Given{{Services: []string{"mailchimp"}}, {Services: []string{"sendgrid"}}} {
		clean := build(t, world, given)
		for _, s := range []Sighting{
			{MailFrom: "mail7.atl11.rsgsv.net", SPF: "pass", DKIM: []Signature{{"mcsv.net", "k1", "pass"}}},
			{MailFrom: "mail.sendgrid.net", SPF: "pass", DKIM: []Signature{{"sendgrid.net", "s1", "pass"}}},
			{DKIM: []Signature{{"example.com", "k1", ""}, {"example.com", "s1", "fail"}}},
		} {
			s.Source, s.Trusted, s.Address, s.From = FromMailbox, true, ip("233.252.0.9"), "example.com"
			with := build(t, world, given, s)
			for i := range clean.Senders {
				a, b := clean.Senders[i], with.Senders[i]
				b.Claimed = Volume{}
				if x, y := asJSON(t, Inventory{Senders: []Sender{a}}), asJSON(t, Inventory{Senders: []Sender{b}}); x != y {
					t.Errorf("with %+v\n%s\nwithout\n%s", s, y, x)
				}
			}
		}
	}
}

package forensics

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCampaigns(t *testing.T) {
	at := func(h int) time.Time { return monday.Add(time.Duration(h) * time.Hour) }
	base := sample{from: "Support <john@brand.example>", subject: "Your account is limited", ip: "203.0.113.5", verdict: Spoofed, confidence: Medium}
	for _, c := range []struct {
		name    string
		changes []func(*sample)
		want    []int // messages of each campaign, largest first
	}{
		{"rotating local parts", []func(*sample){
			func(s *sample) {}, func(s *sample) { s.from = "Support <mary@brand.example>" }, func(s *sample) { s.from = "Support <sales@brand.example>" }}, []int{3}},
		{"rotating networks", []func(*sample){
			func(s *sample) {}, func(s *sample) { s.ip = "198.51.100.7" }, func(s *sample) { s.ip = "2001:db8::5" }}, []int{3}},
		{"numbers, reply marks, case and accents in the subject", []func(*sample){
			func(s *sample) { s.subject = "Your account 4711 is limited" }, func(s *sample) { s.subject = "RE: your ACCOUNT 0815 is límited!" }}, []int{2}},
		{"the sender's and the recipient's name in the subject", []func(*sample){
			func(s *sample) { s.subject, s.rcpt = "Peter, your account is limited", "peter@far.example" },
			func(s *sample) { s.subject, s.rcpt = "Paula, your account is limited", "paula@far.example" },
			func(s *sample) { s.subject, s.rcpt = "John, your account is limited", "x@far.example" }}, []int{3}},
		{"another subject and name", []func(*sample){
			func(s *sample) {}, func(s *sample) { s.subject, s.from = "Cheap watches for everybody", "Dealer <x@brand.example>" }}, []int{1, 1}},
		{"another subject, the same name and link host", []func(*sample){
			func(s *sample) { s.text = "http://evil.example/1" }, func(s *sample) { s.subject, s.text = "Something else again", "http://evil.example/2" }}, []int{2}},
		{"another subject, the same name alone", []func(*sample){
			func(s *sample) {}, func(s *sample) { s.subject = "Something else again" }}, []int{1, 1}},
		{"everything changed but the link host, one network", []func(*sample){
			func(s *sample) { s.text = "http://evil.example/1" },
			func(s *sample) {
				s.subject, s.from, s.ip, s.text = "Win big prizes tonight", "Lotto <x@brand.example>", "203.0.200.9", "http://evil.example/2"
			}}, []int{2}},
		{"a link that everybody has", []func(*sample){
			func(s *sample) { s.text = "http://www.w3.org/x" },
			func(s *sample) {
				s.subject, s.from, s.text = "Win big prizes tonight", "Lotto <x@brand.example>", "http://www.w3.org/x"
			}}, []int{1, 1}},
		{"a link to ourselves", []func(*sample){
			func(s *sample) { s.text = "http://www.brand.example/" },
			func(s *sample) {
				s.subject, s.from, s.text = "Win big prizes tonight", "Lotto <x@brand.example>", "http://www.brand.example/"
			}}, []int{1, 1}},
		{"a short subject without a name needs the network", []func(*sample){
			func(s *sample) { s.subject, s.from = "hello", "a@brand.example" }, func(s *sample) { s.subject, s.from, s.ip = "hello", "b@brand.example", "198.51.100.1" },
			func(s *sample) { s.subject, s.from, s.ip = "Hello!", "b@brand.example", "203.0.99.1" }}, []int{2, 1}},
		{"72 hours of silence", []func(*sample){
			func(s *sample) { s.t0 = at(0) }, func(s *sample) { s.t0 = at(72) }, func(s *sample) { s.t0 = at(145) }}, []int{2, 1}},
		{"a bridge read last", []func(*sample){
			func(s *sample) { s.t0 = at(0) }, func(s *sample) { s.t0 = at(100) }, func(s *sample) { s.t0 = at(50) }}, []int{3}},
		{"no time at all joins", []func(*sample){
			func(s *sample) { s.t0 = time.Time{} }, func(s *sample) { s.t0 = at(100) }}, []int{2}},
		{"judged differently", []func(*sample){
			func(s *sample) {}, func(s *sample) { s.verdict = Compromised }}, []int{1, 1}},
		{"undecided joins what it looks like", []func(*sample){
			func(s *sample) {}, func(s *sample) { s.verdict, s.t0 = Unknown, at(3) }}, []int{2}},
		{"decided joins undecided before it", []func(*sample){
			func(s *sample) { s.verdict = Unknown }, func(s *sample) { s.t0 = at(3) }}, []int{2}},
		{"undecided does not join two verdicts", []func(*sample){
			func(s *sample) { s.verdict = Unknown }, func(s *sample) { s.t0 = at(3) }, func(s *sample) { s.t0, s.verdict = at(4), Compromised }}, []int{2, 1}},
		{"nothing to group by", []func(*sample){
			func(s *sample) { s.from, s.subject = "a@brand.example", "" }, func(s *sample) { s.from, s.subject = "a@brand.example", "" }}, nil},
	} {
		var samples []sample
		for i, change := range c.changes {
			s := base
			s.id, s.t0 = fmt.Sprintf("<%d@x>", i), at(i)
			change(&s)
			samples = append(samples, s)
		}
		for _, order := range []string{"as read", "reversed"} {
			var got []int
			for _, k := range report(mailboxOf(brandProfile(), samples...)).Campaigns {
				got = append(got, k.Messages)
			}
			slices.Sort(got)
			slices.Reverse(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, %s: got %v, want %v", c.name, order, got, c.want)
			}
			slices.Reverse(samples)
		}
	}
}

func TestCampaignTellsWhatItIs(t *testing.T) {
	var wave []sample
	for i := range 34 {
		wave = append(wave, sample{
			id: fmt.Sprintf("<%d@x>", i), from: fmt.Sprintf("Bank of America <%s@brand.example>", []string{"john", "mary", "sales"}[i%3]),
			subject: "Your account is limited", text: "Dear customer,\r\nyour password expires: http://bank-of-america.evil.example/login?id=" + fmt.Sprint(i),
			ip: fmt.Sprintf("203.0.%d.5", 113+i%9), t0: monday.Add(time.Duration(i) * time.Minute), verdict: Spoofed, confidence: High, rcpt: "a@far.example",
		})
	}
	wave = append(wave, wave[0]) // a second notice of one of them
	r := report(mailboxOf(brandProfile(), wave...))
	if len(r.Campaigns) != 1 {
		t.Fatalf("got %d campaigns", len(r.Campaigns))
	}
	c := r.Campaigns[0]
	if c.Messages != 34 || c.Notices != 35 || c.NSenders != 3 || c.Senders[0] != (Count{"john@brand.example", 12}) || c.Verdict != Spoofed {
		t.Errorf("got %+v", c)
	}
	if !slices.Equal(c.Brands, []string{"Bank of America"}) || !slices.Equal(c.Links, []string{"hxxp://bank-of-america[.]evil[.]example/login?…"}) {
		t.Errorf("brands %q, links %q", c.Brands, c.Links)
	}
	if !strings.HasPrefix(c.Excerpt, "Dear customer, your password expires: hxxp://bank-of-america[.]evil") || len(c.Handoffs) != 9 {
		t.Errorf("excerpt %q, hand-offs %q", c.Excerpt, c.Handoffs)
	}
	if c.EstimateN != 35 || !strings.Contains(c.Estimate, "At least 35") || !strings.Contains(c.Estimate, "estimate") {
		t.Errorf("estimate %d, %q", c.EstimateN, c.Estimate)
	}
	if !c.First.Equal(monday) || !c.Last.Equal(monday.Add(33*time.Minute)) {
		t.Errorf("from %s to %s", c.First, c.Last)
	}
	if !slices.ContainsFunc(r.Reasons, func(x Reason) bool { return strings.Contains(x.Text, "imitates Bank of America") }) {
		t.Errorf("reasons %+v", r.Reasons)
	}
}

func TestCampaignsFromInsideComeFirst(t *testing.T) {
	r := report(mailboxOf(brandProfile(), append(repeat(9, spoofedAt("s", monday)), compromisedAt("c", monday))...))
	if len(r.Campaigns) != 2 || r.Campaigns[0].Verdict != Compromised {
		t.Errorf("got %+v", r.Campaigns)
	}
}

func TestListsAreBounded(t *testing.T) {
	var many []sample
	for i := range 300 {
		s := spoofedAt(fmt.Sprint(i), monday.Add(time.Duration(i)*time.Second))
		s.subject, s.from, s.ip = "subject "+letters(i*31)+" "+letters(i*17+3), fmt.Sprintf("N%s <u%d@brand.example>", letters(i), i), fmt.Sprintf("203.%d.%d.1", i/200, i)
		if i > 255 {
			s.ip = ""
		}
		many = append(many, s)
	}
	r := report(mailboxOf(brandProfile(), many...))
	if len(r.Campaigns) > maxCampaignList || len(r.AbusedSenders) > maxSenderList || len(r.UnknownSenders) > maxSenderList || len(r.Handoffs) > maxHandoffList {
		t.Errorf("%d campaigns, %d and %d senders, %d hand-offs", len(r.Campaigns), len(r.AbusedSenders), len(r.UnknownSenders), len(r.Handoffs))
	}
	if !slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.Contains(w, "not listed") }) {
		t.Errorf("warnings %q", r.Warnings)
	}
}

// A flood of forged mail leaves room for what was sent from inside.
func TestAFloodDoesNotHideTheBreakIn(t *testing.T) {
	m := NewMailbox(MailboxArgs{Profile: brandProfile()})
	for i := range 20_000 {
		n, j := spoofedAt(fmt.Sprint(i), monday.Add(time.Duration(i)*time.Second)).notice()
		n.Original.Subject = letters(i*31+7) + " " + letters(i*17+3) + " " + letters(i) + strings.Repeat(" word", 30)
		n.Original.Text = strings.Repeat(letters(i)+" ", 60)
		m.Add(n, j)
	}
	m.Add(compromisedAt("c", monday).notice())
	r := report(m)
	if len(r.Campaigns) == 0 || r.Campaigns[0].Verdict != Compromised || r.Campaigns[0].Subject != "Invoice" {
		t.Errorf("first campaign %+v", r.Campaigns[:1])
	}
	if m.shapes.missed == 0 || !slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.Contains(w, "in no campaign") }) {
		t.Errorf("the flood found room: missed %d, %q", m.shapes.missed, r.Warnings)
	}
	if r.Messages != 20_001 || r.PerMessage[Spoofed] != 20_000 {
		t.Errorf("counted %d", r.Messages)
	}
}

package plan

import (
	"slices"
	"strings"
	"testing"

	"unspoof/dmarc"
	"unspoof/inventory"
)

// TestLadder states where each record of today stands, and what comes next.
func TestLadder(t *testing.T) {
	for _, tc := range []struct {
		rule, today string
		next, value string // of the next rung; "" at the top
	}{
		{"nothing yet: watch", "", "watch", "v=DMARC1; p=none; rua=mailto:dmarc@example.com"},
		{"names that don't exist come first", "v=DMARC1; p=none; rua=mailto:r@example.com", "missing-subdomains", "v=DMARC1; p=none; np=reject; rua=mailto:r@example.com"},
		{"then subdomains", "v=DMARC1; p=none; np=reject; rua=mailto:r@example.com", "subdomains", "v=DMARC1; p=none; sp=quarantine; np=reject; rua=mailto:r@example.com"},
		{"then the domain, as a test", "v=DMARC1; p=none; sp=quarantine; np=reject; rua=mailto:r@example.com", "quarantine-test", "v=DMARC1; p=quarantine; np=reject; t=y; rua=mailto:r@example.com"},
		{"then in earnest", "v=DMARC1; p=quarantine; np=reject; t=y; rua=mailto:r@example.com", "quarantine", "v=DMARC1; p=quarantine; np=reject; rua=mailto:r@example.com"},
		{"subdomains are refused before the domain", "v=DMARC1; p=quarantine; np=reject; rua=mailto:r@example.com", "subdomains-reject", "v=DMARC1; p=quarantine; sp=reject; rua=mailto:r@example.com"},
		{"reject as a test", "v=DMARC1; p=quarantine; sp=reject; rua=mailto:r@example.com", "reject-test", "v=DMARC1; p=reject; t=y; rua=mailto:r@example.com"},
		{"reject", "v=DMARC1; p=reject; t=y; rua=mailto:r@example.com", "reject", "v=DMARC1; p=reject; rua=mailto:r@example.com"},
		{"the top", "v=DMARC1; p=reject; rua=mailto:r@example.com", "", ""},
		{"a policy of today is never weakened", "v=DMARC1; p=quarantine; rua=mailto:r@example.com", "missing-subdomains", "v=DMARC1; p=quarantine; np=reject; rua=mailto:r@example.com"},
		{"open subdomains under reject", "v=DMARC1; p=reject; sp=none; rua=mailto:r@example.com", "missing-subdomains", "v=DMARC1; p=reject; sp=none; np=reject; rua=mailto:r@example.com"},
		{"a test of nothing ends", "v=DMARC1; p=none; t=y; rua=mailto:r@example.com", "watch", "v=DMARC1; p=none; rua=mailto:r@example.com"},
		{"what else is there stays, what is gone goes", "v=DMARC1; p=none; adkim=s; aspf=s; pct=50; rua=mailto:r@example.com; ruf=mailto:f@example.com; fo=1:d", "missing-subdomains", "v=DMARC1; p=none; np=reject; adkim=s; aspf=s; rua=mailto:r@example.com; ruf=mailto:f@example.com; fo=1:d"},
		{"without reports nothing is watched", "v=DMARC1; p=none", "watch", "v=DMARC1; p=none; rua=mailto:dmarc@example.com"},
		{"reports of failures alone are not enough", "v=DMARC1; p=none; ruf=mailto:f@example.com", "watch", "v=DMARC1; p=none; rua=mailto:dmarc@example.com; ruf=mailto:f@example.com"},
		{"nor is a stricter policy, which stays", "v=DMARC1; p=quarantine; sp=none", "watch", "v=DMARC1; p=quarantine; sp=none; rua=mailto:dmarc@example.com"},
		{"nor a test of one", "v=DMARC1; p=reject; t=y", "watch", "v=DMARC1; p=reject; t=y; rua=mailto:dmarc@example.com"},
		{"at the top nothing is left to watch for", "v=DMARC1; p=reject", "", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			zone := "example.com. A 192.0.2.1\n"
			if tc.today != "" {
				zone += "_dmarc.example.com. TXT \"" + tc.today + "\"\n"
			}
			p, err := BuildDMARC(t.Context(), DMARCRequest{Domain: "example.com"}, resolver(t, zone))
			if err != nil {
				t.Fatal(err)
			}
			next, ok := p.Next()
			if next.ID != tc.next || ok != (tc.next != "") || p.Record.Value != tc.value || next.Record.Value != tc.value {
				t.Errorf("next %q, record %q (%q), want %q %q", next.ID, p.Record.Value, next.Record.Value, tc.next, tc.value)
			}
			monotone(t, tc.today, p)
		})
	}
}

// monotone holds that no rung to come asks for less of anybody than today's
// record, and that each can be read back.
func monotone(t *testing.T, today string, p DMARCPlan) {
	t.Helper()
	var was asked
	if rec, err := dmarc.Parse(today); err == nil {
		was = asked{rec.Policy, rec.Subdomain, rec.NonExistent, rec.Test}.filled()
	}
	for _, r := range p.Ladder {
		if r.State == RungDone {
			continue
		}
		rec, err := dmarc.Parse(r.Record.Value)
		if err != nil {
			t.Fatalf("%s: %v", r.Record.Value, err)
		}
		now := asked{rec.Policy, rec.Subdomain, rec.NonExistent, rec.Test}.filled()
		if now.p.Weaker(was.p) || now.sp.Weaker(was.sp) || now.np.Weaker(was.np) {
			t.Errorf("rung %s: %s is weaker than %s", r.ID, r.Record.Value, today)
		}
		if now != (asked{r.Policy, r.Subdomain, r.NonExistent, r.Test}) {
			t.Errorf("rung %s: the record %q is not %+v", r.ID, r.Record.Value, r)
		}
		was = now
	}
}

// TestLadderStands: a rung that today's record has passed but for one below it is
// not climbed again, which would take its test back.
func TestLadderStands(t *testing.T) {
	p, err := BuildDMARC(t.Context(), DMARCRequest{Domain: "example.com"}, resolver(t, "_dmarc.example.com. TXT \"v=DMARC1; p=quarantine; rua=mailto:r@example.com\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	var stands []string
	for _, r := range p.Ladder {
		stands = append(stands, r.ID+" "+string(r.State))
	}
	want := []string{"watch done", "missing-subdomains next", "subdomains done", "quarantine-test done", "quarantine done", "subdomains-reject later", "reject-test later", "reject later"}
	if !slices.Equal(stands, want) {
		t.Errorf("%q", stands)
	}
	if p, err = BuildDMARC(t.Context(), DMARCRequest{Domain: "example.com", Parked: true, Confirmed: true}, resolver(t, "example.com. A 192.0.2.1\n")); err != nil || len(p.Ladder) > 0 {
		t.Errorf("a domain without mail is locked at once: %+v, %v", p.Ladder, err)
	}
}

// TestLadderBelow: sp and np do nothing at a name below the organisational domain
// (RFC 9989 section 4.7).
func TestLadderBelow(t *testing.T) {
	p, err := BuildDMARC(t.Context(), DMARCRequest{Domain: "mail.example.com"}, resolver(t, "_dmarc.mail.example.com. TXT \"v=DMARC1; p=none\"\n_dmarc.example.com. TXT \"v=DMARC1; p=none\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Ladder {
		if strings.Contains(r.ID, "subdomains") || strings.Contains(r.Record.Value, "sp=") || strings.Contains(r.Record.Value, "np=") {
			t.Errorf("rung %s: %s", r.ID, r.Record.Value)
		}
	}
}

func TestDMARCRequests(t *testing.T) {
	zone := resolver(t, `
_dmarc.reject.example.  TXT "v=DMARC1; p=reject; sp=none; rua=mailto:r@reject.example"
_dmarc.top.example.     TXT "v=DMARC1; p=reject; rua=mailto:r@top.example"
_dmarc.deaf.example.    TXT "v=DMARC1; p=none"
_dmarc.wild.example.    TXT "v=DMARC1; p=none; rua=mailto:r@wild.example"
*.wild.example.         TXT "x"
_dmarc.two.example.     TXT "v=DMARC1; p=none"
_dmarc.two.example.     TXT "v=DMARC1; p=reject"
agrees.example._report._dmarc.far.example. TXT "v=DMARC1"
`)
	for _, tc := range []struct {
		rule string
		req  DMARCRequest
		want string // the record
		says string // in warnings or reasons
	}{
		{"as asked", DMARCRequest{Domain: "a.example", Policy: "quarantine", Subdomain: "reject", NonExistent: "reject", Test: true}, "v=DMARC1; p=quarantine; sp=reject; t=y; rua=mailto:dmarc@a.example", "one level lower"},
		{"weaker than today", DMARCRequest{Domain: "reject.example", Policy: "none"}, "v=DMARC1; p=none; rua=mailto:r@reject.example", "take protection away"},
		{"stronger for subdomains than today", DMARCRequest{Domain: "reject.example", Policy: "reject"}, "v=DMARC1; p=reject; rua=mailto:r@reject.example", "asks for less of subdomains (none)"},
		{"parked", DMARCRequest{Domain: "a.example", Parked: true}, "v=DMARC1; p=reject", "sends nothing"},
		{"the top, and reports to go elsewhere", DMARCRequest{Domain: "top.example", Reports: []string{"new@top.example"}}, "v=DMARC1; p=reject; rua=mailto:new@top.example", "The policy stays"},
		{"the same of a domain that is locked", DMARCRequest{Domain: "top.example", Parked: true, Confirmed: true, Reports: []string{"new@top.example"}}, "v=DMARC1; p=reject; rua=mailto:new@top.example", "The policy stays"},
		{"the top, and reports as today", DMARCRequest{Domain: "top.example", Reports: []string{"r@top.example"}}, "", "nothing needs to change"},
		{"covered by a record that nobody watches", DMARCRequest{Domain: "below.deaf.example"}, "", "The record of deaf.example brings no reports"},
		{"np below a wildcard", DMARCRequest{Domain: "wild.example"}, "v=DMARC1; p=none; np=reject; rua=mailto:r@wild.example", "np=reject does nothing"},
		{"several today", DMARCRequest{Domain: "two.example"}, "v=DMARC1; p=none; rua=mailto:dmarc@two.example", "several DMARC records"},
		{"reports to others, who agree", DMARCRequest{Domain: "agrees.example", Policy: "none", Reports: []string{"mailto:r@far.example"}}, "v=DMARC1; p=none; rua=mailto:r@far.example", ""},
		{"reports to others, who don't", DMARCRequest{Domain: "a.example", Policy: "none", Reports: []string{"r@far.example"}}, "v=DMARC1; p=none; rua=mailto:r@far.example", "does not say that it wants"},
		{"characters that a list would cut at", DMARCRequest{Domain: "a.example", Policy: "none", Reports: []string{"a!b?c%d@a.example"}}, "v=DMARC1; p=none; rua=mailto:a%21b%3Fc%25d@a.example", ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			p, err := BuildDMARC(t.Context(), tc.req, zone)
			if err != nil {
				t.Fatal(err)
			}
			if said := strings.Join(append(p.Warnings, p.Why...), "\n"); p.Record.Value != tc.want || !strings.Contains(said, tc.says) {
				t.Errorf("got %q\n%s", p.Record.Value, said)
			}
			if consent := strings.Contains(tc.says, "wants"); consent != (len(p.Consent) == 1) {
				t.Errorf("consent %+v", p.Consent)
			}
		})
	}
	p, _ := BuildDMARC(t.Context(), DMARCRequest{Domain: "a.example", Policy: "none", Reports: []string{"r@far.example"}}, zone)
	if p.Consent[0].Name != "a.example._report._dmarc.far.example" || p.Consent[0].Value != "v=DMARC1" {
		t.Errorf("consent %+v", p.Consent)
	}
	for _, req := range []DMARCRequest{
		{}, {Domain: "a.example", Policy: "strict"}, {Domain: "a.example", Subdomain: "none"}, {Domain: "a.example", Test: true},
		{Domain: "a.example", Reports: []string{"nobody"}}, {Domain: "a.example", Reports: make([]string, maxReports+1)}, {Domain: "a.example", Reports: []string{strings.Repeat("x", 1<<16)}},
	} {
		if _, err := BuildDMARC(t.Context(), req, zone); err == nil || !strings.HasPrefix(err.Error(), "plan: ") {
			t.Errorf("%+v: %v", req, err)
		}
	}
}

// TestDMARCWithoutDNS: silence makes no ladder, and no claim about today.
func TestDMARCWithoutDNS(t *testing.T) {
	p, err := BuildDMARC(t.Context(), DMARCRequest{Domain: "example.com"}, nil)
	if err != nil || !p.Unsure || len(p.Ladder) != 0 || p.Record.Value != "v=DMARC1; p=none; rua=mailto:dmarc@example.com" {
		t.Errorf("%v: %+v", err, p)
	}
}

// TestConditions states what each condition rests on.
func TestConditions(t *testing.T) {
	aligned := inventory.Sender{Name: "Good", Status: inventory.InUse, SPF: inventory.Alignment{Aligned: inventory.Yes}, DKIM: inventory.Alignment{Aligned: inventory.Yes}, From: []string{"example.com"}}
	unsigned := inventory.Sender{Name: "Unsigned", Status: inventory.InUse, SPF: inventory.Alignment{Aligned: inventory.Yes}, DKIM: inventory.Alignment{Aligned: inventory.No}, From: []string{"example.com"}}
	open := inventory.Sender{Name: "Open", Status: inventory.InUse, SPF: inventory.Alignment{Aligned: inventory.No}, DKIM: inventory.Alignment{Aligned: inventory.Unknown}, From: []string{"news.example.com"}}
	bad := inventory.Sender{Name: "Bad", Status: inventory.Unauthorised, SPF: inventory.Alignment{Aligned: inventory.No}, DKIM: inventory.Alignment{Aligned: inventory.No}, From: []string{"news.example.com"}}
	mx := inventory.Sender{Name: "Receives", Status: inventory.Hinted}
	for _, tc := range []struct {
		rule    string
		senders []inventory.Sender
		claims  int
		need    need
		want    State
	}{
		{"no inventory says nothing", nil, 0, needAligned, NotKnown},
		{"all aligned", []inventory.Sender{aligned, unsigned, mx}, 0, needAligned, Met},
		{"one that is not decides", []inventory.Sender{aligned, bad, open}, 0, needAligned, NotMet},
		{"one that is not known leaves it open", []inventory.Sender{aligned, open}, 0, needAligned, NotKnown},
		{"signing is asked of each", []inventory.Sender{aligned, unsigned}, 0, needSigned, NotMet},
		{"a subdomain that fails", []inventory.Sender{aligned, bad}, 0, needSubdomainsAligned, NotMet},
		{"no subdomain seen proves nothing", []inventory.Sender{aligned}, 0, needSubdomainsAligned, NotKnown},
		{"a claim left open", []inventory.Sender{aligned}, 1, needAllNamed, NotMet},
		{"nobody can prove that all are named", []inventory.Sender{aligned}, 0, needAllNamed, NotKnown},
		{"reports are not read here", []inventory.Sender{aligned}, 0, needCleanReports, NotKnown},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			f := facts{domain: "example.com"}
			if tc.senders != nil {
				f.inventory = &inventory.Inventory{Domain: "example.com", Senders: tc.senders, Claims: slices.Repeat([]inventory.Sender{bad}, tc.claims)}
			}
			if c := tc.need(f); c.State != tc.want || c.ID == "" || c.Text == "" || c.Basis == "" || c.Check == "" {
				t.Errorf("got %+v, want %s", c, tc.want)
			}
		})
	}
}

// TestSeveralToday: a third record beside two would mend nothing.
func TestSeveralToday(t *testing.T) {
	p, err := BuildDMARC(t.Context(), DMARCRequest{Domain: "two.example"}, resolver(t, "_dmarc.two.example. TXT \"v=DMARC1; p=none\"\n_dmarc.two.example. TXT \"v=DMARC1; p=reject\"\n"))
	if step := dmarcStep(p); err != nil || step.Change != Replace || len(step.Today) != 2 {
		t.Errorf("%v: %+v", err, step)
	}
}

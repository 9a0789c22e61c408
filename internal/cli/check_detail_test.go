package cli

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"unspoof/finding"
	"unspoof/internal/cli/ui"
	"unspoof/internal/fleet"
	"unspoof/posture"
)

// shown gives what is printed of a report.
func shown(rep posture.Report) string {
	var b bytes.Buffer
	p := &program{out: ui.NewOut(&b, func(string) string { return "" })}
	p.showPosture(rep)
	return strings.Join(strings.Fields(b.String()), " ")
}

// whole is a report with all that a full one may hold; x stands wherever text
// from outside may.
func whole(x string) posture.Report {
	out := posture.Outcome{Does: posture.Refused, Why: "why " + x, Record: x, At: x}
	return posture.Report{
		Domain: "a.example", Verdict: posture.Verdict{Exposure: posture.Partly, Sentence: "Some " + x, Because: []string{x}},
		Grade: posture.Grade{Letter: "C", Points: 70, Deductions: []posture.Deduction{{ID: "SPF-004", Points: 30, What: x}}, AtBest: true},
		MX:    []string{x}, SPF: x, DMARC: x, Services: []string{x}, CatchAll: x,
		TruthTable: []posture.Forgery{
			{ID: "exact", What: "the domain " + x, DMARC: out, Former: posture.Outcome{Does: posture.Marked}, SPFOnly: posture.Outcome{Does: posture.Accepted}},
			{ID: "other", What: "another", DMARC: out, Former: posture.Outcome{Does: posture.SpamFolder}, SPFOnly: posture.Outcome{Does: posture.Undecidable}},
		},
		Exposure:  &posture.ExposureScore{Points: 12, AtLeast: true, IPv4: "1234567", IPv6: "79228162514264337593543950336", Parts: []posture.Part{{What: "addresses", Points: 12, Why: "part " + x}}},
		Claimable: []posture.Claim{{Name: "gone.example", Via: x, Evidence: finding.Evidence{Query: "SOA gone.example", Answer: "NXDOMAIN " + x, Server: "192.0.2.53"}}},
		DKIM:      posture.DKIM{Tried: 5, Selectors: []posture.Selector{{Selector: "s1", Service: x}, {Selector: "old", Revoked: true}}},
		Transport: posture.Transport{MTASTS: posture.Yes, TLSRPT: posture.Yes, RUA: []string{x}, DNSSEC: posture.NotKnown, CAA: []string{x},
			Hosts: []posture.HostDANE{{Host: "m1.example", TLSA: []string{x}, Signed: posture.No, Usable: 1}, {Host: "m2.example"}, {Host: "m3.example", TLSA: []string{x}, Signed: posture.Yes, Usable: 2}, {Host: "m4.example", TLSA: []string{x}}}},
		Lockdown: []posture.Lock{{What: "spf", State: posture.Yes, Want: x}, {What: "null-mx", State: posture.No, Want: "0 . " + x}},
		Bulk:     []posture.Demand{{ID: "spf", What: "an SPF record", State: posture.No, Why: x}},
		Blocklists: []posture.Blocklist{{List: "a.list", Address: "192.0.2.1", Listed: posture.Yes, Why: x, Link: "https://a.list"}, {List: "b.list", Address: "192.0.2.1", Listed: posture.No},
			{List: "c.list", Address: "192.0.2.1", Listed: posture.NotKnown, Why: "silent"}, {List: "d.list", Address: "192.0.2.1", Listed: posture.NotKnown, Why: "silent"}},
		Findings:   []finding.Finding{{ID: "SPF-004", Severity: finding.Critical, What: x, Why: x, Fix: x, Evidence: []finding.Evidence{{Query: x, Answer: x, Server: x}}}},
		Next:       posture.NextStep{Text: x, Name: x, Record: x},
		Unanswered: []finding.Evidence{{Query: "TXT " + x, Answer: "timeout"}},
		NotAsked:   []string{"TXT 1" + x, "2", "3", "4", "5", "6", "7"},
	}
}

func TestAFullReportIsShownWhole(t *testing.T) {
	got := shown(whole("x"))
	for _, want := range []string{
		"Grade C (70 of 100, at best: not everything was asked or answered) - 30 for SPF-004: x",
		"DKIM s1 (x), old (revoked)", "DNSSEC not known", "MTA-STS yes", "TLS-RPT x",
		"m1.example: without effect, as it is not signed", "m2.example: none", "m3.example: 2 records, signed: yes", "m4.example: none that mail servers can use",
		"CAA x", "BIMI none", "not answered TXT x (timeout)", "not asked TXT 1x, 2, 3, 4, 5, and 2 more",
		"refused marked accepted the domain x refused spam folder not known another the domain x: why x",
		"Exposure by SPF: at least 12 of 100 at least 1,234,567 IPv4 and some 10^28 IPv6 addresses may send. - 12: part x",
		"gone.example, by x SOA gone.example: NXDOMAIN x (192.0.2.53)",
		"yes spf no null-mx: publish 0 . x", "no an SPF record: x",
		"listed 192.0.2.1 at a.list: x https://a.list not there 192.0.2.1 at b.list", "not known 192.0.2.1 at c.list, 192.0.2.1 at d.list: silent",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "why x"); n != 1 {
		t.Errorf("the same reason is told %d times", n)
	}
}

func TestAReportIsHarmless(t *testing.T) {
	for _, r := range shown(whole("\x1b[2J\r\u202e\x00")) {
		if r != ' ' && r != unicode.ReplacementChar && !unicode.IsPrint(r) {
			t.Fatalf("%q reaches the terminal", r)
		}
	}
}

func TestWhatIsNotThereIsNotShown(t *testing.T) {
	got := shown(posture.Report{Verdict: posture.Verdict{Exposure: posture.Undecided, Sentence: "Not known."}, Grade: posture.Grade{Reason: "DNS did not answer"}})
	if want := "Not known. No grade: DNS did not answer MX not known SPF not known DMARC not known"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestChangesInWords(t *testing.T) {
	f := []finding.Finding{{ID: "SPF-001", Severity: finding.Serious}}
	for _, tc := range []struct {
		change fleet.Change
		want   string
	}{
		{fleet.Change{Kind: fleet.First, New: f}, "not in the baseline; new high SPF-001"},
		{fleet.Change{Kind: fleet.Same, Was: posture.Anyone, Open: f}, "nothing changed; not known whether still there high SPF-001"},
		{fleet.Change{Kind: fleet.Mixed, Was: posture.Anyone, WasGrade: "F", Gone: f, Worse: f, Better: f},
			"some better, some worse (was: anyone can send, grade F); gone high SPF-001; now worse high SPF-001; now less high SPF-001"},
	} {
		if got := changeWords(&tc.change); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

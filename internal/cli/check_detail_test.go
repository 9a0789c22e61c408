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

// shown gives all that is printed of a report, brief what is without --all.
func shown(rep posture.Report) string { return printed(rep, true) }

func brief(rep posture.Report) string { return printed(rep, false) }

func printed(rep posture.Report, all bool) string {
	var b bytes.Buffer
	p := &program{out: ui.NewOut(&b, func(string) string { return "" })}
	p.showPosture(rep, all)
	return strings.Join(strings.Fields(b.String()), " ")
}

// whole is a report with all that a full one may hold; x stands wherever text
// from outside may.
func whole(x string) posture.Report {
	out := posture.Outcome{Does: posture.Refused, Why: "why " + x, At: x}
	return posture.Report{
		Domain: "a.example", Verdict: posture.Verdict{Exposure: posture.Partly, Sentence: "Some " + x, Because: []string{x}},
		Grade: posture.Grade{Letter: "C", Points: 70, Deductions: []posture.Deduction{{ID: "SPF-004", Points: 30, What: x}}, AtBest: true},
		MX:    []string{x}, SPF: x, DMARC: x, Services: []string{x}, CatchAll: x,
		TruthTable: []posture.Forgery{
			{ID: "exact", What: "the domain " + x, From: "a.example", MailFrom: "a.example", DMARC: out, Former: posture.Outcome{Does: posture.Marked, Why: "older " + x}, SPFOnly: posture.Outcome{Does: posture.Accepted}},
			{ID: "other", What: "another", DMARC: out, Former: posture.Outcome{Does: posture.SpamFolder}, SPFOnly: posture.Outcome{Does: posture.Undecidable}},
		},
		Exposure:  &posture.ExposureScore{Points: 12, AtLeast: true, IPv4: "1234567", IPv6: "79228162514264337593543950336", Parts: []posture.Part{{What: "addresses", Points: 12, Why: "part " + x}}},
		Claimable: []posture.Claim{{Name: "gone.example", Via: x, Evidence: finding.Evidence{Query: "SOA gone.example", Answer: "NXDOMAIN " + x, Server: "192.0.2.53"}}},
		DKIM:      posture.DKIM{Tried: 5, Selectors: []posture.Selector{{Selector: "s1", Service: x, Usable: true}, {Selector: "old", Revoked: true}}},
		Transport: posture.Transport{MTASTS: posture.Yes, TLSRPT: posture.Yes, RUA: []string{x}, DNSSEC: posture.NotKnown, CAA: []string{x},
			Hosts: []posture.HostDANE{{Host: "m1.example", TLSA: []string{x}, Signed: posture.No, Usable: 1}, {Host: "m2.example"}, {Host: "m3.example", TLSA: []string{x}, Signed: posture.Yes, MXSigned: posture.No, Usable: 2}, {Host: "m4.example", TLSA: []string{x}}}},
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
		"m1.example: without effect, as it is not signed", "m2.example: none", "m3.example: 2 records, signed: yes; works with many senders, though the MX records of the domain are not signed", "m4.example: none that mail servers can use",
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
	if !strings.Contains(got, "DMARC of 2015: older x") {
		t.Errorf("no reason where older receivers differ:\n%s", got)
	}
	if first, last := strings.Index(got, "Now: x"), strings.Index(got, "Next step x"); first < 0 || last < first || first > strings.Index(got, "Grade C") {
		t.Errorf("the next step stands at %d and %d:\n%s", first, last, got)
	}
}

// TestTheBriefReport: three rows, and nothing that only those who run servers want.
func TestTheBriefReport(t *testing.T) {
	rep := whole("x")
	rep.TruthTable = append(rep.TruthTable, posture.Forgery{ID: "from-exact", DMARC: posture.Outcome{Does: posture.SpamFolder, Why: "for one"}, Former: posture.Outcome{Does: posture.SpamFolder}},
		posture.Forgery{ID: "missing", DMARC: posture.Outcome{Does: posture.Accepted, Why: "for ghosts"}, Former: posture.Outcome{Does: posture.Refused, Why: "by sp"}})
	got := brief(rep)
	for _, want := range []string{
		"spam folder mail that claims to come from a.example", "accepted … from a subdomain that somebody made up", "for one", "for ghosts; older receivers: refused (by sp)",
		"Exposure by SPF", "Findings", "--all shows",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	for _, hidden := range []string{"SPF only", "Block lists", "What large providers", "not asked TXT", "www.a.example"} {
		if strings.Contains(got, hidden) {
			t.Errorf("%q is in\n%s", hidden, got)
		}
	}
}

// TestEachRowSaysWhatItsOwnAnswerWas: a silent MX is not "none", and a silent SPF
// does not make the others unknown.
func TestEachRowSaysWhatItsOwnAnswerWas(t *testing.T) {
	for _, tc := range []struct {
		open []string
		ids  []string
		want string
	}{
		{nil, nil, "MX none SPF none DMARC none"},
		{[]string{"MX a.example"}, nil, "MX not known SPF none DMARC none"},
		{[]string{"TXT a.example"}, nil, "MX none SPF not known DMARC none"},
		{[]string{"TXT _dmarc.a.example"}, nil, "MX none SPF none DMARC not known"},
		{[]string{"TXT _dmarc.example"}, []string{"DMARC-001"}, "MX none SPF none DMARC none"},
	} {
		rep := posture.Report{Domain: "a.example"}
		for _, q := range tc.open {
			rep.Unanswered = append(rep.Unanswered, finding.Evidence{Query: q, Answer: "timeout"})
		}
		for _, id := range tc.ids {
			rep.Findings = append(rep.Findings, finding.Finding{ID: id})
		}
		if got := brief(rep); !strings.Contains(got, tc.want) {
			t.Errorf("%v: %q, want %q", tc.open, got, tc.want)
		}
	}
}

func TestALongRecordIsCut(t *testing.T) {
	rep := posture.Report{Domain: "a.example", SPF: strings.Repeat("x", 60_000)}
	if n := len(brief(rep)); n > 2000 {
		t.Errorf("%d octets", n)
	}
}

func TestKeysThatAreAllRevoked(t *testing.T) {
	if got := dkimWords(posture.DKIM{Wildcard: posture.Yes, WildcardRevoked: true}); got != "revoked for every selector" {
		t.Errorf("%q", got)
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
	var silent []finding.Evidence
	for _, q := range []string{"MX a.example", "TXT a.example", "TXT _dmarc.a.example"} {
		silent = append(silent, finding.Evidence{Query: q, Answer: "timeout"})
	}
	got := shown(posture.Report{Domain: "a.example", Verdict: posture.Verdict{Exposure: posture.Undecided, Sentence: "Not known."}, Grade: posture.Grade{Reason: "DNS did not answer"}, Unanswered: silent})
	if want := "Not known. No grade: DNS did not answer MX not known SPF not known DMARC not known not answered MX a.example (timeout), TXT a.example (timeout), TXT _dmarc.a.example (timeout)"; got != want {
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
		{fleet.Change{Kind: fleet.Same, Was: posture.Anyone, Open: f}, "nothing changed; not known whether new or gone high SPF-001"},
		{fleet.Change{Kind: fleet.Mixed, Was: posture.Anyone, WasGrade: "F", Gone: f, Worse: f, Better: f},
			"some better, some worse (was: anyone can send, grade F); gone high SPF-001; now worse high SPF-001; now less high SPF-001"},
	} {
		if got := changeWords(&tc.change); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

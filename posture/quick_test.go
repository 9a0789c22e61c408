package posture

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"unspoof/dns"
)

// forest is a zone whose SPF record has n includes, each with n of its own.
func forest(n int) string {
	var b strings.Builder
	b.WriteString(basis + "@ TXT ")
	top := "v=spf1"
	for i := range n {
		top += fmt.Sprintf(" include:i%d.example.com", i)
	}
	writeStrings(&b, top+" ~all")
	for i := range n {
		sub := "v=spf1"
		for j := range n {
			sub += fmt.Sprintf(" include:j%d-%d.example.com", i, j)
			fmt.Fprintf(&b, "j%d-%d TXT \"v=spf1 ip4:192.0.2.%d -all\"\n", i, j, j)
		}
		fmt.Fprintf(&b, "i%d TXT ", i)
		writeStrings(&b, sub+" -all")
	}
	return b.String()
}

func writeStrings(b *strings.Builder, text string) {
	for part := range slices.Chunk([]byte(text), 200) {
		fmt.Fprintf(b, "%q ", part)
	}
	b.WriteString("\n")
}

func TestQuickAsksNoMoreThanItSays(t *testing.T) {
	deep := strings.Repeat("a.", 60) + "example.com"
	for _, tc := range []struct{ rule, zone, domain string }{
		{"includes without end", forest(20), "example.com"},
		{"includes without end, without MX", strings.Replace(forest(20), "@    MX 10 mail", "", 1), "example.com"},
		{"a deep name", basis + deep + ". TXT \"v=spf1 include:x.example include:y.example -all\"\n", deep},
		{"nothing there", basis, deep},
		{"many exchangers", basis + "@ MX 1 a\n@ MX 2 b\n@ MX 3 c\n@ MX 4 d\n" + goodDMARC, "example.com"},
		{"many reporting addresses", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:a@a.example,mailto:b@b.example,mailto:c@c.example\"\n", "example.com"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			ask := counter{view(t, tc.zone), make(chan string, 1000)}
			r, err := Check(t.Context(), Args{Domain: tc.domain, Resolver: ask, Quick: true})
			if err != nil {
				t.Fatal(err)
			}
			if n := len(ask.asked); n > QuickQuestions || n != r.Questions {
				t.Errorf("asked %d, says %d", n, r.Questions)
			}
			if !r.Quick {
				t.Error("does not say that it was quick")
			}
			sane(t, r)
		})
	}
}

func TestQuickSaysWhatItDidNotAsk(t *testing.T) {
	r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: view(t, forest(20)), Quick: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.NotAsked) == 0 || !strings.HasPrefix(r.NotAsked[0], "TXT ") || !slices.IsSorted(r.NotAsked) {
		t.Errorf("not asked: %v", r.NotAsked)
	}
	if len(r.Unanswered) > 0 {
		t.Errorf("what was not asked is no fault of DNS: %v", r.Unanswered)
	}
	if ids := findingIDs(r); slices.Contains(ids, "SPF-012") || !slices.Contains(ids, "SPF-007") {
		t.Errorf("findings %v", ids)
	}
}

// TestQuickAgreesWithFull: what a quick check says, a full one says too.
func TestQuickAgreesWithFull(t *testing.T) {
	shared := &Shared{}
	for _, zone := range []string{
		basis, basis + goodSPF, basis + goodSPF + goodDMARC, basis + goodDMARC,
		basis + "@ TXT \"v=spf1 +all\"\n" + goodDMARC,
		basis + "@ TXT \"v=spf1 ip4: -all\"\n" + goodDMARC,
		basis + "@ TXT \"v=spf1 mx ~al include:gone.example.net\"\n" + goodDMARC,
		basis + "@ TXT \"v=spf1 mx -all\"\n@ TXT \"v=spf1 a:x.example.com ~all\"\n" + goodDMARC,
		basis + "@ TXT \"v=spf1;mx ~all\"\n" + goodDMARC,
		basis + "@ TXT \"v=spf1 mx ip4:0.0.0.0/1 ip4:128.0.0.0/1 ~all\"\n" + goodDMARC,
		basis + "@ TXT \"v=spf1 mx ~all ip4:192.0.2.1\"\n" + goodDMARC,
		basis + "@ TXT \"v=spf1 mx include:wide.example ~all\"\nwide.example. TXT \"v=spf1 ip4:81.0.0.0/9 -all\"\n" + goodDMARC,
		basis + "@ TXT \"v=spf1 include:i.example.com -all\"\ni TXT \"v=spf1 all\"\n" + goodDMARC,
		basis + "@ TXT \"v=spf1 include:a.example include:b.example include:example.com ~all\"\na.example. TXT \"v=spf1 redirect=b.example\"\nb.example. TXT \"v=spf1 a mx exists:%{i}.x ptr -all\"\n",
		basis + "@ TXT \"v=spf1 redirect=r.example.com\"\nr TXT \"v=spf1 include:gone.example ~all\"\n" + goodDMARC,
		basis + "_dmarc TXT \"v=DMARC1; p=quarantine; sp=none; t=y\"\n",
		"$ORIGIN example.com.\n@ MX 0 .\n", "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 -all\"\n" + goodDMARC,
		"$ORIGIN example.com.\n@ A 192.0.2.1\n@ TXT \"v=spf1 -all\"\n", "$ORIGIN example.com.\n@ AAAA 2001:db8::1\n",
		"x.example.com. A 192.0.2.1\n", "other.example. A 192.0.2.1\n",
		"$ORIGIN example.com.\n@ MX 1 aspmx.l.google.com.\n@ TXT \"v=spf1 include:_spf.google.com -all\"\n_spf.google.com. TXT \"v=spf1 ip4:192.0.2.0/24 ~all\"\n",
	} {
		full := check(t, zone, "example.com")
		for range 2 { // cold, then warm
			if strings.Contains(zone, "i.example.com") || strings.Contains(zone, "r.example.com") {
				shared = &Shared{} // a private name, another in each zone
			}
			r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: view(t, zone), Quick: true, Shared: shared})
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict.Sentence != full.Verdict.Sentence || !slices.Equal(r.Verdict.Because, full.Verdict.Because) ||
				r.SPF != full.SPF || r.DMARC != full.DMARC || r.Policy != full.Policy || r.Parked != full.Parked ||
				r.NullMX != full.NullMX || !slices.Equal(r.MX, full.MX) || !slices.Equal(r.Services, full.Services) || r.Lookups != full.Lookups {
				t.Errorf("%s\nquick %+v\nfull  %+v", zone, r, full)
			}
			ids := findingIDs(full)
			for _, id := range findingIDs(r) {
				if !slices.Contains(ids, id) {
					t.Errorf("%s\nonly the quick check finds %s", zone, id)
				}
			}
			sane(t, r)
		}
	}
}

// TestQuickFindsIdleTerms: what is never reached is found without a question, as a full
// check and lint find it.
func TestQuickFindsIdleTerms(t *testing.T) {
	for record, want := range map[string]string{
		"v=spf1 mx ~all redirect=x.example": "SPF-048",
		"v=spf1 mx redirect=x.example ~all": "SPF-048",
		"v=spf1 redirect=x.example -all":    "SPF-047",
		"v=spf1 mx -all ip4:192.0.2.1":      "SPF-048",
		"v=spf1 mx -all -ip4:192.0.2.1":     "SPF-019",
	} {
		zone := basis + "@ TXT \"" + record + "\"\n" + goodDMARC
		r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: view(t, zone), Quick: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, ids := range [][]string{findingIDs(r), findingIDs(check(t, zone, "example.com"))} {
			for _, id := range []string{"SPF-012", "SPF-019", "SPF-047", "SPF-048"} {
				if slices.Contains(ids, id) != (id == want) {
					t.Errorf("%s: %v, want %s", record, ids, want)
				}
			}
		}
	}
}

// TestWideNetworksBelowAreLintsToo: a quick check, which does not ask lint, and a
// full one, which does, call the same networks of an include wide.
func TestWideNetworksBelowAreLintsToo(t *testing.T) {
	found := 0
	for _, term := range []string{
		"ip4:81.0.0.0/9", "ip4:81.0.0.0/10", "ip4:81.0.0.0/11", "ip4:81.0.0.0/12", "ip4:10.0.0.0/8",
		"ip6:2a00::/22", "ip6:2a00::/23", "ip6:2a00::/24", "ip6:2a00::/25", "a:mail.example.com/10", "a:mail.example.com/11", "a:mail.example.com//23",
		"include:next.example", "?ip4:81.0.0.0/9",
	} {
		zone := basis + "@ TXT \"v=spf1 mx include:wide.example ~all\"\nwide.example. TXT \"v=spf1 " + term + " -all\"\n" +
			"next.example. TXT \"v=spf1 ip4:82.0.0.0/10 -all\"\n" + goodDMARC
		full := check(t, zone, "example.com")
		r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: view(t, zone), Quick: true})
		if err != nil {
			t.Fatal(err)
		}
		wide := slices.Contains(findingIDs(full), "SPF-010")
		if wide {
			found++
		}
		if wide != slices.Contains(findingIDs(r), "SPF-010") || wide != (full.Verdict.Exposure == Partly) || wide != (r.Verdict.Exposure == Partly) {
			t.Errorf("%s: full %v, %s; quick %v, %s", term, findingIDs(full), full.Verdict.Sentence, findingIDs(r), r.Verdict.Sentence)
		}
	}
	if found != 7 {
		t.Errorf("%d are wide", found)
	}
}

// TestSharedRecordsCostNothing, and the report is the same to the last number.
func TestSharedRecordsCostNothing(t *testing.T) {
	zone := basis + "@ TXT \"v=spf1 include:a.example include:gone.example ~all\"\n" + goodDMARC + "a.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
	shared := &Shared{}
	var asked []int
	var reports []string
	for range 2 {
		ask := counter{view(t, zone), make(chan string, 1000)}
		r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: ask, Quick: true, Shared: shared})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		asked, reports = append(asked, len(ask.asked)), append(reports, string(text))
	}
	if asked[1] != asked[0]-2 {
		t.Errorf("questions %v", asked)
	}
	if reports[0] != reports[1] {
		t.Errorf("reports differ:\n%s\n%s", reports[0], reports[1])
	}
}

func TestSharedIsBounded(t *testing.T) {
	s := &Shared{}
	for i := range 3 * sharedRecords {
		text := strings.Repeat("x", 300)
		s.put(fmt.Sprint(i), &sharedRecord{answer: dns.Answer{Records: []dns.Record{{Text: []string{text}}}}})
	}
	if len(s.held) > sharedRecords || s.octets > sharedOctets || len(s.held) < 100 {
		t.Errorf("%d records, %d octets", len(s.held), s.octets)
	}
	s.put("long", &sharedRecord{answer: dns.Answer{Records: []dns.Record{{Text: []string{strings.Repeat("x", sharedOctets)}}}}})
	if s.get("long") != nil {
		t.Error("kept a record that fills the cache")
	}
}

func BenchmarkQuick(b *testing.B) {
	v := view(b, basis+"@ TXT \"v=spf1 mx include:spf.protection.outlook.com include:_spf.google.com include:servers.mcsv.net include:sendgrid.net ip4:192.0.2.0/24 -all\"\n"+
		"@ TXT \"google-site-verification=abcdefghijklmnopqrstuvwxyz\"\n"+
		"_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\n"+
		"spf.protection.outlook.com. TXT \"v=spf1 ip4:40.92.0.0/15 ip4:40.107.0.0/16 ip4:52.100.0.0/15 ip4:52.102.0.0/16 ip4:52.103.0.0/17 ip4:104.47.0.0/17 ip6:2a01:111:f400::/48 ip6:2a01:111:f403::/49 -all\"\n"+
		"_spf.google.com. TXT \"v=spf1 include:_n1.google.com include:_n2.google.com ~all\"\n"+
		"_n1.google.com. TXT \"v=spf1 ip4:35.190.247.0/24 ip4:64.233.160.0/19 ip4:66.102.0.0/20 ~all\"\n_n2.google.com. TXT \"v=spf1 ip6:2001:4860:4000::/36 ~all\"\n"+
		"servers.mcsv.net. TXT \"v=spf1 ip4:205.201.128.0/20 ?all\"\nsendgrid.net. TXT \"v=spf1 ip4:167.89.0.0/17 -all\"\n")
	shared := &Shared{}
	b.ReportAllocs()
	for b.Loop() {
		r, err := Check(b.Context(), Args{Domain: "example.com", Resolver: v, Quick: true, Shared: shared})
		if err != nil || r.Verdict.Exposure != Anyone {
			b.Fatal(err, r.Verdict)
		}
	}
}

package posture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"unspoof/dns"
	"unspoof/dns/dnsfile"

	"unspoof/finding"
)

var update = flag.Bool("update", false, "write the reports that the tests compare with")

// check makes a report from a zone file; names in it are relative to
// example.com.
func check(t testing.TB, zone, domain string) Report {
	t.Helper()
	r, err := Check(t.Context(), Args{Domain: domain, Resolver: view(t, zone)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func view(t testing.TB, zone string) dns.Resolver {
	t.Helper()
	v, err := dnsfile.Parse("zone", []byte(zone))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// registries are the zones that names are registered below.
const registries = "com. SOA a.example. b.example. 1 1 1 1 1\nnet. SOA a.example. b.example. 1 1 1 1 1\nuk. SOA a.example. b.example. 1 1 1 1 1\ngov. SOA a.example. b.example. 1 1 1 1 1\n"

// basis is a domain with mail and nothing wrong but what a case adds.
const basis = registries + `$ORIGIN example.com.
@    MX 10 mail
mail A 192.0.2.25
mail AAAA 2001:db8::25
`

const (
	goodSPF   = "@ TXT \"v=spf1 mx ~all\"\n"
	goodDMARC = "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com\"\n"
)

// TestWholeReports compares reports with testdata/NAME.json, made from
// testdata/NAME.zone for example.com; run with -update to write them.
func TestWholeReports(t *testing.T) {
	zones, err := filepath.Glob("testdata/*.zone")
	if err != nil || len(zones) < 4 {
		t.Fatalf("%d zones, %v", len(zones), err)
	}
	for _, file := range zones {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".zone"), func(t *testing.T) {
			zone, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(check(t, string(zone), "example.com"), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			golden := strings.TrimSuffix(file, ".zone") + ".json"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("the report differs from %s:\n%s", golden, got)
			}
		})
	}
}

func TestCheckNeedsADomain(t *testing.T) {
	for _, tc := range []struct{ name, want string }{
		{"", "empty"}, {"exa mple.com", "other than letters"}, {"me@example.com", "after the @"},
		{"192.0.2.1", "IP address"}, {strings.Repeat("a", 64) + ".example", "longer than 63"}, {"a..example", "nothing between"},
		{"https://example.com/", "host name alone"},
	} {
		_, err := Check(t.Context(), Args{Domain: tc.name, Resolver: view(t, basis)})
		if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), "posture: ") {
			t.Errorf("%q: got %v, want %q", tc.name, err, tc.want)
		}
	}
	if _, err := Check(t.Context(), Args{Domain: "example.com"}); err == nil {
		t.Error("no resolver, no error")
	}
}

func TestUnicodeName(t *testing.T) {
	zone := "xn--bcher-kva.example. MX 10 mail.example.com.\n_dmarc.xn--bcher-kva.example. TXT \"v=DMARC1; p=reject\"\nmail.example.com. A 192.0.2.1\n"
	if r := check(t, zone, "Bücher.example."); r.Domain != "xn--bcher-kva.example" || r.Policy != "reject" {
		t.Errorf("got %+v", r)
	}
}

// silent never answers, until the question is given up.
type silent struct{}

func (silent) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	<-ctx.Done()
	return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultCanceled, Err: ctx.Err()}
}

func TestContextEndsTheCheck(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := Check(ctx, Args{Domain: "example.com", Resolver: silent{}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// faulty answers some questions with SERVFAIL.
type faulty struct {
	dns.Resolver
	bad []string // "TXT example.com"; "" all
}

func (f faulty) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	name := q.Type.String() + " " + q.Name
	if slices.Contains(f.bad, name) || slices.Contains(f.bad, "") {
		return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultServFail, Server: "test"}
	}
	return f.Resolver.Lookup(ctx, q)
}

func TestFaultsAreNoFindings(t *testing.T) {
	for _, tc := range []struct {
		rule, zone string
		bad        []string
		want       Exposure
		findings   string
	}{
		{"nothing answers", basis + goodSPF + goodDMARC, []string{""}, Undecided, ""},
		{"DMARC does not answer", basis + goodSPF + goodDMARC, []string{"TXT _dmarc.example.com"}, Undecided, ""},
		{"the parent does not answer, but is not needed", basis + goodSPF + goodDMARC, []string{"TXT _dmarc.com"}, Protected, "DMARC-"},
		{"SPF does not answer, and DMARC refuses", basis + goodSPF + goodDMARC, []string{"TXT example.com"}, Undecided, ""},
		{"SPF does not answer, and there is no DMARC", basis + goodSPF, []string{"TXT example.com"}, Anyone, "DMARC-001"},
		{"MX does not answer", basis + goodSPF + goodDMARC, []string{"MX example.com"}, Protected, ""},
		{"an include does not answer", basis + "@ TXT \"v=spf1 include:spf.service.example ~all\"\n" + goodDMARC, []string{"TXT spf.service.example"}, Undecided, ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: faulty{view(t, tc.zone), tc.bad}})
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict.Exposure != tc.want || len(r.Unanswered) == 0 {
				t.Errorf("exposure %s (%s), unanswered %v", r.Verdict.Exposure, r.Verdict.Sentence, r.Unanswered)
			}
			for _, f := range r.Findings {
				if f.Severity != finding.Info && (tc.findings == "" || !strings.HasPrefix(f.ID, tc.findings)) {
					t.Errorf("finding %s: %s", f.ID, f.What)
				}
			}
		})
	}
}

// counter counts the questions, twice the same included.
type counter struct {
	dns.Resolver
	asked chan string
}

func (c counter) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	c.asked <- q.Type.String() + " " + q.Name
	return c.Resolver.Lookup(ctx, q)
}

func TestQuestionsAreBounded(t *testing.T) {
	var zone strings.Builder
	zone.WriteString(basis)
	// A record made to cost: fifty includes, each of fifty more.
	includes := func(from int) string {
		var list []string
		for i := range 50 {
			list = append(list, "include:i"+string(rune('a'+(from+i)/26%26))+string(rune('a'+(from+i)%26))+".example.com")
		}
		return "\"v=spf1 " + strings.Join(list[:8], " ") + "\" \" " + strings.Join(list[8:16], " ") + "\" \" " + strings.Join(list[16:24], " ") + " -all\""
	}
	zone.WriteString("@ TXT " + includes(0) + "\n")
	for i := range 26 {
		for j := range 26 {
			zone.WriteString("i" + string(rune('a'+i)) + string(rune('a'+j)) + " TXT " + includes(26*i+j+50) + "\n")
		}
	}
	zone.WriteString("_dmarc TXT \"v=DMARC1; p=none; rua=mailto:a@x1.example,mailto:a@x2.example,mailto:a@x3.example,mailto:a@x4.example\"\n")
	for i := range 20 {
		zone.WriteString("@ MX 10 mx" + string(rune('a'+i)) + "\n")
	}
	c := counter{view(t, zone.String()), make(chan string, 1000)}
	r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: c})
	if err != nil {
		t.Fatal(err)
	}
	const most = FullQuestions
	if n := len(c.asked); n > most || n != r.Questions {
		t.Errorf("%d questions, the report says %d, want at most %d", n, r.Questions, most)
	}
	if !slices.ContainsFunc(r.Findings, func(f finding.Finding) bool { return f.ID == "SPF-007" && strings.Contains(f.What, "at least") }) {
		t.Errorf("no word of the look-ups: %+v", r.Findings)
	}
}

// texts answers TXT questions with one record a name; MX and A exist for the
// domain, nothing else does.
type texts map[string]string

func (z texts) Lookup(_ context.Context, q dns.Question) (dns.Answer, error) {
	a := dns.Answer{Server: "test"}
	text, ok := z[q.Name]
	switch {
	case !ok:
		a.RCode = dns.NXDomain
	case q.Type == dns.TypeTXT:
		a.Records = []dns.Record{{Name: q.Name, Type: q.Type, Text: []string{text}}}
	case q.Type == dns.TypeMX:
		a.Records = []dns.Record{{Name: q.Name, Type: q.Type, Host: "example.com", Pref: 1}}
	}
	return a, nil
}

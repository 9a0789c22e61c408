package posture

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/finding"
)

func findingIDs(r Report) (ids []string) {
	for _, f := range r.Findings {
		ids = append(ids, f.ID)
	}
	return ids
}

// TestFindings has a case for every rule of the table.
func TestFindings(t *testing.T) {
	const none = "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.com; np=reject\"\n"
	cases := []struct{ rule, zone, want, missing string }{
		{"all in order", basis + goodSPF + goodDMARC, "", "DNS-001 SPF-001 DMARC-001"},
		{"domain does not exist", "other.example. A 192.0.2.1\n", "DNS-001 DMARC-001", "SPF-001 MX-003"},
		{"wildcard TXT", basis + goodSPF + goodDMARC + "* TXT \"v=spf1 mx ~all\"\n", "DNS-002", ""},
		{"wildcard TXT that lets nobody in", basis + goodSPF + goodDMARC + "* TXT \"v=spf1 -all\"\n", "", "DNS-002"},

		{"null MX beside others", basis + goodSPF + goodDMARC + "@ MX 0 .\n", "MX-001", ""},
		{"exchanger without address", basis + goodSPF + goodDMARC + "@ MX 20 gone.example.net.\n", "MX-002", ""},
		{"exchanger with IPv6 only is fine", "$ORIGIN example.com.\n@ MX 10 m6\nm6 AAAA 2001:db8::1\n" + goodSPF + goodDMARC, "", "MX-002"},
		{"no MX but an address", "$ORIGIN example.com.\n@ A 192.0.2.1\n" + goodDMARC, "MX-003", "MX-007"},
		{"wildcard MX", basis + goodSPF + goodDMARC + "* MX 10 mail\n", "MX-004", ""},
		{"wildcard null MX is none", basis + goodSPF + goodDMARC + "* MX 0 .\n", "", "MX-004"},
		{"exchanger is an alias", basis + goodSPF + goodDMARC + "@ MX 20 alias\nalias CNAME mail\n", "MX-005", "MX-002"},
		{"null MX, yet it sends", "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 ip4:192.0.2.1 -all\"\n" + goodDMARC, "MX-006", ""},
		{"parked without null MX", "$ORIGIN example.com.\n@ TXT \"v=spf1 -all\"\n" + goodDMARC, "MX-007", "SPF-016 SPF-017 MX-003"},
		{"parked with null MX", "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 -all\"\n" + goodDMARC, "", "MX-007 MX-006 SPF-016"},

		{"no SPF", basis + goodDMARC, "SPF-001", ""},
		{"several", basis + goodDMARC + goodSPF + "@ TXT \"v=spf1 -all\"\n", "SPF-002", "SPF-001 SPF-003"},
		{"empty ip4 (K-07)", basis + goodDMARC + "@ TXT \"v=spf1 mx ip4: -all\"\n", "SPF-027", "SPF-001 SPF-003"},
		{"unknown mechanism", basis + goodDMARC + "@ TXT \"v=spf1 mx ~al\"\n", "SPF-031", "SPF-003"},
		{"name of one word", basis + goodDMARC + "@ TXT \"v=spf1 mx include:localname ~all\"\n", "SPF-003", ""},
		{"+all", basis + goodDMARC + "@ TXT \"v=spf1 mx +all\"\n", "SPF-004", "SPF-017"},
		{"bare all", basis + goodDMARC + "@ TXT \"v=spf1 mx all\"\n", "SPF-004", ""},
		{"+all in an include", basis + goodDMARC + "@ TXT \"v=spf1 include:inc.example.net -all\"\ninc.example.net. TXT \"v=spf1 +all\"\n", "SPF-004", ""},
		{"+all behind a redirect", basis + goodDMARC + "@ TXT \"v=spf1 redirect=r.example.com\"\nr TXT \"v=spf1 all\"\n", "SPF-004", ""},
		{"everybody by an include", basis + goodDMARC + "@ TXT \"v=spf1 mx include:i.example.com -all\"\ni TXT \"v=spf1 ip4:0.0.0.0/1 -all\"\n", "SPF-004", "SPF-010"},
		{"everybody in a record that is not valid", basis + goodDMARC + "@ TXT \"v=spf1 mx ip4:0.0.0.0/1 ~al\"\n", "SPF-004 SPF-031", "SPF-003 SPF-010"},
		{"every address by prefix", basis + goodDMARC + "@ TXT \"v=spf1 ip4:0.0.0.0/0 -all\"\n", "SPF-004", "SPF-010"},
		{"every address in two halves", basis + goodDMARC + "@ TXT \"v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all\"\n", "SPF-004", ""},
		{"every address around the MX", basis + goodDMARC + "@ TXT \"v=spf1 mx/0 -all\"\n", "SPF-004", ""},
		{"+all in a negative include lets nobody in", basis + goodDMARC + "@ TXT \"v=spf1 mx -include:inc.example.com ~all\"\ninc TXT \"v=spf1 +all\"\n", "", "SPF-004"},
		{"?all", basis + goodDMARC + "@ TXT \"v=spf1 mx ?all\"\n", "SPF-005", ""},
		{"no all", basis + goodDMARC + "@ TXT \"v=spf1 mx\"\n", "SPF-006", ""},
		{"no all, but a redirect that has one", basis + goodDMARC + "@ TXT \"v=spf1 redirect=r.example.com\"\nr TXT \"v=spf1 mx ~all\"\n", "", "SPF-006"},
		{"no all, but a redirect to what was read before", basis + goodDMARC + "@ TXT \"v=spf1 include:r.example.com redirect=r.example.com\"\nr TXT \"v=spf1 mx ~all\"\n", "", "SPF-006"},
		{"no all, but a redirect that hangs on the message", basis + goodDMARC + "@ TXT \"v=spf1 mx redirect=%{l}.r.example.com\"\n", "", "SPF-006"},
		{"eleven look-ups", basis + goodDMARC + "@ TXT \"v=spf1 " + strings.Repeat("a:mail.example.com ", 11) + "~all\"\n", "SPF-007", "SPF-008"},
		{"ten look-ups are fine", basis + goodDMARC + "@ TXT \"v=spf1 " + strings.Repeat("a:mail.example.com ", 10) + "~all\"\n", "", "SPF-007"},
		{"three voids", basis + goodDMARC + "@ TXT \"v=spf1 a:x1.example.com a:x2.example.com a:x3.example.com ~all\"\n", "SPF-008 SPF-018", ""},
		{"ptr", basis + goodDMARC + "@ TXT \"v=spf1 ptr ~all\"\n", "SPF-009", ""},
		{"ptr in an include", basis + goodDMARC + "@ TXT \"v=spf1 include:i.example.com ~all\"\ni TXT \"v=spf1 ptr:example.com ~all\"\n", "SPF-009", ""},
		{"three voids before IPv6 that may send", basis + goodDMARC + "@ TXT \"v=spf1 a:x1.example.com a:x2.example.com a:x3.example.com ip6:2001:db8::/32 ~all\"\nx1 A 192.0.2.61\nx2 A 192.0.2.62\nx3 A 192.0.2.63\n", "SPF-008", "SPF-018"},
		{"mx of eleven hosts", basis + goodDMARC + "@ TXT \"v=spf1 mx:m.example.com ~all\"\n" + "m MX 1 h1\nm MX 1 h2\nm MX 1 h3\nm MX 1 h4\nm MX 1 h5\nm MX 1 h6\nm MX 1 h7\nm MX 1 h8\nm MX 1 h9\nm MX 1 h10\nm MX 1 h11\n", "SPF-050", ""},
		{"exists for everybody", basis + goodDMARC + "@ TXT \"v=spf1 exists:mail.example.com ~all\"\n", "SPF-004", ""},
		{"include of both halves", basis + goodDMARC + "@ TXT \"v=spf1 include:i.example.com ~all\"\ni TXT \"v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all\"\n", "SPF-004", ""},
		{"wide network", basis + goodDMARC + "@ TXT \"v=spf1 ip4:198.0.0.0/9 ~all\"\n", "SPF-010", ""},
		{"wide network around a", basis + goodDMARC + "@ TXT \"v=spf1 a:mail.example.com/12 ~all\"\n", "SPF-010", ""},
		{"wide IPv6 network", basis + goodDMARC + "@ TXT \"v=spf1 ip6:2001::/16 ~all\"\n", "SPF-010", ""},
		{"shared servers", basis + goodDMARC + "@ TXT \"v=spf1 include:relay.mailchannels.net ~all\"\nrelay.mailchannels.net. TXT \"v=spf1 ip4:198.51.100.1 -all\"\n", "SPF-011", ""},
		{"include of a name that is gone", basis + goodDMARC + "@ TXT \"v=spf1 include:gone.example ~all\"\n", "SPF-012", "SPF-001"},
		{"include without a record", basis + goodDMARC + "@ TXT \"v=spf1 include:mail.example.com ~all\"\n", "SPF-012", ""},
		{"include with a broken record", basis + goodDMARC + "@ TXT \"v=spf1 include:i.example.com ~all\"\ni TXT \"v=spf1 ip4:\"\n", "SPF-012", ""},
		{"broken include below another", basis + goodDMARC + "@ TXT \"v=spf1 include:i.example.com ~all\"\ni TXT \"v=spf1 include:gone.example ~all\"\n", "SPF-012", ""},
		{"misspelt include", basis + goodDMARC + "@ TXT \"v=spf1 include:_secureserver.net ~all\"\n", "SPF-012", ""},
		{"SPF at _spf", basis + goodDMARC + "_spf TXT \"v=spf1 mx ~all\"\n", "SPF-013 SPF-001", ""},
		{"quotes published", basis + goodDMARC + `@ TXT "\"v=spf1 mx ~all\""` + "\n", "SPF-014", "SPF-001"},
		{"version without its v", basis + goodDMARC + "@ TXT \"spf1 mx ~all\"\n", "SPF-014", "SPF-001"},
		{"host name glued before", basis + goodDMARC + "@ TXT \"example.com v=spf1 mx ~all\"\n", "SPF-014", "SPF-001"},
		{"no space after the version", basis + goodDMARC + "@ TXT \"v=spf1;mx ~all\"\n", "SPF-014", "SPF-001"},
		{"parked, SPF silent", "$ORIGIN example.com.\n@ MX 0 .\n" + goodDMARC, "SPF-016", "SPF-001"},
		{"parked, ~all", "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 ~all\"\n" + goodDMARC, "SPF-016", ""},
		{"-all of a sender (K-15)", basis + goodDMARC + "@ TXT \"v=spf1 mx -all\"\n", "SPF-017", ""},
		{"terms after all", basis + goodDMARC + "@ TXT \"v=spf1 mx ~all ip4:192.0.2.1\"\n", "SPF-048", "SPF-019"},
		{"terms after all that let nobody in", basis + goodDMARC + "@ TXT \"v=spf1 mx ~all -ip4:192.0.2.1\"\n", "SPF-019", "SPF-048"},
		{"misspelt name that has a record", basis + goodDMARC + "@ TXT \"v=spf1 mx include:amazonaws.com ~all\"\namazonaws.com. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n", "", "SPF-038 SPF-012"},
		{"mx of a name that has none", basis + goodDMARC + "@ TXT \"v=spf1 mx mx:nothing.example.com ~all\"\n", "SPF-044", ""},
		{"wide network in an include", basis + goodDMARC + "@ TXT \"v=spf1 mx include:i.example.com ~all\"\ni TXT \"v=spf1 ip4:81.0.0.0/9 -all\"\n", "SPF-010", ""},
		{"network of a large service", basis + goodDMARC + "@ TXT \"v=spf1 mx include:i.example.com ~all\"\ni TXT \"v=spf1 ip4:81.0.0.0/13 -all\"\n", "", "SPF-010"},
		{"wide network in an include that is taken away before", basis + goodDMARC + "@ TXT \"v=spf1 -ip4:81.0.0.0/9 mx include:i.example.com ~all\"\ni TXT \"v=spf1 ip4:81.0.0.0/9 -all\"\n", "", "SPF-010"},
		{"redirect beside all", basis + goodDMARC + "@ TXT \"v=spf1 mx ~all redirect=x.example\"\n", "SPF-048", "SPF-012 SPF-019"},
		{"redirect before all", basis + goodDMARC + "@ TXT \"v=spf1 mx redirect=x.example ~all\"\n", "SPF-048", "SPF-012 SPF-019 SPF-047"},
		{"redirect before all, and nothing else", basis + goodDMARC + "@ TXT \"v=spf1 redirect=x.example ~all\"\n", "SPF-047", "SPF-012 SPF-019 SPF-048"},
		{"long record", basis + goodDMARC + "@ TXT \"v=spf1 " + strings.Repeat("ip4:192.0.2.1 ", 17) + "\" \"" + strings.Repeat("ip4:192.0.2.2 ", 17) + "~all\"\n", "SPF-020", ""},
		{"include that does nothing (K-06)", basis + goodDMARC + "@ TXT \"v=spf1 include:servers.mcsv.net ~all\"\nservers.mcsv.net. TXT \"v=spf1 ip4:198.51.100.1 -all\"\n", "SPF-021", ""},
		{"private addresses", basis + goodDMARC + "@ TXT \"v=spf1 mx ip4:10.0.0.0/8 ip6:fd00::/8 ~all\"\n", "SPF-022", "SPF-010"},
		{"loop", basis + goodDMARC + "@ TXT \"v=spf1 include:i.example.com ~all\"\ni TXT \"v=spf1 include:example.com ~all\"\n", "SPF-023", ""},

		{"no DMARC", basis + goodSPF, "DMARC-001", "DMARC-003"},
		{"two DMARC records", basis + goodSPF + goodDMARC + "_dmarc TXT \"v=DMARC1; p=none\"\n", "DMARC-002", "DMARC-001"},
		{"p=none", basis + goodSPF + none, "DMARC-003", "DMARC-011 DMARC-006"},
		{"zone-file escape", basis + goodSPF + `_dmarc TXT "v=DMARC1\\; p=none"` + "\n", "DMARC-004", "DMARC-001"},
		{"no semicolon", basis + goodSPF + "_dmarc TXT \"v=DMARC1 p=none\"\n", "DMARC-004", "DMARC-001"},
		{"another record at _dmarc is none of ours", basis + goodSPF + "_dmarc TXT \"hello\"\n", "DMARC-001", "DMARC-004"},
		{"typo in p", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=rejct; rua=mailto:d@example.com\"\n", "DMARC-005", "DMARC-003"},
		{"two policies", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; p=none; rua=mailto:d@example.com\"\n", "DMARC-005", "DMARC-017"},
		{"two policies for subdomains", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; sp=reject; sp=none; rua=mailto:d@example.com\"\n", "DMARC-005", "DMARC-017"},
		{"one policy twice", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; p=reject; rua=mailto:d@example.com\"\n", "DMARC-017", "DMARC-005"},
		{"no rua", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=none\"\n", "DMARC-006 DMARC-003 DMARC-011", ""},
		{"rua without mailto", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=none; rua=d@example.com\"\n", "DMARC-007", "DMARC-006"},
		{"empty rua", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=none; rua=\"\n", "DMARC-007", "DMARC-006"},
		{"rua missing, ruf without mailto", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=none; ruf=d@example.com\"\n", "DMARC-006 DMARC-007", ""},
		{"stranger's rua", basis + "example.net. A 192.0.2.9\n" + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@example.net\"\n", "DMARC-008", ""},
		{"stranger's rua that agrees", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@example.net\"\nexample.com._report._dmarc.example.net. TXT \"v=DMARC1\"\n", "", "DMARC-008"},
		{"sp weaker", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; sp=none; rua=mailto:d@example.com\"\n", "DMARC-009", ""},
		{"np weaker", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; np=none; rua=mailto:d@example.com\"\n", "DMARC-010", "DMARC-011"},
		{"np missing", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\n", "DMARC-011", ""},
		{"test mode", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; t=y; rua=mailto:d@example.com\"\n", "DMARC-012", ""},
		{"pct left over", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; pct=20; rua=mailto:d@example.com\"\n", "DMARC-013", ""},
		{"quarantine", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=quarantine; rua=mailto:d@example.com\"\n", "DMARC-014", ""},
		{"DMARC at the domain", basis + goodSPF + "@ TXT \"v=DMARC1; p=reject\"\n", "DMARC-015 DMARC-001", ""},
		{"unknown tag", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; x=y; rua=mailto:d@example.com\"\n", "DMARC-017", ""},
		{"the list and the tree differ", basis + goodSPF + goodDMARC + "_dmarc.com. TXT \"v=DMARC1; p=none\"\n", "DMARC-018", ""},
		{"psd=y of no suffix", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; psd=y; rua=mailto:d@example.com\"\n", "DMARC-019", ""},
	}
	seen := map[string]bool{"DMARC-016": true, "SPF-015": true, "DNS-003": true, "MX-008": true} // have tests of their own
	for _, tc := range cases {
		t.Run(tc.rule, func(t *testing.T) {
			r := check(t, tc.zone, "example.com")
			ids := findingIDs(r)
			for _, id := range strings.Fields(tc.want) {
				seen[id] = true
				if !slices.Contains(ids, id) {
					t.Errorf("findings %v, want %s", ids, id)
				}
			}
			for _, id := range strings.Fields(tc.missing) {
				if slices.Contains(ids, id) {
					t.Errorf("findings %v, want no %s", ids, id)
				}
			}
			sane(t, r)
		})
	}
	for _, r := range finding.Rules() {
		if area, _, _ := strings.Cut(r.ID, "-"); slices.Contains(ownAreas, area) && !lintFinds(r.ID) && !seen[r.ID] {
			t.Errorf("no case finds %s", r.ID)
		}
	}
}

// ownAreas are those whose every rule this package can find, but for those that
// package lint reads out of the text of a record.
var ownAreas = []string{"DNS", "MX", "SPF", "DMARC"}

// lintFinds tells the rules of own areas that are lint's to find; its tests have a
// case for each.
func lintFinds(id string) bool {
	area, number, _ := strings.Cut(id, "-")
	return area == "SPF" && number >= "024" || area == "DMARC" && number >= "020"
}

func TestInheritedPolicy(t *testing.T) {
	r := check(t, basis+goodSPF+"_dmarc TXT \"v=DMARC1; p=reject; sp=none\"\nwww A 192.0.2.9\n", "www.example.com")
	ids := findingIDs(r)
	if !slices.Contains(ids, "DMARC-016") || !slices.Contains(ids, "DMARC-003") || slices.Contains(ids, "DMARC-009") || r.DMARCAt != "example.com" || r.Policy != "none" {
		t.Errorf("%v, %+v", ids, r)
	}
	sane(t, r)
}

// oldType answers that SPF records of type 99 are there.
type oldType struct{ dns.Resolver }

func (o oldType) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if q.Type == typeSPF {
		return dns.Answer{Server: "test", Records: []dns.Record{{Name: q.Name, Type: q.Type}}}, nil
	}
	return o.Resolver.Lookup(ctx, q)
}

func TestOldRecordType(t *testing.T) {
	r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: oldType{view(t, basis+goodDMARC)}})
	if err != nil || !slices.Contains(findingIDs(r), "SPF-015") {
		t.Errorf("%v, %v", findingIDs(r), err)
	}
	r, err = Check(t.Context(), Args{Domain: "example.com", Resolver: oldType{view(t, basis+goodDMARC+goodSPF)}})
	if err != nil || slices.Contains(findingIDs(r), "SPF-015") {
		t.Errorf("beside a TXT record it does no harm: %v, %v", findingIDs(r), err)
	}
}

// sane holds for every report.
func sane(t *testing.T, r Report) {
	t.Helper()
	if r.Verdict.Sentence == "" || len(r.Verdict.Because) == 0 || r.Next.Text == "" {
		t.Errorf("empty words: %+v, %+v", r.Verdict, r.Next)
	}
	for _, f := range r.Findings {
		if strings.ContainsAny(f.What+f.Why+f.Fix, "{}") {
			t.Errorf("%s has a word not filled in: %+v", f.ID, f)
		}
		if len(f.Evidence) == 0 {
			t.Errorf("%s has no evidence", f.ID)
		}
		for _, e := range f.Evidence {
			if e.Query == "" || e.Answer == "" || e.Answer == "not asked" {
				t.Errorf("%s: evidence %+v", f.ID, e)
			}
		}
	}
	for _, s := range append([]string{r.Verdict.Sentence, r.Next.Text}, r.Verdict.Because...) {
		if strings.Contains(s, "()") || strings.Contains(s, "%!") || strings.Contains(s, "  ") {
			t.Errorf("clumsy: %q", s)
		}
	}
}

// TestManyFindings: what decides is never crowded out.
func TestManyFindings(t *testing.T) {
	var zone strings.Builder
	zone.WriteString(basis + goodSPF)
	for i := range 80 {
		fmt.Fprintf(&zone, "_dmarc TXT \"v=DMARC1; p=reject; x%d=y\"\n", i)
		fmt.Fprintf(&zone, "@ TXT \"v=DMARC1; p=reject; x%d=y\"\n", i)
	}
	r := check(t, zone.String(), "example.com")
	holdsIDs(t, r, "DMARC-002 DMARC-015", "DMARC-001")
	if len(r.Findings) > maxFindings || r.Grade.Letter == "A" || r.Verdict.Exposure != Anyone {
		t.Errorf("%d findings, %+v, %+v", len(r.Findings), r.Grade, r.Verdict)
	}
	var list []finding.Finding
	for _, rule := range finding.Rules() {
		list = append(list, finding.Finding{ID: rule.ID, Severity: finding.Minor}, finding.Finding{ID: rule.ID, Severity: finding.Minor})
	}
	list = append(list, finding.Finding{ID: "SPF-004", Severity: finding.Critical})
	finding.Sort(list)
	if got := worst(list); len(got) != maxFindings || got[0].Severity != finding.Critical {
		t.Errorf("%d, %+v", len(got), got[0])
	}
}

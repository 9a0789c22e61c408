package posture

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// hosts are n more mail exchangers.
func hosts(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "@ MX 20 h%d\nh%d A 192.0.2.%d\n", i, i, i)
	}
	return b.String()
}

// TestTruthTable writes a row as "dmarc former spf-only".
func TestTruthTable(t *testing.T) {
	const p = "_dmarc TXT \"v=DMARC1; "
	for _, tc := range []struct {
		rule, zone string
		want       map[string]string
	}{
		{"nothing published", basis, map[string]string{
			"exact": "accepted accepted accepted", "mail-from-exact": "accepted accepted accepted", "missing": "accepted accepted accepted",
		}},
		{"SPF alone guards the envelope only", basis + "@ TXT \"v=spf1 mx -all\"\n", map[string]string{
			"exact": "accepted accepted refused", "from-exact": "accepted accepted accepted", "mail-from-exact": "accepted accepted refused",
			"subdomain": "accepted accepted accepted", "missing": "accepted accepted accepted",
		}},
		{"~all marks", basis + goodSPF, map[string]string{"exact": "accepted accepted marked"}},
		{"reject", basis + goodSPF + goodDMARC, map[string]string{
			"exact": "refused refused marked", "from-exact": "refused refused accepted", "mail-from-exact": "accepted accepted marked",
			"subdomain": "refused refused accepted", "from-missing": "refused refused accepted", "from-missing-mail-from-exact": "refused refused marked",
			"mail-from-missing": "accepted accepted accepted",
		}},
		{"quarantine", basis + goodSPF + p + "p=quarantine\"\n", map[string]string{"exact": "spam spam marked"}},
		{"sp", basis + goodSPF + p + "p=reject; sp=none\"\n", map[string]string{"from-exact": "refused refused accepted", "from-subdomain": "accepted accepted accepted", "from-missing": "accepted accepted accepted"}},
		{"np is known to newer receivers only", basis + goodSPF + p + "p=none; sp=none; np=reject\"\n", map[string]string{
			"from-subdomain": "accepted accepted accepted", "from-missing": "refused accepted accepted", "missing": "refused accepted accepted",
		}},
		{"t is known to newer receivers only", basis + goodSPF + p + "p=reject; t=y\"\n", map[string]string{"from-exact": "spam refused accepted"}},
		{"pct is known to older receivers only", basis + goodSPF + p + "p=reject; pct=20\"\n", map[string]string{"from-exact": "refused spam accepted"}},
		{"SPF lets everybody in, with DMARC", basis + "@ TXT \"v=spf1 +all\"\n" + goodDMARC, map[string]string{
			"exact": "accepted accepted accepted", "from-exact": "refused refused accepted", "from-subdomain-mail-from-exact": "accepted accepted accepted",
			"subdomain": "refused refused accepted",
		}},
		{"strict alignment", basis + "@ TXT \"v=spf1 +all\"\n" + p + "p=reject; aspf=s\"\n", map[string]string{"exact": "accepted accepted accepted", "from-subdomain-mail-from-exact": "refused refused accepted"}},
		{"an SPF error refuses nothing", basis + "@ TXT \"v=spf1 ip4: -all\"\n", map[string]string{"exact": "accepted accepted accepted"}},
		{"too many look-ups refuse nothing", basis + "@ TXT \"v=spf1 " + strings.Repeat("a:mail.example.com ", 11) + "-all\"\n", map[string]string{"exact": "accepted accepted accepted"}},
		{"too many mail exchangers refuse nothing", basis + hosts(11) + "@ TXT \"v=spf1 mx -all\"\n", map[string]string{"exact": "accepted accepted accepted"}},
		{"ten mail exchangers are allowed", basis + hosts(9) + "@ TXT \"v=spf1 mx -all\"\n", map[string]string{"exact": "accepted accepted refused"}},
		{"too many voids refuse nothing", basis + "@ TXT \"v=spf1 a:x1.example.com a:x2.example.com a:x3.example.com -all\"\n", map[string]string{"exact": "accepted accepted accepted"}},
		{"a loop refuses nothing", basis + "@ TXT \"v=spf1 include:example.com -all\"\n", map[string]string{"exact": "accepted accepted accepted"}},
		{"nothing is left to +all", basis + "@ TXT \"v=spf1 -ip4:0.0.0.0/0 -ip6:::/0 +all\"\n" + goodDMARC, map[string]string{"exact": "refused refused refused"}},
		{"nothing but ~ is left to +all", basis + "@ TXT \"v=spf1 ~ip4:0.0.0.0/0 ~ip6:::/0 +all\"\n" + goodDMARC, map[string]string{"exact": "refused refused marked"}},
		{"a name of SPF is for anybody to register", basis + "there.net. A 192.0.2.9\n@ TXT \"v=spf1 mx a:mail.gone.net -all\"\n" + goodDMARC, map[string]string{
			"exact": "mostly mostly mostly", "from-exact": "refused refused accepted", "from-subdomain-mail-from-exact": "mostly mostly mostly", "subdomain": "refused refused accepted",
		}},
		{"a redirect of a wildcard's record", basis + "@ TXT \"v=spf1 mx -all\"\n* TXT \"v=spf1 redirect=example.com\"\n" + goodDMARC, map[string]string{
			"missing": "refused refused refused", "mail-from-missing": "accepted accepted refused", "from-exact-mail-from-missing": "refused refused refused",
		}},
		{"a wildcard's record lets everybody in by an include", basis + goodSPF + "* TXT \"v=spf1 include:i.example.com -all\"\ni TXT \"v=spf1 ip4:0.0.0.0/0 -all\"\n" + goodDMARC, map[string]string{
			"missing": "accepted accepted accepted", "from-missing": "refused refused accepted", "from-exact-mail-from-missing": "accepted accepted accepted", "exact": "refused refused marked",
		}},
		{"… under strict alignment", basis + goodSPF + "* TXT \"v=spf1 +all\"\n" + p + "p=reject; aspf=s\"\n", map[string]string{
			"missing": "accepted accepted accepted", "from-exact-mail-from-missing": "refused refused accepted",
		}},
		{"a wildcard's record lets in a wide network", basis + goodSPF + "* TXT \"v=spf1 ip4:198.0.0.0/8 -all\"\n" + goodDMARC, map[string]string{
			"missing": "mostly mostly mostly", "from-exact-mail-from-missing": "mostly mostly mostly", "from-missing": "refused refused accepted",
		}},
		{"a wildcard's record that is an error", basis + goodSPF + "* TXT \"v=spf1 include:gone.example -all\"\n" + goodDMARC, map[string]string{"missing": "refused refused accepted"}},
		{"a wildcard gives made-up names a policy", basis + goodSPF + "* TXT \"v=DMARC1; p=none\"\n" + goodDMARC, map[string]string{
			"from-missing": "accepted accepted accepted", "from-exact": "refused refused accepted", "from-subdomain": "refused refused accepted",
		}},
		{"www lets everybody in", basis + goodSPF + "www TXT \"v=spf1 +all\"\n" + goodDMARC, map[string]string{
			"subdomain": "accepted accepted accepted", "from-exact-mail-from-subdomain": "accepted accepted accepted", "from-subdomain": "refused refused accepted", "missing": "refused refused accepted",
		}},
		{"www lets everybody in, under strict alignment", basis + goodSPF + "www TXT \"v=spf1 +all\"\n" + p + "p=reject; aspf=s\"\n", map[string]string{
			"subdomain": "accepted accepted accepted", "from-exact-mail-from-subdomain": "refused refused accepted",
		}},
		{"www sends nothing", basis + goodSPF + "www TXT \"v=spf1 -all\"\n" + goodDMARC, map[string]string{"subdomain": "refused refused refused"}},
		{"www has a policy of its own", basis + goodSPF + "www A 192.0.2.80\n_dmarc.www TXT \"v=DMARC1; p=none\"\n" + goodDMARC, map[string]string{"subdomain": "accepted accepted accepted", "exact": "refused refused marked"}},
		{"a wildcard gives made-up names an SPF record", basis + goodSPF + "* TXT \"v=spf1 -all\"\n", map[string]string{"missing": "accepted accepted refused", "subdomain": "accepted accepted accepted"}},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r := check(t, tc.zone, "example.com")
			if len(r.TruthTable) != len(forgeries) {
				t.Fatalf("%d rows", len(r.TruthTable))
			}
			for _, row := range r.TruthTable {
				got := string(row.DMARC.Does + " " + row.Former.Does + " " + row.SPFOnly.Does)
				if want, ok := tc.want[row.ID]; ok && got != want {
					t.Errorf("%s: %s, want %s (%s; %s; %s)", row.ID, got, want, row.DMARC.Why, row.Former.Why, row.SPFOnly.Why)
				}
				for _, o := range []Outcome{row.DMARC, row.Former, row.SPFOnly} {
					if o.Why == "" || o.Does == Refused && o.At == "" {
						t.Errorf("%s: %+v", row.ID, o)
					}
				}
				if www := row.From == "www.example.com" || row.MailFrom == "www.example.com"; row.Assumed != (www && !strings.Contains(tc.zone, "\nwww ")) || www && row.Assumed != strings.Contains(row.What, "a subdomain that exists") {
					t.Errorf("%s: assumed %v", row.ID, row.Assumed)
				}
				delete(tc.want, row.ID)
			}
			if len(tc.want) > 0 {
				t.Errorf("no rows for %v", tc.want)
			}
		})
	}
}

// TestVerdictKnowsWildcards: what made-up names get of a wildcard counts.
func TestVerdictKnowsWildcards(t *testing.T) {
	const policy = "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@example.com"
	for _, tc := range []struct {
		rule, zone string
		want       Exposure
		words      string
	}{
		{"SPF for everybody", goodDMARC + "* TXT \"v=spf1 +all\"\n", Anyone, "every name below it (*.example.com) has an SPF record that lets every address send (+all)"},
		{"SPF for everybody, strict alignment", policy + "; aspf=s\"\n* TXT \"v=spf1 +all\"\n", Partly, "made-up names below it"},
		{"no policy", goodDMARC + "* TXT \"v=DMARC1; p=none\"\n", Partly, "made-up names below it have a DMARC record of their own (*.example.com), by which forged mail is accepted"},
		{"SPF for a wide network", goodDMARC + "* TXT \"v=spf1 ip4:198.0.0.0/8 -all\"\n", Partly, "lets in a very wide network (ip4:198.0.0.0/8)"},
		{"SPF for nobody", goodDMARC + "* TXT \"v=spf1 -all\"\n", Protected, ""},
		{"as strong a policy", goodDMARC + "* TXT \"v=DMARC1; p=reject\"\n", Protected, ""},
		{"some other text", goodDMARC + "* TXT \"hello\"\n", Protected, ""},
	} {
		r := check(t, basis+goodSPF+tc.zone, "example.com")
		if r.Verdict.Exposure != tc.want || !strings.Contains(strings.Join(r.Verdict.Because, "; "), tc.words) {
			t.Errorf("%s: %+v", tc.rule, r.Verdict)
		}
		open := strings.Contains(tc.zone, "+all")
		if slices.Contains(findingIDs(r), "SPF-004") != open || open && r.Grade.Points > 30 {
			t.Errorf("%s: findings %v, %+v", tc.rule, findingIDs(r), r.Grade)
		}
		if (tc.want == Protected) != strings.Contains(r.Next.Text, "Nothing needs to be published") {
			t.Errorf("%s: %+v", tc.rule, r.Next)
		}
		sane(t, r)
	}
}

// TestOlderReceiversLookElsewhere: they ask the organisational domain of the list,
// and no name between.
func TestOlderReceiversLookElsewhere(t *testing.T) {
	for _, tc := range []struct {
		rule, zone, domain string
		want               Exposure
		words              string
	}{
		{"a policy between", "_dmarc.b TXT \"v=DMARC1; p=reject\"\na.b A 192.0.2.1\n", "a.b.example.com", Partly, "older receivers look for a policy at example.com instead, and find none"},
		{"… and a weaker one above", "_dmarc.b TXT \"v=DMARC1; p=reject; psd=n\"\n_dmarc TXT \"v=DMARC1; p=none\"\na.b A 192.0.2.1\n", "a.b.example.com", Partly, "and find p=none"},
		{"… and one as strong", "_dmarc.b TXT \"v=DMARC1; p=reject; psd=n\"\n_dmarc TXT \"v=DMARC1; p=reject\"\na.b A 192.0.2.1\n", "a.b.example.com", Protected, ""},
		{"at the organisational domain", goodDMARC + "a.b A 192.0.2.1\n", "a.b.example.com", Protected, ""},
		{"a public suffix's policy", "_dmarc.com. TXT \"v=DMARC1; p=reject; psd=y\"\n", "example.com", Partly, "older receivers find no policy"},
		{"several of its own below a suffix with a policy", goodDMARC + goodDMARC[:len(goodDMARC)-2] + "; t=n\"\n_dmarc.com. TXT \"v=DMARC1; p=reject; psd=y\"\n", "example.com", Partly, "older receivers find no policy"},
	} {
		for _, quick := range []bool{false, true} {
			r, err := Check(t.Context(), Args{Domain: tc.domain, Resolver: view(t, basis+tc.zone), Quick: quick})
			if err != nil || r.Verdict.Exposure != tc.want || !strings.Contains(strings.Join(r.Verdict.Because, "; "), tc.words) {
				t.Errorf("%s, quick %v: %+v, %v", tc.rule, quick, r.Verdict, err)
			}
			if tc.want == Partly && !strings.Contains(r.Next.Text, "a DMARC record of its own") && !strings.Contains(r.Next.Text, "Keep one of the DMARC records") {
				t.Errorf("%s, quick %v: %+v", tc.rule, quick, r.Next)
			}
		}
	}
}

func TestAParkedNameThatOlderReceiversPassBy(t *testing.T) {
	zone := "a.b.example.com. MX 0 .\na.b.example.com. TXT \"v=spf1 -all\"\n_dmarc.b.example.com. TXT \"v=DMARC1; p=reject\"\n"
	if r := check(t, zone, "a.b.example.com"); !r.Parked || r.Next.Name != "_dmarc.a.b.example.com" || r.Next.Record != "v=DMARC1; p=reject" {
		t.Errorf("%+v", r.Next)
	}
}

func TestTruthTableOfASubdomain(t *testing.T) {
	zone := basis + "_dmarc TXT \"v=DMARC1; p=reject; sp=quarantine; np=none\"\nnews A 192.0.2.9\n"
	for _, row := range check(t, zone, "news.example.com").TruthTable {
		want := map[string]Treatment{"from-exact": SpamFolder, "from-subdomain": SpamFolder, "from-missing": Accepted}[row.ID]
		if want != "" && row.DMARC.Does != want {
			t.Errorf("%s: %+v, want %s", row.ID, row.DMARC, want)
		}
	}
}

// TestNamesBelowASubdomain get the policy of the organisational domain, whatever the
// record between says (RFC 9989 section 4.10.1).
func TestNamesBelowASubdomain(t *testing.T) {
	for _, tc := range []struct {
		rule, org, own string
		want           Exposure
		words, next    string
	}{
		{"sp of its own has no effect", "p=reject", "p=reject; sp=none", Protected, "refuse", "Nothing needs"},
		{"np of its own has no effect", "p=reject", "p=reject; np=none", Protected, "refuse", "Nothing needs"},
		{"the organisation's is weaker", "p=none", "p=reject", Partly, "mail.news.example.com, are protected less (p=none at example.com)", "policy of example.com"},
		{"… by sp", "p=reject; sp=quarantine", "p=reject", Partly, "(sp=quarantine at example.com)", "policy of example.com"},
		{"… by np", "p=reject; np=none", "p=reject", Partly, "made-up names below it are protected less (np=none at example.com)", "policy of example.com"},
		{"… by t", "p=reject; t=y", "p=reject", Partly, "(p=reject; t=y at example.com)", "policy of example.com"},
		{"np of the organisation, without a record of its own", "p=reject; np=none", "", Partly, "(np=none at example.com)", "policy of example.com"},
		{"psd=n makes it an organisation", "p=reject", "p=reject; psd=n; sp=none", Partly, "(sp=none)", "Protect the subdomains"},
		{"… whose names older receivers judge by another", "p=none", "p=reject; psd=n", Partly, "older receivers protect names below it less", "Nothing needs"},
	} {
		zone := basis + "news A 192.0.2.9\nnews MX 10 mail\nnews TXT \"v=spf1 mx ~all\"\n_dmarc TXT \"v=DMARC1; " + tc.org + "; rua=mailto:d@example.com\"\n"
		if tc.own != "" {
			zone += "_dmarc.news TXT \"v=DMARC1; " + tc.own + "; rua=mailto:d@example.com\"\n"
		}
		r := check(t, zone, "news.example.com")
		if r.Verdict.Exposure != tc.want || !strings.Contains(strings.Join(r.Verdict.Because, "; "), tc.words) || !strings.Contains(r.Next.Text, tc.next) {
			t.Errorf("%s: %+v\n%+v", tc.rule, r.Verdict, r.Next)
		}
		if strings.Contains(tc.rule, "no effect") {
			holdsIDs(t, r, "", "DMARC-009 DMARC-010 DMARC-011")
		}
	}
}

func TestTruthTableKnowsNothingWithoutAnswers(t *testing.T) {
	zone := basis + goodSPF + goodDMARC
	r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: faulty{view(t, zone), []string{"TXT _dmarc.example.com", "TXT example.com"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range r.TruthTable {
		if row.From != "" && row.DMARC.Does != Undecidable || row.MailFrom == "example.com" && row.SPFOnly.Does != Undecidable {
			t.Errorf("%+v", row)
		}
	}
}

// TestTruthTableAgreesWithTheVerdict: what the first sentence says stands in the
// table.
func TestTruthTableAgreesWithTheVerdict(t *testing.T) {
	for _, spf := range []string{"", goodSPF, "@ TXT \"v=spf1 +all\"\n", "@ TXT \"v=spf1 -all\"\n", "@ TXT \"v=spf1 ip4: -all\"\n"} {
		for _, dmarc := range []string{"", "p=none", "p=quarantine", "p=reject", "p=reject; t=y", "p=quarantine; t=y", "p=reject; sp=none", "p=reject; np=none"} {
			zone := basis + spf
			if dmarc != "" {
				zone += "_dmarc TXT \"v=DMARC1; " + dmarc + "; rua=mailto:d@example.com\"\n"
			}
			r := check(t, zone, "example.com")
			open := r.TruthTable[0].DMARC.Does == Accepted || r.TruthTable[1].DMARC.Does == Accepted
			all := true
			for _, row := range r.TruthTable {
				all = all && (row.From == "" || row.DMARC.Does == Refused)
			}
			if (r.Verdict.Exposure == Anyone) != open || (r.Verdict.Exposure == Protected) != all {
				t.Errorf("%q %q: %s, table %+v", spf, dmarc, r.Verdict.Exposure, r.TruthTable)
			}
		}
	}
}

package posture

import (
	"strings"
	"testing"
)

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
		{"nothing is left to +all", basis + "@ TXT \"v=spf1 -ip4:0.0.0.0/0 -ip6:::/0 +all\"\n" + goodDMARC, map[string]string{"exact": "refused refused refused"}},
		{"nothing but ~ is left to +all", basis + "@ TXT \"v=spf1 ~ip4:0.0.0.0/0 ~ip6:::/0 +all\"\n" + goodDMARC, map[string]string{"exact": "refused refused marked"}},
		{"a name of SPF is for anybody to register", basis + "there.net. A 192.0.2.9\n@ TXT \"v=spf1 mx a:mail.gone.net -all\"\n" + goodDMARC, map[string]string{
			"exact": "mostly mostly mostly", "from-exact": "refused refused accepted", "from-subdomain-mail-from-exact": "mostly mostly mostly", "subdomain": "refused refused accepted",
		}},
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
				delete(tc.want, row.ID)
			}
			if len(tc.want) > 0 {
				t.Errorf("no rows for %v", tc.want)
			}
		})
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

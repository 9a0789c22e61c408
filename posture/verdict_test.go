package posture

import (
	"slices"
	"strings"
	"testing"

	"unspoof/dmarc"
	"unspoof/spf"
)

func TestVerdict(t *testing.T) {
	dmarcRecord := func(s string) string { return "_dmarc TXT \"v=DMARC1; " + s + "\"\n" }
	for _, tc := range []struct {
		rule, zone, domain string
		want               Exposure
		sentence           string
	}{
		{"nothing published", basis, "", Anyone, "no DMARC record"},
		{"SPF alone does not protect the From (K-01)", basis + "@ TXT \"v=spf1 mx -all\"\n", "", Anyone, "no DMARC record"},
		{"p=none refuses nothing", basis + goodSPF + dmarcRecord("p=none"), "", Anyone, "refuses nothing (p=none)"},
		{"reject", basis + goodSPF + goodDMARC, "", Protected, "refusable, not impossible"},
		{"reject without SPF still refuses forgeries", basis + goodDMARC, "", Protected, "refuse"},
		{"reject with +all", basis + "@ TXT \"v=spf1 +all\"\n" + goodDMARC, "", Anyone, "lets every address send"},
		{"reject with a broken SPF record", basis + "@ TXT \"v=spf1 ip4: -all\"\n" + goodDMARC, "", Protected, "refuse"},
		{"reject with ?all", basis + "@ TXT \"v=spf1 mx ?all\"\n" + goodDMARC, "", Protected, "refuse"},
		{"reject with a wide network", basis + "@ TXT \"v=spf1 ip4:198.0.0.0/8 -all\"\n" + goodDMARC, "", Partly, "very wide network"},
		{"quarantine", basis + goodSPF + dmarcRecord("p=quarantine"), "", Partly, "spam folder"},
		{"reject in test mode is quarantine", basis + goodSPF + dmarcRecord("p=reject; t=y"), "", Partly, "t=y"},
		{"quarantine in test mode is none", basis + goodSPF + dmarcRecord("p=quarantine; t=y"), "", Anyone, "refuses nothing (p=quarantine; t=y)"},
		{"subdomains left open", basis + goodSPF + dmarcRecord("p=reject; sp=none"), "", Partly, "mail.example.com"},
		{"made-up subdomains left open", basis + goodSPF + dmarcRecord("p=reject; np=none"), "", Partly, "np=none"},
		{"invalid policy", basis + goodSPF + dmarcRecord("p=rejct"), "", Anyone, "not valid"},
		{"invalid policy with rua counts as none", basis + goodSPF + dmarcRecord("p=rejct; rua=mailto:d@example.com"), "", Anyone, "refuses nothing"},
		{"several records", basis + goodSPF + goodDMARC + dmarcRecord("p=none"), "", Anyone, "several DMARC records"},
		{"no DMARC record by its form", basis + goodSPF + "_dmarc TXT \"v=DMARC1 p=reject\"\n", "", Anyone, "ignore it"},
		{"covered by the parent", basis + goodDMARC + "www A 192.0.2.1\n", "www.example.com", Protected, "refuse"},
		{"open by the parent's sp", basis + dmarcRecord("p=reject; sp=none") + "www A 192.0.2.1\n", "www.example.com", Anyone, "sp=none at example.com"},
		{"does not exist", basis, "ghost.example.com", Anyone, "does not exist"},
		{"does not exist, but is covered", basis + goodDMARC, "ghost.example.com", Protected, "does not exist"},
		{"parked and locked", "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 -all\"\n" + dmarcRecord("p=reject"), "", Protected, "refuse"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if tc.domain == "" {
				tc.domain = "example.com"
			}
			r := check(t, tc.zone, tc.domain)
			if r.Verdict.Exposure != tc.want || !strings.Contains(r.Verdict.Sentence+strings.Join(r.Verdict.Because, " "), tc.sentence) {
				t.Errorf("%s: %s %q, want %s: %s", r.Verdict.Exposure, r.Verdict.Sentence, r.Verdict.Because, tc.want, tc.sentence)
			}
			sane(t, r)
		})
	}
}

func TestNextStep(t *testing.T) {
	const parked = "$ORIGIN example.com.\n@ MX 0 .\n"
	for _, tc := range []struct{ rule, zone, name, record, text string }{
		{"nothing published: watch first", basis, "_dmarc.example.com", "v=DMARC1; p=none; rua=mailto:dmarc@example.com", "cannot harm"},
		{"SPF but no DMARC", basis + goodSPF, "_dmarc.example.com", "v=DMARC1; p=none; rua=mailto:dmarc@example.com", ""},
		{"SPF error comes first", basis + "@ TXT \"v=spf1 ip4: -all\"\n", "", "", "Correct the SPF record"},
		{"several SPF records come first", basis + goodSPF + "@ TXT \"v=spf1 -all\"\n", "", "", "into one"},
		{"+all comes first", basis + "@ TXT \"v=spf1 mx +all\"\n" + goodDMARC, "example.com", "v=spf1 mx ~all", ""},
		{"+all alone can't be replaced blindly", basis + "@ TXT \"v=spf1 +all\"\n" + goodDMARC, "", "", "lets everybody in"},
		{"no reports: add an address", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=none; adkim=s\"\n", "_dmarc.example.com", "v=DMARC1; p=none; adkim=s; rua=mailto:dmarc@example.com", "reports"},
		{"none: quarantine when the reports are clean", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\n", "_dmarc.example.com", "v=DMARC1; p=quarantine; rua=mailto:d@example.com", "two weeks"},
		{"quarantine: reject", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=quarantine; rua=mailto:d@example.com\"\n", "_dmarc.example.com", "v=DMARC1; p=reject; rua=mailto:d@example.com", "month"},
		{"test mode: end it", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; t=y; rua=mailto:d@example.com\"\n", "_dmarc.example.com", "v=DMARC1; p=reject; rua=mailto:d@example.com", "test mode"},
		{"sp weaker", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; sp=none; rua=mailto:d@example.com\"\n", "_dmarc.example.com", "v=DMARC1; p=reject; sp=reject; rua=mailto:d@example.com", "subdomains"},
		{"escape mended", basis + goodSPF + `_dmarc TXT "v=DMARC1\\; p=none\\; rua=mailto:d@example.com"` + "\n", "_dmarc.example.com", "v=DMARC1; p=none; rua=mailto:d@example.com", "form"},
		{"semicolon mended", basis + goodSPF + "_dmarc TXT \"v=DMARC1 p=none\"\n", "_dmarc.example.com", "v=DMARC1; p=none", "form"},
		{"version mended", basis + goodSPF + "_dmarc TXT \"p=none; v=dmarc1\"\n", "_dmarc.example.com", "v=DMARC1; p=none", "form"},
		{"what can't be mended is made anew", basis + goodSPF + "_dmarc TXT \"v=DMARC1 policy=none\"\n", "_dmarc.example.com", "v=DMARC1; p=none; rua=mailto:dmarc@example.com", ""},
		{"nobody takes the reports", basis + goodSPF + "example.net. A 192.0.2.9\n_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.net\"\n", "", "", "Make the reports arrive"},
		{"tags given up are left out", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=none; pct=100; ri=86400; rua=mailto:d@example.com\"\n", "_dmarc.example.com", "v=DMARC1; p=quarantine; rua=mailto:d@example.com", ""},
		{"several DMARC records", basis + goodSPF + goodDMARC + "_dmarc TXT \"v=DMARC1; p=none\"\n", "", "", "Keep one"},
		{"dead include", basis + "@ TXT \"v=spf1 mx include:gone.example ~all\"\n" + goodDMARC, "example.com", "v=spf1 mx ~all", "leads nowhere"},
		{"dead include below another's", basis + "@ TXT \"v=spf1 include:i.example.com ~all\"\ni TXT \"v=spf1 include:gone.example ~all\"\n" + goodDMARC, "", "", "Mend the SPF record"},
		{"everybody, and a dead include", basis + "@ TXT \"v=spf1 mx include:_secureserver.net +all\"\n" + goodDMARC, "example.com", "v=spf1 mx ~all", "lets everybody in"},
		{"everybody by network", basis + "@ TXT \"v=spf1 mx ip4:0.0.0.0/0 ~all\"\n" + goodDMARC, "example.com", "v=spf1 mx ~all", "lets everybody in"},
		{"everybody in two ways", basis + "@ TXT \"v=spf1 mx ip4:0.0.0.0/0 ip6:::/0 +all\"\n" + goodDMARC, "example.com", "v=spf1 mx ~all", "lets everybody in"},
		{"everybody by two networks", basis + "@ TXT \"v=spf1 mx ip4:0.0.0.0/1 ip4:128.0.0.0/1 ~all\"\n" + goodDMARC, "", "", "lets everybody in"},
		{"reject without SPF", basis + goodDMARC, "", "", "unspoof spf build"},
		{"all done", basis + goodSPF + goodDMARC, "", "", "Nothing needs to be published"},
		{"a name that anybody may register", basis + goodSPF + "@ MX 20 mx.gone.net.\nthere.net. A 192.0.2.9\n", "", "", "gone.net"},
		{"parked: refuse first", parked, "_dmarc.example.com", "v=DMARC1; p=reject", "sends no mail"},
		{"parked: reports go on", parked + "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\n", "_dmarc.example.com", "v=DMARC1; p=reject; rua=mailto:d@example.com", "in place of"},
		{"parked: then SPF", parked + goodDMARC, "example.com", "v=spf1 -all", "nobody sends"},
		{"parked: then the null MX", "$ORIGIN example.com.\n@ TXT \"v=spf1 -all\"\n" + goodDMARC, "", "", "null MX"},
		{"parked: done", parked + "@ TXT \"v=spf1 -all\"\n" + goodDMARC, "", "", "locked"},
		{"missing name", "other.example. A 192.0.2.1\n", "", "", "spelling"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r := check(t, tc.zone, "example.com")
			if n := r.Next; n.Name != tc.name || n.Record != tc.record || !strings.Contains(n.Text, tc.text) {
				t.Errorf("got %+v\nwant %s %s %q", n, tc.name, tc.record, tc.text)
			}
			switch {
			case strings.HasPrefix(tc.record, "v=spf1"):
				if _, err := spf.Parse(r.Next.Record); err != nil {
					t.Error(err)
				}
			case tc.record != "":
				if _, err := dmarc.Parse(r.Next.Record); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestCatchAllHint(t *testing.T) {
	for _, tc := range []struct{ rule, zone, want string }{
		{"nothing known", basis + goodSPF, ""},
		{"wildcard MX", basis + "* MX 10 mail\n", "wildcard MX"},
		{"forwarding service", "$ORIGIN example.com.\n@ MX 10 mx1.improvmx.com.\n", "ImprovMX"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			got := check(t, tc.zone, "example.com").CatchAll
			if (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) || got != "" && !strings.HasPrefix(got, "A hint only") {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestServices(t *testing.T) {
	r := check(t, "$ORIGIN example.com.\n@ MX 1 aspmx.l.google.com.\n@ TXT \"v=spf1 include:_spf.google.com include:amazonses.com include:_spf.aruba.it include:own.example.net ~all\"\n", "example.com")
	slices.Sort(r.Services)
	want := []string{"Amazon SES or Amazon WorkMail or Resend or AutoSend", "Aruba.it (perhaps)", "Google Workspace"}
	if !slices.Equal(r.Services, want) {
		t.Errorf("got %q", r.Services)
	}
}

func TestParked(t *testing.T) {
	for _, tc := range []struct {
		rule, zone string
		want       bool
	}{
		{"null MX and -all", "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 -all\"\n", true},
		{"nothing but a name", "x.example.com. A 192.0.2.1\n", true},
		{"web site with -all", "$ORIGIN example.com.\n@ A 192.0.2.1\n@ TXT \"v=spf1 -all\"\n", true},
		{"web site without SPF: mail may still go there", "$ORIGIN example.com.\n@ A 192.0.2.1\n", false},
		{"takes mail", basis + "@ TXT \"v=spf1 -all\"\n", false},
		{"sends only", "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 ip4:192.0.2.1 -all\"\n", false},
		{"null MX, SPF broken: nobody knows", "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 ip4: -all\"\n", false},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got := check(t, tc.zone, "example.com").Parked; got != tc.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("v=spf1 mx include:i.example.com ~all", "v=spf1 +all", "v=DMARC1; p=reject; sp=none")
	f.Add("v=spf1 ip4: -all", "", `v=DMARC1\; p=none`)
	f.Add("v=spf1 redirect=i.example.com", "v=spf1 include:example.com", "p=none; v=dmarc1")
	f.Add("v=spf1 a/0 mx//0 ip4:0.0.0.0/1 ptr exists:%{i}.x", "v=spf1", "v=DMARC1; p=x; rua=mailto:a@b.example!9z,,")
	f.Fuzz(func(t *testing.T, own, included, policy string) {
		r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: texts{
			"example.com": own, "i.example.com": included, "_dmarc.example.com": policy,
			"_mta-sts.example.com": included, "_smtp._tls.example.com": policy, "default._domainkey.example.com": included, "default._bimi.example.com": policy,
		}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict.Sentence == "" || r.Next.Text == "" || len(r.Findings) > maxFindings {
			t.Errorf("%+v", r)
		}
		if n := r.Grade.Points; n < 0 || n > fullPoints || (r.Grade.Letter == "") != (r.Grade.Reason != "") {
			t.Errorf("%+v", r.Grade)
		}
		if len(r.TruthTable) != len(forgeries) || r.Exposure == nil || r.Exposure.Points < 0 || r.Exposure.Points > 100 || r.Questions > FullQuestions {
			t.Errorf("%+v, %+v, %d questions", r.TruthTable, r.Exposure, r.Questions)
		}
		quick, err := Check(t.Context(), Args{Domain: "example.com", Quick: true, Resolver: texts{
			"example.com": own, "i.example.com": included, "_dmarc.example.com": policy,
		}})
		if err != nil || quick.Verdict.Sentence != r.Verdict.Sentence && len(quick.NotAsked) == 0 || quick.Questions > QuickQuestions {
			t.Errorf("quick %+v, %v\nfull %+v", quick, err, r)
		}
		if s := r.Next.Record; strings.HasPrefix(r.Next.Name, "_dmarc.") {
			if _, err := dmarc.Parse(s); err != nil {
				t.Errorf("advice %q: %v", s, err)
			}
		} else if s != "" {
			if _, err := spf.Parse(s); err != nil {
				t.Errorf("advice %q: %v", s, err)
			}
		}
	})
}

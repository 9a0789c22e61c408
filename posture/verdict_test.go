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
		{"two policies", basis + goodSPF + dmarcRecord("p=reject; p=none; rua=mailto:d@example.com"), "", Anyone, "p is given twice, as reject and as none"},
		{"two policies of the parent", basis + dmarcRecord("p=reject; p=none; rua=mailto:d@example.com") + "www A 192.0.2.1\n", "www.example.com", Anyone, "p is given twice"},
		{"www lets everybody in", basis + goodSPF + goodDMARC + "www TXT \"v=spf1 +all\"\n", "", Anyone, "www.example.com has an SPF record that lets every address send (+all), and mail from there passes DMARC"},
		{"www lets everybody in, under strict alignment", basis + goodSPF + dmarcRecord("p=reject; aspf=s") + "www TXT \"v=spf1 +all\"\n", "", Partly, "www.example.com has an SPF record"},
		{"www is an alias of what anybody may register", basis + goodSPF + goodDMARC + "www CNAME gone.net.\n", "", Partly, "gone.net does not exist, and whoever registers it passes as example.com"},
		{"www is such an alias, under strict alignment", basis + goodSPF + dmarcRecord("p=reject; aspf=s") + "www CNAME gone.net.\n", "", Protected, "refuse"},
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
		{"several SPF records come first", basis + goodSPF + "@ TXT \"v=spf1 -all\"\n", "example.com", "v=spf1 mx ~all", "publish this one"},
		{"several SPF records of which one cannot be read", basis + goodSPF + "@ TXT \"v=spf1 include:localname -all\"\n", "", "", "unspoof spf lint example.com"},
		{"no SPF record by its form", basis + "@ TXT \"spf1 mx ~all\"\n" + goodDMARC, "example.com", "v=spf1 mx ~all", "which receivers ignore"},
		{"SPF error that lint mends", basis + "@ TXT \"v=spf1 mx ~al\"\n" + goodDMARC, "example.com", "v=spf1 mx ~all", "in place of today's"},
		{"+all comes first", basis + "@ TXT \"v=spf1 mx +all\"\n" + goodDMARC, "example.com", "v=spf1 mx ~all", ""},
		{"+all alone can't be replaced blindly", basis + "@ TXT \"v=spf1 +all\"\n" + goodDMARC, "", "", "lets everybody in"},
		{"no reports: add an address", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=none; adkim=s\"\n", "_dmarc.example.com", "v=DMARC1; p=none; adkim=s; rua=mailto:dmarc@example.com", "reports"},
		{"none: the ladder names the next record", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\n", "", "", "names that don't exist and subdomains first, then the domain itself. The next record, and what must be true before it is published: unspoof dmarc build --domain example.com."},
		{"quarantine: the ladder again", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=quarantine; rua=mailto:d@example.com\"\n", "", "", "unspoof dmarc build --domain example.com"},
		{"test mode", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; t=y; rua=mailto:d@example.com\"\n", "", "", "The policy is in test mode (t=y)"},
		{"sp weaker", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; sp=none; rua=mailto:d@example.com\"\n", "", "", "Protect the subdomains"},
		{"escape mended", basis + goodSPF + `_dmarc TXT "v=DMARC1\\; p=none\\; rua=mailto:d@example.com"` + "\n", "_dmarc.example.com", "v=DMARC1; p=none; rua=mailto:d@example.com", "form"},
		{"semicolon mended", basis + goodSPF + "_dmarc TXT \"v=DMARC1 p=none\"\n", "_dmarc.example.com", "v=DMARC1; p=none", "form"},
		{"version mended", basis + goodSPF + "_dmarc TXT \"p=none; v=dmarc1\"\n", "_dmarc.example.com", "v=DMARC1; p=none", "form"},
		{"what can't be mended is made anew", basis + goodSPF + "_dmarc TXT \"v=DMARC1 policy=none\"\n", "_dmarc.example.com", "v=DMARC1; p=none; rua=mailto:dmarc@example.com", ""},
		{"nobody takes the reports", basis + goodSPF + "example.net. A 192.0.2.9\n_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.net\"\n", "", "", "Make the reports arrive"},
		{"tags given up are left out", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=none; pct=100; ri=86400\"\n", "_dmarc.example.com", "v=DMARC1; p=none; rua=mailto:dmarc@example.com", "reporting address"},
		{"two policies", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; p=none; rua=mailto:d@example.com\"\n", "", "", "Correct the DMARC record"},
		{"www lets everybody in", basis + goodSPF + goodDMARC + "www TXT \"v=spf1 +all\"\n", "", "", "SPF record at www.example.com (+all)"},
		{"several DMARC records", basis + goodSPF + goodDMARC + "_dmarc TXT \"v=DMARC1; p=none\"\n", "", "", "Keep one"},
		{"dead include", basis + "@ TXT \"v=spf1 mx include:gone.example ~all\"\n" + goodDMARC, "example.com", "v=spf1 mx ~all", "leads nowhere"},
		{"dead include: before any stricter policy", basis + "@ TXT \"v=spf1 mx include:gone.example ~all\"\n_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\n", "example.com", "v=spf1 mx ~all", "leads nowhere"},
		{"too many look-ups: before any stricter policy", basis + "@ TXT \"v=spf1 " + strings.Repeat("a:mail.example.com ", 11) + "~all\"\n_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\n", "", "", "Mend the SPF record. The SPF record needs 11 DNS look-ups"},
		{"dead include, and nothing watches yet", basis + "@ TXT \"v=spf1 mx include:gone.example ~all\"\n", "_dmarc.example.com", "v=DMARC1; p=none; rua=mailto:dmarc@example.com", "cannot harm"},
		{"dead include below another's", basis + "@ TXT \"v=spf1 include:i.example.com ~all\"\ni TXT \"v=spf1 include:gone.example ~all\"\n" + goodDMARC, "", "", "Mend the SPF record"},
		{"everybody, and a dead include", basis + "@ TXT \"v=spf1 mx include:_secureserver.net +all\"\n" + goodDMARC, "example.com", "v=spf1 mx ~all", "lets everybody in"},
		{"everybody by network", basis + "@ TXT \"v=spf1 mx ip4:0.0.0.0/0 ~all\"\n" + goodDMARC, "example.com", "v=spf1 mx ~all", "lets everybody in"},
		{"everybody in two ways", basis + "@ TXT \"v=spf1 mx ip4:0.0.0.0/0 ip6:::/0 +all\"\n" + goodDMARC, "example.com", "v=spf1 mx ~all", "lets everybody in"},
		{"everybody by two networks", basis + "@ TXT \"v=spf1 mx ip4:0.0.0.0/1 ip4:128.0.0.0/1 ~all\"\n" + goodDMARC, "example.com", "v=spf1 mx ~all", "lets everybody in"},
		{"everybody by four networks: which stays, only the owner knows", basis + "@ TXT \"v=spf1 mx ip4:0.0.0.0/2 ip4:64.0.0.0/2 ~all\"\n" + goodDMARC, "", "", "Take the widest networks out"},
		{"everybody behind a dead include", basis + "@ TXT \"v=spf1 mx include:gone.example exists:mail.example.com -all\"\n" + goodDMARC, "example.com", "v=spf1 mx -all", "leaves out what lets everybody in (exists:mail.example.com)"},
		{"pct comes out before the next rung", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=quarantine; pct=10; rua=mailto:d@example.com\"\n", "", "", "Take pct=10 out"},
		{"pct under reject", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=reject; pct=0; rua=mailto:d@example.com\"\n", "_dmarc.example.com", "v=DMARC1; p=reject; rua=mailto:d@example.com", "Take pct=0 out"},
		{"pct under none is nothing, and is never proposed", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=none; pct=50; rua=mailto:d@example.com\"\n", "", "", "Read the reports"},
		{"watched without SPF: before any stricter policy", basis + "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\n", "", "", "unspoof spf build"},
		{"reject without SPF", basis + goodDMARC, "", "", "unspoof spf build"},
		{"all done", basis + goodSPF + goodDMARC, "", "", "Nothing needs to be published"},
		{"a name that anybody may register", basis + goodSPF + "@ MX 20 mx.gone.net.\nthere.net. A 192.0.2.9\n", "", "", "gone.net"},
		{"parked: refuse first", parked, "_dmarc.example.com", "v=DMARC1; p=reject", "Nothing shows that the domain sends"},
		{"somebody watches the reports: no short cut", parked + "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\n", "", "", "unspoof spf build"},
		{"parked: reports go on", parked + "_dmarc TXT \"v=DMARC1; p=quarantine; rua=mailto:d@example.com\"\n", "_dmarc.example.com", "v=DMARC1; p=reject; rua=mailto:d@example.com", "in place of"},
		{"parked: subdomains too", parked + "@ TXT \"v=spf1 -all\"\n_dmarc TXT \"v=DMARC1; p=reject; sp=none\"\n", "_dmarc.example.com", "v=DMARC1; p=reject", "in place of"},
		{"parked: two policies", parked + "_dmarc TXT \"v=DMARC1; p=reject; p=none\"\n", "_dmarc.example.com", "v=DMARC1; p=reject", "in place of"},
		{"parked: then SPF", parked + goodDMARC, "example.com", "v=spf1 -all", "nobody sends"},
		{"parked: then the null MX", "$ORIGIN example.com.\n@ TXT \"v=spf1 -all\"\n" + goodDMARC, "", "", "null MX"},
		{"parked: then the keys", parked + "@ TXT \"v=spf1 -all\"\n" + goodDMARC, "*._domainkey.example.com", "v=DKIM1; p=", "no DKIM key"},
		{"parked: done", parked + "@ TXT \"v=spf1 -all\"\n*._domainkey TXT \"v=DKIM1; p=\"\n" + goodDMARC, "", "", "locked as far as DNS can"},
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
			case strings.HasPrefix(tc.record, "v=DKIM1"):
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
		{"-all, but a key", "$ORIGIN example.com.\n@ TXT \"v=spf1 -all\"\ns1._domainkey TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n", false},
		{"-all, and a key that was revoked", "$ORIGIN example.com.\n@ TXT \"v=spf1 -all\"\ns1._domainkey TXT \"v=DKIM1; p=\"\n", true},
		{"every name has a key", "$ORIGIN example.com.\n@ TXT \"v=spf1 -all\"\n*._domainkey TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n", false},
		{"meant as SPF", "$ORIGIN example.com.\n@ TXT \"v=spf1include:sendgrid.net -all\"\n", false},
		{"SPF in quotes of its own", "$ORIGIN example.com.\n@ TXT \"\\\"v=spf1 include:sendgrid.net -all\\\"\"\n", false},
		{"SPF at another name", "$ORIGIN example.com.\n@ MX 0 .\n_spf TXT \"v=spf1 ip4:192.0.2.1 -all\"\n", false},
		{"somebody watches the reports", "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 -all\"\n_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.com\"\n", false},
		{"null MX, SPF broken: nobody knows", "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 ip4: -all\"\n", false},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			if got := check(t, tc.zone, "example.com").Parked; got != tc.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// TestKeysThatDoNotAnswer: a domain may send, for all that is known.
func TestKeysThatDoNotAnswer(t *testing.T) {
	r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: faulty{view(t, "$ORIGIN example.com.\n@ TXT \"v=spf1 -all\"\n"), []string{"TXT unspoof-wildcard-probe._domainkey.example.com"}}})
	if err != nil || r.Parked {
		t.Errorf("%+v, %v", r.Next, err)
	}
}

// TestQuickNeverOffersToRefuseEverything: it looks for no keys.
func TestQuickNeverOffersToRefuseEverything(t *testing.T) {
	zone := "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 -all\"\n"
	r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: view(t, zone), Quick: true})
	if err != nil || !r.Parked || r.Next.Record != "" || !strings.Contains(r.Next.Text, "seems not to send") {
		t.Errorf("%+v, %v", r.Next, err)
	}
}

// TestParkedWithoutReports: reports on what nobody sends are a choice.
func TestParkedWithoutReports(t *testing.T) {
	r := check(t, "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 -all\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n", "example.com")
	for _, f := range r.Findings {
		if f.Severity.AtLeast("medium") {
			t.Errorf("%s: %s", f.ID, f.What)
		}
	}
}

// TestWhoIsEverybody looks at quick checks and full ones.
func TestWhoIsEverybody(t *testing.T) {
	for _, tc := range []struct {
		rule, zone string
		want       Exposure
	}{
		{"half by hosts", "@ A 1.2.3.4\n@ MX 20 x\nx A 200.2.3.4\n@ TXT \"v=spf1 a/1 mx/1 -all\"\n", Anyone},
		{"all of IPv6 in use", "@ TXT \"v=spf1 mx ip6:2000::/3 -all\"\n", Anyone},
		{"half of IPv6 in use", "@ TXT \"v=spf1 mx ip6:2000::/4 -all\"\n", Anyone},
		{"by an include", "@ TXT \"v=spf1 include:i.example.com -all\"\ni TXT \"v=spf1 ip4:0.0.0.0/2 ip4:64.0.0.0/2 -all\"\n", Anyone},
		{"a quarter twice", "@ TXT \"v=spf1 ip4:0.0.0.0/2 ip4:0.0.0.0/2 -all\"\n", Partly},
		{"refused before", "@ TXT \"v=spf1 -ip4:0.0.0.0/1 -ip4:128.0.0.0/1 ip4:0.0.0.0/0 -all\"\n", Protected},
		{"a part refused before", "@ TXT \"v=spf1 -ip4:0.0.0.0/1 ip4:0.0.0.0/0 -all\"\n", Anyone},
		{"most refused before", "@ TXT \"v=spf1 -ip4:0.0.0.0/1 ip4:0.0.0.0/1 -ip4:128.0.0.0/2 ip4:128.0.0.0/1 -all\"\n", Partly},
		{"a wide network refused before", "@ TXT \"v=spf1 mx -ip4:198.0.0.0/8 ip4:198.0.0.0/8 -all\"\n", Protected},
		{"refused before, but for IPv6", "@ TXT \"v=spf1 -ip4:0.0.0.0/0 +all\"\n", Anyone},
		{"a name that exists for everybody", "@ TXT \"v=spf1 exists:mail.example.com -all\"\n", Anyone},
		{"a name that exists for nobody", "@ TXT \"v=spf1 mx exists:gone.example.com -all\"\n", Protected},
		{"all refused before", "@ TXT \"v=spf1 -ip4:0.0.0.0/0 -ip6:::/0 +all\"\n", Protected},
		{"several networks behind an include that leads nowhere", "@ TXT \"v=spf1 include:gone.example ip4:0.0.0.0/2 ip4:64.0.0.0/2 -all\"\n", Anyone},
		{"half behind an error", "two TXT \"v=spf1 -all\"\ntwo TXT \"v=spf1 ~all\"\n@ TXT \"v=spf1 include:two.example.com ip4:0.0.0.0/1 -all\"\n", Anyone},
		{"a name that exists for everybody, behind an error", "@ TXT \"v=spf1 include:gone.example exists:mail.example.com -all\"\n", Anyone},
		{"+all behind a slip", "@ TXT \"v=spf1 ip4: +all\"\n", Anyone},
		{"+all of an include behind a slip", "@ TXT \"v=spf1 ip4:192.0.2 include:i.example.com -all\"\ni TXT \"v=spf1 +all\"\n", Anyone},
		{"a slip, and nobody behind it", "@ TXT \"v=spf1 ip4: mx -all\"\n", Protected},
		{"two slips that leave no record", "@ TXT \"v=spf1 ip4: redirect=a.example redirect=b.example +all\"\n", Protected},
		{"networks that no mail comes from", "@ TXT \"v=spf1 ip6:8000::/1 -all\"\n", Partly},
	} {
		for _, quick := range []bool{false, true} {
			r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: view(t, basis+tc.zone+goodDMARC), Quick: quick})
			if err != nil || r.Verdict.Exposure != tc.want || slices.Contains(findingIDs(r), "SPF-004") != (tc.want == Anyone) {
				t.Errorf("%s, quick %v: %+v, %v, findings %v", tc.rule, quick, r.Verdict, err, findingIDs(r))
			}
			if len(r.TruthTable) > 0 && (r.TruthTable[0].DMARC.Does == Accepted) != (tc.want == Anyone) {
				t.Errorf("%s: %+v", tc.rule, r.TruthTable[0])
			}
			if e := r.Exposure; e != nil && (e.Points == 100) != (tc.want == Anyone) {
				t.Errorf("%s: %+v", tc.rule, e)
			}
		}
	}
}

// TestAnErrorBeforeEverybodyIsSaid: it protects from strict receivers for a while.
func TestAnErrorBeforeEverybodyIsSaid(t *testing.T) {
	for record, said := range map[string]bool{
		"v=spf1 +all": false, "v=spf1 ip4:0.0.0.0/0 include:gone.example -all": false,
		"v=spf1 include:gone.example +all": true, "v=spf1 ip4: +all": true, "v=spf1 " + strings.Repeat("a:mail.example.com ", 11) + "+all": true,
	} {
		r := check(t, basis+"@ TXT \""+record+"\"\n"+goodDMARC, "example.com")
		for _, text := range []string{r.Verdict.Sentence, r.TruthTable[0].DMARC.Why, r.TruthTable[0].SPFOnly.Why} {
			if !strings.Contains(text, "lets every address send") || strings.Contains(text, "an error") != said {
				t.Errorf("%s: %s", record, text)
			}
		}
		if record == "v=spf1 ip4: +all" && (!strings.Contains(r.Next.Text, "take +all out") || r.Bulk[0].State != No) {
			t.Errorf("%+v, %+v", r.Next, r.Bulk[0])
		}
	}
}

func TestAWideNetworkIsNotRefused(t *testing.T) {
	r := check(t, basis+"@ TXT \"v=spf1 mx ip4:198.0.0.0/8 -all\"\n"+goodDMARC, "example.com")
	for _, row := range r.TruthTable {
		want := map[string]Treatment{"exact": Mostly, "from-exact": Refused, "from-subdomain-mail-from-exact": Mostly, "subdomain": Refused}[row.ID]
		if want != "" && row.DMARC.Does != want {
			t.Errorf("%s: %+v", row.ID, row.DMARC)
		}
	}
	if row := r.TruthTable[0]; row.SPFOnly.Does != Mostly || !strings.Contains(row.DMARC.Why, "ip4:198.0.0.0/8") {
		t.Errorf("%+v", row)
	}
}

// TestClaimedNamesAreNoProtection: whoever registers them passes.
func TestClaimedNamesAreNoProtection(t *testing.T) {
	for _, zone := range []string{
		"@ TXT \"v=spf1 mx a:mail.gone.net ~all\"\n", "s1._domainkey CNAME k.gone.net.\n" + goodSPF, "* CNAME app.gone.net.\n" + goodSPF,
	} {
		r := check(t, basis+zone+goodDMARC, "example.com")
		if r.Verdict.Exposure != Partly || !strings.Contains(r.Verdict.Because[0], "gone.net does not exist") {
			t.Errorf("%s: %+v", zone, r.Verdict)
		}
	}
}

func TestPercentIsSaid(t *testing.T) {
	r := check(t, basis+goodSPF+"_dmarc TXT \"v=DMARC1; p=reject; pct=10; rua=mailto:d@example.com\"\n", "example.com")
	if r.Verdict.Exposure != Partly || !strings.Contains(strings.Join(r.Verdict.Because, " "), "pct=10") {
		t.Errorf("%+v", r.Verdict)
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
		if len(r.TruthTable) != len(forgeries) || r.Exposure != nil && (r.Exposure.Points < 0 || r.Exposure.Points > 100) || r.Questions > FullQuestions {
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

// TestTheRepairIsWorded as the record is that stands beside it.
func TestTheRepairIsWorded(t *testing.T) {
	for _, tc := range []struct{ record, want, words string }{
		{"v=spf1 mx +all", "v=spf1 mx ~all", ": ~all stands in place"},
		{"v=spf1 mx ip4:0.0.0.0/0 -all", "v=spf1 mx -all", "leaves out what lets everybody in (ip4:0.0.0.0/0). First"},
		{"v=spf1 mx ip4:0.0.0.0/0 all", "v=spf1 mx ~all", "everybody in (ip4:0.0.0.0/0), and ~all stands in place of all. First"},
	} {
		r := check(t, basis+"@ TXT \""+tc.record+"\"\n"+goodDMARC, "example.com")
		if r.Next.Record != tc.want || !strings.Contains(r.Next.Text, tc.words) {
			t.Errorf("%s: %+v", tc.record, r.Next)
		}
	}
}

package posture

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// rsaKey is a key record, in strings for a zone file.
func rsaKey(t *testing.T, bits int) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	writeStrings(&b, "v=DKIM1; k=rsa; p="+base64.StdEncoding.EncodeToString(der))
	return strings.TrimSpace(b.String())
}

func TestDKIM(t *testing.T) {
	good, weak := rsaKey(t, 2048), rsaKey(t, 1024)
	const m365 = "@ TXT \"v=spf1 include:spf.protection.outlook.com -all\"\nspf.protection.outlook.com. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"
	for _, tc := range []struct {
		rule, zone, want, missing string
		selectors                 []string
		wildcard                  State
	}{
		{"none found", "", "", "DKIM-001 DKIM-023", nil, No},
		{"a usual selector", "default._domainkey TXT " + good + "\n", "", "DKIM-012", []string{"default"}, No},
		{"a short key", "mail._domainkey TXT " + weak + "\n", "DKIM-012", "", []string{"mail"}, No},
		{"a revoked key", "mail._domainkey TXT \"v=DKIM1; p=\"\n", "DKIM-006", "", []string{"mail"}, No},
		{"a key that is a test", "mail._domainkey TXT \"v=DKIM1; t=y; p=\"\n", "DKIM-006", "", []string{"mail"}, No},
		{"a service's selector through its CNAME", m365 + "selector1._domainkey CNAME selector1-example-com._domainkey.example.onmicrosoft.com.\nselector1-example-com._domainkey.example.onmicrosoft.com. TXT " + good + "\n", "", "", []string{"selector1"}, No},
		{"everything answers", "*._domainkey TXT " + good + "\n", "DKIM-023", "", nil, Yes},
		{"everything is revoked", "*._domainkey TXT \"v=DKIM1; p=\"\n", "", "DKIM-023 DKIM-006", nil, Yes},
		{"a wildcard of other text is no key", "* TXT \"hello\"\n", "", "DKIM-023 DKIM-003", nil, No},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r := check(t, basis+goodDMARC+tc.zone, "example.com")
			holdsIDs(t, r, tc.want, tc.missing)
			var got []string
			for _, s := range r.DKIM.Selectors {
				got = append(got, s.Selector)
			}
			if !slices.Equal(got, tc.selectors) || r.DKIM.Wildcard != tc.wildcard || r.DKIM.WildcardRevoked != (tc.rule == "everything is revoked") || (r.DKIM.Tried > 0) != (tc.wildcard == No) || r.DKIM.Tried > maxSelectors {
				t.Errorf("%+v", r.DKIM)
			}
		})
	}
	r := check(t, basis+m365+"selector1._domainkey CNAME selector1-example-com._domainkey.example.onmicrosoft.com.\nselector1-example-com._domainkey.example.onmicrosoft.com. TXT "+good+"\n", "example.com")
	if s := r.DKIM.Selectors[0]; !strings.Contains(s.Service, "Microsoft") || s.Target == "" || !slices.ContainsFunc(r.Services, func(n string) bool { return strings.Contains(n, "Microsoft") }) {
		t.Errorf("%+v, %q", s, r.Services)
	}
}

func TestDKIMDoesNotAnswer(t *testing.T) {
	r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: faulty{view(t, basis+goodSPF+goodDMARC), []string{"TXT unspoof-wildcard-probe._domainkey.example.com"}}})
	if err != nil {
		t.Fatal(err)
	}
	if r.DKIM.Wildcard != NotKnown || r.DKIM.Tried != 0 {
		t.Errorf("%+v", r.DKIM)
	}
}

func TestLockdown(t *testing.T) {
	const locked = "$ORIGIN example.com.\n@ MX 0 .\n@ TXT \"v=spf1 -all\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n*._domainkey TXT \"v=DKIM1; p=\"\n"
	for _, tc := range []struct{ rule, zone, open string }{
		{"locked", locked, ""},
		{"no SPF", strings.Replace(locked, "@ TXT \"v=spf1 -all\"\n", "", 1), "spf"},
		{"~all", strings.Replace(locked, "-all", "~all", 1), "spf"},
		{"quarantine", strings.Replace(locked, "p=reject", "p=quarantine", 1), "dmarc"},
		{"subdomains open", strings.Replace(locked, "p=reject", "p=reject; sp=none", 1), "dmarc"},
		{"test mode", strings.Replace(locked, "p=reject", "p=reject; t=y", 1), "dmarc"},
		{"no null MX", strings.Replace(locked, "@ MX 0 .\n", "", 1), "null-mx"},
		{"no keys", strings.Replace(locked, "*._domainkey TXT \"v=DKIM1; p=\"\n", "", 1), "dkim"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r := check(t, tc.zone, "example.com")
			if len(r.Lockdown) != 4 || len(r.Bulk) != 0 {
				t.Fatalf("%+v", r.Lockdown)
			}
			for _, l := range r.Lockdown {
				if want := stateOf(l.What != tc.open); l.State != want || l.Want == "" {
					t.Errorf("%+v, want %s", l, want)
				}
			}
		})
	}
	if r := check(t, basis+goodSPF+goodDMARC, "example.com"); len(r.Lockdown) != 0 {
		t.Errorf("a domain with mail: %+v", r.Lockdown)
	}
}

func TestBulkDemands(t *testing.T) {
	const arpa = "25.2.0.192.in-addr.arpa. PTR mail.example.com.\nd.c.b.a.ip6.arpa. PTR x.example.com.\n"
	six := "5.2.0.0" + strings.Repeat(".0", 20) + ".8.b.d.0.1.0.0.2.ip6.arpa. PTR mail.example.com.\n"
	for _, tc := range []struct{ rule, zone, want string }{
		{"all that shows is there", basis + goodSPF + goodDMARC + arpa + six + "default._domainkey TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n", "yes yes yes yes"},
		{"nothing", basis, "no unknown no unknown"},
		{"p=none is enough", basis + goodSPF + "_dmarc TXT \"v=DMARC1; p=none\"\n", "yes unknown yes unknown"},
		{"a key that cannot be used", basis + goodSPF + goodDMARC + "default._domainkey TXT \"v=DKIM1; k=rsa; p=MIIBIjANBgkq\"\n", "yes unknown yes unknown"},
		{"SPF is an error", basis + "@ TXT \"v=spf1 ip4:\"\n", "no unknown no unknown"},
		{"a reverse name is missing", basis + goodSPF + arpa, "yes unknown no no"},
		{"a reverse name leads elsewhere", basis + goodSPF + "25.2.0.192.in-addr.arpa. PTR other.example.com.\nother A 192.0.2.99\n" + six, "yes unknown no no"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r := check(t, tc.zone, "example.com")
			var got []string
			for _, d := range r.Bulk[:4] {
				got = append(got, string(d.State))
				if d.Why == "" || d.Who == "" {
					t.Errorf("%+v", d)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(strings.Fields(tc.want)) {
				t.Errorf("got %v, want %s: %+v", got, tc.want, r.Bulk)
			}
			if slices.Contains(findingIDs(r), "MX-008") != (r.Bulk[3].State == No) {
				t.Errorf("findings %v", findingIDs(r))
			}
		})
	}
}

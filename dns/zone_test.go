package dns

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseZone(t *testing.T) {
	const file = `$ORIGIN example.com.
$TTL 2h
@       IN SOA ns admin ( 1 2 3 4
                          5 ) ; brackets join lines
        NS   ns
        MX   10 mail
        MX   20 mail.example.net.
        60   TXT  "v=spf1 -all" " x"
*       A    192.0.2.1
v6      AAAA 2001:db8::1
$GENERATE 1-2 h$ 2h CNAME v6
`
	const ttl = 2 * time.Hour
	want := []Record{
		{Name: "example.com", Type: TypeSOA, TTL: ttl, SOA: &SOA{
			MName: "ns.example.com", RName: "admin.example.com", Serial: 1,
			Refresh: 2 * time.Second, Retry: 3 * time.Second, Expire: 4 * time.Second, Minimum: 5 * time.Second,
		}},
		{Name: "example.com", Type: TypeNS, TTL: ttl, Host: "ns.example.com"},
		{Name: "example.com", Type: TypeMX, TTL: ttl, Host: "mail.example.com", Pref: 10},
		{Name: "example.com", Type: TypeMX, TTL: ttl, Host: "mail.example.net", Pref: 20},
		{Name: "example.com", Type: TypeTXT, TTL: time.Minute, Text: []string{"v=spf1 -all", " x"}},
		{Name: "*.example.com", Type: TypeA, TTL: ttl, Addr: addr("192.0.2.1")},
		{Name: "v6.example.com", Type: TypeAAAA, TTL: ttl, Addr: addr("2001:db8::1")},
		{Name: "h1.example.com", Type: TypeCNAME, TTL: ttl, Host: "v6.example.com"},
		{Name: "h2.example.com", Type: TypeCNAME, TTL: ttl, Host: "v6.example.com"},
	}
	got, err := ParseZone("zone", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, sameAddr); d != "" {
		t.Error(d)
	}
}

func TestParseZoneErrorsNamePlaceAndFix(t *testing.T) {
	for text, want := range map[string][]string{
		"$TTL 60\nwww A 192.0.2.1\n":                                        {"f.zone", "line: 2", "$ORIGIN example.com."},
		"a.example. A 192.0.2.1\nb.example. A x\n":                          {"f.zone", "line: 2", `"x"`},
		"$INCLUDE /etc/hostname\n":                                          {"f.zone", "line: 1", "paste the other file"},
		"a.example. CH TXT x\n":                                             {"f.zone", "a.example.", "only class IN"},
		"$GENERATE 0-65535 h$.x. TXT " + strings.Repeat("xx ", 5000) + "\n": {"f.zone", "more than 64 MiB"},
		strings.Repeat("$GENERATE 1-60000 h$.x. A 192.0.2.1\n", 9):          {"f.zone", "more than 131072 records"},
	} {
		records, err := ParseZone("f.zone", []byte(text))
		if err == nil {
			t.Errorf("%.40q: read as %v", text, records)
			continue
		}
		for _, part := range want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q lacks %q", err, part)
			}
		}
	}
}

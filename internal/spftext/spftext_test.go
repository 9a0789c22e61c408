package spftext

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/spf"
)

const zone = `$TTL 300
_spf.google.com. TXT "v=spf1 ip4:198.51.100.0/24 ~all"
none.example. A 192.0.2.7
`

func setOf(t *testing.T, record string) (*spf.Set, *dnsfile.View) {
	t.Helper()
	view, err := dnsfile.Parse("zone", []byte(zone))
	if err != nil {
		t.Fatal(err)
	}
	set, err := spf.Sets(t.Context(), spf.SetArgs{Domain: "example.com", Record: record, Resolver: view})
	if err != nil {
		t.Fatal(err)
	}
	return set, view
}

func TestTerm(t *testing.T) {
	for term, want := range map[string]string{
		"-all":                    "Everybody else may not send; refuse it.",
		"~all":                    "Everybody else probably may not send; mark it.",
		"?all":                    "Everybody else: nothing is said.",
		"ip4:192.0.2.1":           "The address 192.0.2.1 may send.",
		"ip6:2001:db8::/32":       "The network 2001:db8::/32 may send.",
		"a":                       "The addresses of the domain itself may send.",
		"-a:h.example":            "The addresses of h.example may not send; refuse it.",
		"mx/24":                   "The servers that receive mail for the domain itself, with the networks around them (/24, IPv6 /128), may send.",
		"include:x.example":       "Whoever the record of x.example lets in may send.",
		"include:_spf.google.com": "Whoever the record of _spf.google.com (Google Workspace) lets in may send.",
		"exists:%{i}.x.example":   "Clients for whom the name %{i}.x.example exists may send.",
		"ptr":                     "Clients whose reverse name lies below the domain itself (slow and not to be used, RFC 7208 section 5.5) may send.",
		"redirect=x.example":      "Where no term matches, the record of x.example decides.",
		"exp=why.example":         "Who is refused gets the text published at why.example.",
		"x-new=1":                 "Not defined by the standard; receivers ignore it.",
	} {
		t.Run(term, func(t *testing.T) {
			rec, err := spf.Parse("v=spf1 " + term)
			if err != nil {
				t.Fatal(err)
			}
			if got := Term(rec.Terms[0]); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestTerms(t *testing.T) {
	for record, want := range map[string][]string{
		"v=spf1":                    {},
		"v=spf1 redirect=x.example": {"Where no term matches, the record of x.example decides."},
		"v=spf1 redirect=x.example ip4:192.0.2.1 -all a exp=why.example": {
			"Ignored, since the record has an all (RFC 7208 section 6.1).", "The address 192.0.2.1 may send.", "Everybody else may not send; refuse it.",
			"Never read, since it stands behind an all (RFC 7208 section 5.1).", "Who is refused gets the text published at why.example."},
	} {
		rec, err := spf.Parse(record)
		if err != nil {
			t.Fatal(err)
		}
		if got := Terms(rec); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %q, want %q", record, got, want)
		}
	}
}

func TestMalformed(t *testing.T) {
	_, err := spf.Parse("v=spf1 ip4: -all")
	if err == nil {
		t.Fatal("the record is taken")
	}
	got := Malformed(err)
	if !strings.HasPrefix(got, `The record is broken: "ip4:" at byte `) || !strings.Contains(got, "expected") {
		t.Errorf("got %q", got)
	}
}

func TestServices(t *testing.T) {
	for host, want := range map[string][]string{"": {}, "x.example": {}, "_spf.google.com": {"Google Workspace"}} {
		if got := Services(host); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %#v, want %q", host, got, want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for record, want := range map[string]string{
		"v=spf1 -all":                                        "no address",
		"v=spf1 ip4:192.0.2.1 -all":                          "1 IPv4 address",
		"v=spf1 ip4:10.0.0.0/8 -all":                         "16,777,216 IPv4 addresses",
		"v=spf1 ip6:2001:db8::1 -all":                        "1 IPv6 address",
		"v=spf1 ip6:2001:db8::/64 -all":                      "1 IPv6 network of /64",
		"v=spf1 ip6:2001:db8::/65 -all":                      "some 10^18 IPv6 addresses",
		"v=spf1 ip4:192.0.2.0/31 ip6:2001:db8::/32 -all":     "2 IPv4 addresses and 4,294,967,296 IPv6 networks of /64",
		"v=spf1 ip4:192.0.2.1 ip6:::ffff:192.0.2.2/127 -all": "1 IPv4 address", // no client has the others
	} {
		set, _ := setOf(t, record)
		if got := Addresses(Countable(set).Count(spf.Pass, spf.AsWritten)); got != want {
			t.Errorf("%s: got %q, want %q", record, got, want)
		}
	}
}

func TestThousands(t *testing.T) {
	for digits, want := range map[string]string{"": "", "7": "7", "999": "999", "1000": "1,000", "1234567": "1,234,567", "999999999999999": "999,999,999,999,999", "1000000000000000": "some 10^15"} {
		if got := Thousands(digits); got != want {
			t.Errorf("%s: got %q, want %q", digits, got, want)
		}
	}
}

func TestSums(t *testing.T) {
	type row struct{ through, gained, lost string }
	for _, tc := range []struct {
		rule, old, now string
		want           []row
	}{
		{"the same has no sums", "v=spf1 ip4:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all", nil},
		{"each term is added up", "v=spf1 ip4:192.0.2.0/24 -all", "v=spf1 ip4:192.0.2.7 ip6:2001:db8::1 -all",
			[]row{{"ip6:2001:db8::1", "1 IPv6 address", "no address"}, {"ip4:192.0.2.0/24", "no address", "255 IPv4 addresses"}}},
		{"an include has its service", "v=spf1 -all", "v=spf1 include:_spf.google.com -all",
			[]row{{"include:_spf.google.com (Google Workspace)", "256 IPv4 addresses", "no address"}}},
		{"addresses that no client has don't count", "v=spf1 -all", "v=spf1 ip6:::ffff:192.0.2.1 -all", nil},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			old, _ := setOf(t, tc.old)
			now, _ := setOf(t, tc.now)
			d := spf.Diff(old, now)
			sums := Sums(&d)
			if sums == nil {
				t.Fatal("nil, which is null in JSON")
			}
			var got []row
			for _, s := range sums {
				got = append(got, row{s.Through(), Addresses(s.Gained), Addresses(s.Lost)})
			}
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	if got := (Sum{}).Through(); got != "the end of the record" {
		t.Errorf("without a term: %q", got)
	}
}

func TestDescribe(t *testing.T) {
	for _, tc := range []struct {
		rule, record      string
		problems          []string
		may               string
		owners, shadows   int
		shared            []string // hosts
		wantProblems      []string
		cause             string
		brokenToEverybody bool
	}{
		{rule: "a plain record", record: "v=spf1 ip4:192.0.2.1 -all", may: "1 IPv4 address", owners: 1},
		{rule: "an all that says what the end says is meant", record: "v=spf1 ip4:192.0.2.1 ?all", may: "1 IPv4 address", owners: 1},
		{rule: "shared and needless", record: "v=spf1 include:_spf.google.com ip4:198.51.100.9 -all", may: "256 IPv4 addresses", owners: 1, shadows: 1, shared: []string{"_spf.google.com"}},
		{rule: "broken for everybody", record: "v=spf1 include:none.example -all", may: "no address",
			wantProblems: []string{"To everybody the record is an error: include:none.example > (none.example has no SPF record)"}, cause: "include:none.example > (none.example has no SPF record)", brokenToEverybody: true},
		{rule: "broken for some", record: "v=spf1 ip4:192.0.2.1 include:none.example -all", may: "1 IPv4 address", owners: 1, cause: "include:none.example > (none.example has no SPF record)"},
		{rule: "a known problem is not told twice", record: "v=spf1 include:none.example -all", problems: []string{"Known."}, may: "no address",
			wantProblems: []string{"Known."}, cause: "include:none.example > (none.example has no SPF record)", brokenToEverybody: true},
		{rule: "addresses that no client has", record: "v=spf1 ip6:::ffff:192.0.2.1 -all", may: "no address"},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			set, view := setOf(t, tc.record)
			got, err := Describe(t.Context(), view, set, tc.problems)
			if err != nil {
				t.Fatal(err)
			}
			if may := Addresses(got.MaySend.AsWritten); may != tc.may {
				t.Errorf("%s may send, want %s", may, tc.may)
			}
			if len(got.Owners) != tc.owners || len(got.Shadows) != tc.shadows {
				t.Errorf("owners %+v, shadows %+v", got.Owners, got.Shadows)
			}
			var hosts []string
			for _, s := range got.Shared {
				hosts = append(hosts, s.Host)
			}
			if !reflect.DeepEqual(hosts, tc.shared) {
				t.Errorf("shared %q, want %q", hosts, tc.shared)
			}
			if !reflect.DeepEqual(got.Problems, append([]string{}, tc.wantProblems...)) {
				t.Errorf("problems %q, want %q", got.Problems, tc.wantProblems)
			}
			if cause, all := Broken(set); cause != tc.cause || all != tc.brokenToEverybody {
				t.Errorf("broken: %q, %v", cause, all)
			}
			if got.Problems == nil || got.Owners == nil || got.Shadows == nil || got.Shared == nil {
				t.Error("a list is null in JSON")
			}
		})
	}
}

func TestDescribeStopsWithItsContext(t *testing.T) {
	set, view := setOf(t, "v=spf1 include:_spf.google.com -all")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Describe(ctx, view, set, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestUnpublished(t *testing.T) {
	view, err := dnsfile.Parse("zone", []byte(zone+"two.example. TXT \"v=spf1 -all\"\ntwo.example. TXT \"v=spf1 mx -all\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	for domain, want := range map[string]string{
		"gone.example": "gone.example does not exist in DNS", "none.example": "none.example" + None,
		"two.example": "two.example publishes several", "_spf.google.com": "",
	} {
		_, answer, err := spf.Discover(t.Context(), view, domain)
		if got := Unpublished(domain, answer, err); !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("%s: %v: %q", domain, err, got)
		}
	}
	if got := Unpublished("down.example", dns.Answer{}, errors.New("no answer")); got != "" {
		t.Errorf("without an answer: %q", got)
	}
}

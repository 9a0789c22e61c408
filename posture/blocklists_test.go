package posture

import (
	"context"
	"strings"
	"testing"

	"unspoof/dns"
)

// working are the test entries of all lists, as RFC 5782 section 5 wants them.
func working() string {
	var b strings.Builder
	for _, l := range lists {
		b.WriteString("2.0.0.127." + l.zone + ". A 127.0.0.2\n")
	}
	return b.String()
}

func TestBlocklists(t *testing.T) {
	for _, tc := range []struct {
		rule, zone, want, missing string
		zen                       State // of 192.0.2.25 in the first list
		why                       string
	}{
		{"not listed", working(), "", "LIST-001 LIST-002", No, "not listed"},
		{"listed", working() + "25.2.0.192.zen.spamhaus.org. A 127.0.0.4\n", "LIST-001", "LIST-002", Yes, "XBL"},
		{"listed twice", working() + "25.2.0.192.zen.spamhaus.org. A 127.0.0.2\n25.2.0.192.zen.spamhaus.org. A 127.0.0.11\n", "LIST-001", "LIST-002", Yes, "SBL"},
		{"listed by policy only", working() + "25.2.0.192.zen.spamhaus.org. A 127.0.0.10\n", "LIST-002", "LIST-001", Yes, "PBL"},
		{"the list does not serve this resolver", working() + "25.2.0.192.zen.spamhaus.org. A 127.255.255.254\n", "", "LIST-001", NotKnown, "resolver of your own"},
		{"the test entry is refused so", strings.Replace(working(), "2.0.0.127.zen.spamhaus.org. A 127.0.0.2", "*.zen.spamhaus.org. A 127.255.255.254", 1), "", "LIST-001", NotKnown, "resolver of your own"},
		{"a code that is new beside one that is known", working() + "25.2.0.192.zen.spamhaus.org. A 127.0.0.77\n25.2.0.192.zen.spamhaus.org. A 127.0.0.4\n", "LIST-001", "LIST-002", Yes, "XBL"},
		{"a controller", working() + "25.2.0.192.zen.spamhaus.org. A 127.0.0.30\n", "LIST-001", "LIST-002", Yes, "BCL"},
		{"a refusal beside a code", working() + "25.2.0.192.zen.spamhaus.org. A 127.255.255.254\n25.2.0.192.zen.spamhaus.org. A 127.0.0.4\n", "", "LIST-001", NotKnown, "resolver of your own"},
		{"a code that is not documented", working() + "25.2.0.192.zen.spamhaus.org. A 127.0.0.77\n", "", "LIST-001", NotKnown, "none of the list's"},
		{"an address of the Internet", working() + "25.2.0.192.zen.spamhaus.org. A 198.51.100.1\n", "", "LIST-001", NotKnown, "none of the list's"},
		{"the list is gone", "", "", "LIST-001", NotKnown, "test entry"},
		{"the list lists the world", "*.zen.spamhaus.org. A 127.0.0.2\n", "", "LIST-001", NotKnown, "out of service"},
		{"IPv6", working() + "5.2.0.0." + strings.Repeat("0.", 20) + "8.b.d.0.1.0.0.2.zen.spamhaus.org. A 127.0.0.3\n", "LIST-001", "", No, ""},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			r := check(t, basis+goodSPF+goodDMARC+tc.zone, "example.com")
			holdsIDs(t, r, tc.want, tc.missing)
			if len(r.Blocklists) != len(lists)+1 { // one takes IPv6, too
				t.Fatalf("%+v", r.Blocklists)
			}
			b := r.Blocklists[0]
			if b.Address != "192.0.2.25" || b.Listed != tc.zen || !strings.Contains(b.Why, tc.why) {
				t.Errorf("%+v", b)
			}
		})
	}
}

// refusing refuses all questions to block lists.
type refusing struct{ dns.Resolver }

func (f refusing) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	for _, l := range lists {
		if strings.HasSuffix(q.Name, l.zone) {
			return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultRefused, Server: "test"}
		}
	}
	return f.Resolver.Lookup(ctx, q)
}

func TestBlocklistsThatRefuse(t *testing.T) {
	r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: refusing{view(t, basis+goodSPF+goodDMARC)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range r.Blocklists {
		if b.Listed != NotKnown || !strings.Contains(b.Why, "refused") {
			t.Errorf("%+v", b)
		}
	}
	if len(r.Unanswered) > 0 || r.Grade.AtBest {
		t.Errorf("unanswered %v", r.Unanswered)
	}
}

// TestBlocklistsAskForOwnAddressesOnly: not for those of services, nor for inner
// ones, and not for networks.
func TestBlocklistsAskForOwnAddressesOnly(t *testing.T) {
	zone := "$ORIGIN example.com.\n@ MX 1 example-com.mail.protection.outlook.com.\nexample-com.mail.protection.outlook.com. A 198.51.100.7\n" +
		"@ TXT \"v=spf1 include:spf.protection.outlook.com ip4:192.0.2.7 ip4:10.0.0.1 ip4:203.0.113.0/24 a:own.example.com -ip4:192.0.2.66 ~all\"\n" +
		"spf.protection.outlook.com. TXT \"v=spf1 ip4:198.51.100.8 -all\"\nown A 192.0.2.8\n" + working()
	seen := map[string]bool{}
	for _, b := range check(t, zone, "example.com").Blocklists {
		seen[b.Address] = true
	}
	if len(seen) != 2 || !seen["192.0.2.7"] || !seen["192.0.2.8"] {
		t.Errorf("asked for %v", seen)
	}
}

func TestBlocklistsCanBeLeftOut(t *testing.T) {
	r, err := Check(t.Context(), Args{Domain: "example.com", Resolver: view(t, basis+goodSPF+goodDMARC+working()), NoBlocklists: true})
	if err != nil || len(r.Blocklists) != 0 {
		t.Errorf("%+v, %v", r.Blocklists, err)
	}
}

func TestBlocklistsThatDoNotAnswerSayWhomTheyAnswer(t *testing.T) {
	for _, b := range check(t, basis+goodSPF+goodDMARC, "example.com").Blocklists {
		if strings.Contains(b.List, "barracuda") && !strings.Contains(b.Why, "registered") {
			t.Errorf("%+v", b)
		}
	}
}

// TestAProvidersServerIsNotOwn: that it is on a list is its owner's affair.
func TestAProvidersServerIsNotOwn(t *testing.T) {
	zone := "$ORIGIN example.com.\n@ MX 1 mx.provider.net.\nmx.provider.net. A 198.51.100.7\n@ TXT \"v=spf1 mx ip4:192.0.2.7 ~all\"\n" + goodDMARC + working() +
		"7.100.51.198.zen.spamhaus.org. A 127.0.0.2\nx.in-addr.arpa. PTR x.example.com.\n"
	r := check(t, zone, "example.com")
	holdsIDs(t, r, "LIST-003 MX-008", "LIST-001 LIST-002")
	for _, f := range r.Findings {
		if f.ID == "LIST-003" && (f.Severity != "low" || !strings.Contains(f.Fix, "mx.provider.net")) || f.ID == "MX-008" && strings.Contains(f.What, "198.51.100.7") {
			t.Errorf("%+v", f)
		}
	}
	if r.Blocklists[0].Address != "192.0.2.7" {
		t.Errorf("own ones come first: %+v", r.Blocklists[0])
	}
}

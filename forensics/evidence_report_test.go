package forensics

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"unspoof/message"
)

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"550 5.7.23 SPF: 203.0.113.80 is not allowed", "[203.0.113.80]"},
		{"SPF:203.0.113.80.", "[203.0.113.80]"},
		{"client-ip=203.0.113.80;", "[203.0.113.80]"},
		{"host [203.0.113.80]:25 said", "[203.0.113.80]"},
		{"([IPv6:2001:db8::1])", "[2001:db8::1]"},
		{"ip=2001:db8:0:0:0:0:0:1, 192.0.2.1", "[2001:db8::1 192.0.2.1]"},
		{"from 2001:db8::: too short", "[]"},
		{"::ffff:192.0.2.7 mapped", "[192.0.2.7]"},
		{"version 1.2.3 at 10:20:30 dead:beef", "[]"},
		{"5.7.1.999 and 1.2.3.4.5", "[]"},
		{"", "[]"},
		{strings.Repeat("192.0.2.1 ", 500), "[" + strings.TrimSpace(strings.Repeat("192.0.2.1 ", maxAddresses)) + "]"},
	} {
		if got := fmt.Sprint(ipsIn(c.text)); got != c.want {
			t.Errorf("%.60q: %s, want %s", c.text, got, c.want)
		}
	}
}

func TestSaysCheckFailed(t *testing.T) {
	for text, want := range map[string]bool{
		"550 5.7.26 unauthenticated":                       true,
		"550-5.7.515 Access denied":                        true,
		"message failed DMARC evaluation":                  true,
		"rejected by SPF: bad":                             true,
		"550 5.7.1 spam":                                   false,
		"see spf-help.example":                             true, // a word of its own between signs
		"unknown user spfister":                            false,
		"15.7.26":                                          false,
		strings.Repeat("x", maxDiagnostic) + " dmarc fail": false,
	} {
		if got := saysCheckFailed(text); got != want {
			t.Errorf("%.60q: %v", text, got)
		}
	}
}

func TestEnvelopeMailbox(t *testing.T) {
	for address, want := range map[string]string{
		"Ada@firm.example":                     "ada",
		"prvs=1234567890=ada@firm.example":     "ada",
		"PRVS=1234567890=Ada@firm.example":     "ada",
		"ada+shop@firm.example":                "ada",
		"bounce-kim=shop.example@firm.example": "",
		"prvs=ada@firm.example":                "",
		"a%b@firm.example":                     "",
	} {
		if got := splitEnvelope(address, message.Field{}).mailbox(); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

func TestOneLine(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"a\r\n\tb  c", "a b c"},
		{strings.Repeat("x", 400), strings.Repeat("x", 300)},
		{strings.Repeat("x", 299) + "é", strings.Repeat("x", 299)},
		{strings.Repeat("x", 297) + "日本", strings.Repeat("x", 297) + "日"},
		{strings.Repeat("\xff", 400), ""},
	} {
		if got := oneLine(c.in); got != c.want {
			t.Errorf("%.20q: %q (valid %v)", c.in, got, utf8.ValidString(got))
		}
	}
}

func TestIsPrivate(t *testing.T) {
	for ip, want := range map[string]bool{
		"10.0.0.1": true, "172.17.0.1": true, "192.168.1.1": true, "127.0.0.1": true, "100.64.3.4": true,
		"169.254.1.1": true, "fd00::1": true, "fe80::1": true, "::1": true,
		"2002:a05:6a10::1": true, "2002:cb00:7101::1": false, "203.0.113.1": false, "2001:db8::1": false,
	} {
		if got := isPrivate(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s: %v", ip, got)
		}
	}
}

func TestBelowMatchesWholeLabels(t *testing.T) {
	for _, c := range []struct {
		parent, name string
		want         bool
	}{
		{"firm.example", "firm.example", true},
		{"firm.example", "mx.firm.example", true},
		{"firm.example", "notfirm.example", false},
		{"firm.example", "firm.example.evil.example", false},
		{"", "firm.example", false},
	} {
		if got := below(c.parent, c.name); got != c.want {
			t.Errorf("below(%q, %q) = %v", c.parent, c.name, got)
		}
	}
}

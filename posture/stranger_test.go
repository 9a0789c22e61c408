package posture

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"unspoof/spf"
)

// TestStrangersGetWhatSPFSays: the truth table says of random records what the
// evaluator says of an address that no term names.
func TestStrangersGetWhatSPFSays(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	names := []string{"i1", "i2", "i3", "i4", "gone"}
	record := func() string {
		words := []string{"v=spf1"}
		for range rng.IntN(4) {
			words = append(words, pick("", "", "-", "~", "?")+pick("ip4:192.0.2.1", "ip4:192.0.2.0/28", "ip6:2001:db8::1", "a", "mx", "a:mail.example.com", "a:void.example.com", "mx:many.example.com",
				"include:"+pick(names...)+".example.com", "include:"+pick(names...)+".example.com", "include:two.example.com", "include:bad.example.com", "exists:void.example.com"))
		}
		switch rng.IntN(8) {
		case 0:
			words = append(words, "redirect="+pick(names...)+".example.com")
		case 1:
		default:
			words = append(words, pick("-all", "-all", "~all", "?all"))
		}
		return strings.Join(words, " ")
	}
	does := map[spf.Word]Treatment{spf.Fail: Refused, spf.SoftFail: Marked}
	stranger := netip.MustParseAddr("203.0.113.77")
	for n := range 600 {
		var zone strings.Builder
		zone.WriteString(basis + "two TXT \"v=spf1 -all\"\ntwo TXT \"v=spf1 ~all\"\nbad TXT \"v=spf1 ip4: -all\"\n")
		for i := range 11 {
			fmt.Fprintf(&zone, "many MX 10 h%d\nh%d A 192.0.2.%d\n", i, i, i)
		}
		for _, name := range append(names[:4:4], "@", "*") {
			fmt.Fprintf(&zone, "%s TXT %q\n", name, record())
		}
		r := check(t, zone.String(), "example.com")
		checker := spf.Checker{Resolver: view(t, zone.String())}
		for _, row := range r.TruthTable {
			if row.ID != "mail-from-exact" && row.ID != "mail-from-missing" {
				continue
			}
			got := checker.Check(t.Context(), spf.Args{IP: stranger, MailFrom: "a@" + row.MailFrom, HELO: "x.example.net"})
			want := does[got.Result]
			if want == "" {
				want = Accepted
			}
			if row.SPFOnly.Does != want {
				t.Fatalf("%d: %s %+v, want %s (%s %s)\n%s", n, row.ID, row.SPFOnly, want, got.Result, got.Cause, zone.String()[len(basis):])
			}
		}
	}
}

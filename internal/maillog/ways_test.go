package maillog

import (
	"fmt"
	"strings"
	"testing"
)

// sentVia is a log of n messages of users, each to a domain of its own, handed to
// the host that relay names.
func sentVia(n int, relay func(i int) string) string {
	var b strings.Builder
	for i := range n {
		id := fmt.Sprintf("ABCDE%02d", i)
		fmt.Fprintf(&b, "Jun  2 01:10:00 Mail postfix/smtpd[1]: %[1]s: client=pc[203.0.113.50], sasl_method=PLAIN, sasl_username=anna\n"+
			"Jun  2 01:10:00 Mail postfix/cleanup[1]: %[1]s: message-id=<%[1]s@brand.example>\n"+
			"Jun  2 01:10:00 Mail postfix/qmgr[1]: %[1]s: from=<anna@Brand.example>, size=1, nrcpt=1 (queue active)\n"+
			"Jun  2 01:10:01 Mail postfix/smtp[1]: %[1]s: to=<x@far%[2]d.example>, relay=%[3]s[192.0.2.160]:25, delay=1, dsn=2.0.0, status=sent (ok)\n"+
			"Jun  2 01:10:02 Mail postfix/qmgr[1]: %[1]s: removed\n", id, i, relay(i))
	}
	return b.String()
}

func TestWays(t *testing.T) {
	smart := func(int) string { return "Smtp.Relay.example" }
	own := func(i int) string { return fmt.Sprintf("mx.far%d.example", i) }
	for _, c := range []struct {
		name, in, ways, smart string
	}{
		{"a server and the domain of its users", sentVia(3, own), "mail brand.example 3", ""},
		{"all of it through one host", sentVia(smartMessages, smart), fmt.Sprintf("mail brand.example %d", smartMessages), "smtp.relay.example"},
		{"too little to tell", sentVia(smartMessages-1, smart), fmt.Sprintf("mail brand.example %d", smartMessages-1), ""},
		{"half of it", sentVia(20, func(i int) string {
			if i%2 == 0 {
				return smart(i)
			}
			return own(i)
		}), "mail brand.example 20", ""},
		{"all of it for one domain", strings.ReplaceAll(strings.NewReplacer("far1.", "far0.", "far2.", "far0.").Replace(sentVia(3, smart)), "x", "x"), "mail brand.example 3", ""},
		{"what came from outside is nobody's of ours", strings.ReplaceAll(sentVia(2, own), ", sasl_method=PLAIN, sasl_username=anna", ""), "", ""},
		{"a program without a domain", `Jun  2 01:10:00 web postfix/pickup[1]: ABCDE12: uid=1004 from=<www-data>
Jun  2 01:10:00 web postfix/cleanup[1]: ABCDE12: message-id=<s@web.brand.example>
Jun  2 01:10:00 web postfix/qmgr[1]: ABCDE12: from=<www-data>, size=1, nrcpt=1 (queue active)
Jun  2 01:10:01 web postfix/smtp[1]: ABCDE12: to=<a@far.example>, relay=m[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (ok)
Jun  2 01:10:01 web postfix/qmgr[1]: ABCDE12: removed
`, "web  1", ""},
		{"Exim's own log names no server", `2024-06-02 01:10:00 1abCDE-0001Ab-Cd <= anna@brand.example H=pc [203.0.113.50] P=esmtpsa A=plain:anna S=1 id=a@brand.example
2024-06-02 01:10:01 1abCDE-0001Ab-Cd => x@far.example R=dnslookup T=remote_smtp H=mx.far.example [192.0.2.1] C="250 ok"
2024-06-02 01:10:01 1abCDE-0001Ab-Cd Completed
`, " brand.example 1", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := read(t, c.in)
			var got []string
			for _, w := range l.Ways {
				got = append(got, fmt.Sprintf("%s %s %d", w.Host, w.Sender, w.Count))
			}
			if s := strings.Join(got, "\n"); s != c.ways || l.SmartHost != c.smart {
				t.Errorf("ways %q, smart host %q; want %q, %q", s, l.SmartHost, c.ways, c.smart)
			}
		})
	}
}

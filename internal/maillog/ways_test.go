package maillog

import (
	"fmt"
	"regexp"
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

var recipient = regexp.MustCompile(`<x@far\d+\.example>`)

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
		{"cron's mail to root stays on the machine", `Jun  2 01:10:00 web postfix/pickup[1]: ABCDE12: uid=0 from=<root>
Jun  2 01:10:00 web postfix/cleanup[1]: ABCDE12: message-id=<s@web.brand.example>
Jun  2 01:10:00 web postfix/qmgr[1]: ABCDE12: from=<root@web.brand.example>, size=1, nrcpt=1 (queue active)
Jun  2 01:10:00 web postfix/local[1]: ABCDE12: to=<root@web.brand.example>, orig_to=<root>, relay=local, delay=0.03, dsn=2.0.0, status=sent (delivered to mailbox)
Jun  2 01:10:00 web postfix/qmgr[1]: ABCDE12: removed
`, "", ""},
		{"so it does with Exim", `2024-06-02 01:10:00 1abCDE-0001Ab-Cd <= root@web.brand.example U=root P=local S=744
2024-06-02 01:10:01 1abCDE-0001Ab-Cd => root <root@web.brand.example> R=local_user T=mail_spool
2024-06-02 01:10:01 1abCDE-0001Ab-Cd Completed
`, "", ""},
		{"refused by the other side, it was sent", strings.ReplaceAll(sentVia(2, own), "dsn=2.0.0, status=sent (ok)", "dsn=5.7.1, status=bounced (host said: 550 5.7.1 SPF fail)"), "mail brand.example 2", ""},
		{"so it was with Exim, and put off", `2024-06-02 01:10:00 1abCDE-0001Ab-Cd <= anna@brand.example U=anna P=local S=744
2024-06-02 01:10:01 1abCDE-0001Ab-Cd ** x@far.example R=dnslookup T=remote_smtp H=mx.far.example [192.0.2.1]: SMTP error from remote mail server: 550 SPF fail
2024-06-02 01:10:01 1abCDE-0001Ab-Cd Completed
2024-06-02 01:10:00 1abCDF-0001Ab-Cd <= bert@brand.example U=anna P=local S=744
2024-06-02 01:10:01 1abCDF-0001Ab-Cd == x@far.example R=dnslookup T=remote_smtp defer (-46) H=mx.far.example [192.0.2.1]: 451 4.7.1 Greylisted
`, " brand.example 2", ""},
		{"submission under a name of its own", strings.ReplaceAll(sentVia(3, own), "postfix/smtpd", "submission/smtpd"), "mail brand.example 3", ""},
		{"an instance of its own with IDs that are the same", strings.ReplaceAll(sentVia(3, own), "postfix/", "postfix-out/") + strings.ReplaceAll(sentVia(1, own), ", sasl_method=PLAIN, sasl_username=anna", ""), "mail brand.example 3", ""},
		{"a relay inside takes all of it", strings.ReplaceAll(sentVia(smartMessages, smart), "192.0.2.160", "10.0.0.5"), fmt.Sprintf("mail brand.example %d", smartMessages), "smtp.relay.example"},
		{"what came from outside and what stays inside tell of no relay", sentVia(smartMessages, smart) +
			strings.NewReplacer("ABCDE", "FFFFF", ", sasl_method=PLAIN, sasl_username=anna", "", "192.0.2.160", "192.0.2.161").Replace(sentVia(smartMessages, own)) +
			recipient.ReplaceAllString(strings.NewReplacer("ABCDE", "EEEEE", "192.0.2.160", "10.0.0.7").Replace(sentVia(5, func(int) string { return "store" })), "<x@brand.example>"),
			fmt.Sprintf("mail brand.example %d", smartMessages+5), "smtp.relay.example"},
		{"stamps with a blank", strings.ReplaceAll(sentVia(1, own), "Jun  2 01", "2024-06-02 01"), "mail brand.example 1", ""},
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

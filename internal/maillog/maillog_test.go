package maillog

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

var now = time.Date(2024, 6, 20, 0, 0, 0, 0, time.UTC)

func read(t *testing.T, text string) *Log {
	t.Helper()
	l, err := Read(strings.NewReader(text), "mail.log", now)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func sentText(l *Log) string {
	var out []string
	for _, s := range l.Outbound.Entries {
		ip := "-"
		if s.ClientIP.IsValid() {
			ip = s.ClientIP.String()
		}
		out = append(out, fmt.Sprintf("%s %s user=%s ip=%s to=%s", s.Time.Format("01-02 15:04:05"), s.MessageID, s.User, ip, strings.Join(s.Recipients, ",")))
	}
	return strings.Join(out, "\n")
}

func inboundText(l *Log) string {
	var out []string
	for _, e := range l.Inbound {
		out = append(out, fmt.Sprintf("%s %s [%s] %s > %s: %s", e.QueueID, e.Client, e.ClientIP, e.From, e.To, e.Result))
	}
	return strings.Join(out, "\n")
}

const postfixLogin = `Jun  2 01:10:00 mail postfix/submission/smtpd[812]: connect from unknown[203.0.113.50]
Jun  2 01:10:00 mail postfix/submission/smtpd[812]: 4F2A1C0: client=unknown[203.0.113.50], sasl_method=PLAIN, sasl_username=anna
Jun  2 01:10:00 mail postfix/cleanup[813]: 4F2A1C0: message-id=<z0.77@brand.example>
Jun  2 01:10:00 mail postfix/qmgr[700]: 4F2A1C0: from=<anna@brand.example>, size=1234, nrcpt=2 (queue active)
Jun  2 01:10:01 mail postfix/smtp[814]: 4F2A1C0: to=<opfer0@fern.example>, relay=mx.fern.example[192.0.2.160]:25, delay=1, delays=0.1/0/0.5/0.4, dsn=2.0.0, status=sent (250 2.0.0 Ok)
Jun  2 01:10:02 mail postfix/smtp[815]: 4F2A1C0: to=<opfer1@weit.example>, relay=none, delay=2, delays=0.1/0/2/0, dsn=4.4.1, status=deferred (connect timed out)
Jun  2 02:10:02 mail postfix/smtp[815]: 4F2A1C0: to=<opfer1@weit.example>, relay=mx.weit.example[192.0.2.161]:25, delay=3602, delays=0.1/0/2/0, dsn=2.0.0, status=sent (ok)
Jun  2 02:10:02 mail postfix/qmgr[700]: 4F2A1C0: removed
`

func TestWhatLeft(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"a login in Postfix", postfixLogin,
			"06-02 01:10:00 <z0.77@brand.example> user=anna ip=203.0.113.50 to=opfer0@fern.example,opfer1@weit.example"},
		{"RFC 3339 stamps with a zone", strings.ReplaceAll(strings.ReplaceAll(postfixLogin, "Jun  2 0", "2024-06-02T0"), " mail postfix", ".25+02:00 mail postfix"),
			"06-01 23:10:00 <z0.77@brand.example> user=anna ip=203.0.113.50 to=opfer0@fern.example,opfer1@weit.example"},
		{"long queue IDs and a port", strings.ReplaceAll(strings.ReplaceAll(postfixLogin, "4F2A1C0", "4VtYk31Tz0zJxq"), "203.0.113.50],", "203.0.113.50]:4711,"),
			"06-02 01:10:00 <z0.77@brand.example> user=anna ip=203.0.113.50 to=opfer0@fern.example,opfer1@weit.example"},
		{"a priority in front", strings.ReplaceAll(postfixLogin, "Jun", "<22>Jun"),
			"06-02 01:10:00 <z0.77@brand.example> user=anna ip=203.0.113.50 to=opfer0@fern.example,opfer1@weit.example"},
		{"still in the queue", strings.Join(strings.Split(postfixLogin, "\n")[:5], "\n"),
			"06-02 01:10:00 <z0.77@brand.example> user=anna ip=203.0.113.50 to=opfer0@fern.example"},
		{"a program on the machine", `Jun  2 01:10:00 web postfix/pickup[1]: ABCDE12: uid=1004 from=<www-data>
Jun  2 01:10:00 web postfix/cleanup[1]: ABCDE12: message-id=<s@web.brand.example>
Jun  2 01:10:01 web postfix/smtp[1]: ABCDE12: to=<a@far.example>, relay=m[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (ok)
`, "06-02 01:10:00 <s@web.brand.example> user=uid 1004 ip=- to=a@far.example"},
		{"a private network without login", `Jun  2 01:10:00 m postfix/smtpd[1]: ABCDE12: client=pc[10.1.1.4]
Jun  2 01:10:00 m postfix/cleanup[1]: ABCDE12: message-id=<p@brand.example>
Jun  2 01:10:01 m postfix/smtp[1]: ABCDE12: to=<a@far.example>, relay=m[192.0.2.1]:25, dsn=2.0.0, status=sent (ok)
`, "06-02 01:10:00 <p@brand.example> user= ip=10.1.1.4 to=a@far.example"},
		{"through a filter and back", `Jun  2 01:10:00 m postfix/smtpd[1]: AAAAA11: client=pc[203.0.113.50], sasl_method=PLAIN, sasl_username=anna
Jun  2 01:10:00 m postfix/cleanup[1]: AAAAA11: message-id=<f@brand.example>
Jun  2 01:10:03 m postfix/smtpd[2]: BBBBB22: client=localhost[127.0.0.1]
Jun  2 01:10:03 m postfix/cleanup[1]: BBBBB22: message-id=<f@brand.example>
Jun  2 01:10:03 m postfix/smtp[1]: AAAAA11: to=<a@far.example>, relay=127.0.0.1[127.0.0.1]:10024, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as BBBBB22)
Jun  2 01:10:03 m postfix/qmgr[1]: AAAAA11: removed
Jun  2 01:10:04 m postfix/smtp[1]: BBBBB22: to=<a@far.example>, relay=m[192.0.2.1]:25, dsn=2.0.0, status=sent (ok)
Jun  2 01:10:04 m postfix/qmgr[1]: BBBBB22: removed
`, "06-02 01:10:00 <f@brand.example> user=anna ip=203.0.113.50 to=a@far.example"},
		{"through a filter that names the first queue ID", `Jun  2 01:10:00 m postfix/smtpd[1]: AAAAA11: client=pc[203.0.113.50], sasl_method=PLAIN, sasl_username=anna
Jun  2 01:10:00 m postfix/cleanup[1]: AAAAA11: message-id=<f@brand.example>
Jun  2 01:10:03 m postfix/smtpd[2]: BBBBB22: client=localhost[127.0.0.1], orig_queue_id=AAAAA11, orig_client=pc[203.0.113.50]
Jun  2 01:10:03 m postfix/cleanup[1]: BBBBB22: message-id=<f2@brand.example>
Jun  2 01:10:04 m postfix/smtp[1]: BBBBB22: to=<a@far.example>, relay=m[192.0.2.1]:25, dsn=2.0.0, status=sent (ok)
`, "06-02 01:10:00 <f2@brand.example> user=anna ip=203.0.113.50 to=a@far.example"},
		{"a queue ID used again", `Jun  2 01:10:00 m postfix/smtpd[1]: AAAAA11: client=pc[203.0.113.50], sasl_method=PLAIN, sasl_username=anna
Jun  2 01:10:00 m postfix/cleanup[1]: AAAAA11: message-id=<1@brand.example>
Jun  2 01:11:00 m postfix/smtpd[1]: AAAAA11: client=pc[203.0.113.51], sasl_method=PLAIN, sasl_username=bernd
Jun  2 01:11:00 m postfix/cleanup[1]: AAAAA11: message-id=<2@brand.example>
`, "06-02 01:10:00 <1@brand.example> user=anna ip=203.0.113.50 to=\n06-02 01:11:00 <2@brand.example> user=bernd ip=203.0.113.51 to="},
		{"two instances with one queue ID", `Jun  2 01:10:00 m postfix/smtpd[1]: AAAAA11: client=pc[203.0.113.50], sasl_method=PLAIN, sasl_username=anna
Jun  2 01:10:00 m postfix-b/smtpd[1]: AAAAA11: client=pc[203.0.113.51], sasl_method=PLAIN, sasl_username=bernd
Jun  2 01:10:00 m postfix/cleanup[1]: AAAAA11: message-id=<1@brand.example>
Jun  2 01:10:00 m postfix-b/cleanup[1]: AAAAA11: message-id=<2@brand.example>
`, "06-02 01:10:00 <1@brand.example> user=anna ip=203.0.113.50 to=\n06-02 01:10:00 <2@brand.example> user=bernd ip=203.0.113.51 to="},
		{"the server's own notice is nobody's", `Jun  2 01:10:00 m postfix/cleanup[1]: CCCCC33: message-id=<20240602.CCCCC33@m.brand.example>
Jun  2 01:10:00 m postfix/bounce[1]: AAAAA11: sender non-delivery notification: CCCCC33
Jun  2 01:10:00 m postfix/qmgr[1]: CCCCC33: from=<>, size=99, nrcpt=1 (queue active)
Jun  2 01:10:01 m postfix/smtp[1]: CCCCC33: to=<x@far.example>, relay=m[192.0.2.1]:25, dsn=2.0.0, status=sent (ok)
Jun  2 01:10:01 m postfix/qmgr[1]: CCCCC33: removed
`, ""},
		{"a login in Exim", `2024-06-02 01:10:00 1sDXyz-000abc-2f <= anna@brand.example H=(pc) [203.0.113.50] P=esmtpsa X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256 CV=no A=plain_login:anna S=1234 id=z0.77@brand.example T="Offer" for opfer0@fern.example b@far.example
2024-06-02 01:10:01 1sDXyz-000abc-2f => opfer0@fern.example R=dnslookup T=remote_smtp H=mx.fern.example [192.0.2.160] C="250 ok"
2024-06-02 01:10:01 1sDXyz-000abc-2f -> b@far.example R=dnslookup T=remote_smtp H=mx.fern.example [192.0.2.160] C="250 ok"
2024-06-02 01:10:01 1sDXyz-000abc-2f Completed
`, "06-02 01:10:00 <z0.77@brand.example> user=anna ip=203.0.113.50 to=opfer0@fern.example,b@far.example"},
		{"Exim 4.97 IDs, milliseconds, zone, process number", `2024-06-02 03:10:00.123 +0200 [4711] 1sDXyz-00000000abc-2fGh <= anna@brand.example H=pc.isp.example (pc) [203.0.113.50]:5555 I=[192.0.2.10]:587 P=esmtpsa A=login:anna@brand.example S=9 id=q@brand.example
2024-06-02 03:10:00.923 +0200 [4711] 1sDXyz-00000000abc-2fGh => x@far.example R=r T=t H=m [192.0.2.1]
`, "06-02 01:10:00 <q@brand.example> user=anna@brand.example ip=203.0.113.50 to=x@far.example"},
		{"a program in Exim", `2024-06-02 01:10:00 1sDXyz-000abc-2f <= www-data@web.brand.example U=www-data P=local S=400 id=E1@web.brand.example
2024-06-02 01:10:00 1sDXyz-000abc-2f => x@far.example R=r T=t H=m [192.0.2.1]
`, "06-02 01:10:00 <E1@web.brand.example> user=www-data ip=- to=x@far.example"},
		{"Exim in syslog", `Jun  2 01:10:00 m exim[99]: 2024-06-02 01:10:00 1sDXyz-000abc-2f <= anna@brand.example H=(pc) [203.0.113.50] P=esmtpsa A=p:anna S=1 id=a@b
Jun  2 01:10:00 m exim[99]: 1sDXyz-000abd-2f <= anna@brand.example H=(pc) [203.0.113.50] P=esmtpsa A=p:anna S=1 id=c@d
`, "06-02 01:10:00 <a@b> user=anna ip=203.0.113.50 to=\n06-02 01:10:00 <c@d> user=anna ip=203.0.113.50 to="},
		{"Exim's own notice is nobody's", `2024-06-02 01:10:00 1sDXyz-000abc-2f <= <> R=1sDXyz-000abb-2f U=Debian-exim P=local S=400 id=E1@m
`, ""},
		{"original recipient of an alias in Exim", `2024-06-02 01:10:00 1sDXyz-000abc-2f <= anna@brand.example H=(pc) [203.0.113.50] P=esmtpsa A=p:anna S=1 id=a@b
2024-06-02 01:10:00 1sDXyz-000abc-2f => x@far.example <list@brand.example> R=r T=t H=m [192.0.2.1]
`, "06-02 01:10:00 <a@b> user=anna ip=203.0.113.50 to=list@brand.example"},
	} {
		if got := sentText(read(t, c.in)); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestWhatCameIn(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"delivered and forwarded in Postfix", `Jun  1 12:00:00 mx postfix/smtpd[1]: Q23IN00: client=mail.far.example[203.0.113.77]
Jun  1 12:00:00 mx postfix/cleanup[1]: Q23IN00: message-id=<x@far.example>
Jun  1 12:00:00 mx postfix/qmgr[1]: Q23IN00: from=<info@brand.example>, size=1, nrcpt=2 (queue active)
Jun  1 12:00:01 mx postfix/smtp[1]: Q23IN00: to=<bernd.privat@bigmail.example>, orig_to=<kontakt@brand.example>, relay=mx.bigmail.example[192.0.2.9]:25, dsn=2.0.0, status=sent (ok)
Jun  1 12:00:01 mx postfix/virtual[1]: Q23IN00: to=<anna@brand.example>, relay=virtual, dsn=2.0.0, status=sent (delivered to maildir)
Jun  1 12:00:01 mx postfix/qmgr[1]: Q23IN00: removed
`, "Q23IN00 mail.far.example [203.0.113.77] info@brand.example > kontakt@brand.example: forwarded\nQ23IN00 mail.far.example [203.0.113.77] info@brand.example > anna@brand.example: delivered"},
		{"sent on by local(8) under a new queue ID", `Jun  1 12:00:00 mx postfix/smtpd[1]: Q23IN00: client=mail.far.example[203.0.113.77]
Jun  1 12:00:00 mx postfix/cleanup[1]: Q23IN00: message-id=<x@far.example>
Jun  1 12:00:01 mx postfix/cleanup[1]: Q24OUT0: message-id=<x@far.example>
Jun  1 12:00:01 mx postfix/local[1]: Q23IN00: to=<kontakt@brand.example>, relay=local, dsn=2.0.0, status=sent (forwarded as Q24OUT0)
Jun  1 12:00:01 mx postfix/qmgr[1]: Q23IN00: removed
Jun  1 12:00:02 mx postfix/smtp[1]: Q24OUT0: to=<bernd@bigmail.example>, relay=m[192.0.2.9]:25, dsn=2.0.0, status=sent (ok)
Jun  1 12:00:02 mx postfix/qmgr[1]: Q24OUT0: removed
`, "Q23IN00 mail.far.example [203.0.113.77]  > kontakt@brand.example: forwarded\nQ24OUT0 mail.far.example [203.0.113.77]  > bernd@bigmail.example: forwarded"},
		{"to the mail store behind", `Jun  1 12:00:00 mx postfix/smtpd[1]: Q23IN00: client=mail.far.example[203.0.113.77]
Jun  1 12:00:01 mx postfix/relay[1]: Q23IN00: to=<anna@brand.example>, relay=store[10.0.0.5]:25, dsn=2.0.0, status=sent (ok)
`, "Q23IN00 mail.far.example [203.0.113.77]  > anna@brand.example: delivered"},
		{"refused in Postfix", `Jun  1 11:00:05 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from packages13.parcel.example[192.0.2.172]: 550 5.7.23 <info@brand.example>: Recipient address rejected: SPF fail; from=<info@brand.example> to=<info@brand.example> proto=ESMTP helo=<packages13>
`, " packages13.parcel.example [192.0.2.172] info@brand.example > info@brand.example: 550 5.7.23 <info@brand.example>: Recipient address rejected: SPF fail"},
		{"refused by a milter", `Jun  1 11:00:05 mx postfix/cleanup[1]: ABCDE12: milter-reject: END-OF-MESSAGE from x.example[192.0.2.172]: 5.7.1 DMARC; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<h>
`, "ABCDE12 x.example [192.0.2.172] a@b.example > c@d.example: 550 5.7.1 DMARC"},
		{"refused in Exim", `2024-06-01 11:00:05 H=(helo) [192.0.2.172]:555 F=<info@brand.example> rejected RCPT <nobody@brand.example>: Unrouteable address
2024-06-01 11:00:06 H=mx.far.example (helo) [192.0.2.172] X=TLS1.3:a:256 CV=no F=<> rejected RCPT <info@brand.example>: 550 5.7.23 SPF
`, "  [192.0.2.172] info@brand.example > nobody@brand.example: 550 Unrouteable address\n mx.far.example [192.0.2.172]  > info@brand.example: 550 5.7.23 SPF"},
		{"forwarded and delivered in Exim", `2024-06-01 12:00:00 1sDXyz-000abc-2f <= info@brand.example H=x.example (h) [203.0.113.77] P=esmtp S=3 id=x@y
2024-06-01 12:00:01 1sDXyz-000abc-2f => bernd@bigmail.example <kontakt@brand.example> F=<"q H=z [192.0.2.3]"@b.example> R=dnslookup T=remote_smtp H=mx.bigmail.example [192.0.2.9]
2024-06-01 12:00:01 1sDXyz-000abc-2f => anna <anna@brand.example> F=<"q H=z [192.0.2.3]"@b.example> R=local_user T=maildir
2024-06-01 12:00:01 1sDXyz-000abc-2f ** ben@brand.example R=r T=t H=m [192.0.2.9]: SMTP error: 550 5.1.1 unknown
2024-06-01 12:00:01 1sDXyz-000abc-2f Completed
`, "1sDXyz-000abc-2f x.example [203.0.113.77] info@brand.example > kontakt@brand.example: forwarded\n1sDXyz-000abc-2f x.example [203.0.113.77] info@brand.example > anna@brand.example: delivered\n1sDXyz-000abc-2f x.example [203.0.113.77] info@brand.example > ben@brand.example: refused: SMTP error: 550 5.1.1 unknown"},
		{"our own user refused is not from outside", `2024-06-01 11:00:05 H=(helo) [192.0.2.172] A=plain:anna F=<a@b.example> rejected RCPT <n@b.example>: no
Jun  1 11:00:05 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from pc[10.0.0.1]: 550 no; from=<a@b> to=<c@d> proto=ESMTP helo=<h>
`, ""},
	} {
		if got := inboundText(read(t, c.in)); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

// Words that strangers put into names must not make them users of ours.
func TestHostileLines(t *testing.T) {
	for _, c := range []struct{ name, in string }{
		{"a Message-ID that looks like a login", `Jun  2 01:10:00 m postfix/smtpd[1]: AAAAA11: client=x.far.example[203.0.113.50]
Jun  2 01:10:00 m postfix/cleanup[1]: AAAAA11: message-id=<a@b>, sasl_method=PLAIN, sasl_username=anna
Jun  2 01:10:00 m postfix/cleanup[1]: AAAAA11: message-id=<a@b> client=pc[10.0.0.1], sasl_username=anna
`},
		{"a client line by another program", `Jun  2 01:10:00 m httpd[1]: postfix/smtpd[1]: AAAAA11: client=x[203.0.113.50], sasl_username=anna
Jun  2 01:10:00 m postfix/cleanup[1]: AAAAA11: message-id=<a@b>
`},
		{"a client line by another daemon", `Jun  2 01:10:00 m postfix/cleanup[1]: AAAAA11: client=x[203.0.113.50], sasl_username=anna
Jun  2 01:10:00 m postfix/cleanup[1]: AAAAA11: message-id=<a@b>
`},
		{"a HELO that looks like fields", `2024-06-02 01:10:00 1sDXyz-000abc-2f <= a@b.example H=(x A=plain:anna) [203.0.113.50] P=esmtp S=1 id=a@b
`},
		{"a HELO that closes its parenthesis", `2024-06-02 01:10:00 1sDXyz-000abc-2f <= a@b.example H=(x) [198.51.100.140] P=esmtpsa A=plain:anna (y) [203.0.113.50] P=smtp S=1 id=a@b
`},
		{"a sender that looks like fields", `2024-06-02 01:10:00 1sDXyz-000abc-2f <= "x H=(h) [198.51.100.140] P=esmtpsa A=plain:anna S=1 id=q@r"@b.example H=(h) [203.0.113.50] P=smtp S=1 id=a@b
`},
		{"a Message-ID in Exim that looks like fields", `2024-06-02 01:10:00 1sDXyz-000abc-2f <= a@b.example H=(h) [203.0.113.50] P=smtp S=1 id=a A=plain:anna U=root@b
`},
		{"a subject that looks like fields", `2024-06-02 01:10:00 1sDXyz-000abc-2f <= a@b.example H=(h) [203.0.113.50] P=smtp S=1 id=a@b T="x\" A=plain:anna U=root P=local" for c@d
`},
		{"fields that come twice", `2024-06-02 01:10:00 1sDXyz-000abc-2f <= a@b.example H=(h) [203.0.113.50] P=smtp P=local U=root S=1 id=a@b
`},
		{"a client name that holds fields", `Jun  2 01:10:00 m postfix/smtpd[1]: AAAAA11: client=x[10.0.0.1], sasl_username=anna[203.0.113.50]
Jun  2 01:10:00 m postfix/smtpd[1]: AAAAB11: client=a, sasl_username=anna, x=y[203.0.113.50]
Jun  2 01:10:00 m postfix/cleanup[1]: AAAAB11: message-id=<a@b>
`},
	} {
		l := read(t, c.in)
		for _, s := range l.Outbound.Entries {
			if s.User != "" && c.name != "a client name that holds fields" {
				t.Errorf("%s: sent by %q from %s", c.name, s.User, s.ClientIP)
			}
			if s.MessageID == "<a@b>" {
				t.Errorf("%s: sent %s", c.name, s.MessageID)
			}
		}
	}
}

func TestHostileRejections(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"a recipient that ends its brackets", `Jun  1 11:00:05 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 5.1.1 <a; from=<ceo@bank.example> to=<b@brand.example> proto=x>: no; from=<evil@far.example> to=<a@brand.example> proto=ESMTP helo=<h>
`, ""},
		{"a HELO that repeats the line", `Jun  1 11:00:05 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 5.1.1 no; from=<evil@far.example> to=<a@brand.example> proto=ESMTP helo=<h; from=<ceo@bank.example> to=<b@brand.example> proto=x>
`, ""},
		{"a quoted sender", `Jun  1 11:00:05 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 no; from=<"a> to=<z@brand.example> proto="@far.example> to=<a@brand.example> proto=ESMTP helo=<h>
`, ` x [192.0.2.1] "a> to=<z@brand.example> proto="@far.example > a@brand.example: 550 no`},
	} {
		if got := inboundText(read(t, c.in)); got != c.want {
			t.Errorf("%s: got %s", c.name, got)
		}
	}
}

func TestPeriod(t *testing.T) {
	l := read(t, postfixLogin)
	if l.Format != "postfix" || l.Lines != 8 || !l.Outbound.From.Equal(time.Date(2024, 6, 2, 1, 10, 0, 0, time.UTC)) || !l.Outbound.To.Equal(time.Date(2024, 6, 2, 2, 10, 2, 0, time.UTC)) {
		t.Errorf("%s, %d lines, %s to %s", l.Format, l.Lines, l.Outbound.From, l.Outbound.To)
	}
	if len(l.Outbound.Paths) != 1 || l.Outbound.Paths[0] != "own" {
		t.Errorf("paths %q", l.Outbound.Paths)
	}
	// What was in the queue before the file began left without its Message-ID
	// being known: only after that the log is complete.
	l = read(t, `Jun  2 01:00:00 m postfix/qmgr[1]: OLDER11: from=<anna@brand.example>, size=1, nrcpt=1 (queue active)
Jun  2 01:05:00 m postfix/smtp[1]: OLDER11: to=<a@far.example>, relay=m[192.0.2.1]:25, dsn=2.0.0, status=sent (ok)
Jun  2 01:05:00 m postfix/qmgr[1]: OLDER11: removed
Jun  2 03:00:00 m postfix/qmgr[1]: AAAAA11: removed
`)
	if !l.Outbound.From.Equal(time.Date(2024, 6, 2, 1, 5, 1, 0, time.UTC)) || len(l.Warnings) != 2 || !strings.Contains(l.Warnings[0], "complete only from 2024-06-02T01:05:01Z") {
		t.Errorf("from %s, warnings %q", l.Outbound.From, l.Warnings)
	}
}

func TestRotatedLogs(t *testing.T) {
	parts := strings.SplitAfter(postfixLogin, "\n")
	r := NewReader(now)
	for i, part := range []string{strings.Join(parts[:5], ""), strings.Join(parts[5:], "")} {
		if err := r.Add(strings.NewReader(part), fmt.Sprint("mail.log.", 1-i)); err != nil {
			t.Fatal(err)
		}
	}
	l := r.Log()
	if got := sentText(l); got != "06-02 01:10:00 <z0.77@brand.example> user=anna ip=203.0.113.50 to=opfer0@fern.example,opfer1@weit.example" {
		t.Errorf("a message in two files: %s", got)
	}
	if l.Lines != 8 || len(l.Warnings) != 1 || l.Outbound.From.Hour() != 1 || l.Outbound.To.Hour() != 2 {
		t.Errorf("%d lines, %q, %+v", l.Lines, l.Warnings, l.Outbound)
	}
	r = NewReader(now)
	for _, part := range []string{postfixLogin, strings.ReplaceAll(postfixLogin, "Jun  2", "Jun  9")} {
		if err := r.Add(strings.NewReader(part), "x"); err != nil {
			t.Fatal(err)
		}
	}
	l = r.Log()
	if len(l.Outbound.Entries) != 2 || l.Outbound.From.Day() != 9 || !strings.Contains(strings.Join(l.Warnings, " "), "gap in the logs from 2024-06-02T02:10:02Z to 2024-06-09T01:10:00Z") {
		t.Errorf("gap: %+v, %q", l.Outbound, l.Warnings)
	}
	r = NewReader(now)
	for i, part := range []string{strings.ReplaceAll(postfixLogin, "Jun  2", "Jun  3"), "Jun  4 01:10:00 m sshd[1]: Accepted\n", postfixLogin} {
		if err := r.Add(strings.NewReader(part), "x"); err != nil && (i != 1 || !errors.Is(err, ErrNoMail)) {
			t.Fatalf("file %d: %v", i, err)
		}
	}
	if l = r.Log(); !strings.Contains(strings.Join(l.Warnings, " "), "give the oldest first") {
		t.Errorf("the newest first: %q", l.Warnings)
	}
	r = NewReader(now)
	r.CountOnly()
	if err := r.Add(strings.NewReader(postfixLogin+strings.ReplaceAll(postfixLogin, ", sasl_method=PLAIN, sasl_username=anna", "")), "x"); err != nil {
		t.Fatal(err)
	}
	if l = r.Log(); len(l.Outbound.Entries)+len(l.Inbound) != 0 || len(l.Ways) != 1 || l.Ways[0].Count != 1 {
		t.Errorf("counted only: %d and %d entries, ways %+v", len(l.Outbound.Entries), len(l.Inbound), l.Ways)
	}
	if err := NewReader(now).Add(strings.NewReader("x\n"), "other"); err == nil {
		t.Error("no log, and no error")
	}
}

// hostileLines are as long as a line may be, and made to be read again and again.
func hostileLines() map[string]string {
	arrival := "2024-06-02 01:10:00 1sDXyz-000abc-2f <= a@b H=(h) [203.0.113.50] P=esmtpsa "
	lines := map[string]string{
		"empty Message-IDs":  arrival + "S=1 " + strings.Repeat("id= ", maxLine/4),
		"blanks in a login":  arrival + "A=p:a " + strings.Repeat("b ", maxLine/2),
		"open brackets":      arrival + "S=1 " + strings.Repeat("from <", maxLine/6),
		"open quotes":        arrival + "S=1 " + strings.Repeat("T=\"", maxLine/3),
		"recipients":         arrival + "S=1 id=a@b for " + strings.Repeat("a@b ", maxLine/4),
		"pairs":              "Jun  2 01:10:00 m postfix/smtpd[1]: AAAAA11: client=x[203.0.113.50], sasl_username=" + strings.Repeat(", ", maxLine/2),
		"quoted recipients":  "Jun  2 01:10:00 m postfix/smtp[1]: AAAAA11: to=<" + strings.Repeat("\"", maxLine),
		"rejections in line": "Jun  2 01:10:00 m postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 5" + strings.Repeat("; from=<a> to=<b> proto=", maxLine/24),
	}
	for name, line := range lines {
		lines[name] = line[:maxLine-1]
	}
	return lines
}

// However long, each is read as a line of its program. What that costs is measured by
// BenchmarkHostileLines.
func TestLongHostileLines(t *testing.T) {
	for name, line := range hostileLines() {
		l := read(t, line+"\n")
		if want := map[bool]string{true: "postfix", false: "exim"}[strings.Contains(line, "postfix/")]; l.Format != want || l.Lines != 1 || len(l.Ways) != 0 {
			t.Errorf("%s: read as %s, %d lines, ways %+v; want %s, one line, nothing that left", name, l.Format, l.Lines, l.Ways, want)
		}
	}
}

// BenchmarkHostileLines shows that a line costs no more than its length allows: a few
// milliseconds at most.
func BenchmarkHostileLines(b *testing.B) {
	for name, line := range hostileLines() {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			b.SetBytes(int64(len(line)))
			p := newParser(now)
			for b.Loop() {
				p.line(line)
			}
		})
	}
}

func TestYears(t *testing.T) {
	for _, c := range []struct{ now, stamp, want string }{
		{"2024-06-20", "Jun  2 01:10:00", "2024-06-02"},
		{"2024-01-05", "Dec 31 23:59:59", "2023-12-31"},
		{"2024-01-05", "Jan  5 12:00:00", "2024-01-05"},
		{"2023-12-31", "Jan  1 00:00:01", "2024-01-01"}, // clocks differ by minutes
		{"2025-03-01", "Feb 29 01:00:00", "2024-02-29"},
		{"2024-06-20", "Jun 22 01:00:00", "2023-06-22"},
		{"2024-06-20", "Jun 02 01:10:00.123456", "2024-06-02"},
	} {
		n, err := time.Parse(time.DateOnly, c.now)
		if err != nil {
			t.Fatal(err)
		}
		l, err := Read(strings.NewReader(c.stamp+" m postfix/pickup[1]: AAAAA11: uid=0 from=<root>\n"), "x", n.Add(20*time.Hour))
		if err != nil {
			t.Errorf("%s: %v", c.stamp, err)
			continue
		}
		if got := l.Outbound.From.Format(time.DateOnly); got != c.want {
			t.Errorf("now %s: %s is %s, want %s", c.now, c.stamp, got, c.want)
		}
	}
	zone := time.FixedZone("", 7200)
	l, err := Read(strings.NewReader("Jun  2 01:10:00 m postfix/pickup[1]: AAAAA11: uid=0 from=<root>\n2024-06-02 03:00:00 Start queue run\n"), "x", now.In(zone))
	if err != nil || !l.Outbound.From.Equal(time.Date(2024, 6, 1, 23, 10, 0, 0, time.UTC)) || !l.Outbound.To.Equal(time.Date(2024, 6, 2, 1, 0, 0, 0, time.UTC)) {
		t.Errorf("zone of now: %v, %+v", err, l.Outbound)
	}
}

func TestFilesThatAreNoLogOfAMailServer(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", "maillog: mail.log: the file is empty"},
		{"text", "Dear Anna,\nhow are you?\n", `give what journalctl -o short-iso prints): line 1 can't be read: "Dear Anna,"`},
		{"an mbox", "From anna@brand.example Mon Jun  3 12:00:00 2024\nSubject: x\n", "line 1 can't be read"},
		{"another syslog", "Jun  2 01:10:00 m sshd[1]: Accepted\n", "no line of Postfix or Exim; try /var/log/mail.log"},
		{"blank lines", "\n\n\n", "no line of a log"},
		{"control characters", "a\x1b[31mb\n", `"a\x1b[31mb"`},
		{"binary", "\x7fELF\x00\x00", "not a text file"},
		{"bzip2", "BZh91AY", "uncompress it first"},
		{"one long line", strings.Repeat("x", 3*maxLine), "longer than"},
	} {
		_, err := Read(strings.NewReader(c.in), "mail.log", now)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "maillog: mail.log: ") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	broken := io.MultiReader(strings.NewReader(postfixLogin), iotest.ErrReader(errors.New("disk on fire")))
	if _, err := Read(broken, "mail.log", now); err == nil || !strings.Contains(err.Error(), "after line 8: disk on fire") {
		t.Errorf("broken disk: %v", err)
	}
}

func TestDamagedLinesAreLeftOut(t *testing.T) {
	l := read(t, "not a line of a log\n"+postfixLogin+strings.Repeat("y", 2*maxLine)+"\n-- Boot 1234 --\n\ngarbage \x00\xff\n")
	if len(l.Outbound.Entries) != 1 || len(l.Warnings) != 3 || !strings.Contains(strings.Join(l.Warnings, " "), "lines that could not be read and were left out: 2; the first is line 1") {
		t.Errorf("%d entries, warnings %q", len(l.Outbound.Entries), l.Warnings)
	}
}

func packed(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, s); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestCompressed(t *testing.T) {
	l, err := Read(bytes.NewReader(packed(postfixLogin)), "mail.log.1.gz", now)
	if err != nil || len(l.Outbound.Entries) != 1 {
		t.Fatalf("%v, %+v", err, l)
	}
	many := strings.Repeat(postfixLogin, 500)
	b := packed(many)
	l, err = Read(bytes.NewReader(b[:len(b)/2]), "mail.log.1.gz", now)
	if err != nil || len(l.Outbound.Entries) == 0 || !strings.Contains(strings.Join(l.Warnings, " "), "damaged after line") {
		t.Errorf("cut short: %v, %+v", err, l)
	}
	if _, err := Read(bytes.NewReader([]byte{0x1f, 0x8b, 1, 2, 3}), "x.gz", now); err == nil || !strings.Contains(err.Error(), "damaged at its start") {
		t.Errorf("no gzip: %v", err)
	}
}

func TestEveryRecipientOfAListIsKeptOnce(t *testing.T) {
	var b strings.Builder
	b.WriteString(strings.Join(strings.Split(postfixLogin, "\n")[:4], "\n") + "\n")
	for i := range 5000 {
		for range 2 { // each is tried twice
			fmt.Fprintf(&b, "Jun  2 01:10:01 mail postfix/smtp[814]: 4F2A1C0: to=<r%d@far.example>, relay=m[192.0.2.1]:25, dsn=4.0.0, status=deferred (later)\n", i%2500)
		}
	}
	if l := read(t, b.String()); len(l.Outbound.Entries) != 1 || len(l.Outbound.Entries[0].Recipients) != 2500 {
		t.Errorf("got %d recipients", len(l.Outbound.Entries[0].Recipients))
	}
}

func TestOpenMessagesAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range maxOpen + 500 {
		fmt.Fprintf(&b, "Jun  2 01:10:00 m postfix/smtpd[1]: %08X: client=pc[203.0.113.50], sasl_method=PLAIN, sasl_username=anna\nJun  2 01:10:00 m postfix/cleanup[1]: %08X: message-id=<%d@b>\n", i, i, i)
	}
	p := newParser(now)
	for line := range strings.SplitSeq(b.String(), "\n") {
		p.line(line)
		if len(p.queue.byID) > maxOpen {
			t.Fatalf("%d open", len(p.queue.byID))
		}
	}
	p.finishAll()
	if len(p.log.Outbound.Entries) != maxOpen+500 || p.evicted != 500 || len(p.queue.byMessageID) != 0 {
		t.Errorf("%d entries, %d closed early, %d left", len(p.log.Outbound.Entries), p.evicted, len(p.queue.byMessageID))
	}
}

func ExampleRead() {
	log := `Jun  2 01:10:00 mail postfix/smtpd[812]: 4F2A1C0: client=unknown[203.0.113.50], sasl_method=PLAIN, sasl_username=anna
Jun  2 01:10:00 mail postfix/cleanup[813]: 4F2A1C0: message-id=<z0.77@brand.example>
Jun  2 01:10:01 mail postfix/smtp[814]: 4F2A1C0: to=<b@far.example>, relay=mx.far.example[192.0.2.160]:25, dsn=2.0.0, status=sent (ok)
`
	l, err := Read(strings.NewReader(log), "mail.log", time.Date(2024, 6, 20, 0, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	s := l.Outbound.Entries[0]
	fmt.Println(s.Time.Format(time.RFC3339), s.MessageID, s.User, s.ClientIP, s.Recipients)
	// Output: 2024-06-02T01:10:00Z <z0.77@brand.example> anna 203.0.113.50 [b@far.example]
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(postfixLogin))
	f.Add([]byte("2024-06-02 01:10:00 1sDXyz-000abc-2f <= a@b H=(pc) [203.0.113.50] P=esmtpsa A=p:anna S=1 id=a@b T=\"x\" from <a@b> for c@d\n2024-06-02 01:10:01 1sDXyz-000abc-2f => c@d R=r T=t H=m [192.0.2.1]\n2024-06-02 01:10:01 1sDXyz-000abc-2f Completed\n2024-06-02 01:10:01 H=(h) [192.0.2.1] F=<> rejected RCPT <a@b>: no\n"))
	f.Add([]byte("Jun  1 11:00:05 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 no; from=<\"a>\"@b> to=<c@d> proto=ESMTP helo=<h>\nJun  1 11:00:05 mx postfix/pickup[1]: AAAAA11: uid=5 from=<x>\n"))
	f.Add(packed(postfixLogin))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Read(bytes.NewReader(b), "x", now)
		if err != nil {
			return
		}
		if l.Outbound.From.After(l.Outbound.To) {
			t.Errorf("from %s to %s", l.Outbound.From, l.Outbound.To)
		}
		var last time.Time
		for _, s := range l.Outbound.Entries {
			if s.MessageID == "" || s.Time.Before(last) {
				t.Errorf("entry %+v", s)
			}
			last = s.Time
		}
	})
}

func BenchmarkRead(b *testing.B) {
	const lines = 1_000_000
	var text strings.Builder
	for i := range lines / 8 {
		s := strings.ReplaceAll(postfixLogin, "4F2A1C0", fmt.Sprintf("%09X", i))
		s = strings.ReplaceAll(s, "z0.77", fmt.Sprint("z", i))
		text.WriteString(strings.ReplaceAll(s, "opfer", fmt.Sprint("o", i)))
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		l, err := Read(strings.NewReader(text.String()), "x", now)
		if err != nil || len(l.Outbound.Entries) != lines/8 {
			b.Fatal(err, len(l.Outbound.Entries))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/lines, "ns/line")
}

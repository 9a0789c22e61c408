package census

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"unspoof/dkim"
	"unspoof/dns"
	"unspoof/dns/dnsfile"
	"unspoof/internal/intake"
	"unspoof/internal/maillog"
	"unspoof/inventory"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// key is the company's own.
var key = sync.OnceValue(func() dkim.PrivateKey {
	k, err := dkim.Generate(dkim.Ed25519SHA256)
	if err != nil {
		panic(err)
	}
	return k
})

func world(t testing.TB) dns.Resolver {
	t.Helper()
	record, err := key().Record()
	if err != nil {
		t.Fatal(err)
	}
	v, err := dnsfile.Parse("zone", []byte(`$ORIGIN example.com.
@ MX 10 mail
@ TXT "v=spf1 mx include:_spf.google.com ~all"
mail A 192.0.2.25
erp A 192.0.2.99
s2026._domainkey TXT "`+record+`"
$ORIGIN .
_spf.google.com. TXT "v=spf1 ip4:203.0.113.0/24 ~all"
mail7.mcsv.net. A 198.51.100.7
rsgsv.net. TXT "v=spf1 ip4:198.51.100.0/24 -all"
`))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// received is the line that the company's own server wrote.
func received(client string) string {
	return "Received: from " + client + "\r\n by mail.example.com with ESMTP id 7; Sat, 21 Nov 2026 12:00:00 +0000\r\n"
}

func signed(t testing.TB, message string) string {
	t.Helper()
	res, err := dkim.Sign(context.Background(), dkim.SignArgs{Message: []byte(message), Domain: "example.com", Keys: []dkim.SigningKey{{Selector: "s2026", Key: key()}}, Now: now.Add(-25 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return string(res.Fields) + message
}

const plain = "From: Anna <anna@example.com>\r\nTo: me@example.com\r\nSubject: test\r\nDate: Sat, 21 Nov 2026 11:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n\r\ntext\r\n"

func items(messages ...string) iter.Seq2[intake.Item, error] {
	return func(yield func(intake.Item, error) bool) {
		for i, m := range messages {
			if !yield(intake.Item{File: fmt.Sprintf("in.mbox#%d", i+1), Data: []byte(m)}, nil) {
				return
			}
		}
	}
}

func run(t testing.TB, edit func(*Args)) Result {
	t.Helper()
	args := Args{Domain: "example.com", Resolver: world(t), Now: now}
	edit(&args)
	res, err := Run(t.Context(), args)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// brief is what a list of senders says, in short.
func brief(list []inventory.Sender) string {
	out := []string{}
	for _, s := range list {
		if n := s.Seen.Count + s.Claimed.Count; n > 0 {
			out = append(out, fmt.Sprintf("%s %s seen=%d claimed=%d spf=%s/%s dkim=%s/%s", s.Key, s.Status, s.Seen.Count, s.Claimed.Count, s.SPF.Aligned, s.SPF.Basis, s.DKIM.Aligned, s.DKIM.Basis))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func TestMail(t *testing.T) {
	const us, them = "Return-Path: <anna@example.com>\r\n", "Return-Path: <x@evil.example>\r\n"
	outside := received("client.example (client.example [203.0.113.7])")
	evil := received("mail.example.com (unknown [233.252.0.66])")
	for _, c := range []struct {
		name, message   string
		senders, claims string
	}{
		{"from an address that the record lets in", us + outside + plain,
			"service:google-workspace in-use seen=1 claimed=0 spf=yes/observed dkim=no/observed", ""},
		{"signed, from there", us + outside + signed(t, plain),
			"service:google-workspace in-use seen=1 claimed=0 spf=yes/observed dkim=yes/observed", ""},
		{"forged", them + evil + plain, "", "net:233.252.0.0/24 claim seen=0 claimed=1 spf=unknown/ dkim=unknown/"},
		{"forged, with a signature that does not fit", them + evil + strings.Replace(signed(t, plain), "Subject: test", "Subject: pay", 1),
			"", "net:233.252.0.0/24 claim seen=0 claimed=1 spf=unknown/ dkim=unknown/"},
		{"forged, with results of his own below the border", them + evil + "Authentication-Results: mail.example.com; spf=pass smtp.mailfrom=anna@example.com; dkim=pass header.d=example.com header.s=s2026\r\n" + plain,
			"", "net:233.252.0.0/24 claim seen=0 claimed=1 spf=unknown/ dkim=unknown/"},
		{"forged, with a line of his own that looks like the server's", them + evil + outside + plain,
			"", "net:233.252.0.0/24 claim seen=0 claimed=1 spf=unknown/ dkim=unknown/"},
		{"two From fields, signed by the domain", us + outside + "From: x@evil.example\r\n" + signed(t, plain),
			"", "net:203.0.113.0/24 claim seen=0 claimed=1 spf=unknown/ dkim=unknown/"},
		{"the server's own results, of a key that is gone", us + "Authentication-Results: mail.example.com; dkim=pass header.d=example.com header.s=old\r\n" + evil + plain,
			"dkim:old._domainkey.example.com unauthorised seen=1 claimed=0 spf=unknown/ dkim=no/published", ""},
		{"Gmail's results, of a key that is gone", us + "Authentication-Results: mail.example.com; dkim=pass header.i=@example.com header.s=old header.b=abc; spf=none\r\n" + evil +
			"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=old; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n" + plain,
			"dkim:old._domainkey.example.com unauthorised seen=1 claimed=0 spf=unknown/ dkim=no/published", ""},
		{"Gmail's results, of another signature", us + "Authentication-Results: mail.example.com; dkim=pass header.i=@evil.example header.s=old header.b=abc; spf=none\r\n" + evil +
			"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=old; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n" + plain,
			"", "net:233.252.0.0/24 claim seen=0 claimed=1 spf=unknown/ dkim=unknown/"},
		{"forged, and put into the mailbox by a store that logs the server in", them + "Received: from mail.example.com ([unix socket])\r\n by mail.example.com (Cyrus v2.5.10) with LMTPA; Sat, 21 Nov 2026 12:00:01 +0000\r\n" + evil + plain,
			"", "net:233.252.0.0/24 claim seen=0 claimed=1 spf=unknown/ dkim=unknown/"},
		{"put into the mailbox over a socket", us + "Received: from mail.example.com\r\n by mail.example.com with LMTP id 8; Sat, 21 Nov 2026 12:00:01 +0000\r\n" + outside + plain,
			"service:google-workspace in-use seen=1 claimed=0 spf=yes/observed dkim=no/observed", ""},
		{"handed in by a user of one's own server", us + "Received: from laptop (unknown [198.51.100.50])\r\n by mail.example.com with ESMTPSA id 7; Sat, 21 Nov 2026 12:00:00 +0000\r\n" + plain,
			"host:mail.example.com in-use seen=1 claimed=0 spf=yes/published dkim=no/observed", ""},
		{"a stranger whose name in HELO speaks of a login", "Return-Path: <x@evil.example>\r\nReceived: from h ([233.252.0.66] helo=authenticated)\r\n by mail.example.com with esmtp (Exim 4.96) id 1; Sat, 21 Nov 2026 12:00:00 +0000\r\n" + plain,
			"", "net:233.252.0.0/24 claim seen=0 claimed=1 spf=unknown/ dkim=unknown/"},
		{"a stranger whose ident speaks of a login", "Return-Path: <x@evil.example>\r\nReceived: from x (IDENT:authenticated@evil.example [233.252.0.66])\r\n by mail.example.com (8.15.2/8.15.2) with ESMTP; Sat, 21 Nov 2026 12:00:00 +0000\r\n" + plain,
			"", "net:233.252.0.0/24 claim seen=0 claimed=1 spf=unknown/ dkim=unknown/"},
		{"handed in at somebody else's server", us + "Received: from laptop (unknown [198.51.100.50])\r\n by mx.provider.example with ESMTPSA id 7; Sat, 21 Nov 2026 12:00:00 +0000\r\n" + plain,
			"", "net:unknown claim seen=0 claimed=1 spf=unknown/ dkim=unknown/"},
		{"through a service that signs as itself", "Return-Path: <b@mail7.mcsv.net>\r\nAuthentication-Results: mail.example.com; dkim=pass header.d=mcsv.net header.s=k1; spf=pass smtp.mailfrom=b@mail7.mcsv.net\r\n" +
			received("mail7.mcsv.net (mail7.mcsv.net [198.51.100.7])") + plain,
			"", "service:mailchimp claim seen=0 claimed=1 spf=unknown/ dkim=unknown/"},
		{"a copy from the folder of sent mail", plain, "", ""},
		{"somebody else's mail", them + evil + strings.Replace(plain, "anna@example.com", "x@evil.example", 1), "", ""},
		{"not a message", "\x00\x01", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := run(t, func(a *Args) { a.Mail = items(c.message) })
			if got := brief(res.Inventory.Senders); got != c.senders {
				t.Errorf("senders\n%s\nwant\n%s", got, c.senders)
			}
			if got := brief(res.Inventory.Claims); got != c.claims {
				t.Errorf("claims\n%s\nwant\n%s", got, c.claims)
			}
			if res.Read.Messages != 1 {
				t.Errorf("read %+v; want one message", res.Read)
			}
		})
	}
}

// asked notes every name asked for.
type asked struct {
	dns.Resolver
	mu    sync.Mutex
	names []string
}

func (a *asked) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	a.mu.Lock()
	a.names = append(a.names, q.Name)
	a.mu.Unlock()
	return a.Resolver.Lookup(ctx, q)
}

// TestStrangersLearnNothing: names that a stranger puts into a message are not
// looked up, so that he does not see his mail being read.
func TestStrangersLearnNothing(t *testing.T) {
	spy := &asked{Resolver: world(t)}
	m := "Return-Path: <x@bait1.example>\r\n" + received("bait2.example (bait3.example [233.252.0.66])") +
		"DKIM-Signature: v=1; a=rsa-sha256; d=bait4.example; s=s; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n" + plain
	run(t, func(a *Args) { a.Resolver, a.Mail = spy, items(m) })
	for _, n := range spy.names {
		if strings.Contains(n, "bait") {
			t.Errorf("%s was asked for", n)
		}
	}
}

const notice = "Return-Path: <>\r\nReceived: from mx.far.example (mx.far.example [192.0.2.160])\r\n\tby mail.example.com with ESMTP id 4; Sat, 21 Nov 2026 12:05:00 +0000\r\n" +
	"From: MAILER-DAEMON@mx.far.example\r\nTo: anna@example.com\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nno\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" +
	"Reporting-MTA: dns; mx.far.example\r\n\r\nFinal-Recipient: rfc822; x@far.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"

func bounceOf(ip, original string) string {
	return notice + "Received: from mail.example.com (mail.example.com [" + ip + "])\r\n\tby mx.far.example (Postfix) with ESMTP id 7; Sat, 21 Nov 2026 12:00:00 +0000\r\n" + original + "\r\n--b--\r\n"
}

// logged is the log of the company's server, with n messages of Anna's.
func logged(t testing.TB, n int) *maillog.Log {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "2026-11-21T12:00:0%[1]d+00:00 mail postfix/smtpd[1]: ABCDE%[1]d: client=pc[192.0.2.200], sasl_method=PLAIN, sasl_username=anna\n"+
			"2026-11-21T12:00:0%[1]d+00:00 mail postfix/cleanup[1]: ABCDE%[1]d: message-id=<%[1]d@example.com>\n"+
			"2026-11-21T12:00:0%[1]d+00:00 mail postfix/qmgr[1]: ABCDE%[1]d: from=<anna@Example.com>, size=1, nrcpt=1 (queue active)\n"+
			"2026-11-21T12:00:0%[1]d+00:00 mail postfix/smtp[1]: ABCDE%[1]d: to=<x@far.example>, relay=mx.far.example[192.0.2.160]:25, delay=1, dsn=2.0.0, status=sent (ok)\n"+
			"2026-11-21T12:00:0%[1]d+00:00 mail postfix/qmgr[1]: ABCDE%[1]d: removed\n", i)
	}
	l, err := maillog.Read(strings.NewReader(b.String()), "mail.log", now)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestBounces(t *testing.T) {
	genuine := signed(t, plain) // the log has its Message-ID
	const inLog = "host:mail.example.com in-use seen=2 claimed=0 spf=yes/published dkim=unknown/"
	for _, c := range []struct {
		name, message, senders string
		genuine                int
	}{
		{"of mail that the log knows", bounceOf("192.0.2.25", genuine), "host:mail.example.com in-use seen=3 claimed=0 spf=yes/published dkim=yes/observed", 1},
		{"of forged mail", bounceOf("233.252.0.66", strings.Replace(plain, "<1@", "<x1@", 1)), inLog, 0},
		{"of signed mail that nothing explains", bounceOf("233.252.0.66", signed(t, strings.Replace(plain, "<1@", "<x1@", 1))), inLog, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := run(t, func(a *Args) {
				a.Bounces, a.Logs = items(c.message), []Log{{"mail.log", logged(t, 2)}}
			})
			if got := brief(res.Inventory.Senders); got != c.senders || res.Read.Genuine != c.genuine {
				t.Errorf("senders\n%s\nwant\n%s (%+v)", got, c.senders, res.Read)
			}
			for _, s := range slices.Concat(res.Inventory.Senders, res.Inventory.Claims) {
				for _, a := range s.Addresses {
					if a.Address.String() == "233.252.0.66" {
						t.Errorf("%s has the invented address", s.Key)
					}
				}
			}
		})
	}
}

func TestLogs(t *testing.T) {
	res := run(t, func(a *Args) { a.Logs = []Log{{"mail.log", logged(t, 3)}} })
	if got, want := brief(res.Inventory.Senders), "host:mail.example.com in-use seen=3 claimed=0 spf=yes/published dkim=unknown/"; got != want {
		t.Errorf("senders\n%s\nwant\n%s", got, want)
	}
}

// Neither are messages.
func TestMessagesOfOthers(t *testing.T) {
	foreign := strings.ReplaceAll(plain, "anna@example.com", "x@other.example")
	for _, c := range []struct {
		mail, bounces, want string
	}{
		{received("a (a [203.0.113.7])") + foreign, "", "None of the messages read has an author of example.com"},
		{received("a (a [203.0.113.7])") + plain, "", ""},
		{"", bounceOf("233.252.0.66", plain), "None of the messages that came back"},
	} {
		res := run(t, func(a *Args) {
			if c.mail != "" {
				a.Mail = items(c.mail)
			}
			if c.bounces != "" {
				a.Bounces = items(c.bounces)
			}
		})
		if got := strings.Join(res.Warnings, "\n"); !strings.Contains(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("%q, %q: warnings %q; want %q", c.mail, c.bounces, got, c.want)
		}
	}
}

// A log that tells nothing of the domain is not passed over in silence.
func TestLogsOfOthers(t *testing.T) {
	for _, c := range []struct {
		ways []maillog.Way
		want string
	}{
		{nil, "mail.log shows no mail"},
		{[]maillog.Way{{Host: "mail", Sender: "other.example", Count: 3}}, "no mail with a return path of example.com among what left the server (3 in all)"},
		{[]maillog.Way{{Host: "mail", Sender: "other.example", Count: 3}, {Host: "mail", Sender: "sub.example.com", Count: 1}}, ""},
	} {
		res := run(t, func(a *Args) { a.Logs = []Log{{"mail.log", &maillog.Log{Ways: c.ways}}} })
		if got := strings.Join(res.Warnings, "\n"); !strings.Contains(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("%+v: warnings %q; want %q", c.ways, got, c.want)
		}
	}
}

// One provider's exchanger that took all mail is no relay of ours, unless it bears
// our name; services' submission hosts, and hosts that take what they are no
// exchanger for, are.
func TestSmartHosts(t *testing.T) {
	const customers = `a.example. MX 10 mx.hoster.example.
b.example. MX 10 mx.hoster.example.
c.example. MX 10 mx.hoster.example.
a.example.net. MX 10 mx.elsewhere.example.
mail.example.com. A 192.0.2.25
example.com. TXT "v=spf1 a:mail.example.com -all"
`
	zone, err := dnsfile.Parse("zone", []byte(customers))
	if err != nil {
		t.Fatal(err)
	}
	same := []string{"a.example", "b.example", "c.example"}
	mixed := append([]string{"a.example.net"}, same...)
	for _, c := range []struct {
		host    string
		domains []string
		silent  bool
		sender  string
	}{
		{"aspmx.l.google.com", same, false, "host:mail.example.com"},
		{"alt1.aspmx.l.google.com", same, true, "host:mail.example.com"},
		{"mx.hoster.example", same, false, "host:mail.example.com"},
		{"mx.hoster.example", mixed, false, "host:mx.hoster.example"},
		{"mx.hoster.example", same, true, "host:mx.hoster.example"}, // not known: no address is guessed
		{"smtp.isp.example", mixed, false, "host:smtp.isp.example"},
		{"smtp-relay.gmail.com", same, false, "service:google-workspace"},
		{"email-smtp.eu-west-1.amazonaws.com", mixed, false, "service:amazon-ses"},
		{"smtp.sendgrid.net", mixed, true, "service:sendgrid"},
		{"example-com.mail.protection.outlook.com", mixed, false, "service:microsoft-365"},
		{"other-example.mail.protection.outlook.com", mixed, false, "host:mail.example.com"},
	} {
		log := Log{"mail.log", &maillog.Log{Ways: []maillog.Way{{Host: "mail", Sender: "example.com", Count: 12}}, SmartHost: c.host, SmartFor: c.domains}}
		res := run(t, func(a *Args) {
			a.Resolver, a.Logs = zone, []Log{log}
			if c.silent {
				a.Resolver = deaf{zone}
			}
		})
		for _, s := range res.Inventory.Senders {
			if s.Seen.Count > 0 && s.Key != c.sender {
				t.Errorf("%s for %v, silent %v: sent by %s; want %s", c.host, c.domains, c.silent, s.Key, c.sender)
			}
		}
	}
}

// deaf answers for the domain itself only.
type deaf struct{ dns.Resolver }

func (d deaf) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	if strings.HasSuffix(q.Name, "example.com") {
		return d.Resolver.Lookup(ctx, q)
	}
	return dns.Answer{}, &dns.Error{Question: q, Kind: dns.FaultTimeout}
}

func TestWhatCannotBeRead(t *testing.T) {
	broken := func(yield func(intake.Item, error) bool) {
		for range maxUnread + 3 {
			if !yield(intake.Item{File: "a.pdf"}, &intake.Error{File: "a.pdf", Problem: "is no mail"}) {
				return
			}
		}
		yield(intake.Item{File: "b.eml", Data: []byte(plain)}, nil)
	}
	res := run(t, func(a *Args) { a.Mail = broken })
	if len(res.Unread) != maxUnread || res.More != 3 || res.Read.Messages != 1 || res.Read.Copies != 1 {
		t.Errorf("unread %d, more %d, read %+v", len(res.Unread), res.More, res.Read)
	}
	if _, err := Run(t.Context(), Args{Domain: "a b", Resolver: world(t), Now: now}); err == nil {
		t.Error("a domain that is none was taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, Args{Domain: "example.com", Resolver: world(t), Now: now}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v; want that of the context", err)
	}
}

func FuzzMail(f *testing.F) {
	f.Add("Return-Path: <anna@example.com>\r\n" + received("mail.example.com (mail.example.com [192.0.2.25])") + plain)
	f.Add(plain)
	f.Fuzz(func(t *testing.T, message string) {
		args := Args{Domain: "example.com", Resolver: world(t), Now: now, Mail: items(message), Bounces: items(message)}
		if _, err := Run(t.Context(), args); err != nil {
			t.Fatal(err)
		}
	})
}

//go:build e2e

package web

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// zone is all of DNS for the bookshop whose name is forged here.
const zone = `$ORIGIN quay-books.example.
$TTL 3600
@ SOA ns1 hostmaster 1 7200 3600 1209600 3600
@ NS ns1
@ MX 10 mx
@ TXT "v=spf1 ip4:192.0.2.80 ~all"
ns1 A 192.0.2.53
mx A 192.0.2.25
mx.lantern.example. A 192.0.2.130
mx.orchard.example. A 198.51.100.66
$ORIGIN in-addr.arpa.
130.2.0.192 PTR mx.lantern.example.
66.100.51.198 PTR mx.orchard.example.
7.113.0.203 PTR dyn-7.access.example.
dyn-7.access.example. A 203.0.113.7
tidewater-bank.example. TXT "v=spf1 ip4:198.51.100.20 -all"
_dmarc.tidewater-bank.example. TXT "v=DMARC1; p=reject"
bulk.example. TXT "v=spf1 ip4:203.0.113.0/24 -all"
`

// pretender is a message that claims to be of a bank.
const pretender = `Return-Path: <bounce@bulk.example>
Received: from mail.bulk.example (dyn-7.access.example [203.0.113.7])
	by mx.quay-books.example (Postfix) with ESMTP id C7F21
	for <mary@quay-books.example>; Tue, 7 Apr 2026 09:12:31 +0000
Received: from secure.tidewater-bank.example (secure.tidewater-bank.example [198.51.100.20])
	by mail.bulk.example with ESMTPS id 91; Tue, 7 Apr 2026 09:12:30 +0000
From: "service@tidewater-bank.com.example" <service@tidewater-bank.example>
Reply-To: "Tidewater Bank" <claims@evil.example>
To: mary@quay-books.example
Subject: Your account will be closed today
Date: Tue, 7 Apr 2026 09:12:29 +0000
Message-ID: <91@mail.bulk.example>
Disposition-Notification-To: claims@evil.example
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="m"

--m
Content-Type: text/html; charset=utf-8

<p>Dear customer &lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;,</p>
<p>confirm here: <a href="https://login.evil.example/tidewater?mary">https://tidewater-bank.example</a></p>
<img src="http://tracker.example/pixel.gif"><script>location = "http://tracker.example/"</script>

--m
Content-Type: application/octet-stream
Content-Disposition: attachment; filename*=utf-8''invoice%E2%80%AEfdp.exe
Content-Transfer-Encoding: base64

TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA

--m--
`

// bounce is a notice as Postfix writes it, in the frame of a mailbox.
const bounce = `From MAILER-DAEMON %[1]s
Return-Path: <>
X-Original-To: %[3]s@quay-books.example
Received: from mx.%[6]s (mx.%[6]s [%[7]s])
	by mx.quay-books.example (Postfix) with ESMTPS id A%[4]dIN
	for <%[3]s@quay-books.example>; %[2]s
Date: %[2]s
From: MAILER-DAEMON@mx.%[6]s (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: %[3]s@quay-books.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b%[4]d"
Message-Id: <notice%[4]d@mx.%[6]s>

--b%[4]d
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.%[6]s.

<reader%[4]d@%[6]s>: 550 5.1.1 no such user here

--b%[4]d
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.%[6]s

Final-Recipient: rfc822; reader%[4]d@%[6]s
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user here

--b%[4]d
Content-Type: message/rfc822

Received: from User (dyn-7.access.example [203.0.113.%[5]d])
	by mx.%[6]s (Postfix) with ESMTP id F%[4]d
	for <reader%[4]d@%[6]s>; %[2]s
From: "Bank </title><script>alert(1)</script>" <%[3]s@quay-books.example>
To: reader%[4]d@%[6]s
Subject: Your invoice <img src=http://tracker.example/pixel.gif>
Date: %[2]s
Message-ID: <m%[4]d@User>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<p>Pay here: <a href="http://pay.evil.example/%[4]d">now</a><img src="http://tracker.example/%[4]d.gif"></p>

--b%[4]d--

`

const bounces = 14

// writeMailbox writes the mailbox and the zone, and gives their paths.
func writeMailbox(t *testing.T) (mailbox, zoneFile string) {
	t.Helper()
	var b strings.Builder
	at := time.Date(2026, 4, 7, 9, 0, 0, 0, time.UTC)
	for i := range bounces {
		at = at.Add(time.Duration(40+i*13%60) * time.Minute)
		// Two receivers, so that no single one can have invented them all.
		receiver := []struct{ name, ip string }{{"lantern.example", "192.0.2.130"}, {"orchard.example", "198.51.100.66"}}[i%2]
		who := []string{"shop", "mary", "john", "post"}[i%4]
		fmt.Fprintf(&b, bounce, at.Format(time.ANSIC), at.Format(time.RFC1123Z), who, i+1, 7, receiver.name, receiver.ip)
	}
	folder := t.TempDir()
	mailbox, zoneFile = filepath.Join(folder, "bounces.mbox"), filepath.Join(folder, "quay-books.zone")
	for path, text := range map[string]string{mailbox: b.String(), zoneFile: zone} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return mailbox, zoneFile
}

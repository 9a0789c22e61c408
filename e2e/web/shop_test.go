//go:build e2e

package web

import (
	"os"
	"strings"
	"testing"
)

// shopZone is DNS for the same bookshop when it sends by services, too, and has a
// record that has grown over the years.
var shopZone = strings.NewReplacer(
	`@ MX 10 mx`, `@ MX 10 quay-books-example.mail.protection.outlook.com.
selector1._domainkey CNAME selector1-quay-books-example._domainkey.quaybooks.onmicrosoft.com.
k2._domainkey CNAME dkim2.mcsv.net.`,
	`@ TXT "v=spf1 ip4:192.0.2.80 ~all"`, `@ TXT "v=spf1 ip4:192.0.2.80 include:spf.protection.outlook.com include:servers.mcsv.net include:_spf.oldshop.example ~all"`,
).Replace(zone) + `
spf.protection.outlook.com. TXT "v=spf1 ip4:198.51.100.64/26 ip6:2001:db8:365::/48 -all"
quay-books-example.mail.protection.outlook.com. A 198.51.100.70
selector1-quay-books-example._domainkey.quaybooks.onmicrosoft.com. TXT "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAkZmqtGOhq3y3xAWaOGsvLxqr7jQhk2Jo55E4fDkW9g9SAGQT4DXVSLFRibQa0GTfc7E0v2c1v/S4TT8zTRWuZYeCvn9VKCCgTYSmmS8yKqnj8HUZcmlLb3I1a/bTy7QmX2XdLMCRcuoO6lyXMBmsSywRtYjx" "Or+b/aNvw5+XolOdQ6sapneR0IG6Rgv8E358OyohJ5HoNPHAk9bsBZrTt/t2ntG3lg+ejRDXzzzwcZDhMYHOaWA4id0P2NVwIS8oip+acCxiWbr8rGrFIYsZW2P+om6qU1i64sNZZrkPsp7a6VkmeBVLf1xoE+yivJtRmYR1td+cRWTHD2O52zulJQIDAQAB"
dkim2.mcsv.net. TXT "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA6yE2BZbyATcU0dSiYz1y4Nfwfj7mc0oJtB0BPrZOS2oLl4b6nui+Uzgcz7/2GpKQiSJOdyimD19GCvOr2HPvE66WGlqltI2nI18Jx0r3oIw4d/N5LnS/8m3oAYhllsUVrulynwX8n0tQO++zF6TN+4CpC5ff" "k4jLHUXi++5lbpTj2KKSZVHg1+WqE+9t8Smdd06H8sfB9zZyTzpOFYw3fa443CS+8kspanPTcFEXnP3Tlqh9PX+G1n5/3S1aoIaSIigwXVs+370Q9dNnRnfvACoGcdJ/gCg1OQEX8rANL+og4aclapTVy+A1lNpAUA0vYnRmULoibvzQpNn/1hc+7wIDAQAB"
servers.mcsv.net. TXT "v=spf1 ip4:198.51.100.128/27 -all"
_spf.oldshop.example. TXT "v=spf1 ip4:203.0.113.128/28 ip4:203.0.113.200 -all"
_spf.google.com. TXT "v=spf1 ip4:192.0.2.128/26 -all"

grown.example. TXT "v=spf1 mx a:web.grown.example include:spf.protection.outlook.com include:servers.mcsv.net include:_spf.crm.example include:_spf.desk.example ip4:192.0.2.80 -all"
grown.example. MX 10 mx.grown.example.
mx.grown.example. A 192.0.2.81
web.grown.example. A 192.0.2.82
_spf.crm.example. TXT "v=spf1 include:a.crm.example include:b.crm.example include:c.crm.example ?all"
a.crm.example. TXT "v=spf1 ip4:198.51.100.0/29 -all"
b.crm.example. TXT "v=spf1 ip4:198.51.100.8/29 -all"
c.crm.example. TXT "v=spf1 a:out.crm.example -all"
out.crm.example. A 198.51.100.20
_spf.desk.example. TXT "v=spf1 exists:%{i}.list.desk.example include:a.desk.example -all"
a.desk.example. TXT "v=spf1 ip4:203.0.113.64/28 -all"

slip.example. MX 10 mx.grown.example.
slip.example. TXT "v=spf1 ip4:192.0.2.80 include=_spf.crm.example ~all"
_dmarc.slip.example. TXT "v=DMARC1; p=quarantine; rua=dmarc@slip.example"

idle.example. A 192.0.2.90
o1.ptr7.sendgrid.net. A 198.51.100.201
201.100.51.198.in-addr.arpa. PTR o1.ptr7.sendgrid.net.
rack7.parkside.example. A 203.0.113.44
44.113.0.203.in-addr.arpa. PTR rack7.parkside.example.
`

// orders are messages of a web shop and of a service that nobody thought of, or of
// forgers.
const orders = `From shop@quay-books.example Wed Apr  8 10:02:11 2026
Return-Path: <www@rack7.parkside.example>
Received: from rack7.parkside.example (rack7.parkside.example [203.0.113.44])
	by mx.quay-books.example (Postfix) with ESMTPS id D4410
	for <mary@quay-books.example>; Wed, 08 Apr 2026 10:02:11 +0000
From: Shop <shop@quay-books.example>
To: mary@quay-books.example
Subject: New order 1187
Date: Wed, 08 Apr 2026 10:02:09 +0000
Message-ID: <1187@rack7.parkside.example>

Two copies of The Tide Tables.

From shop@quay-books.example Wed Apr  8 11:30:00 2026
Return-Path: <bounces+4@sendgrid.net>
Received: from o1.ptr7.sendgrid.net (o1.ptr7.sendgrid.net [198.51.100.201])
	by mx.quay-books.example (Postfix) with ESMTPS id D4499
	for <mary@quay-books.example>; Wed, 08 Apr 2026 11:30:00 +0000
From: Shop <shop@quay-books.example>
To: mary@quay-books.example
Subject: Your ticket
Date: Wed, 08 Apr 2026 11:29:58 +0000
Message-ID: <4@sendgrid.net>

Thank you.

`

func writeShop(t *testing.T) (mailbox, zoneFile string) {
	t.Helper()
	mailbox, zoneFile = writeMailbox(t)
	if err := os.WriteFile(zoneFile, []byte(shopZone), 0o600); err != nil {
		t.Fatal(err)
	}
	box, err := os.ReadFile(mailbox)
	if err == nil {
		err = os.WriteFile(mailbox, append(box, orders...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return mailbox, zoneFile
}

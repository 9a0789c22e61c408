package forensics_test

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"unspoof/bounce"
	"unspoof/dns/dnsfile"
	"unspoof/forensics"
)

// A notice came back for a message that was never sent. The owner knows his one
// server, and that nothing else sends for his domain.
func ExampleJudge() {
	notice := bounce.Parse([]byte(`Received: from mx.example.net (mx.example.net [192.0.2.30])
	by mx.example.com with ESMTPS for <info@example.com>; Mon, 10 Mar 2025 06:05:00 +0000
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; nobody@example.net
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

Received: from mx.example.com (unknown [203.0.113.80])
	by mx.example.net with ESMTP; Mon, 10 Mar 2025 06:00:01 +0000
From: info@example.com
Subject: Your account is limited

--b--
`))
	profile := &forensics.Profile{
		Domains:    []string{"example.com"},
		OwnHosts:   []forensics.Host{{Name: "mx.example.com", IP: netip.MustParseAddr("198.51.100.5")}},
		SPFHistory: []forensics.SPFPeriod{{From: time.Unix(0, 0), Record: "v=spf1 ip4:198.51.100.5 -all"}},
		Complete:   true,
	}
	resolver, err := dnsfile.Parse("zone.yaml", []byte(`
dns:
  PTR: {192.0.2.30: mx.example.net}
  A: {mx.example.net: 192.0.2.30}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	verdict := forensics.NewJudge(profile, resolver).Judge(context.Background(), notice)
	fmt.Printf("%s, %s (%s confidence)\n", verdict.Verdict, verdict.Subtype, verdict.Confidence)
	fmt.Println(verdict.Sentence)
	for _, r := range verdict.Reasons {
		if r.For == forensics.Spoofed {
			fmt.Println(r.Code, r.Strength)
		}
	}
	// Output:
	// spoofed, direct (medium confidence)
	// Your address was forged: the message was handed over by 203.0.113.80, which is not yours. Nobody needed your password for that.
	// E5-fail strong
	// E13 strong
	// not-listed strong
}

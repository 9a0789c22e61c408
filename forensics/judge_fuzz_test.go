package forensics_test

import (
	"testing"
	"time"

	"unspoof/bounce"
	"unspoof/forensics"
)

// seeds are whole notices in the form of RFC 3464, with and without an original.
var seeds = []string{
	`X-Original-To: info@firm.example
Received: from mx.shop.example (mx.shop.example [192.0.2.30]) by mx.firm.example with ESMTPS id N1; Mon, 10 Mar 2025 06:05:00 +0000
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.shop.example

Final-Recipient: rfc822; kim@shop.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.firm.example
Diagnostic-Code: smtp; 550 5.7.23 SPF: 203.0.113.80 is not allowed

--b
Content-Type: message/rfc822

Received: from x (x [10.0.0.1]) by mx.shop.example with ESMTP; Mon, 10 Mar 2025 06:00:02 +0000
Received: from out.firm.example (out.firm.example [198.51.100.10]) by mx.shop.example with ESMTPSA; Mon, 10 Mar 2025 06:00:01 +0000
Received: from userid 33 by www.firm.example (Postfix, from userid 33); Mon, 10 Mar 2025 06:00:00 +0000
DKIM-Signature: v=1; d=firm.example; s=zz; b=AA==
X-PHP-Originating-Script: 33:x.php
From: <info@firm.example>
Date: Mon, 10 Mar 2025 06:00:00 +0000
Message-ID: <m1@firm.example>

--b--
`,
	"Received: by mx.firm.example (Postfix) id X; Mon, 10 Mar 2025 06:00:00 +0000\nSubject: failure\n\nno such user\n",
	"",
}

// FuzzJudge holds that no mail makes the judge fail, and that whatever it says is
// whole, and the same when it is asked again.
func FuzzJudge(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	for _, c := range []proofCase{
		{sign: usual(), seal: origin(atHome)},
		{sign: usual(), headers: true, hops: "stranger", t0: later(100 * time.Hour), final: "e@shop.example"},
		{rcpt: tag(f, "ada@firm.example", sent), notice: signedNotice("shop.example", "MAILER-DAEMON@shop.example", "ada@firm.example"), peer: "x (x [192.0.2.77])"},
	} {
		f.Add(c.text(f))
	}
	p, view := proofProfile(f)
	p.BATV, p.SealKeys = tagging(), sealKeys()
	judge := forensics.NewJudge(p, view)
	f.Fuzz(func(t *testing.T, data []byte) {
		n := bounce.Parse(data)
		got := judge.Judge(t.Context(), n)
		if got.Verdict == "" || got.Subtype == "" || got.Rule == "" || got.Sentence == "" || len(got.Reasons) == 0 {
			t.Errorf("not everything is said: %+v", got)
		}
		for _, r := range got.Reasons {
			if len(r.Line) > 300 {
				t.Errorf("a line of %d bytes", len(r.Line))
			}
		}
		again := forensics.NewJudge(p, view).Judge(t.Context(), n)
		if again.Verdict != got.Verdict || again.Subtype != got.Subtype || again.Confidence != got.Confidence {
			t.Errorf("first %s/%s (%s), then %s/%s (%s)", got.Verdict, got.Subtype, got.Confidence,
				again.Verdict, again.Subtype, again.Confidence)
		}
	})
}

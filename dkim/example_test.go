package dkim_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"unspoof/dkim"
	"unspoof/dns/dnsfile"
)

func ExampleVerifier() {
	// DNS as it was when the message came; in production a dns.Client.
	zone, err := dnsfile.Parse("zone", []byte(`
$ORIGIN football.example.com.
brisbane._domainkey 300 TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	message := strings.ReplaceAll(`DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
`, "\n", "\r\n")

	v := dkim.Verifier{Resolver: zone}
	res, err := v.Verify(context.Background(), dkim.Args{
		Message: []byte(message),
		Now:     time.Date(2018, 6, 11, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range res.Results {
		fmt.Println(r.Domain, r.Selector, r.Result, "-", r.Reason)
	}
	// Output: football.example.com brisbane pass - signature and body hash match
}

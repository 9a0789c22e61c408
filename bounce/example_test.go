package bounce_test

import (
	"encoding/json"
	"fmt"

	"unspoof/bounce"
)

func Example() {
	notice := `Return-Path: <>
From: MAILER-DAEMON@mx.remote.example
To: anna@brand.example
Subject: failure notice

Hi. This is the qmail-send program at mx.remote.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<kunde@remote.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Received: from unknown (HELO brand.example) (203.0.113.5) by mx.remote.example
  with SMTP; 3 Jun 2024 08:00:00 -0000
From: Anna <anna@brand.example>
Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=
Message-ID: <1@brand.example>
`
	n := bounce.Parse([]byte(notice))
	fmt.Println(n.Kind, n.Recipients, n.Status, n.Refusal.Class)
	fmt.Println(n.Original.Subject, n.Original.MessageID, n.Original.LastExternalIP)
	if b, err := json.Marshal(n.View()); err == nil {
		fmt.Println(string(b[:40]))
	}
	// Output:
	// nonstandard-failed [kunde@remote.example] [5.1.1] unknown-user
	// Grüße <1@brand.example> 203.0.113.5
	// {"kind":"nonstandard-failed","bounce":tr
}

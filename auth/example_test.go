package auth_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"unspoof/auth"
)

func ExampleCheck() {
	zone := zone{
		"_dmarc.bank.example": "v=DMARC1; p=reject",
		"bank.example":        "v=spf1 ip4:192.0.2.1 -all",
	}
	res, err := auth.Check(context.Background(), auth.Args{
		IP: netip.MustParseAddr("198.51.100.9"), HELO: "forger.example", MailFrom: "ceo@bank.example",
		Message:  []byte("From: The CEO <ceo@bank.example>\r\nSubject: urgent\r\n\r\nSend money.\r\n"),
		Resolver: zone, Now: time.Unix(1_800_000_000, 0),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Verdict, "-", res.Reason)
	fmt.Println("disposition:", res.Disposition)
	value, err := res.AuthenticationResults("mx.reader.example").Format()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.ReplaceAll(value, "\r\n\t", "\n  "))
	// Output:
	// fail - Nothing that passes speaks for bank.example, which asks for reject.
	// disposition: reject
	// mx.reader.example; spf=fail
	//   smtp.mailfrom=ceo@bank.example; spf=none
	//   reason="forger.example does not exist" smtp.helo=forger.example; dkim=none;
	//   dmarc=fail header.from=bank.example polrec.p=reject
	//   polrec.domain=bank.example
}

package arc_test

import (
	"context"
	"fmt"
	"time"

	"unspoof/arc"
)

func ExampleVerify() {
	message := "ARC-Seal: i=1; a=rsa-sha256; cv=pass; d=list.example; s=s; b=AAAA\r\n" +
		"ARC-Message-Signature: i=1; a=rsa-sha256; d=list.example; s=s; h=from; bh=AAAA; b=AAAA\r\n" +
		"ARC-Authentication-Results: i=1; list.example; dmarc=pass header.from=bank.example\r\n" +
		"From: Ann <ann@bank.example>\r\n\r\nHello.\r\n"
	res, err := arc.Verify(context.Background(), arc.Args{
		Message: []byte(message), Resolver: zone{}, Now: time.Unix(1_800_000_000, 0), TrustedSealers: []string{"list.example"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Result, "-", res.Reason)
	for _, s := range res.Sets {
		fmt.Println(s.Instance, s.Sealer, "reliable:", s.Reliable)
	}
	// Output:
	// fail - ARC-Seal i=1 has cv="pass", where only none can stand
	// 1 list.example reliable: false
}

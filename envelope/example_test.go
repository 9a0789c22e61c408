package envelope_test

import (
	"fmt"
	"net/netip"
	"time"

	"unspoof/envelope"
	"unspoof/message"
)

func ExampleBATV() {
	tags := envelope.BATV{Keys: []envelope.Key{{ID: 1, Secret: envelope.Secret("kept on the mail server")}}}
	sent := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	address, err := tags.Sign("ada@example.com", sent)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, bounced := range []string{address, "ada@example.com", "prvs=1786123456=ada@example.com"} {
		fmt.Println(tags.Check(bounced, sent.Add(48*time.Hour)).State)
	}
	fmt.Println(tags.Check(address, sent.Add(30*24*time.Hour)).State)
	// Output:
	// valid
	// untagged
	// wrong
	// expired
}

func ExampleOpen() {
	key := envelope.Key{ID: 3, Secret: envelope.Secret("kept on the mail server")}
	fields := "From: ada@example.com\r\nDate: Sun, 22 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n\r\n"
	header, _, _ := message.ReadHeader([]byte(fields))
	seal, err := envelope.Seal(envelope.SealArgs{
		Key: key, Header: header, Time: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
		Origin: envelope.Origin{Account: "ada", Client: netip.MustParseAddr("192.0.2.7"), Session: "4FzX1"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	// Months later, in a bounce:
	returned, _, _ := message.ReadHeader([]byte(envelope.SealName + ": " + seal + "\r\n" + fields))
	o, err := envelope.Open(envelope.OpenArgs{Keys: []envelope.Key{key}, Header: returned})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(o.Account, o.Client, o.Time.Format(time.RFC3339))
	// Output: ada 192.0.2.7 2026-11-22T12:00:00Z
}

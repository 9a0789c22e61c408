package dkim_test

import (
	"context"
	"fmt"
	"time"

	"unspoof/dkim"
)

// A message is signed, loses its body on the way, gets a tag in its subject, and
// comes back after the key has left DNS. The signature still tells who wrote it.
func ExampleForensic() {
	key, err := dkim.Generate(dkim.Ed25519SHA256)
	if err != nil {
		fmt.Println(err)
		return
	}
	record, err := key.Record()
	if err != nil {
		fmt.Println(err)
		return
	}
	sent := time.Date(2026, 9, 21, 12, 0, 0, 0, time.UTC)
	res, err := dkim.Sign(context.Background(), dkim.SignArgs{
		Message: []byte("From: ada@example.com\r\nSubject: hello\r\n\r\nHi Bob\r\n"),
		Domain:  "example.com",
		Keys:    []dkim.SigningKey{{Selector: "2026a", Key: key}},
		Now:     sent,
		Expire:  7 * 24 * time.Hour,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	returned := append(res.Fields, "From: ada@example.com\r\nSubject: [SPAM] hello\r\n"...)
	found, err := dkim.Forensic(context.Background(), dkim.ForensicArgs{
		Message:    returned,
		Returned:   dkim.NoBody,
		Archive:    []dkim.ArchivedKey{{Domain: "example.com", Selector: "2026a", Record: record, Removed: sent.AddDate(0, 1, 0)}},
		HandedOver: sent.Add(time.Hour),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range found.Results {
		fmt.Printf("%s: %s\n", r.Evidence, r.Reason)
		for _, b := range r.Breaks {
			fmt.Printf("%s %s: %s\n", b.Field, b.Change, b.Cause)
		}
	}
	// Output:
	// E1h: the key signed this header; the body did not come back whole
	// Subject changed: a filter or mailing list put [SPAM] in front of the subject
}

func ExampleRotation() {
	r := dkim.Rotation{Phase: dkim.Publish, Selector: "2026b", Record: "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", Old: "2026a"}
	now := time.Date(2026, 9, 21, 12, 0, 0, 0, time.UTC)
	step := r.Next(dkim.RotationFacts{Now: now, Servers: []dkim.NameServerView{
		{Server: "ns1.example.com", New: r.Record, TTL: time.Hour},
		{Server: "ns2.example.com"},
	}})
	fmt.Println(step.Rotation.Phase, "-", step.Problems[0])
	// Output: publish - ns2.example.com has no record of the new selector
}

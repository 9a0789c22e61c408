package message_test

import (
	"fmt"

	"unspoof/message"
)

func Example() {
	mail := "Received: from helo.example (host.example [192.0.2.1]) by mx.example with ESMTPS id 1;\n\tMon, 3 Jun 2024 10:00:05 +0200\n" +
		"From: =?utf-8?q?J=C3=BCrgen?= <juergen@brand.example>\nContent-Type: multipart/alternative; boundary=b\n\n" +
		"--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nR3LDvMOfZQ==\n--b--\n"
	root, _ := message.ParsePart([]byte(mail))

	f, _ := root.Header.First("Received")
	hop := message.ParseReceived(f)
	fmt.Println(hop.FromIP, hop.By, hop.Time.UTC().Format("15:04"))

	for _, a := range message.ParseAddresses(root.Header.Value("From")) {
		fmt.Println(a.Name, a)
	}
	message.Walk(root, func(p *message.Part) bool {
		fmt.Println(p.Type, p.BodyLine)
		if p.Type == "text/plain" {
			fmt.Println(p.Text(1000))
		}
		return true
	})
	// Output:
	// 192.0.2.1 mx.example 08:00
	// Jürgen juergen@brand.example
	// multipart/alternative 6
	// text/plain 10
	// Grüße
}

package sender_test

import (
	"fmt"

	"unspoof/sender"
)

func ExampleByInclude() {
	for _, m := range sender.ByInclude("us._netblocks.mimecast.com") {
		fmt.Println(m.Service.Name, m.Confidence)
	}
	// Output: Mimecast high
}

func ExampleSuggestHosts() {
	fmt.Println(sender.SuggestHosts("_secureserver.net"))
	// Output: [secureserver.net]
}

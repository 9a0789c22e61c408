package intake_test

import (
	"context"
	"fmt"
	"strings"

	"unspoof/internal/intake"
)

func ExampleMessages() {
	mailbox := "From a@example.com Mon Jun  3 10:00:00 2024\nSubject: first\n\nHello\n\n" +
		"From b@example.com Mon Jun  3 11:00:00 2024\nSubject: second\n\nHello\n"
	args := intake.Args{Paths: []string{"-", "gone.eml"}, Stdin: strings.NewReader(mailbox)}
	for item, err := range intake.Messages(context.Background(), args) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%s: %d octets\n", item.File, len(item.Data))
	}
	// Output:
	// -#1: 22 octets
	// -#2: 23 octets
	// intake: gone.eml does not exist; check the name and the folder that you are in
}

package mbox_test

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"unspoof/message/mbox"
)

func Example() {
	box := "From ann@brand.example Mon Jun  3 10:00:05 2024\nSubject: one\n\n>From me to you\n\n" +
		"From bob@brand.example Mon Jun  3 11:00:00 2024\nSubject: two\n\n"
	r := mbox.NewReader(strings.NewReader(box))
	for {
		msg, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Printf("#%d %q\n", r.Number(), msg)
	}
	// Output:
	// #1 "Subject: one\n\nFrom me to you\n"
	// #2 "Subject: two\n\n"
}

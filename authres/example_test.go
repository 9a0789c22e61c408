package authres_test

import (
	"fmt"

	"unspoof/authres"
	"unspoof/message"
)

func ExampleSelect() {
	h, _, _ := message.ReadHeader([]byte("Authentication-Results: mx.example.com; dmarc=fail header.from=bank.example\r\n" +
		"Received: from forger.example by mx.example.com\r\n" +
		"Authentication-Results: mx.example.com; dmarc=pass header.from=bank.example\r\n\r\n"))
	sel := authres.Select(authres.SelectArgs{Header: h, IDs: []string{"mx.example.com"}, Boundary: 2})
	for _, f := range sel.Trusted {
		fmt.Println(f.Results[0].Method, f.Results[0].Result)
	}
	fmt.Println("to be removed:", sel.Strip)
	// Output:
	// dmarc fail
	// to be removed: [2]
}

func ExampleField_Format() {
	f := authres.Field{ID: "a.example", Results: []authres.Result{{
		Method: "spf", Result: "fail",
		Props: []authres.Property{{Type: "smtp", Name: "mailfrom", Value: `x;dkim=pass`}},
	}}}
	value, err := f.Format()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(authres.Name + ": " + value)
	// Output:
	// Authentication-Results: a.example; spf=fail smtp.mailfrom="x;dkim=pass"
}

package cli_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"unspoof/internal/cli"
)

func ExampleRun() {
	status := cli.Run(context.Background(), cli.Env{
		Args:  []string{"spf", "explain", "v=spf1 ip4:192.0.2.1 -all", "--resolver", "192.0.2.53"},
		Stdin: strings.NewReader(""), Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
	})
	fmt.Println("exit status", status)
	// Output:
	// v=spf1 ip4:192.0.2.1 -all
	//
	// ip4:192.0.2.1
	//     The address 192.0.2.1 may send.
	// -all
	//     Everybody else may not send; refuse it.
	//
	// 0 of 10 look-ups, 0 of 2 empty ones
	// exit status 0
}

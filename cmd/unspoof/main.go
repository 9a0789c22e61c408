// Command unspoof tells from bounces whether an account was hacked or its
// address only forged, who can send as a domain, and what to publish.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"unspoof/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := cli.Run(ctx, cli.Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
	})
	stop()
	os.Exit(code)
}

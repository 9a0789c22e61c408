package cli_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"unspoof/internal/cli"
)

func TestASilentInputCanBeInterrupted(t *testing.T) {
	for _, args := range [][]string{{"bounce", "parse", "-"}, {"investigate", "-", "--domain", "shop.example", "--dns", zoneFile(t)}} {
		silent, w := io.Pipe()
		defer w.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		var stderr bytes.Buffer
		code := cli.Run(ctx, cli.Env{Args: args, Stdin: silent, Stdout: io.Discard, Stderr: &stderr, Getenv: func(string) string { return "" }})
		if code != 130 || !strings.Contains(stderr.String(), "stopped") {
			t.Errorf("%v: status %d, %q", args, code, stderr.String())
		}
	}
}

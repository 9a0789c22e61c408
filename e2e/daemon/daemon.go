// Package daemon runs servers for the tests of this folder, each for as long as
// its test.
package daemon

import (
	"os/exec"
	"testing"
	"time"
)

// Patience is how long a server may take for what it does in its own time,
// however busy the machine. Only a test that fails waits so long.
const Patience = 2 * time.Minute

// leash ends the server with the test's process, which may be killed or run into
// its timeout, and then cleans nothing up: that is the end of standard input.
const leash = `exec 3<&0; "$@" 3<&- </dev/null & server=$!
{ read -r end <&3; kill $server; } >/dev/null 2>&1 &
wait $server
kill $! 2>/dev/null`

// Start starts cmd, a server in the foreground. It is ended (SIGTERM) with the
// test; ended is closed should it end before, and then its output is whole.
func Start(tb testing.TB, cmd *exec.Cmd) (ended <-chan struct{}) {
	tb.Helper()
	sh := exec.Command("sh", append([]string{"-c", leash, "sh", cmd.Path}, cmd.Args[1:]...)...)
	sh.Stdout, sh.Stderr = cmd.Stdout, cmd.Stderr
	sh.WaitDelay = Patience / 2 // for children of the server that still hold the output
	hold, err := sh.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := sh.Start(); err != nil {
		tb.Fatal(err)
	}
	over := make(chan struct{})
	go func() { sh.Wait(); close(over) }()
	tb.Cleanup(func() {
		hold.Close()
		select {
		case <-over:
		case <-time.After(Patience):
			tb.Errorf("%s goes on after SIGTERM", cmd.Path)
		}
	})
	return over
}

//go:build e2e

package fleet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"unspoof/e2e/nameserver"
)

// unspoof is the program, built once.
var unspoof string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "unspoof")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		unspoof = filepath.Join(dir, "unspoof")
		build := exec.Command("go", "build", "-o", unspoof, "unspoof/cmd/unspoof")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%s\n%v\n", out, err)
			return 1
		}
		return m.Run()
	}())
}

// outcome is what a run of the program left.
type outcome struct {
	stdout, stderr string
	code           int
	memory         int64         // the most that was resident, in octets
	took, computed time.Duration // by the clock, and by the processors
}

// check runs "unspoof check" with the arguments to its end.
func check(tb testing.TB, addr string, args ...string) outcome {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, unspoof, append([]string{"check", "--resolver", addr}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	watch := make(chan struct{})
	most := make(chan int64)
	go func() { most <- resident(cmd.Process.Pid, watch) }()
	err := cmd.Wait()
	took := time.Since(begun)
	close(watch)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tb.Fatal(err)
	}
	state := cmd.ProcessState
	return outcome{stdout.String(), stderr.String(), state.ExitCode(), <-most, took, state.UserTime() + state.SystemTime()}
}

// resident gives the most memory that a process had, as the kernel counts it
// while the process lives. What it tells afterwards counts its parent's too.
func resident(pid int, stop <-chan struct{}) (most int64) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if _, rest, ok := strings.Cut(string(text), "VmHWM:"); ok {
			var kib int64
			fmt.Sscan(rest, &kib)
			most = max(most, kib<<10)
		}
		select {
		case <-tick.C:
		case <-stop:
			return most
		}
	}
}

// served gives the fleet's list as a file, and the server of its zones.
func served(tb testing.TB, n int, kinds []kind) (list, addr string, domains []string) {
	tb.Helper()
	domains, zones := fleetOf(n, kinds)
	return nameserver.Write(tb, tb.TempDir(), "domains.txt", strings.Join(domains, "\n")+"\n"), serve(tb, zones), domains
}

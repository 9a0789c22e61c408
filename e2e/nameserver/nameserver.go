// Package nameserver runs real name servers on loopback for the tests of this
// folder.
package nameserver

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"unspoof/dns"
	"unspoof/e2e/daemon"
)

// Program finds a server, which Debian keeps out of the PATH of users; without it
// the test is skipped.
func Program(tb testing.TB, name string) string {
	tb.Helper()
	for _, try := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name} {
		if path, err := exec.LookPath(try); err == nil {
			return path
		}
	}
	tb.Skipf("the name server %s is not installed here (Debian: bind9, nsd)", name)
	return ""
}

// Port finds a port that is free for UDP and TCP, below those that the system
// hands to clients: none of theirs takes it before the server does.
func Port(tb testing.TB) int {
	tb.Helper()
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(20000))
		l, err := net.Listen("tcp", addr)
		if err != nil {
			continue
		}
		pc, err := net.ListenPacket("udp", addr)
		l.Close()
		if err == nil {
			pc.Close()
			return l.Addr().(*net.TCPAddr).Port
		}
	}
	tb.Fatal("no port is free for both UDP and TCP")
	return 0
}

// Write makes a file that the server may read, and gives its path.
func Write(tb testing.TB, dir, name, text string) string {
	tb.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	return path
}

// Client asks the servers, with the patience that a busy machine needs.
func Client(tb testing.TB, servers ...string) *dns.Client {
	tb.Helper()
	c, err := dns.NewClient(dns.Config{Servers: servers, Timeout: 10 * time.Second, Total: daemon.Patience})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// Run runs a server on the port until the test ends, and gives its address once
// it answers the question.
func Run(tb testing.TB, cmd *exec.Cmd, port int, q dns.Question) string {
	tb.Helper()
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("the server's log:\n%s", log.String())
		}
	})
	ended := daemon.Start(tb, cmd)
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	c := Client(tb, addr)
	for until := time.Now().Add(daemon.Patience); time.Now().Before(until); {
		if _, err := c.Lookup(tb.Context(), q); err == nil {
			return addr
		}
		select {
		case <-ended:
			tb.Fatalf("%s ended", cmd.Path)
		case <-time.After(50 * time.Millisecond):
		}
	}
	tb.Fatalf("%s does not answer", cmd.Path)
	return ""
}

// Package nameserver runs real name servers on loopback for the tests of this
// folder.
package nameserver

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"unspoof/dns"
)

// patience is how long a server may take to load its zones.
const patience = 30 * time.Second

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

// Port finds a port that is free for UDP and TCP.
func Port(tb testing.TB) int {
	tb.Helper()
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		pc, err := net.ListenPacket("udp", l.Addr().String())
		l.Close()
		if err == nil {
			pc.Close()
			return port
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

// Client asks the servers, with little patience.
func Client(tb testing.TB, servers ...string) *dns.Client {
	tb.Helper()
	c, err := dns.NewClient(dns.Config{Servers: servers, Timeout: 500 * time.Millisecond, Total: 4 * time.Second})
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
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { cmd.Wait(); close(exited) }()
	tb.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-exited:
		case <-time.After(5 * time.Second):
			cmd.Process.Kill()
			<-exited
		}
		if tb.Failed() {
			tb.Logf("the server's log:\n%s", log.String())
		}
	})
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	c := Client(tb, addr)
	for until := time.Now().Add(patience); time.Now().Before(until); {
		if _, err := c.Lookup(tb.Context(), q); err == nil {
			return addr
		}
		select {
		case <-exited:
			tb.Fatalf("%s ended:\n%s", cmd.Path, log.String())
		case <-time.After(100 * time.Millisecond):
		}
	}
	tb.Fatalf("%s does not answer", cmd.Path)
	return ""
}

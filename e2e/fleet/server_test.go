//go:build e2e

// Package fleet_test checks ten thousand domains that a real name server, NSD on
// loopback, serves: whether the reports are right, what the program needs, and
// how fast it is beside a client that only asks.
package fleet_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"unspoof/dns"
)

// serve starts NSD with the zones, by name, and gives its address once it
// answers for the last of them.
func serve(tb testing.TB, zones map[string]string) string {
	tb.Helper()
	dir, port := tb.TempDir(), freePort(tb)
	var conf strings.Builder
	fmt.Fprintf(&conf, `
server:
	ip-address: 127.0.0.1@%d
	server-count: 1
	zonesdir: %q
	pidfile: ""
	zonelistfile: %q
	xfrdfile: %q
	logfile: ""
	username: ""
	chroot: ""
	rrl-ratelimit: 0
remote-control:
	control-enable: no
`, port, dir, filepath.Join(dir, "zone.list"), filepath.Join(dir, "xfrd.state"))
	var last string
	for name, text := range zones {
		write(tb, dir, name+".zone", text)
		fmt.Fprintf(&conf, "zone:\n\tname: %s\n\tzonefile: %s.zone\n", name, name)
		last = name
	}
	write(tb, dir, "nsd.conf", conf.String())
	cmd := exec.Command(program(tb, "nsd"), "-d", "-c", filepath.Join(dir, "nsd.conf"))
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
	c := client(tb, addr)
	for range 300 {
		if _, err := c.Lookup(tb.Context(), dns.Question{Name: last, Type: dns.TypeSOA}); err == nil {
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

func client(tb testing.TB, addr string) *dns.Client {
	tb.Helper()
	c, err := dns.NewClient(dns.Config{Servers: []string{addr}, Timeout: 500 * time.Millisecond, Total: 4 * time.Second})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// program finds a server, which Debian keeps out of the PATH of users.
func program(tb testing.TB, name string) string {
	tb.Helper()
	for _, try := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name} {
		if path, err := exec.LookPath(try); err == nil {
			return path
		}
	}
	tb.Skipf("the name server %s is not installed here (Debian: nsd)", name)
	return ""
}

// freePort finds one that is free for UDP and TCP.
func freePort(tb testing.TB) int {
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

func write(tb testing.TB, dir, name, text string) string {
	tb.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	return path
}

//go:build e2e

// Package probe_test asks a real Postfix and a real Exim, each set up wrong in
// every way that package probe knows, and then right: what is wrong must be
// found, and nothing else. setup.sh installs them; where they are missing, or
// the tests don't run as root, which Postfix needs, they are skipped.
//
// All servers listen on loopback and hand no mail to anybody else.
package probe_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	domain    = "probe.example"
	host      = "mail.probe.example"
	user      = "anna@probe.example"
	password  = "correct horse"
	recipient = "anna@probe.example"
)

// mailboxes are those that the servers know; postmaster's is anna's.
var mailboxes = []string{"anna", "boss", "postmaster"}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mail servers start as root only")
	}
}

// folder is one that the servers' own users may enter, unlike t.TempDir's.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "unspoof-probe-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// freePorts finds ports that nobody listens at, below those that the system
// hands to clients, so that none of our own connections takes one.
func freePorts(t *testing.T, n int) []uint16 {
	t.Helper()
	var out []uint16
	for port := 20000 + rand.IntN(5000); len(out) < n && port < 32000; port++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		l.Close()
		out = append(out, uint16(port))
	}
	if len(out) < n {
		t.Fatal("no free ports")
	}
	return out
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// output keeps what a server logs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// start runs a server in the foreground until the test ends, and waits for its
// ports.
func start(t *testing.T, log *output, ports []uint16, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	for _, p := range ports {
		listening(t, p, ended, log)
	}
}

func listening(t *testing.T, port uint16, ended chan struct{}, log *output) {
	t.Helper()
	for range 200 {
		c, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(int(port)))
		if err == nil {
			c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("the server ended:\n%s", log)
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("nobody listens at port %d:\n%s", port, log)
}

// delivered counts the messages in the mbox files below dir, by file name.
func delivered(t *testing.T, dir string) map[string]int {
	t.Helper()
	out := map[string]int{}
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		// Locks, and Exim's files for making them ("anna.lock.host.…"), come and
		// go while something is delivered.
		if strings.Contains(e.Name(), ".lock") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = strings.Count("\n"+string(data), "\nFrom ")
	}
	return out
}

// eventually waits for what servers do in their own time.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 100 {
		if ok() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("%s", what)
}

func joinPort(p uint16) string { return fmt.Sprintf("127.0.0.1:%d", p) }

//go:build e2e && linux

// Package probe_test asks a real Postfix and a real Exim, each set up wrong in
// every way that package probe knows, and then right: what is wrong must be
// found, and nothing else. setup.sh installs them; where they are missing, or
// the tests don't run as root, which Postfix needs, they are skipped.
//
// All servers listen on loopback and hand no mail to anybody else.
package probe_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"unspoof/e2e/daemon"
)

const (
	domain    = "probe.example"
	host      = "mail.probe.example"
	user      = "anna@probe.example"
	password  = "correct horse"
	recipient = "anna@probe.example"
)

// address is one of loopback's sixteen million that no other run of these tests
// on this machine has: nobody takes a port between its being found free and the
// server's listening there.
var address = func() string {
	pid := os.Getpid()
	return fmt.Sprintf("127.%d.%d.%d", 64+pid>>16&63, pid>>8&255, pid&255)
}()

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

// lastPort is the last that was looked at: none is given twice, below those that
// the system hands to clients.
var lastPort = func() *atomic.Int32 {
	var p atomic.Int32
	p.Store(20000 + rand.Int32N(5000))
	return &p
}()

// freePorts finds ports of address that nobody listens at.
func freePorts(t *testing.T, n int) []uint16 {
	t.Helper()
	var out []uint16
	for len(out) < n {
		port := uint16(lastPort.Add(1))
		if port > 32000 {
			t.Fatal("no free ports")
		}
		l, err := net.Listen("tcp", joinPort(port))
		if err != nil {
			continue
		}
		l.Close()
		out = append(out, port)
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

// start runs a server in the foreground until the test ends, and waits for the
// last of its ports: both servers listen at all of them before they take anybody.
func start(t *testing.T, log *output, ports []uint16, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = log, log
	ended := daemon.Start(t, cmd)
	last := joinPort(ports[len(ports)-1])
	for until := time.Now().Add(daemon.Patience); time.Now().Before(until); {
		c, err := net.Dial("tcp", last)
		if err == nil {
			c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("the server ended:\n%s", log)
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("nobody listens at %s:\n%s", last, log)
}

// atOnce is how many cases are under way together: most of their time they wait
// for answers that must not come.
const atOnce = 6

// each runs a subtest for each of n cases, some of them together.
func each(t *testing.T, n int, name func(i int) string, run func(t *testing.T, i int)) {
	t.Helper()
	var wg sync.WaitGroup
	turn := make(chan struct{}, atOnce)
	for i := range n {
		turn <- struct{}{}
		wg.Go(func() {
			defer func() { <-turn }()
			t.Run(name(i), func(t *testing.T) { run(t, i) })
		})
	}
	wg.Wait()
}

// delivered counts the messages in the maildirs below dir, by name.
func delivered(t *testing.T, dir string) map[string]int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, path := range files {
		out[filepath.Base(filepath.Dir(filepath.Dir(path)))]++
	}
	return out
}

// onlyAnnaGot waits until the queue, the files that the patterns name, is empty.
// Then anna must have every message that was taken, and nobody else any.
func onlyAnnaGot(t *testing.T, messages int, mail string, queue ...string) {
	t.Helper()
	left := []string{"?"}
	for until := time.Now().Add(daemon.Patience); len(left) > 0 && time.Now().Before(until); {
		time.Sleep(50 * time.Millisecond)
		left = nil
		for _, pattern := range queue {
			files, err := filepath.Glob(pattern)
			if err != nil {
				t.Fatal(err)
			}
			left = append(left, files...)
		}
	}
	if len(left) > 0 {
		t.Errorf("still in the queue: %q", left)
	}
	got := delivered(t, mail)
	if got["anna"] != messages {
		t.Errorf("%d messages were taken, and %d arrived", messages, got["anna"])
	}
	for box, n := range got {
		if box != "anna" {
			t.Errorf("%d messages for %s, whom nobody named", n, box)
		}
	}
}

func joinPort(p uint16) string { return fmt.Sprintf("%s:%d", address, p) }

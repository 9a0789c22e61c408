//go:build e2e

package web

import (
	"bufio"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary is the program, built once for all tests.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "unspoof-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "unspoof")
	build := exec.Command("go", "build", "-o", binary, "unspoof/cmd/unspoof")
	build.Stderr = os.Stderr
	status := 1
	if err := build.Run(); err == nil {
		status = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(status)
}

// program is a running "unspoof serve".
type program struct {
	cmd   *exec.Cmd
	start *url.URL // with the token
}

// serve starts the program on a port that is free, with its cases in data and
// all of DNS in the file zone.
func serve(t *testing.T, data, zone string) *program {
	t.Helper()
	cmd := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--data", data, "--dns", filepath.Base(zone))
	cmd.Dir = filepath.Dir(zone) // so that no page names a folder of the test
	cmd.Stderr = t.Output()
	cmd.Env = append(os.Environ(), "TZ=UTC", "NO_COLOR=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &program{cmd: cmd}
	t.Cleanup(func() { p.stop(t) })
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			for _, word := range strings.Fields(lines.Text()) {
				if strings.HasPrefix(word, "http://") {
					found <- word
				}
			}
		}
		io.Copy(io.Discard, out)
	}()
	select {
	case address := <-found:
		if p.start, err = url.Parse(address); err != nil {
			t.Fatal(err)
		}
	case <-time.After(patience):
		t.Fatal("the program prints no address to open")
	}
	return p
}

// stop ends the program as Ctrl-C does.
func (p *program) stop(t *testing.T) {
	t.Helper()
	if p.cmd.ProcessState != nil {
		return
	}
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Error(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the program ended with: %v", err)
		}
	case <-time.After(patience):
		p.cmd.Process.Kill()
		t.Error("the program goes on after Ctrl-C")
	}
}

// at is the address of a page.
func (p *program) at(path string) string { return "http://" + p.start.Host + path }

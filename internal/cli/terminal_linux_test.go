package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"unspoof/internal/cli"
)

// terminal opens a pseudo-terminal: what is typed and shown on one side is the
// program's terminal on the other.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	person = os.NewFile(uintptr(fd), "/dev/ptmx")
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return person, program
}

// onTerminal runs the program on a terminal where somebody types.
func onTerminal(t *testing.T, typed string, env map[string]string, args ...string) (shown string, code int) {
	t.Helper()
	person, tty := terminal(t)
	if _, err := io.WriteString(person, typed); err != nil {
		t.Fatal(err)
	}
	done := make(chan string)
	go func() {
		var b bytes.Buffer
		io.Copy(&b, person) // ends with an error when the program's side closes
		done <- b.String()
	}()
	code = cli.Run(context.Background(), cli.Env{
		Args: args, Stdin: tty, Stdout: tty, Stderr: tty, Getenv: func(name string) string { return env[name] },
	})
	tty.Close()
	return <-done, code
}

func TestColourOnATerminalUnlessToldNot(t *testing.T) {
	file := zoneFile(t)
	for _, c := range []struct {
		env    map[string]string
		colour bool
	}{{nil, true}, {map[string]string{"NO_COLOR": "1"}, false}, {map[string]string{"TERM": "dumb"}, false}} {
		shown, _ := onTerminal(t, "", c.env, "check", "shop.example", "--dns", file)
		if got := strings.Contains(shown, "\x1b["); got != c.colour {
			t.Errorf("environment %v: colour %v, want %v", c.env, got, c.colour)
		}
	}
}

func TestTheOneQuestionIsAskedOnATerminal(t *testing.T) {
	file := zoneFile(t)
	message := filepath.Join(t.TempDir(), "a.eml")
	if err := os.WriteFile(message, []byte("From: a@far.example\nSubject: hello\n\ntext\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, answer := range []string{"y\n", "n\n", "\n"} {
		shown, _ := onTerminal(t, answer, nil, "investigate", message, "--domain", "shop.example", "--dns", file)
		if strings.Count(shown, "Is this all that sends mail for you? [y/N]") != 1 {
			t.Errorf("typed %q: the question is not there once in\n%s", answer, shown)
		}
		if strings.Contains(shown, "add --complete") {
			t.Errorf("typed %q: asked again in\n%s", answer, shown)
		}
	}
	// The domain is asked for, too.
	shown, _ := onTerminal(t, "shop.example\ny\n", nil, "investigate", message, "--dns", file)
	if !strings.Contains(shown, "Which domain is yours") || strings.Count(shown, "Is this all that sends mail for you? [y/N]") != 1 {
		t.Errorf("got\n%s", shown)
	}
}

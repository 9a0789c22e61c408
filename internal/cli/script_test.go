package cli_test

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"unspoof/internal/cli"
)

// TestMain makes the program a command of the scripts, run as a process of its
// own, so that exit statuses, pipes and terminals are the real ones.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"unspoof": func() {
			os.Exit(cli.Run(context.Background(), cli.Env{
				Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
			}))
		},
	})
}

// TestScripts runs testdata/script; "status N CMD…" runs a command that must end
// with that status.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status, "harmless": harmless, "zipped": zipped, "example": exampleCase, "published": published, "private": private},
		Setup: func(e *testscript.Env) error {
			e.Setenv("TZ", "UTC")
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
	})
}

package cli_test

import (
	"archive/zip"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"unicode"

	"github.com/rogpeppe/go-internal/testscript"

	"unspoof/internal/example"
)

// status N COMMAND ARGS… runs a command that must end with exit status N. Its
// output is there for stdout and stderr to match.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// harmless FILE… fails when a file holds anything that a terminal obeys.
func harmless(ts *testscript.TestScript, neg bool, args []string) {
	for _, file := range args {
		for _, r := range ts.ReadFile(file) {
			if r != '\n' && r != ' ' && r != 0xfffd && !unicode.IsPrint(r) {
				ts.Fatalf("%s holds %q", file, r)
			}
		}
	}
}

// zipped ARCHIVE FILE… makes a zip.
func zipped(ts *testscript.TestScript, neg bool, args []string) {
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	z := zip.NewWriter(f)
	for _, name := range args[1:] {
		w, err := z.Create(name)
		ts.Check(err)
		_, err = w.Write([]byte(ts.ReadFile(name)))
		ts.Check(err)
	}
	ts.Check(z.Close())
}

// exampleCase writes the built-in example: example.mbox, example.yaml (the
// profile) and example.zone.
func exampleCase(ts *testscript.TestScript, neg bool, args []string) {
	mailbox, err := example.Mbox()
	ts.Check(err)
	for name, data := range map[string][]byte{"example.mbox": mailbox, "example.yaml": example.Profile(), "example.zone": example.DNS()} {
		ts.Check(os.WriteFile(ts.MkAbs(name), data, 0o600))
	}
}

// published FILE ZONE adds the zone-file lines in what keygen printed to a zone.
func published(ts *testscript.TestScript, neg bool, args []string) {
	zone, err := os.OpenFile(ts.MkAbs(args[1]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	ts.Check(err)
	defer zone.Close()
	found := false
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if strings.Contains(line, " IN TXT ") {
			_, err := zone.WriteString(strings.TrimSpace(line) + "\n")
			ts.Check(err)
			found = true
		}
	}
	if !found {
		ts.Fatalf("%s has no zone-file line", args[0])
	}
}

// private FILE… fails when anybody but the owner may touch a file.
func private(ts *testscript.TestScript, neg bool, args []string) {
	for _, file := range args {
		info, err := os.Stat(ts.MkAbs(file))
		ts.Check(err)
		if info.Mode().Perm() != 0o600 {
			ts.Fatalf("%s has mode %v", file, info.Mode())
		}
	}
}

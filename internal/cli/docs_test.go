package cli

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"unspoof/internal/cli/ui"
)

var update = flag.Bool("update", false, "write docs/cmd anew")

// docs is where the pages lie, seen from this package.
const docs = "../../docs/cmd"

// TestDocsAreFresh compares the page of each command with what the program says
// of itself. After a change: go test ./internal/cli -run Docs -update
func TestDocsAreFresh(t *testing.T) {
	env := Env{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }}
	p := &program{Env: env, out: ui.NewOut(env.Stdout, env.Getenv), err: ui.NewOut(env.Stderr, env.Getenv)}
	pages := map[string]string{}
	describe(newRoot(p), pages)
	if *update {
		if err := os.MkdirAll(docs, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	old, err := filepath.Glob(filepath.Join(docs, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range old {
		if _, known := pages[filepath.Base(path)]; !known {
			t.Errorf("%s describes no command", path)
		}
	}
	for name, page := range pages {
		path := filepath.Join(docs, name)
		if *update {
			if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil || string(have) != page {
			t.Errorf("%s is not what the program says; run: go test ./internal/cli -run Docs -update", path)
		}
	}
}

// TestEveryCommandIsExplained holds what every page needs.
func TestEveryCommandIsExplained(t *testing.T) {
	p := &program{}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
		if cmd.HasSubCommands() || cmd.Name() == "version" || cmd.Name() == "help" {
			return
		}
		if cmd.Short == "" || cmd.Long == "" || cmd.Example == "" || cmd.Annotations["exit"] == "" {
			t.Errorf("%s lacks a short or long text, examples or exit statuses", cmd.CommandPath())
		}
	}
	walk(newRoot(p))
}

// describe renders the page of each command that does something.
func describe(cmd *cobra.Command, pages map[string]string) {
	for _, sub := range cmd.Commands() {
		describe(sub, pages)
	}
	if cmd.HasParent() && (cmd.HasSubCommands() || cmd.Name() == "help") {
		return // a group, whose commands have pages
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "<!-- Made from the program by: go test ./internal/cli -run Docs -update -->\n\n# %s\n\n%s\n\n", cmd.CommandPath(), cmd.Short)
	if cmd.Long != "" {
		fmt.Fprintf(&b, "%s\n\n", cmd.Long)
	}
	fmt.Fprintf(&b, "    %s\n", cmd.UseLine())
	if !cmd.HasParent() {
		fmt.Fprint(&b, "\n## Commands\n\n")
		for _, name := range slices.Sorted(maps.Keys(pages)) {
			fmt.Fprintf(&b, "* [%s](%s)\n", strings.TrimSuffix(strings.ReplaceAll(name, "-", " "), ".md"), name)
		}
	}
	block := func(title, text string) {
		if text = strings.Trim(text, "\n"); text != "" {
			fmt.Fprintf(&b, "\n## %s\n\n```\n%s\n```\n", title, text)
		}
	}
	block("Examples", cmd.Example)
	block("Flags", cmd.LocalFlags().FlagUsages())
	block("Flags of every command", cmd.InheritedFlags().FlagUsages())
	block("Exit status", cmd.Annotations["exit"])
	name := strings.ReplaceAll(strings.TrimPrefix(cmd.CommandPath(), "unspoof "), " ", "-")
	pages[name+".md"] = b.String()
}

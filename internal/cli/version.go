package cli

import (
	"encoding/json"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"unspoof/internal/cli/ui"
)

func newVersion(p *program) *cobra.Command {
	return &cobra.Command{
		Use:         "version",
		Short:       "Say which unspoof this is",
		Args:        noArgs,
		Annotations: exits("  0  always"),
		RunE: func(*cobra.Command, []string) error {
			v := buildVersion()
			if p.json {
				return p.printJSON(v)
			}
			p.out.Line("unspoof %s (%s, %s/%s)", v.Version, v.Go, runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}

type versionJSON struct {
	Schema   int    `json:"schema"`
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
}

func buildVersion() versionJSON {
	v := versionJSON{Schema: schema, Version: "(devel)", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v.Revision = s.Value
		}
	}
	return v
}

// schema is the number in every JSON answer; it grows when a field changes its
// meaning or goes, not when one is added.
const schema = 1

// printJSON writes one value, for people indented.
func (p *program) printJSON(v any) error {
	enc := json.NewEncoder(ui.JSON(p.Stdout))
	enc.SetEscapeHTML(false)
	if ui.IsTerminal(p.Stdout) {
		enc.SetIndent("", "  ")
	}
	return enc.Encode(v)
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(cmd.CommandPath()+" takes no arguments, but got \""+args[0]+"\"", "see: "+cmd.CommandPath()+" --help")
	}
	return nil
}

package cli

import (
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"unspoof/internal/app"
	"unspoof/internal/cli/ui"
)

type serveOptions struct {
	listen string
	data   string
}

func newServe(p *program) *cobra.Command {
	opts := serveOptions{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Show the whole job as a page in the browser, on this computer only",
		Long: `Starts the pages on this computer and prints the address to open in a browser.
There you drop the messages that came back, name your domain, and see the
verdict with its evidence, who can send as you, and the record to publish.
"Load the example" shows all that without any mail of yours.

Only this computer can open the pages, and only with the address that is
printed: it holds a token that is new at every start. What you load stays in
the data folder, readable by you alone, until you delete the case. Ctrl-C ends
it.`,
		Example: `  unspoof serve
  unspoof serve --listen 127.0.0.1:9000 --data ~/cases`,
		Args:        noArgs,
		Annotations: exits("  0  ended by Ctrl-C or a signal\n  2  it could not start: the address is taken or not of this computer, or the\n     data folder cannot be used"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.serve(cmd, opts)
		},
	}
	cmd.Flags().StringVar(&opts.listen, "listen", "127.0.0.1:8025", "listen on `ADDRESS`, which must be of this computer only")
	cmd.Flags().StringVar(&opts.data, "data", "", "keep cases in the folder `DIR` (default $XDG_DATA_HOME/unspoof or ~/.local/share/unspoof)")
	return cmd
}

func (p *program) serve(cmd *cobra.Command, opts serveOptions) error {
	if err := checkListen(opts.listen); err != nil {
		return err
	}
	data, err := p.dataFolder(opts.data)
	if err != nil {
		return err
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	return app.Serve(cmd.Context(), app.ServeArgs{
		Listen: opts.listen, Data: data, Resolver: resolver, Now: time.Now,
		Ready: func(url string) {
			if p.json {
				p.printJSON(struct {
					Schema int    `json:"schema"`
					URL    string `json:"url"`
				}{schema, url})
				return
			}
			p.out.Line("Open this in your browser: %s", p.out.As(ui.Bold, url))
			p.out.Line("Ctrl-C ends it. Cases are kept in %s", data)
		},
	})
}

// checkListen finds what is mistyped in --listen.
func checkListen(address string) error {
	const form = "write it as 127.0.0.1:8025; ports go from 1 to 65535, and 0 takes a free one"
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return usage(fmt.Sprintf("--listen: %q is not an address with a port", address), form)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return usage(fmt.Sprintf("--listen: there is no port %q", port), form)
	}
	return nil
}

// dataFolder is where cases are kept (XDG Base Directory Specification).
func (p *program) dataFolder(given string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	// A relative path there is invalid and to be ignored, says the standard.
	if base := p.Getenv("XDG_DATA_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "unspoof"), nil
	}
	home := p.Getenv("HOME")
	if home == "" {
		home = p.Getenv("USERPROFILE") // Windows
	}
	if home == "" {
		return "", usage("no home folder is known, to keep cases in", "name a folder with --data DIR")
	}
	return filepath.Join(home, ".local", "share", "unspoof"), nil
}

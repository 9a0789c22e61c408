package cli

import (
	"github.com/spf13/cobra"

	"unspoof/lint"
)

func newSPFLint(p *program) *cobra.Command {
	domain := ""
	cmd := &cobra.Command{
		Use:   "lint RECORD-or-DOMAIN",
		Short: "Find what is wrong in an SPF record, and put it right",
		Long: `Finds the mistakes in an SPF record, shows where each of them stands and why it
matters, and prints the record put right, ready to be copied. What only you can
know, such as which server was meant, is found and not mended.

Give a domain to have its record looked up, a record in quotes, or - to read
records from standard input, one a line; several are linted as if they stood
side by side. On standard input a record may stand in quotes, as dig and zone files
write it. A record is judged by its text alone; with --domain, DNS is asked
what its names lead to, and whom the record lets in with all that it includes.
With --dns or --resolver and no --domain, terms that mean the record's own domain,
such as mx, or that hold macros are still judged by their text.`,
		Example: `  unspoof spf lint example.com
  unspoof spf lint "v=spf1 include=_spf.example.net ip4: 192.0.2.1 -al"
  unspoof spf lint - --domain example.com < record.txt`,
		Annotations: exits(lintExits),
		Args:        lintArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := p.lintInput(args, domain, isDomainArg(args))
			if err != nil {
				return err
			}
			return p.showLint(cmd.Context(), lint.SPF(cmd.Context(), a))
		},
	}
	cmd.Flags().StringVar(&domain, "domain", "", "the `DOMAIN` that the record is for")
	cmd.SetFlagErrorFunc(recordFlagHint(`unspoof spf lint "v=spf1 mx -all"`))
	return cmd
}

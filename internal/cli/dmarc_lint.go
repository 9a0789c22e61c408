package cli

import (
	"github.com/spf13/cobra"

	"unspoof/lint"
)

func newDMARCLint(p *program) *cobra.Command {
	domain := ""
	cmd := &cobra.Command{
		Use:   "lint RECORD-or-DOMAIN",
		Short: "Find what is wrong in a DMARC record, and put it right",
		Long: `Finds the mistakes in a DMARC record, shows where each of them stands and why it
matters, and prints the record put right, ready to be copied. Which policy you
want, only you can know: p=none, p=quarantine, a weaker sp and a pct below 100 are
found and not changed.

Give a domain to have its record looked up, a record in quotes, or - to read
records from standard input, one a line. A record is judged by its text alone;
with --domain, DNS is asked whether those who are to get reports agree.`,
		Example: `  unspoof dmarc lint example.com
  unspoof dmarc lint "v=DMARC1 p=rejected; rua=dmarc@example.com"
  unspoof dmarc lint - < record.txt`,
		Annotations: exits(lintExits),
		Args:        lintArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := p.lintInput(args, domain, isDomainArg(args))
			if err != nil {
				return err
			}
			return p.showLint(cmd.Context(), lint.DMARC(cmd.Context(), a))
		},
	}
	cmd.Flags().StringVar(&domain, "domain", "", "the `DOMAIN` that the record is for")
	cmd.SetFlagErrorFunc(recordFlagHint(`unspoof dmarc lint "v=DMARC1; p=reject"`))
	return cmd
}

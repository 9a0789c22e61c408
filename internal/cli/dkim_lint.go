package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"unspoof/dkim"
	"unspoof/lint"
)

func newDKIMLint(p *program) *cobra.Command {
	domain, selector := "", ""
	cmd := &cobra.Command{
		Use:   "lint [RECORD] [--domain DOMAIN --selector SELECTOR]",
		Short: "Find what is wrong in a DKIM key record, and put it right",
		Long: `Finds the mistakes in the key record of a selector, shows where each of them
stands and why it matters, and prints the record put right, ready to be copied.
A key that is cut off, too short or known to others is found and not mended:
that takes a new key.

Give a domain and a selector to have the record looked up, a record in quotes,
or - to read records from standard input, one a line.`,
		Example: `  unspoof dkim lint --domain example.com --selector mail2026
  unspoof dkim lint "v=DKIM1; k=rsa; p=MIIBIjAN…"
  unspoof dkim lint - < record.txt`,
		Annotations: exits(lintExits),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := p.dkimLintInput(args, domain, selector)
			if err != nil {
				return err
			}
			return p.showLint(cmd.Context(), lint.DKIM(cmd.Context(), a))
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&domain, "domain", "", "the `DOMAIN` that signs (d=)")
	f.StringVar(&selector, "selector", "", "the `SELECTOR` of the key (s=)")
	cmd.SetFlagErrorFunc(recordFlagHint(`unspoof dkim lint "v=DKIM1; p="`))
	return cmd
}

func (p *program) dkimLintInput(args []string, domain, selector string) (lint.Args, error) {
	lookUp := len(args) == 0
	switch {
	case lookUp && domain == "" && selector == "":
		return lint.Args{}, usage("there is nothing to lint", "give --domain and --selector, a record in quotes, or - for standard input")
	case lookUp && selector == "":
		return lint.Args{}, usage("--selector is missing", "it is the s= in the DKIM-Signature of your mail: --selector mail2026")
	case lookUp && domain == "":
		return lint.Args{}, usage("--domain is missing", "it is the d= in the DKIM-Signature of your mail: --domain example.com")
	case isDomainArg(args) && strings.Contains(args[0], "."):
		return lint.Args{}, usage(fmt.Sprintf("%q is a domain, not a key record", args[0]), "name the selector, too: --domain "+args[0]+" --selector mail2026")
	}
	a := lint.Args{Selector: selector, Time: time.Now()}
	if domain != "" {
		names, err := domainNames([]string{domain})
		if err != nil {
			return a, err
		}
		a.Domain = names[0]
	}
	if domain != "" && selector != "" {
		if _, err := dkim.KeyName(selector, a.Domain); err != nil {
			return a, &helpful{err: err, code: exitUsage, hint: "a selector is a word such as mail2026"}
		}
	}
	var err error
	if !lookUp {
		a.Strings, err = p.typedRecords(args)
		return a, err
	}
	a.Resolver, err = p.resolver("")
	return a, err
}

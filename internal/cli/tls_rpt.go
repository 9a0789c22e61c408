package cli

import (
	"github.com/spf13/cobra"

	"unspoof/plan"
)

func newTLSRPT(p *program) *cobra.Command {
	return group("tls-rpt", "Build the record that asks for TLS reports", newTLSRPTBuild(p))
}

func newTLSRPTBuild(p *program) *cobra.Command {
	req := plan.TLSRPTRequest{}
	cmd := &cobra.Command{
		Use:   "build --domain DOMAIN",
		Short: "Make the record that asks senders to report encryption that failed",
		Long: `Makes the TLS-RPT record (RFC 8460): senders then report once a day how many
messages to you could not be encrypted, and why. Nothing is published.`,
		Example: `  unspoof tls-rpt build --domain example.com --rua tls-reports@example.com`,
		Args:    noArgs,
		Annotations: exits(`  0  made, or there already
  1  made, but DNS has no such domain
  2  wrong usage
  3  the record is printed, but DNS did not answer which one is there today`),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.tlsRPTBuild(cmd, req) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&req.Domain, "domain", "", "your `DOMAIN`")
	f.StringArrayVar(&req.Reports, "rua", nil, "mail `ADDRESS` or https link for the reports; may be repeated\n(default: that of today's record, else tls-reports@ your domain)")
	p.formsFlag(cmd)
	return cmd
}

type tlsRPTJSON struct {
	Schema int `json:"schema"`
	plan.TLSRPTPlan
}

func (p *program) tlsRPTBuild(cmd *cobra.Command, req plan.TLSRPTRequest) error {
	if req.Domain == "" {
		return usage("--domain is missing", "name the domain that is to get the record: --domain example.com")
	}
	if _, err := domainNames([]string{req.Domain}); err != nil {
		return err
	}
	resolver, err := p.resolver("")
	if err != nil {
		return err
	}
	made, err := plan.BuildTLSRPT(cmd.Context(), req, resolver)
	if err != nil {
		hint := ""
		if len(req.Reports) > 0 {
			hint = "write them as --rua tls-reports@example.com"
		}
		return usage(origin.ReplaceAllString(err.Error(), ""), hint)
	}
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	if p.json {
		err = p.printJSON(tlsRPTJSON{schema, made})
	} else {
		p.showPlanStep(made.Step)
	}
	if p.unknownName(made.Missing, made.Domain) {
		return p.answered(err, exitFinding)
	}
	return p.answered(err, stepStatus(made.Step, made.Unsure))
}

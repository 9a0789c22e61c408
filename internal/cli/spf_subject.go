package cli

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"unspoof/dns"
	"unspoof/internal/cli/ui"
	"unspoof/internal/spftext"
	"unspoof/spf"
)

// wantsRecord asks for a record, in quotes or not, or a domain.
func wantsRecord(example string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case strings.TrimSpace(strings.Join(args, "")) == "":
			return usage("neither a record nor a domain was given", "give one of them: "+example)
		case len(args) > 1 && !looksLikeRecord(args[0]):
			return usage(fmt.Sprintf("%s takes one record or one domain, but got %d arguments", strings.TrimPrefix(cmd.CommandPath(), "unspoof "), len(args)), "give them one by one; put a record in quotes, from its v=spf1 on")
		}
		return nil
	}
}

// looksLikeRecord tells a record, right or not, from a domain.
func looksLikeRecord(s string) bool {
	return strings.ContainsAny(s, " =:") && !strings.HasPrefix(strings.ToLower(s), "http")
}

// spfSubject is an SPF record that was typed, or that a domain publishes.
type spfSubject struct {
	Domain   string   `json:"domain"`
	Record   string   `json:"record"`
	Problems []string `json:"problems"` // sentences; with any, receivers ignore the record
}

// spfSubject finds the record meant. That there is none, or that it is broken, is
// a problem; that DNS does not answer is an error.
func (p *program) spfSubject(ctx context.Context, resolver dns.Resolver, text, domain string) (spfSubject, error) {
	s := spfSubject{Record: text, Problems: []string{}}
	typed := domain
	for _, arg := range []string{text, domain} {
		if isAddress(arg) {
			return spfSubject{}, usage(fmt.Sprintf("%q is an IP address, not a domain or an SPF record", arg), "what a domain says of it: unspoof spf check --ip 192.0.2.1 --from example.com")
		}
	}
	if !looksLikeRecord(text) {
		typed, s.Record = text, ""
	}
	if typed != "" {
		names, err := domainNames([]string{typed})
		if err != nil {
			return spfSubject{}, err
		}
		s.Domain = names[0]
	}
	if s.Record == "" {
		if err := s.discover(ctx, resolver); err != nil {
			return spfSubject{}, err
		}
	}
	if s.Record != "" {
		if _, err := spf.Parse(s.Record); err != nil {
			s.Problems = append(s.Problems, spftext.Malformed(err))
		}
	}
	return s, nil
}

// isAddress tells an address or a network from a domain and a record.
func isAddress(s string) bool {
	addr, _, _ := strings.Cut(strings.Trim(strings.TrimSpace(s), "[]"), "/")
	_, err := netip.ParseAddr(addr)
	return err == nil
}

// discover fetches the record that the domain publishes. That there is none is
// a finding; that DNS does not answer is an error.
func (s *spfSubject) discover(ctx context.Context, resolver dns.Resolver) error {
	text, answer, err := spf.Discover(ctx, resolver, s.Domain)
	if problem := spftext.Unpublished(s.Domain, answer, err); problem != "" {
		s.Problems = append(s.Problems, problem)
	} else if err != nil {
		return &helpful{err: err, code: exitUnknown, hint: "DNS did not answer; try again later"}
	}
	s.Record = text
	return nil
}

// showProblems says why receivers ignore a record, and how to come by one.
func (p *program) showProblems(lead string, problems []string) {
	for _, problem := range problems {
		if strings.HasSuffix(problem, spftext.None) {
			problem += " Make one with unspoof spf build."
		}
		p.out.Text(lead, "%s", p.out.As(ui.Red, problem))
	}
}

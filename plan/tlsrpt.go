package plan

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"unspoof/dns"
	"unspoof/tlspolicy"
)

// TLSRPTRequest asks for a TLS reporting record (RFC 8460).
type TLSRPTRequest struct {
	Domain string
	// Reports are mail addresses, or https links, for the daily reports; nil keeps
	// those of today's record, or takes tls-reports@ the domain.
	Reports []string
}

// TLSRPTPlan is the answer to a TLSRPTRequest.
type TLSRPTPlan struct {
	Domain  string   `json:"domain"`  // in A-labels
	Missing bool     `json:"missing"` // DNS has no such name: misspelt, very likely
	Step    Step     `json:"step"`    // the TXT record at _smtp._tls
	RUA     []string `json:"rua"`
	Unsure  bool     `json:"unsure"` // DNS did not answer everything
}

// BuildTLSRPT makes the record that asks for reports on failed TLS. A nil
// resolver asks nothing of DNS. Errors name the address at fault.
func BuildTLSRPT(ctx context.Context, req TLSRPTRequest, resolver dns.Resolver) (TLSRPTPlan, error) {
	domain, err := domainName("domain", req.Domain)
	if err != nil {
		return TLSRPTPlan{}, err
	}
	if resolver == nil {
		resolver = silent{}
	}
	wanted, err := reportURIs(req.Reports)
	if err != nil {
		return TLSRPTPlan{}, err
	}
	p := TLSRPTPlan{Domain: domain, Missing: missing(ctx, resolver, domain)}
	step := newStep("tls-rpt", "TLS-RPT: hear of encryption that fails", Record{})
	text, _, err := tlspolicy.DiscoverTLSRPT(ctx, resolver, domain)
	var fault *dns.Error
	switch {
	case errors.As(err, &fault):
		p.Unsure, step.Change = true, Unknown
		step.Warnings = append(step.Warnings, fmt.Sprintf("DNS did not answer whether %s has a TLS-RPT record today. If it has, replace it; two count as none.", domain))
	case errors.Is(err, tlspolicy.ErrSeveralRecords):
		step.Change = Replace
		step.Warnings = append(step.Warnings, "There are several TLS-RPT records today, which count as none (RFC 8460 section 3). Put this one in the place of all of them.")
	case err == nil:
		step.Today, step.Change = []string{text}, Replace
		if old, err := tlspolicy.ParseTLSRPT(text); err == nil && len(wanted) == 0 {
			wanted, step.Change = old.RUA, Keep
		}
	}
	if len(wanted) == 0 {
		wanted = []string{"mailto:tls-reports@" + domain}
		step.Warnings = append(step.Warnings, fmt.Sprintf("Make sure that the address tls-reports@%s exists, or name another: reports come there daily.", domain))
	}
	if hosts, _, err := exchangers(ctx, resolver, domain); err == nil && len(hosts) == 0 {
		step.Warnings = append(step.Warnings, domain+" has no mail exchanger (MX), so nobody will report: senders report on the servers that they deliver to.")
	}
	value := tlspolicy.TLSRPT{RUA: wanted}.String()
	if step.Change == Keep {
		value = text
	}
	if _, err := tlspolicy.ParseTLSRPT(value); err != nil {
		return TLSRPTPlan{}, fmt.Errorf("plan: the record made is not valid, %q: %w", value, err)
	}
	record, err := TXT(tlspolicy.TLSRPTName(domain), value)
	if err != nil {
		return TLSRPTPlan{}, err
	}
	step.Record = record.In(Zone(ctx, resolver, tlspolicy.TLSRPTName(domain)))
	if text := aliased(ctx, resolver, tlspolicy.TLSRPTName(domain)); text != "" {
		step.Warnings = append(step.Warnings, text)
	}
	step.Why = append(step.Why, "Senders report once a day how many messages to you could not be encrypted, and why. It changes nothing in delivery.")
	p.Step, p.RUA = step, wanted
	return p, nil
}

// reportURIs reads mail addresses and https links.
func reportURIs(typed []string) ([]string, error) {
	if len(typed) > maxReports {
		return nil, fmt.Errorf("plan: %d addresses for reports, at most %d are taken", len(typed), maxReports)
	}
	var out []string
	for _, t := range typed {
		if _, link := cutFold(strings.TrimSpace(t), "https://"); !link {
			uris, err := mailURIs([]string{t})
			if err != nil {
				return nil, err
			}
			out = append(out, uris...)
			continue
		}
		u, err := url.Parse(strings.TrimSpace(t))
		if err != nil || len(t) > maxTyped || u.Host == "" || u.User != nil || !printable(u.String()) || strings.ContainsAny(u.String(), ",;! ") {
			return nil, fmt.Errorf("plan: %q is no https link for reports", clip(t))
		}
		out = append(out, u.String())
	}
	return out, nil
}

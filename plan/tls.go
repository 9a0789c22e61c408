package plan

import (
	"context"
	"errors"
	"time"

	"unspoof/dns"
)

// STSRequest asks for an MTA-STS policy (RFC 8461).
type STSRequest struct {
	Domain string
	// Mode is "testing", "enforce" or "none"; "" takes the next one of the ladder.
	Mode string
	// ID of the policy, 1 to 32 letters and digits, another for each change (RFC
	// 8461 section 3.1); the time in digits is usual. Required.
	ID string
	// MX are the patterns of the policy; nil takes the names of today's MX
	// records.
	MX []string
	// MaxAge is how long senders keep the policy, at most a year; 0: a week while
	// testing, else a month.
	MaxAge time.Duration
}

// STSPlan is the answer to an STSRequest.
type STSPlan struct {
	Domain string `json:"domain"` // in A-labels
	Mode   string `json:"mode"`
	Step   Step   `json:"step"`   // the TXT record at _mta-sts
	Host   string `json:"host"`   // "mta-sts.example.com", which has to serve the policy
	URL    string `json:"url"`    // where it is fetched
	Policy string `json:"policy"` // the text of the file, lines ended by CRLF
	// MX are its patterns.
	MX       []string `json:"mx"`
	Unsure   bool     `json:"unsure"` // DNS did not answer everything
	Warnings []string `json:"warnings"`
}

// BuildSTS makes the policy file and the record that announces it. A nil
// resolver asks nothing of DNS.
func BuildSTS(ctx context.Context, req STSRequest, resolver dns.Resolver) (STSPlan, error) {
	return STSPlan{}, errors.New("plan: BuildSTS is not written yet")
}

// TLSRPTRequest asks for a TLS reporting record (RFC 8460).
type TLSRPTRequest struct {
	Domain string
	// Reports are mail addresses, or https links, for the daily reports; nil keeps
	// those of today's record, or takes tls-reports@ the domain.
	Reports []string
}

// TLSRPTPlan is the answer to a TLSRPTRequest.
type TLSRPTPlan struct {
	Domain   string   `json:"domain"` // in A-labels
	Step     Step     `json:"step"`   // the TXT record at _smtp._tls
	Unsure   bool     `json:"unsure"` // DNS did not answer everything
	Warnings []string `json:"warnings"`
}

// BuildTLSRPT makes the record that asks for reports on failed TLS. A nil
// resolver asks nothing of DNS.
func BuildTLSRPT(ctx context.Context, req TLSRPTRequest, resolver dns.Resolver) (TLSRPTPlan, error) {
	return TLSRPTPlan{}, errors.New("plan: BuildTLSRPT is not written yet")
}

package tlspolicy

import (
	"context"
	"net/url"
	"strings"

	"unspoof/dns"
)

const rptVersion = "v=TLSRPTv1"

// maxAddresses bounds the reporting addresses of one record.
const maxAddresses = 100

// TLSRPT is the record that asks senders to report how encryption went (RFC 8460
// section 3).
type TLSRPT struct {
	RUA        []string `json:"rua"` // "mailto:tls@example.com" or "https://…", as written
	Extensions []Field  `json:"extensions"`
}

// TLSRPTName is where the record of a domain stands.
func TLSRPTName(domain string) string { return "_smtp._tls." + dns.Canonical(domain) }

// DiscoverTLSRPT asks for the TLS-RPT record of a domain, and gives its text, not
// parsed, with the whole answer. The error is, or wraps, ErrNoRecord,
// ErrSeveralRecords (senders then send no reports), or a *dns.Error.
func DiscoverTLSRPT(ctx context.Context, r dns.Resolver, domain string) (string, dns.Answer, error) {
	return discover(ctx, r, TLSRPTName(domain), rptVersion)
}

// ParseTLSRPT reads a TLS-RPT record, its character-strings joined. The error is a
// *SyntaxError.
func ParseTLSRPT(text string) (TLSRPT, error) {
	list, err := fields(text, rptVersion)
	if err != nil {
		return TLSRPT{}, err
	}
	out := TLSRPT{RUA: []string{}, Extensions: []Field{}}
	for _, f := range list {
		switch {
		case f.Name != "rua":
			if !isValue(f.Value) {
				return TLSRPT{}, &SyntaxError{f.Span, "a value without spaces, semicolons and equals signs"}
			}
			out.Extensions = append(out.Extensions, f)
		case len(out.RUA) == 0:
			if out.RUA, err = addresses(f); err != nil {
				return TLSRPT{}, err
			}
		}
	}
	if len(out.RUA) == 0 {
		return TLSRPT{}, &SyntaxError{Span{len(text), len(text)}, "rua= with an address for reports"}
	}
	return out, nil
}

// addresses splits rua at its commas; one in an address is written %2C.
func addresses(f Field) ([]string, error) {
	var out []string
	for u := range strings.SplitSeq(f.Value, ",") {
		u = strings.Trim(u, " \t")
		if !isReportURI(u) || len(out) == maxAddresses {
			return nil, &SyntaxError{f.Span, "rua=mailto: and an address, or rua=https:// and a place"}
		}
		out = append(out, u)
	}
	return out, nil
}

// isReportURI reports one of the two schemes of RFC 8460 section 3.
func isReportURI(s string) bool {
	if strings.ContainsAny(s, " \t!;,") {
		return false
	}
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "mailto":
		local, domain, ok := strings.Cut(u.Opaque, "@")
		return ok && local != "" && domain != ""
	case "https":
		return u.Host != ""
	}
	return false
}

// String writes the record.
func (t TLSRPT) String() string {
	var b strings.Builder
	b.WriteString(rptVersion + "; rua=" + strings.Join(t.RUA, ",") + ";")
	for _, f := range t.Extensions {
		b.WriteString(" " + f.Name + "=" + f.Value + ";")
	}
	return b.String()
}

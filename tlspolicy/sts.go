package tlspolicy

import (
	"context"
	"strings"

	"unspoof/dns"
)

const stsVersion = "v=STSv1"

// STS is the record that announces an MTA-STS policy (RFC 8461 section 3.1).
type STS struct {
	ID         string  `json:"id"` // changes with every change of the policy
	Extensions []Field `json:"extensions"`
}

// STSName is where the record of a domain stands.
func STSName(domain string) string { return "_mta-sts." + dns.Canonical(domain) }

// STSHost is the host that serves the policy of a domain, and STSURL where on it
// (RFC 8461 section 3.3).
func STSHost(domain string) string { return "mta-sts." + dns.Canonical(domain) }

// STSURL is where the policy of a domain is fetched from.
func STSURL(domain string) string {
	return "https://" + STSHost(domain) + "/.well-known/mta-sts.txt"
}

// DiscoverSTS asks for the MTA-STS record of a domain, and gives its text, not
// parsed, with the whole answer. The error is, or wraps, ErrNoRecord,
// ErrSeveralRecords (senders then take it that there is no policy), or a
// *dns.Error.
func DiscoverSTS(ctx context.Context, r dns.Resolver, domain string) (string, dns.Answer, error) {
	return discover(ctx, r, STSName(domain), stsVersion)
}

// ParseSTS reads an MTA-STS record, its character-strings joined. The error is a
// *SyntaxError. Of fields that stand twice the first counts.
func ParseSTS(text string) (STS, error) {
	list, err := fields(text, stsVersion)
	if err != nil {
		return STS{}, err
	}
	out := STS{Extensions: []Field{}}
	for _, f := range list {
		switch {
		case f.Name == "id":
			if !isID(f.Value) {
				return STS{}, &SyntaxError{f.Span, "id= with 1 to 32 letters and digits"}
			}
			if out.ID == "" {
				out.ID = f.Value
			}
		case !isValue(f.Value):
			return STS{}, &SyntaxError{f.Span, "a value without spaces, semicolons and equals signs"}
		default:
			out.Extensions = append(out.Extensions, f)
		}
	}
	if out.ID == "" {
		return STS{}, &SyntaxError{Span{len(text), len(text)}, "id= with 1 to 32 letters and digits"}
	}
	return out, nil
}

// String writes the record.
func (s STS) String() string {
	var b strings.Builder
	b.WriteString(stsVersion + "; id=" + s.ID + ";")
	for _, f := range s.Extensions {
		b.WriteString(" " + f.Name + "=" + f.Value + ";")
	}
	return b.String()
}

func isID(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isAlnum(s[i]) {
			return false
		}
	}
	return 1 <= len(s) && len(s) <= 32
}

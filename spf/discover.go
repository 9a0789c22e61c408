package spf

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"unspoof/dns"
)

// The ways in which a domain has no usable record. They are facts; that DNS did
// not answer is a *dns.Error instead.
var (
	ErrNoRecord       = errors.New("no SPF record")
	ErrSeveralRecords = errors.New("several SPF records where one is allowed")
	ErrDomain         = errors.New("not a full domain name")
)

// Discover asks for the SPF record of a domain (RFC 7208 sections 4.4 and 4.5),
// which may hold U-labels and a final dot. It gives the text of the one record,
// its character-strings joined with nothing between (section 3.3), and the answer
// with all TXT records. The text is not parsed.
//
// The error is, or wraps, ErrNoRecord (answer tells whether the domain exists),
// ErrSeveralRecords, ErrDomain, or the resolver's error when DNS did not answer.
func Discover(ctx context.Context, r dns.Resolver, domain string) (string, dns.Answer, error) {
	domain, cause := fullName(domain)
	if cause != "" {
		return "", dns.Answer{}, fmt.Errorf("spf: %s: %w", cause, ErrDomain)
	}
	answer, err := r.Lookup(ctx, dns.Question{Name: domain, Type: dns.TypeTXT})
	if err != nil {
		return "", answer, fmt.Errorf("spf: look up %s: %w", domain, err)
	}
	switch strs, n := selectRecord(answer.Records); n {
	case 0:
		return "", answer, fmt.Errorf("spf: %s: %w", domain, ErrNoRecord)
	case 1:
		return strings.Join(strs, ""), answer, nil
	default:
		return "", answer, fmt.Errorf("spf: %s: %d: %w", domain, n, ErrSeveralRecords)
	}
}

// selectRecord counts the records that begin with the version section and gives
// the character-strings of the first (section 4.5).
func selectRecord(records []dns.Record) (strs []string, n int) {
	for i := range records {
		text := records[i].Text
		if len(text) == 1 && strings.HasPrefix(text[0], version+" ") || hasVersion(text) {
			if n++; n == 1 {
				strs = text
			}
		}
	}
	return strs, n
}

// hasVersion is isRecord for text in character-strings, without joining them.
func hasVersion(strs []string) bool {
	if len(strs) == 1 {
		return isRecord(strs[0])
	}
	return len(strs) > 1 && isRecord(head(strs))
}

// head joins the first octets of character-strings.
func head(strs []string) string {
	if len(strs[0]) > len(version) {
		return strs[0]
	}
	var b []byte
	for _, s := range strs {
		if b = append(b, s[:min(len(s), len(version)+1)]...); len(b) > len(version) {
			break
		}
	}
	return string(b)
}

// isFault tells an error of DNS from a fact about the domain.
func isFault(err error) bool {
	return !errors.Is(err, ErrNoRecord) && !errors.Is(err, ErrSeveralRecords) && !errors.Is(err, ErrDomain)
}

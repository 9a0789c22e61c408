package spftext

import (
	"errors"

	"unspoof/dns"
	"unspoof/spf"
)

// None ends what Unpublished says of a domain that has no record: there one is to be
// made, and each door has its own way to that.
const None = " publishes no SPF record, so that anybody may send for it."

// Unpublished says why spf.Discover found no record of a domain that can be used; ""
// where that is not known, as when DNS did not answer.
func Unpublished(domain string, answer dns.Answer, err error) string {
	switch {
	case errors.Is(err, spf.ErrNoRecord) && answer.RCode == dns.NXDomain:
		return domain + " does not exist in DNS; check the spelling."
	case errors.Is(err, spf.ErrNoRecord):
		return domain + None
	case errors.Is(err, spf.ErrSeveralRecords):
		return domain + " publishes several SPF records; receivers then ignore them all. Merge them into one (RFC 7208 section 4.5)."
	}
	return ""
}

// Package spftext says SPF records (RFC 7208), the sets of addresses that they make
// and the differences between them in words and sums. The command line and the page
// both take them from here, so that they cannot disagree.
//
// It decides nothing about a client: that is the work of package spf. Its texts hold
// what records say, octet for octet; whoever shows them makes that safe to look at.
package spftext

import (
	"strings"

	"unspoof/sender"
)

// Services names the services that an include host is known to belong to; empty,
// never nil, where nobody is known.
func Services(host string) []string {
	names := []string{}
	if host == "" {
		return names
	}
	for _, m := range sender.ByInclude(host) {
		names = append(names, m.Service.Name)
	}
	return names
}

// Service is Services in one text: "A or B", "" where nobody is known.
func Service(host string) string { return strings.Join(Services(host), " or ") }
